"""Facts as lines of a list: the day, the record, the main party, the unit. For the facts behind a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import orjson

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import Scope
from zhiheng.kernel.masking import MASK
from zhiheng.ledger.models import Alias, Fact, FactParty
from zhiheng.quality_file.fact_lines import ShownField, shown_field, verdict_of
from zhiheng.quality_file.scope_filters import facts_within

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
    """A line: the fact, its day, record and outcome, its main party, the unit that delivered it and the area.

    ``verdict``: the outcome in the words of the record (合格, 罚款, 已报).
    """

    fact: int
    record: str
    occurred_on: dt.date
    outcome: str | None
    who: str
    unit: str
    area: str
    delivery: int
    shown: tuple[ShownField | None, ...] = ()
    verdict: ShownField | None = None


def fact_lines(ids: Iterable[int], *, book: Book, scope: Scope, fields: Sequence[str] = ()) -> list[FactLine]:
    """The facts of these ids that a scope shows, in the order of the ids. One query.

    ``fields``: fields of the record whose values stand beside each (``shown``); what is secret is masked, what is not
    said is None.
    """
    wanted = list(ids)
    found = {
        number: FactLine(
            number,
            record,
            day,
            outcome,
            _who(body, record, book),
            unit,
            area,
            delivery,
            _values(body, record, fields, book),
            _verdict(body, record, outcome, book),
        )
        for number, record, day, outcome, body, unit, area, delivery in Fact.objects.filter(id__in=wanted)
        .filter(facts_within(scope))
        .values_list("id", "record", "occurred_on", "outcome", "body", "unit", "area", "delivery_id")
    }
    return [found[number] for number in wanted if number in found]


def _who(body: str, record: str, book: Book) -> str:
    parties = orjson.loads(body).get("parties") or []
    secret = _secret_roles(record, book)
    parties = sorted(parties, key=lambda party: place_of(party.get("role", "")))
    for party in parties:
        if party.get("name"):
            return MASK if party.get("role") in secret else str(party["name"])
    # What concerns nobody by name is called by what it is about: a point of measurement, a project, a product.
    entry = book[RECORDS].get(record)
    about = entry.record.about if entry is not None else None
    if entry is None or about is None or about.name is None:
        return ""
    shown = _values(body, record, (about.name,), book)[0]
    return shown.zh if shown is not None else ""


def _values(body: str, record: str, fields: Sequence[str], book: Book) -> tuple[ShownField | None, ...]:
    entry = book[RECORDS].get(record)
    if not fields or entry is None:
        return ()
    said, types = orjson.loads(body), next(iter(entry.types.values()))
    return tuple(
        shown_field(name, entry.record, types, said[name]) if said.get(name) is not None else None for name in fields
    )


def _verdict(body: str, record: str, outcome: str | None, book: Book) -> ShownField | None:
    entry = book[RECORDS].get(record)
    if entry is None or entry.record.outcome is None:
        return None
    return verdict_of(outcome, entry.record, next(iter(entry.types.values())), orjson.loads(body))


def place_of(role: str) -> int:
    """The rank of a role among the parties of a fact: its subject before parties with a minor role."""
    return _FIRST.index(role) if role in _FIRST else len(_FIRST)


def enterprises_of(lines: Sequence[FactLine], *, book: Book) -> dict[int, int]:
    """Fact -> the enterprise that its line names, as a subject of the ledger; nothing where it names none, or one in
    secret. Two queries.
    """
    records = {line.fact: line.record for line in lines}
    said = list(FactParty.objects.filter(fact_id__in=records).values_list("fact_id", "role", "alias_id"))
    aliases = Alias.objects.filter(id__in={alias for *_, alias in said}, kind="enterprise")
    subjects = dict(aliases.values_list("id", "subject_id"))
    found: dict[int, tuple[int, int]] = {}
    for fact, role, alias in said:
        # The line names the first of the parties; where that is no enterprise, no other one stands for it.
        found[fact] = min(found.get(fact, (len(_FIRST) + 1, 0)), (place_of(role), alias))
        if role in _secret_roles(records[fact], book):
            subjects.pop(alias, None)
    return {fact: subjects[alias] for fact, (_, alias) in found.items() if alias in subjects}


def _secret_roles(record: str, book: Book) -> Collection[str]:
    entry = book[RECORDS].get(record)
    if entry is None:
        return ()
    fields: Sequence[object] = [
        f.options.get("role") for f in entry.record.fields.values() if f.type == "party" and f.secret
    ]
    return [str(role) for role in fields if role]
