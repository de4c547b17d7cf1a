"""A private DNS name whose verification record is published outside of the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import LocalAws
from tests.local_aws.cdk_cli import DeploymentError

APP = Path(__file__).parent / "apps" / "external_dns"
# Long enough for a few requests to EC2.
TIMEOUT_SECONDS = "66"


def get_verification(aws: LocalAws) -> dict[str, Any]:
    response = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    (service,) = response["ServiceConfigurations"]
    assert service["PrivateDnsName"] == "payments.example.org"
    return dict(service["PrivateDnsNameConfiguration"])


def test_the_verification_succeeds_after_the_record_is_published(
    local_aws: LocalAws, load_balancer: str
) -> None:
    parameters = {"LoadBalancer": load_balancer}
    # GIVEN a service whose domain is hosted by another DNS provider
    local_aws.deploy(APP, parameters)
    outputs = local_aws.outputs("Provider")
    assert get_verification(local_aws)["State"] == "pendingVerification"
    assert outputs["RecordName"] == f"{get_verification(local_aws)['Name']}.payments.example.org"
    assert outputs["RecordValue"] == get_verification(local_aws)["Value"]

    # WHEN the app requests the verification before the record is published
    local_aws.environment.update(VERIFY="yes", FUNCTION_SECONDS=TIMEOUT_SECONDS)
    with pytest.raises(DeploymentError) as error:
        local_aws.deploy(APP, parameters)
    # THEN the deployment fails with the response of EC2 and a fix, and rolls back
    assert "payments.example.org of vpce-svc-" in str(error.value)
    assert "the state of payments.example.org is failed" in str(error.value)
    assert f"TXT record {outputs['RecordName']} with {outputs['RecordValue']}" in str(error.value)
    (stack,) = local_aws.client("cloudformation").describe_stacks()["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"

    # WHEN the record is published
    route53 = local_aws.client("route53")
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="external")
    record = {
        "Name": outputs["RecordName"],
        "Type": "TXT",
        "TTL": 300,
        "ResourceRecords": [{"Value": f'"{outputs["RecordValue"]}"'}],
    }
    route53.change_resource_record_sets(
        HostedZoneId=zone["HostedZone"]["Id"],
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]},
    )
    # THEN the name is verified
    local_aws.deploy(APP, parameters)
    assert get_verification(local_aws)["State"] == "verified"
