"""Deliveries as pages show them: lists within the actor's reach, one upload with its result, one delivery with its
refused rows.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q

from zhiheng.database.paging import Page
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.chain import is_table
from zhiheng.ledger.models import Delivery
from zhiheng.office import uploads
from zhiheng.office.intake_doors import ACT
from zhiheng.office.models import TaskProgress, Upload
from zhiheng.people import access, trail
from zhiheng.projections.models import Owed
from zhiheng.quality_file import deliveries
from zhiheng.quality_file.deliveries import DeliveryFactLine, DeliveryPage, Recognition, RefusedLine, SkippedLine
from zhiheng.quality_file.deliveries import DeliveryFilters as DeliveryFilters
from zhiheng.quality_file.deliveries import balanced as balanced
from zhiheng.queries import refusals
from zhiheng.queries.readings import note_list

# A failed upload stays at the top of the list for so long.
SHOWN_DAYS = 14
# Of a file with very many tables only so many are explained heading by heading; each has a page of its own.
EXPLAINED = 12


@dataclass(frozen=True)
class UploadUnderWay:
    """An upload under way, and how far it is."""

    upload: Upload
    progress: TaskProgress | None


@dataclass(frozen=True)
class DeliveryList:
    """A page of deliveries, who sent each, and the uploads that are not done."""

    page: DeliveryPage
    senders: Mapping[int, Upload]
    waiting: Sequence[UploadUnderWay]


def list_deliveries(filters: DeliveryFilters, after: str, *, call: Call, area: str = "") -> DeliveryList:
    """The deliveries within the actor's reach, latest first; ``area``: where they are those of an area
    (``filters.units``).
    """
    access.require_somewhere(call, "delivery.list")
    scope = access.scope(call, "delivery.list")
    # The cockpit counts what brought something new; how much of others was refused or is held it does not say.
    told = filters.state == deliveries.COUNTED and not (filters.unit or filters.record or filters.name)
    beyond = told and _counted_for(area, call)
    page = deliveries.deliveries(scope, call.book, filters, after, beyond=beyond)
    sent = uploads.senders({(d.file_digest, d.unit) for d in page.rows})
    senders = {int(d.id): sent[d.file_digest, d.unit] for d in page.rows if (d.file_digest, d.unit) in sent}
    found: list[Upload] = []
    if not after and not filters.any:
        units = access.units(call, "delivery.list")
        found = uploads.unfinished(units, since=call.now - dt.timedelta(days=SHOWN_DAYS))
    progress = uploads.progress_of(found)
    return DeliveryList(page, senders, [UploadUnderWay(u, progress.get(u.task) if u.task else None) for u in found])


# What a line of ``latest`` tells of a delivery.
LINE = (
    "id",
    "state",
    "unit",
    "record",
    "file_name",
    "table_name",
    "part",
    "learned_on",
    "row_count",
    "fact_count",
    "duplicate_count",
    "refused_count",
    "skipped_count",
    "flagged_count",
    "root",
)


def latest(*, state: str, unit: str, limit: int, call: Call) -> Sequence[tuple[Any, ...]]:
    """The columns ``LINE`` of the latest deliveries of everywhere, or of a state and a unit (empty: any). One query."""
    access.require(call, "delivery.list")
    rows = Delivery.objects.order_by("-id")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(unit=unit) if unit else rows
    return list(rows.values_list(*LINE)[:limit])


def _counted_for(area: str, call: Call) -> bool:
    """Whether the cockpit shows the actor how much all units of an area together handed in and owe: then the list
    behind it says how much of that is outside of their reach.
    """
    return bool(area) and access.may(call, "cockpit.read", area=area) is None


@dataclass(frozen=True)
class TableOutcome:
    """The result of a table of an upload; ``recognition`` where a question or a note goes to the sender,
    ``accepted_by`` of a held one.
    """

    told: Mapping[str, Any]
    recognition: Recognition | None = None
    accepted_by: Sequence[int] = ()

    @property
    def asks(self) -> bool:
        """Whether the sender can help by saying what the table is."""
        refusal = self.told["refusal"]
        return self.told["state"] == "refused" and bool(refusal) and refusal["code"].startswith("table.")


@dataclass(frozen=True)
class UploadShown:
    """An upload with its result."""

    upload: Upload
    progress: TaskProgress | None
    lines: Sequence[TableOutcome] = ()
    sums: Mapping[str, int] = field(default_factory=dict)


def open_upload(upload_id: int, *, call: Call) -> UploadShown:
    """One upload, for actors who may see the deliveries of its unit, or hand in for the unit."""
    upload: Upload | None = Upload.objects.filter(id=upload_id, subject=None).first()
    if upload is None:
        raise Refused(refusals.upload_absent(upload_id))
    if access.may(call, "delivery.list", unit=upload.unit) is not None:
        access.require(call, ACT[upload.door], unit=upload.unit)
    progress = TaskProgress.objects.filter(task=upload.task).first() if upload.task else None
    own = access.may(call, "delivery.report", unit=upload.unit) is None
    own = own or access.may(call, ACT[upload.door], unit=upload.unit) is None
    lines = _lines(upload, call.book, clear=own)
    names = ("rows", "facts", "duplicates", "refused", "skipped", "flagged")
    sums = {n: sum(line.told.get(n, 0) for line in lines) for n in names}
    sums["held"] = sum(line.told.get("rows", 0) for line in lines if line.told["state"] == "held")
    return UploadShown(upload, progress, lines, sums)


def _lines(upload: Upload, book: Book, *, clear: bool) -> list[TableOutcome]:
    wanted = {number for told in upload.result for number in told["deliveries"][:1]}
    found = Delivery.objects.in_bulk(wanted)
    held = [told["deliveries"][0] for told in upload.result if told["state"] == "held" and told["deliveries"]]
    accepted: dict[int, list[int]] = {}
    if held:
        answers = Delivery.objects.filter(answers_id__in=held).order_by("id")
        for number, answered in answers.values_list("id", "answers_id"):
            accepted.setdefault(answered, []).append(number)
    lines: list[TableOutcome] = []
    explained = 0
    for told in upload.result:
        first = found.get(told["deliveries"][0]) if told["deliveries"] else None
        if first is not None and not clear:
            told = _veiled(told, first, book)
        line = TableOutcome(told)
        if first is not None and explained < EXPLAINED and (line.asks or len(upload.result) == 1):
            line = TableOutcome(told, deliveries.recognition(first, book, clear=clear))
            explained += 1
        if first is not None and told["state"] == "held":
            line = TableOutcome(told, line.recognition, accepted.get(first.id, ()))
        lines.append(line)
    return lines


def _veiled(told: Mapping[str, Any], first: Delivery, book: Book) -> Mapping[str, Any]:
    """What became of a table without what its refusal and its notes quote."""
    veil, hidden = deliveries.veil_of(first, book), deliveries.unknown_headings(first, book)
    refusal = told["refusal"]
    return {
        **told,
        "notes": [veil.said(note, hidden) if isinstance(note, str) else note for note in told["notes"]],
        "refusal": refusal
        and {**refusal, "zh": veil.said(refusal["zh"], hidden), "en": veil.said(refusal["en"], hidden)},
    }


@dataclass(frozen=True)
class DeliveryShown:
    """A delivery with how it was recognised and its refused rows, masked; ``may_confirm`` and ``may_report`` say which
    forms to show.

    ``hides``: whether taking the refused rows back shows more than stands here, so that it needs a purpose.
    """

    delivery: Delivery
    recognition: Recognition
    notes: Sequence[Mapping[str, str]]
    refused: Page[RefusedLine]
    skipped: Page[SkippedLine]
    sender: Upload | None
    accepted_by: Sequence[int]
    may_confirm: bool
    may_report: bool
    may_read: bool
    may_withdraw: bool
    may_propose: bool
    withdrawn_by: Sequence[Delivery]
    hides: bool


def open_delivery(number: int, after: str, *, skipped_after: str = "", call: Call) -> DeliveryShown:
    """One delivery within the actor's reach; ``after`` and ``skipped_after`` are cursors of its refused and skipped
    rows.
    """
    access.require_somewhere(call, "delivery.list")
    found = deliveries.delivery(access.scope(call, "delivery.list"), call.book, number)
    sender = uploads.senders({(found.file_digest, found.unit)}).get((found.file_digest, found.unit))

    def may(act: str) -> bool:
        return access.may(call, act, unit=found.unit, record=found.record) is None

    held = found.state == Delivery.State.HELD
    own = may("delivery.report")
    veil = deliveries.veil_of(found, call.book)
    return DeliveryShown(
        found,
        deliveries.recognition(found, call.book, clear=own),
        deliveries.notes_of(found, call.book, None if own else veil),
        deliveries.refused_rows(found, veil, after) if found.refused_count else Page(),
        deliveries.skipped_rows(found, veil, skipped_after) if found.skipped_count else Page(),
        sender,
        deliveries.confirmed_by(found) if held else (),
        held and may("delivery.confirm"),
        own,
        not access.scope(call, "fact.read").nothing,
        is_table(found) and may("fact.withdraw"),
        may("delivery.receive"),
        () if held else list(Delivery.objects.filter(answers=found, source="withdrawal").order_by("id")),
        bool(found.refused_count) and veil.hides,
    )


@dataclass(frozen=True)
class LookedAt:
    """A delivery with its notes and the first of its refused and skipped rows."""

    delivery: Delivery
    notes: Sequence[Mapping[str, str]]
    refused: Sequence[RefusedLine]
    skipped: Sequence[SkippedLine]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        d = self.delivery
        return {
            "id": d.id,
            "state": d.state,
            "file": d.file_name,
            "table": d.table_name,
            "unit": d.unit,
            "record": d.record,
            "source": d.source,
            "learned_on": d.learned_on,
            "rows": d.row_count,
            "facts": d.fact_count,
            "duplicates": d.duplicate_count,
            "refused": d.refused_count,
            "skipped": d.skipped_count or 0,
            "flagged": d.flagged_count,
            "balanced": balanced(d),
            "notes": list(self.notes),
            "refused_rows": [{"row": line.number, "reasons": list(line.reasons)} for line in self.refused],
            "skipped_rows": [{"row": line.number, "text": line.text, "reason": line.reason} for line in self.skipped],
        }


def look_at(number: int, *, limit: int, call: Call) -> LookedAt:
    """What a terminal shows of a delivery within the actor's reach."""
    access.require_somewhere(call, "delivery.list")
    found = deliveries.delivery(access.scope(call, "delivery.list"), call.book, number)
    veil = deliveries.veil_of(found, call.book)
    return LookedAt(
        found,
        deliveries.notes_of(found, call.book, veil),
        deliveries.refused_rows(found, veil, "", limit).rows,
        deliveries.skipped_rows(found, veil, "", limit).rows,
    )


