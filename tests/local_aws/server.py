"""The emulator: moto's server in this process, taught what a PrivateLink stack needs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config
from moto import settings
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.server import ThreadedMotoServer

from . import cdk_cli, functions, load_balancer, notifications, private_dns, stacks

_HOST = "127.0.0.1"


class LocalAws:
    """AWS on a free loopback port, empty at the start and gone at the end.

    moto keeps its state in module globals, so run one at a time in a process. While it runs,
    `os.environ` is its `environment`: nothing in the process reaches the real AWS by mistake.
    """

    region = "eu-west-1"
    endpoint_url: str
    environment: dict[str, str]

    def __enter__(self) -> LocalAws:
        with ExitStack() as cleanup:
            for change in (
                *stacks.patches(self.region),
                *functions.patches(),
                *load_balancer.patches(),
                *notifications.patches(),
                *private_dns.patches(),
                # One line on stderr for each request would bury what a test has to say.
                patch.object(MotoRequestHandler, "log_request", lambda *_args, **_kwargs: None),
            ):
                cleanup.enter_context(change)
            moto_api_backend.reset()
            cleanup.callback(moto_api_backend.reset)
            server = ThreadedMotoServer(_HOST, port=0, verbose=False)
            server.start()
            cleanup.callback(server.stop)
            port = str(server.get_host_and_port()[1])
            self.endpoint_url = f"http://{_HOST}:{port}"
            # moto supposes that Lambdas run in Docker, and would send them to Docker's host.
            cleanup.enter_context(
                patch.object(settings, "moto_server_host", lambda: "http://" + _HOST)
            )
            cleanup.enter_context(patch.object(settings, "moto_server_port", lambda: port))
            home = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="local-aws-"))
            self.environment = _environment(self.endpoint_url, self.region, Path(home))
            cleanup.enter_context(patch.dict(os.environ, self.environment, clear=True))
            self._session: Any = boto3.session.Session()
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    def client(self, service: str) -> Any:
        """Make a boto3 client that talks to this emulator."""
        # A stack operation's call returns when the operation has ended: wait, and never repeat.
        config = Config(read_timeout=900, retries={"total_max_attempts": 1})
        client = self._session.client(service, config=config)
        # An open connection would keep one of the server's threads alive after the end.
        self._cleanup.callback(client.close)
        return client

    def deploy(self, directory: Path | str, parameters: Mapping[str, str] | None = None) -> str:
        """Run `cdk deploy --all` on the app in a directory; give what it printed.

        Parameters are named as for the CLI: `Stack:Name`, or `Name` for every stack.
        """
        return cdk_cli.deploy(Path(directory), parameters or {}, self.environment)

    def bootstrap(self) -> None:
        """Run `cdk bootstrap`, for apps with assets, or with templates of more than 50 KiB."""
        account = self.client("sts").get_caller_identity()["Account"]
        cdk_cli.bootstrap(f"aws://{account}/{self.region}", self.environment)

    def outputs(self, stack: str) -> dict[str, str]:
        """Read the outputs of a stack."""
        description = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        outputs = description.get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def logs(self, group: str) -> list[str]:
        """Read the messages in a log group, oldest first."""
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]


def _environment(endpoint_url: str, region: str, home: Path) -> dict[str, str]:
    """Compose what a process needs to see this AWS and no other."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": str(home / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": f"{_HOST},localhost",
        "no_proxy": f"{_HOST},localhost",
        # The CLI remembers which account a key is of: not in the home of whoever runs the tests.
        "CDK_HOME": str(home),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_NOTICES": "false",
    }
