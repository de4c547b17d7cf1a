"""The load balancers, target groups and listeners of the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deployment.test_local_private_link import attribute, events, resource
from tests.local_aws import LocalAws

STACK = "provider"
ELB = "ElasticLoadBalancingV2"
Resources = dict[str, dict[str, Any]]
Deploy = Callable[..., str]
NETWORK = {
    "Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
    "Subnet": resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24"),
}


@pytest.fixture
def deploy(local_aws: LocalAws) -> Iterator[Deploy]:
    """Return a function that creates or updates the stack, and delete the stack after the test."""
    client = local_aws.client("cloudformation")

    def deploy_resources(resources: Resources, outputs: dict[str, Any] | None = None) -> str:
        output_values = {name: {"Value": value} for name, value in (outputs or {}).items()}
        body = json.dumps({"Resources": {**resources, **NETWORK}, "Outputs": output_values})
        exists = client.describe_stacks()["Stacks"]
        operation = client.update_stack if exists else client.create_stack
        operation(StackName=STACK, TemplateBody=body)
        return str(client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])

    yield deploy_resources
    client.delete_stack(StackName=STACK)
    assert client.describe_stacks()["Stacks"] == []
    elbv2 = local_aws.client("elbv2")
    assert elbv2.describe_load_balancers()["LoadBalancers"] == []
    assert elbv2.describe_target_groups()["TargetGroups"] == []
    assert local_aws.client("ec2").describe_addresses()["Addresses"] == []


# Like a load balancer that faces the internet requires it.
ATTACHMENT = resource(
    "EC2::VPCGatewayAttachment", VpcId={"Ref": "Vpc"}, InternetGatewayId={"Ref": "Gateway"}
)


def balancer(kind: str, **properties: Any) -> dict[str, Any]:
    scheme = None if kind == "gateway" else "internal"
    defaults = {"Type": kind, "Scheme": scheme, "Subnets": [{"Ref": "Subnet"}], **properties}
    set_properties = {key: value for key, value in defaults.items() if value is not None}
    return resource(f"{ELB}::LoadBalancer", **set_properties)


def listener(**properties: Any) -> dict[str, Any]:
    forward = [{"Type": "forward", "TargetGroupArn": {"Ref": "Group"}}]
    defaults = {"LoadBalancerArn": {"Ref": "Balancer"}, "DefaultActions": forward, **properties}
    return resource(f"{ELB}::Listener", **defaults)


def geneve(**properties: Any) -> dict[str, Any]:
    defaults = {"Protocol": "GENEVE", "Port": 6081, "VpcId": {"Ref": "Vpc"}, **properties}
    return resource(f"{ELB}::TargetGroup", **defaults)


def key_values(**values: str) -> list[dict[str, str]]:
    return [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]


def group(aws: LocalAws) -> dict[str, Any]:
    (found,) = aws.client("elbv2").describe_target_groups()["TargetGroups"]
    return dict(found)


def attributes(aws: LocalAws) -> dict[str, str]:
    response = aws.client("elbv2").describe_target_group_attributes(
        TargetGroupArn=group(aws)["TargetGroupArn"]
    )
    return {each["Key"]: each["Value"] for each in response["Attributes"]}


def targets(aws: LocalAws) -> dict[str, int]:
    """Return the port of each target, by id."""
    response = aws.client("elbv2").describe_target_health(
        TargetGroupArn=group(aws)["TargetGroupArn"]
    )
    found = [each["Target"] for each in response["TargetHealthDescriptions"]]
    return {target["Id"]: target["Port"] for target in found}


def test_a_gateway_load_balancer_can_be_created_and_updated(
    local_aws: LocalAws, deploy: Deploy
) -> None:
    balancer_settings = {
        "load_balancing__cross_zone__enabled": "true",
        "deletion_protection__enabled": "false",
    }
    sticky = {"stickiness__enabled": "true", "stickiness__type": "source_ip_dest_ip"}
    failover = {
        "target_failover__on_deregistration": "rebalance",
        "target_failover__on_unhealthy": "rebalance",
        "deregistration_delay__timeout_seconds": "120",
    }
    check = {
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "8080",
        "HealthCheckPath": "/healthy",
        "HealthCheckIntervalSeconds": 15,
        "HealthyThresholdCount": 3,
    }
    group_ = geneve(
        TargetType="ip",
        Targets=[{"Id": "10.0.0.5"}, {"Id": "10.0.0.6"}],
        TargetGroupAttributes=key_values(**sticky, **failover),
        Tags=key_values(team="security"),
        **check,
    )
    outputs = {
        "Group": {"Ref": "Group"},
        "Arn": attribute("Group", "TargetGroupArn"),
        "Name": attribute("Group", "TargetGroupName"),
        "FullName": attribute("Group", "TargetGroupFullName"),
    }
    resources = {
        "Listener": listener(),
        "Group": group_,
        "Balancer": balancer("gateway", LoadBalancerAttributes=key_values(**balancer_settings)),
    }
    assert deploy(resources, outputs) == "CREATE_COMPLETE"
    elbv2, stack_outputs = local_aws.client("elbv2"), local_aws.outputs(STACK)
    (found,) = elbv2.describe_load_balancers()["LoadBalancers"]
    assert found["Type"] == "gateway"
    description = elbv2.describe_load_balancer_attributes(LoadBalancerArn=found["LoadBalancerArn"])
    balancer_attributes = {each["Key"]: each["Value"] for each in description["Attributes"]}
    assert balancer_attributes["load_balancing.cross_zone.enabled"] == "true"

    first = group(local_aws)
    assert {first["TargetGroupArn"]} == {stack_outputs["Group"], stack_outputs["Arn"]}
    assert first["TargetGroupName"] == stack_outputs["Name"]
    assert first["TargetGroupArn"].endswith(f":{stack_outputs['FullName']}")
    assert stack_outputs["FullName"].startswith("targetgroup/")
    assert (first["Protocol"], first["Port"], first["TargetType"]) == ("GENEVE", 6081, "ip")
    assert {key: first[key] for key in check} == check
    assert first["LoadBalancerArns"] == [found["LoadBalancerArn"]]
    assert attributes(local_aws) == {
        "stickiness.enabled": "true",
        "stickiness.type": "source_ip_dest_ip",
        "target_failover.on_deregistration": "rebalance",
        "target_failover.on_unhealthy": "rebalance",
        "deregistration_delay.timeout_seconds": "120",
        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
        "send_tcp_reset.on_deregistration.enabled": "false",
        "send_tcp_reset.on_unhealthy.enabled": "false",
    }
    assert targets(local_aws) == {"10.0.0.5": 6081, "10.0.0.6": 6081}
    tags = elbv2.describe_tags(ResourceArns=[first["TargetGroupArn"]])["TagDescriptions"]
    assert tags[0]["Tags"] == key_values(team="security")
    (listener_state,) = elbv2.describe_listeners(LoadBalancerArn=found["LoadBalancerArn"])[
        "Listeners"
    ]
    assert not {"Port", "Protocol"} & listener_state.keys()
    assert listener_state["DefaultActions"][0]["TargetGroupArn"] == first["TargetGroupArn"]

    # Targets, attributes and health checks change in place. Other targets remain.
    elbv2.register_targets(TargetGroupArn=first["TargetGroupArn"], Targets=[{"Id": "10.0.0.9"}])
    resources["Group"] = geneve(
        TargetType="ip",
        Targets=[{"Id": "10.0.0.6"}, {"Id": "10.0.0.7"}],
        TargetGroupAttributes=key_values(stickiness__type="source_ip_dest_ip_proto"),
        **{**check, "HealthCheckPath": "/"},
    )
    assert deploy(resources, outputs) == "UPDATE_COMPLETE"
    second = group(local_aws)
    assert second["TargetGroupArn"] == first["TargetGroupArn"]
    assert second["HealthCheckPath"] == "/"
    assert targets(local_aws).keys() == {"10.0.0.6", "10.0.0.7", "10.0.0.9"}
    assert attributes(local_aws)["stickiness.type"] == "source_ip_dest_ip_proto"
    assert attributes(local_aws)["stickiness.enabled"] == "false"
    assert attributes(local_aws)["deregistration_delay.timeout_seconds"] == "300"


@pytest.mark.parametrize(
    ("resources", "rejected", "reason"),
    [
        ({"Group": geneve(Port=443)}, "Group", "Port must be 6081"),
        (
            {"Group": geneve(TargetGroupAttributes=key_values(stickiness__type="source_ip"))},
            "Group",
            "must be one of [source_ip_dest_ip_proto, source_ip_dest_ip]",
        ),
        (
            {"Group": geneve(TargetGroupAttributes=key_values(target_failover__on_unhealthy="1"))},
            "Group",
            "must be the same",
        ),
        (
            {"Group": geneve(TargetGroupAttributes=key_values(slow_start="1"))},
            "Group",
            "'slow_start' is not recognized",
        ),
        (
            {"Group": geneve(), "Balancer": balancer("gateway"), "Listener": listener(Port=6081)},
            "Listener",
            "A port cannot be specified for gateway listeners",
        ),
        (
            {"Group": geneve(), "Balancer": balancer("network"), "Listener": listener()},
            "Listener",
            "A listener port must be specified",
        ),
        (
            {"Balancer": balancer("network", Scheme=None)},
            "Balancer",
            "has no internet gateway",
        ),
    ],
)
def test_invalid_load_balancers_target_groups_and_listeners_are_rejected(
    local_aws: LocalAws, deploy: Deploy, resources: Resources, rejected: str, reason: str
) -> None:
    assert deploy(resources) == "ROLLBACK_COMPLETE"
    assert any(reason in event for event in events(local_aws, rejected))


def test_a_network_load_balancer_can_have_elastic_ip_addresses(
    local_aws: LocalAws, deploy: Deploy
) -> None:
    mapping = {"SubnetId": {"Ref": "Subnet"}, "AllocationId": attribute("Eip", "AllocationId")}
    target_group = resource(
        f"{ELB}::TargetGroup",
        Protocol="TCP",
        Port=443,
        VpcId={"Ref": "Vpc"},
        TargetType="ip",
        Targets=[{"Id": "10.0.0.5", "Port": 8443}],
    )
    weighted = {"TargetGroups": [{"TargetGroupArn": {"Ref": "Group"}}]}
    resources = {
        "Listener": listener(
            Port=443,
            Protocol="TCP",
            DefaultActions=[{"Type": "forward", "ForwardConfig": weighted}],
        ),
        "Group": target_group,
        "Balancer": balancer(
            "network", Scheme="internet-facing", Subnets=None, SubnetMappings=[mapping]
        ),
        "Eip": resource("EC2::EIP", Domain="vpc"),
        "Gateway": resource("EC2::InternetGateway"),
        "Attachment": ATTACHMENT,
    }
    resources["Balancer"]["DependsOn"] = "Attachment"
    outputs = {"Allocation": attribute("Eip", "AllocationId"), "Address": {"Ref": "Eip"}}
    assert deploy(resources, outputs) == "CREATE_COMPLETE"
    elbv2, stack_outputs = local_aws.client("elbv2"), local_aws.outputs(STACK)
    (found,) = elbv2.describe_load_balancers()["LoadBalancers"]
    assert (found["Type"], found["Scheme"]) == ("network", "internet-facing")
    (zone,) = found["AvailabilityZones"]
    assert zone["LoadBalancerAddresses"] == [
        {"AllocationId": stack_outputs["Allocation"], "IpAddress": stack_outputs["Address"]}
    ]
    (listener_state,) = elbv2.describe_listeners(LoadBalancerArn=found["LoadBalancerArn"])[
        "Listeners"
    ]
    assert (listener_state["Port"], listener_state["Protocol"]) == (443, "TCP")
    assert targets(local_aws) == {"10.0.0.5": 8443}

    # Another port requires another target group. The old one is deleted after the listener update.
    target_group["Properties"]["Port"] = 444
    assert deploy(resources, outputs) == "UPDATE_COMPLETE"
    assert group(local_aws)["Port"] == 444
    (listener_state,) = elbv2.describe_listeners(LoadBalancerArn=found["LoadBalancerArn"])[
        "Listeners"
    ]
    forward = listener_state["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    assert [each["TargetGroupArn"] for each in forward] == [group(local_aws)["TargetGroupArn"]]
    # Without its listener, the target group has no load balancer.
    del resources["Listener"]
    assert deploy(resources, outputs) == "UPDATE_COMPLETE"
    assert elbv2.describe_listeners(LoadBalancerArn=found["LoadBalancerArn"])["Listeners"] == []
    assert group(local_aws)["LoadBalancerArns"] == []
