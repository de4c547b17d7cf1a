"""The CDK accepts defined and imported endpoint services wherever it accepts its own."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Template

from cdk_privatelink import IPrivateLinkEndpointService, PrivateLinkEndpointService
from tests.unit.templates import PERMISSIONS, make_service, only

EXISTING = "vpce-svc-0123456789abcdef0"


@pytest.fixture(params=["defined", "imported"])
def service(request: pytest.FixtureRequest, stack: Stack) -> IPrivateLinkEndpointService:
    # Their ids differ: route53.VpcEndpointServiceDomainName remembers the services of all apps.
    if request.param == "defined":
        return make_service(stack)
    return PrivateLinkEndpointService.from_service_id(stack, "Existing", EXISTING)


def id_of(service: IPrivateLinkEndpointService) -> Any:
    return Stack.of(service).resolve(service.service_id)


def test_the_domain_name_of_route53_accepts_a_service(
    stack: Stack, service: IPrivateLinkEndpointService
) -> None:
    zone = route53.PublicHostedZone(stack, "Zone", zone_name="example.com")
    route53.VpcEndpointServiceDomainName(
        stack,
        "DomainName",
        endpoint_service=service,
        domain_name="payments.example.com",
        public_hosted_zone=zone,
    )
    # Not linted: the CDK defines these custom resources.
    calls = Template.from_stack(stack).find_resources("Custom::AWS").values()
    creations = [call["Properties"].get("Create", {}) for call in calls]
    service_id = id_of(service)
    if isinstance(service_id, str):
        assert [service_id in str(creation) for creation in creations] == [True] * 3
    else:
        assert [service_id in creation["Fn::Join"][1] for creation in creations] == [True] * 3


def test_an_l1_accepts_a_service(stack: Stack, service: IPrivateLinkEndpointService) -> None:
    ec2.CfnVPCEndpointServicePermissions(
        stack, "Permissions", service_id=service, allowed_principals=["*"]
    )
    assert only(stack, PERMISSIONS)["Properties"]["ServiceId"] == id_of(service)


def test_a_service_implements_the_interface_of_the_cdk(
    service: IPrivateLinkEndpointService,
) -> None:
    def id_and_name(endpoint_service: ec2.IVpcEndpointService) -> tuple[str, str]:
        return endpoint_service.vpc_endpoint_service_id, endpoint_service.vpc_endpoint_service_name

    assert id_and_name(service) == (service.service_id, service.service_name)
    assert service.vpc_endpoint_service_ref.service_id == service.service_id


def test_a_vpc_adds_an_endpoint_of_the_cdk_to_a_service(
    stack: Stack, service: IPrivateLinkEndpointService
) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        vpc_cidr_block="10.0.0.0/16",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
    )
    vpc.add_interface_endpoint("Endpoint", service=service)
    endpoint = only(stack, "AWS::EC2::VPCEndpoint")["Properties"]
    assert endpoint["ServiceName"] == stack.resolve(service.service_name)
    assert endpoint["PrivateDnsEnabled"] is False
    (rule,) = only(stack, "AWS::EC2::SecurityGroup")["Properties"]["SecurityGroupIngress"]
    assert (rule["CidrIp"], rule["FromPort"], rule["ToPort"]) == ("10.0.0.0/16", 443, 443)


def test_an_iam_statement_accepts_the_arn_of_a_service(
    stack: Stack, service: IPrivateLinkEndpointService
) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    role.add_to_principal_policy(
        iam.PolicyStatement(
            actions=["ec2:AcceptVpcEndpointConnections"], resources=[service.service_arn]
        )
    )
    statement = only(stack, "AWS::IAM::Policy")["Properties"]["PolicyDocument"]["Statement"][0]
    assert statement["Resource"] == stack.resolve(service.service_arn)
