"""Fixtures for tests that run on the local AWS, and on AWS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integ.accounts import open_aws
from tests.local_aws.accounts import Account


@pytest.fixture(scope="module")
def aws(pytestconfig: pytest.Config) -> Iterator[Account]:
    """Return the account of the provider, which is empty at the end."""
    with open_aws(pytestconfig) as aws:
        yield aws


@pytest.fixture(scope="module")
def consumer_account(aws: Account) -> Account:
    """Return another account than the one of the provider."""
    if aws.consumer is None:
        pytest.skip("needs a second account: pass `--consumer-profile`")
    return aws.consumer
