"""Signing in by the single sign-on of a government, end to end: who is known there and here comes in, nobody else, and
nobody gets an account or a right by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from tests.cli.test_commands import told
from tests.people.places import People
from tests.people.provider import CLIENT, SECRET, Provider, running
from zhiheng.people.models import Account, Grant
from zhiheng.site.settings import single_sign_on

pytestmark = pytest.mark.slow

LOGIN = "/account/oidc/sso/login/"


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that runs, and an installation that knows it."""
    with running() as found:
        for name, value in (("URL", found.url), ("ID", CLIENT), ("SECRET", SECRET), ("NAME", "政务统一认证")):
            monkeypatch.setenv(f"ZHIHENG_OIDC_{name}", value)
        settings.SOCIALACCOUNT_PROVIDERS = single_sign_on()
        yield found


def come_back(browser: Client, provider: Provider, *, change: str = "") -> Any:
    """Go there, sign in there, come back: the answer to the way back."""
    away = browser.post(LOGIN)
    assert away.status_code == 302, away.content.decode()[:500]
    assert away.headers["Location"].startswith(f"{provider.url}/authorize?")
    return browser.get(provider.consent(away.headers["Location"]) + change)


def signed_in(browser: Client) -> bool:
    """Whether the session belongs to somebody."""
    return "_auth_user_id" in browser.session


def test_编号对得上的人进得来_以自己的账号和角色(people: People, provider: Provider) -> None:
    account = people.holding("officer", of={"outside_id": "gov-123"})
    people.holding("other", of={"outside_id": "gov-7"})
    provider.person = {"sub": "gov-123", "name": "不必相同", "preferred_username": "somebody"}
    for _ in range(2):
        browser = Client()
        assert "政务统一认证" in browser.get("/account/login/").content.decode()
        answer = come_back(browser, provider)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/cockpit/")
        assert browser.session["_auth_user_id"] == str(account.pk)
    assert {"/token", "/.well-known/openid-configuration"} <= set(provider.asked)
    line = people.trail("session.begin")[-1]
    assert line.actor == f"account:{account.pk}"
    assert Account.objects.get(pk=account.pk).name == account.name, "what is said there changes nothing here"


@pytest.mark.parametrize(
    "said",
    [
        {"sub": "gov-999"},
        {"sub": "officer"},
        {"sub": "gov-9"},
        {"sub": "GOV-123"},
        {"sub": "gov-999", "preferred_username": "officer", "email": "officer@example.org", "email_verified": True},
    ],
)
def test_这里不认识的人进不来_也不会因此有账号和角色(people: People, provider: Provider, said: dict[str, Any]) -> None:
    people.holding("officer", of={"outside_id": "gov-123", "email": "officer@example.org"})
    closed = people.holding("closed", of={"outside_id": "gov-9"})
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    before = (Account.objects.count(), Grant.objects.count())
    provider.person = said
    browser = Client()
    answer = come_back(browser, provider)
    assert not signed_in(browser)
    assert answer.status_code < 500
    if answer.status_code == 302:
        assert "/desk/" not in answer.headers["Location"]
        browser.get(answer.headers["Location"])
        browser.post(
            "/account/3rdparty/signup/", {"login": "intruder", "username": "intruder", "email": "i@example.org"}
        )
    assert not signed_in(browser)
    assert (Account.objects.count(), Grant.objects.count()) == before


@pytest.mark.parametrize("how", ["another audience", "another state", "a code twice", "a failing provider"])
def test_伪造的凭据和回跳都不算数(people: People, provider: Provider, how: str) -> None:
    people.holding("officer", of={"outside_id": "gov-123"})
    provider.person = {"sub": "gov-123"}
    browser = Client(raise_request_exception=False)
    if how == "another audience":
        provider.audience = "somebody-else"
    away = browser.post(LOGIN).headers["Location"]
    back = provider.consent(away)
    if how == "another state":
        back = back.partition("state=")[0] + "state=made-up"
    elif how == "a code twice":
        provider.grants.clear()
    elif how == "a failing provider":
        provider.fails = True
    answer = browser.get(back)
    assert answer.status_code < 500 or how == "a failing provider", answer.content.decode()[:800]
    assert not signed_in(browser)


@pytest.mark.parametrize(
    ("token", "without"),
    [
        ({}, ("nonce",)),
        ({"nonce": ""}, ()),
        ({"nonce": "of another session"}, ()),
        ({"nonce": 7}, ()),
        ({"nonce": "随机数"}, ()),
        ({}, ("id_token",)),
        ({"iss": "https://other.example.gov"}, ()),
        ({"sub": "gov-7"}, ()),
        ({"exp": 1_700_000_000}, ()),
    ],
)
def test_不是答复本次登录的凭据不算数(
    people: People, provider: Provider, token: dict[str, Any], without: tuple[str, ...]
) -> None:
    people.holding("officer", of={"outside_id": "gov-123"})
    people.holding("other", of={"outside_id": "gov-7"})
    provider.person, provider.token, provider.without = {"sub": "gov-123"}, token, without
    browser = Client()
    answer = come_back(browser, provider)
    assert answer.status_code < 500, answer.content.decode()[:800]
    assert not signed_in(browser)


