"""Turning pages shows every row once, in order, whatever stands alike; a page costs one statement wherever it lies."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.database.paging import Keyset, Page, chained, cut, cut_start, one_more, place_text, place_values
from zhiheng.people.models import TrailLine

NOON = dt.datetime(2026, 3, 31, 4, tzinfo=dt.UTC)
# Few values, so that many rows stand alike.
ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["甲", "乙~丙", "a%7E"])), max_size=14)
ORDERS = [("-at", "-id"), ("at", "id"), ("verb", "-at", "id"), ("-verb", "at", "-id"), ("id",), ("-id",)]


def written(rows: list[tuple[int, str]]) -> None:
    TrailLine.objects.bulk_create(
        TrailLine(at=NOON + dt.timedelta(microseconds=moment), actor="system", verb=verb, about="", detail="{}")
        for moment, verb in rows
    )


def turned(order: Keyset, limit: int, since: int) -> list[int]:
    """The ids of all rows, page after page."""
    seen: list[int] = []
    after = ""
    for _ in range(30):
        page = order.page(TrailLine.objects.filter(id__gt=since), after, limit)
        assert 0 < len(page.rows) <= limit or not seen
        seen += [row.id for row in page.rows]
        if not (after := page.next):
            return seen
    raise AssertionError("the list has no end")


@pytest.mark.django_db(databases=["default", "people"])
@pytest.mark.database
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, fields=st.sampled_from(ORDERS), limit=st.integers(1, 5))
def test_一页一页翻_每行恰好一次_次序与整份相同(
    rows: list[tuple[int, str]], fields: tuple[str, ...], limit: int
) -> None:
    since = TrailLine.objects.order_by("-id").values_list("id", flat=True).first() or 0
    written(rows)
    whole = TrailLine.objects.filter(id__gt=since)
    assert turned(Keyset(*fields), limit, since) == [row.id for row in whole.order_by(*fields)]
    keys = Keyset(*fields).keys(whole, "", len(rows) + 1)
    assert list(keys.rows) == list(whole.order_by(*fields).values_list(*(f.removeprefix("-") for f in fields)))


@pytest.mark.django_db(databases=["default", "people"])
@pytest.mark.database
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, limit=st.integers(1, 5))
def test_前后相接的两份清单_翻到底每行一次(rows: list[tuple[int, str]], limit: int) -> None:
    since = TrailLine.objects.order_by("-id").values_list("id", flat=True).first() or 0
    written(rows)
    mine = TrailLine.objects.filter(id__gt=since)
    parts = [(Keyset("at", "id"), mine.filter(verb="甲")), (Keyset("-id"), mine.exclude(verb="甲"))]
    expected = [row.id for order, part in parts for row in part.order_by(*order.fields)]
    seen: list[int] = []
    after = ""
    for _ in range(30):
        page = chained(parts, after, limit)
        seen += [row.id for row in page.rows]
        if not (after := page.next):
            break
        assert len(page.rows) == limit, "only the last page is short"
    assert seen == expected


@pytest.mark.django_db(databases=["default", "people"])
@pytest.mark.database
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, fields=st.sampled_from([("-at", "-id"), ("at", "id"), ("id",)]), limit=st.integers(1, 5))
def test_分几处取的一份清单_翻到底与整份相同(rows: list[tuple[int, str]], fields: tuple[str, ...], limit: int) -> None:
    since = TrailLine.objects.order_by("-id").values_list("id", flat=True).first() or 0
    written(rows)
    whole = TrailLine.objects.filter(id__gt=since)
    seen: list[int] = []
    after = ""
    for _ in range(30):
        page = Keyset(*fields).merged([whole.filter(verb="甲"), whole.exclude(verb="甲")], after, limit)
        seen += [row.id for row in page.rows]
        if not (after := page.next):
            break
    assert seen == [row.id for row in whole.order_by(*fields)]


@pytest.mark.django_db(databases=["default", "people"])
def test_一页只问一次_在哪里都一样() -> None:
    written([(n, "甲") for n in range(9)])
    order, after = Keyset("-at", "-id"), ""
    for _ in range(3):
        with CaptureQueriesContext(connections[TrailLine.objects.db]) as asked:
            page = order.page(TrailLine.objects.all(), after, 3)
        assert len(asked) == 1
        assert len(page.rows) == 3
        after = page.next
    assert after == ""


@given(
    st.lists(st.integers(0, 10**18 - 1) | st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)) | st.text(min_size=1))
)
def test_位置写成文字再读回来_一样(values: list[object]) -> None:
    values = [value for value in values if "\0" not in str(value)]
    found = place_values(place_text(*values), *(type(value) for value in values))
    assert found == (tuple(values) or None)


@pytest.mark.parametrize("text", ["", "x", "1~2", "~", "1.5", "٣", "-1", "9" * 30, "\0"])
def test_读不懂的位置不是位置(text: str) -> None:
    assert place_values(text, int) is None
    assert place_values(text, dt.datetime, str, int) is None


@pytest.mark.parametrize(
    "text", ["2026-03-31T04:00:00~甲~1", "0001-01-01T00:00:00+00:00~甲~1", "2026-03-31~甲~1", "x~甲~1"]
)
def test_没有时区或不在日历里的时刻不是位置(text: str) -> None:
    assert place_values(text, dt.datetime, str, int) is None


def test_不是查询集的行也这样分页() -> None:
    rows = [3, 5, 8]
    assert cut(rows[: one_more(2)], 2, place_text) == Page((3, 5), "5")
    assert cut(rows, 3, place_text) == Page((3, 5, 8), "")
    assert cut([], 3, place_text) == Page((), "")
    assert cut_start(rows, 2, 10).next == "12"
    assert Page((1, 2), "2", 7).made(str(n) for n in (1, 2)) == Page(("1", "2"), "2", 7)
