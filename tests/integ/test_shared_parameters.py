"""The parameters of a service are shared with another account, and no longer shared."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from botocore.exceptions import ClientError

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.integ.templates import add_vpc, create_stack, to_template
from tests.integ.waiting import wait_until
from tests.local_aws.accounts import Account

NAME = "/cdk-privatelink-integ/endpoint-service"


def template_for(share_with: Sequence[str]) -> str:
    stack = create_stack()
    vpc = add_vpc(stack, max_azs=1)
    service = PrivateLinkEndpointService(
        stack,
        "Service",
        load_balancers=LoadBalancers.network(elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)),
    )
    service.publish("Consumers", parameter_name=NAME, share_with=share_with)
    return to_template(stack)


def read_tier(aws: Account) -> str:
    filters = [{"Key": "Name", "Values": [NAME]}]
    (parameter,) = aws.client("ssm").describe_parameters(ParameterFilters=filters)["Parameters"]
    return str(parameter["Tier"])


def can_read(account: Account, arn: str) -> bool:
    try:
        return bool(account.client("ssm").get_parameters(Names=[arn])["Parameters"])
    except ClientError as error:
        if "AccessDeniedException" not in f"{error}":
            raise
        return False


@pytest.mark.claim("parameter-stays-advanced", "parameters-shared")
def test_parameters_that_are_no_longer_shared_stay_advanced(
    aws: Account, consumer_account: Account
) -> None:
    arn = f"arn:aws:ssm:{aws.region}:{aws.id}:parameter{NAME}"
    # GIVEN parameters that are shared
    aws.put_stack("Published", template_for([consumer_account.id]))
    assert read_tier(aws) == "Advanced"
    wait_until(lambda: can_read(consumer_account, arn))
    # WHEN they are no longer shared
    aws.put_stack("Published", template_for([]))
    # THEN the update succeeds, and only the provider can read them
    assert read_tier(aws) == "Advanced"
    assert can_read(aws, arn)
    wait_until(lambda: not can_read(consumer_account, arn))
