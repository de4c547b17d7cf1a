"""The real CDK CLI, run against the emulator."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path


class DeploymentError(RuntimeError):
    """`cdk deploy` failed; the message holds what it printed."""


def deploy(directory: Path, parameters: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Run `cdk deploy --all`, passing its output through as it comes, and give the output."""
    # The app must find the Python (and with it the packages) that the tests run under.
    path = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    cdk = shutil.which("cdk", path=path)
    if cdk is None:
        raise FileNotFoundError("the CDK CLI `cdk` is not on the PATH; install npm's `aws-cdk`")
    with tempfile.TemporaryDirectory(prefix="local-aws-cdk.out-") as assembly:
        command = [cdk, "deploy", "--all", "--require-approval", "never", "--output", assembly]
        for name, value in parameters.items():
            command += ["--parameters", f"{name}={value}"]
        printed = []
        with subprocess.Popen(
            command,
            cwd=directory,
            env={**environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                sys.stdout.write(line)
                printed.append(line)
    output = "".join(printed)
    if process.returncode != 0:
        raise DeploymentError(f"`cdk deploy` in {directory} failed\n{output}")
    return output
