"""Bulk writing and reading give back what was given, on both databases, whatever stands in the texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.db import connection

from tests.places import Ledger
from zhiheng.actions.intake.receive_delivery import _Groups, _in_order
from zhiheng.database.rows import matching
from zhiheng.engines.batch_preparation import Prepared
from zhiheng.engines.coded import TEXT, Coded
from zhiheng.kernel.facts import Party
from zhiheng.ledger import bulk
from zhiheng.ledger.aliases import Aliases, LedgerRegistry
from zhiheng.ledger.models import Alias, Fact

pytestmark = pytest.mark.database

HARD = [
    "it's",
    'a "quoted" one',
    "back\\slash",
    "tab\tand\nline",
    "%s ? :1 {x}",
    "",
    "㐀𠮷",
    "'; DROP TABLE ledger_fact; --",
]


def insert(
    count: int,
    *,
    flags: Sequence[str] | None = None,
    outcome: Sequence[str | None] | None = None,
    until: Sequence[str | None] | None = None,
    things: list[int | None] | None = None,
    bodies: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
    leaves: Sequence[bytes] | None = None,
) -> None:
    """Write as many facts, some of their columns as given."""
    chunk = Prepared.__new__(Prepared)
    chunk.row_numbers = np.arange(2, count + 2)
    chunk.occurred_on, chunk.area = Coded(["2026-03-01"], None, count), Coded(["990101"], None, count)
    chunk.valid_until = Coded([None], None, count) if until is None else Coded.of(until)
    chunk.outcome = Coded(["pass"], None, count) if outcome is None else Coded.of(outcome)
    chunk.flags, chunk.things = None if flags is None else Coded.of(flags), things
    chunk.bodies = pa.array([f'{{"n":{i}}}' for i in range(count)] if bodies is None else bodies, TEXT)
    chunk.rows = pa.array(["[]"] * count if rows is None else rows, TEXT)
    bulk.insert_facts(
        chunk,
        1,
        KEYS[:count],
        leaves or [bytes([0, 39, 92, i]) for i in range(count)],
        delivery=7,
        record="food_sampling",
        unit="test_market",
    )


KEYS = [2**62 + i for i in range(40)]


def stored(*names: str) -> list[tuple[Any, ...]]:
    """These columns of all facts, in order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM ledger_fact ORDER BY id")
        return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]


@pytest.mark.parametrize("text", HARD)
def test_每行相同的文字原样存入(ledger: Ledger, text: str) -> None:
    insert(3, flags=[text] * 3, leaves=[b"\x00'\\"] * 3)
    assert (
        stored("flags", "leaf", "concerns", "delivery_id", "kind", "unit")
        == [(text, b"\x00'\\", None, 7, "statement", "test_market")] * 3
    )


def test_各行不同的文字原样存入_空值仍是空值(ledger: Ledger) -> None:
    count = len(HARD)
    outcomes = [None if i % 2 else "fail" for i in range(count)]
    until = ["2026-04-30" if i % 3 else None for i in range(count)]
    things = [None if i % 2 else 2**62 - i for i in range(count)]
    insert(count, bodies=HARD, rows=HARD[::-1], outcome=outcomes, until=until, things=things, flags=HARD)
    found = stored("id", "row_number", "key", "body", "row", "outcome", "valid_until", "thing", "flags", "occurred_on")
    days = [None if day is None else dt.date.fromisoformat(day) for day in until]
    first = dt.date(2026, 3, 1)
    assert found == [
        (i + 1, i + 2, KEYS[i], HARD[i], HARD[-1 - i], outcomes[i], days[i], things[i], HARD[i], first)
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1])
def test_一行或没有行也能写入(ledger: Ledger, count: int) -> None:
    insert(count)
    assert Fact.objects.count() == count


