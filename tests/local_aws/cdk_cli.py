"""The real CDK CLI as a client of the emulator."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path


class DeploymentError(RuntimeError):
    """Raised if the CLI fails. The message contains its output."""


def deploy(
    directory: Path,
    parameters: Mapping[str, str],
    environment: Mapping[str, str],
    *,
    stacks: Iterable[str] | None = None,
    context: Mapping[str, str] | None = None,
    app: Path | None = None,
    quiet: bool = False,
) -> str:
    """Run `cdk deploy` and return the output."""
    options = ["--require-approval", "never"]
    for name, value in parameters.items():
        options += ["--parameters", f"{name}={value}"]
    if app is None:
        return _run_app(["deploy", *options], directory, environment, stacks, context)
    # The cloud assembly exists: the CLI runs no app.
    arguments = ["deploy", *options, *(stacks or ["--all"]), "--app", str(app)]
    return _run(arguments, directory, environment, quiet=quiet)


def destroy(
    directory: Path,
    environment: Mapping[str, str],
    *,
    stacks: Iterable[str] | None = None,
    context: Mapping[str, str] | None = None,
    app: Path | None = None,
) -> str:
    """Run `cdk destroy` and return the output."""
    if app is None:
        return _run_app(["destroy", "--force"], directory, environment, stacks, context)
    arguments = ["destroy", "--force", *(stacks or ["--all"]), "--app", str(app)]
    return _run(arguments, directory, environment)


def bootstrap(environment_url: str, environment: Mapping[str, str], *, quiet: bool = False) -> None:
    """Run `cdk bootstrap` for an account and region."""
    _run(["bootstrap", environment_url], Path.cwd(), environment, quiet=quiet)


def _run_app(
    arguments: list[str],
    directory: Path,
    environment: Mapping[str, str],
    stacks: Iterable[str] | None,
    context: Mapping[str, str] | None,
) -> str:
    """Run a command on some stacks of an app, or on all, without files in its directory."""
    selection = ["--all"] if stacks is None else [*stacks]
    context_options = [f"--context={name}={value}" for name, value in (context or {}).items()]
    with tempfile.TemporaryDirectory(prefix="local-aws-cdk.out-") as assembly:
        return _run(
            [*arguments, *selection, *context_options, "--output", assembly], directory, environment
        )


def _run(
    arguments: list[str], directory: Path, environment: Mapping[str, str], *, quiet: bool = False
) -> str:
    """Run the CLI, print its output immediately unless `quiet`, and return the output."""
    # The app must run with the Python, and hence the packages, of the tests.
    path = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    cdk = shutil.which("cdk", path=path)
    if cdk is None:
        raise FileNotFoundError("the CDK CLI `cdk` is not on the PATH; install `aws-cdk` from npm")
    lines = []
    with subprocess.Popen(
        [cdk, *arguments],
        cwd=directory,
        env={**environment, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            if not quiet:
                sys.stdout.write(line)
            lines.append(line)
    output = "".join(lines)
    if process.returncode != 0:
        raise DeploymentError(f"`cdk {arguments[0]}` in {directory.name} failed\n{output}")
    return output
