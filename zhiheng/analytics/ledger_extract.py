"""Reads the ledger as lines of JSON, in blocks that the database itself puts together.

A block is one value: a text of lines, each a JSON object of a fact's columns and of its body's fields. It crosses
Python as bytes, whole, and DuckDB parses it on the other side: several times faster than rows as Python objects. The
columns' keys begin with an underscore, which no field of a record does.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection

from zhiheng.database import dialect
from zhiheng.database.rows import lines

BLOCK_BYTES = 8_000_000
# Key in a line -> the lake's column.
FACT_KEYS: Mapping[str, str] = {
    "_delivery": "delivery_id",
    "_unit": "unit",
    "_learned": "learned_on",
    "_id": "fact_id",
    "_row": "row_number",
    "_kind": "kind",
    "_concerns": "concerns",
    "_thing": "thing",
    "_on": "occurred_on",
    "_until": "valid_until",
    "_outcome": "outcome",
    "_area": "area",
    "_flags": "flags",
}
_ALIAS = ("kind", "name", "code", "code_kind", "address", "place", "part")
# What a line takes from the row; what is the same in a whole delivery stands in the line's beginning instead, and what
# most
# facts leave empty stands in the line only where it is not: every character costs at ten million lines.
_ALWAYS = {
    "_id": "id",
    "_row": "row_number",
    "_on": "occurred_on",
    "_outcome": "coalesce(outcome, '')",
    "_area": "area",
}
_SELDOM = {"_concerns": "concerns", "_thing": "thing", "_kind": "kind", "_until": "valid_until", "_flags": "flags"}
_PLAIN = "concerns IS NULL AND thing IS NULL AND kind = 'statement' AND valid_until IS NULL AND flags = ''"

Block = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Span:
    """Facts of one delivery (or the new ones of it): consecutive ids, one record, one unit, one day."""

    delivery: int
    record: str
    unit: str
    first: int
    last: int
    learned_on: dt.date

    def __len__(self) -> int:
        return self.last - self.first + 1


def spans(after: int) -> list[Span]:
    """What was delivered with fact ids greater than ``after``, in the order of ids; withdrawals carry no values and are
    left out.
    """
    sql = (
        "SELECT id, record, unit, first_fact, fact_count, learned_on FROM ledger_delivery "
        "WHERE fact_count > 0 AND source <> 'withdrawal' AND first_fact + fact_count - 1 > %s ORDER BY first_fact"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [after])
        rows = cursor.fetchall()
    return [
        Span(delivery, record, unit, max(first, after + 1), first + count - 1, dt.date.fromisoformat(str(day)))
        for delivery, record, unit, first, count, day in rows
    ]


def last_fact() -> tuple[int, dt.date | None, str]:
    """The last fact whose delivery is complete, its day of learning, and the link of the chain that stands for all
    before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT first_fact + fact_count - 1, learned_on, link FROM ledger_delivery WHERE fact_count > 0 ORDER BY "
            "id DESC LIMIT 1"
        )
        found = cursor.fetchone()
    return (0, None, "") if found is None else (int(found[0]), dt.date.fromisoformat(str(found[1])), str(found[2]))


def has_link(link: str) -> bool:
    """Whether the ledger's chain has this link: if not, it is another ledger."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM ledger_delivery WHERE link = %s", [link])
        return cursor.fetchone() is not None


def last_act() -> str:
    """The last merge or split, by its number and a digest of what it says; empty where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ACT} ORDER BY id DESC LIMIT 1")
        found = cursor.fetchone()
    return "" if found is None else _act_told(found)


def continues(link: str, act: str) -> bool:
    """Whether the ledger went on from a state in which this was the last link of its chain and this the last merge or
    split (``last_act``): if not it is another one, or was restored and has gone another way since.
    """
    if link and not has_link(link):
        return False
    if not act:
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"{_ACT} WHERE id = %s", [int(act.partition(".")[0])])
        found = cursor.fetchone()
    return found is not None and _act_told(found) == act


_ACT = "SELECT id, verb, actor, day, reason, moves, parted FROM ledger_identityact"


def _act_told(row: Sequence[object]) -> str:
    return f"{row[0]}.{sha256(json.dumps([*map(str, row)]).encode()).hexdigest()}"


def acts(after: int, until: int) -> list[tuple[int, int, str, str, dt.date]]:
    """Corrections and withdrawals: (fact_id, concerns, record, kind, learned_on)."""
    sql = (
        # The plus and the order keep the planner from walking all facts: the partial index on ``concerns`` holds the
        # few acts.
        "SELECT f.id, f.concerns, f.record, f.kind, d.learned_on FROM ledger_fact f JOIN ledger_delivery d ON d.id = "
        "f.delivery_id WHERE f.concerns IS NOT NULL AND +f.id > %s AND +f.id <= %s ORDER BY f.concerns, +f.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [after, until])
        return [(i, c, r, k, dt.date.fromisoformat(str(day))) for i, c, r, k, day in cursor.fetchall()]


def replacements(spans_: Sequence[Span]) -> Iterator[list[tuple[int, int, str, str, dt.date]]]:
    """Later statements about the same thing, in the spans of records that are events with a key: batches like those of
    ``acts``.
    """
    sql = (
        "SELECT n.id, (SELECT MAX(p.id) FROM ledger_fact p WHERE p.thing = n.thing AND p.id < n.id AND p.kind <> "
        "'withdrawal') AS earlier FROM ledger_fact n WHERE n.thing IS NOT NULL AND n.id BETWEEN %s AND %s AND n.kind "
        "= 'statement'"
    )
    for span in spans_:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, earlier FROM ({sql}) AS said WHERE earlier IS NOT NULL ORDER BY id",
                [span.first, span.last],
            )
            while rows := cursor.fetchmany(50_000):
                yield [(later, earlier, span.record, "replacement", span.learned_on) for later, earlier in rows]


