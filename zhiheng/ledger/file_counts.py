"""How a file stands in each of the four qualities on a day: for a replay, and for somebody who sees only part of it.

The card has the same of today and of the whole file (``projections``); here it is counted from the facts, in one statement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q

from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Scope
from zhiheng.ledger.models import Fact
from zhiheng.ledger.quality_file import _facts_of, _known_by

YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class InQuality:
    """Facts of one quality; ``fails`` of the last 12 months, ``fails_before`` of the 12 before."""

    facts: int = 0
    fails: int = 0
    fails_before: int = 0
    last_on: dt.date | None = None


Counts = Mapping[str, InQuality]


def counts(
    subject: int, *, book: Book, scope: Scope, as_of: dt.date, known_on: dt.date | None = None, card_area: str = ""
) -> Counts:
    """Quality -> what stands in it: facts that nobody corrected or withdrew, as of a day and as known on a day."""
    facts = _facts_of(subject, scope, card_area, as_of, known_on, ())
    facts = facts.exclude(kind=Fact.Kind.WITHDRAWAL)
    facts = facts.filter(~Exists(_known_by(Fact.objects.filter(concerns=OuterRef("id")), known_on)))
    lately, before = as_of - YEAR, as_of - 2 * YEAR
    rows: Any = facts.values("record").annotate(
        facts=Count("id"),
        fails=Count("id", filter=Q(outcome="fail", occurred_on__gt=lately)),
        fails_before=Count("id", filter=Q(outcome="fail", occurred_on__gt=before, occurred_on__lte=lately)),
        last_on=Max("occurred_on"),
    )
    found: dict[str, InQuality] = {}
    for row in rows:
        entry = book.records.get(row["record"])
        if entry is None:
            continue
        had = found.get(entry.record.quality, InQuality())
        found[entry.record.quality] = InQuality(
            had.facts + row["facts"], had.fails + row["fails"], had.fails_before + row["fails_before"],
            max(filter(None, (had.last_on, row["last_on"])), default=None),
        )  # fmt: skip
    return found
