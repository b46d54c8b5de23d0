"""What pages and the terminal show of proposals for headings: those to be decided, and how those of a delivery
stand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.parse_params import number_in
from zhiheng.office.models import HeadingProposal
from zhiheng.people import access
from zhiheng.quality_file.deliveries import line_for, page_of

PAGE = 50
STATES = ("open", "accepted", "rejected", "recalled")
# (record, source, heading) of a proposal.
Place = tuple[str, str, str]


@dataclass(frozen=True)
class HeadingProposalLine:
    """A proposal, and what the book would have to say: the page and the line."""

    proposal: HeadingProposal
    page: str
    line: str


@dataclass(frozen=True)
class ProposalList:
    """A page of proposals, the cursor of the next one, and how many there are."""

    lines: Sequence[HeadingProposalLine]
    next: str
    total: int


def list_headings(
    state: str = "open", after: str = "", *, actor: Actor, book: Book, now: dt.datetime, limit: int = PAGE
) -> ProposalList:
    """Proposals of a state that the actor may decide, latest first (two statements)."""
    access.require_somewhere(actor, "heading.decide", book=book, today=now.date())
    units = access.units(actor, "heading.decide", book=book, today=now.date())
    rows = HeadingProposal.objects.filter(state=state, unit__in=units).order_by("-id")
    total = rows.count()
    if (cursor := number_in(after)) is not None:
        rows = rows.filter(id__lt=cursor)
    found = list(rows[: limit + 1])
    return ProposalList(
        [_line(each, book) for each in found[:limit]], str(found[limit - 1].pk) if len(found) > limit else "", total
    )


def _line(found: HeadingProposal, book: Book) -> HeadingProposalLine:
    entry = book.records.get(found.record)
    page = page_of(entry, found.source) if entry is not None else ""
    return HeadingProposalLine(found, page, line_for(found.heading, found.target))


def standing(places: Collection[Place]) -> Mapping[Place, HeadingProposal]:
    """The latest proposal for each of these headings (one statement, none where none is asked for)."""
    if not places:
        return {}
    rows = HeadingProposal.objects.filter(
        record__in={record for record, _, _ in places}, heading__in={heading for _, _, heading in places}
    ).order_by("id")
    found = {(row.record, row.source, row.heading): row for row in rows}
    return {place: found[place] for place in places if place in found}
