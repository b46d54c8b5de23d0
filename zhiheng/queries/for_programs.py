"""What a program reads of enterprises, within what its token reaches; every read of a file is noted like an
officer's.
"""

from __future__ import annotations

import datetime as dt

from zhiheng.database.paging import Page
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access, trail
from zhiheng.projections import search as cards
from zhiheng.projections.search import SearchFilters as SearchFilters
from zhiheng.quality_file.fact_detail import FactSheet, fact_sheet
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_view import LinesQuestion, TimelineFilters
from zhiheng.queries import refusals
from zhiheng.queries.enterprises import hits, of_what_is_counted
from zhiheng.queries.facts import subjects_of
from zhiheng.queries.quality_files import FileQuestion, FileRead, read_file, read_timeline
from zhiheng.queries.ratings import EnterpriseRating, rating_of
from zhiheng.queries.readings import note_reading


def find(text: str, filters: SearchFilters, *, after: str, limit: int, call: Call) -> Page[cards.Hit]:
    """The cards that a text and filters find."""
    access.require_somewhere(call, "enterprise.list")
    scope = access.scope(call, "enterprise.list")
    filters = of_what_is_counted(filters, "subject", call)
    page = cards.search(" ".join(text.split()), scope=scope, filters=filters, after=after, limit=limit, order="subject")
    if text and not after:
        trail.note(
            call, "enterprise.search", "enterprises", detail={"text": plain_words(text[:100]), "found": len(page.rows)}
        )
    return hits(page, call=call)


def file(subject: int, *, call: Call) -> FileRead:
    """The file's head and what holds now; raises Refused where there is none or the token does not reach it."""
    return read_file(FileQuestion(subject, lines=LinesQuestion(limit=1)), call=call)


def facts(
    subject: int, filters: TimelineFilters, *, as_of: dt.date, after: str, limit: int, call: Call
) -> Page[FileLine]:
    """What was said of an enterprise, the latest first."""
    return read_timeline(FileQuestion(subject, as_of, lines=LinesQuestion(filters, after, limit)), call=call)[1]


def fact(number: int, *, call: Call) -> FactSheet:
    """One fact with its origin, secret fields masked."""
    access.require_somewhere(call, "fact.read")
    scope = access.scope(call, "fact.read")
    sheet = fact_sheet(number, book=call.book, scope=scope)
    if sheet is None:
        raise Refused(refusals.fact_outside_key(number))
    note_reading(call, "fact.read", subjects_of(sheet), otherwise=f"fact:{number}", detail={"fact": number})
    return sheet


def rating(
    name: str,
    subject: int,
    *,
    as_of: dt.date | None,
    known_on: dt.date | None,
    edition: str,
    call: Call,
) -> EnterpriseRating:
    """How an enterprise is rated, point by point; raises Refused where the token does not reach its file, and where the
    book has no such rating on the day. The read is noted.
    """
    found = rating_of(name, subject, as_of=as_of, known_on=known_on, edition=edition, call=call)
    note_reading(call, "file.read", [subject], detail={"rating": name})
    return found
