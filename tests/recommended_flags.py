"""The feature flags that `cdk init` writes, read from the installed aws-cdk-lib."""

from __future__ import annotations

import importlib.util
import json
import tarfile
from pathlib import Path
from typing import Any

# Flags that change what unit tests compare, not what the library creates.
# Tests of the README and of the examples use all flags.
NOT_IN_UNIT_TESTS = {
    # Replaces exports, which tests compare, by weak references.
    "@aws-cdk/core:defaultCrossStackReferences",
    # Rejects stacks without resources, which tests of invalid arguments have.
    "@aws-cdk/core:validateAgainstDefaultRules",
    # Adds a function of the CDK to every VPC, in which cfn-lint finds W3005.
    "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup",
}


def read_recommended_flags() -> dict[str, Any]:
    """Return all flags with their recommended values.

    aws-cdk-lib is not imported: an app reads the context when it is.
    """
    specification = importlib.util.find_spec("aws_cdk")
    assert specification is not None
    assert specification.origin is not None
    (archive,) = (Path(specification.origin).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(archive) as package:
        content = package.extractfile("package/recommended-feature-flags.json")
        assert content
        return dict(json.load(content))
