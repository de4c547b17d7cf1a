from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, CustomResource, Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_privatelink import (
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
    ServiceNameSource,
)
from tests.unit.templates import (
    EMPTY,
    GATEWAY_ARN,
    SERVICE,
    make_service,
    only,
    resources_of,
    template_of,
)

NAME = "payments.example.com"
RECORD = "AWS::Route53::RecordSet"
VERIFICATION = "Custom::PrivateLinkPrivateDnsVerification"
# The logical ids of the service and of the policy that allows the verification.
PAYMENTS = "Payments130453D3"
POLICY = "PaymentsCustomResourcePolicyCB92B591"
START = "ec2:StartVpcEndpointServicePrivateDnsVerification"


def attribute(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [PAYMENTS, f"PrivateDnsNameConfiguration.{name}"]}


def zone(stack: Stack, name: str = "example.com") -> route53.IHostedZone:
    return route53.PublicHostedZone(stack, f"Zone-{name}", zone_name=name)


def make(stack: Stack, *, domain_name: str = NAME, **options: Any) -> PrivateLinkEndpointService:
    private_dns = PrivateDns(domain_name, hosted_zone=zone(stack))
    return make_service(stack, private_dns=private_dns, **options)


def arn_of(service_id: str) -> dict[str, Any]:
    place = [{"Ref": f"AWS::{each}"} for each in ("Partition", "Region", "AccountId")]
    parts = ["arn:", place[0], ":ec2:", place[1], ":", place[2], ":vpc-endpoint-service/"]
    return {"Fn::Join": ["", [*parts, {"Ref": service_id}]]}


def deployed(document: Any) -> str:
    """Return a policy as IAM receives it, with the longest possible values of references."""

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "Fn::Join" in value:
            return "".join(resolve(value["Fn::Join"][1]))
        if "Fn::GetAtt" in value:
            return "arn:aws-iso-b:logs:us-isob-east-1:111122223333:log-group:" + "a" * 120
        places = {
            "AWS::Partition": "aws-iso-b",
            "AWS::Region": "ap-southeast-1",
            "AWS::AccountId": "111122223333",
        }
        if "Ref" in value:
            return places.get(value["Ref"], "vpce-svc-0123456789abcdef0")
        return {key: resolve(item) for key, item in value.items()}

    return json.dumps(resolve(document), separators=(",", ":"))


