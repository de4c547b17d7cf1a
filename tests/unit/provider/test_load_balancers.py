from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Aws, CfnParameter, Environment, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from cdk_privatelink import (
    LoadBalancers,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import existing_vpc, ids
from tests.unit.templates import (
    APPLICATION_ARN,
    EMPTY,
    GATEWAY_ARN,
    NETWORK_ARN,
    NETWORK_ARN_2,
    SERVICE,
    only,
    template_of,
)

SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]


def network_arns(stack: Stack, *load_balancers: Any) -> Any:
    PrivateLinkEndpointService(
        stack, "Payments", load_balancers=LoadBalancers.network(*load_balancers)
    )
    return only(stack, SERVICE)["Properties"]["NetworkLoadBalancerArns"]


def gateway_arns(stack: Stack, *load_balancers: Any) -> Any:
    PrivateLinkEndpointService(
        stack, "Payments", load_balancers=LoadBalancers.gateway(*load_balancers)
    )
    return only(stack, SERVICE)["Properties"]["GatewayLoadBalancerArns"]


def error_message(stack: Stack, load_balancers: Any, error_type: type[Exception]) -> str:
    with pytest.raises(error_type) as error:
        PrivateLinkEndpointService(stack, "Payments", load_balancers=load_balancers)
    resources = template_of(stack).get("Resources", {})
    assert SERVICE not in [resource["Type"] for resource in resources.values()]
    return str(error.value)


