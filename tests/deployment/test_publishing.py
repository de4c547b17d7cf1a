"""The service name in SSM parameters, which other accounts read while they are shared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Environment, Fn, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from botocore.exceptions import ClientError

from cdk_privatelink import InterfaceEndpoint, LoadBalancers, PrivateLinkEndpointService
from tests.linter import findings
from tests.local_aws import LocalAws
from tests.local_aws.accounts import Account

CONSUMER, OTHER = "444455556666", "777788889999"
NAME = "/payments/endpoint-service"


def template_of(stack: Stack) -> str:
    app = stack.node.root
    assert isinstance(app, App)
    template = json.dumps(app.synth().get_stack_by_name(stack.stack_name).template)
    assert findings(template) == []
    return template


def provider_template(share_with: Sequence[str], *, name: str = NAME) -> str:
    stack = Stack(App(default_stack_synthesizer=LegacyStackSynthesizer()), "Provider")
    service = PrivateLinkEndpointService(
        stack,
        "Payments",
        load_balancers=LoadBalancers.network(CfnParameter(stack, "LoadBalancer").value_as_string),
        allowed_principals=[iam.AccountPrincipal(CONSUMER)],
    )
    service.publish("Consumers", parameter_name=name, share_with=share_with)
    CfnOutput(stack, "Name", value=service.service_name)
    return template_of(stack)


def consumer_template(parameter: str, zone: str) -> str:
    app = App(default_stack_synthesizer=LegacyStackSynthesizer())
    env = Environment(account=CONSUMER, region="eu-west-1")
    stack = Stack(app, "Consumer", env=env)
    service = PrivateLinkEndpointService.from_parameter(stack, "Service", parameter)
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        availability_zones=[CfnParameter(stack, "Zone", default=zone).value_as_string],
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Client", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        ],
    )
    InterfaceEndpoint(stack, "Payments", vpc=vpc, service=service)
    CfnOutput(stack, "Zones", value=Fn.join(" ", service.availability_zone_ids))
    CfnOutput(stack, "Region", value=Fn.select(0, service.allowed_regions))
    return template_of(stack)


class Provider:
    """The stack of the service, in the first account of the emulator."""

    def __init__(self, aws: LocalAws, load_balancer: str) -> None:
        self.aws = aws
        self._cloudformation = aws.client("cloudformation")
        self._options = {
            "StackName": "Provider",
            "Capabilities": ["CAPABILITY_IAM"],
            "Parameters": [{"ParameterKey": "LoadBalancer", "ParameterValue": load_balancer}],
        }

    def create(self, share_with: Sequence[str]) -> None:
        self._cloudformation.create_stack(
            TemplateBody=provider_template(share_with), **self._options
        )
        assert self.status == "CREATE_COMPLETE"

    def update(self, share_with: Sequence[str], **options: str) -> None:
        self._cloudformation.update_stack(
            TemplateBody=provider_template(share_with, **options), **self._options
        )
        assert self.status == "UPDATE_COMPLETE"

    def delete(self) -> None:
        self._cloudformation.delete_stack(StackName="Provider")

    @property
    def status(self) -> str:
        (stack,) = self._cloudformation.describe_stacks(StackName="Provider")["Stacks"]
        return str(stack["StackStatus"])

    @property
    def arn(self) -> str:
        return f"arn:aws:ssm:eu-west-1:{self.aws.id}:parameter{NAME}"

    @property
    def zone(self) -> str:
        found = self.aws.client("ec2").describe_vpc_endpoint_service_configurations()
        return str(found["ServiceConfigurations"][0]["AvailabilityZones"][0])

    def tiers(self) -> set[str]:
        found = self.aws.client("ssm").describe_parameters()["Parameters"]
        return {each["Tier"] for each in found if each["Name"].startswith(NAME)}


def can_read(account: Account, arn: str) -> bool:
    return bool(account.client("ssm").get_parameters(Names=[arn])["Parameters"])


@pytest.fixture
def provider(local_aws: LocalAws, load_balancer: str) -> Any:
    created = Provider(local_aws, load_balancer)
    yield created
    created.delete()


def test_the_account_of_a_share_reads_the_parameters_and_connects(provider: Provider) -> None:
    # GIVEN a service whose parameters are shared with one account
    provider.create([CONSUMER])
    assert provider.tiers() == {"Advanced"}
    consumer = provider.aws.account(CONSUMER)
    assert can_read(consumer, provider.arn)
    assert not can_read(provider.aws.account(OTHER), provider.arn)
    # WHEN the account deploys a consumer
    template = consumer_template(provider.arn, provider.zone)
    consumer.client("cloudformation").create_stack(StackName="Consumer", TemplateBody=template)
    # THEN the consumer is connected to the service, and has all values
    (endpoint,) = consumer.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint["ServiceName"] == provider.aws.outputs("Provider")["Name"]
    outputs = consumer.outputs("Consumer")
    assert outputs["Region"] == "eu-west-1"
    assert outputs["Zones"].startswith("euw1-az")
    # WHEN the parameters are no longer shared
    provider.update([])
    # THEN they stay advanced, and the account can neither read them nor deploy again
    assert provider.tiers() == {"Advanced"}
    assert can_read(provider.aws, provider.arn)
    assert not can_read(consumer, provider.arn)
    with pytest.raises(ClientError, match="Unable to fetch parameters"):
        consumer.client("cloudformation").create_stack(StackName="Second", TemplateBody=template)
    # WHEN they are shared again
    provider.update([CONSUMER, OTHER])
    # THEN both accounts can read them
    assert can_read(consumer, provider.arn)
    assert can_read(provider.aws.account(OTHER), provider.arn)
    consumer.client("cloudformation").delete_stack(StackName="Consumer")


def test_parameters_become_advanced_when_they_are_shared(provider: Provider) -> None:
    provider.create([])
    assert provider.tiers() == {"Standard"}
    provider.update([CONSUMER])
    assert provider.tiers() == {"Advanced"}
    assert can_read(provider.aws.account(CONSUMER), provider.arn)


def test_parameters_with_another_name_replace_the_old_ones(provider: Provider) -> None:
    provider.create([CONSUMER])
    provider.update([CONSUMER], name="/orders/endpoint-service")
    assert not can_read(provider.aws, provider.arn)
    renamed = provider.arn.replace("payments", "orders")
    assert can_read(provider.aws.account(CONSUMER), renamed)


@pytest.mark.parametrize("tier", [{}, {"Tier": "Standard"}])
def test_an_advanced_parameter_cannot_become_standard(
    local_aws: LocalAws, tier: dict[str, str]
) -> None:
    ssm = local_aws.client("ssm")
    name = f"parameter-{len(tier)}"
    ssm.put_parameter(Name=name, Value="1", Type="String", Tier="Advanced")
    with pytest.raises(ClientError, match="can't downgrade a parameter from the advanced"):
        ssm.put_parameter(Name=name, Value="2", Overwrite=True, **tier)
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "1"
    ssm.put_parameter(Name=name, Value="3", Overwrite=True, Tier="Intelligent-Tiering")
    (found,) = ssm.get_parameters(Names=[name])["Parameters"]
    assert found["Value"] == "3"


def test_a_standard_parameter_cannot_be_shared(local_aws: LocalAws) -> None:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1"}}
    account, region = {"Ref": "AWS::AccountId"}, {"Ref": "AWS::Region"}
    arn = ["arn:aws:ssm:", region, ":", account, ":parameter/", {"Ref": "Parameter"}]
    share = {
        "Type": "AWS::RAM::ResourceShare",
        "Properties": {
            "Name": "share",
            "Principals": [CONSUMER],
            "ResourceArns": [{"Fn::Join": ["", arn]}],
        },
    }
    cloudformation = local_aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="Standard",
        TemplateBody=json.dumps({"Resources": {"Parameter": parameter, "Share": share}}),
    )
    events = cloudformation.describe_stack_events(StackName="Standard")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events]
    assert any("must be an advanced parameter" in reason for reason in reasons)
