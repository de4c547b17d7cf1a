"""The contract with users: exported names, construct ids, defaults. Changes are breaking."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, CfnResource, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

import cdk_privatelink
from cdk_privatelink import (
    ConnectionEvent,
    FlowHandling,
    FlowStickiness,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    MetricOptions,
    PayerResponsibility,
    PrivateDns,
    PrivateLinkEndpointService,
    ServiceNameSource,
    TransitGatewayInspection,
    assertions,
)
from tests.unit.templates import NOTIFICATION, make_service, resources_of, template_of

# A union of types has no docstring of its own.
NAMES = [
    name for name in cdk_privatelink.__all__ if name not in ("AllowedPrincipal", "SharePrincipal")
]
# Users call the `__init__` of these classes.
CONSTRUCTED = (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    PrivateDns,
    PrivateLinkEndpointService,
    TransitGatewayInspection,
)
PUBLIC = [getattr(cdk_privatelink, name) for name in NAMES]
PUBLIC += [getattr(assertions, name) for name in assertions.__all__]
NAMES += assertions.__all__


def test_the_package_exports_these_names_only() -> None:
    assert cdk_privatelink.__all__ == [
        "AllowedPrincipal",
        "ConnectionEvent",
        "ConnectionManager",
        "ConnectionRule",
        "FlowHandling",
        "FlowStickiness",
        "GatewayLoadBalancer",
        "GatewayLoadBalancerEndpoints",
        "IGatewayLoadBalancer",
        "IGatewayLoadBalancerEndpoints",
        "IPrivateLinkEndpointService",
        "IPublishedEndpointService",
        "InterfaceEndpoint",
        "LoadBalancers",
        "MetricOptions",
        "PayerResponsibility",
        "PrivateDns",
        "PrivateLinkEndpointService",
        "PrivateLinkError",
        "PrivateLinkTypeError",
        "PrivateLinkValueError",
        "ServiceNameSource",
        "SharePrincipal",
        "TransitGatewayInspection",
    ]
    # The package has no other public name, except for its modules.
    package = Path(cdk_privatelink.__file__).parent
    modules = {"errors", *(path.name for path in package.iterdir() if path.is_dir())}
    names = {name for name in vars(cdk_privatelink) if not name.startswith("_")}
    assert names - modules == set(cdk_privatelink.__all__)


def test_logical_ids_of_providers_are_pinned(stack: Stack) -> None:
    """A changed id replaces a live service, and a changed function fails to deploy."""
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    service = make_service(
        stack,
        allowed_principals=[iam.AccountPrincipal("111122223333")],
        private_dns=PrivateDns("payments.example.com", hosted_zone=zone),
    )
    service.add_connection_notification(sns.Topic(stack, "Topic"))
    service.add_connection_notification(sns.Topic(Stack(App.of(stack), "Other"), "Topic"))
    service.add_rst_packets_sent_alarms("Alarm", threshold=1, availability_zones=["eu-west-1a"])
    resources = template_of(stack)["Resources"]
    assert {key: resource["Type"] for key, resource in resources.items()} == {
        "Payments130453D3": "AWS::EC2::VPCEndpointService",
        "PaymentsNotificationAcrossStacksOtherTopic391C963C": NOTIFICATION,
        "PaymentsNotificationTopicD472FDCC": NOTIFICATION,
        "PaymentsRstPacketsSentAlarmsAlarmAlarm169EBEC52": "AWS::CloudWatch::Alarm",
        "PaymentsCustomResourcePolicyCB92B591": "AWS::IAM::Policy",
        "PaymentsPermissionsF79ED177": "AWS::EC2::VPCEndpointServicePermissions",
        "PaymentsPrivateDnsRecord303970E2": "AWS::Route53::RecordSet",
        "PaymentsPrivateDnsVerificationCB328E9B": "Custom::PrivateLinkPrivateDnsVerification",
        "PaymentsServiceName33A27103": "Custom::PrivateLinkServiceName",
        "PrivateLinkCustomResourcesFunction17E1402B": "AWS::Lambda::Function",
        "PrivateLinkCustomResourcesLogGroup5D7125FD": "AWS::Logs::LogGroup",
        "PrivateLinkCustomResourcesRoleFE8CF8BD": "AWS::IAM::Role",
        "TopicBFC7AF6E": "AWS::SNS::Topic",
        "TopicPolicyA1747468": "AWS::SNS::TopicPolicy",
    }


def test_logical_ids_of_published_services_are_pinned(stack: Stack) -> None:
    """A changed id of a parameter fails to deploy, because its name is in use."""
    service = make_service(stack, private_dns=PrivateDns("payments.example.com"))
    service.publish(
        "Customers", parameter_name="/payments/endpoint-service", share_with=["444455556666"]
    )
    resources = template_of(stack)["Resources"]
    assert {
        key: each["Type"] for key, each in resources.items() if key.startswith("PaymentsPublished")
    } == {
        "PaymentsPublishedCustomersAllowedRegions69A80095": "AWS::SSM::Parameter",
        "PaymentsPublishedCustomersAvailabilityZoneIds7BEF3844": "AWS::SSM::Parameter",
        "PaymentsPublishedCustomersPrivateDnsName35DB436D": "AWS::SSM::Parameter",
        "PaymentsPublishedCustomersServiceName9128AD9E": "AWS::SSM::Parameter",
        "PaymentsPublishedCustomersShareDFF52EE4": "AWS::RAM::ResourceShare",
    }


def test_logical_ids_of_template_parameters_are_pinned(stack: Stack) -> None:
    imported = PrivateLinkEndpointService.from_parameter(
        stack, "Payments", "/payments/endpoint-service"
    )
    CfnOutput(stack, "Name", value=imported.service_name)
    CfnOutput(stack, "Zones", value=Fn.join(",", imported.availability_zone_ids))
    ec2.CfnVPC(stack, "Vpc", cidr_block="10.0.0.0/16")
    parameters = template_of(stack)["Parameters"]
    assert [key for key in parameters if key != "BootstrapVersion"] == [
        "PrivateLinkParameterspaymentsendpointserviceBFFAE33D",
        "PrivateLinkParameterspaymentsendpointserviceavailabilityzoneidsE5A835F5",
    ]


def test_the_signature_of_publish_is_pinned() -> None:
    parameters = inspect.signature(PrivateLinkEndpointService.publish).parameters
    assert list(parameters) == ["self", "id", "parameter_name", "share_with"]
    assert parameters["parameter_name"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["share_with"].default is None


def test_logical_ids_of_consumers_are_pinned(stack: Stack) -> None:
    """A changed id replaces an endpoint and its addresses, and a changed route fails to deploy."""
    configuration = [
        ec2.SubnetConfiguration(name=name, subnet_type=kind)
        for name, kind in (
            ("Gate", ec2.SubnetType.PUBLIC),
            ("Application", ec2.SubnetType.PRIVATE_ISOLATED),
        )
    ]
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        max_azs=1,
        vpn_gateway=True,
        vpn_route_propagation=[ec2.SubnetSelection(subnet_group_name="Gate")],
        ip_protocol=ec2.IpProtocol.DUAL_STACK,
        subnet_configuration=configuration,
    )
    beside = set(vpc.node.find_all())
    gate, application = (ec2.SubnetSelection(subnet_group_name=each.name) for each in configuration)
    gateway = GatewayLoadBalancer(
        stack, "Gateway", vpc=vpc, ip_address_type=elbv2.IpAddressType.DUAL_STACK
    )
    endpoints = GatewayLoadBalancerEndpoints(
        stack,
        "Inspection",
        vpc=vpc,
        service=make_service(
            stack, load_balancers=LoadBalancers.gateway(gateway), acceptance_required=False
        ),
        subnets=gate,
        ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK,
    )
    for block in ("0.0.0.0/0", "::/0", CfnParameter(stack, "Block").value_as_string):
        endpoints.add_routes(subnets=application, destination=block)
    for return_path in (vpc.vpn_gateway_id, "igw-0123456789abcdef0", Fn.import_value("Gateway")):
        endpoints.add_routes(
            subnets=application, destination="172.16.0.0/12", return_path=return_path
        )
    name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
    InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=name)
    template = template_of(stack)
    theirs = {stack.get_logical_id(each) for each in beside if isinstance(each, CfnResource)}
    association = "EC2::GatewayRouteTableAssociation"
    assert {
        key: resource["Type"].removeprefix("AWS::")
        for key, resource in template["Resources"].items()
        if key not in theirs and not key.startswith("P")
    } == {
        "EndpointEEF1FD8F": "EC2::VPCEndpoint",
        "EndpointSecurityGroup3A4D971B": "EC2::SecurityGroup",
        "Gateway43CB3636": "ElasticLoadBalancingV2::LoadBalancer",
        "GatewayListener403AACBE": "ElasticLoadBalancingV2::Listener",
        "GatewayTargets6382C086": "ElasticLoadBalancingV2::TargetGroup",
        "InspectionEndpointGateSubnet1351E3200": "EC2::VPCEndpoint",
        "InspectionRoutesApplicationSubnet1to00000EC142F87": "EC2::Route",
        "InspectionRoutesApplicationSubnet1to0B432DCE3": "EC2::Route",
        "InspectionRoutesApplicationSubnet1to172160012BECA274D": "EC2::Route",
        "InspectionRoutesApplicationSubnet1toDestination0a4a547d4CCAD435": "EC2::Route",
        "InspectionRoutesGatewaydd93f903toApplicationSubnet1A325DDE7": "EC2::Route",
        "InspectionRoutesInternetGatewaytoApplicationSubnet13ABD639B": "EC2::Route",
        "InspectionRoutesInternetGatewaytoApplicationSubnet1Ipv650A041F8": "EC2::Route",
        "InspectionRoutesVpnGatewaytoApplicationSubnet110379F4F": "EC2::Route",
        "InspectionRoutesigw0123456789abcdef0toApplicationSubnet1E4149646": "EC2::Route",
        "VpcPrivateLinkRouteTableGatewaydd93f9030269C321": "EC2::RouteTable",
        "VpcPrivateLinkRouteTableGatewaydd93f903Association42C4C769": association,
        "VpcPrivateLinkRouteTableInternetGatewayAssociation2E14C8D7": association,
        "VpcPrivateLinkRouteTableInternetGatewayC9B0E280": "EC2::RouteTable",
        "VpcPrivateLinkRouteTableVpnGateway77728E8B": "EC2::RouteTable",
        "VpcPrivateLinkRouteTableVpnGatewayAssociationAEE0CEB3": association,
        "VpcPrivateLinkRouteTableigw0123456789abcdef019F206FE": "EC2::RouteTable",
        "VpcPrivateLinkRouteTableigw0123456789abcdef0AssociationA660EECC": association,
    }
    assert list(template["Conditions"]) == ["PrivateLinkIsIneuwest1"]


def test_settings_of_the_function_are_pinned(stack: Stack) -> None:
    """The function that all services of a stack share keeps its settings in upgrades."""
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    make_service(stack, private_dns=PrivateDns("payments.example.com", hosted_zone=zone))
    functions = resources_of(stack, "AWS::Lambda::Function").values()
    found = [
        [each["Properties"][name] for name in ("Handler", "Runtime", "MemorySize", "Timeout")]
        for each in functions
    ]
    assert found == [
        ["index.handler", "python3.13", 256, 900],
    ]


def test_logical_ids_do_not_depend_on_the_order_of_construction() -> None:
    app = App()
    one, other = Stack(app, "One"), Stack(app, "Other")
    for where, ids in ((one, ("First", "Second")), (other, ("Second", "First"))):
        for service_id in ids:
            make_service(where, service_id)
    assert set(template_of(one)["Resources"]) == set(template_of(other)["Resources"])


@pytest.mark.parametrize("id", ["Resource", "Default"])
def test_ids_with_a_special_meaning_in_the_cdk_are_accepted(stack: Stack, id: str) -> None:
    make_service(stack, id)
    kinds = [resource["Type"] for resource in template_of(stack)["Resources"].values()]
    assert kinds.count("AWS::EC2::VPCEndpointService") == 1


def test_the_defaults_of_the_service_are_pinned() -> None:
    signature = inspect.signature(PrivateLinkEndpointService.__init__)
    assert {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    } == {
        "load_balancers": inspect.Parameter.empty,
        "allowed_principals": None,
        "allowed_regions": None,
        "acceptance_required": True,
        "private_dns": None,
        "supported_ip_address_types": None,
        "payer_responsibility": None,
        "contributor_insights": None,
        "service_name_source": ServiceNameSource.LOOKUP,
        "follow_availability_zones": False,
    }


@pytest.mark.parametrize(
    ("public", "expected"),
    [
        (
            InterfaceEndpoint,
            {
                "vpc": inspect.Parameter.empty,
                "service": inspect.Parameter.empty,
                "ports": None,
                "private_dns_enabled": None,
                "subnets": None,
                "security_groups": None,
                "open": True,
                "ip_address_type": None,
                "dns_record_ip_type": None,
                "lookup_supported_azs": False,
                "service_region": None,
                "auto_accept": False,
            },
        ),
        (
            GatewayLoadBalancerEndpoints,
            {
                "vpc": inspect.Parameter.empty,
                "service": inspect.Parameter.empty,
                "subnets": None,
                "ip_address_type": None,
                "auto_accept": False,
            },
        ),
        (
            GatewayLoadBalancer,
            {
                "vpc": inspect.Parameter.empty,
                "vpc_subnets": None,
                "targets": None,
                "target_type": None,
                "health_check": None,
                "cross_zone_enabled": False,
                "flow_stickiness": FlowStickiness.FIVE_TUPLE,
                "flow_handling": None,
                "tcp_idle_timeout": None,
                "deregistration_delay": None,
                "deletion_protection": None,
                "ip_address_type": elbv2.IpAddressType.IPV4,
            },
        ),
        (
            TransitGatewayInspection,
            dict.fromkeys(
                (
                    "transit_gateway_id",
                    "endpoints",
                    "attachment_subnets",
                    "nat_subnets",
                    "spoke_cidrs",
                ),
                inspect.Parameter.empty,
            ),
        ),
    ],
)
def test_the_defaults_of_other_constructs_are_pinned(
    public: type, expected: dict[str, Any]
) -> None:
    parameters = inspect.signature(public.__init__).parameters  # type: ignore[misc]
    assert list(parameters)[:3] == ["self", "scope", "id"]
    assert {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    } == expected


def test_the_signature_of_add_routes_is_pinned() -> None:
    parameters = inspect.signature(GatewayLoadBalancerEndpoints.add_routes).parameters
    assert list(parameters) == ["self", "subnets", "destination", "return_path"]
    assert parameters["return_path"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["return_path"].default is None


def test_the_assertions_export_these_names_with_these_arguments() -> None:
    assert assertions.__all__ == ["Hop", "PrivateLinkAssertionError", "Routes"]
    assert assertions.Hop._fields == ("type", "path", "subnet", "route_table", "route")
    common = {"source": inspect.Parameter.empty, "destination": inspect.Parameter.empty}
    expected: dict[str, dict[str, Any]] = {
        "trace": {**common, "ipv6": False, "availability_zone": None},
        "trace_return": {**common, "ipv6": False, "availability_zone": None},
        "assert_inspected": {**common, "ipv6": False},
    }
    for name, defaults in expected.items():
        parameters = inspect.signature(getattr(assertions.Routes, name)).parameters
        assert {
            each.name: each.default
            for each in parameters.values()
            if each.kind is inspect.Parameter.KEYWORD_ONLY
        } == defaults


@pytest.mark.parametrize("public", PUBLIC, ids=NAMES)
def test_docstrings_are_complete(public: type) -> None:
    assert public.__doc__
    for name, member in vars(public).items():
        if name.startswith("_") and (name != "__init__" or public not in CONSTRUCTED):
            continue
        if isinstance(member, (classmethod, property, staticmethod)) or inspect.isfunction(member):
            function: Any = getattr(member, "fget", None) or getattr(member, "__func__", member)
            doc = inspect.getdoc(function) or ""
            assert doc.splitlines()[0].endswith("."), f"{public.__name__}.{name}"
            parameters = [*inspect.signature(function).parameters]
            if not isinstance(member, staticmethod):
                del parameters[0]
            undocumented = [p for p in parameters if f":param {p}:" not in doc]
            assert undocumented == [], f"{public.__name__}.{name}"


@pytest.mark.parametrize(
    "public",
    [
        ConnectionEvent,
        FlowHandling,
        FlowStickiness,
        MetricOptions,
        PayerResponsibility,
        ServiceNameSource,
    ],
)
def test_every_field_and_member_is_documented(public: type) -> None:
    cls = ast.parse(inspect.getsource(public)).body[0]
    assert isinstance(cls, ast.ClassDef)
    documented = [
        isinstance(after, ast.Expr)
        for before, after in itertools.pairwise([*cls.body, None])
        if isinstance(before, (ast.Assign, ast.AnnAssign))
    ]
    assert documented
    assert all(documented)


def test_the_ids_of_warnings_are_pinned() -> None:
    """Acknowledged warnings stay acknowledged."""
    sources = Path(cdk_privatelink.__file__).parent.rglob("*.py")
    ids = {
        found
        for path in sources
        for found in re.findall(r'"(cdk-privatelink:[a-z]+[A-Z]\w+)"', path.read_text())
    }
    assert ids == {
        "cdk-privatelink:accountNotAllowed",
        "cdk-privatelink:egressOnlyGatewayDropsTraffic",
        "cdk-privatelink:spokeWithIpv6",
        "cdk-privatelink:attachmentWithoutApplianceMode",
        "cdk-privatelink:natGatewayNotInEachZone",
        "cdk-privatelink:natGatewayOutsideOfNatSubnets",
        "cdk-privatelink:loadBalancerNotRetained",
        "cdk-privatelink:managerWithoutAcceptance",
        "cdk-privatelink:noEgressRule",
        "cdk-privatelink:noIngressRule",
        "cdk-privatelink:noMetricsAcrossRegions",
        "cdk-privatelink:openToEveryone",
        "cdk-privatelink:otherRegionsNotSupported",
        "cdk-privatelink:overlappingVpcs",
        "cdk-privatelink:portWithoutListener",
        "cdk-privatelink:privateDnsNeedsAcceptance",
        "cdk-privatelink:routesNeedAcceptance",
        "cdk-privatelink:ruleWithoutPrincipal",
        "cdk-privatelink:serviceOwnerPays",
        "cdk-privatelink:stickinessInApplianceMode",
        "cdk-privatelink:tableWithoutEveryone",
        "cdk-privatelink:tooFewAddresses",
        "cdk-privatelink:topicMayBeUnreachable",
    }