class TestAccepted:
    def test_several_load_balancers_keep_the_given_order(self, stack: Stack) -> None:
        assert network_arns(stack, NETWORK_ARN_2, NETWORK_ARN) == [NETWORK_ARN_2, NETWORK_ARN]

    def test_a_network_load_balancer_is_accepted(self, stack: Stack) -> None:
        vpc = ec2.Vpc(stack, "Vpc")
        (arn,) = network_arns(stack, elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc))
        assert arn["Ref"].startswith("Nlb")

    def test_an_imported_network_load_balancer_is_accepted(self, stack: Stack) -> None:
        imported = elbv2.NetworkLoadBalancer.from_network_load_balancer_attributes(
            stack, "Nlb", load_balancer_arn=NETWORK_ARN
        )
        assert network_arns(stack, imported) == [NETWORK_ARN]

    def test_the_placeholder_of_a_pending_lookup_is_accepted(self) -> None:
        # GIVEN the placeholder that the CDK returns until the CLI has looked up the load balancer
        known = Stack(App(), "Known", env=Environment(account="111122223333", region="eu-west-1"))
        looked_up = [
            elbv2.NetworkLoadBalancer.from_lookup(known, name, load_balancer_tags={"name": name})
            for name in ("Blue", "Green")
        ]
        # THEN it is accepted, because an error would keep the CLI from the lookup
        arns = network_arns(known, *looked_up)
        assert arns == [load_balancer.load_balancer_arn for load_balancer in looked_up]
        # AND it is still the same placeholder for every load balancer
        assert "us-west-2" in arns[0]
        assert arns[0] == arns[1]

    @pytest.mark.parametrize("kind", ["network", "gateway"])
    def test_an_l1_of_the_right_type_is_accepted(self, stack: Stack, kind: str) -> None:
        l1 = elbv2.CfnLoadBalancer(stack, "Nlb", type=kind, subnets=SUBNETS[:1])
        arns = network_arns if kind == "network" else gateway_arns
        assert arns(stack, l1) == [{"Ref": "Nlb"}]

    def test_an_l1_whose_type_is_a_token_is_accepted(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Type")
        l1 = elbv2.CfnLoadBalancer(
            stack, "Nlb", type=parameter.value_as_string, subnets=SUBNETS[:1]
        )
        assert network_arns(stack, l1) == [{"Ref": "Nlb"}]

    def test_the_arn_of_a_gateway_load_balancer_is_accepted(self, stack: Stack) -> None:
        assert gateway_arns(stack, GATEWAY_ARN) == [GATEWAY_ARN]

    def test_an_arn_in_the_region_of_the_stack_is_accepted(self) -> None:
        env = Environment(account="111122223333", region="eu-west-1")
        assert network_arns(Stack(App(), "Stack", env=env), NETWORK_ARN) == [NETWORK_ARN]

    @pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov", "aws-iso", "aws-eusc"])
    def test_an_arn_of_every_partition_is_accepted(self, stack: Stack, partition: str) -> None:
        arn = NETWORK_ARN.replace("arn:aws:", f"arn:{partition}:")
        assert network_arns(stack, arn) == [arn]

    def test_an_arn_can_be_a_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Arn")
        assert network_arns(stack, parameter.value_as_string) == [{"Ref": "Arn"}]

    def test_an_arn_can_contain_tokens(self, stack: Stack) -> None:
        arn = NETWORK_ARN.replace(":aws:", f":{Aws.PARTITION}:").replace(
            "one/0123456789", CfnParameter(stack, "NameAndId").value_as_string
        )
        ((join, (_, parts)),) = network_arns(stack, arn)[0].items()
        assert (join, parts[-1]) == ("Fn::Join", {"Ref": "NameAndId"})

    def test_load_balancers_can_be_a_list_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Arns", type="CommaDelimitedList")
        assert network_arns(stack, *parameter.value_as_list) == {"Ref": "Arns"}


class GatewayLoadBalancer(Construct):
    """A construct like one of another library, because the CDK has an L1 only."""

    load_balancer_type = "gateway"

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        l1 = elbv2.CfnLoadBalancer(self, "Resource", type="gateway", subnets=SUBNETS)
        self.load_balancer_arn: str = l1.ref


class TestGatewayLoadBalancerObjects:
    def test_a_construct_of_type_gateway_is_accepted_as_a_gateway_load_balancer(
        self, stack: Stack
    ) -> None:
        (arn,) = gateway_arns(stack, GatewayLoadBalancer(stack, "Gwlb"))
        assert arn["Ref"].startswith("Gwlb")

    def test_a_construct_of_type_gateway_is_rejected_as_a_network_load_balancer(
        self, stack: Stack
    ) -> None:
        gateway: Any = GatewayLoadBalancer(stack, "Gwlb")
        message = error_message(stack, LoadBalancers.network(gateway), PrivateLinkValueError)
        assert message == (
            "`load_balancers` must contain load balancers of one type only, got gateway "
            "load balancer `Stack/Gwlb`; pass this load balancer to "
            "`LoadBalancers.gateway()`, in a service of its own  [Stack/Payments]"
        )


class TestTokens:
    """The token of a resource of the app is as good as the resource."""

    def test_the_token_of_an_application_load_balancer_is_rejected(self, stack: Stack) -> None:
        resource = elbv2.CfnLoadBalancer(
            stack, "Alb", type="application", subnets=ids("subnet", 1, 2)
        )
        message = error_message(stack, LoadBalancers.network(resource.ref), PrivateLinkValueError)
        assert message == (
            "`load_balancers` must contain Network or Gateway Load Balancers only, got application "
            "load balancer `Stack/Alb`; put a Network Load Balancer in front of this load balancer "
            "and pass that one  [Stack/Payments]"
        )

    @pytest.mark.parametrize("kind", ["listener", "target group"])
    def test_the_arn_of_another_resource_is_rejected(self, stack: Stack, kind: str) -> None:
        arn = (
            elbv2.CfnListener(stack, "Other", load_balancer_arn="a", default_actions=[]).ref
            if kind == "listener"
            else elbv2.CfnTargetGroup(stack, "Other").ref
        )
        message = error_message(stack, LoadBalancers.network(arn), PrivateLinkValueError)
        assert message == (
            "`load_balancers` must contain ARNs of load balancers, got `Stack/Other`; pass "
            "`arn:<partition>:elasticloadbalancing:<region>:<account>:loadbalancer/net/<name>/<id>`"
            "  [Stack/Payments]"
        )

    def test_the_token_of_a_load_balancer_has_its_zones(self, stack: Stack) -> None:
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=existing_vpc(stack))
        balancers = LoadBalancers.network(nlb.load_balancer_arn)
        service = PrivateLinkEndpointService(stack, "Payments", load_balancers=balancers)
        assert len(service.add_rst_packets_sent_alarms("Alarms", threshold=1)) == 2


class TestOtherAccounts:
    def test_an_arn_in_another_account_is_rejected(self) -> None:
        stack = Stack(App(), "Stack", env=Environment(account="444455556666", region="eu-west-1"))
        assert error_message(stack, LoadBalancers.network(NETWORK_ARN), PrivateLinkValueError) == (
            f"`load_balancers` must be in the account of the service, got `{NETWORK_ARN}`; pass a "
            "load balancer in 444455556666  [Stack/Payments]"
        )

    def test_a_load_balancer_of_a_stack_in_another_account_is_rejected(self) -> None:
        app = App()
        own, other = (
            Stack(app, f"Stack{account}", env=Environment(account=account, region="eu-west-1"))
            for account in ("111122223333", "444455556666")
        )
        nlb = elbv2.NetworkLoadBalancer(other, "Nlb", vpc=existing_vpc(other))
        message = error_message(own, LoadBalancers.network(nlb), PrivateLinkValueError)
        assert message.startswith("`load_balancers` must be in the account of the service")

    def test_an_arn_in_an_unknown_account_is_accepted(self, stack: Stack) -> None:
        balancers = LoadBalancers.network(NETWORK_ARN)
        PrivateLinkEndpointService(stack, "Payments", load_balancers=balancers)


