"""The README in a project of `cdk init`: a packet of a client reaches the target."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import pytest

from tests.documentation.pages import blocks_of
from tests.local_aws import LocalAws
from tests.recommended_flags import read_recommended_flags

PORT = 443


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> LocalAws:
    """Deploy the README's app with all feature flags that `cdk init` writes."""
    project = tmp_path_factory.mktemp("project")
    (project / "app.py").write_text(blocks_of("README.md")[0], encoding="utf-8")
    settings = {"app": "python3 app.py", "context": read_recommended_flags()}
    (project / "cdk.json").write_text(json.dumps(settings), encoding="utf-8")
    local_aws.bootstrap()
    # A flag makes the findings of the CDK's own validation errors.
    local_aws.environment["CDK_VALIDATION"] = "true"
    local_aws.deploy(f"{project}")
    return local_aws


class Network:
    """The resources of EC2 and Elastic Load Balancing after the deployment."""

    def __init__(self, aws: LocalAws) -> None:
        ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
        (self.endpoint,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
        (self.service,) = ec2.describe_vpc_endpoint_service_configurations()[
            "ServiceConfigurations"
        ]
        self.subnets = {each["SubnetId"]: each for each in ec2.describe_subnets()["Subnets"]}
        self.groups = {
            each["GroupId"]: each for each in ec2.describe_security_groups()["SecurityGroups"]
        }
        (self.balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
        (self.listener,) = elbv2.describe_listeners(
            LoadBalancerArn=self.balancer["LoadBalancerArn"]
        )["Listeners"]
        (self.target_group,) = elbv2.describe_target_groups()["TargetGroups"]

    def admits(self, group_ids: list[str], address: str) -> bool:
        """Return whether an inbound rule admits an address on the port."""
        return any(
            rule["IpProtocol"] in ("tcp", "-1")
            and rule.get("FromPort", PORT) <= PORT <= rule.get("ToPort", PORT)
            and ipaddress.ip_address(address) in ipaddress.ip_network(block["CidrIp"])
            for group_id in group_ids
            for rule in self.groups[group_id]["IpPermissions"]
            for block in rule["IpRanges"]
        )

    def zones_of(self, subnet_ids: list[str]) -> set[str]:
        return {self.subnets[each]["AvailabilityZoneId"] for each in subnet_ids}


@pytest.fixture(scope="module")
def network(aws: LocalAws) -> Network:
    return Network(aws)


def properties_of(aws: LocalAws, stack: str, kind: str) -> list[dict[str, Any]]:
    template = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    return [
        each.get("Properties", {})
        for each in template["Resources"].values()
        if each["Type"] == kind
    ]


def test_the_endpoint_admits_every_client_of_its_vpc(network: Network) -> None:
    vpc_id = network.endpoint["VpcId"]
    group_ids = [each["GroupId"] for each in network.endpoint["Groups"]]
    clients = [each for each in network.subnets.values() if each["VpcId"] == vpc_id]
    assert len(clients) > 2
    for client in clients:
        address = f"{ipaddress.ip_network(client['CidrBlock'])[10]}"
        assert network.admits(group_ids, address)
    assert not network.admits(group_ids, "192.0.2.1")


def test_the_service_is_available_in_the_zones_of_the_endpoint(network: Network) -> None:
    endpoint_zones = network.zones_of(network.endpoint["SubnetIds"])
    assert endpoint_zones
    assert endpoint_zones <= set(network.service["AvailabilityZoneIds"])
    zones = [each["SubnetId"] for each in network.balancer["AvailabilityZones"]]
    assert set(network.service["AvailabilityZoneIds"]) == network.zones_of(zones)


def test_the_endpoint_is_connected_to_the_service_after_its_acceptance(
    aws: LocalAws, network: Network
) -> None:
    assert network.endpoint["ServiceName"] == network.service["ServiceName"]
    assert network.endpoint["State"] == "pendingAcceptance"
    ec2 = aws.client("ec2")
    ec2.accept_vpc_endpoint_connections(
        ServiceId=network.service["ServiceId"], VpcEndpointIds=[network.endpoint["VpcEndpointId"]]
    )
    (endpoint,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint["State"] == "available"


def test_the_load_balancer_does_not_drop_the_traffic_of_endpoints(
    aws: LocalAws, network: Network
) -> None:
    assert network.service["NetworkLoadBalancerArns"] == [network.balancer["LoadBalancerArn"]]
    # The flags of `cdk init` give the load balancer a security group without inbound rules.
    assert network.balancer["SecurityGroups"]
    for group_id in network.balancer["SecurityGroups"]:
        assert not network.groups[group_id]["IpPermissions"]
    # Health checks and traffic leave the load balancer for the targets. The local AWS does not keep
    # outbound rules, so that the template has to prove it.
    egress = properties_of(aws, "Provider", "AWS::EC2::SecurityGroupEgress") + [
        rule
        for group in properties_of(aws, "Provider", "AWS::EC2::SecurityGroup")
        for rule in group["SecurityGroupEgress"]
    ]
    assert PORT in [rule["FromPort"] for rule in egress]
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    (properties,) = properties_of(aws, "Provider", kind)
    assert properties["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] == "off"


def test_the_listener_sends_the_port_to_the_targets(network: Network) -> None:
    assert (network.listener["Protocol"], network.listener["Port"]) == ("TCP", PORT)
    (action,) = network.listener["DefaultActions"]
    assert action["Type"] == "forward"
    arn = (
        action.get("TargetGroupArn") or action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]
    )
    assert arn == network.target_group["TargetGroupArn"]
    assert network.target_group["VpcId"] == network.balancer["VpcId"]
    assert (network.target_group["Protocol"], network.target_group["Port"]) == ("TCP", PORT)
