"""Deploys an example to the local AWS or to AWS, as its README describes it."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.local_aws.accounts import Account
from tools.assembly import Assembly, synthesize

# Of a template in a request, without a bucket.
_MAX_TEMPLATE_BYTES = 51_200


class DeployedStack(NamedTuple):
    """A stack in its account and Region, by its id in the app."""

    id: str
    account: Account
    region: str

    @property
    def name(self) -> str:
        """The name in CloudFormation."""
        return self.account.stack_name(self.id)

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack."""
        return self.account.outputs(self.id, self.region)

    def resources(self, *types: str) -> list[str]:
        """Return the physical ids of the resources of some types."""
        return self.account.resources(self.id, *types, region=self.region)

    def client(self, service: str) -> Any:
        """Return a boto3 client for the account and Region of the stack."""
        return self.account.client(service, self.region)


class Deployment:
    """The stacks of an example, deployed in steps.

    A step ends where the next stack needs outputs as parameters, or is in another account.
    """

    def __init__(
        self, aws: Account, assembly: Assembly, parameters: Mapping[str, str] | None = None
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
            template = self._assembly.folder / f"{stack.id}.template.json"
            if template.stat().st_size > _MAX_TEMPLATE_BYTES:
                stack.account.bootstrap(stack.region, quiet=quiet)

    def _stack(self, name: str) -> DeployedStack:
        account, region = self._assembly.environments[name]
        aws = self._aws
        return DeployedStack(name, aws.account(account) if account else aws, region or aws.region)


def deploy(
    aws: Account,
    example: Path,
    context: Mapping[str, str] | None = None,
    *,
    stacks: Collection[str] | None = None,
) -> list[DeployedStack]:
    """Synthesize an example and deploy its stacks, all of them or some."""
    with tempfile.TemporaryDirectory() as folder:
        deployment = Deployment(aws, synthesize(example, Path(folder), context=context))
        steps = [
            [name for name in step if stacks is None or name in stacks] for step in deployment.steps
        ]
        return [stack for step in steps if step for stack in deployment.deploy(step)]


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