class TestOtherRegions:
    def test_a_load_balancer_of_a_stack_in_another_region_is_rejected(self) -> None:
        app = App()
        local, remote = (
            Stack(app, region, env=Environment(account="111122223333", region=region))
            for region in ("eu-west-1", "us-east-1")
        )
        nlb = elbv2.NetworkLoadBalancer(remote, "Nlb", vpc=ec2.Vpc(remote, "Vpc"))
        assert error_message(local, LoadBalancers.network(nlb), PrivateLinkValueError) == (
            "`load_balancers` must be in the Region of the service, got `us-east-1/Nlb`; "
            "pass a load balancer in eu-west-1  [eu-west-1/Payments]"
        )


class TestRejected:
    def test_an_empty_list_of_load_balancers_is_rejected(self, stack: Stack) -> None:
        assert error_message(stack, LoadBalancers.network(), PrivateLinkValueError) == (
            "`load_balancers` must not be empty, got `LoadBalancers.network()`; pass one "
            "load balancer or more  [Stack/Payments]"
        )

    def test_a_repeated_load_balancer_is_rejected(self, stack: Stack) -> None:
        twice = LoadBalancers.network(NETWORK_ARN, NETWORK_ARN_2, NETWORK_ARN)
        assert error_message(stack, twice, PrivateLinkValueError) == (
            "`load_balancers` must not contain a load balancer twice, got the same one as "
            "number 1 and number 3; pass each load balancer once  [Stack/Payments]"
        )

    def test_a_gateway_arn_is_rejected_as_a_network_load_balancer(self, stack: Stack) -> None:
        mixed = LoadBalancers.network(NETWORK_ARN, GATEWAY_ARN)
        assert error_message(stack, mixed, PrivateLinkValueError) == (
            "`load_balancers` must contain load balancers of one type only, got gateway "
            f"load balancer `{GATEWAY_ARN}`; pass this load balancer to "
            "`LoadBalancers.gateway()`, in a service of its own  [Stack/Payments]"
        )

    def test_a_network_arn_is_rejected_as_a_gateway_load_balancer(self, stack: Stack) -> None:
        mixed = LoadBalancers.gateway(NETWORK_ARN)
        assert error_message(stack, mixed, PrivateLinkValueError) == (
            "`load_balancers` must contain load balancers of one type only, got network "
            f"load balancer `{NETWORK_ARN}`; pass this load balancer to "
            "`LoadBalancers.network()`, in a service of its own  [Stack/Payments]"
        )

    def test_a_network_load_balancer_is_rejected_as_a_gateway_load_balancer(
        self, stack: Stack
    ) -> None:
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=ec2.Vpc(stack, "Vpc"))
        mixed: Any = LoadBalancers.gateway(nlb)  # type: ignore[arg-type]
        assert error_message(stack, mixed, PrivateLinkValueError) == (
            "`load_balancers` must contain load balancers of one type only, got network "
            "load balancer `Stack/Nlb`; pass this load balancer to "
            "`LoadBalancers.network()`, in a service of its own  [Stack/Payments]"
        )

    @pytest.mark.parametrize("l1_type", ["application", None])
    def test_an_l1_of_type_application_is_rejected(self, stack: Stack, l1_type: str | None) -> None:
        l1 = elbv2.CfnLoadBalancer(stack, "Alb", type=l1_type, subnets=SUBNETS)
        assert error_message(stack, LoadBalancers.network(l1), PrivateLinkValueError) == (
            "`load_balancers` must contain Network or Gateway Load Balancers only, got "
            "application load balancer `Stack/Alb`; put a Network Load Balancer in front "
            "of this load balancer and pass that one  [Stack/Payments]"
        )

    def test_an_l1_of_type_gateway_is_rejected_as_a_network_load_balancer(
        self, stack: Stack
    ) -> None:
        l1 = elbv2.CfnLoadBalancer(stack, "Gwlb", type="gateway", subnets=SUBNETS[:1])
        assert error_message(stack, LoadBalancers.network(l1), PrivateLinkValueError) == (
            "`load_balancers` must contain load balancers of one type only, got gateway "
            "load balancer `Stack/Gwlb`; pass this load balancer to "
            "`LoadBalancers.gateway()`, in a service of its own  [Stack/Payments]"
        )

    def test_an_application_load_balancer_is_rejected(self, stack: Stack) -> None:
        alb: Any = elbv2.ApplicationLoadBalancer(stack, "Alb", vpc=ec2.Vpc(stack, "Vpc"))
        assert error_message(stack, LoadBalancers.network(alb), PrivateLinkValueError) == (
            "`load_balancers` must contain Network or Gateway Load Balancers only, got "
            "application load balancer `Stack/Alb`; put a Network Load Balancer in front "
            "of this load balancer and pass that one  [Stack/Payments]"
        )

    def test_the_arn_of_an_application_load_balancer_is_rejected(self, stack: Stack) -> None:
        assert error_message(
            stack, LoadBalancers.network(APPLICATION_ARN), PrivateLinkValueError
        ) == (
            "`load_balancers` must contain Network or Gateway Load Balancers only, got "
            f"application load balancer `{APPLICATION_ARN}`; put a Network Load Balancer in "
            "front of this load balancer and pass that one  [Stack/Payments]"
        )

    def test_an_imported_application_load_balancer_is_rejected(self, stack: Stack) -> None:
        imported: Any = elbv2.ApplicationLoadBalancer.from_application_load_balancer_attributes(
            stack, "Alb", load_balancer_arn=APPLICATION_ARN, security_group_id="sg-1"
        )
        message = error_message(stack, LoadBalancers.network(imported), PrivateLinkValueError)
        assert f"got application load balancer `{APPLICATION_ARN}`" in message

    @pytest.mark.parametrize(
        "wrong",
        [
            "payments",
            "",
            NETWORK_ARN.replace("elasticloadbalancing", "ec2"),
            NETWORK_ARN + "/more",
            # A Classic Load Balancer has no type in its ARN.
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/classic",
            NETWORK_ARN.replace("loadbalancer/net", "targetgroup"),
        ],
    )
    def test_a_string_that_is_not_a_load_balancer_arn_is_rejected(
        self, stack: Stack, wrong: str
    ) -> None:
        assert error_message(stack, LoadBalancers.network(wrong), PrivateLinkValueError) == (
            f"`load_balancers` must contain ARNs of load balancers, got `{wrong or EMPTY}`; pass "
            "`arn:<partition>:elasticloadbalancing:<region>:<account>:loadbalancer/net/<name>/<id>`"
            "  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", [None, 3, ["a list"]])
    def test_a_value_of_another_type_is_rejected(self, stack: Stack, wrong: Any) -> None:
        assert error_message(stack, LoadBalancers.gateway(wrong), PrivateLinkTypeError) == (
            f"`load_balancers` must contain load balancers or ARNs, got `{wrong!r}`; pass "
            "each load balancer as a separate argument; `*` unpacks a list  "
            "[Stack/Payments]"
        )

    def test_a_list_instead_of_load_balancers_is_rejected(self, stack: Stack) -> None:
        assert error_message(stack, [NETWORK_ARN], PrivateLinkTypeError) == (
            f"`load_balancers` must be `LoadBalancers`, got `['{NETWORK_ARN}']`; call "
            "`LoadBalancers.network()` or `LoadBalancers.gateway()` with the load "
            "balancers  [Stack/Payments]"
        )

    def test_a_list_token_beside_other_load_balancers_is_rejected(self, stack: Stack) -> None:
        arns = CfnParameter(stack, "Arns", type="CommaDelimitedList").value_as_list
        message = error_message(
            stack, LoadBalancers.network(*arns, NETWORK_ARN), PrivateLinkValueError
        )
        assert message == (
            "`load_balancers` must not mix a list token with other values, got a list token "
            "among 2 values; pass either the list token alone or single values"
            "  [Stack/Payments]"
        )

    def test_an_arn_in_another_region_is_rejected(self) -> None:
        env = Environment(account="111122223333", region="us-east-2")
        stack = Stack(App(), "Stack", env=env)
        assert error_message(stack, LoadBalancers.network(NETWORK_ARN), PrivateLinkValueError) == (
            f"`load_balancers` must be in the Region of the service, got `{NETWORK_ARN}`; "
            "pass a load balancer in us-east-2  [Stack/Payments]"
        )

    def test_an_error_names_the_path_of_the_service_in_a_stage(self) -> None:
        inner = Stack(Stage(App(), "Prod"), "Network")
        with pytest.raises(PrivateLinkValueError) as error:
            PrivateLinkEndpointService(inner, "Payments", load_balancers=LoadBalancers.network())
        assert error.value.construct_path == "Prod/Network/Payments"
