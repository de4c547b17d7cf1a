"""A client connects through an endpoint, and is refused where it must be."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.integ import requests
from tests.integ.requests import delete_vpc, tags_of
from tests.integ.traffic import APPS, assert_connected, assert_not_connected
from tests.integ.waiting import wait_until
from tests.local_aws.accounts import Account
from tools.deployment import DeployedStack, deploy


@pytest.fixture(scope="module")
def stacks(aws: Account) -> dict[str, DeployedStack]:
    deployed = deploy(aws, APPS / "traffic", aws.context)
    return {stack.id: stack for stack in deployed}


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["TrafficProvider"]


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["TrafficConsumer"]


def state_of(consumer: DeployedStack) -> str:
    return requests.state_of(consumer.account, consumer.outputs["EndpointId"])


def health_of(provider: DeployedStack) -> list[str]:
    """Return the states of the host, as the load balancer sees them."""
    (group,) = provider.resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    found = provider.client("elbv2").describe_target_health(TargetGroupArn=group)
    return [each["TargetHealth"]["State"] for each in found["TargetHealthDescriptions"]]


def body_from(consumer: DeployedStack, host: str) -> str:
    return assert_connected(consumer, f"http://{host}/")


@pytest.fixture(scope="module")
def accepted(provider: DeployedStack, consumer: DeployedStack) -> DeployedStack:
    """Accept the connection, and return the stack of the consumer."""
    response = provider.client("ec2").accept_vpc_endpoint_connections(
        ServiceId=provider.outputs["ServiceId"], VpcEndpointIds=[consumer.outputs["EndpointId"]]
    )
    assert response["Unsuccessful"] == []
    wait_until(lambda: state_of(consumer) == "available")
    return consumer


@pytest.mark.claim("pending-endpoint-completes")
def test_the_stack_completes_while_the_connection_is_pending(consumer: DeployedStack) -> None:
    assert state_of(consumer) == "pendingAcceptance"


@pytest.mark.claim("pending-endpoint-has-addresses")
def test_a_pending_endpoint_has_the_addresses_of_its_network_interfaces(
    consumer: DeployedStack,
) -> None:
    ec2 = consumer.client("ec2")
    (endpoint,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[consumer.outputs["EndpointId"]])[
        "VpcEndpoints"
    ]
    interfaces = ec2.describe_network_interfaces(
        NetworkInterfaceIds=endpoint["NetworkInterfaceIds"]
    )["NetworkInterfaces"]
    expected = sorted(each["PrivateIpAddress"] for each in interfaces)
    assert len(expected) == 2
    assert sorted(consumer.outputs["Addresses"].split(",")) == expected


@pytest.mark.claim("notification-arrives")
def test_a_topic_receives_the_request(provider: DeployedStack, consumer: DeployedStack) -> None:
    sqs, url = provider.client("sqs"), provider.outputs["QueueUrl"]

    def has_message() -> bool:
        response = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        bodies = [each["Body"] for each in response.get("Messages", [])]
        return any(consumer.outputs["EndpointId"] in each for each in bodies)

    wait_until(has_message)


@pytest.mark.claim("pending-endpoint-forwards-nothing")
def test_a_pending_endpoint_forwards_nothing(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    wait_until(lambda: health_of(provider) == ["healthy"])
    # By an address: a name that does not resolve would prove nothing.
    for address in consumer.outputs["Addresses"].split(","):
        assert_not_connected(consumer, f"http://{address}/")


@pytest.mark.claim("regional-name")
def test_the_regional_name_reaches_the_host(accepted: DeployedStack) -> None:
    body_from(accepted, accepted.outputs["RegionalName"])


@pytest.mark.claim("security-groups-not-enforced")
def test_security_groups_without_an_ingress_rule_are_not_enforced(
    provider: DeployedStack, accepted: DeployedStack
) -> None:
    (balancer,) = provider.client("elbv2").describe_load_balancers(
        LoadBalancerArns=provider.resources("AWS::ElasticLoadBalancingV2::LoadBalancer")
    )["LoadBalancers"]
    groups = provider.client("ec2").describe_security_groups(GroupIds=balancer["SecurityGroups"])
    assert [each["IpPermissions"] for each in groups["SecurityGroups"]] == [[]]
    body_from(accepted, accepted.outputs["RegionalName"])


@pytest.mark.claim("zonal-names")
def test_the_zonal_names_reach_the_host(accepted: DeployedStack) -> None:
    names = accepted.outputs["ZonalNames"].split(",")
    assert len(names) == 2
    for name in names:
        body_from(accepted, name)


@pytest.mark.claim("alias")
def test_an_alias_in_a_private_zone_reaches_the_host(accepted: DeployedStack) -> None:
    body_from(accepted, "service.traffic.internal")


@pytest.mark.claim("addresses")
def test_the_addresses_reach_the_host(accepted: DeployedStack) -> None:
    for address in accepted.outputs["Addresses"].split(","):
        body_from(accepted, address)


@pytest.mark.claim("private-dns-name", "auto-accept-enables-private-dns")
def test_the_private_dns_name_reaches_the_host(
    aws: Account, stacks: dict[str, DeployedStack]
) -> None:
    if "TrafficPrivateName" not in stacks:
        pytest.skip("needs a public hosted zone: pass `--domain`")
    body_from(stacks["TrafficPrivateName"], f"cdk-privatelink-integ.{aws.context['domain']}")


@pytest.mark.claim("metrics")
def test_cloudwatch_has_the_metrics_of_the_service_and_the_endpoint(
    aws: Account, provider: DeployedStack, accepted: DeployedStack
) -> None:
    body_from(accepted, accepted.outputs["RegionalName"])

    def has_metrics(namespace: str, value: str, *names: str) -> bool:
        """Return whether a metric has these dimensions and no others, the first with a value."""
        dimensions = [{"Name": names[0], "Value": value}]
        found = aws.client("cloudwatch").list_metrics(Namespace=namespace, Dimensions=dimensions)
        sets = [{each["Name"] for each in metric["Dimensions"]} for metric in found["Metrics"]]
        return set(names) in sets

    of_service = "AWS/PrivateLinkServices", provider.outputs["ServiceId"], "Service Id"
    wait_until(lambda: has_metrics(*of_service))
    wait_until(lambda: has_metrics(*of_service, "Az", "Load Balancer Arn"))
    of_endpoint = (
        *("AWS/PrivateLinkEndpoints", accepted.outputs["EndpointId"], "VPC Endpoint Id"),
        *("Endpoint Type", "Service Name", "VPC Id"),
    )
    wait_until(lambda: has_metrics(*of_endpoint))
    wait_until(lambda: has_metrics(*of_endpoint, "Subnet Id"))


@pytest.mark.claim("rejected-endpoint-forwards-nothing")
def test_a_rejected_endpoint_forwards_nothing(
    provider: DeployedStack, accepted: DeployedStack
) -> None:
    if provider.account.forwards_packets:
        body_from(accepted, accepted.outputs["RegionalName"])
    provider.client("ec2").reject_vpc_endpoint_connections(
        ServiceId=provider.outputs["ServiceId"], VpcEndpointIds=[accepted.outputs["EndpointId"]]
    )
    wait_until(lambda: state_of(accepted) == "rejected")
    for address in accepted.outputs["Addresses"].split(","):
        assert_not_connected(accepted, f"http://{address}/")


@pytest.mark.claim("other-account-refused")
def test_ec2_refuses_an_endpoint_of_an_account_that_the_service_does_not_allow(
    provider: DeployedStack, consumer_account: Account
) -> None:
    assert_refused(consumer_account, provider, consumer_account.region)


@pytest.mark.claim("other-region-refused")
def test_ec2_refuses_an_endpoint_in_a_region_that_the_service_does_not_allow(
    aws: Account, provider: DeployedStack
) -> None:
    assert_refused(aws, provider, aws.other_region, ServiceRegion=aws.region)


def assert_refused(account: Account, provider: DeployedStack, region: str, **options: str) -> None:
    """Assert that EC2 does not find the service for a consumer."""
    ec2 = account.client("ec2", region)
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/24", **tags_of(account, "vpc"))["Vpc"]["VpcId"]
    created = []
    try:
        with pytest.raises(ClientError, match=r"does not exist|not support"):
            created = [
                ec2.create_vpc_endpoint(
                    VpcId=vpc_id,
                    VpcEndpointType="Interface",
                    PrivateDnsEnabled=False,
                    ServiceName=provider.outputs["ServiceName"],
                    **tags_of(account, "vpc-endpoint"),
                    **options,
                )["VpcEndpoint"]["VpcEndpointId"]
            ]
    finally:
        delete_vpc(ec2, vpc_id, created)
