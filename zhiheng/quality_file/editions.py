"""With which editions of a record's definition something was received, and since when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Sum

from zhiheng.ledger.models import Definition, Delivery


@dataclass(frozen=True)
class Edition:
    """An edition, and what was received with it."""

    edition: str
    record: str
    source: str
    first_delivery: int
    first_on: dt.date
    last_on: dt.date
    deliveries: int
    facts: int


def editions_received(record: str | None = None) -> tuple[Edition, ...]:
    """The editions of a record (None: of all), in the order in which they first came into use. Two queries."""
    definitions = Definition.objects.all() if record is None else Definition.objects.filter(record=record)
    named = {edition: (of, source) for edition, of, source in definitions.values_list("edition", "record", "source")}
    rows = (
        Delivery.objects.filter(edition__in=named)
        # A correction names the edition of what it corrects, but not its source.
        .values("edition")
        .annotate(
            first=Min("id"),
            first_on=Min("learned_on"),
            last_on=Max("learned_on"),
            number=Count("id"),
            facts=Sum("fact_count"),
        )
    )
    found = [
        Edition(r["edition"], *named[r["edition"]], r["first"], r["first_on"], r["last_on"], r["number"], r["facts"])
        for r in rows
    ]
    return tuple(sorted(found, key=lambda e: (e.record, e.source, e.first_delivery)))


def edition_text(edition: str) -> tuple[str, str, str] | None:
    """Record, source and canonical JSON of an edition; None where nothing was received with it."""
    found = Definition.objects.filter(edition=edition).values_list("record", "source", "text").first()
    return (found[0], found[1], found[2]) if found else None
