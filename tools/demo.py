"""Deploys an example to a local AWS with the CDK CLI, and shows each step.

`npx --yes projen demo [NAME] [--events]` runs it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from tests.local_aws import LocalAws
from tools.assembly import Assembly, synthesize
from tools.deployment import DeployedStack, Deployment

EXAMPLES = Path(__file__).parents[1] / "examples"
# Outputs of the examples. The stand-alone template keeps the names of the template it replaces.
SERVICE_ID = "ServiceId", "SecurityVpcEndpointServiceId"
SERVICE_NAME = "ServiceName", "SecurityVpcEndpointServiceName"


class Story:
    """Numbered steps on standard output."""

    def __init__(self) -> None:
        """Start with step 1."""
        self._numbers = count(1)

    def step(self, title: str, proof: str) -> None:
        """Print the heading of a step before it starts, and what its success proves."""
        print(f"\n{next(self._numbers)}. {title}\n   Proves: {proof}", flush=True)

    def show(self, *lines: str) -> None:
        """Print results of a step."""
        for line in lines:
            print(f"     {line}", flush=True)

    def table(self, rows: Mapping[str, str]) -> None:
        """Print names and values."""
        self.show(*(f"{name:24} {value}" for name, value in rows.items()))

    def fail(self, message: str) -> None:
        """Exit with a message."""
        sys.exit(f"\nFAILED: {message}")


def deploy(
    aws: LocalAws,
    assembly: Assembly,
    parameters: Mapping[str, str],
    story: Story,
    *,
    events: bool,
) -> list[DeployedStack]:
    """Deploy all stacks and show their outputs."""
    deployment = Deployment(aws, assembly, parameters)
    stacks = []
    for step in deployment.steps:
        story.step(
            f"Deploy {' and '.join(step)} with `cdk deploy`",
            "every resource of the templates can be created, in the order of its dependencies.",
        )
        for stack in deployment.deploy(step, quiet=not events):
            story.show(f"{stack.name}: CREATE_COMPLETE in account {stack.account.id}")
            story.table(
                {
                    name: value
                    for name, value in stack.outputs.items()
                    if not name.startswith("ExportsOutput")
                }
            )
            stacks.append(stack)
    return stacks


class Demo:
    """The deployed stacks of an example, on the way to connected endpoints."""

    def __init__(self, stacks: Sequence[DeployedStack], story: Story) -> None:
        """Prepare the demo of deployed stacks."""
        self._stacks = stacks
        self._story = story

    def compare_names(self) -> None:
        """Compare the service names in the outputs with the names that EC2 returns."""
        self._story.step(
            "Compare the service name with EC2",
            "the lookup's Lambda function returns the name that EC2 gave to the service.",
        )
        self._story.show(*(line for stack in self._stacks for line in lookup_log(stack)))
        outputs = {
            stack.outputs[service_id]: stack.outputs[name]
            for stack in self._stacks
            for service_id, name in zip(SERVICE_ID, SERVICE_NAME, strict=True)
            if name in stack.outputs
        }
        names = {each["ServiceId"]: each["ServiceName"] for each in self.services()}
        self._story.table({f"EC2: {key}": name for key, name in names.items()})
        if names != outputs:
            self._story.fail(f"the stacks output {outputs}")

    def add_customer(self, command: Path) -> None:
        """Let the command of the example add the consumer to the table of customers."""
        provider, consumer = self._stacks
        self._story.step(
            "Describe the connections, as the provider",
            "everyone may ask, and a request waits while its account is not in the table.",
        )
        self._story.table(self.connections())
        self._story.step(
            f"Add {consumer.account.id} to the table",
            "the change of the table starts the manager, which accepts the request.",
        )
        self._story.show(f"$ python3 {command.name} {consumer.account.id} --limit 2")
        process = subprocess.run(
            [sys.executable, str(command), consumer.account.id, "--limit", "2"],
            env=provider.account.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        self._story.show(*process.stdout.splitlines())

    def connect(self) -> None:
        """Accept pending connections and show that all endpoints are available."""
        names = ", ".join(each["ServiceName"] for each in self.services())
        connections = self.connections()
        if not connections:
            print(f"\nDone: no endpoint is connected yet. Consumers connect to {names}")
            return
        if any(state.startswith("pendingAcceptance") for state in connections.values()):
            self._story.step(
                "Accept the connections, as the provider",
                "a connection is pending until the provider accepts it.",
            )
        else:
            self._story.step(
                "Describe the connections, as the provider",
                "nobody had to accept a connection by hand.",
            )
        self._story.table(connections)
        for each in self._environments():
            self._accept_pending(each)
        self._story.step(
            "Describe the endpoints, as the consumer",
            "each endpoint of the example is connected to the service.",
        )
        endpoints = {
            each["VpcEndpointId"]: f"{each['State']}, {each['VpcEndpointType']} endpoint to {name}"
            for stack in self._environments()
            for each in stack.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
            if ".vpce-svc-" in (name := each["ServiceName"])
        }
        self._story.table(endpoints)
        pending = [state for state in endpoints.values() if not state.startswith("available")]
        if pending or connections.keys() != endpoints.keys():
            self._story.fail("not all endpoints are connected")
        count = f"{len(endpoints)} endpoint{'s are' if len(endpoints) > 1 else ' is'}"
        print(f"\nDone: {count} connected to {names}")

    def _accept_pending(self, stack: DeployedStack) -> None:
        ec2 = stack.client("ec2")
        for each in ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]:
            if each["VpcEndpointState"] == "pendingAcceptance":
                service_id, endpoint_id = each["ServiceId"], each["VpcEndpointId"]
                self._story.show(
                    "$ aws ec2 accept-vpc-endpoint-connections \\",
                    f"      --service-id {service_id} --vpc-endpoint-ids {endpoint_id}",
                )
                ec2.accept_vpc_endpoint_connections(
                    ServiceId=service_id, VpcEndpointIds=[endpoint_id]
                )

    def _environments(self) -> list[DeployedStack]:
        """Return one stack for each account and Region."""
        stacks = {(stack.account.id, stack.region): stack for stack in self._stacks}
        return list(stacks.values())

    def services(self) -> list[dict[str, Any]]:
        """Return the endpoint services in all accounts and Regions of the example."""
        return [
            each
            for stack in self._environments()
            for each in stack.client("ec2").describe_vpc_endpoint_service_configurations()[
                "ServiceConfigurations"
            ]
        ]

    def connections(self) -> dict[str, str]:
        """Return state and owner of each connection, by the id of its endpoint."""
        return {
            each["VpcEndpointId"]: f"{each['VpcEndpointState']}, account {each['VpcEndpointOwner']}"
            for stack in self._environments()
            for each in stack.client("ec2").describe_vpc_endpoint_connections()[
                "VpcEndpointConnections"
            ]
        }


def lookup_log(stack: DeployedStack) -> list[str]:
    """Return the log of the lookup's Lambda function."""
    resources = stack.client("cloudformation").describe_stack_resources(StackName=stack.name)
    return [
        line.strip().replace("\t", " ")
        for each in resources["StackResources"]
        if each["LogicalResourceId"].startswith("PrivateLinkCustomResourcesLogGroup")
        for line in stack.account.logs(each["PhysicalResourceId"], stack.region)
    ]


