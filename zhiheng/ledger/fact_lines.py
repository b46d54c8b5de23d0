"""Facts as lines of a list: the day, what it is, whom it concerns, who said so. For the facts behind a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import orjson

from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Scope
from zhiheng.ledger.models import Fact
from zhiheng.ledger.quality_file import MASK
from zhiheng.ledger.within import facts_within

# Whom a fact is about comes before those who only had a hand in it.
_FIRST = (
    "subject",
    "holder",
    "producer",
    "manufacturer",
    "applicant",
    "operator",
    "owner",
    "user_unit",
    "complainee",
    "seller",
)


@dataclass(frozen=True)
class FactLine:
    """A line: the fact, its day, record and outcome, the one whom it concerns most, the unit that said so and the area."""

    fact: int
    record: str
    occurred_on: dt.date
    outcome: str | None
    who: str
    unit: str
    area: str
    delivery: int


def fact_lines(ids: Iterable[int], *, book: Book, scope: Scope) -> list[FactLine]:
    """The facts of these ids that a scope shows, in the order of the ids. One query."""
    wanted = list(ids)
    found = {
        number: FactLine(number, record, day, outcome, _who(body, record, book), unit, area, delivery)
        for number, record, day, outcome, body, unit, area, delivery in Fact.objects.filter(id__in=wanted)
        .filter(facts_within(scope))
        .values_list("id", "record", "occurred_on", "outcome", "body", "unit", "area", "delivery_id")
    }
    return [found[number] for number in wanted if number in found]


def _who(body: str, record: str, book: Book) -> str:
    parties = orjson.loads(body).get("parties") or []
    secret = _secret_roles(record, book)
    parties = sorted(parties, key=lambda party: _place(party.get("role", "")))
    for party in parties:
        if party.get("name"):
            return MASK if party.get("role") in secret else str(party["name"])
    return ""


def _place(role: str) -> int:
    return _FIRST.index(role) if role in _FIRST else len(_FIRST)


def _secret_roles(record: str, book: Book) -> Collection[str]:
    entry = book.records.get(record)
    if entry is None:
        return ()
    fields: Sequence[object] = [
        f.options.get("role") for f in entry.record.fields.values() if f.type == "party" and f.secret
    ]
    return [str(role) for role in fields if role]
