"""The load balancers of a service are replaced."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from aws_cdk import CfnOutput
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.integ.requests import request_connection, state_of
from tests.integ.templates import add_vpc, create_stack, to_template
from tests.local_aws.accounts import Account
from tests.local_aws.cdk_cli import DeploymentError


def template_with(names: Sequence[str]) -> str:
    """Return the template of a service with some of two load balancers."""
    stack = create_stack()
    vpc = add_vpc(stack, max_azs=2)
    balancers = {
        name: elbv2.NetworkLoadBalancer(stack, name, vpc=vpc) for name in ("Blue", "Green")
    }
    service = PrivateLinkEndpointService(
        stack,
        "Service",
        load_balancers=LoadBalancers.network(*(balancers[name] for name in names)),
        allowed_principals=[iam.AccountRootPrincipal()],
        acceptance_required=False,
    )
    CfnOutput(stack, "Id", value=service.service_id)
    CfnOutput(stack, "Name", value=service.service_name)
    return to_template(stack)


def put(aws: Account, *names: str) -> dict[str, str]:
    return aws.put_stack("Replaced", template_with(names))


def count_load_balancers(aws: Account, service_id: str) -> int:
    (service,) = aws.client("ec2").describe_vpc_endpoint_service_configurations(
        ServiceIds=[service_id]
    )["ServiceConfigurations"]
    return len(service["NetworkLoadBalancerArns"])


@pytest.mark.claim("load-balancer-replaced")
def test_load_balancers_are_replaced_without_connections(aws: Account) -> None:
    before = put(aws, "Blue")
    assert put(aws, "Blue", "Green") == before
    assert count_load_balancers(aws, before["Id"]) == 2
    assert put(aws, "Green") == before
    assert count_load_balancers(aws, before["Id"]) == 1


@pytest.mark.claim("connected-load-balancer-stays")
def test_a_load_balancer_is_added_and_not_removed_while_an_endpoint_is_connected(
    aws: Account,
) -> None:
    # GIVEN the service of the test above, and a connection
    before = aws.outputs("Replaced")
    endpoint_id = request_connection(aws, before["Name"])
    # WHEN it gets another load balancer
    assert put(aws, "Blue", "Green") == before
    assert state_of(aws, endpoint_id) == "available"
    if not aws.forwards_packets:
        pytest.skip("the local AWS removes load balancers of connected services")
    # THEN none can be removed
    with pytest.raises(DeploymentError, match=r"(?i)existing|active|in use"):
        put(aws, "Blue")
    assert count_load_balancers(aws, before["Id"]) == 2
    assert state_of(aws, endpoint_id) == "available"
