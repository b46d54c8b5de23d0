"""Counters of tries are kept until their time is over, whatever strangers write; what is over goes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.db import connections, router
from django.test import RequestFactory

from zhiheng.people.tries import TriesCache

pytestmark = pytest.mark.django_db(databases="__all__")

LIMIT = {"login_failed": "5/900s/key"}
MOST = 40


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> TriesCache:
    """The cache with little room, in the place of the installation's."""
    made = TriesCache("people_cache", {"OPTIONS": {"MAX_ENTRIES": MOST}})
    made.clear()
    monkeypatch.setattr(ratelimit, "cache", made)
    monkeypatch.setattr(TriesCache, "shared", 4)
    return made


def tried(name: str) -> bool:
    """Whether one more try of a name was still allowed."""
    request = RequestFactory().post("/")
    return ratelimit.consume(request, app="zhiheng.people", action="login_failed", key=name, config=LIMIT) is not None


def rows(cache: TriesCache) -> int:
    with connections[router.db_for_read(cache.cache_model_class)].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM people_cache")
        return int(cursor.fetchone()[0])


def test_写满了计数表_已经用完的次数也不会重新算起(tries: TriesCache) -> None:
    assert [tried("某账号") for _ in range(6)] == [True] * 5 + [False]
    for number in range(3 * MOST):
        tried(f"编的名字{number}")
    assert not tried("某账号")


def test_再多的新名字也写不大这张表(tries: TriesCache) -> None:
    for number in range(3 * MOST):
        tried(f"编的名字{number}")
    assert rows(tries) <= MOST + 2 * TriesCache.shared


def test_满了以后的新名字合在一起计_只会早到限_不会不限(tries: TriesCache) -> None:
    for number in range(MOST + 4):
        tried(f"编的名字{number}")
    assert [tried("后来的人") for _ in range(6)][-1] is False
    assert sum(tried(f"另编的名字{number}") for number in range(100)) <= 5 * TriesCache.shared


def test_过了时间的先清走_又各计各的(tries: TriesCache) -> None:
    for number in range(MOST + 4):
        tried(f"编的名字{number}")
    over = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    connection = connections[router.db_for_write(tries.cache_model_class)]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_cache SET expires = %s", [connection.ops.adapt_datetimefield_value(over)])
    assert [tried("后来的人") for _ in range(6)] == [True] * 5 + [False]
    assert rows(tries) <= 4


def test_只用一次的凭据写满了也不会再能用(tries: TriesCache) -> None:
    assert tries.add("allauth.mfa.totp.used?user=1&code=123456", "y", 30)
    for number in range(3 * MOST):
        tries.add(f"用过的{number}", "y", 600)
    assert not tries.add("allauth.mfa.totp.used?user=1&code=123456", "y", 30)


def test_合计的次数不因一个人登录成功就清零(tries: TriesCache) -> None:
    for number in range(MOST + 4):
        tried(f"编的名字{number}")
    while tried("后来的人"):
        pass
    request: Any = RequestFactory().post("/")
    ratelimit.clear(request, app="zhiheng.people", action="login_failed", key="后来的人", config=LIMIT)
    assert not tried("后来的人")
