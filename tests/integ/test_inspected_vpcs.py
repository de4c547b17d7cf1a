"""Connections between VPCs behind a transit gateway pass through one appliance."""

from __future__ import annotations

import pytest

from tests.integ.inspected import assert_inspected, deploy_inspected
from tests.local_aws.accounts import Account


@pytest.mark.claim("inspection-behind-a-transit-gateway")
def test_traffic_between_vpcs_passes_through_one_appliance(aws: Account) -> None:
    assert_inspected(*deploy_inspected(aws, "InspectedTwoVpcs"))
