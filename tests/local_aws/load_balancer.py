"""Load balancers: of the type asked for, and kept while an endpoint service uses them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.elbv2.exceptions import ResourceInUseError
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer, elbv2_backends

from .asked import Asked


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    get_attribute = FakeLoadBalancer.get_cfn_attribute
    delete = ELBv2Backend.delete_load_balancer

    def get_load_balancer_attribute(balancer: FakeLoadBalancer, name: str) -> Any:
        if name == "LoadBalancerFullName":
            return balancer.arn.split(":loadbalancer/")[1]
        if name == "CanonicalHostedZoneID":
            return balancer.canonical_hosted_zone_id
        return get_attribute(balancer, name)

    def delete_load_balancer(backend: ELBv2Backend, arn: str) -> None:
        for service in backend.ec2_backend.configurations.values():
            if arn in (*service.network_load_balancer_arns, *service.gateway_load_balancer_arns):
                raise ResourceInUseError(
                    f"Load balancer '{arn}' cannot be deleted because it is currently "
                    "associated with another service"
                )
        delete(backend, arn)

    return [
        # moto passes these two on unresolved, as the text of their own Fn::GetAtt.
        patch.object(FakeLoadBalancer, "get_cfn_attribute", get_load_balancer_attribute),
        # moto deletes what an endpoint service still stands on.
        patch.object(ELBv2Backend, "delete_load_balancer", delete_load_balancer),
    ]


def create_load_balancer(asked: Asked) -> FakeLoadBalancer:
    """Make the type asked for, with an ARN that tells it; moto's stacks make ALBs only."""
    properties = asked.properties
    kind = properties.get("Type", "application")
    backend = elbv2_backends[asked.account_id][asked.region]
    balancer = backend.create_load_balancer(
        asked.name,
        properties.get("SecurityGroups", []),
        properties.get("Subnets", []),
        subnet_mappings=properties.get("SubnetMappings"),
        scheme=properties.get("Scheme", "internet-facing"),
        loadbalancer_type=kind,
        ip_address_type=properties.get("IpAddressType", "ipv4"),
    )
    del backend.load_balancers[balancer.arn]
    short = {"application": "app", "network": "net", "gateway": "gwy"}[kind]
    balancer.arn = balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{short}/")
    backend.load_balancers[balancer.arn] = balancer
    backend.tagging_service.tag_resource(balancer.arn, properties.get("Tags"))
    return balancer
