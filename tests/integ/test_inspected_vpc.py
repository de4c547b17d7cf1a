"""Connections between subnets of a VPC pass through one appliance."""

from __future__ import annotations

import pytest

from tests.integ.inspected import assert_inspected, deploy_inspected
from tests.local_aws.accounts import Account


@pytest.mark.claim("inspection-in-a-vpc", "appliances-reached")
def test_traffic_between_subnets_passes_through_one_appliance(aws: Account) -> None:
    assert_inspected(*deploy_inspected(aws, "InspectedOneVpc"))
