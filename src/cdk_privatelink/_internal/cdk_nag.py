"""Suppressions of cdk-nag rules, without a dependency on cdk-nag."""

from __future__ import annotations

import aws_cdk
from aws_cdk import CfnResource


def suppress_nag_rule(
    resource: CfnResource, rule: str, *, finding: str | None = None, reason: str
) -> None:
    """Suppress one rule for one resource.

    :param finding: The finding to suppress, for rules that report several findings.
    """
    # cdk-nag 2 reads the metadata of the resource.
    suppression: dict[str, object] = {"id": rule, "reason": reason}
    if finding is not None:
        suppression["applies_to"] = [finding]
    resource.add_metadata("cdk_nag", {"rules_to_suppress": [suppression]})
    # cdk-nag 3 reads the acknowledgments of aws-cdk-lib, which older releases do not have.
    if hasattr(aws_cdk, "Validations"):
        acknowledged = rule if finding is None else f"{rule}[{finding}]"
        aws_cdk.Validations.of(resource).acknowledge(
            aws_cdk.Acknowledgment(id=acknowledged, reason=reason)
        )
