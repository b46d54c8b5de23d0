"""What pages and the terminal show of proposals for headings: those to be decided, and how those of a delivery
stand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from zhiheng.database.paging import Keyset, Page
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
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


def list_headings(state: str = "open", after: str = "", *, call: Call, limit: int = PAGE) -> Page[HeadingProposalLine]:
    """Proposals of a state that the actor may decide, latest first (two statements)."""
    access.require_somewhere(call, "heading.decide")
    units = access.units(call, "heading.decide")
    rows = HeadingProposal.objects.filter(state=state, unit__in=units)
    page = Keyset("-id").page(rows, after, limit).of_total(rows.count())
    return page.made(_line(each, call.book) for each in page.rows)


def _line(found: HeadingProposal, book: Book) -> HeadingProposalLine:
    entry = book[RECORDS].get(found.record)
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
