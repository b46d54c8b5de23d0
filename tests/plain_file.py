"""A whole quality file read in the plainest way, fact by fact and without any of the machine's own rules: what pages
are compared with.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.ledger.models import Alias, Fact, FactParty


@dataclass(frozen=True)
class PlainEntry:
    """One fact of the file, with what took its place."""

    fact: int
    record: str
    roles: tuple[str, ...]
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    unit: str
    learned_on: dt.date
    row_number: int
    kind: str
    replaced_by: int | None
    withdrawn: bool
    outdated_by: int | None
    quality: str
    flags: tuple[str, ...]


def plain_file(subject: int, book: Book, *, as_of: dt.date, known_on: dt.date) -> list[PlainEntry]:
    """Every fact about a subject that is true by one day and known by another, the newest first."""
    known = [fact for fact in Fact.objects.select_related("delivery") if fact.delivery.learned_on <= known_on]
    acts = {fact.concerns: fact for fact in sorted(known, key=lambda fact: fact.id) if fact.concerns is not None}
    things: dict[int, list[Any]] = {}
    for fact in known:
        if fact.thing is not None and fact.kind != "withdrawal" and fact.id not in acts and fact.occurred_on <= as_of:
            things.setdefault(fact.thing, []).append((fact.occurred_on, fact.id))
    after = {one[1]: next_[1] for told in things.values() for one, next_ in pairwise(sorted(told))}
    roles: dict[int, set[str]] = {}
    links = FactParty.objects.filter(alias_id__in=Alias.objects.filter(subject_id=subject).values("id"))
    for number, role in links.values_list("fact_id", "role"):
        roles.setdefault(number, set()).add(role)
    entries = [
        PlainEntry(
            fact.id,
            fact.record,
            tuple(sorted(roles[fact.id])),
            fact.occurred_on,
            fact.valid_until,
            fact.outcome,
            fact.unit,
            fact.delivery.learned_on,
            fact.row_number,
            fact.kind,
            acts[fact.id].id if fact.id in acts else None,
            fact.id in acts and acts[fact.id].kind == "withdrawal",
            after.get(fact.id),
            book[RECORDS][fact.record].record.quality,
            tuple(filter(None, fact.flags.split(","))),
        )
        for fact in known
        if fact.id in roles and fact.occurred_on <= as_of
    ]
    return sorted(entries, key=lambda entry: (entry.occurred_on, entry.fact), reverse=True)
