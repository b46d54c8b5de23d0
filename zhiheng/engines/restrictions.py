"""Which measures hold of an enterprise because of its listings, by which articles, until when, and by when those of an
ended listing are taken back. Pure functions of the matrix (``book/restrictions``), the law and what facts say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zhiheng.engines.conditions import all_met
from zhiheng.grammar.chapters.restrictions import RestrictingList, RestrictionMatrix, RestrictionMeasure
from zhiheng.grammar.types import Citation
from zhiheng.kernel.days import Calendar
from zhiheng.kernel.deadlines import Deadline, Purpose, deadline
from zhiheng.kernel.law import Law, LawKey
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class ListEntry:
    """A listing as a fact says it: since when, and on which day it was removed (None: not removed)."""

    fact: int
    record: str
    subject: int
    area: str
    listed_on: dt.date
    removed_on: dt.date | None
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Restriction:
    """A measure because of a listing, on a day.

    ``since``: the first day on which both hold. ``until``: the last day, where the law fixes it; None: as long as the
    listing. ``lasts``: how that day was counted, where it was. ``take_back``: the listing has ended, and the measure
    has to be taken back by then.
    """

    list_name: str
    page: RestrictingList
    name: str
    measure: RestrictionMeasure
    listing: ListEntry
    since: dt.date
    until: dt.date | None
    law: tuple[Citation, ...]
    lasts: Deadline | None
    take_back: Deadline | None

    def in_words(self) -> str:
        """What is done and by which articles, as officials quote it."""
        return f"{self.measure.label.zh}（{'、'.join(f'《{each.text}》{each.article}' for each in self.law)}）"

    @property
    def holds(self) -> bool:
        """Whether it is to be applied; otherwise it is to be taken back."""
        return self.take_back is None

    @property
    def take_back_by(self) -> dt.date | None:
        """The last day on which it is taken back in time; None while it holds."""
        return self.take_back.day if self.take_back is not None else None


def restrictions_on(
    matrix: RestrictionMatrix, listings: Iterable[ListEntry], day: dt.date, law: Law, calendar: Calendar
) -> tuple[Restriction, ...]:
    """The measures that hold on a day and those that are then still to be taken back, in the order of the book.

    A measure that began after the listing holds from its own first day. What the law ends by itself (``lasts``, the
    last day of a measure) leaves nothing to take back. A listing that has ended is shown until the last day on which
    its measures can be taken back in time.

    What each period is for says whether its last day moves on from a holiday: a listing is on display, what the law
    lets a measure last is a limit, and to take measures back is an act.
    """
    found = []
    for listing in listings:
        for list_name, page in matrix.of_record(listing.record):
            ends = _last_day(page, listing, law, calendar)
            back = _after(page.taken_back, ends, law, calendar, "act") if ends is not None else None
            for name, measure in page.measures.items():
                one = _one(list_name, page, name, measure, listing, day, ends, back, law, calendar)
                if one is not None:
                    found.append(one)
    return tuple(found)


def _one(
    list_name: str,
    page: RestrictingList,
    name: str,
    measure: RestrictionMeasure,
    listing: ListEntry,
    day: dt.date,
    ends: dt.date | None,
    back: Deadline | None,
    law: Law,
    calendar: Calendar,
) -> Restriction | None:
    since = max(listing.listed_on, measure.from_)
    if day < since or not all_met(listing.body, measure.where):
        return None
    if measure.until is not None and day > measure.until:
        return None
    until, lasts = measure.until, None
    taken_back: Deadline | None = None
    if measure.lasts is not None:
        # Fixed by the law: it neither ends with the listing nor has to be taken back.
        fixed = _after(measure.lasts, listing.listed_on, law, calendar, "limit")
        if fixed is not None and (until is None or fixed.day < until):
            until, lasts = fixed.day, fixed
        if until is not None and day > until:
            return None
    elif ends is not None:
        if since > ends or (back is not None and day > back.day):
            return None
        if day > ends:
            taken_back = back
    return Restriction(
        list_name, page, name, measure, listing, since, until, measure.law_on(min(day, ends or day)), lasts, taken_back
    )


def _last_day(page: RestrictingList, listing: ListEntry, law: Law, calendar: Calendar) -> dt.date | None:
    """The last day of a listing: that of the removal, or after the time that the law gives it at most."""
    longest = longest_end(page, listing, law, calendar)
    return min(filter(None, (listing.removed_on, longest.day if longest is not None else None)), default=None)


def longest_end(page: RestrictingList, listing: ListEntry, law: Law, calendar: Calendar) -> Deadline | None:
    """After which day the listing ends anyhow by law; None where the law gives it no end."""
    return _after(page.longest, listing.listed_on, law, calendar, "display") if page.longest is not None else None


def _after(parameter: str, day: dt.date, law: Law, calendar: Calendar, purpose: Purpose) -> Deadline | None:
    """The end of a length of the law from a day; None where the law had no such rule on it."""
    key = LawKey.parse(parameter)
    try:
        law.of(key, day)
    except Refused:
        return None
    return deadline(law, key, day, calendar, purpose=purpose)


__all__ = ["ListEntry", "Restriction", "longest_end", "restrictions_on"]
