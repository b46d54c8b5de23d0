"""One enterprise, one file (一企一档): who it is, and what every department has said of it, in which role, since when.

Read only. Facts stay as delivered; what was corrected or withdrawn is shown with what replaced it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson
from django.db.models import Q

from zhiheng.grammar.loader import Book
from zhiheng.grammar.records import Record
from zhiheng.ledger.models import Alias, Definition, Delivery, Fact, FactParty


@dataclass(frozen=True)
class Entry:
    """One fact of the file with its origin.

    ``replaced_by`` is the correction or withdrawal that took its place; ``outdated_by`` a later statement of the same thing
    (the lift that was in use and is stopped now), which leaves it true of its own day.
    """

    fact: int
    record: str
    label: dict[str, str]
    quality: str
    roles: tuple[str, ...]
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    unit: str
    learned_on: dt.date
    delivery: int
    row_number: int
    flags: tuple[str, ...]
    kind: str
    replaced_by: int | None
    withdrawn: bool
    outdated_by: int | None
    body: dict[str, Any]
    delivered: list[str]
    headings: list[str]
    law: tuple[str, ...]


@dataclass
class QualityFile:
    """The file of one subject as of a day, as known on a day."""

    subject: int
    kind: str
    names: list[str]
    codes: list[str]
    addresses: list[str]
    entries: list[Entry] = field(default_factory=list)

    def by_quality(self) -> dict[str, list[Entry]]:
        """Entries of each of the four qualities; a quality nobody reported on has an empty list, which is a finding."""
        found: dict[str, list[Entry]] = {q: [] for q in ("product", "project", "service", "environment")}
        for entry in self.entries:
            found[entry.quality].append(entry)
        return found


def find_subjects(text: str, *, limit: int = 20) -> list[tuple[int, str, str]]:
    """Subjects by code, or by any name ever delivered (exact first, then part of it): (subject, a name, code)."""
    text = text.strip()
    found: dict[int, tuple[int, str, str]] = {}
    for query in (Q(code=text.upper()) | Q(name=text), Q(name__contains=text)):
        for subject, name, code in (
            Alias.objects.filter(query).order_by("id").values_list("subject_id", "name", "code")[:500]
        ):
            found.setdefault(subject, (subject, name, code))
        if found:
            break
    return list(found.values())[:limit]


def quality_file(subject: int, book: Book, *, as_of: dt.date, known_on: dt.date) -> QualityFile | None:
    """The file of a subject, newest facts first; None where there is no such subject."""
    aliases = list(Alias.objects.filter(subject_id=subject).order_by("id"))
    if not aliases:
        return None
    roles: dict[int, list[str]] = {}
    for fact, role in FactParty.objects.filter(alias_id__in=[a.id for a in aliases]).values_list("fact_id", "role"):
        roles.setdefault(fact, []).append(role)
    file = QualityFile(
        subject, aliases[0].kind, _distinct(a.name for a in aliases), _distinct(a.code for a in aliases),
        _distinct(a.address for a in aliases),
    )  # fmt: skip
    ids = sorted(roles)
    facts: dict[int, Fact] = {}
    later: dict[int, tuple[int, str]] = {}
    for start in range(0, len(ids), 900):
        some = ids[start : start + 900]
        facts |= Fact.objects.in_bulk(some)
        for concerned, number, kind in _acts(some, known_on):
            later[concerned] = (number, kind)
    deliveries = Delivery.objects.in_bulk({f.delivery_id for f in facts.values()})
    records = _records({f.delivery_id: f.record for f in facts.values()}, deliveries, book)
    things = {f.thing for f in facts.values() if f.thing is not None and records[f.delivery_id].kind == "standing"}
    outdated = _outdated(things, as_of, known_on)
    for number, fact in facts.items():
        delivery = deliveries[fact.delivery_id]
        if fact.occurred_on > as_of or delivery.learned_on > known_on:
            continue
        record = records[fact.delivery_id]
        by, kind = later.get(number, (None, ""))
        row = orjson.loads(fact.row)
        file.entries.append(
            Entry(
                number, fact.record, record.label.model_dump(), record.quality, tuple(sorted(roles[number])),
                fact.occurred_on, fact.valid_until, fact.outcome, fact.unit, delivery.learned_on, delivery.id,
                fact.row_number, tuple(filter(None, fact.flags.split(","))), fact.kind, by, kind == "withdrawal",
                outdated.get(number), orjson.loads(fact.body), row if isinstance(row, list) else [orjson.dumps(row).decode()],
                orjson.loads(delivery.headings), tuple(f"{c.text}{c.article}" for c in record.law),
            )
        )  # fmt: skip
    file.entries.sort(key=lambda e: (e.occurred_on, e.fact), reverse=True)
    return file


def _records(record_of: Mapping[int, str], deliveries: Mapping[int, Delivery], book: Book) -> dict[int, Record]:
    """Delivery -> its record: as the book has it today, or where it has gone from the book, as it was when received."""
    gone = {deliveries[n].edition for n, record in record_of.items() if record not in book.records}
    kept = dict(Definition.objects.filter(edition__in=gone).values_list("edition", "text"))
    found = {}
    for number, name in record_of.items():
        if name in book.records:
            found[number] = book.records[name].record
        else:
            found[number] = Record.model_validate(orjson.loads(kept[deliveries[number].edition])["record"])
    return found


def _acts(facts: Sequence[int], known_on: dt.date) -> list[tuple[int, int, str]]:
    """Corrections and withdrawals of these facts that were known by the day: (fact concerned, by, kind)."""
    acts = list(
        Fact.objects.filter(concerns__in=facts).order_by("id").values_list("concerns", "id", "kind", "delivery_id")
    )
    known = set(
        Delivery.objects.filter(id__in={a[3] for a in acts}, learned_on__lte=known_on).values_list("id", flat=True)
    )
    return [(concerned, number, kind) for concerned, number, kind, delivery in acts if delivery in known]


def _outdated(things: set[int], as_of: dt.date, known_on: dt.date) -> dict[int, int]:
    """Fact -> the next fact of the same thing, where there is one by these days.

    The order is that of the indicators: by the day it was true on, then by the order of receiving.
    """
    told: dict[int, list[tuple[dt.date, int]]] = {}
    wanted = sorted(things)
    for start in range(0, len(wanted), 900):
        facts = list(
            Fact.objects.filter(thing__in=wanted[start : start + 900], occurred_on__lte=as_of)
            .order_by("id")
            .values_list("id", "thing", "kind", "occurred_on", "concerns")
        )
        known = _known([fact[0] for fact in facts], known_on)
        facts = [fact for fact in facts if fact[0] in known]
        gone = {concerns for _, _, _, _, concerns in facts}
        for number, thing, kind, occurred_on, _ in facts:
            if kind != Fact.Kind.WITHDRAWAL and number not in gone:
                told.setdefault(thing, []).append((occurred_on, number))
    return {earlier: later for live in told.values() for (_, earlier), (_, later) in pairwise(sorted(live))}


def _known(facts: Sequence[int], known_on: dt.date) -> set[int]:
    """Those of the facts that had been received by the day."""
    found: set[int] = set()
    for start in range(0, len(facts), 900):
        some = dict(Fact.objects.filter(id__in=facts[start : start + 900]).values_list("id", "delivery_id"))
        by_then = set(
            Delivery.objects.filter(id__in=set(some.values()), learned_on__lte=known_on).values_list("id", flat=True)
        )
        found |= {number for number, delivery in some.items() if delivery in by_then}
    return found


def _distinct(texts: Any) -> list[str]:
    return list(dict.fromkeys(t for t in texts if t))
