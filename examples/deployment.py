"""Deploys an example to the local AWS, as its README tells to deploy it to real accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from examples.assembly import Assembly, synthesise
from tests.local_aws import LocalAws
from tests.local_aws.accounts import Account


class Deployed(NamedTuple):
    """A stack, in the account and region that it is deployed to."""

    name: str
    account: Account
    region: str

    @property
    def outputs(self) -> dict[str, str]:
        """What it has put out."""
        return self.account.outputs(self.name, self.region)

    def client(self, service: str) -> Any:
        """Talk to a service as this account, in this region."""
        return self.account.client(service, self.region)


def deploy(aws: LocalAws, example: Path, told: Mapping[str, str] | None = None) -> list[Deployed]:
    """Deploy the stacks in their order, each in its account, with what the others have put out.

    `told` are the parameters that none of the stacks puts out.
    """
    assembly = synthesise(example)
    known = dict(told or {})
    deployed = []
    for names in _batches(assembly):
        stacks = [_stack(aws, assembly, name) for name in names]
        parameters = {
            f"{name}:{each}": known[each] for name in names for each in assembly.parameters(name)
        }
        stacks[0].account.deploy(example, parameters, stacks=names)
        for stack in stacks:
            known |= stack.outputs
        deployed += stacks
    return deployed


def _batches(assembly: Assembly) -> Iterator[list[str]]:
    """List what can be deployed at once: by one account, until something has to be told."""
    batch: list[str] = []
    for name, (account, _) in assembly.places.items():
        if batch and (assembly.parameters(name) or account != assembly.places[batch[0]][0]):
            yield batch
            batch = []
        batch.append(name)
    yield batch


def _stack(aws: LocalAws, assembly: Assembly, name: str) -> Deployed:
    account, region = assembly.places[name]
    return Deployed(name, aws.account(account) if account else aws, region or aws.region)
