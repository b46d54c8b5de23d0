"""The quality file of an enterprise: its card, its present state and its statements, as far as the actor may see it.

A reading, not a change but for its line in the trail. It stands here because the file is put together from two rooms
(the ledger and the read models) and because access is checked once for all of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from zhiheng.database.paging import Page
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import Scope
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access, trail
from zhiheng.projections.models import Card as Card
from zhiheng.quality_file import timeline as ledger
from zhiheng.quality_file.alerts import Urgent, urgent
from zhiheng.quality_file.first_page import at_once
from zhiheng.quality_file.merged_subjects import merged_into
from zhiheng.quality_file.summary import Counts, counts
from zhiheng.queries import refusals
from zhiheng.queries.subject_areas import areas_of

UNFILTERED = ledger.TimelineFilters()


def _noted(subject: int, call: Call) -> None:
    """Whoever of an office looks into a file stands in the trail, once for a file and a day; what programs read is
    noted where they come in, and what an enterprise reads of itself is nobody's business.
    """
    if call.actor.kind == "officer":
        trail.note_daily(call, "file.read", [f"subject:{subject}"])


@dataclass(frozen=True)
class View:
    """Through which eyes a file is read: the days, the scope, and the area of its card."""

    subject: int
    scope: Scope
    as_of: dt.date
    known_on: dt.date | None
    card_area: str
    whole: bool

    def sees_all(self, book: Book) -> bool:
        """Whether every fact of the file may be seen, whatever it is, so that what its card counts is what can be
        opened.

        One way has to show all of it: to reach this file for some records, and all records elsewhere, is not enough.
        """
        return self.whole and any(
            way.units is None
            and (way.records is None or way.records >= set(book[RECORDS]))
            and (way.areas is None or self.card_area in way.areas)
            and (way.subjects is None or self.subject in way.subjects)
            for way in self.scope.ways
        )


@dataclass(frozen=True)
class Has:
    """The records, units and roles that a file has, where it is short enough to know."""

    records: tuple[str, ...]
    units: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True)
class FileRead:
    """A file as it is shown: ``card`` is that of today and absent where the actor sees only part of the file."""

    view: View
    head: ledger.FileHead
    card: Card | None
    current: tuple[ledger.GroupStanding, ...]
    timeline: Page[ledger.FileLine]
    counts: Counts | None
    urgent: Urgent
    has: Has | None = None


def open_file(
    subject: int, *, act: str = "file.read", call: Call, as_of: dt.date | None = None, known_on: dt.date | None = None
) -> tuple[View, Card | None]:
    """The view that the actor has of a file, and its card.

    Whoever reaches the enterprise (its area, or their own) sees the whole file within their audiences; whoever does not
    may still have sent something to it, or have it in their area: then they see that part. Raises Refused where they
    see nothing at all.
    """
    access.require_somewhere(call, act)
    card = Card.objects.filter(subject=subject).first()
    areas = frozenset({card.area}) if card is not None and card.area else areas_of([subject])[subject]
    scope = access.scope(call, act)
    refusal = access.may(call, act, area=areas, subject=subject)
    # The areas of a subject without a card are as good as those of a card: one within reach is enough.
    inside = next((area for area in sorted(areas) if any(way.areas and area in way.areas for way in scope.ways)), "")
    view = View(
        subject,
        scope,
        as_of or call.today,
        None if known_on is None or known_on >= call.today else known_on,
        card.area if card is not None and card.area else inside,
        refusal is None,
    )
    if (
        refusal is not None
        and not ledger.timeline(
            subject,
            book=call.book,
            scope=scope,
            as_of=view.as_of,
            known_on=view.known_on,
            card_area=view.card_area,
            limit=1,
        ).rows
    ):
        raise Refused(refusal)
    return view, card


def read_file(
    subject: int,
    *,
    call: Call,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    filters: ledger.TimelineFilters = UNFILTERED,
    after: str = "",
    limit: int = 20,
) -> FileRead:
    """The first page of a file. Raises Refused where there is no such file, where it went into another, or where it may
    not be seen.
    """
    head = ledger.file_head(subject)
    if head is None:
        raise Refused(absent(subject))
    view, card = open_file(subject, call=call, as_of=as_of, known_on=known_on)
    _noted(subject, call)
    words: dict[str, Any] = {
        "book": call.book,
        "scope": view.scope,
        "as_of": view.as_of,
        "known_on": view.known_on,
        "card_area": view.card_area,
    }
    filters = with_open(filters, head, **words)
    replay = view.known_on is not None or view.as_of < call.today
    # What a card counts is what can be opened only where the reader sees every fact that it counts.
    by_card = not replay and card is not None and view.whole
    if view.known_on is None:
        first = at_once(
            head,
            book=call.book,
            scope=view.scope,
            as_of=view.as_of,
            card_area=view.card_area,
            filters=filters,
            after=after,
            limit=limit,
        )
        if first is not None:
            has = Has(first.records, first.units, first.roles)
            counted = None if by_card and card is not None and card.facts == first.facts else counts(subject, **words)
            return FileRead(view, head, card, first.current, first.timeline, counted, first.urgent, has)
    counted = None if by_card and view.sees_all(call.book) else counts(subject, **words)
    return FileRead(
        view,
        head,
        card,
        ledger.current(subject, **words),
        ledger.timeline(subject, **words, filters=filters, after=after, limit=limit, counted=True),
        counted,
        urgent(head, **words),
        None,
    )


OPEN = "open"


def with_open(filters: ledger.TimelineFilters, head: ledger.FileHead, **words: Any) -> ledger.TimelineFilters:
    """The filters, with the facts meant where the problems that are open are asked for (2 statements then)."""
    if filters.fails != OPEN:
        return filters
    return replace(filters, fails="", only=urgent(head, **words).open_facts)


def read_timeline(
    subject: int,
    *,
    call: Call,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    filters: ledger.TimelineFilters = UNFILTERED,
    after: str = "",
    limit: int = 20,
) -> tuple[View, Page[ledger.FileLine]]:
    """Further lines of a file."""
    view, _ = open_file(subject, call=call, as_of=as_of, known_on=known_on)
    _noted(subject, call)
    words: dict[str, Any] = {
        "book": call.book,
        "scope": view.scope,
        "as_of": view.as_of,
        "known_on": view.known_on,
        "card_area": view.card_area,
    }
    if filters.fails == OPEN and (head := ledger.file_head(subject)) is not None:
        filters = with_open(filters, head, **words)
    return view, ledger.timeline(subject, **words, filters=filters, after=after, limit=limit)


def read_conflicts(
    subject: int, *, call: Call, as_of: dt.date | None = None, known_on: dt.date | None = None
) -> tuple[View, tuple[ledger.Conflict, ...]]:
    """What departments state differently of a subject."""
    view, _ = open_file(subject, call=call, as_of=as_of, known_on=known_on)
    _noted(subject, call)
    return view, ledger.conflicts(
        subject, book=call.book, scope=view.scope, as_of=view.as_of, known_on=view.known_on, card_area=view.card_area
    )


def absent(subject: int) -> Refusal:
    """Why there is no file: nothing was ever linked to the number, or what was has gone to another."""
    other = merged_into(subject)
    if other is not None:
        return refusals.file_merged(subject, other=other)
    return refusals.file_absent(subject)
