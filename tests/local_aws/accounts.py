"""The emulator as seen by one account: clients, deployments, outputs and logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore.config import Config
from botocore.exceptions import WaiterError
from moto.iam import models

from . import cdk_cli, events

# The prefix of access keys. moto requires keys of twenty characters.
_KEY_PREFIX = "LOCALAWS"


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    by_key = models.get_account_id_from

    def get_account_id_from(access_key: str) -> str:
        account = access_key.removeprefix(_KEY_PREFIX)
        return by_key(access_key) if account == access_key else account

    # moto maps a key to another account only after `sts:AssumeRole`. Here each account has a key.
    return [patch.object(models, "get_account_id_from", get_account_id_from)]


class Account:
    """A view of the emulator, which acts as one account, and the methods of real accounts."""

    region = "eu-west-1"
    other_region = "us-east-1"
    id: str
    environment: dict[str, str]
    forwards_packets = False

    def _enter(
        self, id: str, environment: Mapping[str, str], session: Any, cleanup: ExitStack
    ) -> None:
        self.id = id
        self.environment = {**environment, **credentials(id)}
        self._session, self._cleanup = session, cleanup
        # Clients are cached: to create one takes longer than to use it.
        self._clients: dict[tuple[str, str], Any] = {}

    def account(self, id: str) -> Account:
        """Return a view as another account, with a copy of the environment."""
        if not re.fullmatch("[0-9]{12}", id):
            raise ValueError(f"`id` must have twelve digits, got {id!r}")
        other = Account()
        other._enter(id, self.environment, self._session, self._cleanup)
        return other

    @property
    def consumer(self) -> Account | None:
        """An account of a consumer, if there is one."""
        return self.account("444455556666")

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client of this emulator."""
        key = service, region or self.region
        if key not in self._clients:
            # The call for a stack operation returns at its end: wait long, and never retry.
            config = Config(read_timeout=900, retries={"total_max_attempts": 1})
            keys = {name.lower(): value for name, value in credentials(self.id).items()}
            client = self._session.client(*key, config=config, **keys)
            # An open connection would keep a thread of the server alive after the end.
            self._cleanup.callback(client.close)
            self._clients[key] = client
        return self._clients[key]

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
        """Run `cdk deploy` on the app in a directory and return the output.

        Name parameters as for the CLI: `Stack:Name`, or `Name` for every stack. With `stacks`,
        the CLI deploys these stacks and their dependencies, otherwise all stacks.
        `app` is a cloud assembly to deploy instead of the app. `quiet` does not print the output.
        """
        return cdk_cli.deploy(
            Path(directory),
            parameters or {},
            self.environment,
            stacks=stacks,
            context=context,
            app=app,
            quiet=quiet,
        )

    def destroy(
        self,
        directory: Path | str,
        *,
        stacks: Iterable[str] | None = None,
        context: Mapping[str, str] | None = None,
        app: Path | None = None,
    ) -> str:
        """Run `cdk destroy` on the app in a directory and return the output.

        With `stacks`, the CLI destroys these stacks and their dependents, otherwise all stacks.
        `app` is a cloud assembly to destroy instead of the app.
        """
        return cdk_cli.destroy(
            Path(directory), self.environment, stacks=stacks, context=context, app=app
        )

    def put_stack(
        self, name: str, template: str, parameters: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Create or update a stack without the CLI, and return its outputs.

        An update must change something.
        """
        client, stack_name = self.client("cloudformation"), self.stack_name(name)
        request = {
            "StackName": stack_name,
            "TemplateBody": template,
            "Capabilities": ["CAPABILITY_IAM"],
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in (parameters or {}).items()
            ],
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
        }
        try:
            client.describe_stacks(StackName=stack_name)
        except client.exceptions.ClientError:
            client.create_stack(**request)
            operation = "create"
        else:
            client.update_stack(**request)
            operation = "update"
        self._wait_for_stack(stack_name, operation)
        return self.outputs(name)

    def delete_stack(self, name: str) -> None:
        """Delete a stack without the CLI."""
        stack_name = self.stack_name(name)
        self.client("cloudformation").delete_stack(StackName=stack_name)
        self._wait_for_stack(stack_name, "delete")

    def _wait_for_stack(self, stack_name: str, operation: str) -> None:
        """Wait for the end of an operation, and raise an error with the reasons if it fails."""
        client = self.client("cloudformation")
        try:
            client.get_waiter(f"stack_{operation}_complete").wait(StackName=stack_name)
        except WaiterError as error:
            events = client.describe_stack_events(StackName=stack_name)["StackEvents"]
            reasons = [
                f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
                for each in reversed(events)
                if each["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in each
            ]
            message = "\n".join((f"{stack_name} failed", *reasons))
            raise cdk_cli.DeploymentError(message) from error

    def resources(self, stack: str, *types: str, region: str | None = None) -> list[str]:
        """Return the physical ids of the resources of some types in a stack."""
        client = self.client("cloudformation", region)
        pages = client.get_paginator("list_stack_resources").paginate(
            StackName=self.stack_name(stack)
        )
        return [
            each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceType"] in types and each["ResourceStatus"] != "DELETE_COMPLETE"
        ]

    def stack_name(self, name: str) -> str:
        """Return the name in CloudFormation of a stack with this name in the app."""
        return name

    @property
    def context(self) -> dict[str, str]:
        """The accounts, Regions and domains of apps, instead of those in `cdk.json`."""
        return {}

    @property
    def tags(self) -> dict[str, str]:
        """The tags of all stacks."""
        return {}

    def bootstrap(self, region: str | None = None, *, quiet: bool = False) -> None:
        """Run `cdk bootstrap`, which apps with assets or with templates over 50 KiB require."""
        url = f"aws://{self.id}/{region or self.region}"
        cdk_cli.bootstrap(url, self.environment, quiet=quiet)

    def outputs(self, stack: str, region: str | None = None) -> dict[str, str]:
        """Return the outputs of a stack."""
        client = self.client("cloudformation", region)
        described = client.describe_stacks(StackName=self.stack_name(stack))["Stacks"]
        outputs = described[0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def run_schedules(self, region: str | None = None) -> int:
        """Let all schedules be due now. Return the number of messages that they send."""
        return events.run_schedules(self.id, region or self.region)

    def logs(self, group: str, region: str | None = None) -> list[str]:
        """Return the messages in a log group, oldest first."""
        paginator = self.client("logs", region).get_paginator("filter_log_events")
        pages = paginator.paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]


def credentials(id: str) -> dict[str, str]:
    """Return the environment variables with which a process acts as an account."""
    return {"AWS_ACCESS_KEY_ID": _access_key(id), "AWS_SECRET_ACCESS_KEY": "local"}


def _access_key(id: str) -> str:
    """Return the access key of an account."""
    return _KEY_PREFIX + id
