"""The objections that an office has to answer, the most urgent first, and one of them beside what it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhiheng.database.content_store import ATTACHMENTS
from zhiheng.database.paging import Keyset, Page
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.types import Label
from zhiheng.kernel.days import Left
from zhiheng.kernel.deadlines import left_of
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import Case, CaseStandingRow, PublicationRequest
from zhiheng.office.objections import Objection, objections_within
from zhiheng.people import access, trail
from zhiheng.projections.models import Card
from zhiheng.published.models import PublishedEntry
from zhiheng.quality_file.fact_detail import FactSheet, fact_sheet
from zhiheng.queries import objection_holds, publishable, refusals
from zhiheng.queries.case_reach import readable
from zhiheng.queries.identity import names_of
from zhiheng.queries.readings import note_reading

PAGE = 50


@dataclass(frozen=True)
class ObjectionRow:
    """An objection in a list, with what is left of its time in the law's own unit."""

    objection: Objection
    name: str
    left: Left | None


@dataclass(frozen=True)
class ObjectedEntry:
    """What is or was published of the fact, what waits about it, and what the reader may do about it."""

    entry: PublishedEntry
    waiting: PublicationRequest | None
    due_on: dt.date | None
    due_basis: Mapping[str, Any]
    may_withdraw: bool
    may_ask: bool


# What mends a fact that an objection is right about.
MENDS = ("fact.correct", "fact.withdraw")


@dataclass(frozen=True)
class ObjectionSheet:
    """An objection beside the fact, what is published of it, whether the reader may answer, and which acts on the fact
    are his.
    """

    row: ObjectionRow
    fact: FactSheet | None
    entries: tuple[ObjectedEntry, ...]
    may_answer: bool
    answered_by: str
    acts: frozenset[str] = frozenset()
    # The case that it is, where the reader may read it.
    case: Case | None = None


def objections(*, closed: bool, after: str, call: Call) -> Page[ObjectionRow]:
    """A page of objections within reach, of the units or areas that the actor may read objections of: those that wait,
    the most urgent first, or those that are closed.
    """
    access.require_somewhere(call, "objection.read")
    scope = access.scope(call, "objection.read")
    rows = Objection.objects.filter(objections_within(scope))
    if closed:
        page = Keyset("-id").page(rows.exclude(state=Objection.State.OPEN), after, PAGE)
    else:
        page = Keyset("due_on", "id").page(rows.filter(state=Objection.State.OPEN), after, PAGE)
    names = dict(Card.objects.filter(subject__in={o.subject for o in page.rows}).values_list("subject", "name"))
    return page.made(_row(one, names.get(one.subject, ""), call.book, call.now) for one in page.rows)


def objection(number: int, *, call: Call) -> ObjectionSheet:
    """One objection; reading it is noted. Raises Refused where there is none, or it is not within reach."""
    found = Objection.objects.filter(pk=number).first()
    if found is None:
        raise Refused(refusals.objection_absent(number))
    target: access.ActTarget = {
        "unit": found.unit,
        "area": found.area,
        "subject": found.subject,
        "record": found.record,
    }
    access.require(call, "objection.read", **target)
    may = access.may(call, "objection.answer", **target) is None
    scope = access.scope(call, "fact.read")
    name = Card.objects.filter(subject=found.subject).values_list("name", flat=True).first() or ""
    sheet = None
    if found.fact is not None:
        sheet = fact_sheet(found.fact, book=call.book, scope=scope, card_areas={found.subject: found.area})
    entries = _entries(found, may and found.state == Objection.State.OPEN, call) if found.fact else ()
    acts: frozenset[str] = frozenset()
    if sheet is not None and found.state == Objection.State.OPEN and not sheet.replaced_by and not sheet.withdrawn:
        owned: access.ActTarget = {
            "unit": sheet.unit,
            "area": sheet.area,
            "subject": found.subject,
            "record": sheet.record,
        }
        acts = frozenset(act for act in MENDS if access.may(call, act, **owned) is None)
    trail.note(call, "objection.read", f"objection:{number}")
    note_reading(call, "fact.read", [found.subject], detail={"objection": number})
    return ObjectionSheet(
        _row(found, name, call.book, call.now),
        sheet,
        entries,
        may and found.state == Objection.State.OPEN,
        names_of([found.answered_by]).get(found.answered_by, ""),
        acts,
        _case(found, call),
    )


