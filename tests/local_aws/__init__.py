"""An emulator of AWS on loopback for tests and demonstrations. See README.md in this folder."""

from .cdk_cli import DeploymentError
from .server import LocalAws

__all__ = ["DeploymentError", "LocalAws"]
