"""Bulk writing and reading give back what was given, on both databases, whatever stands in the texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection

from tests.places import Ledger
from zhiheng.actions.receive_delivery import _Groups, _in_order
from zhiheng.engines.prepare import Prepared
from zhiheng.kernel.facts import Party
from zhiheng.ledger import store
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


def fact_columns(count: int, **given: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Columns of as many facts, some of them as given."""
    columns: dict[str, Sequence[Any]] = {
        "id": range(1, count + 1), "delivery_id": [7] * count, "row_number": range(2, count + 2),
        "record": ["food_sampling"] * count, "unit": ["test_market"] * count, "kind": ["statement"] * count,
        "concerns": [None] * count, "key": [2**62 + i for i in range(count)], "thing": [None] * count,
        "leaf": [bytes([0, 39, 92, i]) for i in range(count)], "occurred_on": ["2026-03-01"] * count,
        "valid_until": [None] * count, "outcome": ["pass"] * count, "area": ["990101"] * count, "flags": [""] * count,
        "body": [f'{{"n":{i}}}' for i in range(count)], "row": ["[]"] * count,
    }  # fmt: skip
    return columns | given


def stored(*names: str) -> list[tuple[Any, ...]]:
    """These columns of all facts, in order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM ledger_fact ORDER BY id")
        return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]


@pytest.mark.parametrize("text", HARD)
def test_每行相同的文字原样存入(ledger: Ledger, text: str) -> None:
    store.insert_columns("fact", fact_columns(3, flags=[text] * 3, leaf=[b"\x00'\\"] * 3))
    assert stored("flags", "leaf", "concerns", "delivery_id") == [(text, b"\x00'\\", None, 7)] * 3


def test_各行不同的文字原样存入_空值仍是空值(ledger: Ledger) -> None:
    count = len(HARD)
    outcomes = [None if i % 2 else "fail" for i in range(count)]
    columns = fact_columns(count, body=HARD, row=HARD[::-1], outcome=outcomes)
    store.insert_columns("fact", columns)
    names = ("id", "row_number", "key", "leaf", "body", "row", "outcome")
    assert stored(*names) == list(zip(*(columns[name] for name in names), strict=True))


@pytest.mark.parametrize("count", [0, 1])
def test_一行或没有行也能写入(ledger: Ledger, count: int) -> None:
    store.insert_columns("fact", fact_columns(count))
    assert Fact.objects.count() == count


def test_含零字节的文字_SQLite_不截断(ledger: Ledger) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL stores no NUL in a text")
    store.insert_columns("fact", fact_columns(2, flags=["a\0b"] * 2))
    assert stored("flags") == [("a\0b",)] * 2


def test_键下的行太多就整键略去_不多不少(ledger: Ledger) -> None:
    store.insert("aliaskey", ("key", "alias_id"), [(key, alias) for key in range(1, 6) for alias in range(key)])
    select = "SELECT k.key, k.alias_id FROM ledger_aliaskey k"
    every = {(key, alias) for key in range(1, 6) for alias in range(key)}
    assert set(store.matching(select, "k.key", [1, 2, 3, 4, 5, 99])) == every
    for limit in (1, 3, 5):
        few = list(store.matching(select, "k.key", [5, 4, 3, 2, 1, 99], at_most=limit))
        assert len(few) == len(set(few))
        assert set(few) == {pair for pair in every if pair[0] <= limit}
    assert list(store.matching(select, "k.key", [], at_most=3)) == []


def test_登记册略去太大的组(ledger: Ledger) -> None:
    store.insert("subject", ("id", "kind"), [(1, "enterprise")])
    store.insert("alias", store.ALIAS_COLUMNS, [
        (i, i, 1, "enterprise", f"试验{i}厂", "", "", "", "") for i in range(1, 4)
    ])  # fmt: skip
    store.insert("aliaskey", ("key", "alias_id"), [(10, 1), (10, 2), (10, 3), (20, 1)])
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
