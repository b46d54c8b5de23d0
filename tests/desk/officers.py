"""Officers of the small place, signed in, for tests of the desk's pages."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from tests.factories import GrantFactory
from zhiheng.people.models import Account


def officer(role: str = "clerk", unit: str = "test_market", area: str = "990901", name: str = "试验员甲") -> Account:
    """An account with one role, which holds for ever."""
    login = f"{role}-{unit}-{Account.objects.count()}".replace("_", "-")
    account: Account = Account.objects.create_user(login, None, name=name, kind="officer", unit=unit)
    GrantFactory(account=account, role=role, unit=unit, area=area)
    return account


def signed_in(account: Account, **words: Any) -> Client:
    """A browser in which the account is signed in."""
    browser = Client(**words)
    browser.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def said_on(page: str) -> str:
    """What stands on a page, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", "", page).split())