def create_load_balancer(aws: LocalAws) -> dict[str, str]:
    """Create the load balancer that the stand-alone template needs, and return its parameters."""
    ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]
    response = elbv2.create_load_balancer(
        Name="existing", Type="network", Subnets=[subnet["SubnetId"]]
    )
    return {
        "ElbArn": response["LoadBalancers"][0]["LoadBalancerArn"],
        "AwsAccountToWhitelist": "arn:aws:iam::111122223333:root",
    }


def main(arguments: Sequence[str]) -> None:
    """Run the demo of an example."""
    names = sorted(path.parent.name for path in EXAMPLES.glob("*/app.py"))
    parser = argparse.ArgumentParser(prog="npx --yes projen demo", description=__doc__)
    parser.add_argument(
        "example", nargs="?", choices=names, default="network_load_balancer", metavar="NAME"
    )
    parser.add_argument("--events", action="store_true", help="show CloudFormation's events")
    options = parser.parse_args(arguments)
    story = Story()
    with tempfile.TemporaryDirectory() as folder:
        story.step(f"Synthesize the example {options.example}", "its CDK app is valid.")
        assembly = synthesize(EXAMPLES / options.example, Path(folder))
        story.show(*(f"{stack}.template.json" for stack in assembly.templates))
        with LocalAws() as aws:
            story.show(f"A local AWS, an emulator, listens at {aws.endpoint_url}")
            parameters = (
                create_load_balancer(aws) if options.example == "cloudformation_template" else {}
            )
            stacks = deploy(aws, assembly, parameters, story, events=options.events)
            demo = Demo(stacks, story)
            demo.compare_names()
            command = EXAMPLES / options.example / "add_customer.py"
            if command.exists():
                demo.add_customer(command)
            demo.connect()


if __name__ == "__main__":
    main(sys.argv[1:])
