"""Deploys an example to the local AWS, as its README describes it for real accounts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.local_aws import LocalAws
from tests.local_aws.accounts import Account
from tools.assembly import Assembly, synthesize

# Of a template in a request, without a bucket.
_MAX_TEMPLATE_BYTES = 51_200


class DeployedStack(NamedTuple):
    """A stack in its account and Region, by its name in CloudFormation."""

    name: str
    account: Account
    region: str

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack."""
        return self.account.outputs(self.name, self.region)

    def resources(self, *types: str) -> list[str]:
        """Return the physical ids of the resources of some types."""
        paginator = self.client("cloudformation").get_paginator("list_stack_resources")
        return [
            each["PhysicalResourceId"]
            for page in paginator.paginate(StackName=self.name)
            for each in page["StackResourceSummaries"]
            if each["ResourceType"] in types
        ]

    def client(self, service: str) -> Any:
        """Return a boto3 client for the account and Region of the stack."""
        return self.account.client(service, self.region)


class Deployment:
    """The stacks of an example, deployed in steps.

    A step ends where the next stack needs outputs as parameters, or is in another account.
    """

    def __init__(
        self, aws: LocalAws, assembly: Assembly, parameters: Mapping[str, str] | None = None
    ) -> None:
        """Plan the steps.

        :param parameters: values of the parameters that are no outputs of other stacks.
        """
        self._aws = aws
        self._assembly = assembly
        self._values = dict(parameters or {})
        self.steps = list(_steps(assembly))

    def deploy(self, step: list[str], *, quiet: bool = False) -> list[DeployedStack]:
        """Run the CDK CLI for the stacks of a step."""
        stacks = [self._stack(name) for name in step]
        parameters = {
            f"{name}:{each}": self._values[each]
            for name in step
            for each in self._assembly.required_parameters(name)
        }
        folder = self._assembly.folder
        self._bootstrap(stacks, quiet=quiet)
        stacks[0].account.deploy(folder, parameters, stacks=step, app=folder, quiet=quiet)
        for stack in stacks:
            self._values |= stack.outputs
        return stacks

    def _bootstrap(self, stacks: list[DeployedStack], *, quiet: bool) -> None:
        """Create the bucket that CloudFormation reads large templates from."""
        for stack in stacks:
            template = self._assembly.folder / f"{stack.name}.template.json"
            if template.stat().st_size > _MAX_TEMPLATE_BYTES:
                stack.account.bootstrap(stack.region, quiet=quiet)

    def _stack(self, name: str) -> DeployedStack:
        account, region = self._assembly.environments[name]
        aws = self._aws
        return DeployedStack(name, aws.account(account) if account else aws, region or aws.region)


def deploy(aws: LocalAws, example: Path) -> list[DeployedStack]:
    """Synthesize an example and deploy all of its stacks."""
    with tempfile.TemporaryDirectory() as folder:
        deployment = Deployment(aws, synthesize(example, Path(folder)))
        return [stack for step in deployment.steps for stack in deployment.deploy(step)]


def _steps(assembly: Assembly) -> Iterator[list[str]]:
    step: list[str] = []
    for name, (account, _) in assembly.environments.items():
        if step and (
            assembly.required_parameters(name) or account != assembly.environments[step[0]][0]
        ):
            yield step
            step = []
        step.append(name)
    yield step
