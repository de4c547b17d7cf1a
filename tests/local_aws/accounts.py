"""What one account sees of the emulator, and does in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore.config import Config
from moto.iam import models

from . import cdk_cli

# What an account's access key begins with. moto reads keys of twenty characters, and no others.
_KEY = "LOCALAWS"


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    by_key = models.get_account_id_from

    def get_account_id_from(access_key: str) -> str:
        account = access_key.removeprefix(_KEY)
        return by_key(access_key) if account == access_key else account

    # moto knows of another account only after `sts:AssumeRole`: here each account has a key.
    return [patch.object(models, "get_account_id_from", get_account_id_from)]


class Account:
    """One account's view on the emulator: all it does, it does as this account."""

    region = "eu-west-1"
    id: str
    environment: dict[str, str]

    def _enter(
        self, id: str, environment: Mapping[str, str], session: Any, cleanup: ExitStack
    ) -> None:
        self.id = id
        self.environment = {**environment, **credentials(id)}
        self._session, self._cleanup = session, cleanup
        # It takes longer to make one than to use it.
        self._clients: dict[tuple[str, str], Any] = {}

    def account(self, id: str) -> Account:
        """Give the view of another account, with a copy of this one's environment."""
        if not re.fullmatch("[0-9]{12}", id):
            raise ValueError(f"an account's id has twelve digits, unlike {id!r}")
        other = Account()
        other._enter(id, self.environment, self._session, self._cleanup)
        return other

    def client(self, service: str, region: str | None = None) -> Any:
        """Give a boto3 client that talks to this emulator."""
        key = service, region or self.region
        if key not in self._clients:
            # A stack operation's call returns when the operation has ended: wait, never repeat.
            config = Config(read_timeout=900, retries={"total_max_attempts": 1})
            keys = {name.lower(): value for name, value in credentials(self.id).items()}
            client = self._session.client(*key, config=config, **keys)
            # An open connection would keep one of the server's threads alive after the end.
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
        """Run `cdk deploy` on the app in a directory and return its output.

        Parameters are named as for the CLI: `Stack:Name`, or `Name` for every stack. All stacks
        are deployed, unless some are named: these, and those that they depend on. `app` is a
        cloud assembly to deploy instead of the app. `quiet` does not print the output.
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
    ) -> str:
        """Run `cdk destroy` on the app in a directory; give what it printed.

        All stacks are destroyed, unless some are named: these, and those that depend on them.
        """
        return cdk_cli.destroy(Path(directory), self.environment, stacks=stacks, context=context)

    def bootstrap(self, region: str | None = None) -> None:
        """Run `cdk bootstrap`, for apps with assets, or with templates of more than 50 KiB."""
        cdk_cli.bootstrap(f"aws://{self.id}/{region or self.region}", self.environment)

    def outputs(self, stack: str, region: str | None = None) -> dict[str, str]:
        """Read the outputs of a stack."""
        client = self.client("cloudformation", region)
        outputs = client.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def logs(self, group: str, region: str | None = None) -> list[str]:
        """Read the messages in a log group, oldest first."""
        pages = self.client("logs", region).get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=group)
        return [event["message"] for page in found for event in page["events"]]


def credentials(id: str) -> dict[str, str]:
    """Compose the variables by which a process acts as an account."""
    return {"AWS_ACCESS_KEY_ID": _key_of(id), "AWS_SECRET_ACCESS_KEY": "local"}


def _key_of(id: str) -> str:
    """Compose the access key of an account."""
    return _KEY + id