def test_每次登录一个随机数_别人的答复拿到自己的浏览器里不算数(people: People, provider: Provider) -> None:
    people.holding("officer", of={"outside_id": "gov-123"})
    provider.person = {"sub": "gov-123"}
    asked = [parse_qs(urlsplit(Client().post(LOGIN).headers["Location"]).query) for _ in range(2)]
    assert all(len(one["nonce"][0]) >= 32 and one["code_challenge_method"] == ["S256"] for one in asked)
    assert asked[0]["nonce"] != asked[1]["nonce"]
    # Somebody else began; the answer with their code comes back with the state of this browser.
    other, own = Client(), Client()
    stolen = provider.consent(other.post(LOGIN).headers["Location"])
    state = parse_qs(urlsplit(own.post(LOGIN).headers["Location"]).query)["state"][0]
    assert own.get(f"{stolen.partition('state=')[0]}state={state}").status_code < 500
    assert not signed_in(own)
    # The way back serves once.
    browser = Client()
    back = provider.consent(browser.post(LOGIN).headers["Location"])
    browser.get(back)
    assert signed_in(browser)
    again = Client()
    again.cookies = browser.cookies
    again.post("/account/logout/")
    again.get(back)
    assert not signed_in(again)


@pytest.mark.parametrize("process", ["connect", "redirect"])
def test_登录的人不能把别的统一认证身份接到自己的账号上(people: People, provider: Provider, process: str) -> None:
    people.holding("officer", of={"outside_id": "gov-123"})
    provider.person = {"sub": "gov-123"}
    inside = Client()
    come_back(inside, provider)
    assert signed_in(inside)
    # A friend, whom no administrator gave an account.
    provider.person = {"sub": "gov-friend"}
    away = inside.post(f"{LOGIN}?process={process}")
    if away.status_code == 302 and away.headers["Location"].startswith(provider.url):
        assert inside.get(provider.consent(away.headers["Location"])).status_code < 500
    assert [one.uid for one in SocialAccount.objects.all()] == ["gov-123"]
    friend = Client()
    come_back(friend, provider)
    assert not signed_in(friend)


def test_接上的身份不是管理员登记的那个编号_不再进得来(people: People, provider: Provider) -> None:
    account = people.holding("officer", of={"outside_id": "gov-123"})
    provider.person = {"sub": "gov-123"}
    come_back(Client(), provider)
    Account.objects.filter(pk=account.pk).update(outside_id="gov-new")
    browser = Client()
    assert come_back(browser, provider).status_code < 500
    assert not signed_in(browser)


def test_登录链接里写的参数不带去统一认证(people: People, provider: Provider) -> None:
    away = Client().post(
        f"{LOGIN}?scope=admin&auth_params=nonce%3Dchosen%26prompt%3Dnone%26redirect_uri%3Dhttps://evil"
    )
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert asked["nonce"] != ["chosen"]
    assert "admin" not in asked["scope"][0]
    assert "prompt" not in asked
    assert asked["redirect_uri"] == ["http://testserver/account/oidc/sso/login/callback/"]


def test_说明里写着别的签发方的_不由它登录_可以另行设定(
    people: People, provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = people.holding("officer", of={"outside_id": "gov-123"})
    provider.person = {"sub": "gov-123"}
    provider.issuer = "https://issuer.example.gov/"
    provider.token = {"iss": provider.issuer}
    refused = Client(raise_request_exception=False).post(LOGIN)
    assert refused.status_code in (200, 401, 502)
    assert "Location" not in refused.headers
    assert "另一签发方" in told_by_check()
    monkeypatch.setenv("ZHIHENG_OIDC_ISSUER", provider.issuer)
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on()
    browser = Client()
    come_back(browser, provider)
    assert browser.session["_auth_user_id"] == str(account.pk)


def told_by_check() -> str:
    """What the check before going live says of the single sign-on."""
    (one,) = [f for f in told("check-deploy", status=1)["findings"] if f["check"] == "single_sign_on"]
    return str(one["zh"])


def test_统一认证没有应答时说清楚_还可以用密码登录(people: People, provider: Provider) -> None:
    provider.fails = True
    answer = Client(raise_request_exception=False).post(LOGIN)
    assert answer.status_code in (200, 401, 502)
    assert "出了差错" not in answer.content.decode()
    back = Client(raise_request_exception=False).get("/account/oidc/sso/login/callback/?code=x&state=y")
    assert back.status_code < 500 or "统一认证没有应答" in back.content.decode()


def test_上线检查会说登录页的地址是否放行(people: People, provider: Provider, settings: Any) -> None:
    def found() -> tuple[str, str]:
        (one,) = [f for f in told("check-deploy", status=1)["findings"] if f["check"] == "single_sign_on"]
        return one["state"], one["zh"]

    assert "不是 HTTPS" in found()[1]
    provider.login_at = "https://login.example.gov"
    state, text = found()
    assert state == "unsafe"
    assert "ZHIHENG_OIDC_ORIGINS=https://login.example.gov" in text
    settings.SIGN_ON_ORIGINS = ["https://login.example.gov"]
    assert found()[0] == "ok"
    from zhiheng.pages.middleware import policy

    assert f"form-action 'self' {provider.url} https://login.example.gov;" in policy()
    provider.fails = True
    assert "没有给出它的说明" in found()[1]
