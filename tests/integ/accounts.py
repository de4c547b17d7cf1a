"""Real accounts with the methods of the local AWS, so that the same tests run on both."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws, cdk_cli
from tests.local_aws.accounts import Account
from tools.assembly import synthesize

from .deletion import delete_endpoints, delete_stacks, list_stacks
from .run import Run

# A story adds a third one to a load balancer.
_ZONES = 3


class RealAccount(Account):
    """An account of AWS, in which every stack has the name and the tags of the run."""

    # An emulator has an endpoint of its own.
    forwards_packets = "AWS_ENDPOINT_URL" not in os.environ

    def __init__(self, run: Run, *, profile: str | None = None) -> None:
        """Connect to an account.

        :param profile: The profile of the AWS CLI. Default: the credentials of the environment.
        """
        self.run, self.region, self.other_region = run, run.region, run.other_region
        self._session: Any = boto3.session.Session(profile_name=profile, region_name=run.region)
        self.id = self._session.client("sts").get_caller_identity()["Account"]
        self.environment = {
            **os.environ,
            "AWS_REGION": run.region,
            "AWS_DEFAULT_REGION": run.region,
            # The CLI reads its option `--profile` from this variable.
            **({"CDK_PROFILE": profile} if profile else {}),
        }
        self._clients = {}

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the run."""
        return self.run.tags

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client."""
        key = service, region or self.region
        if key not in self._clients:
            # EC2 throttles the calls of an account, and of an organization.
            config = Config(retries={"mode": "standard", "max_attempts": 10})
            self._clients[key] = self._session.client(service, region_name=key[1], config=config)
        return self._clients[key]

    def stack_name(self, name: str) -> str:
        """Return the name of a stack in CloudFormation."""
        return self.run.stack_name(name)

    def deploy(
        self,
        directory: Path | str,
        parameters: Mapping[str, str] | None = None,
        *,
        stacks: Iterable[str] | None = None,
        context: Mapping[str, str] | None = None,
        app: Path | None = None,
        quiet: bool = False,
    ) -> str:
        """Synthesize an app, and deploy it with the names and tags of the run."""
        named = {self._parameter(key): value for key, value in (parameters or {}).items()}
        with self._prepare(Path(directory), context, app) as folder:
            return cdk_cli.deploy(
                folder, named, self.environment, stacks=stacks, app=folder, quiet=quiet
            )

    def destroy(
        self,
        directory: Path | str,
        *,
        stacks: Iterable[str] | None = None,
        context: Mapping[str, str] | None = None,
        app: Path | None = None,
    ) -> str:
        """Destroy the stacks of an app."""
        with self._prepare(Path(directory), context, app) as folder:
            return cdk_cli.destroy(folder, self.environment, stacks=stacks, app=folder)

    def bootstrap(self, region: str | None = None, *, quiet: bool = False) -> None:
        """Run `cdk bootstrap`, unless the account is bootstrapped already."""
        ssm = self.client("ssm", region)
        names = ["/cdk-bootstrap/hnb659fds/version"]
        if not ssm.get_parameters(Names=names)["Parameters"]:
            super().bootstrap(region, quiet=quiet)

    def run_schedules(self, region: str | None = None) -> int:  # noqa: ARG002
        """Do nothing: the schedules are due in minutes."""
        if not self.forwards_packets:
            pytest.skip("the emulator runs no schedules of another process")
        return 0

    @contextmanager
    def _prepare(
        self, directory: Path, context: Mapping[str, str] | None, app: Path | None
    ) -> Iterator[Path]:
        """Yield the cloud assembly of an app with the names and tags of the run."""
        with tempfile.TemporaryDirectory(prefix="integ-cdk.out-") as folder:
            path = app or Path(folder)
            if app is None:
                synthesize(directory, path, context=context, environment=self.environment)
            self.run.prepare(path)
            yield path

    def _parameter(self, name: str) -> str:
        """Return the name of a parameter for the CLI, with the stack name in CloudFormation."""
        stack, separator, parameter = name.rpartition(":")
        return f"{self.stack_name(stack)}:{parameter}" if separator else name


class RealAws(RealAccount):
    """The account of the provider, and the account of the consumer.

    At the end, all stacks of the run are deleted, also if a test has failed.
    """

    def __init__(self, run: Run) -> None:
        """Connect to both accounts.

        :raises ValueError: There is no public hosted zone of the domain, or several, or the
            profile is of the same account.
        """
        super().__init__(run)
        self._zone = self._find_zone(run.domain) if run.domain else {}
        profile = run.consumer_profile
        self._consumer = RealAccount(run, profile=profile) if profile else None
        if self._consumer and self._consumer.id == self.id:
            raise ValueError(f"the profile {profile} is of the same account, {self.id}")

    @property
    def consumer(self) -> RealAccount | None:
        """The second account."""
        return self._consumer

    @property
    def context(self) -> dict[str, str]:
        """The accounts, Regions and domain of the run, for apps that have them in `cdk.json`."""
        context = {
            "provider_account": self.id,
            "customer_account": self.consumer.id if self.consumer else self.id,
            "region": self.run.region,
            "provider_region": self.run.region,
            "consumer_region": self.run.other_region,
        }
        return context | self._zone

    def _find_zone(self, domain: str) -> dict[str, str]:
        """Return the context of the public hosted zone."""
        route53 = self.client("route53")
        ids = [
            zone["Id"].removeprefix("/hostedzone/")
            for zone in route53.list_hosted_zones_by_name(DNSName=domain)["HostedZones"]
            if zone["Name"] == f"{domain}." and not zone["Config"]["PrivateZone"]
        ]
        # Of several zones with the same name, public DNS knows one at most.
        if len(ids) != 1:
            raise ValueError(f"account {self.id} has {len(ids)} public hosted zones {domain}")
        return {"domain": domain, "hosted_zone_id": ids[0]}

    def __enter__(self) -> RealAws:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.delete_stacks()

    @property
    def accounts(self) -> list[RealAccount]:
        """Both accounts, or the only one. Stacks of consumers depend on those of providers."""
        return [self.consumer, self] if self.consumer else [self]

    def check_access(self) -> None:
        """Find out whether the run could list its stacks, and so delete them.

        :raises ValueError: An account is denied access to a Region, or a Region has fewer than
            three Availability Zones.
        """
        for account in self.accounts:
            for region in self.regions:
                try:
                    account.client("cloudformation", region).describe_stacks()
                except ClientError as error:
                    raise ValueError(f"account {account.id} in {region}: {error}") from error
        filters = [{"Name": "zone-type", "Values": ["availability-zone"]}]
        found = self.client("ec2").describe_availability_zones(Filters=filters)
        if len(found["AvailabilityZones"]) < _ZONES:
            raise ValueError(f"{self.region} has fewer than {_ZONES} Availability Zones")

    @property
    def regions(self) -> list[str]:
        """The Regions of the run."""
        return list(dict.fromkeys((self.run.other_region, self.run.region)))

    def list_stacks(self, *, all_runs: bool = False) -> list[str]:
        """Return the ids of the stacks of the run, or of all runs."""
        return list_stacks(self._clients_of("cloudformation"), None if all_runs else self.run.id)

    def delete_stacks(self, *, all_runs: bool = False) -> list[str]:
        """Delete all stacks of the run, or of all runs, and return the ids of what remains."""
        run_id = None if all_runs else self.run.id
        # They keep the services in stacks from their deletion.
        delete_endpoints(self._clients_of("ec2"), run_id)
        return delete_stacks(self._clients_of("cloudformation"), run_id)

    def _clients_of(self, service: str) -> list[Any]:
        """Return the clients for all accounts and Regions of the run."""
        return [
            account.client(service, region) for account in self.accounts for region in self.regions
        ]

    def account(self, id: str) -> Account:
        """Return the account with an id."""
        for each in self.accounts:
            if each.id == id:
                return each
        raise ValueError(f"the run has no credentials for account {id}")


def open_aws(config: pytest.Config) -> LocalAws | RealAws:
    """Return the accounts that the tests run on: an empty local AWS, or AWS itself."""
    path: str | None = config.getoption("--aws")
    return RealAws(Run.read(Path(path))) if path else LocalAws()
