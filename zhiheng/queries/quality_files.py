"""The quality file of an enterprise: its card, its present state and its statements, as far as the actor may see it.

A reading, not a change but for its line in the trail. It stands here because the file is put together from two rooms
(the ledger and the read models) and because access is checked once for all of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from zhiheng.database.paging import Page
from zhiheng.engines.restrictions import Restriction
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access
from zhiheng.projections.models import Card as Card
from zhiheng.quality_file.conflicts import Conflict, conflicts
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_head import FileHead, opened_head
from zhiheng.quality_file.file_pages import FirstPage, first_page, timeline
from zhiheng.quality_file.file_view import FileView, LinesQuestion
from zhiheng.quality_file.restrictions import listing_roles, restrictions_of
from zhiheng.queries.readings import note_reading
from zhiheng.queries.subject_areas import areas_of

FIRST_LINES = LinesQuestion()


@dataclass(frozen=True)
class FileQuestion:
    """Which file is asked for, as of which day, as known on which (None: today), and which lines of its timeline."""

    subject: int
    as_of: dt.date | None = None
    known_on: dt.date | None = None
    lines: LinesQuestion = FIRST_LINES


@dataclass(frozen=True)
class FileNumbers:
    """What is told of a whole file in numbers: facts, problems that are open, the records that list it, what ends next,
    the day of the latest fact. None of it rests on a fact that the reader may not open.
    """

    facts: int
    open_problems: int
    lists: tuple[str, ...]
    next_expiry: dt.date | None
    last_on: dt.date | None


@dataclass(frozen=True)
class FileRead:
    """A file as it is shown: ``card`` is that of today and absent where the reader sees only part of the file;
    ``page.counts`` is absent where the card's counts are what this reader can open on this day; ``may``: which of the
    acts that follow from a file the reader may do with the whole of it; ``listings``: the measures that hold because of
    lists on which the enterprise stands.
    """

    view: FileView
    head: FileHead
    card: Card | None
    page: FirstPage
    conflicts: tuple[Conflict, ...] = ()
    may: frozenset[str] = frozenset()
    numbers: FileNumbers | None = None
    listings: tuple[Restriction, ...] = ()


# What a reader of a file may go on to do with it.
_NEXT_ACTS = ("extract.make", "enterprise.invite")


def open_file(
    subject: int, as_of: dt.date | None = None, known_on: dt.date | None = None, *, act: str = "file.read", call: Call
) -> tuple[FileView, Card | None]:
    """The view that the actor has of a file, and its card.

    Readers who reach the enterprise (its area, or their own) see the whole file within their audiences; others do not
    may still have sent something to it, or have it in their area: then they see that part. Raises Refused where they
    see nothing at all.
    """
    access.require_somewhere(call, act)
    view, card, refusal = view_of(subject, as_of, known_on, act=act, call=call)
    if refusal is not None and not view.facts().exists():
        raise Refused(refusal)
    return view, card


def view_of(
    subject: int, as_of: dt.date | None = None, known_on: dt.date | None = None, *, act: str = "file.read", call: Call
) -> tuple[FileView, Card | None, Refusal | None]:
    """The view of a file within the actor's reach, which may show nothing; its card; and why the file itself is not
    reached.
    """
    card = Card.objects.filter(subject=subject).first()
    areas = frozenset({card.area}) if card is not None and card.area else areas_of([subject])[subject]
    scope = access.scope(call, act)
    refusal = access.may(call, act, area=areas, subject=subject)
    # The areas of a subject without a card are as good as those of a card: one within reach is enough.
    inside = next((area for area in sorted(areas) if any(way.areas and area in way.areas for way in scope.ways)), "")
    view = FileView(
        subject,
        scope,
        as_of or call.today,
        None if known_on is None or known_on >= call.today else known_on,
        card.area if card is not None and card.area else inside,
        refusal is None,
    )
    return view, card, refusal


def read_file(
    question: FileQuestion, *, call: Call, with_conflicts: bool = False, with_listings: bool = False
) -> FileRead:
    """The first page of a file; ``with_conflicts``: with what departments state differently, which a page asks for
    afterwards; ``with_listings``: with what follows from the lists on which the enterprise stands. Raises Refused
    where there is no such file, where it went into another, or where it may not be seen.

    Args:
        question: the enterprise, the days and what the timeline is narrowed by.
    """
    head = opened_head(question.subject)
    view, card = _looked_into(question, call)
    card = card if view.whole else None
    # What a card counts is what can be opened only where the reader sees every fact that it counts, today.
    by_card = (
        card is not None and view.known_on is None and view.as_of >= call.today and view.sees_as_counted(call.book)
    )
    page = first_page(view, head, question.lines, book=call.book, counted=not by_card)
    return FileRead(
        view,
        head,
        card,
        page,
        conflicts(view, book=call.book) if with_conflicts else (),
        _next_acts(view, call),
        None if card is None else _numbers(card) if by_card else _numbers_seen(card, view, page),
        _listings(view, page, call) if with_listings else (),
    )


def _listings(view: FileView, page: FirstPage, call: Call) -> tuple[Restriction, ...]:
    """The measures that follow from listings (1 statement); a short file without a listing is not asked."""
    if page.has is not None and listing_roles(call.book).keys().isdisjoint(page.has.records):
        return ()
    return restrictions_of(view, book=call.book)


def _numbers(card: Card) -> FileNumbers:
    return FileNumbers(card.facts, card.open_problems, tuple(card.on_lists), card.next_expiry, card.last_counted_on)


def _numbers_seen(card: Card, view: FileView, page: FirstPage) -> FileNumbers:
    """The numbers of a card for a reader who can't open every fact that it counts (one query where it says what lists
    it or what ends): counted of what they can open, and of the rest nothing is told.
    """
    counts = (page.counts or {}).values()
    told = {*card.on_lists, *([card.expiry_record] if card.expiry_record else [])}
    seen = set(view.facts().filter(record__in=told).order_by().values_list("record", flat=True)) if told else set()
    days = [each.last_on for each in counts if each.last_on is not None]
    return FileNumbers(
        sum(each.facts for each in counts),
        sum(page.urgent.open_of.values()),
        tuple(name for name in card.on_lists if name in seen),
        card.next_expiry if card.expiry_record in seen else None,
        max(days, default=None),
    )


def _next_acts(view: FileView, call: Call) -> frozenset[str]:
    where: access.ActTarget = {"area": view.card_area, "subject": view.subject}
    return frozenset(act for act in _NEXT_ACTS if access.may(call, act, **where) is None)


def read_timeline(question: FileQuestion, *, call: Call) -> tuple[FileView, Page[FileLine]]:
    """Further lines of a file."""
    view, _ = _looked_into(question, call)
    return view, timeline(view, question.lines, book=call.book)


def read_conflicts(question: FileQuestion, *, call: Call) -> tuple[FileView, tuple[Conflict, ...]]:
    """What departments state differently of a subject."""
    view, _ = _looked_into(question, call)
    return view, conflicts(view, book=call.book)


def _looked_into(question: FileQuestion, call: Call) -> tuple[FileView, Card | None]:
    """The view that a page is read through. The look of an officer or a program into a file stands in the trail, once
    for a file and a day; what an enterprise reads of itself is nobody's business.
    """
    opened = open_file(question.subject, question.as_of, question.known_on, call=call)
    note_reading(call, "file.read", [question.subject])
    return opened
