"""The trail of people: it only grows, holds no secret, and outlives what it tells of."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import Error, connections, transaction

from tests.people.places import PASSWORD, People
from tests.places import NOON
from zhiheng.actions.accounts.issue_code import issue_code
from zhiheng.actions.accounts.issue_token import issue_token
from zhiheng.actions.enterprises.accept_invitation import accept_invitation
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.people import trail
from zhiheng.people.models import TrailLine

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE people_trailline SET actor = 'nobody'",
        "UPDATE people_trailline SET at = at",
        "DELETE FROM people_trailline",
        "DELETE FROM people_trailline WHERE id = 0 OR 1 = 1",
    ],
)
def test_审计的行不能改也不能删(people: People, sql: str) -> None:
    trail.note_as(SYSTEM, "file.read", "subject:1", NOON, "核查")
    connection = connections[settings.PEOPLE_DATABASE]
    with pytest.raises(Error, match="append-only"), transaction.atomic(using=settings.PEOPLE_DATABASE):
        connection.cursor().execute(sql)
    assert TrailLine.objects.count() == 1


def test_PostgreSQL上也不能整表清空(people: People) -> None:
    connection = connections[settings.PEOPLE_DATABASE]
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(Error, match="append-only"), transaction.atomic(using=settings.PEOPLE_DATABASE):
        connection.cursor().execute("TRUNCATE people_trailline")


@pytest.mark.parametrize(
    "key", ["password", "new_password", "token", "api_token", "code", "start_code", "secret", "otp"]
)
def test_秘密进不了审计(people: People, key: str) -> None:
    with pytest.raises(ValueError, match="no secret"):
        trail.note_as(SYSTEM, "account.create", "account:1", NOON, detail={key: "x"})
    assert not TrailLine.objects.exists()


def test_所有关于人的行为都不在审计里留下密码_码和令牌(people: People, client: Any) -> None:
    officer = people.holding("officer")
    code = issue_code(officer.pk, **people.words()).code
    accept_invitation(code, password=PASSWORD, call=Call(PUBLIC, people.book, NOON))
    key = issue_token(
        "系统", unit="test_market", scopes=["api.read"], last_day=NOON.date().replace(day=9), **people.words()
    ).key
    client.post("/account/login/", {"login": PASSWORD, "password": "wrong"})
    client.post("/account/login/", {"login": "officer", "password": PASSWORD})
    told = repr(list(TrailLine.objects.values()))
    for secret in (PASSWORD, "wrong", code, code.replace("-", ""), code.split("-", 1)[1], key):
        assert secret not in told
    assert "session.begin" in told


def test_很长的名字不让审计写不下(people: People) -> None:
    from zhiheng.kernel.actor import operator

    trail.note_as(operator("甲" * 500), "file.read", "subject:" + "9" * 5000, NOON, "目的" * 5000)
    assert len(TrailLine.objects.get().actor) == 160
