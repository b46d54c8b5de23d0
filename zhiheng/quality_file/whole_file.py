"""A whole quality file at once, for the terminal: put together from the pieces that pages read.

What replaced or outdated a fact is said by those pieces (``quality_file.file_pages``); here the rows as delivered stand
beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db.models import Q

from zhiheng.engines.cards import card_of, plan_of, roles_needed
from zhiheng.grammar.book import Book
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel.actor import EVERYTHING
from zhiheng.ledger.models import Alias, Delivery, Fact
from zhiheng.ledger.standing import all_replaced
from zhiheng.quality_file import bulk_statements
from zhiheng.quality_file.fact_lines import FileLine, records_of
from zhiheng.quality_file.file_head import file_head
from zhiheng.quality_file.file_pages import timeline
from zhiheng.quality_file.file_view import FileView, LinesQuestion

# So many lines are read at a time.
_PAGE = 500


@dataclass(frozen=True)
class FileEntry:
    """One fact of the file with its origin.

    ``replaced_by`` is the correction or withdrawal that took its place; ``outdated_by`` a later statement of the same
    thing (the lift that was in use and is stopped now), which leaves it true of its own day.
    """

    fact: int
    record: str
    label: dict[str, str]
    quality: str
    roles: tuple[str, ...]
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    unit: str
    learned_on: dt.date
    delivery: int
    row_number: int
    flags: tuple[str, ...]
    kind: str
    replaced_by: int | None
    withdrawn: bool
    outdated_by: int | None
    body: dict[str, Any]
    delivered: list[str]
    headings: list[str]
    law: tuple[str, ...]


@dataclass
class QualityFile:
    """The file of one subject as of a day, as known on a day."""

    subject: int
    kind: str
    names: list[str]
    codes: list[str]
    addresses: list[str]
    entries: list[FileEntry] = field(default_factory=list)

    def by_quality(self) -> dict[str, list[FileEntry]]:
        """Entries of each of the four qualities; a quality without any report has an empty list, which is a finding."""
        found: dict[str, list[FileEntry]] = {q: [] for q in QUALITIES}
        for entry in self.entries:
            found[entry.quality].append(entry)
        return found


def find_subjects(text: str, *, limit: int = 20) -> list[tuple[int, str, str]]:
    """Subjects by code, or by any name ever delivered (exact first, then part of it): (subject, a name, code)."""
    text = text.strip()
    found: dict[int, tuple[int, str, str]] = {}
    for query in (Q(code=text.upper()) | Q(name=text), Q(name__contains=text)):
        for subject, name, code in (
            Alias.objects.filter(query).order_by("id").values_list("subject_id", "name", "code")[:500]
        ):
            found.setdefault(subject, (subject, name, code))
        if found:
            break
    return list(found.values())[:limit]


def quality_file(subject: int, book: Book, *, as_of: dt.date, known_on: dt.date) -> QualityFile | None:
    """The file of a subject, newest facts first; None where there is no such subject."""
    head = file_head(subject)
    if head is None:
        return None
    title = _title(subject, head.kind, book, as_of)
    names = list(dict.fromkeys([title, *head.names] if title else head.names))
    file = QualityFile(subject, head.kind, names, list(head.codes), list(head.addresses))
    for lines in _pages(subject, book, as_of, known_on):
        file.entries += _entries(lines, book)
    return file


def _pages(subject: int, book: Book, as_of: dt.date, known_on: dt.date) -> Iterator[Sequence[FileLine]]:
    view, after = FileView(subject, EVERYTHING, as_of, known_on), ""
    while True:
        page = timeline(view, LinesQuestion(after=after, limit=_PAGE), book=book)
        yield page.rows
        if not (after := page.next):
            return


def _entries(lines: Sequence[FileLine], book: Book) -> Iterator[FileEntry]:
    """Lines with their facts as delivered."""
    facts = Fact.objects.in_bulk([line.fact for line in lines])
    deliveries = Delivery.objects.in_bulk({line.delivery for line in lines})
    records = records_of({line.delivery: line.record for line in lines}, deliveries, book)
    for line in lines:
        fact = facts[line.fact]
        row = orjson.loads(fact.row)
        yield FileEntry(
            line.fact,
            line.record,
            line.label.model_dump(),
            line.quality,
            line.roles,
            line.occurred_on,
            line.valid_until,
            line.outcome,
            line.unit,
            line.learned_on,
            line.delivery,
            line.row_number,
            line.flags,
            line.kind,
            line.replaced_by,
            line.withdrawn,
            line.outdated_by,
            orjson.loads(fact.body),
            row if isinstance(row, list) else [orjson.dumps(row).decode()],
            orjson.loads(deliveries[line.delivery].headings),
            tuple(f"{c.text}{c.article}" for c in records[line.delivery].law_on(line.occurred_on)),
        )


def _title(subject: int, kind: str, book: Book, as_of: dt.date) -> str:
    """The name that the card of the subject has: that of its latest registration, where there is one."""
    plan = plan_of(book, kind)
    if plan is None:
        return ""
    last = bulk_statements.last_fact()
    told = bulk_statements.told_of(
        [subject], until=last, today=as_of, gone=all_replaced(last), bodies=roles_needed(plan.bodies())
    )
    card = card_of(subject, told.lines[subject], told.spellings[subject], plan, as_of)
    return card.name if card is not None else ""