class TestHostedZone:
    def test_the_service_has_the_private_dns_name(self, stack: Stack) -> None:
        make(stack)
        assert only(stack, SERVICE)["Properties"]["PrivateDnsName"] == NAME

    def test_the_txt_record_is_below_the_private_dns_name(self, stack: Stack) -> None:
        make(stack)
        ((zone_id, _),) = resources_of(stack, "AWS::Route53::HostedZone").items()
        assert only(stack, RECORD)["Properties"] == {
            "HostedZoneId": {"Ref": zone_id},
            "Name": {"Fn::Join": ["", [attribute("Name"), f".{NAME}"]]},
            "Type": "TXT",
            "TTL": "1800",
            "ResourceRecords": [{"Fn::Join": ["", ['"', attribute("Value"), '"']]}],
        }

    def test_the_txt_record_of_a_wildcard_is_below_its_parent_domain(self, stack: Stack) -> None:
        make(stack, domain_name="*.example.com")
        assert only(stack, SERVICE)["Properties"]["PrivateDnsName"] == "*.example.com"
        name = only(stack, RECORD)["Properties"]["Name"]
        assert name == {"Fn::Join": ["", [attribute("Name"), ".example.com"]]}

    def test_the_verification_depends_on_the_record_and_the_policy(self, stack: Stack) -> None:
        make(stack)
        verification = only(stack, VERIFICATION)
        assert verification["Properties"] == {
            "ServiceToken": {"Fn::GetAtt": ["PrivateLinkCustomResourcesFunction17E1402B", "Arn"]},
            "ServiceTimeout": "1920",
            "ServiceId": {"Ref": PAYMENTS},
            # Another name changes the properties, which starts another verification.
            "DomainName": NAME,
        }
        ((record_id, _),) = resources_of(stack, RECORD).items()
        assert set(verification["DependsOn"]) == {record_id, POLICY}

    def test_a_private_dns_name_adds_one_custom_resource(self, stack: Stack) -> None:
        make(stack)
        kinds = [resource["Type"] for resource in template_of(stack)["Resources"].values()]
        assert sorted(kind for kind in kinds if kind.startswith("Custom::")) == [
            VERIFICATION,
            "Custom::PrivateLinkServiceName",
        ]

    def test_a_private_dns_name_with_a_derived_service_name_has_one_custom_resource(
        self, stack: Stack
    ) -> None:
        make(stack, service_name_source=ServiceNameSource.DERIVED)
        kinds = [resource["Type"] for resource in template_of(stack)["Resources"].values()]
        assert [kind for kind in kinds if kind.startswith("Custom::")] == [VERIFICATION]

    def test_one_function_verifies_the_names_of_a_stack_and_no_other_names(
        self, stack: Stack
    ) -> None:
        hosted_zone = zone(stack)
        for name in ("one", "two"):
            private_dns = PrivateDns(f"{name}.example.com", hosted_zone=hosted_zone)
            make_service(stack, name, private_dns=private_dns)
        assert len(resources_of(stack, "AWS::Lambda::Function")) == 1
        policies = resources_of(stack, "AWS::IAM::Policy").values()
        assert [policy["Properties"]["PolicyDocument"]["Statement"] for policy in policies] == [
            [{"Effect": "Allow", "Action": START, "Resource": arn_of(service_id)}]
            for service_id in resources_of(stack, SERVICE)
        ]

    def test_services_with_private_dns_names_can_depend_on_each_other(self, stack: Stack) -> None:
        hosted_zone = zone(stack)
        one, other = (
            make_service(stack, name, private_dns=PrivateDns(NAME, hosted_zone=hosted_zone))
            for name in ("One", "Other")
        )
        other.node.add_dependency(one)
        # The tests lint every template, and cfn-lint would find a cycle.
        waiting = list(resources_of(stack, SERVICE).values())[1]
        assert set(resources_of(stack, VERIFICATION)) & set(waiting["DependsOn"])

    def test_more_names_than_the_policies_of_one_role_can_contain_are_rejected(
        self, stack: Stack
    ) -> None:
        hosted_zone, derived = zone(stack), ServiceNameSource.DERIVED

        def make_named(name: str) -> None:
            private_dns = PrivateDns(f"{name}.example.com", hosted_zone=hosted_zone)
            make_service(
                stack,
                name,
                private_dns=private_dns,
                service_name_source=derived,
                # Other Regions need one more action.
                allowed_regions=["us-east-1"],
            )

        for number in range(38):
            make_named(f"n{number}")
        # All policies of a role share 10,240 characters, without white space.
        policies = [
            *only(stack, "AWS::IAM::Role")["Properties"]["Policies"],
            *(each["Properties"] for each in resources_of(stack, "AWS::IAM::Policy").values()),
        ]
        assert len(policies) == 39
        assert sum(len(deployed(policy["PolicyDocument"])) for policy in policies) < 10240

        with pytest.raises(PrivateLinkValueError) as error:
            make_named("n38")
        assert str(error.value) == (
            "`private_dns` must need permissions for which the IAM role of the stack has room, "
            "because all constructs of this library in the stack share it, got `9728 characters "
            "of policies before`; move the service into another stack  [Stack/n38]"
        )
        assert stack.node.find_child("n38").node.children == []

    def test_the_verification_function_has_the_longest_timeout_of_lambda(
        self, stack: Stack
    ) -> None:
        make(stack, service_name_source=ServiceNameSource.DERIVED)
        function_timeout = only(stack, "AWS::Lambda::Function")["Properties"]["Timeout"]
        assert function_timeout == 900
        # Lambda invokes the function again a minute after an attempt without a response.
        assert int(only(stack, VERIFICATION)["Properties"]["ServiceTimeout"]) > 2 * 900 + 60

    def test_a_hosted_zone_imported_by_id_is_accepted(self, stack: Stack) -> None:
        by_id = route53.HostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
        make_service(stack, private_dns=PrivateDns(NAME, hosted_zone=by_id))
        assert only(stack, RECORD)["Properties"]["HostedZoneId"] == "Z0123456789"

    def test_the_apex_of_a_hosted_zone_is_accepted(self, stack: Stack) -> None:
        make(stack, domain_name="example.com")
        name = only(stack, RECORD)["Properties"]["Name"]
        assert name == {"Fn::Join": ["", [attribute("Name"), ".example.com"]]}

    def test_a_hosted_zone_of_another_stack_is_accepted(self) -> None:
        app = App()
        dns, provider = Stack(app, "Dns"), Stack(app, "Provider")
        make_service(provider, private_dns=PrivateDns(NAME, hosted_zone=zone(dns)))
        assert "Fn::ImportValue" in only(provider, RECORD)["Properties"]["HostedZoneId"]

    def test_the_private_dns_name_can_be_a_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Name")
        make(stack, domain_name=parameter.value_as_string)
        assert only(stack, SERVICE)["Properties"]["PrivateDnsName"] == {"Ref": "Name"}
        assert only(stack, VERIFICATION)["Properties"]["DomainName"] == {"Ref": "Name"}
        name = only(stack, RECORD)["Properties"]["Name"]
        assert name == {"Fn::Join": ["", [attribute("Name"), ".", {"Ref": "Name"}]]}

    def test_two_apps_with_private_dns_names_do_not_affect_each_other(self) -> None:
        templates = []
        for _ in range(2):
            stack = Stack(App(), "Stack")
            make(stack)
            templates.append(template_of(stack))
        assert templates[0] == templates[1]

    def test_a_retained_service_retains_its_txt_record(self, stack: Stack) -> None:
        make(stack).apply_removal_policy(RemovalPolicy.RETAIN)
        assert only(stack, RECORD)["DeletionPolicy"] == "Retain"
        assert only(stack, VERIFICATION)["DeletionPolicy"] == "Delete"

    @pytest.mark.parametrize("name", ["Example.com.", "example.com"])
    def test_a_zone_name_with_capitals_or_a_final_dot_is_accepted(
        self, stack: Stack, name: str
    ) -> None:
        imported = route53.HostedZone.from_hosted_zone_attributes(
            stack, "Zone", hosted_zone_id="Z0123456789", zone_name=name
        )
        make_service(stack, private_dns=PrivateDns(NAME, hosted_zone=imported))
        assert only(stack, RECORD)["Properties"]["HostedZoneId"] == "Z0123456789"

    def test_a_hosted_zone_whose_name_is_a_token_is_accepted(self, stack: Stack) -> None:
        imported = route53.HostedZone.from_hosted_zone_attributes(
            stack,
            "Zone",
            hosted_zone_id="Z0123456789",
            zone_name=Fn.import_value("ZoneName"),
        )
        make_service(stack, private_dns=PrivateDns(NAME, hosted_zone=imported))
        assert only(stack, RECORD)["Properties"]["HostedZoneId"] == "Z0123456789"

    @pytest.mark.without_recommended_flags("The CDK reports customized roles as errors.")
    def test_customized_roles_are_not_in_the_template(self) -> None:
        app = App()
        iam.Role.customize_roles(app)
        stack = Stack(app, "Stack")
        make(stack)
        # Not linted: customized roles without names have incomplete ARNs.
        template = Template.from_stack(stack)
        template.resource_count_is("AWS::IAM::Role", 0)
        template.resource_count_is("AWS::Lambda::Function", 1)


