"""What follows for an enterprise from the lists it stands on, on a day: read from the listings of its file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import orjson

from zhiheng.engines.restrictions import ListEntry, Restriction, restrictions_on
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.restrictions import RESTRICTIONS
from zhiheng.ledger.models import Fact
from zhiheng.quality_file.file_view import FileView


def listing_roles(book: Book) -> Mapping[str, str]:
    """Record whose facts are listings -> the role in which it names the enterprise."""
    matrix = book[RESTRICTIONS]
    if matrix is None:
        return {}
    return {
        page.record: str(book[RECORDS][page.record].record.fields[page.party].options.get("role", ""))
        for page in matrix.lists.values()
    }


def listing_of(fact: Fact, subject: int, area: str) -> ListEntry:
    """A fact of such a record as a listing."""
    return ListEntry(fact.id, fact.record, subject, area, fact.occurred_on, fact.valid_until, orjson.loads(fact.body))


def restrictions_from(listings: Iterable[ListEntry], day: dt.date, *, book: Book) -> tuple[Restriction, ...]:
    """The measures that hold on a day because of listings, and those still to be taken back."""
    matrix = book[RESTRICTIONS]
    return restrictions_on(matrix, listings, day, book[LAW], book[CALENDAR]) if matrix is not None else ()


def restrictions_of(view: FileView, *, book: Book) -> tuple[Restriction, ...]:
    """The same of the enterprise of a file, as its reader sees it and on the day of the view (1 statement)."""
    roles = listing_roles(book)
    if not roles:
        return ()
    facts = view.standing(set(roles.values())).filter(record__in=sorted(roles)).order_by("-occurred_on", "-id")
    listings = [listing_of(fact, view.subject, view.card_area or fact.area) for fact in facts.defer("row", "leaf")]
    return restrictions_from(listings, view.as_of, book=book)


__all__ = ["listing_of", "listing_roles", "restrictions_from", "restrictions_of"]
