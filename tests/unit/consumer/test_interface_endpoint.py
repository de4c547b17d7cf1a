"""Interface endpoints: what they are made of, and which services they take."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Aws, CfnParameter, Environment, Fn, NestedStack, Stack, Stage
from aws_cdk import aws_ec2 as ec2
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
    existing_vpc,
    ids,
    refusal,
    told,
    unlinted,
    vpc_of,
)
from tests.unit.templates import (
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
    """An endpoint in an existing VPC, to an existing service unless the options say else."""
    options.setdefault("service", NAME)
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack, f"{id}Vpc")
    return InterfaceEndpoint(stack, id, **options)


def property_of(stack: Stack, name: str, **options: Any) -> Any:
    connect(stack, **options)
    return only(stack, ENDPOINT)["Properties"].get(name)


def said(stack: Stack, error_type: type[Exception], **options: Any) -> str:
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return refusal(stack, error_type, lambda: connect(stack, **options))


class TestResources:
    def test_what_is_there_by_default(self) -> None:
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

    def test_it_is_what_the_cdk_knows(self, stack: Stack) -> None:
        endpoint: ec2.IInterfaceVpcEndpoint = connect(stack)
        assert isinstance(endpoint, ec2.InterfaceVpcEndpoint)
        assert stack.resolve(endpoint.vpc_endpoint_id) == {"Ref": "EndpointEEF1FD8F"}

    def test_subnets_that_are_chosen(self, stack: Stack) -> None:
        isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        assert property_of(stack, "SubnetIds", subnets=isolated) == ids("subnet", 11, 2)

    def test_one_subnet_for_each_zone(self, stack: Stack) -> None:
        # GIVEN two private subnets in one of the zones
        zones = ["eu-west-1a", "eu-west-1b", "eu-west-1a"]
        vpc = existing_vpc(
            stack, availability_zones=zones, private_subnet_ids=ids("subnet", 1, 3), zones=zones
        )
        # THEN the first of them is taken
        assert property_of(stack, "SubnetIds", vpc=vpc) == ids("subnet", 1, 2)

    def test_subnets_that_are_a_list_known_at_deployment(self, stack: Stack) -> None:
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

    def test_a_vpc_without_private_subnets(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Public=ec2.SubnetType.PUBLIC)
        found = property_of(stack, "SubnetIds", vpc=vpc)
        assert told(found) == ["VpcPublicSubnet1Subnet", "VpcPublicSubnet2Subnet"]

    def test_an_empty_selection(self, stack: Stack) -> None:
        nowhere = ec2.SubnetSelection(subnets=[])
        assert said(stack, PrivateLinkValueError, subnets=nowhere) == (
            "`subnets` must select subnets of the VPC, got `subnets=[]` for VPC "
            "`Stack/Vpc`; pass a selection that the VPC has  [Stack/Endpoint]"
        )

    def test_a_group_that_the_vpc_does_not_have(self, stack: Stack) -> None:
        unknown = ec2.SubnetSelection(subnet_group_name="Other")
        message = said(stack, PrivateLinkValueError, subnets=unknown)
        assert message.startswith(
            "`subnets` must select subnets of the VPC (There are no subnet groups with name "
        )
        assert "'Other' in this VPC" in message
        assert message.endswith(
            "), got `subnet_group_name=Other` for VPC `Stack/Vpc`; pass a selection that the VPC "
            "has  [Stack/Endpoint]"
        )

    def test_two_subnets_in_one_zone(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        both = ec2.SubnetSelection(subnets=[*vpc.private_subnets, *vpc.isolated_subnets])
        assert said(stack, PrivateLinkValueError, vpc=vpc, subnets=both) == (
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
    def test_ip_addresses(
        self, stack: Stack, option: str, value: Any, name: str, expected: Any
    ) -> None:
        assert property_of(stack, name, **{option: value}) == expected

    @pytest.mark.parametrize(
        ("kind", "told_to_ec2", "families"),
        [
            (ec2.VpcEndpointIpAddressType.IPV4, "ipv4", ["CidrIp"]),
            (ec2.VpcEndpointIpAddressType.DUALSTACK, "dualstack", ["CidrIp", "CidrIpv6"]),
            (IPV6, "ipv6", ["CidrIpv6"]),
        ],
    )
    def test_it_is_open_to_the_addresses_that_it_has(
        self, stack: Stack, kind: Any, told_to_ec2: str, families: list[str]
    ) -> None:
        vpc = ec2.Vpc(stack, "DualStack", ip_protocol=ec2.IpProtocol.DUAL_STACK)
        InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=NAME, ip_address_type=kind)
        assert only(stack, ENDPOINT)["Properties"]["IpAddressType"] == told_to_ec2
        # The rule for a block that is known at deployment is a resource of its own.
        rules = only(stack, GROUP)["Properties"].get("SecurityGroupIngress", [])
        rules += [
            each["Properties"]
            for each in resources_of(stack, "AWS::EC2::SecurityGroupIngress").values()
        ]
        found = [name for rule in rules for name in ("CidrIp", "CidrIpv6") if name in rule]
        assert sorted(found) == families

    @pytest.mark.parametrize("kind", [ec2.VpcEndpointIpAddressType.DUALSTACK, IPV6])
    def test_an_ipv6_block_that_is_not_known(self, stack: Stack, kind: Any) -> None:
        vpc = vpc_of(stack, "Ipv4", Application=ec2.SubnetType.PRIVATE_ISOLATED)
        options: dict[str, Any] = {"vpc": vpc, "service": NAME, "ip_address_type": kind}
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: InterfaceEndpoint(stack, "Endpoint", **options),
        ) == (
            "`vpc` must have a known IPv6 CIDR block, which the security group admits, got "
            "`Stack/Ipv4`; pass a dual-stack VPC of the same app, or pass `open=False` and "
            "add the rules of the security group yourself  [Stack/Endpoint]"
        )
        # Who says who may connect, needs no block.
        InterfaceEndpoint(stack, "Guarded", **options, open=False)

    def test_a_vpc_of_another_stack(self) -> None:
        # GIVEN a VPC with a literal block
        app = App()
        network, stack = Stack(app, "Network"), Stack(app, "Stack")
        vpc = vpc_of(network)
        # THEN the block need not be imported, since it is known
        connect(stack, vpc=vpc)
        (ingress,) = only(stack, GROUP)["Properties"]["SecurityGroupIngress"]
        assert ingress["CidrIp"] == "10.0.0.0/16"
        properties = only(stack, ENDPOINT)["Properties"]
        assert told(properties["VpcId"]).startswith("Network:ExportsOutputRefVpc")
        assert stack.dependencies == [network]


class TestSecurityGroups:
    def test_a_port(self, stack: Stack) -> None:
        connect(stack, port=8443)
        (ingress,) = only(stack, GROUP)["Properties"]["SecurityGroupIngress"]
        assert (ingress["FromPort"], ingress["ToPort"]) == (8443, 8443)

    def test_a_port_known_at_deployment(self, stack: Stack) -> None:
        port = CfnParameter(stack, "Port", type="Number").value_as_number
        connect(stack, port=port)
        ingress = only(stack, INGRESS)["Properties"]
        assert (ingress["FromPort"], ingress["ToPort"]) == ({"Ref": "Port"}, {"Ref": "Port"})
        assert ingress["CidrIp"] == "10.0.0.0/16"

    def test_closed(self, stack: Stack) -> None:
        connect(stack, open=False)
        assert "SecurityGroupIngress" not in only(stack, GROUP)["Properties"]

    def test_connections(self, stack: Stack) -> None:
        # WHEN what may connect is said afterwards
        vpc = existing_vpc(stack)
        client = ec2.SecurityGroup(stack, "Client", vpc=vpc)
        endpoint = connect(stack, vpc=vpc, open=False, port=5432)
        endpoint.connections.allow_default_port_from(client, "Clients")
        # THEN it may on the port of the endpoint
        ingress = only(stack, INGRESS)["Properties"]
        assert told(ingress["SourceSecurityGroupId"]) == ["Client", "GroupId"]
        assert told(ingress["GroupId"]) == ["EndpointSecurityGroup", "GroupId"]
        assert (ingress["FromPort"], ingress["ToPort"]) == (5432, 5432)

    def test_groups_that_are_given(self, stack: Stack) -> None:
        # GIVEN a group of this app, and one that exists
        vpc = existing_vpc(stack)
        own = ec2.SecurityGroup(stack, "Own", vpc=vpc)
        other = ec2.SecurityGroup.from_security_group_id(stack, "Other", "sg-0123456789abcdef0")
        connect(stack, vpc=vpc, security_groups=(own, other))
        # THEN they are used, and opened
        found = only(stack, ENDPOINT)["Properties"]["SecurityGroupIds"]
        assert [told(each) for each in found] == [["Own", "GroupId"], "sg-0123456789abcdef0"]
        assert only(stack, GROUP)["Properties"]["SecurityGroupIngress"][0]["FromPort"] == 443
        assert only(stack, INGRESS)["Properties"]["GroupId"] == "sg-0123456789abcdef0"

    def test_a_vpc_that_gets_its_block_from_ipam(self, stack: Stack) -> None:
        pool = ec2.IpAddresses.aws_ipam_allocation(
            ipv4_ipam_pool_id="ipam-pool-0123456789abcdef0",
            ipv4_netmask_length=16,
            default_subnet_ipv4_netmask_length=24,
        )
        connect(stack, vpc=ec2.Vpc(stack, "Vpc", ip_addresses=pool))
        (ingress,) = only(stack, GROUP)["Properties"]["SecurityGroupIngress"]
        assert told(ingress["CidrIp"]) == ["Vpc", "CidrBlock"]

    def test_a_vpc_of_which_the_block_is_not_known(self, stack: Stack) -> None:
        vpc = existing_vpc(stack, vpc_cidr_block=None)
        message = said(stack, PrivateLinkValueError, vpc=vpc)
        assert message.startswith(
            "`vpc` must have a known IPv4 CIDR block, which the security group admits ("
        )
        assert "'vpcCidrBlock' was not supplied when creating this VPC" in message
        assert message.endswith(
            "), got `Stack/Vpc`; import the VPC with its `vpc_cidr_block`, or pass `open=False`"
            "  [Stack/Endpoint]"
        )
        # Closed, it is not needed.
        assert property_of(stack, "VpcId", vpc=vpc, open=False) == "vpc-0123456789abcdef0"

    @pytest.mark.parametrize("wrong", [0, 65536, -1, 10**400, 0.5, float("nan"), float("inf")])
    def test_ports_that_do_not_exist(self, stack: Stack, wrong: int) -> None:
        assert said(stack, PrivateLinkValueError, port=wrong) == (
            f"`port` must be between 1 and 65535, got `{wrong}`; pass a port number like "
            "`443`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", ["443", True, None, [443], ec2.Port.tcp(443)])
    def test_what_is_no_port(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, port=wrong) == (
            f"`port` must be a number, got `{wrong!r}`; pass a port number like `443`  "
            "[Stack/Endpoint]"
        )

    def test_no_groups(self, stack: Stack) -> None:
        assert said(stack, PrivateLinkValueError, security_groups=[]) == (
            "`security_groups` must not be empty, got `[]`; pass one element or more, or "
            "leave it out  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        "wrong",
        ["sg-1", Construct(Stack(), "A")],
    )
    def test_an_element_that_is_not_a_security_group(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, security_groups=[wrong]) == (
            f"`security_groups[0]` must be a security group, got `{wrong!r}`; pass security "
            "groups of `aws_ec2`, or leave it out for a new security group  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", ["sg-1", 1])
    def test_security_groups_that_are_not_a_list(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, security_groups=wrong) == (
            f"`security_groups` must be a list, got `{wrong!r}`; put the value into a list"
            "  [Stack/Endpoint]"
        )


class TestPolicy:
    def test_there_is_none_at_first(self, stack: Stack) -> None:
        assert property_of(stack, "PolicyDocument") is None

    def test_one_is_made_of_statements(self, stack: Stack) -> None:
        statement = iam.PolicyStatement(
            actions=["*"], resources=["*"], principals=[iam.AccountPrincipal(ACCOUNT)]
        )
        connect(stack).add_to_policy(statement)
        document = only(stack, ENDPOINT)["Properties"]["PolicyDocument"]
        assert [each["Action"] for each in document["Statement"]] == ["*"]


class TestServices:
    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
    def test_one_of_the_same_stack(self, env: Environment | None) -> None:
        stack = Stack(App(), "Stack", env=env)
        connect(stack, service=make_service(stack))
        endpoint = only(stack, ENDPOINT)
        assert told(endpoint["Properties"]["ServiceName"]) == ["PaymentsServiceName", "ServiceName"]
        assert "ServiceRegion" not in endpoint["Properties"]
        # Nobody is allowed yet.
        assert "DependsOn" not in endpoint

    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
    def test_one_of_another_stack(self, env: Environment | None) -> None:
        app = App()
        provider, stack = (Stack(app, name, env=env) for name in ("Provider", "Stack"))
        connect(stack, service=make_service(provider, allowed_principals=ALLOWED))
        endpoint = only(stack, ENDPOINT)
        assert told(endpoint["Properties"]["ServiceName"]).startswith("Provider:ExportsOutput")
        assert "ServiceRegion" not in endpoint["Properties"]
        assert stack.dependencies == [provider]

    def test_one_of_the_stack_around(self) -> None:
        outer = Stack(App(), "Outer")
        service = make_service(outer, allowed_principals=ALLOWED)
        inner = NestedStack(outer, "Inner")
        connect(inner, service=service)
        endpoint = only(inner, ENDPOINT)
        assert "ServiceRegion" not in endpoint["Properties"]
        (name,) = endpoint["Properties"]["ServiceName"].values()
        nested = only(outer, "AWS::CloudFormation::Stack")
        passed = nested["Properties"]["Parameters"][name]
        assert told(passed) == ["PaymentsServiceName", "ServiceName"]
        # The whole nested stack waits.
        assert "PaymentsPermissionsF79ED177" in nested["DependsOn"]

    def test_one_of_a_nested_stack(self) -> None:
        outer = Stack(App(), "Outer")
        service = make_service(NestedStack(outer, "Inner"), allowed_principals=ALLOWED)
        connect(outer, service=service)
        # The CDK makes it depend on the nested stack twice, which cfn-lint minds.
        (endpoint,) = unlinted(outer, ENDPOINT).values()
        ((nested, _),) = unlinted(outer, "AWS::CloudFormation::Stack").items()
        assert endpoint["Properties"]["ServiceName"]["Fn::GetAtt"][0] == nested
        assert endpoint["DependsOn"] == [nested]

    def test_one_of_another_region(self) -> None:
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
        # The CDK brings the name over.
        (endpoint,) = unlinted(stack, ENDPOINT).values()
        assert endpoint["Properties"]["ServiceRegion"] == "us-east-1"
        assert "ServiceName" in f"{endpoint['Properties']['ServiceName']}"
        assert provider in stack.dependencies

    def test_one_that_is_known_by_its_id(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        service = PrivateLinkEndpointService.from_service_id(
            stack, "Service", "vpce-svc-0123456789abcdef0"
        )
        connect(stack, service=service)
        properties = only(stack, ENDPOINT)["Properties"]
        assert properties["ServiceName"] == NAME
        assert "ServiceRegion" not in properties

    def test_one_that_is_known_by_its_name(self) -> None:
        # GIVEN a service of another region, and of whichever account
        stack = Stack(App(), "Stack", env=VIRGINIA)
        service = PrivateLinkEndpointService.from_service_name(stack, "Service", NAME)
        # THEN it is reached, since names are the same everywhere
        connect(stack, service=service)
        properties = only(stack, ENDPOINT)["Properties"]
        assert (properties["ServiceName"], properties["ServiceRegion"]) == (NAME, "eu-west-1")

    def test_a_name_known_at_deployment(self, stack: Stack) -> None:
        name = CfnParameter(stack, "Name").value_as_string
        connect(stack, service=name)
        properties = only(stack, ENDPOINT)["Properties"]
        assert properties["ServiceName"] == {"Ref": "Name"}
        assert "ServiceRegion" not in properties

    def test_an_import_by_a_name_known_at_deployment(self, stack: Stack) -> None:
        name = CfnParameter(stack, "Name").value_as_string
        service = PrivateLinkEndpointService.from_service_name(stack, "Service", name)
        connect(stack, service=service)
        properties = only(stack, ENDPOINT)["Properties"]
        assert properties["ServiceName"] == {"Ref": "Name"}
        assert "ServiceRegion" not in properties

    def test_a_derived_name(self, stack: Stack) -> None:
        service = make_service(stack, service_name_source=ServiceNameSource.DERIVED)
        connect(stack, service=service)
        (_, parts) = only(stack, ENDPOINT)["Properties"]["ServiceName"]["Fn::Join"]
        assert told(parts[-1]) == "Payments"

    def test_one_behind_gateway_load_balancers(self, stack: Stack) -> None:
        service = make_service(stack, load_balancers=LoadBalancers.gateway(GATEWAY_ARN))
        assert said(stack, PrivateLinkValueError, service=service) == (
            "`service` must have network load balancers, got `Stack/Payments`; connect to "
            "this service with `GatewayLoadBalancerEndpoints`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", [None, 1, [NAME], Stack(), PrivateLinkEndpointService])
    def test_what_is_no_service(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, service=wrong) == (
            "`service` must be an endpoint service of this library, or the name of an "
            f"endpoint service, got `{wrong!r}`; pass a `PrivateLinkEndpointService`, or a "
            "name like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`  "
            "[Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        "wrong", ["", "payments", "vpce-svc-0123456789abcdef0", "com.amazonaws.vpce.eu-west-1"]
    )
    def test_what_is_no_name(self, stack: Stack, wrong: str) -> None:
        assert said(stack, PrivateLinkValueError, service=wrong) == (
            f"`service` must be the name of an endpoint service, got `{wrong}`; pass a name like "
            "`com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        "name",
        ["com.amazonaws.eu-west-1.s3", "cn.com.amazonaws.cn-north-1.ec2", "aws.api.eu-west-1.q"],
    )
    def test_the_name_of_an_aws_service(self, stack: Stack, name: str) -> None:
        assert said(stack, PrivateLinkValueError, service=name) == (
            f"`service` must be an endpoint service, not an AWS service, got `{name}`; connect to "
            "AWS services with `vpc.add_interface_endpoint()`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", [None, "vpc-0123456789abcdef0", Stack(), ec2.Vpc])
    def test_what_is_no_vpc(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, vpc=wrong) == (
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
            # Whoever names a region that is not known here, means another one.
            (None, {"service_region": Fn.import_value("Far")}, {"Fn::ImportValue": "Far"}),
            (IRELAND, {"service_region": Fn.import_value("Far")}, {"Fn::ImportValue": "Far"}),
        ],
    )
    def test_it_is_named_where_it_is_another_one(
        self, env: Environment | None, options: dict[str, Any], expected: Any
    ) -> None:
        stack = Stack(App(), "Stack", env=env)
        assert property_of(stack, "ServiceRegion", **options) == expected
        assert "Conditions" not in template_of(stack)

    @pytest.mark.parametrize(
        "options", [{}, {"service": Aws.STACK_NAME, "service_region": "eu-west-1"}]
    )
    def test_it_depends_where_that_of_the_endpoint_is_not_known(
        self, stack: Stack, options: dict[str, Any]
    ) -> None:
        found = property_of(stack, "ServiceRegion", **options)
        ((condition, expression),) = template_of(stack)["Conditions"].items()
        assert found == {"Fn::If": [condition, {"Ref": "AWS::NoValue"}, "eu-west-1"]}
        assert expression == {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}

    def test_that_of_another_region_than_the_name(self, stack: Stack) -> None:
        assert said(stack, PrivateLinkValueError, service_region="us-east-1") == (
            "`service_region` must be the Region of the service, got `us-east-1` for "
            f"`{NAME}`; leave it out, or pass `eu-west-1`  [Stack/Endpoint]"
        )

    def test_that_of_another_region_than_the_service(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        service = make_service(stack)
        message = said(stack, PrivateLinkValueError, service=service, service_region="us-east-1")
        assert message == (
            "`service_region` must be the Region of the service, got `us-east-1` for "
            "`Stack/Payments`; leave it out, or pass `eu-west-1`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", ["", "Ireland", "eu-west-1a"])
    def test_what_is_no_region(self, stack: Stack, wrong: str) -> None:
        assert said(stack, PrivateLinkValueError, service_region=wrong) == (
            f"`service_region` must be the name of a Region, got `{wrong}`; pass a name "
            "like `eu-west-1`  [Stack/Endpoint]"
        )

    def test_what_is_no_text(self, stack: Stack) -> None:
        assert said(stack, PrivateLinkTypeError, service_region=1) == (
            "`service_region` must be a string, got `1`; pass a name like `eu-west-1`  "
            "[Stack/Endpoint]"
        )


def named_service(
    stack: Stack, *, acceptance_required: Any = False, **more: Any
) -> PrivateLinkEndpointService:
    """A service with a private DNS name that is not verified, unless there is a zone for it."""
    private_dns = PrivateDns("payments.example.com", **more)
    return make_service(stack, private_dns=private_dns, acceptance_required=acceptance_required)


def zone(stack: Stack) -> route53.IHostedZone:
    return route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")


class TestPrivateDns:
    def is_used(self, stack: Stack, **options: Any) -> Any:
        return property_of(stack, "PrivateDnsEnabled", **options)

    def test_it_is_used_where_it_is_verified(self, stack: Stack) -> None:
        service = named_service(stack, hosted_zone=zone(stack))
        assert self.is_used(stack, service=service) is True

    def test_it_is_used_where_it_was_verified(self, stack: Stack) -> None:
        service = named_service(stack)
        service.verify_private_dns()
        assert self.is_used(stack, service=service) is True

    def test_it_is_not_used_before(self, stack: Stack) -> None:
        service = named_service(stack)
        connect(stack, service=service)
        service.verify_private_dns()
        assert only(stack, ENDPOINT)["Properties"]["PrivateDnsEnabled"] is False

    def test_nor_before_the_connection_can_be_accepted(self, stack: Stack) -> None:
        service = named_service(stack, hosted_zone=zone(stack), acceptance_required=True)
        assert self.is_used(stack, service=service) is False

    def test_nor_where_that_is_decided_at_deployment(self, stack: Stack) -> None:
        required = CfnParameter(stack, "Acceptance", allowed_values=["true", "false"]).value
        service = named_service(stack, hosted_zone=zone(stack), acceptance_required=required)
        assert self.is_used(stack, service=service) is False

    @pytest.mark.parametrize("acceptance_required", [True, False])
    def test_it_can_be_asked_for(self, stack: Stack, acceptance_required: bool) -> None:
        service = named_service(stack, acceptance_required=acceptance_required)
        assert self.is_used(stack, service=service, private_dns_enabled=True) is True

    def test_it_can_be_left_out(self, stack: Stack) -> None:
        service = named_service(stack, hosted_zone=zone(stack))
        assert self.is_used(stack, service=service, private_dns_enabled=False) is False

    def test_that_of_an_existing_service(self, stack: Stack) -> None:
        assert property_of(stack, "PrivateDnsEnabled", private_dns_enabled=True) is True

    def test_a_service_without(self, stack: Stack) -> None:
        service = make_service(stack)
        message = said(stack, PrivateLinkValueError, service=service, private_dns_enabled=True)
        assert message == (
            "`private_dns_enabled` must not be `True` for a service without a private DNS "
            "name, got `Stack/Payments`; leave it out, or pass "
            "`private_dns=PrivateDns(...)` to the service  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("option", ["enable_dns_hostnames", "enable_dns_support"])
    def test_a_vpc_without_dns(self, stack: Stack, option: str) -> None:
        # GIVEN a VPC of which the resolver does not know such names
        without: dict[str, Any] = {option: False}
        vpc = ec2.Vpc(stack, "Vpc", **without)
        service = named_service(stack, hosted_zone=zone(stack))
        # THEN it is told even where the name is only used by default
        assert said(stack, PrivateLinkValueError, vpc=vpc, service=service) == (
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
    """An endpoint waits until it can be used, however late it is known what that takes."""

    def waits_for(self, stack: Stack) -> list[str]:
        return [told(each) for each in only(stack, ENDPOINT).get("DependsOn", [])]

    @pytest.mark.parametrize("early", [True, False])
    def test_permissions(self, stack: Stack, early: bool) -> None:
        service = make_service(stack, allowed_principals=ALLOWED if early else [])
        connect(stack, service=service)
        service.allow_principals(iam.AccountPrincipal("444455556666"))
        assert self.waits_for(stack) == ["PaymentsPermissions"]

    @pytest.mark.parametrize("early", [True, False])
    def test_verification(self, stack: Stack, early: bool) -> None:
        service = named_service(stack)
        if early:
            service.verify_private_dns()
        connect(stack, service=service)
        if not early:
            service.verify_private_dns()
        service.allow_principals(*ALLOWED)
        assert self.waits_for(stack) == ["PaymentsPermissions", "PaymentsPrivateDnsVerification"]

    def test_several_endpoints(self, stack: Stack) -> None:
        service = make_service(stack)
        connect(stack, "One", service=service)
        service.allow_principals(*ALLOWED)
        connect(stack, "Two", service=service)
        found = resources_of(stack, ENDPOINT).values()
        assert [each["DependsOn"] for each in found] == [["PaymentsPermissionsF79ED177"]] * 2

    def test_a_service_of_another_stack_that_is_allowed_later(self) -> None:
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
    def test_bools(self, stack: Stack, option: str, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, **{option: wrong}) == (
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
    def test_options_of_other_types(
        self, stack: Stack, option: str, problem: str, fix: str
    ) -> None:
        assert said(stack, PrivateLinkTypeError, **{option: "ipv4"}) == (
            f"`{option}` {problem}, got `'ipv4'`; {fix}  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", ["subnet-1", [], 1])
    def test_subnets(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, subnets=wrong) == (
            f"`subnets` must be an `ec2.SubnetSelection`, got `{wrong!r}`; pass a selection "
            "like `ec2.SubnetSelection(subnet_group_name=...)`  [Stack/Endpoint]"
        )

    def test_an_argument_that_there_is_not(self, stack: Stack) -> None:
        with pytest.raises(TypeError, match="unexpected keyword argument 'ports'"):
            connect(stack, ports=1)


class TestOfOtherPlaces:
    def test_a_stack_without_an_app(self) -> None:
        stack = Stack()
        InterfaceEndpoint(stack, "Endpoint", vpc=existing_vpc(stack), service=make_service(stack))
        assert len(resources_of(stack, ENDPOINT)) == 1

    def test_a_service_of_another_stage(self) -> None:
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
    def test_a_service_that_does_not_let_the_region_in(self, allowed: list[str] | None) -> None:
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

    def test_one_condition_for_a_region(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        for number in range(2):
            InterfaceEndpoint(stack, f"Endpoint{number}", vpc=vpc, service=NAME)
        assert list(template_of(stack)["Conditions"]) == ["PrivateLinkIsIneuwest1"]

    def test_a_condition_whose_id_is_taken(self, stack: Stack) -> None:
        Construct(stack, "PrivateLinkIsIn-eu-west-1")
        vpc = existing_vpc(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=NAME)
        assert str(error.value) == (
            "`scope` must keep the ids of this library free, got "
            "`Stack/PrivateLinkIsIn-eu-west-1`; give that construct another id  [Stack/Endpoint]"
        )
