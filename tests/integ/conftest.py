"""Fixtures for tests that run on the local AWS, and on AWS."""

from __future__ import annotations

import pytest

from tests.local_aws.accounts import Account


@pytest.fixture(scope="module")
def consumer_account(aws: Account) -> Account:
    """Return another account than the one of the provider."""
    if aws.consumer is None:
        pytest.skip("needs a second account: pass `--consumer-profile`")
    return aws.consumer
