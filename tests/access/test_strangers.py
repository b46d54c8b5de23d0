"""Strangers can't grow a table: every address is asked by somebody without an account, by every method, with whatever
forms the pages show; only what is named here may hold more rows afterwards, and each of these has a bound.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import cache
from django.db import connections
from django.test import Client

from tests.access.addresses import World, addresses, browser_of
from tests.access.forms_of import forms_of
from zhiheng.pages import forms
from zhiheng.people import adapters

pytestmark = pytest.mark.slow

# What may grow, and what bounds it.
GROWS = {
    "people_cache": "counts of tries: so many at most (CACHES; people/tries.py), forgotten when their time is over",
    "people_trailline": "refused sign-ins: so many lines an hour and address (adapters.NOTED)",
    "django_session": "sign-ins by passkey that were begun: so many an hour and address (adapters.NEW_SESSIONS)",
}
# A search index that gives no rows of its own: what it finds stands in other tables.
NO_ROWS = {"projections_words"}
PASSKEY = "/account/2fa/webauthn/login/"
LONG = "长" * 60_000


def rows() -> Counter[str]:
    """How many rows every table of every database has."""
    found: Counter[str] = Counter()
    for connection in connections.all():
        names = set(connection.introspection.table_names()) - NO_ROWS
        with connection.cursor() as cursor:
            for name in sorted(names):
                cursor.execute(f'SELECT COUNT(*) FROM "{name}"')
                found[name] += cursor.fetchone()[0]
    return found


def text_of(answer: Any) -> str:
    """What an answer says, also one that comes in pieces."""
    return (b"".join(answer) if answer.streaming else answer.content).decode("utf-8", "replace")


def new_rows(before: Counter[str]) -> dict[str, int]:
    """The tables that have more rows than before."""
    return dict(rows() - before)


def test_外人走遍每个地址_交遍每张表_除了写明有上限的_没有一张表多一行(world: World) -> None:
    before = rows()
    assert len(before) > 80, "no table was found: this test looks in the wrong place"
    sent: set[str] = set()
    tokens: set[str] = set()
    for address in addresses():
        try:
            url = address.url(world)
        except LookupError:
            url = "/" + re.sub(r"<[^>]*>", "1", address.route)
        # Who keeps no cookies is somebody new each time: what a browser would have kept has to be made anew.
        for script in (False, True):
            headers = {"X-Requested-With": "XMLHttpRequest"} if script else {}
            answer = browser_of(None).get(url, headers=headers)
            text = text_of(answer)
            for form in forms_of(text, url) if "html" in answer.headers.get("Content-Type", "") else ():
                tokens |= set(form.fields["form_token"].values) if "form_token" in form.fields else set()
                if form.action in sent:
                    continue
                sent.add(form.action)
                for last in (False, True):
                    given = form.filled(last=last)
                    long = {name: [LONG] if form.fields[name].typed else texts for name, texts in given.items()}
                    for typed in (given, long):
                        browser_of(None).post(form.action, typed)
        for method in ("post", "put", "delete"):
            text_of(getattr(browser_of(None), method)(url))
    assert len(sent) >= 8
    assert tokens, "no page that is open to all has a form that is sent once: this test looks in the wrong place"
    # A form that is open to all is nobody's: sent to a page that asks for an account it is not kept either.
    for token in tokens:
        for address in ("/desk/deliveries/new/", "/firm/deliveries/", "/account/password/change/"):
            browser_of(None).post(address, {forms.TOKEN: token, "reason": LONG})
    assert {name: more for name, more in new_rows(before).items() if name not in GROWS} == {}


def test_写明可以多的_每一张都真会多_不然不用写(world: World) -> None:
    """Otherwise the table above would hide one that no longer belongs there."""
    before = rows()
    browser = browser_of(None)
    browser.post("/account/login/", {"login": "nobody", "password": "wrong-wrong-wrong"})
    browser.get(PASSKEY, headers={"X-Requested-With": "XMLHttpRequest"})
    assert set(new_rows(before)) == set(GROWS)


def test_不登录就开始的会话_一个地址只有那么多_别处照样(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "NEW_SESSIONS", {"session": "3/10m/ip"})
    cache.clear()
    asked = {"headers": {"X-Requested-With": "XMLHttpRequest"}}
    answers = [Client().get(PASSKEY, **asked) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 5
    assert "sessionid" not in answers[-1].cookies
    assert "过几分钟再试" in answers[-1].content.decode()
    assert Session.objects.count() == 3
    assert Client().get(PASSKEY, REMOTE_ADDR="192.0.2.7", **asked).status_code == 200
    # Pages that begin no session open as ever.
    assert Client().get("/account/login/").status_code == 200


def token_of(actor: str, number: str = "n") -> str:
    """The token of a form that was made for somebody."""
    return signing.dumps({"a": actor, "p": "/desk/deliveries/new/", "n": number}, salt=forms.SALT, compress=True)


def test_没有账号的人打开的表格_登录中断也不替他存(db: None) -> None:
    answer = Client().post("/desk/deliveries/new/", {forms.TOKEN: token_of("public"), "reason": "写了很多"})
    assert answer["Location"] == "/account/login/?next=/"
    assert not Session.objects.exists()


def test_别人的表格拿去反复提交_存到上限为止_那个人的照样放得回(db: None) -> None:
    cache.clear()
    kept = [
        Client().post("/desk/deliveries/new/", {forms.TOKEN: token_of("account:1"), "reason": LONG}) for _ in range(9)
    ]
    assert sum("kept" in answer["Location"] for answer in kept) == 5
    assert Session.objects.count() == 5
    # The person whose form it is sends another one.
    own = Client().post("/desk/deliveries/new/", {forms.TOKEN: token_of("account:1", "another"), "reason": "我写的"})
    assert "kept" in own["Location"]


def test_一个地址断线的表格_一小时只存那么多(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "KEPT_FORMS", {"kept": "3/h/ip,5/4h/key"})
    cache.clear()
    sent = [Client().post("/desk/deliveries/new/", {forms.TOKEN: token_of("account:1", str(n))}) for n in range(5)]
    assert sum("kept" in answer["Location"] for answer in sent) == 3


def test_次数的记录_总数有上限(settings: Any) -> None:
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] <= 20_000
