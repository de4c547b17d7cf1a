"""A private DNS name whose record is published by someone else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import LocalAws
from tests.local_aws.cdk_cli import DeploymentError

APP = Path(__file__).parent / "apps" / "dns_elsewhere"
# So long that EC2 is asked a few times, and no more.
SHORT = "66"


def proof(aws: LocalAws) -> dict[str, Any]:
    answer = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    (service,) = answer["ServiceConfigurations"]
    assert service["PrivateDnsName"] == "payments.example.org"
    return dict(service["PrivateDnsNameConfiguration"])


def test_it_is_verified_once_someone_has_published_it(
    local_aws: LocalAws, load_balancer: str
) -> None:
    parameters = {"LoadBalancer": load_balancer}
    # GIVEN a service whose domain is hosted elsewhere
    local_aws.deploy(APP, parameters)
    outputs = local_aws.outputs("Provider")
    assert proof(local_aws)["State"] == "pendingVerification"
    assert outputs["RecordName"] == f"{proof(local_aws)['Name']}.payments.example.org"
    assert outputs["RecordValue"] == proof(local_aws)["Value"]

    # WHEN its verification is asked for before the record is published
    local_aws.environment.update(VERIFY="yes", FUNCTION_SECONDS=SHORT)
    with pytest.raises(DeploymentError) as error:
        local_aws.deploy(APP, parameters)
    # THEN the deployment fails with what EC2 says and what is to be done, and is undone
    assert "payments.example.org of vpce-svc-" in str(error.value)
    assert "the state of payments.example.org is failed" in str(error.value)
    assert f"TXT record {outputs['RecordName']} with {outputs['RecordValue']}" in str(error.value)
    (stack,) = local_aws.client("cloudformation").describe_stacks()["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"

    # WHEN someone has published it
    route53 = local_aws.client("route53")
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="elsewhere")
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
    # THEN it is verified
    local_aws.deploy(APP, parameters)
    assert proof(local_aws)["State"] == "verified"
