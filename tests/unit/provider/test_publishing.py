"""The SSM parameters that hand over a service, and the service that reads them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from aws_cdk import (
    App,
    Aws,
    CfnOutput,
    CfnParameter,
    Environment,
    Fn,
    NestedStack,
    RemovalPolicy,
    Stack,
    Stage,
    Token,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk_privatelink import (
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
    ServiceNameSource,
)
from tests.unit.networks import existing_vpc
from tests.unit.templates import EMPTY, make_service, only, resources_of, template_of

PARAMETER = "AWS::SSM::Parameter"
SHARE = "AWS::RAM::ResourceShare"
NAME = "/payments/endpoint-service"
ACCOUNT, OTHER = "111122223333", "444455556666"
ARN = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter{NAME}"
ORGANIZATION = f"arn:aws:organizations::{ACCOUNT}:organization/o-a1b2c3d4e5"
UNIT = f"arn:aws:organizations::{ACCOUNT}:ou/o-a1b2c3d4e5/ou-a1b2-c3d4e5f6"
FIX = "pass an account id, or the ARN of an organization, an organizational unit, a role or a user"


def regional_stack(region: str = "eu-west-1", *, app: Construct | None = None) -> Stack:
    env = Environment(account=ACCOUNT, region=region)
    return Stack(app or App(), "Regional", env=env)


def values_of(stack: Stack) -> dict[Any, Any]:
    """Return the values of all parameters, by their names."""
    properties = [each["Properties"] for each in resources_of(stack, PARAMETER).values()]
    return {each["Name"]: each["Value"] for each in properties}


def import_service(scope: Construct, parameter: str = NAME) -> Any:
    service: Any = PrivateLinkEndpointService.from_parameter(scope, "Imported", parameter)
    # The linter reports parameters that nobody uses.
    CfnOutput(service, "Name", value=service.service_name)
    return service


def parameters_of(stack: Stack) -> dict[str, Any]:
    """Return the type and default of the template parameters that read SSM parameters."""
    # Imports create no resource, and a template needs one.
    if stack.node.try_find_child("Empty") is None:
        ec2.CfnVPC(stack, "Empty", cidr_block="10.0.0.0/16")
    return {
        each["Default"]: each["Type"]
        for key, each in template_of(stack).get("Parameters", {}).items()
        if key.startswith("PrivateLinkParameters")
    }


class TestParameters:
    def test_all_values_of_a_service_are_published(self) -> None:
        stack = regional_stack()
        service = make_service(
            stack,
            allowed_regions=["us-east-1", "eu-west-1", "eu-central-1"],
            private_dns=PrivateDns("payments.example.com"),
        )
        service.publish("Consumers", parameter_name=NAME)
        lookup = "PaymentsServiceName33A27103"
        assert values_of(stack) == {
            NAME: {"Fn::GetAtt": [lookup, "ServiceName"]},
            f"{NAME}-allowed-regions": "eu-west-1,us-east-1,eu-central-1",
            f"{NAME}-availability-zone-ids": {"Fn::GetAtt": [lookup, "AvailabilityZoneIds"]},
            f"{NAME}-private-dns-name": "payments.example.com",
        }
        types = {
            each["Properties"]["Name"]: each["Properties"]["Type"]
            for each in resources_of(stack, PARAMETER).values()
        }
        assert types == {
            NAME: "String",
            f"{NAME}-allowed-regions": "StringList",
            f"{NAME}-availability-zone-ids": "StringList",
            f"{NAME}-private-dns-name": "String",
        }

    def test_a_service_without_lookup_and_private_dns_has_two_parameters(
        self, stack: Stack
    ) -> None:
        service = make_service(stack, service_name_source=ServiceNameSource.DERIVED)
        service.publish("Consumers", parameter_name="payments")
        assert values_of(stack).keys() == {"payments", "payments-allowed-regions"}
        assert values_of(stack)["payments-allowed-regions"] == {"Ref": "AWS::Region"}

    def test_a_list_token_of_regions_is_joined(self, stack: Stack) -> None:
        regions = CfnParameter(stack, "Regions", type="CommaDelimitedList").value_as_list
        make_service(stack, allowed_regions=regions).publish("Consumers", parameter_name=NAME)
        value = values_of(stack)[f"{NAME}-allowed-regions"]
        assert stack.resolve(value)["Fn::Join"] == [
            ",",
            [{"Ref": "AWS::Region"}, {"Fn::Join": [",", {"Ref": "Regions"}]}],
        ]

    def test_publish_returns_the_parameter_of_the_service_name(self, stack: Stack) -> None:
        parameter = make_service(stack).publish("Consumers", parameter_name=NAME)
        assert isinstance(parameter, ssm.StringParameter)
        resource = stack.resolve(parameter.parameter_name)["Ref"]
        assert template_of(stack)["Resources"][resource]["Properties"]["Name"] == NAME

    def test_a_service_is_published_several_times(self, stack: Stack) -> None:
        service = make_service(stack, service_name_source=ServiceNameSource.DERIVED)
        service.publish("First", parameter_name="first")
        service.publish("Second", parameter_name="second")
        assert len(resources_of(stack, PARAMETER)) == 4

    def test_every_parameter_has_a_description(self, stack: Stack) -> None:
        service = make_service(stack, private_dns=PrivateDns("payments.example.com"))
        service.publish("Consumers", parameter_name=NAME)
        descriptions = {
            each["Properties"]["Description"] for each in resources_of(stack, PARAMETER).values()
        }
        assert len(descriptions) == 4

    @pytest.mark.parametrize(
        ("start", "separator"), [("", ""), ("/", ""), ("prefix-", "/"), ("/prefix/", "")]
    )
    def test_a_token_in_the_name_gives_the_right_arn(
        self, stack: Stack, start: str, separator: str
    ) -> None:
        token = CfnParameter(stack, "Name").value_as_string
        parameter = make_service(stack).publish("Consumers", parameter_name=f"{start}{token}")
        CfnOutput(stack, "Arn", value=parameter.parameter_arn)
        parts = template_of(stack)["Outputs"]["Arn"]["Value"]["Fn::Join"][1]
        assert parts[-2].rpartition(":")[2] == f"parameter{separator}"

    def test_parameters_in_stages_and_nested_stacks_are_complete(self) -> None:
        app = App()
        for name in ("Beta", "Prod"):
            stack = Stack(Stage(app, name), "Stack")
            make_service(NestedStack(stack, "Nested")).publish("Consumers", parameter_name=NAME)
            (nested,) = [each for each in stack.node.find_all() if isinstance(each, NestedStack)]
            assert len(values_of(nested)) == 3
        app.synth()


class TestReadiness:
    def test_parameters_are_created_when_consumers_can_connect(self, stack: Stack) -> None:
        zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
        service = make_service(
            stack, private_dns=PrivateDns("payments.example.com", hosted_zone=zone)
        )
        service.publish("Consumers", parameter_name=NAME, share_with=[OTHER])
        # A prerequisite that is added later counts, too.
        service.allow_principals(iam.AccountPrincipal(OTHER))
        resources = {**resources_of(stack, PARAMETER), **resources_of(stack, SHARE)}
        assert len(resources) == 5
        for each in resources.values():
            assert {"PaymentsPermissionsF79ED177"} < set(each["DependsOn"])
            assert {"PaymentsPrivateDnsVerificationCB328E9B"} < set(each["DependsOn"])

    @pytest.mark.parametrize("is_first", [True, False])
    def test_a_retained_service_keeps_its_parameters_and_no_share(
        self, stack: Stack, is_first: bool
    ) -> None:
        service = make_service(stack)
        if is_first:
            service.apply_removal_policy(RemovalPolicy.RETAIN)
        service.publish("Consumers", parameter_name=NAME, share_with=[OTHER])
        if not is_first:
            service.apply_removal_policy(RemovalPolicy.RETAIN)
        policies = [each["DeletionPolicy"] for each in resources_of(stack, PARAMETER).values()]
        assert policies == ["Retain"] * 3
        # A retained share would share the parameters after the removal of `share_with`.
        assert "DeletionPolicy" not in only(stack, SHARE)


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["payments", "/payments", "/a/b.c_d-e/F9", "/" + "/".join("abcdefghijklmno"), "lawssm"],
    )
    def test_names_that_parameter_store_accepts_are_accepted(self, stack: Stack, name: str) -> None:
        make_service(stack).publish("Consumers", parameter_name=name)
        assert name in values_of(stack)

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "/",
            "pay ments",
            "payments/endpoint-service",
            "/payments/",
            "//payments",
            "payments:1",
            "zahlungen-für-alle",
            "{{resolve:ssm:/payments}}",
            ARN,
            "/" + "/".join("abcdefghijklmnop"),
        ],
    )
    def test_names_that_parameter_store_rejects_are_rejected(self, stack: Stack, name: str) -> None:
        service = make_service(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            service.publish("Consumers", parameter_name=name)
        assert str(error.value) == (
            "`parameter_name` must be a name that Parameter Store accepts, "
            f"got `{name or EMPTY}`; pass a name like `payments` or `/payments/endpoint-service`, "
            "with letters, digits and `_.-`, and at most 15 levels  [Stack/Payments]"
        )
        assert resources_of(stack, PARAMETER) == {}

    @pytest.mark.parametrize(
        "name", ["aws", "awsTestParameter", "SSM-testparameter", "/aws/testparam1", "/Ssm"]
    )
    def test_reserved_names_are_rejected(self, stack: Stack, name: str) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack).publish("Consumers", parameter_name=name)
        assert str(error.value) == (
            "`parameter_name` must not start with `aws` or `ssm`, which AWS reserves, "
            f"got `{name}`; pass a name like `payments` or `/payments/endpoint-service`, with "
            "letters, digits and `_.-`  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        ("options", "limit"),
        [({}, 989), ({"service_name_source": ServiceNameSource.DERIVED}, 995)],
    )
    def test_the_longest_name_with_its_suffix_is_limited(
        self, stack: Stack, options: Any, limit: int
    ) -> None:
        service = make_service(stack, **options)
        service.publish("Longest", parameter_name="p" * limit)
        with pytest.raises(PrivateLinkValueError) as error:
            service.publish("Longer", parameter_name="p" * (limit + 1))
        assert str(error.value) == (
            f"`parameter_name` must have at most {limit} characters, because the library appends "
            f"a suffix, got {limit + 1} characters; pass a shorter name  [Stack/Payments]"
        )

    def test_a_name_that_is_not_a_string_is_rejected(self, stack: Stack) -> None:
        wrong: Any = 5
        with pytest.raises(PrivateLinkTypeError, match=r"`parameter_name` must be a string"):
            make_service(stack).publish("Consumers", parameter_name=wrong)

    def test_an_id_in_use_is_rejected(self, stack: Stack) -> None:
        service = make_service(stack)
        service.publish("Consumers", parameter_name="first")
        with pytest.raises(PrivateLinkValueError, match="`id` must be unique in its scope"):
            service.publish("Consumers", parameter_name="second")

    def test_a_construct_with_the_id_of_the_parameters_is_rejected(self, stack: Stack) -> None:
        service = make_service(stack)
        Construct(service, "Published")
        with pytest.raises(PrivateLinkValueError, match="must keep the ids of this library free"):
            service.publish("Consumers", parameter_name=NAME)


class TestSharing:
    def test_parameters_that_are_not_shared_never_ask_for_a_downgrade(self, stack: Stack) -> None:
        make_service(stack).publish("Consumers", parameter_name=NAME)
        tiers = {each["Properties"]["Tier"] for each in resources_of(stack, PARAMETER).values()}
        assert tiers == {"Intelligent-Tiering"}
        assert resources_of(stack, SHARE) == {}

    def test_shared_parameters_are_advanced(self, stack: Stack) -> None:
        make_service(stack).publish("Consumers", parameter_name=NAME, share_with=[OTHER])
        parameters = resources_of(stack, PARAMETER)
        assert {each["Properties"]["Tier"] for each in parameters.values()} == {"Advanced"}
        properties = only(stack, SHARE)["Properties"]
        assert properties["Principals"] == [OTHER]
        assert properties["ResourceArns"][0]["Fn::Join"][1][1] == {"Ref": "AWS::Partition"}
        shared = [each["Fn::Join"][1][-1]["Ref"] for each in properties["ResourceArns"]]
        assert sorted(shared) == sorted(parameters)
        # The default permission of AWS RAM for parameters is read only.
        assert properties.keys() == {
            "AllowExternalPrincipals",
            "Name",
            "Principals",
            "ResourceArns",
        }

    def test_nobody_is_no_share(self, stack: Stack) -> None:
        make_service(stack).publish("Consumers", parameter_name=NAME, share_with=[])
        assert resources_of(stack, SHARE) == {}

    def test_principals_of_every_type_are_shared_with_once(self, stack: Stack) -> None:
        account = CfnParameter(stack, "Account").value_as_string
        make_service(stack).publish(
            "Consumers",
            parameter_name=NAME,
            share_with=[
                OTHER,
                iam.AccountPrincipal(OTHER),
                iam.ArnPrincipal(f"arn:aws:iam::{OTHER}:root"),
                iam.AccountPrincipal(account),
                account,
                iam.AccountRootPrincipal(),
                iam.ArnPrincipal(f"arn:aws:iam::{OTHER}:role/team/reader"),
                f"arn:aws:iam::{OTHER}:user/reader",
                iam.Role(stack, "Reader", assumed_by=iam.AccountPrincipal(OTHER)),
                iam.User.from_user_arn(stack, "User", f"arn:aws:iam::{OTHER}:user/reader"),
                ORGANIZATION,
                UNIT,
            ],
        )
        assert only(stack, SHARE)["Properties"]["Principals"] == [
            OTHER,
            {"Ref": "Account"},
            {"Ref": "AWS::AccountId"},
            f"arn:aws:iam::{OTHER}:role/team/reader",
            f"arn:aws:iam::{OTHER}:user/reader",
            {"Fn::GetAtt": ["ReaderF7BF189D", "Arn"]},
            ORGANIZATION,
            UNIT,
        ]

    def test_an_account_that_is_a_token_of_any_type_is_shared_with(self, stack: Stack) -> None:
        token = Token.as_any({"Ref": "AWS::AccountId"})
        make_service(stack).publish(
            "Consumers", parameter_name=NAME, share_with=[iam.AccountPrincipal(token)]
        )
        (principal,) = only(stack, SHARE)["Properties"]["Principals"]
        assert principal["Fn::Select"][0] == 4

    def test_a_list_token_of_accounts_is_shared_with(self, stack: Stack) -> None:
        accounts = CfnParameter(stack, "Accounts", type="CommaDelimitedList").value_as_list
        make_service(stack).publish("Consumers", parameter_name=NAME, share_with=accounts)
        assert only(stack, SHARE)["Properties"]["Principals"] == {"Ref": "Accounts"}

    @pytest.mark.parametrize(
        ("principals", "is_external"),
        [
            ([ORGANIZATION], False),
            ([UNIT, ORGANIZATION], False),
            ([UNIT.replace("arn:aws:", f"arn:{Aws.PARTITION}:")], False),
            ([OTHER], True),
            ([UNIT, OTHER], True),
            ([f"arn:aws:iam::{OTHER}:role/reader"], True),
        ],
    )
    def test_only_the_organization_is_certainly_not_external(
        self, stack: Stack, principals: list[str], is_external: bool
    ) -> None:
        make_service(stack).publish("Consumers", parameter_name=NAME, share_with=principals)
        assert only(stack, SHARE)["Properties"]["AllowExternalPrincipals"] is is_external

    @pytest.mark.parametrize(
        ("wrong", "got"),
        [
            (iam.AnyPrincipal(), "*"),
            (iam.ServicePrincipal("ssm.amazonaws.com"), "ssm.amazonaws.com"),
            ("12345", "12345"),
            ("", EMPTY),
            ("o-a1b2c3d4e5", "o-a1b2c3d4e5"),
            (
                f"arn:aws:sts::{OTHER}:assumed-role/reader/session",
                f"arn:aws:sts::{OTHER}:assumed-role/reader/session",
            ),
            (f"arn:aws:iam::{OTHER}:group/readers", f"arn:aws:iam::{OTHER}:group/readers"),
        ],
    )
    def test_principals_that_ram_rejects_are_rejected(
        self, stack: Stack, wrong: Any, got: str
    ) -> None:
        service = make_service(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            service.publish("Consumers", parameter_name=NAME, share_with=[OTHER, wrong])
        assert str(error.value) == (
            "`share_with[1]` must be a principal with which AWS RAM shares parameters, "
            f"got `{got}`; {FIX}  [Stack/Payments]"
        )
        assert resources_of(stack, PARAMETER) == {}

    def test_the_id_of_an_organization_is_rejected(self, stack: Stack) -> None:
        wrong: Any = iam.OrganizationPrincipal("o-a1b2c3d4e5")
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack).publish("Consumers", parameter_name=NAME, share_with=[wrong])
        assert str(error.value) == (
            "`share_with[0]` must be the ARN of an organization, which contains the management "
            "account, got `o-a1b2c3d4e5`; pass a string like "
            "`arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5`  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", [None, 444455556666, iam.FederatedPrincipal("x", {})])
    def test_a_value_that_is_no_principal_is_rejected(self, stack: Stack, wrong: Any) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(stack).publish("Consumers", parameter_name=NAME, share_with=[wrong])
        assert str(error.value) == (
            "`share_with[0]` must be a string or a principal with an ARN, "
            f"got `{wrong!r}`; {FIX}  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", [OTHER, iam.AccountPrincipal(OTHER)])
    def test_a_single_principal_is_rejected(self, stack: Stack, wrong: Any) -> None:
        with pytest.raises(PrivateLinkTypeError, match="`share_with` must be a list"):
            make_service(stack).publish("Consumers", parameter_name=NAME, share_with=wrong)


class TestFromParameter:
    @pytest.mark.parametrize(
        "parameter",
        [
            "payments",
            NAME,
            "/aws/service/payments",
            ARN,
            f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/payments",
        ],
    )
    def test_only_the_service_name_is_read(self, parameter: str) -> None:
        stack = regional_stack()
        import_service(stack, parameter)
        assert parameters_of(stack) == {parameter: "AWS::SSM::Parameter::Value<String>"}

    def test_other_values_are_read_when_they_are_used(self, stack: Stack) -> None:
        service = import_service(stack)
        for name in ("First", "Second"):
            CfnOutput(stack, f"{name}Zones", value=Fn.join(",", service.availability_zone_ids))
            CfnOutput(stack, f"{name}Region", value=Fn.select(0, service.allowed_regions))
            CfnOutput(stack, f"{name}Domain", value=service.private_dns_name)
        assert parameters_of(stack) == {
            NAME: "AWS::SSM::Parameter::Value<String>",
            f"{NAME}-availability-zone-ids": "AWS::SSM::Parameter::Value<List<String>>",
            f"{NAME}-allowed-regions": "AWS::SSM::Parameter::Value<List<String>>",
            f"{NAME}-private-dns-name": "AWS::SSM::Parameter::Value<String>",
        }

    def test_a_parameter_is_read_once_per_stack(self, stack: Stack) -> None:
        one = import_service(stack)
        other = PrivateLinkEndpointService.from_parameter(stack, "Other", NAME)
        assert stack.resolve(one.service_name) == stack.resolve(other.service_name)
        assert len(parameters_of(stack)) == 1

    def test_the_logical_id_changes_with_the_parameter(self) -> None:
        """Otherwise, the CDK CLI would keep the previous value of the template parameter."""
        ids = set()
        for parameter in (NAME, ARN, "/payments-endpoint/service", "/payments--endpoint-service"):
            stack = regional_stack()
            ids.add(stack.resolve(import_service(stack, parameter).service_name)["Ref"])
        assert len(ids) == 4

    def test_the_name_contains_id_and_region(self, stack: Stack) -> None:
        service = import_service(stack)
        name = {"Fn::Split": [".vpce.", stack.resolve(service.service_name)]}
        rest = {"Fn::Split": [".", {"Fn::Select": [1, name]}]}
        assert stack.resolve(service.service_id) == {"Fn::Select": [1, rest]}
        assert stack.resolve(service.env.region) == {"Fn::Select": [0, rest]}

    def test_consumers_accept_the_service(self, stack: Stack) -> None:
        vpc = ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=0)
        service = import_service(stack, ARN)
        InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=service)
        GatewayLoadBalancerEndpoints(
            stack,
            "Inspection",
            vpc=vpc,
            service=service,
            subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
        )
        vpc.add_interface_endpoint("Plain", service=service)
        endpoints = resources_of(stack, "AWS::EC2::VPCEndpoint").values()
        names = [each["Properties"]["ServiceName"] for each in endpoints]
        assert names == [stack.resolve(service.service_name)] * 3
        assert all("ServiceRegion" not in each["Properties"] for each in endpoints)

    def test_a_service_in_another_region_is_connected_with_its_region(self) -> None:
        stack = regional_stack()
        InterfaceEndpoint(
            stack,
            "Endpoint",
            vpc=existing_vpc(stack),
            service=import_service(stack, ARN),
            service_region="us-east-1",
        )
        (endpoint,) = resources_of(stack, "AWS::EC2::VPCEndpoint").values()
        assert endpoint["Properties"]["ServiceRegion"] == "us-east-1"

    def test_stages_and_nested_stacks_read_parameters_of_their_own(self) -> None:
        app = App()
        for name in ("Beta", "Prod"):
            stack = Stack(Stage(app, name), "Stack")
            nested = NestedStack(stack, "Nested")
            for scope in (stack, nested, Construct(nested, "Deep")):
                import_service(scope)
                ec2.CfnVPC(scope, "Empty", cidr_block="10.0.0.0/16")
            assert len(parameters_of(stack)) == len(parameters_of(nested)) == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            "",
            "payments/endpoint-service",
            f"{NAME}:3",
            f"{ARN}:3",
            "{{resolve:ssm:/payments}}",
            f"arn:aws:ssm:eu-west-1:{ACCOUNT}:document/payments",
            f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:payments",
            "/payments/",
        ],
    )
    def test_a_value_that_is_no_parameter_is_rejected(self, stack: Stack, wrong: str) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            import_service(stack, wrong)
        assert str(error.value) == (
            "`parameter` must be the name or the ARN of an SSM parameter, "
            f"got `{wrong or EMPTY}`; pass a name like `/payments/endpoint-service` without a "
            "version, or an ARN like "
            "`arn:aws:ssm:eu-west-1:111122223333:parameter/payments/endpoint-service`  "
            "[Stack/Imported]"
        )
        assert parameters_of(stack) == {}

    @pytest.mark.parametrize(
        "wrong", [Aws.STACK_NAME, ARN.replace(ACCOUNT, Aws.ACCOUNT_ID)], ids=["name", "ARN"]
    )
    def test_a_token_is_rejected(self, stack: Stack, wrong: str) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            import_service(stack, wrong)
        assert str(error.value) == (
            "`parameter` must be literal, because CloudFormation reads it before it creates "
            f"resources, got `{wrong}`; pass the literal name or ARN, or pass the name of the "
            "service to `PrivateLinkEndpointService.from_service_name()`  [Stack/Imported]"
        )

    def test_an_arn_in_another_region_is_rejected(self) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            import_service(regional_stack("us-east-1"), ARN)
        assert str(error.value) == (
            "`parameter` must be in us-east-1, the Region of the stack, because CloudFormation "
            f"reads parameters of its own Region, got `{ARN}`; publish the service in that Region "
            "too, or pass the name of the service to "
            "`PrivateLinkEndpointService.from_service_name()`  [Regional/Imported]"
        )

    def test_an_arn_in_another_partition_is_rejected(self) -> None:
        arn = ARN.replace("arn:aws:", "arn:aws-cn:")
        with pytest.raises(PrivateLinkValueError) as error:
            import_service(regional_stack(), arn)
        assert str(error.value) == (
            f"`parameter` must be in the partition of the stack, `aws`, got `{arn}`; pass the ARN "
            "of the shared parameter, as Parameter Store returns it  [Regional/Imported]"
        )

    def test_a_stack_without_region_accepts_arns_of_all_regions(self, stack: Stack) -> None:
        arn = ARN.replace("arn:aws:", "arn:aws-cn:").replace("eu-west-1", "cn-north-1")
        import_service(stack, arn)
        assert parameters_of(stack).keys() == {arn}

    def test_a_region_that_is_new_to_the_cdk_is_accepted(self) -> None:
        arn = ARN.replace("eu-west-1", "xx-west-9")
        stack = regional_stack("xx-west-9")
        import_service(stack, arn)
        assert parameters_of(stack).keys() == {arn}

    def test_a_value_that_is_not_a_string_is_rejected(self, stack: Stack) -> None:
        wrong: Any = ssm.StringParameter(stack, "Parameter", string_value="x")
        with pytest.raises(PrivateLinkTypeError, match="`parameter` must be a string"):
            import_service(stack, wrong)

    def test_a_construct_with_the_id_of_the_template_parameters_is_rejected(
        self, stack: Stack
    ) -> None:
        Construct(stack, "PrivateLinkParameters")
        with pytest.raises(PrivateLinkValueError, match="must keep the ids of this library free"):
            import_service(stack)


def test_only_published_services_import_more_modules() -> None:
    modules = "{'aws_cdk.aws_ssm', 'aws_cdk.aws_ram'} & {*sys.modules}"
    code = f"import sys, cdk_privatelink; print({modules})"
    output = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert output.strip() == "set()"


class TestOwner:
    ARN = "arn:aws:ssm:eu-west-1:999900001111:parameter/payments/endpoint-service"

    def test_the_owner_of_a_shared_parameter_is_the_owner_of_the_service(self) -> None:
        stack = Stack(App(), "Stack", env=Environment(account="111122223333", region="eu-west-1"))
        service: Any = PrivateLinkEndpointService.from_parameter(stack, "Imported", self.ARN)
        assert service.env.account == "999900001111"
        assert ":999900001111:vpc-endpoint-service/" in str(stack.resolve(service.service_arn))

    def test_the_stack_cannot_accept_endpoints_to_a_service_of_another_account(self) -> None:
        stack = Stack(App(), "Stack", env=Environment(account="111122223333", region="eu-west-1"))
        service = PrivateLinkEndpointService.from_parameter(stack, "Imported", self.ARN)
        with pytest.raises(PrivateLinkValueError, match="for a service of another account"):
            InterfaceEndpoint(
                stack, "Endpoint", vpc=existing_vpc(stack), service=service, auto_accept=True
            )

    def test_a_name_has_the_account_of_the_stack(self, stack: Stack) -> None:
        service: Any = PrivateLinkEndpointService.from_parameter(stack, "Imported", "/payments")
        assert stack.resolve(service.env.account) == {"Ref": "AWS::AccountId"}