class TestWithoutHostedZone:
    def test_a_name_without_a_hosted_zone_has_no_record_and_no_verification(
        self, stack: Stack
    ) -> None:
        make_service(stack, private_dns=PrivateDns(NAME))
        assert only(stack, SERVICE)["Properties"]["PrivateDnsName"] == NAME
        assert resources_of(stack, RECORD) == {}
        assert resources_of(stack, VERIFICATION) == {}

    def test_the_name_and_value_of_the_txt_record_can_be_outputs(self, stack: Stack) -> None:
        service = make_service(stack, private_dns=PrivateDns(NAME))
        CfnOutput(stack, "Name", value=service.domain_verification_name)
        CfnOutput(stack, "Value", value=service.domain_verification_value)
        outputs = template_of(stack)["Outputs"]
        assert outputs["Name"]["Value"] == {"Fn::Join": ["", [attribute("Name"), f".{NAME}"]]}
        assert outputs["Value"]["Value"] == attribute("Value")

    def test_the_verification_depends_on_the_construct_that_publishes_the_record(
        self, stack: Stack
    ) -> None:
        service = make_service(stack, private_dns=PrivateDns(NAME))
        publisher = CustomResource(
            stack,
            "Publisher",
            service_token=Fn.import_value("Publisher"),
            properties={
                "Name": service.domain_verification_name,
                "Value": service.domain_verification_value,
            },
        )
        service.verify_private_dns(publisher)
        assert set(only(stack, VERIFICATION)["DependsOn"]) == {"Publisher", POLICY}

    def test_the_verification_without_constructs_depends_on_its_policy_only(
        self, stack: Stack
    ) -> None:
        make_service(stack, private_dns=PrivateDns(NAME)).verify_private_dns()
        assert only(stack, VERIFICATION)["DependsOn"] == [POLICY]

    @pytest.mark.parametrize("wrong", [None, "record", ["record"]])
    def test_a_dependency_that_is_not_a_construct_is_rejected(
        self, stack: Stack, wrong: Any
    ) -> None:
        service = make_service(stack, private_dns=PrivateDns(NAME))
        with pytest.raises(PrivateLinkTypeError) as error:
            service.verify_private_dns(wrong)
        assert str(error.value) == (
            f"`after[0]` must be a construct, got `{wrong!r}`; pass the construct that "
            "publishes the record; `*` unpacks a list  [Stack/Payments]"
        )
        # No resource is left behind, so that a second call succeeds.
        service.verify_private_dns()

    @pytest.mark.parametrize("has_hosted_zone", [True, False])
    def test_a_second_verification_is_rejected(self, stack: Stack, has_hosted_zone: bool) -> None:
        if has_hosted_zone:
            service = make(stack)
        else:
            service = make_service(stack, private_dns=PrivateDns(NAME))
            service.verify_private_dns()
        with pytest.raises(PrivateLinkValueError) as error:
            service.verify_private_dns()
        assert str(error.value) == (
            "`verify_private_dns` must be called once, and never with a `hosted_zone`, got "
            f"`{NAME}`, which the service verifies already; remove this call  "
            "[Stack/Payments]"
        )

    @pytest.mark.parametrize(
        "member", ["domain_verification_name", "domain_verification_value", "verify_private_dns"]
    )
    def test_a_verification_without_a_private_dns_name_is_rejected(
        self, stack: Stack, member: str
    ) -> None:
        service = make_service(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            service.verify_private_dns() if member == "verify_private_dns" else getattr(
                service, member
            )
        assert str(error.value) == (
            f"`{member}` must be used on a service with a private DNS name, got "
            "`private_dns=None`; pass `private_dns=PrivateDns(...)` to the service  "
            "[Stack/Payments]"
        )


def error_message(
    stack: Stack, private_dns: Any, error_type: type[Exception], **options: Any
) -> str:
    with pytest.raises(error_type) as error:
        make_service(stack, private_dns=private_dns, **options)
    assert resources_of(stack, SERVICE) == {}
    return str(error.value)


class TestRejected:
    def test_a_private_dns_name_for_gateway_load_balancers_is_rejected(self, stack: Stack) -> None:
        gateway = LoadBalancers.gateway(GATEWAY_ARN)
        message = error_message(
            stack, PrivateDns(NAME), PrivateLinkValueError, load_balancers=gateway
        )
        assert message == (
            "`private_dns` must not be used with Gateway Load Balancers, for which EC2 "
            "does not support it, got `LoadBalancers.gateway()`; leave it out, or use "
            "Network Load Balancers  [Stack/Payments]"
        )

    def test_a_string_as_private_dns_is_rejected(self, stack: Stack) -> None:
        assert error_message(stack, NAME, PrivateLinkTypeError) == (
            f"`private_dns` must be a `PrivateDns`, got `'{NAME}'`; pass "
            '`PrivateDns("<name>", hosted_zone=...)`  [Stack/Payments]'
        )

    @pytest.mark.parametrize("wrong", [None, 1, ["example.com"]])
    def test_a_domain_name_that_is_not_a_string_is_rejected(self, stack: Stack, wrong: Any) -> None:
        assert error_message(stack, PrivateDns(wrong), PrivateLinkTypeError) == (
            f"`private_dns.domain_name` must be a string, got `{wrong!r}`; pass a name in "
            "lower case without a final dot, like `payments.example.com` or "
            "`*.example.com`, of at most 255 characters with at most 63 between two dots  "
            "[Stack/Payments]"
        )

    @pytest.mark.parametrize(
        "wrong",
        [
            "",
            "localhost",
            "Payments.example.com",
            "payments.example.com.",
            ".example.com",
            "payments..example.com",
            "payments.*.example.com",
            "*example.com",
            "-payments.example.com",
            "pay ments.example.com",
            "zahlung\u00e4.example.com",
            "https://payments.example.com",
            f"{'a' * 64}.example.com",
            f"{'a.' * 126}coms.",
            f"{'a.' * 126}comm",
            "payments.example.com\n",
        ],
    )
    def test_a_domain_name_that_ec2_does_not_accept_is_rejected(
        self, stack: Stack, wrong: str
    ) -> None:
        assert error_message(stack, PrivateDns(wrong), PrivateLinkValueError) == (
            "`private_dns.domain_name` must be a domain name that EC2 accepts, got "
            f"`{wrong or EMPTY}`; pass a name in lower case without a final dot, like "
            "`payments.example.com` or `*.example.com`, of at most 255 characters with at "
            "most 63 between two dots  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        "right",
        [
            "example.com",
            "*.example.com",
            "xn--zahlung-5wa.example.com",
            "_payments.example.com",
            f"{'a' * 63}.example.com",
            f"{'a.' * 126}com",
        ],
    )
    def test_a_domain_name_that_ec2_accepts_is_accepted(self, stack: Stack, right: str) -> None:
        make_service(stack, private_dns=PrivateDns(right))
        assert only(stack, SERVICE)["Properties"]["PrivateDnsName"] == right

    @pytest.mark.parametrize("wrong", ["Z0123456789", 1])
    def test_a_value_that_is_not_a_hosted_zone_is_rejected(self, stack: Stack, wrong: Any) -> None:
        private_dns = PrivateDns(NAME, hosted_zone=wrong)
        assert error_message(stack, private_dns, PrivateLinkTypeError) == (
            f"`private_dns.hosted_zone` must be a hosted zone, got `{wrong!r}`; pass a "
            "public hosted zone of `aws_route53`, or leave it out  [Stack/Payments]"
        )

    @pytest.mark.parametrize("parent", ["stack", "app", "construct"])
    def test_a_verification_after_a_parent_is_rejected(self, parent: str) -> None:
        app = App()
        stack = Stack(app, "Stack")
        scope = Construct(stack, "Api")
        private_dns = PrivateDns(NAME)
        service = make_service(scope, private_dns=private_dns)
        after: dict[str, Construct] = {"stack": stack, "app": app, "construct": scope}
        with pytest.raises(PrivateLinkValueError) as error:
            service.verify_private_dns(after[parent])
        assert str(error.value) == (
            "`after` must not contain a parent of the service, which would wait for itself, got "
            f"`{after[parent].node.path or EMPTY}`; pass the construct that publishes the record  "
            "[Stack/Api/Payments]"
        )

    def test_a_verification_after_the_service_itself_is_accepted(self, stack: Stack) -> None:
        service = make_service(stack, private_dns=PrivateDns(NAME))
        service.verify_private_dns(service)

    @pytest.mark.parametrize("form", ["class", "vpcs", "id", "attributes"])
    def test_a_private_hosted_zone_is_rejected(self, stack: Stack, form: str) -> None:
        name, zone_id = "example.com", "Z0123456789"
        private: Any
        if form == "class":
            vpc = ec2.Vpc(stack, "Vpc")
            private = route53.PrivateHostedZone(stack, "Zone", zone_name=name, vpc=vpc)
        elif form == "vpcs":
            vpc = ec2.Vpc(stack, "Vpc")
            private = route53.HostedZone(stack, "Zone", zone_name=name, vpcs=[vpc])
        elif form == "id":
            private = route53.PrivateHostedZone.from_private_hosted_zone_id(stack, "Zone", zone_id)
        else:
            private = route53.PrivateHostedZone.from_private_hosted_zone_attributes(
                stack, "Zone", hosted_zone_id=zone_id, zone_name=name
            )
        private_dns = PrivateDns(NAME, hosted_zone=private)
        assert error_message(stack, private_dns, PrivateLinkValueError) == (
            "`private_dns.hosted_zone` must be a public hosted zone, where EC2 can find "
            "the TXT record, got `Stack/Zone`; pass the public hosted zone of the domain  "
            "[Stack/Payments]"
        )

    @pytest.mark.parametrize(
        "name", ["example.org", "ents.example.com", "sub.payments.example.com"]
    )
    def test_a_hosted_zone_of_another_domain_is_rejected(self, stack: Stack, name: str) -> None:
        private_dns = PrivateDns(NAME, hosted_zone=zone(stack, name))
        assert error_message(stack, private_dns, PrivateLinkValueError) == (
            f"`private_dns.hosted_zone` must contain the domain name `{NAME}`, got "
            f"`{name}`; pass the public hosted zone of that domain  [Stack/Payments]"
        )
