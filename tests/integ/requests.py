"""Requests of consumers, each in a stack with a VPC of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnOutput

from cdk_privatelink import InterfaceEndpoint
from tests.integ.run import OUTSIDE_TAG
from tests.integ.templates import add_vpc, create_stack, to_template
from tests.integ.waiting import wait_until
from tests.local_aws.accounts import Account


def request_connection(account: Account, service_name: str, *, name: str = "Request") -> str:
    """Create an endpoint to a service in a stack, and return its id."""
    stack = create_stack()
    vpc = add_vpc(stack, max_azs=2)
    endpoint = InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=service_name)
    CfnOutput(stack, "EndpointId", value=endpoint.vpc_endpoint_id)
    return account.put_stack(name, to_template(stack))["EndpointId"]


def state_of(account: Account, endpoint_id: str) -> str:
    """Return the state of an endpoint, as its owner sees it."""
    response = account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    return str(response["VpcEndpoints"][0]["State"])


def connection_states(account: Account, service_id: str) -> dict[str, str]:
    """Return the states of the connections to a service, by endpoint."""
    filters = [{"Name": "service-id", "Values": [service_id]}]
    response = account.client("ec2").describe_vpc_endpoint_connections(Filters=filters)
    return {
        each["VpcEndpointId"]: each["VpcEndpointState"]
        for each in response["VpcEndpointConnections"]
    }


def tags_of(account: Account, kind: str) -> dict[str, Any]:
    """Return the argument of EC2 that tags a resource outside of stacks."""
    if not account.tags:
        return {}
    values = account.tags | {OUTSIDE_TAG: ""}
    tags = [{"Key": key, "Value": value} for key, value in values.items()]
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]}


def delete_vpc(ec2: Any, vpc_id: str, endpoint_ids: Sequence[str]) -> None:
    """Delete a VPC with its endpoints."""
    if endpoint_ids:
        ec2.delete_vpc_endpoints(VpcEndpointIds=list(endpoint_ids))
        wait_until(lambda: not _endpoints_in(ec2, vpc_id))
    ec2.delete_vpc(VpcId=vpc_id)


def _endpoints_in(ec2: Any, vpc_id: str) -> list[str]:
    pages = ec2.get_paginator("describe_vpc_endpoints").paginate()
    return [
        each["VpcEndpointId"]
        for page in pages
        for each in page["VpcEndpoints"]
        if each["VpcId"] == vpc_id
    ]