def facts(spans_: Sequence[Span]) -> Iterator[Block]:
    """The facts of the spans: how many ids a block covers, and its lines."""
    rows = 2_000
    for span in spans_:
        head = json.dumps(
            {"_delivery": span.delivery, "_unit": span.unit, "_learned": str(span.learned_on)}, ensure_ascii=False
        )
        start = span.first
        while start <= span.last:
            end = min(start + rows - 1, span.last)
            block = lines(
                _fact_line(), "ledger_fact", "id BETWEEN %s AND %s AND kind <> 'withdrawal'", [head[:-1], start, end]
            )
            rows = _fitting(rows, block, end - start + 1)
            yield end - start + 1, block
            start = end + 1


def chosen(ids: Sequence[int], size: int = 2_000) -> Iterator[Block]:
    """Certain facts by id; of their delivery only the unit is said."""
    for at in range(0, len(ids), size):
        some = ids[at : at + size]
        where = f"id IN ({', '.join(map(str, some))})"
        yield len(some), lines(_fact_line(unit=True), "ledger_fact", where, ['{"_delivery":null'])


def parted() -> list[tuple[int, int]]:
    """(fact, alias) of the facts that splits have taken out of a spelling one by one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT p.fact_id, a.id FROM ledger_alias a JOIN ledger_factparty p ON p.alias_id = a.id WHERE "
            "a.part LIKE 'facts:%%'"
        )
        return list(cursor.fetchall())


def parted_records(after: int) -> tuple[int, set[str]]:
    """The last split of a part of a spelling, and the records of whose facts splits after one have taken some
    elsewhere.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, parted FROM ledger_identityact WHERE parted IS NOT NULL AND id > %s ORDER BY id", [after]
        )
        acts = cursor.fetchall()
        aliases = sorted({part["to"] for _, text in acts for part in json.loads(text)})
        found: set[str] = set()
        for alias in aliases:
            cursor.execute(
                "SELECT DISTINCT f.record FROM ledger_factparty p JOIN ledger_fact f ON f.id = p.fact_id WHERE "
                "p.alias_id = %s",
                [alias],
            )
            found |= {record for (record,) in cursor.fetchall()}
    return (acts[-1][0] if acts else after), found


def spellings() -> str:
    """The last spelling, and the last act that moved one: where both are as before, all stand for the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT COALESCE(MAX(id), 0) FROM ledger_alias), (SELECT COALESCE(MAX(id), 0) FROM "
            "ledger_identityact)"
        )
        alias, act = cursor.fetchone()
    return f"{alias}.{act}"


def aliases() -> Iterator[Block]:
    """Every alias with the subject it is linked to now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM ledger_alias")
        last = cursor.fetchone()[0] or 0
    line = dialect.json_object({"alias_id": "id", "subject_id": "subject_id", **{name: name for name in _ALIAS}})
    rows, start = 5_000, 1
    while start <= last:
        end = min(start + rows - 1, last)
        block = lines(line, "ledger_alias", "id BETWEEN %s AND %s", [start, end])
        rows = _fitting(rows, block, end - start + 1)
        yield end - start + 1, block
        start = end + 1


def _fact_line(*, unit: bool = False) -> str:
    """SQL of a line in the database's own dialect; its only parameter is the line's beginning. Empty texts mean
    null.
    """
    said = {**_ALWAYS, "_unit": "unit"} if unit else _ALWAYS
    always = "".join(f',"{key}":"%s"' for key in said)
    seldom = "".join(f',"{key}":"%s"' for key in _SELDOM)
    values = ", ".join(said.values())
    if dialect.is_postgresql():
        # Two percent signs: the driver reads one as the mark of a parameter.
        always, seldom = always.replace("%", "%%"), seldom.replace("%", "%%")
        return (
            f"format('%%s{always}%%s%%s%%s', %s::text, {values}, CASE WHEN {_PLAIN} THEN '' ELSE format('{seldom}', "
            f"{', '.join(_SELDOM.values())}) END, CASE body WHEN '{{}}' THEN '' ELSE ',' END, substr(body, 2))"
        )
    return (
        f"printf('%s{always}%s%s%s', ?, {values}, iif({_PLAIN}, '', printf('{seldom}', "
        f"{', '.join(_SELDOM.values())})), "
        # As bytes, since SQLite would count the letters of a text to find its second one.
        "iif(body = '{}', '', ','), substr(CAST(body AS BLOB), 2))"
    )


def _fitting(rows: int, block: bytes, asked: int) -> int:
    """How many rows the next block should ask for: long bodies must not make a block of gigabytes."""
    per_row = max(1, len(block) // asked)
    return max(100, min(rows * 4, BLOCK_BYTES // per_row))
