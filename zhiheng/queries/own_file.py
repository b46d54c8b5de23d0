"""What an enterprise reads of itself: its file, what is published about it, what was signed, consented to and objected
to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate

from zhiheng.database.paging import Page
from zhiheng.grammar.call import Call
from zhiheng.grammar.trail_words import READINGS
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.parse_params import number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office.models import Consent, CreditRead, Objection, Signature, Upload
from zhiheng.people import access
from zhiheng.people.models import Account, ApiToken, TrailLine
from zhiheng.projections.models import Card
from zhiheng.published.entry_query import EntryQuestion, entries
from zhiheng.published.models import PublishedEnterprise, PublishedEntry
from zhiheng.published.reading import file_counts
from zhiheng.quality_file.alerts import Urgent
from zhiheng.quality_file.fact_detail import FactSheet, fact_sheet
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_head import FileHead, opened_head
from zhiheng.quality_file.file_pages import first_page
from zhiheng.quality_file.file_pages import timeline as file_timeline
from zhiheng.quality_file.file_view import Counts, FileView, LinesQuestion, TimelineFilters
from zhiheng.queries import refusals
from zhiheng.queries.quality_files import open_file

SOON_DAYS = 90
# How long the first page tells that an objection was answered.
TOLD_FOR = dt.timedelta(days=30)
PAGE = 50


@dataclass(frozen=True)
class OwnFileHome:
    """The first screen: who it is, what is open and what expires, what is asked of it."""

    head: FileHead
    card: Card | None
    urgent: Urgent
    latest: Page[FileLine]
    objections: Sequence[Objection]
    signatures: Sequence[Signature]
    uploads: Sequence[Upload]
    published: int
    answered: Sequence[Objection] = ()
    counts: Counts | None = None


def subject_of(actor: Actor) -> int:
    """The enterprise that the actor belongs to; raises Refused where there is none."""
    found = next((holding.subject for holding in actor.holdings if holding.subject is not None), None)
    if found is None:
        raise Refused(refusals.no_enterprise())
    return found


def name_of(actor: Actor) -> str:
    """The present name of the actor's enterprise, for the head of every page."""
    subject = subject_of(actor)
    card = Card.objects.filter(subject=subject).values_list("name", flat=True).first()
    return card or Alias.objects.filter(subject_id=subject).order_by("-id").values_list("name", flat=True).first() or ""


def home(*, call: Call) -> OwnFileHome:
    """What an enterprise sees first."""
    subject = subject_of(call.actor)
    view, card = open_file(subject, act="firm.open", call=call)
    head = opened_head(subject)
    page = first_page(view, head, LinesQuestion(limit=8), book=call.book, counted=not view.sees_as_counted(call.book))
    # What waits, and what was answered lately: one query.
    lately = Q(state__in=(Objection.State.UPHELD, Objection.State.REJECTED), answered_at__gte=call.now - TOLD_FOR)
    told = list(
        Objection.objects.filter(Q(state=Objection.State.OPEN) | lately, subject=subject).order_by("due_on")[:200]
    )
    return OwnFileHome(
        head,
        card,
        page.urgent,
        page.timeline,
        [one for one in told if one.state == Objection.State.OPEN][:20],
        list(Signature.objects.filter(subject=subject, ended_at=None, last_day__gte=call.today).order_by("-id")[:50]),
        list(Upload.objects.filter(subject=subject).order_by("-id")[:5]),
        _shown(subject, call.today),
        sorted(
            (one for one in told if one.state != Objection.State.OPEN),
            key=lambda one: one.answered_at or call.now,
            reverse=True,
        )[:20],
        page.counts,
    )


def answering_units(answered: Sequence[Objection]) -> dict[int, str]:
    """Objection -> the unit whose officer answered it, or the one that had said it where the answer names no officer
    (one query).
    """
    by = {one.id: one.answered_by.split(" for ")[0] for one in answered if one.answered_by}
    wanted = [number for actor in by.values() if (number := number_in(actor.removeprefix("account:"))) is not None]
    units = dict(Account.objects.filter(id__in=wanted).exclude(unit="").values_list("id", "unit")) if wanted else {}
    said = {f"account:{number}": unit for number, unit in units.items()}
    return {one.id: said.get(by.get(one.id, ""), one.unit) for one in answered}


def timeline(filters: TimelineFilters, *, after: str, call: Call, limit: int = 20) -> tuple[FileView, Page[FileLine]]:
    """What departments said of the enterprise, the latest first, as far as it is for it to see."""
    view, _ = open_file(subject_of(call.actor), act="firm.open", call=call)
    return view, file_timeline(view, LinesQuestion(filters, after, limit), book=call.book, counted=True)


