"""People of enterprises of the small place, signed in, for tests of the corner's pages."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.desk.officers import signed_in
from tests.factories import GrantFactory
from zhiheng.people.models import Account

NAME = "某负责人"


def owner(subject: int, name: str = NAME) -> Account:
    """An account of an enterprise, with the role of its owner."""
    login = f"owner-{subject}-{Account.objects.count()}"
    account: Account = Account.objects.create_user(login, None, name=name, kind="enterprise", subject=subject)
    GrantFactory(account=account, role="owner", subject=subject)
    return account


def browser_of(subject: int, name: str = NAME) -> Client:
    """A browser in which somebody of an enterprise is signed in."""
    return signed_in(owner(subject, name))


def page(browser: Client, which: str, *args: Any, status: int = 200, **query: Any) -> str:
    """The text of a page of the corner."""
    answer = browser.get(reverse(f"firm:{which}", args=args), query)
    assert answer.status_code == status, (answer.status_code, answer.content.decode()[:2000])
    return answer.content.decode()


def send(browser: Client, which: str, *args: Any, follow: bool = False, **typed: Any) -> Any:
    """Send a form of the corner; ``follow``: on to the page that it leads to."""
    return browser.post(reverse(f"firm:{which}", args=args), typed, follow=follow)