def _case(found: Objection, call: Call) -> Case | None:
    row = CaseStandingRow.objects.filter(readable(call), case=found.case_id).select_related("case").first()
    return row.case if row is not None else None


def _entries(found: Objection, may: bool, call: Call) -> tuple[ObjectedEntry, ...]:
    """The latest entries of the fact; how one that is shown is taken down, and until when by law."""
    assert found.fact is not None
    entries = list(PublishedEntry.objects.filter(fact=found.fact).order_by("-id")[:5])
    waiting = {
        request.entry: request
        for request in PublicationRequest.objects.filter(
            entry__in=[e.pk for e in entries],
            state=PublicationRequest.State.OPEN,
            verb__in=(PublicationRequest.Verb.WITHDRAW, PublicationRequest.Verb.CORRECT),
        ).defer("shown")
    }
    made = []
    for entry in entries:
        shown = entry.state == PublishedEntry.State.SHOWN
        where: access.ActTarget = {
            "record": entry.record,
            "area": entry.area,
            "unit": entry.unit,
            "quality": call.book[RECORDS][entry.record].record.quality if entry.record in call.book[RECORDS] else None,
        }

        def allowed(act: str, where: access.ActTarget = where) -> bool:
            return access.may(call, act, **where) is None

        down = may and shown and allowed("publication.withdraw")
        ask = may and shown and not down and entry.pk not in waiting and allowed("publication.propose")
        due_on: dt.date | None = None
        due_basis: Mapping[str, Any] = {}
        if shown and call.book[PUBLICATION]:
            within = objection_holds.remedy_within(call.book, entry.record, "error", call.today)
            due_on, due_basis = publishable.due_at_once(within, call.today)
        made.append(ObjectedEntry(entry, waiting.get(entry.pk), due_on, due_basis, down, ask))
    return tuple(made)


def attachment(number: int, digest: str, *, call: Call) -> tuple[str, str, bytes]:
    """(name, kind, bytes) of an attachment, for actors who may read its objection.

    Args:
        number: the objection.
        digest: the SHA-256 of the file, in hexadecimal.
    """
    found = objection(number, call=call).row.objection
    for file in found.files:
        if file["digest"] == digest:
            try:
                return str(file["name"]), str(file["kind"]), ATTACHMENTS.path_of(digest).read_bytes()
            except FileNotFoundError:
                raise Refused(refusals.attachment_lost(str(file["name"]))) from None
    raise Refused(refusals.fact_absent(number))


def grounds(book: Book) -> Mapping[str, Label]:
    """What an enterprise can object for, by the workflow of objections; none where the book has none."""
    corner = book[CORNER]
    entry = book[WORKFLOWS].get(corner.objections.workflow) if corner else None
    return entry.page.fields["ground"].choices if entry else {}


def ground_of(book: Book, name: str) -> Label:
    """What a ground is called; one that the book no longer has is named as such."""
    known = grounds(book)
    if name in known:
        return known[name]
    return Label(zh=f"规则书中已没有的理由：{name}", en=f"a ground that the book no longer has: {name}")


def _row(one: Objection, name: str, book: Book, now: dt.datetime) -> ObjectionRow:
    if one.state != Objection.State.OPEN:
        return ObjectionRow(one, name, None)
    return ObjectionRow(one, name, left_of(one.due_basis, one.due_on, now.date(), book[CALENDAR]))
