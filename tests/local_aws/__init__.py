"""A small AWS on loopback for tests and demonstrations; see README.md beside this file."""

from .cdk_cli import DeploymentError
from .server import LocalAws

__all__ = ["DeploymentError", "LocalAws"]
