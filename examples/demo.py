"""Deploys an example to a local AWS with the real CDK CLI, and shows what came of it.

Run it with `npx --yes projen demo`, or `npx --yes projen demo saas_cross_account` for another.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from examples.deployment import Deployed, deploy
from tests.local_aws import LocalAws

EXAMPLES = Path(__file__).parent
# What stacks put out, some by the names of the template that they replace.
ID = "ServiceId", "SecurityVpcEndpointServiceId"
NAME = "ServiceName", "SecurityVpcEndpointServiceName"


def main(arguments: Sequence[str]) -> None:
    """Tell the story of an example: deployed, named, connected."""
    example = EXAMPLES / (arguments[0] if arguments else "network_load_balancer")
    if not (example / "app.py").exists():
        known = sorted(path.parent.name for path in EXAMPLES.glob("*/app.py"))
        sys.exit(f"There is no example `{example.name}`, but {', '.join(known)}")
    with LocalAws() as aws:
        told = an_existing_load_balancer(aws) if example.name == "cloudformation_template" else {}
        print(f"A local AWS listens at {aws.endpoint_url}; {example.name} is deployed to it.\n")
        stacks = deploy(aws, example, told)
        for stack in stacks:
            show(
                f"{stack.name}, in account {stack.account.id}, puts out:",
                {k: v for k, v in stack.outputs.items() if not k.startswith("ExportsOutput")},
            )
        check_names(stacks)
        check_connections(stacks)


def check_names(stacks: Sequence[Deployed]) -> None:
    """Compare the names that were looked up with those that EC2 has."""
    print("\nThe look-up's Lambda has logged:")
    for stack in stacks:
        print(*(f"  {line}\n" for line in look_up_log(stack)), sep="", end="")
    looked_up = {
        stack.outputs[service_id]: stack.outputs[name]
        for stack in stacks
        for service_id, name in zip(ID, NAME, strict=True)
        if name in stack.outputs
    }
    found = {each["ServiceId"]: each["ServiceName"] for each in services(stacks)}
    show("EC2, asked for the names of all services:", found)
    if found != looked_up:
        sys.exit(f"\nFAILED: the stacks have put out {looked_up}")


def check_connections(stacks: Sequence[Deployed]) -> None:
    """List who is connected, as the provider sees it; accept who waits; ask the consumer."""
    asking = connections(stacks)
    names = " and ".join(each["ServiceName"] for each in services(stacks))
    if not asking:
        print(f"\nThey agree. No one is connected yet. Consumers connect to {names}")
        return
    show("The connections, as the provider sees them:", asking)
    accepted = [each for stack in places(stacks) for each in accept(stack)]
    connected = {
        each["VpcEndpointId"]: f"{each['State']}, {each['VpcEndpointType']} endpoint to {name}"
        for stack in places(stacks)
        for each in stack.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
        if ".vpce-svc-" in (name := each["ServiceName"])
    }
    when = "Once they are accepted, as" if accepted else "As"
    show(f"{when} the consumer sees them:", connected)
    waiting = [state for state in connected.values() if not state.startswith("available")]
    if waiting or asking.keys() != connected.keys():
        sys.exit("\nFAILED: not all endpoints are connected")
    names = " and ".join(each["ServiceName"] for each in services(stacks))
    print(
        f"\nThey agree, and endpoints are connected: {len(connected)}. Consumers connect to {names}"
    )


def places(stacks: Sequence[Deployed]) -> list[Deployed]:
    """List a stack for each account and region."""
    return list({(stack.account.id, stack.region): stack for stack in stacks}.values())


def services(stacks: Sequence[Deployed]) -> list[dict[str, Any]]:
    """Ask EC2 for the services, wherever they are."""
    return [
        each
        for stack in places(stacks)
        for each in stack.client("ec2").describe_vpc_endpoint_service_configurations()[
            "ServiceConfigurations"
        ]
    ]


def connections(stacks: Sequence[Deployed]) -> dict[str, str]:
    """Ask EC2 who is connected to the services, or wants to be."""
    return {
        each["VpcEndpointId"]: f"{each['VpcEndpointState']}, of account {each['VpcEndpointOwner']}"
        for stack in places(stacks)
        for each in stack.client("ec2").describe_vpc_endpoint_connections()[
            "VpcEndpointConnections"
        ]
    }


def accept(stack: Deployed) -> list[str]:
    """Accept each connection that waits for it, and tell which."""
    ec2, accepted = stack.client("ec2"), []
    for each in ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]:
        if each["VpcEndpointState"] == "pendingAcceptance":
            print(
                f"\n$ aws ec2 accept-vpc-endpoint-connections --service-id {each['ServiceId']} \\"
            )
            print(f"    --vpc-endpoint-ids {each['VpcEndpointId']}")
            ec2.accept_vpc_endpoint_connections(
                ServiceId=each["ServiceId"], VpcEndpointIds=[each["VpcEndpointId"]]
            )
            accepted.append(each["VpcEndpointId"])
    return accepted


def look_up_log(stack: Deployed) -> list[str]:
    """Read what the Lambda of the look-up has logged."""
    resources = stack.client("cloudformation").describe_stack_resources(StackName=stack.name)
    return [
        line
        for each in resources["StackResources"]
        if each["LogicalResourceId"].startswith("PrivateLinkServiceNameLookupLogGroup")
        for line in stack.account.logs(each["PhysicalResourceId"], stack.region)
    ]


def an_existing_load_balancer(aws: LocalAws) -> dict[str, str]:
    """Make what the CloudFormation template takes for granted, and tell its parameters."""
    ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]
    made = elbv2.create_load_balancer(Name="own", Type="network", Subnets=[subnet["SubnetId"]])
    return {
        "ElbArn": made["LoadBalancers"][0]["LoadBalancerArn"],
        "AwsAccountToWhitelist": "arn:aws:iam::111122223333:root",
    }


def show(title: str, rows: Mapping[str, str]) -> None:
    """Print names and values under a title."""
    print(f"\n{title}")
    for name, value in rows.items() or {"none": ""}.items():
        print(f"  {name:24} {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
