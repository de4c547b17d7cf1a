"""Ports of interface endpoints: the rules of their security groups, and the listeners."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Annotations as ConstructAnnotations
from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import (
    InterfaceEndpoint,
    LoadBalancers,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import GROUP, NAME, catch_error, existing_vpc
from tests.unit.templates import NETWORK_ARN, make_service, resources_of

WARNING = "cdk-privatelink:portWithoutListener"
FIX = "pass a port number like `443`, or an `ec2.Port` like `ec2.Port.udp(53)`"


def connect(stack: Stack, **options: Any) -> InterfaceEndpoint:
    options.setdefault("service", NAME)
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return InterfaceEndpoint(stack, "Endpoint", **options)


def admitted(stack: Stack) -> list[tuple[str, int, int]]:
    # With the feature flags of `cdk init`, load balancers have security groups, too.
    (group,) = (
        each["Properties"]
        for name, each in resources_of(stack, GROUP).items()
        if name.startswith("Endpoint")
    )
    rules = group["SecurityGroupIngress"]
    return [(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules]


def warnings_of(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning(
        "/Stack/Endpoint", Match.string_like_regexp("security groups of this endpoint admit")
    )
    return [f"{each.entry.data}" for each in found]


def listening(
    stack: Stack, *listeners: tuple[float, elbv2.Protocol]
) -> tuple[elbv2.NetworkLoadBalancer, PrivateLinkEndpointService]:
    """Return a load balancer with these listeners, and its service."""
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=existing_vpc(stack, "ProviderVpc"))
    for port, protocol in listeners:
        listen(nlb, port, protocol)
    return nlb, make_service(stack, load_balancers=LoadBalancers.network(nlb))


def listen(nlb: elbv2.NetworkLoadBalancer, port: float, protocol: elbv2.Protocol) -> None:
    group = elbv2.NetworkTargetGroup(
        nlb, f"Targets{port}{protocol.name}", vpc=nlb.vpc, port=80, target_type=elbv2.TargetType.IP
    )
    certificate = elbv2.ListenerCertificate("arn:aws:acm:eu-west-1:111122223333:certificate/one")
    nlb.add_listener(
        f"{port}{protocol.name}",
        port=port,
        protocol=protocol,
        certificates=[certificate] if protocol is elbv2.Protocol.TLS else None,
        default_target_groups=[group],
    )


class TestRules:
    def test_the_security_group_admits_https_by_default(self, stack: Stack) -> None:
        connect(stack)
        assert admitted(stack) == [("tcp", 443, 443)]

    def test_the_security_group_admits_each_port(self, stack: Stack) -> None:
        connect(stack, ports=[443, ec2.Port.udp(53), ec2.Port.tcp_range(8000, 8009), 443])
        assert admitted(stack) == [("tcp", 443, 443), ("udp", 53, 53), ("tcp", 8000, 8009)]

    @pytest.mark.parametrize(
        ("ports", "expected"),
        [
            ([8443, 443], 8443),
            ([ec2.Port.udp(53), ec2.Port.tcp(853)], 853),
            ([ec2.Port.tcp_range(1, 9), 8443], 8443),
            ([ec2.Port.udp(53)], 443),
        ],
    )
    def test_the_default_port_of_connections_is_the_first_tcp_port(
        self, stack: Stack, ports: Any, expected: int
    ) -> None:
        endpoint = connect(stack, ports=ports, open=False)
        endpoint.connections.allow_default_port_from(ec2.Peer.ipv4("10.9.0.0/16"))
        assert admitted(stack) == [("tcp", expected, expected)]

    @pytest.mark.parametrize("wrong", [0, 65536, -1, 10**400, 0.5, float("nan"), float("inf")])
    def test_a_port_out_of_range_is_rejected(self, stack: Stack, wrong: Any) -> None:
        vpc = existing_vpc(stack)
        message = catch_error(
            stack, PrivateLinkValueError, lambda: connect(stack, vpc=vpc, ports=[443, wrong])
        )
        assert message == (
            f"`ports[1]` must be between 1 and 65535, got `{wrong}`; {FIX}  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize("wrong", ["443", True, None, [443]])
    def test_a_port_of_another_type_is_rejected(self, stack: Stack, wrong: Any) -> None:
        vpc = existing_vpc(stack)
        message = catch_error(
            stack, PrivateLinkTypeError, lambda: connect(stack, vpc=vpc, ports=[wrong])
        )
        assert message == (
            f"`ports[0]` must be a port number or an `ec2.Port`, got `{wrong!r}`; {FIX}  "
            "[Stack/Endpoint]"
        )

    def test_an_empty_list_of_ports_is_rejected(self, stack: Stack) -> None:
        with pytest.raises(PrivateLinkValueError, match="`ports` must not be empty"):
            connect(stack, ports=[])


class TestListeners:
    def test_the_default_is_the_ports_of_the_listeners(self, stack: Stack) -> None:
        _, service = listening(
            stack,
            (5432, elbv2.Protocol.TCP),
            (443, elbv2.Protocol.TLS),
            (53, elbv2.Protocol.TCP_UDP),
            (123, elbv2.Protocol.UDP),
        )
        connect(stack, service=service)
        assert admitted(stack) == [
            ("tcp", 5432, 5432),
            ("tcp", 443, 443),
            ("tcp", 53, 53),
            ("udp", 53, 53),
            ("udp", 123, 123),
        ]
        assert warnings_of(stack) == []

    def test_the_default_is_https_if_a_port_is_a_token(self, stack: Stack) -> None:
        port = CfnParameter(stack, "Port", type="Number").value_as_number
        _, service = listening(stack, (port, elbv2.Protocol.TCP))
        connect(stack, service=service)
        assert admitted(stack) == [("tcp", 443, 443)]
        assert warnings_of(stack) == []

    def test_the_default_is_https_for_an_imported_load_balancer(self, stack: Stack) -> None:
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=existing_vpc(stack, "ProviderVpc"))
        listen(nlb, 5432, elbv2.Protocol.TCP)
        both = LoadBalancers.network(nlb, NETWORK_ARN)
        service = make_service(stack, "Both", load_balancers=both)
        connect(stack, service=service)
        assert admitted(stack) == [("tcp", 443, 443)]

    def test_a_port_without_listener_adds_a_warning(self, stack: Stack) -> None:
        _, service = listening(stack, (5432, elbv2.Protocol.TCP), (53, elbv2.Protocol.UDP))
        connect(stack, service=service, ports=[443, 5432, ec2.Port.tcp(53)])
        assert warnings_of(stack) == [
            "The security groups of this endpoint admit tcp 443, tcp 53, but the load balancers of "
            "the service listen on tcp 5432, udp 53 only. Pass the ports of the listeners as "
            "`ports`. If this is intended, acknowledge the warning: "
            f'`Annotations.of(endpoint).acknowledge_warning("{WARNING}")`. [ack: {WARNING}]'
        ]

    def test_the_warning_can_be_acknowledged(self, stack: Stack) -> None:
        _, service = listening(stack, (5432, elbv2.Protocol.TCP))
        endpoint = connect(stack, service=service, ports=[443])
        ConstructAnnotations.of(endpoint).acknowledge_warning(WARNING)
        assert warnings_of(stack) == []

    @pytest.mark.parametrize(
        "port",
        [ec2.Port.tcp_range(5000, 6000), ec2.Port.all_traffic(), ec2.Port.all_tcp(), 5432],
    )
    def test_a_port_that_contains_the_listener_adds_no_warning(
        self, stack: Stack, port: Any
    ) -> None:
        _, service = listening(stack, (5432, elbv2.Protocol.TCP))
        connect(stack, service=service, ports=[port])
        assert warnings_of(stack) == []

    def test_a_port_that_is_a_token_adds_no_warning(self, stack: Stack) -> None:
        _, service = listening(stack, (5432, elbv2.Protocol.TCP))
        port = CfnParameter(stack, "Port", type="Number").value_as_number
        connect(stack, service=service, ports=[port])
        assert warnings_of(stack) == []

    def test_an_endpoint_that_is_not_open_adds_no_warning(self, stack: Stack) -> None:
        _, service = listening(stack, (5432, elbv2.Protocol.TCP))
        connect(stack, service=service, ports=[443], open=False)
        assert warnings_of(stack) == []

    def test_a_listener_that_is_added_after_the_endpoint_counts(self, stack: Stack) -> None:
        nlb, service = listening(stack)
        connect(stack, service=service)
        listen(nlb, 443, elbv2.Protocol.TCP)
        assert warnings_of(stack) == []

    def test_another_listener_that_is_added_after_the_endpoint_adds_a_warning(
        self, stack: Stack
    ) -> None:
        nlb, service = listening(stack)
        connect(stack, service=service)
        listen(nlb, 5432, elbv2.Protocol.TCP)
        assert len(warnings_of(stack)) == 1

    def test_a_listener_outside_of_its_load_balancer_counts(self, stack: Stack) -> None:
        nlb, service = listening(stack, (443, elbv2.Protocol.TCP))
        elbv2.CfnListener(
            stack, "Raw", load_balancer_arn=nlb.load_balancer_arn, default_actions=[], port=8443
        ).protocol = "TCP"
        connect(stack, service=service, ports=[8443])
        assert warnings_of(stack) == []
