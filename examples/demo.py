"""Deploys `network_load_balancer` to a local AWS with the real CDK CLI, and shows what came of it.

Run it with `npx --yes projen demo`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.local_aws import LocalAws

EXAMPLE = "network_load_balancer"
STACK = "PrivateLinkProvider"


def main() -> None:
    """Deploy, ask, show, compare."""
    with LocalAws() as aws:
        print(f"A local AWS listens at {aws.endpoint_url}; examples/{EXAMPLE} is deployed to it.\n")
        aws.deploy(Path(__file__).parent / EXAMPLE)
        outputs = aws.outputs(STACK)
        show("The stack's outputs:", outputs)
        print("\nThe look-up's Lambda has logged:", *look_up_log(aws), sep="\n  ")
        found = ask_ec2(aws, outputs["ServiceId"])
        show("EC2, asked for the same:", found)
    # EC2 lists principals in no particular order.
    differing = [
        name
        for name in sorted(outputs.keys() | found.keys())
        if set(outputs.get(name, "").split(",")) != set(found.get(name, "").split(","))
    ]
    if differing:
        sys.exit(f"\nFAILED: EC2 and the stack's outputs differ in {', '.join(differing)}")
    print(f"\nThey agree. Consumers connect to {outputs['ServiceName']}")


def ask_ec2(aws: LocalAws, service_id: str) -> dict[str, str]:
    """Ask EC2, not the template, for what the stack has put out."""
    ec2 = aws.client("ec2")
    (service,) = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service_id])[
        "ServiceConfigurations"
    ]
    permissions = ec2.describe_vpc_endpoint_service_permissions(ServiceId=service_id)
    return {
        "ServiceId": service["ServiceId"],
        "ServiceName": service["ServiceName"],
        "AllowedPrincipals": ",".join(
            permission["Principal"] for permission in permissions["AllowedPrincipals"]
        ),
    }


def look_up_log(aws: LocalAws) -> list[str]:
    """Read what the Lambda of the look-up has logged."""
    resources = aws.client("cloudformation").describe_stack_resources(StackName=STACK)
    (log_group,) = [
        resource["PhysicalResourceId"]
        for resource in resources["StackResources"]
        if resource["ResourceType"] == "AWS::Logs::LogGroup"
    ]
    return aws.logs(log_group)


def show(title: str, rows: Mapping[str, str]) -> None:
    """Print names and values under a title."""
    print(f"\n{title}")
    for name, value in rows.items():
        print(f"  {name:18} {value}")


if __name__ == "__main__":
    main()
