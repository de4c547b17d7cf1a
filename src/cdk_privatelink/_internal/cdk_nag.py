"""What cdk-nag finds in resources of this library, and why it stays."""

from __future__ import annotations

import aws_cdk
from aws_cdk import CfnResource


def justify(resource: CfnResource, rule: str, *, finding: str | None = None, reason: str) -> None:
    """Tell cdk-nag why a rule does not apply, without needing it as a dependency.

    One rule for each resource is all that there is to justify.

    :param finding: What exactly is justified, for rules that tell several findings apart.
    """
    # cdk-nag 2 reads the metadata of the resource.
    suppression: dict[str, object] = {"id": rule, "reason": reason}
    if finding is not None:
        suppression["applies_to"] = [finding]
    resource.add_metadata("cdk_nag", {"rules_to_suppress": [suppression]})
    # cdk-nag 3 reads what aws-cdk-lib keeps for it, and only newer releases do that.
    if hasattr(aws_cdk, "Validations"):
        acknowledged = rule if finding is None else f"{rule}[{finding}]"
        aws_cdk.Validations.of(resource).acknowledge(
            aws_cdk.Acknowledgment(id=acknowledged, reason=reason)
        )
