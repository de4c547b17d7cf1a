"""The removal of a service whose load balancers are in the same app."""

from __future__ import annotations

from aws_cdk import CfnDeletionPolicy, CfnResource
from constructs import Construct

from .._internal.warnings import add_warning
from .load_balancers import LoadBalancers, find_resources

_RETAINED = (CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE)


def warn_of_removed_load_balancers(
    resource: CfnResource, load_balancers: LoadBalancers, *, service: Construct
) -> None:
    """Warn if a service is retained, and a load balancer of the app is not.

    EC2 does not allow you to delete a load balancer of a service, so that the deletion of the stack
    fails halfway.
    """
    if not _is_retained(resource):
        return
    for load_balancer in find_resources(load_balancers):
        if not _is_retained(load_balancer):
            add_warning(
                service,
                "cdk-privatelink:loadBalancerNotRetained",
                "The service is retained, but its load balancer "
                f"`{load_balancer.node.path.removesuffix('/Resource')}` is not. The deletion of "
                "the stack fails then, because the service uses the load balancer. Apply "
                "`RemovalPolicy.RETAIN` to the load balancer with its listeners and target groups.",
                variable="service",
            )


def _is_retained(resource: CfnResource) -> bool:
    return resource.cfn_options.deletion_policy in _RETAINED