def test_含零字节的文字_SQLite_不截断(ledger: Ledger) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL stores no NUL in a text")
    insert(2, flags=["a\0b"] * 2)
    assert stored("flags") == [("a\0b",)] * 2


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 10_051])
def test_关联按表的次序成批写入_一条不少(ledger: Ledger, count: int) -> None:
    role = np.array([i % 2 for i in range(count)], np.int8)
    bulk.insert_links(np.arange(count) // 3, np.arange(count), role, ["producer", "seller"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT alias_id, fact_id, role FROM ledger_factparty ORDER BY fact_id")
        assert cursor.fetchall() == [(i // 3, i, ("producer", "seller")[i % 2]) for i in range(count)]


def test_键下的行太多就整键略去_不多不少(ledger: Ledger) -> None:
    bulk.insert("aliaskey", ("key", "alias_id"), [(key, alias) for key in range(1, 6) for alias in range(key)])
    select = "SELECT k.key, k.alias_id FROM ledger_aliaskey k"
    every = {(key, alias) for key in range(1, 6) for alias in range(key)}
    assert set(matching(select, "k.key", [1, 2, 3, 4, 5, 99])) == every
    for limit in (1, 3, 5):
        few = list(matching(select, "k.key", [5, 4, 3, 2, 1, 99], at_most=limit))
        assert len(few) == len(set(few))
        assert set(few) == {pair for pair in every if pair[0] <= limit}
    assert list(matching(select, "k.key", [], at_most=3)) == []


def test_登记册略去太大的组(ledger: Ledger) -> None:
    bulk.insert("subject", ("id", "kind"), [(1, "enterprise")])
    bulk.insert(
        "alias",
        bulk.ALIAS_COLUMNS,
        [(i, i, 1, "enterprise", f"试验{i}厂", "", "", "", "", None, None) for i in range(1, 4)],
    )
    bulk.insert("aliaskey", ("key", "alias_id"), [(10, 1), (10, 2), (10, 3), (20, 1)])
    assert {key: len(found) for key, found in LedgerRegistry().lookup([10, 20]).items()} == {10: 3, 20: 1}
    assert list(LedgerRegistry().lookup([10, 20], at_most=2)) == [20]


def chunk(groups: list[list[int]], new: dict[int, tuple[Party, ...]], *, fresh: bool = False) -> Prepared:
    """A prepared chunk of which nothing but its parties matters."""
    made = Prepared.__new__(Prepared)
    made.groups, made.new_groups, made.fresh = groups, new, fresh
    return made


def test_关联由组号展开_相同的只算一次_重新编号后旧号作废(ledger: Ledger) -> None:
    maker, seller = Party("producer", "试验甲厂"), Party("seller", "试验乙店")
    groups, aliases = _Groups(), Aliases()
    first = chunk([[0, 1, 2, 0], [3, 1, 1, 0]], {0: (maker,), 1: (), 2: (maker, seller), 3: (seller, seller)})
    groups.resolve(first, aliases)
    number = {alias.name: alias.id for alias in Alias.objects.all()}

    def told(made: Prepared, rows: list[int], start: int) -> list[tuple[int, int, str]]:
        columns = _in_order(list(groups.links(made.groups, rows, start)))
        return [(a, f, groups.roles[r]) for a, f, r in zip(*(c.tolist() for c in columns), strict=True)]

    a, b = number["试验甲厂"], number["试验乙店"]
    expected = [
        (a, 100, "producer"),
        (a, 102, "producer"),
        (a, 103, "producer"),
        (b, 100, "seller"),
        (b, 102, "seller"),
    ]
    assert told(first, [0, 1, 2, 3], 100) == sorted(expected)
    assert told(first, [2], 7) == sorted([(a, 7, "producer"), (b, 7, "seller")])
    second = chunk([[0, 0]], {0: (seller,)}, fresh=True)
    groups.resolve(second, aliases)
    assert told(second, [0, 1], 1) == [(b, 1, "seller"), (b, 2, "seller")]
