"""The resources that live and die with an endpoint service."""

from __future__ import annotations

from aws_cdk import CfnResource, RemovalPolicy
from constructs import Construct, DependencyGroup


class Lifecycle:
    """The dependents of an endpoint service, and the prerequisites of its consumers."""

    def __init__(self) -> None:
        """Start without dependents and prerequisites."""
        self._dependents: list[CfnResource] = []
        self._removal_policy: RemovalPolicy | None = None
        self._prerequisites: list[Construct] = []
        self._readiness: DependencyGroup | None = None

    def track_dependent(self, resource: CfnResource) -> None:
        """Apply the removal policy of the service to a resource that the service needs."""
        self._dependents.append(resource)
        if self._removal_policy is not None:
            resource.apply_removal_policy(self._removal_policy)

    def apply_removal_policy(self, policy: RemovalPolicy) -> None:
        """Apply a removal policy to all dependents, present and future."""
        self._removal_policy = policy
        for dependent in self._dependents:
            dependent.apply_removal_policy(policy)

    def add_prerequisite(self, resource: Construct) -> None:
        """Let consumers wait for a resource without which they cannot connect."""
        self._prerequisites.append(resource)
        if self._readiness is not None:
            self._readiness.add(resource)

    @property
    def readiness(self) -> DependencyGroup:
        """All prerequisites of a consumer, including the ones that are added later."""
        # Created lazily: most services have no consumer in the same app.
        if self._readiness is None:
            self._readiness = DependencyGroup(*self._prerequisites)
        return self._readiness
