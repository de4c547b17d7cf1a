"""The example `network_load_balancer`, deployed with the real CDK CLI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import LocalAws

EXAMPLE = Path(__file__).parents[2] / "examples" / "network_load_balancer"


@pytest.fixture(scope="module")
def outputs(local_aws: LocalAws) -> dict[str, str]:
    local_aws.deploy(EXAMPLE)
    return local_aws.outputs("PrivateLinkProvider")


@pytest.fixture(scope="module")
def service(local_aws: LocalAws, outputs: dict[str, str]) -> dict[str, Any]:
    described = local_aws.client("ec2").describe_vpc_endpoint_service_configurations()
    (service,) = described["ServiceConfigurations"]
    assert service["ServiceId"] == outputs["ServiceId"]
    return dict(service)


def test_the_name_in_the_outputs_is_the_services(
    service: dict[str, Any], outputs: dict[str, str]
) -> None:
    assert outputs["ServiceName"] == service["ServiceName"]


def test_the_service_stands_behind_the_internal_load_balancer(
    local_aws: LocalAws, service: dict[str, Any]
) -> None:
    (load_balancer,) = local_aws.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert (load_balancer["Type"], load_balancer["Scheme"]) == ("network", "internal")
    assert service["NetworkLoadBalancerArns"] == [load_balancer["LoadBalancerArn"]]
    assert "GatewayLoadBalancerArns" not in service
    assert service["AcceptanceRequired"] is True


def test_the_principals_may_connect(
    local_aws: LocalAws, service: dict[str, Any], outputs: dict[str, str]
) -> None:
    permissions = local_aws.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"]
    )["AllowedPrincipals"]
    assert [permission["Principal"] for permission in permissions] == [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::444455556666:role/Consumer",
    ]
    assert outputs["AllowedPrincipals"].split(",") == [each["Principal"] for each in permissions]


def test_nothing_leads_out_of_the_vpc(local_aws: LocalAws, outputs: dict[str, str]) -> None:
    assert outputs
    ec2 = local_aws.client("ec2")
    assert ec2.describe_internet_gateways()["InternetGateways"] == []
    assert ec2.describe_nat_gateways()["NatGateways"] == []


def test_the_look_up_ran_and_logged_to_its_own_group(
    local_aws: LocalAws, service: dict[str, Any]
) -> None:
    (log_group,) = local_aws.client("logs").describe_log_groups()["logGroups"]
    assert log_group["retentionInDays"] == 30
    log = "\n".join(local_aws.logs(log_group["logGroupName"]))
    assert f"{service['ServiceId']} is named {service['ServiceName']}" in log
    assert "http" not in log