def facts_of_delivery(
    number: int, after: str, *, call: Call, flagged: bool = False
) -> tuple[Delivery, Page[DeliveryFactLine]]:
    """The facts of a delivery that the actor may read; ``flagged``: only those that a rule doubts."""
    access.require_somewhere(call, "fact.read")
    found = deliveries.delivery(access.scope(call, "delivery.list"), call.book, number)
    scope = access.scope(call, "fact.read")
    note_list(call, f"delivery:{number}")
    return found, deliveries.facts_of(found, scope, call.book, after, flagged=flagged)


# -- what is owed ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwedDelivery:
    """What a unit owes of a record in a period; ``days`` is left until the due day, or late since it."""

    owed: Owed
    state: str
    days: int


@dataclass(frozen=True)
class Month:
    """The exchange catalogue of a month: by unit what is owed, and how many of each state; ``hidden``: of units out of
    reach; ``reaches``: the last day that anything in reach falls due on, as far as the catalogue was made; None where
    nothing does.
    """

    first: dt.date
    last: dt.date
    units: Sequence[tuple[str, Sequence[OwedDelivery]]]
    counts: Mapping[str, int]
    hidden: int = 0
    reaches: dt.date | None = None


STATES = ("late", "due", "handed_late", "handed")


def exchange(month: dt.date, state: str, *, call: Call, units: Collection[str] | None = None, area: str = "") -> Month:
    """What units within the actor's reach owe in the month of a day: due then, or overdue from before.

    ``units``: only these; None: all in reach. ``area``: whose units they are, where they are those of an area.

    Args:
        month: a day of the month that is asked for.
        state: only deliveries that stand so; empty: all.
    """
    access.require_somewhere(call, "delivery.list")
    first = month.replace(day=1)
    last = month.replace(day=monthrange(month.year, month.month)[1])
    reach = access.units(call, "delivery.list")
    beyond = set(units or ()) - set(reach) if _counted_for(area, call) else set()
    units = [unit for unit in reach if units is None or unit in units]
    # What falls due between today and a month to come is not owed yet: it stands in its own month.
    here = Q(due_on__range=(first, last)) | Q(due_on__lt=min(first, call.today), handed_in_on=None)
    rows = Owed.objects.filter(here, unit__in=units).order_by("unit", "due_on", "record")
    counts = dict.fromkeys(STATES, 0)
    by_unit: dict[str, list[OwedDelivery]] = {}
    for owed in rows:
        due = _due(owed, call.today)
        counts[due.state] += 1
        if state in ("", due.state):
            by_unit.setdefault(owed.unit, []).append(due)
    hidden = 0
    for owed in Owed.objects.filter(here, unit__in=sorted(beyond)) if beyond else ():
        told = owed.state(call.today)
        counts[told] += 1
        hidden += state in ("", told)
    reaches = Owed.objects.filter(unit__in=units).aggregate(last=Max("due_on"))["last"]
    return Month(first, last, [(unit, by_unit[unit]) for unit in units if unit in by_unit], counts, hidden, reaches)


