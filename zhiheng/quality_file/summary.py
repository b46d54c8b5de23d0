"""How a file stands in each of the four qualities on a day, for a replay and for readers of a part of it.

The card has the same of today and of the whole file (``projections``); here it is counted from the facts, in one
statement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import Scope
from zhiheng.quality_file.timeline import FAILS, _facts_of, held_against


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
    """Quality -> how it stands as of a day and as known on a day, counted as the card counts (``engines/cards.py``)."""
    facts = _facts_of(subject, scope, card_area, as_of, known_on, ())
    lately, before = (Count("id", filter=held_against(subject, book, as_of, known_on, window)) for window in FAILS)
    counted = (
        facts.order_by()
        .values("record")
        .annotate(many=Count("id"), fails=lately, fails_before=before, last_on=Max("occurred_on"))
    )
    rows: Any = counted.values_list("record", "many", "fails", "fails_before", "last_on")
    found: dict[str, InQuality] = {}
    for record, many, fails, fails_before, last_on in rows:
        entry = book[RECORDS].get(record)
        if entry is None:
            continue
        had = found.get(entry.record.quality, InQuality())
        found[entry.record.quality] = InQuality(
            had.facts + many,
            had.fails + fails,
            had.fails_before + fails_before,
            max(filter(None, (had.last_on, last_on)), default=None),
        )
    return found
