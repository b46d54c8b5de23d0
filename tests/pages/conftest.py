"""Accounts that look at pages, and the addresses of the pages made for these tests."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import GrantFactory
from zhiheng.people.models import Account


def officer(login: str, role: str = "quality_office") -> Account:
    """An account with a role over the whole city."""
    account = Account.objects.create_user(login, "a-long-password-of-tests", name=f"{login}（虚构）", kind="officer")
    GrantFactory(account=account, role=role, area="990100", unit="yunlan_quality_office", given_by="system")
    return account


@pytest.fixture
def account(db: None) -> Account:
    """An officer of the quality office."""
    return officer("tester")


@pytest.fixture
def signed_in(account: Account) -> Client:
    """A browser in which the officer is signed in; forms need their token, as in a real one."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(account)
    return client
