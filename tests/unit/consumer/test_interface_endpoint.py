"""Interface endpoints: resources, services, Regions, private DNS and dependencies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, Aws, CfnParameter, Environment, Fn, NestedStack, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_privatelink import (
    InterfaceEndpoint,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
    ServiceNameSource,
)
from tests.unit.networks import (
    ACCOUNT,
    ENDPOINT,
    GROUP,
    IRELAND,
    NAME,
    VIRGINIA,
    catch_error,
    existing_vpc,
    find_unlinted,
    ids,
    resolve_reference,
    vpc_of,
)
from tests.unit.templates import (
    EMPTY,
    GATEWAY_ARN,
    NETWORK_ARN,
    make_service,
    only,
    resources_of,
    template_of,
)

INGRESS = "AWS::EC2::SecurityGroupIngress"
ALLOWED = [iam.AccountPrincipal(ACCOUNT)]
IPV4, IPV6 = ec2.VpcEndpointIpAddressType.IPV4, ec2.VpcEndpointIpAddressType.IPV6


def connect(stack: Stack, id: str = "Endpoint", **options: Any) -> InterfaceEndpoint:
    """Create an endpoint. Default: in an imported VPC, to an existing service."""
    options.setdefault("service", NAME)
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack, f"{id}Vpc")
    return InterfaceEndpoint(stack, id, **options)


def property_of(stack: Stack, name: str, **options: Any) -> Any:
    connect(stack, **options)
    return only(stack, ENDPOINT)["Properties"].get(name)


def get_error(stack: Stack, error_type: type[Exception], **options: Any) -> str:
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return catch_error(stack, error_type, lambda: connect(stack, **options))


class TestResources:
    def test_an_endpoint_has_a_security_group_for_the_vpc_by_default(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        connect(stack)
        assert only(stack, ENDPOINT) == {
            "Type": ENDPOINT,
            "Properties": {
                "VpcEndpointType": "Interface",
                "VpcId": "vpc-0123456789abcdef0",
                "ServiceName": NAME,
                "PrivateDnsEnabled": False,
                "SecurityGroupIds": [{"Fn::GetAtt": ["EndpointSecurityGroup3A4D971B", "GroupId"]}],
                "SubnetIds": ids("subnet", 1, 2),
            },
        }
        assert only(stack, GROUP)["Properties"]["SecurityGroupIngress"] == [
            {
                "CidrIp": "10.0.0.0/16",
                "Description": "from 10.0.0.0/16:443",
                "FromPort": 443,
                "IpProtocol": "tcp",
                "ToPort": 443,
            }
        ]
        template = template_of(stack)
        assert len(template["Resources"]) == 2
        assert "Conditions" not in template

    def test_an_endpoint_is_an_interface_vpc_endpoint_of_the_cdk(self, stack: Stack) -> None:
        endpoint: ec2.IInterfaceVpcEndpoint = connect(stack)
        assert isinstance(endpoint, ec2.InterfaceVpcEndpoint)
        assert stack.resolve(endpoint.vpc_endpoint_id) == {"Ref": "EndpointEEF1FD8F"}

    def test_an_endpoint_can_be_in_selected_subnets(self, stack: Stack) -> None:
        isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        assert property_of(stack, "SubnetIds", subnets=isolated) == ids("subnet", 11, 2)

    def test_an_endpoint_has_one_subnet_per_zone_by_default(self, stack: Stack) -> None:
        # GIVEN two private subnets in one of the zones
        zones = ["eu-west-1a", "eu-west-1b", "eu-west-1a"]
        vpc = existing_vpc(
            stack, availability_zones=zones, private_subnet_ids=ids("subnet", 1, 3), zones=zones
        )
        # THEN the endpoint is in the first subnet of each zone
        assert property_of(stack, "SubnetIds", vpc=vpc) == ids("subnet", 1, 2)

    def test_an_endpoint_can_be_in_a_subnet_in_an_unknown_zone(self, stack: Stack) -> None:
        subnet = ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0123456789abcdef0")
        selection = ec2.SubnetSelection(subnets=[subnet])
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=existing_vpc(stack, "ProviderVpc"))
        service = make_service(stack, load_balancers=LoadBalancers.network(nlb))
        assert property_of(stack, "SubnetIds", subnets=selection, service=service) == [
            "subnet-0123456789abcdef0"
        ]

    def test_subnets_can_be_a_token_list(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Subnets", type="List<AWS::EC2::Subnet::Id>")
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            vpc_cidr_block="10.0.0.0/16",
            availability_zones=Fn.get_azs(),
            private_subnet_ids=parameter.value_as_list,
        )
        assert property_of(stack, "SubnetIds", vpc=vpc) == {"Ref": "Subnets"}

    def test_an_endpoint_is_in_public_subnets_of_a_vpc_without_private_subnets(
        self, stack: Stack
    ) -> None:
        vpc = vpc_of(stack, Public=ec2.SubnetType.PUBLIC)
        found = property_of(stack, "SubnetIds", vpc=vpc)
        assert resolve_reference(found) == ["VpcPublicSubnet1Subnet", "VpcPublicSubnet2Subnet"]

    def test_an_empty_selection_of_subnets_is_rejected(self, stack: Stack) -> None:
        nowhere = ec2.SubnetSelection(subnets=[])
        assert get_error(stack, PrivateLinkValueError, subnets=nowhere) == (
            "`subnets` must select subnets of the VPC, got `subnets=[]` for VPC "
            "`Stack/Vpc`; pass a selection that the VPC has  [Stack/Endpoint]"
        )

    def test_a_subnet_group_that_the_vpc_does_not_have_is_rejected(self, stack: Stack) -> None:
        unknown = ec2.SubnetSelection(subnet_group_name="Other")
        message = get_error(stack, PrivateLinkValueError, subnets=unknown)
        assert message.startswith(
            "`subnets` must select subnets of the VPC (There are no subnet groups with name "
        )
        assert "'Other' in this VPC" in message
        assert message.endswith(
            "), got `subnet_group_name=Other` for VPC `Stack/Vpc`; pass a selection that the VPC "
            "has  [Stack/Endpoint]"
        )

    def test_two_subnets_in_one_zone_are_rejected(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        both = ec2.SubnetSelection(subnets=[*vpc.private_subnets, *vpc.isolated_subnets])
        assert get_error(stack, PrivateLinkValueError, vpc=vpc, subnets=both) == (
            "`subnets` must have at most one subnet per Availability Zone, got "
            "`Stack/Vpc/PrivateSubnet1` and `Stack/Vpc/IsolatedSubnet1`; pass "
            "`one_per_az=True` to `ec2.SubnetSelection`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        ("option", "value", "name", "expected"),
        [
            (
                "dns_record_ip_type",
                ec2.VpcEndpointDnsRecordIpType.SERVICE_DEFINED,
                "DnsOptions",
                {"DnsRecordIpType": "service-defined"},
            ),
        ],
    )
    def test_the_dns_record_ip_type_is_in_the_template(
        self, stack: Stack, option: str, value: Any, name: str, expected: Any
    ) -> None:
        assert property_of(stack, name, **{option: value}) == expected

    @pytest.mark.parametrize(
        ("kind", "expected_type", "families"),
        [
            (ec2.VpcEndpointIpAddressType.IPV4, "ipv4", ["CidrIp"]),
            (ec2.VpcEndpointIpAddressType.DUALSTACK, "dualstack", ["CidrIp", "CidrIpv6"]),
            (IPV6, "ipv6", ["CidrIpv6"]),
        ],
    )
    def test_the_security_group_admits_the_cidr_blocks_of_the_ip_address_type(
        self, stack: Stack, kind: Any, expected_type: str, families: list[str]
    ) -> None:
        vpc = ec2.Vpc(stack, "DualStack", ip_protocol=ec2.IpProtocol.DUAL_STACK)
        InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=NAME, ip_address_type=kind)
        assert only(stack, ENDPOINT)["Properties"]["IpAddressType"] == expected_type
        # The rule for a token CIDR block is a separate resource.
        rules = only(stack, GROUP)["Properties"].get("SecurityGroupIngress", [])
        rules += [
            each["Properties"]
            for each in resources_of(stack, "AWS::EC2::SecurityGroupIngress").values()
        ]
        found = [name for rule in rules for name in ("CidrIp", "CidrIpv6") if name in rule]
        assert sorted(found) == families

    @pytest.mark.parametrize("kind", [ec2.VpcEndpointIpAddressType.DUALSTACK, IPV6])
    def test_an_open_endpoint_in_a_vpc_without_a_known_ipv6_cidr_block_is_rejected(
        self, stack: Stack, kind: Any
    ) -> None:
        vpc = vpc_of(stack, "Ipv4", Application=ec2.SubnetType.PRIVATE_ISOLATED)
        options: dict[str, Any] = {"vpc": vpc, "service": NAME, "ip_address_type": kind}
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: InterfaceEndpoint(stack, "Endpoint", **options),
        ) == (
            "`vpc` must have a known IPv6 CIDR block, which the security group admits, got "
            "`Stack/Ipv4`; pass a dual-stack VPC of the same app, or pass `open=False` and "
            "add the rules of the security group yourself  [Stack/Endpoint]"
        )
        # With `open=False`, no CIDR block is required.
        InterfaceEndpoint(stack, "Guarded", **options, open=False)

    def test_the_vpc_can_be_in_another_stack(self) -> None:
        # GIVEN a VPC with a literal CIDR block
        app = App()
        network, stack = Stack(app, "Network"), Stack(app, "Stack")
        vpc = vpc_of(network)
        # THEN the stack imports the VPC id, but not the literal CIDR block
        connect(stack, vpc=vpc)
        (ingress,) = only(stack, GROUP)["Properties"]["SecurityGroupIngress"]
        assert ingress["CidrIp"] == "10.0.0.0/16"
        properties = only(stack, ENDPOINT)["Properties"]
        assert resolve_reference(properties["VpcId"]).startswith("Network:ExportsOutputRefVpc")
        assert stack.dependencies == [network]


class TestSecurityGroups:
    def test_the_security_group_admits_the_port(self, stack: Stack) -> None:
        connect(stack, ports=[8443])
        (ingress,) = only(stack, GROUP)["Properties"]["SecurityGroupIngress"]
        assert (ingress["FromPort"], ingress["ToPort"]) == (8443, 8443)

    def test_the_port_can_be_a_token(self, stack: Stack) -> None:
        port = CfnParameter(stack, "Port", type="Number").value_as_number
        connect(stack, ports=[port])
        ingress = only(stack, INGRESS)["Properties"]
        assert (ingress["FromPort"], ingress["ToPort"]) == ({"Ref": "Port"}, {"Ref": "Port"})
        assert ingress["CidrIp"] == "10.0.0.0/16"

    def test_an_endpoint_that_is_not_open_has_no_rules(self, stack: Stack) -> None:
        connect(stack, open=False)
        assert "SecurityGroupIngress" not in only(stack, GROUP)["Properties"]

    def test_connections_can_be_allowed_later_on_the_default_port(self, stack: Stack) -> None:
        # WHEN a client is allowed later
        vpc = existing_vpc(stack)
        client = ec2.SecurityGroup(stack, "Client", vpc=vpc)
        endpoint = connect(stack, vpc=vpc, open=False, ports=[5432])
        endpoint.connections.allow_default_port_from(client, "Clients")
        # THEN it is allowed on the port of the endpoint
        ingress = only(stack, INGRESS)["Properties"]
        assert resolve_reference(ingress["SourceSecurityGroupId"]) == ["Client", "GroupId"]
        assert resolve_reference(ingress["GroupId"]) == ["EndpointSecurityGroup", "GroupId"]
        assert (ingress["FromPort"], ingress["ToPort"]) == (5432, 5432)

    def test_given_security_groups_are_used_and_opened(self, stack: Stack) -> None:
        # GIVEN a security group defined in the app, and an imported one
        vpc = existing_vpc(stack)
        own = ec2.SecurityGroup(stack, "Own", vpc=vpc)
        other = ec2.SecurityGroup.from_security_group_id(stack, "Other", "sg-0123456789abcdef0")
        connect(stack, vpc=vpc, security_groups=(own, other))
        # THEN the endpoint has both groups, and both have a rule
        found = only(stack, ENDPOINT)["Properties"]["SecurityGroupIds"]
        assert [resolve_reference(each) for each in found] == [
            ["Own", "GroupId"],
            "sg-0123456789abcdef0",
        ]
        assert only(stack, GROUP)["Properties"]["SecurityGroupIngress"][0]["FromPort"] == 443
        assert only(stack, INGRESS)["Properties"]["GroupId"] == "sg-0123456789abcdef0"

    def test_the_cidr_block_of_the_vpc_can_be_from_ipam(self, stack: Stack) -> None:
        pool = ec2.IpAddresses.aws_ipam_allocation(
            ipv4_ipam_pool_id="ipam-pool-0123456789abcdef0",
            ipv4_netmask_length=16,
            default_subnet_ipv4_netmask_length=24,
        )
        connect(stack, vpc=ec2.Vpc(stack, "Vpc", ip_addresses=pool))
        (ingress,) = only(stack, GROUP)["Properties"]["SecurityGroupIngress"]
        assert resolve_reference(ingress["CidrIp"]) == ["Vpc", "CidrBlock"]

    def test_an_open_endpoint_in_a_vpc_without_a_known_ipv4_cidr_block_is_rejected(
        self, stack: Stack
    ) -> None:
        vpc = existing_vpc(stack, vpc_cidr_block=None)
        message = get_error(stack, PrivateLinkValueError, vpc=vpc)
        assert message.startswith(
            "`vpc` must have a known IPv4 CIDR block, which the security group admits ("
        )
        assert "'vpcCidrBlock' was not supplied when creating this VPC" in message
        assert message.endswith(
            "), got `Stack/Vpc`; import the VPC with its `vpc_cidr_block`, or pass `open=False`"
            "  [Stack/Endpoint]"
        )
        # With `open=False`, no CIDR block is required.
        assert property_of(stack, "VpcId", vpc=vpc, open=False) == "vpc-0123456789abcdef0"

    def test_an_empty_list_of_security_groups_is_rejected(self, stack: Stack) -> None:
        assert get_error(stack, PrivateLinkValueError, security_groups=[]) == (
            "`security_groups` must not be empty, got `[]`; pass one element or more, or "
            "leave it out  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        "wrong",
        ["sg-1", Construct(Stack(), "A")],
    )
    def test_an_element_that_is_not_a_security_group_is_rejected(
        self, stack: Stack, wrong: Any
    ) -> None:
        assert get_error(stack, PrivateLinkTypeError, security_groups=[wrong]) == (
            f"`security_groups[0]` must be a security group, got `{wrong!r}`; pass security "
            "groups of `aws_ec2`, or leave it out for a new security group  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", ["sg-1", 1])
    def test_security_groups_that_are_not_a_list_are_rejected(
        self, stack: Stack, wrong: Any
    ) -> None:
        assert get_error(stack, PrivateLinkTypeError, security_groups=wrong) == (
            f"`security_groups` must be a list, got `{wrong!r}`; put the value into a list"
            "  [Stack/Endpoint]"
        )


class TestPolicy:
    def test_an_endpoint_has_no_policy_by_default(self, stack: Stack) -> None:
        assert property_of(stack, "PolicyDocument") is None

    def test_a_statement_is_rejected(self, stack: Stack) -> None:
        statement = iam.PolicyStatement(actions=["*"], resources=["*"])
        endpoint = connect(stack)
        assert catch_error(
            stack, PrivateLinkValueError, lambda: endpoint.add_to_policy(statement)
        ) == (
            "`add_to_policy` must not be called for an endpoint to an endpoint service, for which "
            "EC2 accepts full access only, got `{'Action': '*', 'Effect': 'Allow', 'Resource': "
            "'*'}`; restrict the access with security groups  [Stack/Endpoint]"
        )


class TestServices:
    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
    def test_the_service_can_be_in_the_same_stack(self, env: Environment | None) -> None:
        stack = Stack(App(), "Stack", env=env)
        connect(stack, service=make_service(stack))
        endpoint = only(stack, ENDPOINT)
        assert resolve_reference(endpoint["Properties"]["ServiceName"]) == [
            "PaymentsServiceName",
            "ServiceName",
        ]
        assert "ServiceRegion" not in endpoint["Properties"]
        # Without permissions, there is nothing to depend on.
        assert "DependsOn" not in endpoint

    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
    def test_the_service_can_be_in_another_stack(self, env: Environment | None) -> None:
        app = App()
        provider, stack = (Stack(app, name, env=env) for name in ("Provider", "Stack"))
        connect(stack, service=make_service(provider, allowed_principals=ALLOWED))
        endpoint = only(stack, ENDPOINT)
        assert resolve_reference(endpoint["Properties"]["ServiceName"]).startswith(
            "Provider:ExportsOutput"
        )
        assert "ServiceRegion" not in endpoint["Properties"]
        assert stack.dependencies == [provider]

    def test_the_service_can_be_in_the_parent_stack(self) -> None:
        outer = Stack(App(), "Outer")
        service = make_service(outer, allowed_principals=ALLOWED)
        inner = NestedStack(outer, "Inner")
        connect(inner, service=service)
        endpoint = only(inner, ENDPOINT)
        assert "ServiceRegion" not in endpoint["Properties"]
        (name,) = endpoint["Properties"]["ServiceName"].values()
        nested = only(outer, "AWS::CloudFormation::Stack")
        passed = nested["Properties"]["Parameters"][name]
        assert resolve_reference(passed) == ["PaymentsServiceName", "ServiceName"]
        # The whole nested stack depends on the permissions.
        assert "PaymentsPermissionsF79ED177" in nested["DependsOn"]

    def test_the_service_can_be_in_a_nested_stack(self) -> None:
        outer = Stack(App(), "Outer")
        service = make_service(NestedStack(outer, "Inner"), allowed_principals=ALLOWED)
        connect(outer, service=service)
        # The CDK adds the dependency on the nested stack twice, which cfn-lint rejects.
        (endpoint,) = find_unlinted(outer, ENDPOINT).values()
        ((nested, _),) = find_unlinted(outer, "AWS::CloudFormation::Stack").items()
        assert endpoint["Properties"]["ServiceName"]["Fn::GetAtt"][0] == nested
        assert endpoint["DependsOn"] == [nested]

    def test_the_service_can_be_in_another_region(self) -> None:
        app = App()
        provider, stack = (
            Stack(app, name, env=env, cross_region_references=True)
            for name, env in (("Provider", VIRGINIA), ("Stack", IRELAND))
        )
        connect(
            stack,
            service=make_service(
                provider,
                load_balancers=LoadBalancers.network(
                    f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/net/one/0123"
                ),
                allowed_regions=["eu-west-1"],
            ),
        )
        # The CDK copies the name to the other Region.
        (endpoint,) = find_unlinted(stack, ENDPOINT).values()
        assert endpoint["Properties"]["ServiceRegion"] == "us-east-1"
        assert "ServiceName" in f"{endpoint['Properties']['ServiceName']}"
        assert provider in stack.dependencies

    def test_the_service_can_be_imported_by_id(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        service = PrivateLinkEndpointService.from_service_id(
            stack, "Service", "vpce-svc-0123456789abcdef0"
        )
        connect(stack, service=service)
        properties = only(stack, ENDPOINT)["Properties"]
        assert properties["ServiceName"] == NAME
        assert "ServiceRegion" not in properties

    def test_the_service_can_be_imported_by_name_from_another_region(self) -> None:
        # GIVEN a service in another Region and any account
        stack = Stack(App(), "Stack", env=VIRGINIA)
        service = PrivateLinkEndpointService.from_service_name(stack, "Service", NAME)
        # THEN the endpoint has the name and Region, because names are global
        connect(stack, service=service)
        properties = only(stack, ENDPOINT)["Properties"]
        assert (properties["ServiceName"], properties["ServiceRegion"]) == (NAME, "eu-west-1")

    def test_the_service_can_be_a_token_name(self, stack: Stack) -> None:
        name = CfnParameter(stack, "Name").value_as_string
        connect(stack, service=name)
        properties = only(stack, ENDPOINT)["Properties"]
        assert properties["ServiceName"] == {"Ref": "Name"}
        assert "ServiceRegion" not in properties

    def test_the_service_can_be_imported_by_a_token_name(self, stack: Stack) -> None:
        name = CfnParameter(stack, "Name").value_as_string
        service = PrivateLinkEndpointService.from_service_name(stack, "Service", name)
        connect(stack, service=service)
        properties = only(stack, ENDPOINT)["Properties"]
        assert properties["ServiceName"] == {"Ref": "Name"}
        assert "ServiceRegion" not in properties

    def test_the_service_can_have_a_derived_name(self, stack: Stack) -> None:
        service = make_service(stack, service_name_source=ServiceNameSource.DERIVED)
        connect(stack, service=service)
        (_, parts) = only(stack, ENDPOINT)["Properties"]["ServiceName"]["Fn::Join"]
        assert resolve_reference(parts[-1]) == "Payments"

    def test_a_service_of_gateway_load_balancers_is_rejected(self, stack: Stack) -> None:
        service = make_service(stack, load_balancers=LoadBalancers.gateway(GATEWAY_ARN))
        assert get_error(stack, PrivateLinkValueError, service=service) == (
            "`service` must have network load balancers, got `Stack/Payments`; connect to "
            "this service with `GatewayLoadBalancerEndpoints`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", [None, 1, [NAME], Stack(), PrivateLinkEndpointService])
    def test_a_value_that_is_not_a_service_is_rejected(self, stack: Stack, wrong: Any) -> None:
        assert get_error(stack, PrivateLinkTypeError, service=wrong) == (
            "`service` must be an endpoint service or the name of an "
            f"endpoint service, got `{wrong!r}`; pass a `PrivateLinkEndpointService`, or a "
            "name like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`  "
            "[Stack/Endpoint]"
        )

    def test_a_service_of_the_cdk_is_accepted(self, stack: Stack) -> None:
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=ec2.Vpc(stack, "NlbVpc", max_azs=2))
        service = ec2.VpcEndpointService(
            stack,
            "Service",
            vpc_endpoint_service_load_balancers=[nlb],
            allowed_principals=[iam.ArnPrincipal("arn:aws:iam::111122223333:root")],
        )
        InterfaceEndpoint(stack, "Endpoint", vpc=existing_vpc(stack), service=service)
        (endpoint,) = find_unlinted(stack, ENDPOINT).values()
        # EC2 rejects an endpoint before its principal is allowed.
        assert sorted(each[:-8] for each in endpoint["DependsOn"]) == [
            "Service",
            "ServicePermissions",
        ]
        assert "PrivateLinkServiceNamePrefix" in json.dumps(endpoint["Properties"]["ServiceName"])

    def test_a_service_of_the_cdk_must_allow_the_region_of_the_endpoint(self) -> None:
        app = App()
        provider, stack = Stack(app, "Provider", env=VIRGINIA), Stack(app, "Stack", env=IRELAND)
        nlb = elbv2.NetworkLoadBalancer(provider, "Nlb", vpc=existing_vpc(provider, "NlbVpc"))
        service = ec2.VpcEndpointService(
            provider, "Service", vpc_endpoint_service_load_balancers=[nlb]
        )
        assert get_error(stack, PrivateLinkValueError, service=service).startswith(
            "`service` must allow connections from eu-west-1"
        )

    @pytest.mark.parametrize(
        "wrong", ["", "payments", "vpce-svc-0123456789abcdef0", "com.amazonaws.vpce.eu-west-1"]
    )
    def test_a_string_that_is_not_a_service_name_is_rejected(
        self, stack: Stack, wrong: str
    ) -> None:
        assert get_error(stack, PrivateLinkValueError, service=wrong) == (
            f"`service` must be the name of an endpoint service, got `{wrong or EMPTY}`; pass "
            "a name like "
            "`com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        "name",
        ["com.amazonaws.eu-west-1.s3", "cn.com.amazonaws.cn-north-1.ec2", "aws.api.eu-west-1.q"],
    )
    def test_the_name_of_an_aws_service_is_rejected(self, stack: Stack, name: str) -> None:
        assert get_error(stack, PrivateLinkValueError, service=name) == (
            f"`service` must be an endpoint service, not an AWS service, got `{name}`; connect to "
            "AWS services with `vpc.add_interface_endpoint()`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", [None, "vpc-0123456789abcdef0", Stack(), ec2.Vpc])
    def test_a_value_that_is_not_a_vpc_is_rejected(self, stack: Stack, wrong: Any) -> None:
        assert get_error(stack, PrivateLinkTypeError, vpc=wrong) == (
            f"`vpc` must be a VPC, got `{wrong!r}`; pass an `ec2.Vpc`, or import a VPC with "
            "`ec2.Vpc.from_lookup()`  [Stack/Endpoint]"
        )


class TestServiceRegion:
    @pytest.mark.parametrize(
        ("env", "options", "expected"),
        [
            (IRELAND, {}, None),
            (VIRGINIA, {}, "eu-west-1"),
            (VIRGINIA, {"service_region": "eu-west-1"}, "eu-west-1"),
            (IRELAND, {"service_region": "eu-west-1"}, None),
            (IRELAND, {"service": Aws.STACK_NAME}, None),
            (IRELAND, {"service": Aws.STACK_NAME, "service_region": "us-east-1"}, "us-east-1"),
            (IRELAND, {"service": Aws.STACK_NAME, "service_region": "eu-west-1"}, None),
            (None, {"service": Aws.STACK_NAME}, None),
            (None, {"service": Aws.STACK_NAME, "service_region": Aws.REGION}, None),
            # A token Region is always another Region.
            (None, {"service_region": Fn.import_value("Far")}, {"Fn::ImportValue": "Far"}),
            (IRELAND, {"service_region": Fn.import_value("Far")}, {"Fn::ImportValue": "Far"}),
        ],
    )
    def test_the_service_region_is_in_the_template_if_it_is_another_region(
        self, env: Environment | None, options: dict[str, Any], expected: Any
    ) -> None:
        stack = Stack(App(), "Stack", env=env)
        assert property_of(stack, "ServiceRegion", **options) == expected
        assert "Conditions" not in template_of(stack)

    @pytest.mark.parametrize(
        "options", [{}, {"service": Aws.STACK_NAME, "service_region": "eu-west-1"}]
    )
    def test_the_service_region_is_conditional_in_an_environment_agnostic_stack(
        self, stack: Stack, options: dict[str, Any]
    ) -> None:
        found = property_of(stack, "ServiceRegion", **options)
        ((condition, expression),) = template_of(stack)["Conditions"].items()
        assert found == {"Fn::If": [condition, {"Ref": "AWS::NoValue"}, "eu-west-1"]}
        assert expression == {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}

    def test_a_service_region_other_than_the_region_of_the_name_is_rejected(
        self, stack: Stack
    ) -> None:
        assert get_error(stack, PrivateLinkValueError, service_region="us-east-1") == (
            "`service_region` must be the Region of the service, got `us-east-1` for "
            f"`{NAME}`; leave it out, or pass `eu-west-1`  [Stack/Endpoint]"
        )

    def test_a_service_region_other_than_the_region_of_the_service_is_rejected(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        service = make_service(stack)
        message = get_error(
            stack, PrivateLinkValueError, service=service, service_region="us-east-1"
        )
        assert message == (
            "`service_region` must be the Region of the service, got `us-east-1` for "
            "`Stack/Payments`; leave it out, or pass `eu-west-1`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", ["", "Ireland", "eu-west-1a"])
    def test_a_string_that_is_not_a_region_is_rejected(self, stack: Stack, wrong: str) -> None:
        assert get_error(stack, PrivateLinkValueError, service_region=wrong) == (
            f"`service_region` must be the name of a Region, got `{wrong or EMPTY}`; pass a name "
            "like `eu-west-1`  [Stack/Endpoint]"
        )

    def test_a_service_region_that_is_not_a_string_is_rejected(self, stack: Stack) -> None:
        assert get_error(stack, PrivateLinkTypeError, service_region=1) == (
            "`service_region` must be a string, got `1`; pass a name like `eu-west-1`  "
            "[Stack/Endpoint]"
        )


def named_service(
    stack: Stack, *, acceptance_required: Any = False, **dns_options: Any
) -> PrivateLinkEndpointService:
    """Create a service with a private DNS name, which is verified only with a hosted zone."""
    private_dns = PrivateDns("payments.example.com", **dns_options)
    return make_service(stack, private_dns=private_dns, acceptance_required=acceptance_required)


def zone(stack: Stack) -> route53.IHostedZone:
    return route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")


class TestPrivateDns:
    def private_dns_enabled_with(self, stack: Stack, **options: Any) -> Any:
        return property_of(stack, "PrivateDnsEnabled", **options)

    def test_private_dns_is_enabled_for_a_service_with_a_hosted_zone(self, stack: Stack) -> None:
        service = named_service(stack, hosted_zone=zone(stack))
        assert self.private_dns_enabled_with(stack, service=service) is True

    def test_private_dns_is_enabled_for_a_service_with_an_earlier_verification(
        self, stack: Stack
    ) -> None:
        service = named_service(stack)
        service.verify_private_dns()
        assert self.private_dns_enabled_with(stack, service=service) is True

    def test_private_dns_is_disabled_for_a_service_with_a_later_verification(
        self, stack: Stack
    ) -> None:
        service = named_service(stack)
        connect(stack, service=service)
        service.verify_private_dns()
        assert only(stack, ENDPOINT)["Properties"]["PrivateDnsEnabled"] is False

    def test_private_dns_is_disabled_for_a_service_that_requires_acceptance(
        self, stack: Stack
    ) -> None:
        service = named_service(stack, hosted_zone=zone(stack), acceptance_required=True)
        assert self.private_dns_enabled_with(stack, service=service) is False

    def test_private_dns_is_disabled_for_a_service_whose_acceptance_is_a_token(
        self, stack: Stack
    ) -> None:
        required = CfnParameter(stack, "Acceptance", allowed_values=["true", "false"]).value
        service = named_service(stack, hosted_zone=zone(stack), acceptance_required=required)
        assert self.private_dns_enabled_with(stack, service=service) is False

    @pytest.mark.parametrize("acceptance_required", [True, False])
    def test_private_dns_can_be_enabled(self, stack: Stack, acceptance_required: bool) -> None:
        service = named_service(stack, acceptance_required=acceptance_required)
        assert (
            self.private_dns_enabled_with(stack, service=service, private_dns_enabled=True) is True
        )

    def test_private_dns_can_be_disabled(self, stack: Stack) -> None:
        service = named_service(stack, hosted_zone=zone(stack))
        assert (
            self.private_dns_enabled_with(stack, service=service, private_dns_enabled=False)
            is False
        )

    def test_private_dns_can_be_enabled_for_an_existing_service(self, stack: Stack) -> None:
        assert property_of(stack, "PrivateDnsEnabled", private_dns_enabled=True) is True

    def test_enabling_private_dns_for_a_service_without_a_name_is_rejected(
        self, stack: Stack
    ) -> None:
        service = make_service(stack)
        message = get_error(stack, PrivateLinkValueError, service=service, private_dns_enabled=True)
        assert message == (
            "`private_dns_enabled` must not be `True` for a service without a private DNS "
            "name, got `Stack/Payments`; leave it out, or pass "
            "`private_dns=PrivateDns(...)` to the service  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("option", ["enable_dns_hostnames", "enable_dns_support"])
    def test_private_dns_in_a_vpc_without_dns_support_is_rejected(
        self, stack: Stack, option: str
    ) -> None:
        # GIVEN a VPC whose resolver returns no private DNS names
        without: dict[str, Any] = {option: False}
        vpc = ec2.Vpc(stack, "Vpc", **without)
        service = named_service(stack, hosted_zone=zone(stack))
        # THEN the service is rejected even if private DNS is a default
        assert get_error(stack, PrivateLinkValueError, vpc=vpc, service=service) == (
            "`private_dns_enabled` must not be `True` for a VPC without DNS hostnames and "
            "DNS support, got `Stack/Vpc`; pass `enable_dns_hostnames=True` and "
            "`enable_dns_support=True` to the VPC, or `private_dns_enabled=False`  "
            "[Stack/Endpoint]"
        )
        found = property_of(
            stack, "PrivateDnsEnabled", vpc=vpc, service=service, private_dns_enabled=False
        )
        assert found is False


class TestOrder:
    """An endpoint depends on all prerequisites of the service, also on later ones."""

    def dependencies_of(self, stack: Stack) -> list[str]:
        return [resolve_reference(each) for each in only(stack, ENDPOINT).get("DependsOn", [])]

    @pytest.mark.parametrize("early", [True, False])
    def test_an_endpoint_depends_on_permissions(self, stack: Stack, early: bool) -> None:
        service = make_service(stack, allowed_principals=ALLOWED if early else [])
        connect(stack, service=service)
        service.allow_principals(iam.AccountPrincipal("444455556666"))
        assert self.dependencies_of(stack) == ["PaymentsPermissions"]

    @pytest.mark.parametrize("early", [True, False])
    def test_an_endpoint_depends_on_the_verification(self, stack: Stack, early: bool) -> None:
        service = named_service(stack)
        if early:
            service.verify_private_dns()
        connect(stack, service=service)
        if not early:
            service.verify_private_dns()
        service.allow_principals(*ALLOWED)
        assert self.dependencies_of(stack) == [
            "PaymentsPermissions",
            "PaymentsPrivateDnsVerification",
        ]

    def test_every_endpoint_depends_on_permissions(self, stack: Stack) -> None:
        service = make_service(stack)
        connect(stack, "One", service=service)
        service.allow_principals(*ALLOWED)
        connect(stack, "Two", service=service)
        found = resources_of(stack, ENDPOINT).values()
        assert [each["DependsOn"] for each in found] == [["PaymentsPermissionsF79ED177"]] * 2

    def test_an_endpoint_depends_on_later_permissions_in_another_stack(self) -> None:
        app = App()
        provider, stack = Stack(app, "Provider"), Stack(app, "Stack")
        name = ServiceNameSource.DERIVED
        service = make_service(provider, service_name_source=name)
        connect(stack, service=service)
        service.allow_principals(*ALLOWED)
        Template.from_stack(stack)
        assert stack.dependencies == [provider]


class TestOptionsOfOtherTypes:
    @pytest.mark.parametrize("wrong", [None, 1, "true"])
    @pytest.mark.parametrize("option", ["open", "lookup_supported_azs"])
    def test_a_bool_option_of_another_type_is_rejected(
        self, stack: Stack, option: str, wrong: Any
    ) -> None:
        assert get_error(stack, PrivateLinkTypeError, **{option: wrong}) == (
            f"`{option}` must be a bool, got `{wrong!r}`; pass `True` or `False`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        ("option", "problem", "fix"),
        [
            ("private_dns_enabled", "must be a bool", "pass `True` or `False`"),
            (
                "ip_address_type",
                "must be a member of `ec2.VpcEndpointIpAddressType`",
                "pass `ec2.VpcEndpointIpAddressType.IPV4`, `ec2.VpcEndpointIpAddressType.IPV6` or "
                "`ec2.VpcEndpointIpAddressType.DUALSTACK`",
            ),
            (
                "dns_record_ip_type",
                "must be a member of `ec2.VpcEndpointDnsRecordIpType`",
                "pass `ec2.VpcEndpointDnsRecordIpType.IPV4`, "
                "`ec2.VpcEndpointDnsRecordIpType.IPV6`, "
                "`ec2.VpcEndpointDnsRecordIpType.DUALSTACK` or "
                "`ec2.VpcEndpointDnsRecordIpType.SERVICE_DEFINED`",
            ),
        ],
    )
    def test_an_option_of_another_type_is_rejected(
        self, stack: Stack, option: str, problem: str, fix: str
    ) -> None:
        assert get_error(stack, PrivateLinkTypeError, **{option: "ipv4"}) == (
            f"`{option}` {problem}, got `'ipv4'`; {fix}  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", ["subnet-1", [], 1])
    def test_subnets_of_another_type_are_rejected(self, stack: Stack, wrong: Any) -> None:
        assert get_error(stack, PrivateLinkTypeError, subnets=wrong) == (
            f"`subnets` must be an `ec2.SubnetSelection`, got `{wrong!r}`; pass a selection "
            "like `ec2.SubnetSelection(subnet_group_name=...)`  [Stack/Endpoint]"
        )

    def test_an_unknown_argument_is_rejected(self, stack: Stack) -> None:
        with pytest.raises(TypeError, match="unexpected keyword argument 'port'"):
            connect(stack, port=443)


class TestRegionsAndPartitions:
    @pytest.mark.parametrize("is_provider_known", [True, False])
    def test_a_known_and_an_unknown_region_are_rejected(self, is_provider_known: bool) -> None:
        app = App()
        provider = Stack(app, "Provider", env=IRELAND if is_provider_known else None)
        stack = Stack(app, "Stack", env=None if is_provider_known else IRELAND)
        service, vpc = make_service(provider), existing_vpc(stack)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=service),
        )
        assert message.startswith(
            "`service` must be in a stack with a Region if the consumer is, because the CDK "
            "supports no references between a known and an unknown Region, got "
            "`Provider/Payments in "
        )
        assert message.endswith(
            "; pass `env` with a Region to both stacks or to none, or pass the name of the service "
            "as a string or as a parameter  [Stack/Endpoint]"
        )

    def test_a_service_in_another_partition_is_rejected(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        name = "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0123456789abcdef0"
        assert get_error(stack, PrivateLinkValueError, service=name) == (
            f"`service` must be in the partition of the consumer, `aws`, got `{name}`; pass a "
            "service in a Region of the same partition  [Stack/Endpoint]"
        )

    def test_a_service_in_a_region_that_the_cdk_does_not_know_is_accepted(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        connect(stack, service="com.amazonaws.vpce.zz-new-1.vpce-svc-0123456789abcdef0")


class TestOfOtherPlaces:
    def test_an_endpoint_can_be_in_a_stack_without_an_app(self) -> None:
        stack = Stack()
        InterfaceEndpoint(stack, "Endpoint", vpc=existing_vpc(stack), service=make_service(stack))
        assert len(resources_of(stack, ENDPOINT)) == 1

    def test_a_service_in_another_stage_is_rejected(self) -> None:
        app = App()
        provider = Stack(Stage(app, "One"), "Provider")
        stack = Stack(Stage(app, "Two"), "Stack")
        service, vpc = make_service(provider), existing_vpc(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=service)
        assert str(error.value) == (
            "`service` must be in the same stage, because each stage is deployed "
            "separately, got `One/Provider/Payments`; pass the name of the service, as a "
            "string or as a parameter  [Two/Stack/Endpoint]"
        )

    @pytest.mark.parametrize("allowed", [None, ["us-east-2"]])
    def test_a_service_that_does_not_allow_the_region_is_rejected(
        self, allowed: list[str] | None
    ) -> None:
        app = App()
        provider, stack = Stack(app, "Provider", env=VIRGINIA), Stack(app, "Stack", env=IRELAND)
        arn = NETWORK_ARN.replace("eu-west-1", "us-east-1")
        service = make_service(
            provider, load_balancers=LoadBalancers.network(arn), allowed_regions=allowed
        )
        vpc = existing_vpc(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=service)
        assert str(error.value) == (
            "`service` must allow connections from eu-west-1, the Region of the endpoint, "
            'got `Provider/Payments` in us-east-1; pass `allowed_regions=["eu-west-1"]` to '
            "the service  [Stack/Endpoint]"
        )

    def test_endpoints_share_the_condition_for_a_region(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        for number in range(2):
            InterfaceEndpoint(stack, f"Endpoint{number}", vpc=vpc, service=NAME)
        assert list(template_of(stack)["Conditions"]) == ["PrivateLinkIsIneuwest1"]

    def test_an_id_of_the_condition_that_is_in_use_is_rejected(self, stack: Stack) -> None:
        Construct(stack, "PrivateLinkIsIn-eu-west-1")
        vpc = existing_vpc(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=NAME)
        assert str(error.value) == (
            "`scope` must keep the ids of this library free, got "
            "`Stack/PrivateLinkIsIn-eu-west-1`; give that construct another id, or use another "
            "stack if another copy of this library created it  [Stack/Endpoint]"
        )
