"""Two examples, deployed with all feature flags that `cdk init` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local_aws import LocalAws
from tests.recommended_flags import read_recommended_flags
from tools.assembly import synthesize

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("name", "endpoint_type"),
    [
        ("network_load_balancer", "Interface"),
        ("gateway_load_balancer_inspection", "GatewayLoadBalancer"),
    ],
)
def test_example_deploys_and_can_be_destroyed(
    name: str, endpoint_type: str, tmp_path: Path
) -> None:
    project, assembly = ROOT / "examples" / name, tmp_path
    # `test_every_example` synthesizes it with the CDK's own validation, too.
    synthesize(project, assembly, default_context=read_recommended_flags())
    with LocalAws() as aws:
        aws.bootstrap()
        aws.deploy(project, app=assembly)
        ec2 = aws.client("ec2")
        endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
        (service,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
        assert {each["VpcEndpointType"] for each in endpoints} == {endpoint_type}
        assert {each["ServiceName"] for each in endpoints} == {service["ServiceName"]}
        aws.destroy(project, app=assembly)
        assert ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"] == []