def reminders(*, call: Call, unit: str = "") -> list[tuple[str, list[OwedDelivery]]]:
    """What is overdue today, by unit within reach, the longest overdue first: what a reminder (催报单) lists. Making
    one is noted.
    """
    access.require_somewhere(call, "delivery.remind")
    reach = [one for one in access.units(call, "delivery.remind") if unit in ("", one)]
    rows = Owed.objects.late(call.today, reach).order_by("due_on", "record", "first")
    by_unit: dict[str, list[OwedDelivery]] = {}
    for owed in rows:
        by_unit.setdefault(owed.unit, []).append(_due(owed, call.today))
    if by_unit:
        trail.note_daily(call, "delivery.remind", [f"unit:{one}" for one in by_unit])
    return [(one, by_unit[one]) for one in reach if one in by_unit]


def overdue_of(units: Collection[str], *, now: dt.datetime) -> dict[str, int]:
    """How much of the given units' own is overdue today, by unit (one query)."""
    rows = Owed.objects.late(now.date(), units)
    return dict(rows.order_by().values_list("unit").annotate(n=Count("pk")))


def _due(owed: Owed, today: dt.date) -> OwedDelivery:
    state = owed.state(today)
    return OwedDelivery(owed, state, (owed.due_on - today).days if state == "due" else owed.days_late(today))
