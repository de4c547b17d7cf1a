"""A load balancer gets another Availability Zone, and its service follows or does not."""

from __future__ import annotations

import pytest
from aws_cdk import CfnOutput, Fn
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.integ.templates import create_stack, to_template
from tests.local_aws.accounts import Account


def template_for(zones: int, follow: bool, other_region: str) -> str:
    """Return the template of a stack whose load balancer is in some zones of its VPC."""
    stack = create_stack()
    isolated = ec2.SubnetConfiguration(name="App", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    # AWS supports other Regions for services in two or more zones.
    names = [Fn.select(number, Fn.get_azs()) for number in range(3)]
    vpc = ec2.Vpc(stack, "Vpc", availability_zones=names, subnet_configuration=[isolated])
    subnets = ec2.SubnetSelection(subnets=vpc.isolated_subnets[:zones])
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc, vpc_subnets=subnets)
    service = PrivateLinkEndpointService(
        stack,
        "Payments",
        load_balancers=LoadBalancers.network(nlb),
        follow_availability_zones=follow,
        allowed_regions=[other_region],
    )
    CfnOutput(stack, "Id", value=service.service_id)
    CfnOutput(stack, "Zones", value=Fn.join(",", service.availability_zones))
    CfnOutput(stack, "ZonesOfVpc", value=Fn.join(",", vpc.availability_zones))
    return to_template(stack)


@pytest.mark.parametrize(
    "follow",
    [pytest.param(True, marks=pytest.mark.claim("zone-added", "allow-multi-region")), False],
)
def test_a_new_zone_reaches_the_service_only_if_it_follows(aws: Account, follow: bool) -> None:
    name = f"Following{follow}"

    def put(zones: int) -> tuple[list[str], list[str]]:
        """Return the zones of the service in EC2, and those of the lookup."""
        outputs = aws.put_stack(name, template_for(zones, follow, aws.other_region))
        found = aws.client("ec2").describe_vpc_endpoint_service_configurations(
            ServiceIds=[outputs["Id"]]
        )
        zones_in_ec2 = found["ServiceConfigurations"][0]["AvailabilityZones"]
        return sorted(zones_in_ec2), sorted(outputs["Zones"].split(","))

    # GIVEN a service in two zones
    before = put(2)
    all_zones = aws.outputs(name)["ZonesOfVpc"].split(",")
    assert before == (all_zones[:2], all_zones[:2])
    # WHEN its load balancer gets another zone
    # THEN the service is available there, and the stack knows it
    assert put(3) == ((all_zones, all_zones) if follow else before)
