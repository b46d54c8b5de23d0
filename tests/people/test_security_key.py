"""A security key (WebAuthn) as second factor, with a key in software: registered, asked for at sign-in, nobody else's
is taken.
"""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.test import Client

from tests.people.authenticator import SecurityKey
from tests.people.places import PASSWORD, People

pytestmark = pytest.mark.slow

ADD, AUTHENTICATE = "/account/2fa/webauthn/add/", "/account/2fa/authenticate/"


def browser() -> Client:
    """A browser at the name under which keys work without TLS."""
    return Client(headers={"host": "localhost"})


def sign_in(client: Client) -> Any:
    """Name and password."""
    return client.post("/account/login/", {"login": "officer", "password": PASSWORD})


def challenge(client: Client) -> str:
    """What the page asks the key to sign; the page itself must have it too."""
    return str(client.session[STATE_SESSION_KEY]["challenge"])


def signed_in(client: Client) -> bool:
    """Whether the session belongs to somebody."""
    return "_auth_user_id" in client.session


@pytest.fixture
def key(people: People) -> SecurityKey:
    """The key of an officer, registered on the page of the account."""
    people.holding("officer")
    client, key = browser(), SecurityKey()
    sign_in(client)
    asked = client.get(ADD)
    client.post(asked.headers["Location"], {"password": PASSWORD})
    page = client.get(ADD)
    assert challenge(client) in page.content.decode(), "the key is asked to sign what the server will look for"
    answer = client.post(ADD, {"name": "办公桌上的", "credential": key.register(challenge(client))})
    assert answer.status_code == 302, answer.content.decode()[:1500]
    return key


def test_登录时要安全密钥_插上才进得来(people: People, key: SecurityKey) -> None:
    assert Authenticator.objects.get(type="webauthn").wrap().name == "办公桌上的"
    client = browser()
    asked = sign_in(client)
    assert asked.headers["Location"].startswith(AUTHENTICATE)
    assert not signed_in(client)
    page = client.get(AUTHENTICATE)
    assert challenge(client) in page.content.decode()
    answer = client.post(AUTHENTICATE, {"credential": key.answer(challenge(client))})
    assert answer.headers["Location"] == "/desk/cockpit/"
    assert signed_in(client)
    assert "webauthn" in people.trail("session.begin")[-1].detail or "mfa" in people.trail("session.begin")[-1].detail


@pytest.mark.parametrize(
    "how", ["another key", "another challenge", "another site", "no json", "an empty answer", "used before"]
)
def test_别人的密钥_旧的应答_别的网站要来的应答都不行(people: People, key: SecurityKey, how: str) -> None:
    client = browser()
    sign_in(client)
    client.get(AUTHENTICATE)
    asked = challenge(client)
    if how == "another key":
        other = SecurityKey()
        other.id = key.id
        given = other.answer(asked)
    elif how == "another challenge":
        given = key.answer("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    elif how == "another site":
        key.origin = "https://zhiheng.example.com"
        given = key.answer(asked)
    elif how == "used before":
        given = key.answer(asked)
        assert client.post(AUTHENTICATE, {"credential": given}).status_code == 302
        client = browser()
        sign_in(client)
        client.get(AUTHENTICATE)
    else:
        given = {"no json": "{", "an empty answer": "{}"}[how]
    answer = client.post(AUTHENTICATE, {"credential": given})
    assert answer.status_code == 200
    assert not signed_in(client)
