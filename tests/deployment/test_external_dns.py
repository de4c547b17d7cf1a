"""A private DNS name whose verification record is published outside of the app."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.conftest import PublicZone
from tests.deployment.queries import describe
from tests.integ.templates import put_load_balancer, put_record
from tests.local_aws.accounts import Account
from tests.local_aws.cdk_cli import DeploymentError
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
APP = Path(__file__).parent / "apps" / "external_dns"
# Resolvers remember for a quarter of an hour that Route 53 has no record.
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html
CACHE_SECONDS = 900


def get_verification(stack: DeployedStack) -> dict[str, Any]:
    (service,) = describe(stack, "AWS::EC2::VPCEndpointService")
    return dict(service["PrivateDnsNameConfiguration"])


@pytest.mark.claim("verification-time")
def test_the_verification_succeeds_after_the_record_is_published(
    aws: Account, public_zone: PublicZone
) -> None:
    parameters = {"Provider:LoadBalancer": put_load_balancer(aws, "network")}
    context = {"domain": f"{aws.stack_name('external')}.{public_zone.name}"}
    name = f"payments.{context['domain']}"
    # GIVEN a service whose domain is hosted by another DNS provider
    aws.deploy(APP, parameters, context=context)
    stack = DeployedStack("Provider", aws, aws.region)
    record_name, record_value = stack.outputs["RecordName"], stack.outputs["RecordValue"]
    # EC2 may have queried the record already, the emulator has not.
    states = ["pendingVerification", *(["failed"] if aws.forwards_packets else [])]
    assert get_verification(stack)["State"] in states
    assert record_name == f"{get_verification(stack)['Name']}.{name}"
    assert record_value == get_verification(stack)["Value"]

    # WHEN the app requests the verification before the record is published
    # A minute is for the response. The rest is long enough for a few requests to EC2, and on AWS
    # until the new role has its permissions.
    seconds = "240" if aws.forwards_packets else "66"
    with pytest.raises(DeploymentError) as error:
        aws.deploy(APP, parameters, context=context | {"function_seconds": seconds})
    # THEN the deployment fails with the response of EC2 and a fix, and rolls back
    assert f"{name} of vpce-svc-" in str(error.value)
    assert f"TXT record {record_name} with {record_value}" in str(error.value)
    stacks = aws.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    assert [each["StackStatus"] for each in stacks] == ["UPDATE_ROLLBACK_COMPLETE"]
    if not aws.forwards_packets:
        # EC2 decides when it fails.
        assert f"the state of {name} is failed" in str(error.value)

    # WHEN the record is published
    put_record(aws, public_zone.id, record_name, "TXT", [f'"{record_value}"'])
    if aws.forwards_packets:
        time.sleep(CACHE_SECONDS)
    # THEN the name is verified
    aws.deploy(APP, parameters, context=context | {"function_seconds": "900"})
    assert get_verification(stack)["State"] == "verified"
