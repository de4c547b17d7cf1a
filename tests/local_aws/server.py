"""The emulator: the server of moto in this process, with patches for PrivateLink stacks."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest.mock import patch

import boto3
from moto import settings
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.server import ThreadedMotoServer

from . import (
    accounts,
    connections,
    endpoint_service,
    endpoints,
    events,
    functions,
    load_balancer,
    network,
    notifications,
    parameters,
    private_dns,
    routes,
    stacks,
    transit_gateways,
)
from .accounts import Account

_HOST = "127.0.0.1"


class LocalAws(Account):
    """An emulator of AWS on a free loopback port, which starts empty.

    moto stores its state in module globals, so run one emulator at a time per process. While it
    runs, `os.environ` is its `environment`, so that no request reaches the real AWS by mistake.
    The object is a view as the first account. `account` returns views as other accounts.
    """

    endpoint_url: str

    def __enter__(self) -> LocalAws:
        with ExitStack() as cleanup:
            for change in (
                *accounts.patches(),
                *stacks.patches(),
                *functions.patches(),
                *connections.patches(),
                *endpoint_service.patches(),
                *endpoints.patches(),
                *events.patches(),
                *load_balancer.patches(),
                *network.patches(),
                *notifications.patches(),
                *parameters.patches(),
                *private_dns.patches(),
                *routes.patches(),
                *transit_gateways.patches(),
                # One line on stderr per request would hide the messages of a test.
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
            # By default, moto's URL for Lambda functions is the host of Docker.
            cleanup.enter_context(
                patch.object(settings, "moto_server_host", lambda: "http://" + _HOST)
            )
            cleanup.enter_context(patch.object(settings, "moto_server_port", lambda: port))
            home = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="local-aws-"))
            environment = _environment(self.endpoint_url, self.region, Path(home))
            environment |= accounts.credentials(DEFAULT_ACCOUNT_ID)
            cleanup.enter_context(patch.dict(os.environ, environment, clear=True))
            session: Any = boto3.session.Session()
            self._enter(DEFAULT_ACCOUNT_ID, environment, session, cleanup.pop_all())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cleanup.close()


def _environment(endpoint_url: str, region: str, home: Path) -> dict[str, str]:
    """Return the environment variables of a process that uses the emulator only."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": str(home / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": f"{_HOST},localhost",
        "no_proxy": f"{_HOST},localhost",
        # The CLI caches the account of each key. The cache must not be in the real home directory.
        "CDK_HOME": str(home),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_NOTICES": "false",
    }