def own_fact(fact: int, subject: int, *, call: Call) -> FactSheet:
    """The sheet of a fact of the enterprise's own file, secret fields masked; of any other fact there is none."""
    access.require(call, "firm.open", subject=subject)
    scope = access.scope(call, "firm.open")
    card = Card.objects.filter(subject=subject).first()
    sheet = fact_sheet(fact, book=call.book, scope=scope, card_areas={subject: card.area if card else ""})
    if sheet is None or not any(party.subject == subject for party in sheet.parties):
        raise Refused(refusals.fact_not_of_enterprise(fact))
    return sheet


def published(*, after: str, call: Call) -> Page[PublishedEntry]:
    """What is published about the enterprise, until when and under which law."""
    subject = subject_of(call.actor)
    access.require(call, "firm.open", subject=subject)
    own = PublishedEnterprise.objects.filter(subject=subject).values_list("public_id", flat=True).first()
    if own is None:
        return Page()
    return entries(EntryQuestion(enterprise=own), sort="-occurred_on", after=after, limit=PAGE, today=call.today)


def published_in_all(*, call: Call) -> int:
    """How many entries about the enterprise the public can read now."""
    subject = subject_of(call.actor)
    access.require(call, "firm.open", subject=subject)
    return _shown(subject, call.today)


def signatures(*, call: Call) -> list[Signature]:
    """What the enterprise has signed, the latest first."""
    subject = subject_of(call.actor)
    access.require(call, "firm.open", subject=subject)
    return list(Signature.objects.filter(subject=subject).order_by("-id")[:200])


def uploads(*, call: Call) -> list[Upload]:
    """What the enterprise has handed in, the latest first."""
    subject = subject_of(call.actor)
    access.require(call, "firm.open", subject=subject)
    return list(Upload.objects.filter(subject=subject).order_by("-id")[:PAGE])


def consents(*, call: Call) -> tuple[list[Consent], list[CreditRead]]:
    """What the enterprise lets banks read, and each reading, the latest first."""
    subject = subject_of(call.actor)
    access.require(call, "firm.open", subject=subject)
    reads = CreditRead.objects.filter(consent__subject=subject).select_related("consent").order_by("-id")
    return list(Consent.objects.filter(subject=subject).order_by("-id")[:100]), list(reads[:100])


@dataclass(frozen=True)
class Readings:
    """How often a unit has looked into the file: each person or program counts once a day."""

    unit: str
    month: int
    year: int
    latest: dt.datetime


def readings(*, call: Call) -> list[Readings]:
    """Which units have looked into the enterprise's file within a year, how often, the latest first; no person is
    named.

    At most three queries, whatever the number of readings: they are counted by who read, and people belong to few
    units.
    """
    subject = subject_of(call.actor)
    access.require(call, "firm.open", subject=subject)
    lines = TrailLine.objects.filter(
        about=f"subject:{subject}", verb__in=READINGS, at__gte=call.now - dt.timedelta(days=365)
    )
    month = call.now - dt.timedelta(days=30)
    counted = (
        lines.values("actor")
        .annotate(
            year=Count(TruncDate("at"), distinct=True),
            latest=Max("at"),
            month=Count(TruncDate("at"), distinct=True, filter=Q(at__gte=month)),
        )
        .order_by()
    )
    found = [(one["actor"].partition(" for ")[0], one) for one in counted]
    numbers = [int(who.partition(":")[2]) for who, _ in found if who.startswith("account:")]
    keys = [int(who.partition(":")[2]) for who, _ in found if who.startswith("token:")]
    units = {f"account:{pk}": unit for pk, unit in Account.objects.filter(pk__in=numbers).values_list("pk", "unit")}
    if keys:
        units |= {f"token:{pk}": unit for pk, unit in ApiToken.objects.filter(pk__in=keys).values_list("pk", "unit")}
    by_unit: dict[str, Readings] = {}
    for who, one in found:
        unit = units.get(who, "")
        before = by_unit.get(unit, Readings(unit, 0, 0, one["latest"]))
        by_unit[unit] = Readings(
            unit, before.month + one["month"], before.year + one["year"], max(before.latest, one["latest"])
        )
    return sorted(by_unit.values(), key=lambda each: each.latest, reverse=True)


def objections(*, call: Call) -> list[Objection]:
    """What the enterprise has objected to, the latest first."""
    subject = subject_of(call.actor)
    access.require(call, "firm.open", subject=subject)
    return list(Objection.objects.filter(subject=subject).order_by("-id")[:100])


def objection(receipt: str, *, call: Call) -> Objection:
    """One objection by its receipt; of another enterprise's there is none."""
    subject = subject_of(call.actor)
    access.require(call, "firm.open", subject=subject)
    found = Objection.objects.filter(receipt=receipt, subject=subject).first()
    if found is None:
        raise Refused(refusals.receipt_absent())
    return found


def _shown(subject: int, today: dt.date) -> int:
    own = PublishedEnterprise.objects.filter(subject=subject).first()
    return sum(file_counts(own, today).values()) if own is not None else 0
