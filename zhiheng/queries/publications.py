"""What waits to be published, what is shown, and how it came there: lists for officers, narrowed to what each may
see.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet

from zhiheng.database.paging import Keyset, Page, chained
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.office.models import PublicationRequest
from zhiheng.office.publication import within
from zhiheng.people import access
from zhiheng.published import reading
from zhiheng.published.models import PublishedEntry, Withdrawal
from zhiheng.queries import objection_holds, refusals

PAGE = 50
STATES = {"open": ("open",), "blocked": ("blocked",), "done": ("approved", "rejected", "lapsed")}


@dataclass(frozen=True)
class RequestFilters:
    """What a list of requests is narrowed by; ``pile`` is one of STATES."""

    pile: str = "open"
    record: str = ""
    verb: str = ""
    area: str = ""
    late: bool = False
    doubtful: bool = False
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestPage(Page[PublicationRequest]):
    """A page of requests, with how many wait of each record."""

    counts: dict[str, int]
    piles: dict[str, int]
    against: dict[int, objection_holds.Against] = field(default_factory=dict)
    may_decide: dict[int, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class RequestSheet:
    """One request with what is shown now of the same thing, and its earlier requests."""

    request: PublicationRequest
    before: PublishedEntry | None
    may_decide: bool
    why_not: Refusal | None
    against: objection_holds.Against | None = None
    history: list[PublicationRequest] = field(default_factory=list)


def matching(asked: RequestFilters, *, call: Call) -> QuerySet[PublicationRequest]:
    """The requests that the filters select within the actor's reach."""
    scope = access.scope(call, "publication.read")
    found = PublicationRequest.objects.filter(within(scope), state__in=STATES[asked.pile])
    if asked.record:
        found = found.filter(record=asked.record)
    if asked.verb:
        found = found.filter(verb=asked.verb)
    if asked.area:
        found = found.filter(area__in=call.book[DISTRICT].below(asked.area))
    if asked.late:
        found = found.filter(due_on__lt=call.today)
    if asked.doubtful:
        found = found.exclude(doubts=[])
    if asked.text:
        found = found.filter(title__contains=asked.text)
    return found


def without_doubts(asked: RequestFilters, *, call: Call, at_most: int) -> QuerySet[PublicationRequest]:
    """Of what the filters select the first so many that put something up and raise no doubt: what can be approved
    together.
    """
    found = matching(asked, call=call).exclude(verb=PublicationRequest.Verb.WITHDRAW).filter(doubts=[])
    first = list(found.order_by("pk").values_list("pk", flat=True)[:at_most])
    return PublicationRequest.objects.filter(pk__in=first)


def others_without_doubts(record: str, *, call: Call) -> QuerySet[PublicationRequest]:
    """Open requests without doubts within the actor's reach, but none that the actor proposed.

    Args:
        record: of this record alone; all where it is empty.
    """
    found = matching(RequestFilters(pile="open", record=record), call=call)
    return found.filter(doubts=[]).exclude(proposed_by=str(call.actor))


def queue(asked: RequestFilters, *, after: str, call: Call) -> RequestPage:
    """A page of requests: what must be taken down first, then the oldest.

    Args:
        asked: what the list is narrowed by.
    """
    access.require_somewhere(call, "publication.read")
    found = matching(asked, call=call).defer("shown")
    if asked.pile == "done":
        page = Keyset("-id").page(found, after, PAGE)
    else:
        # Withdrawals are few, and each has a statutory time: all of them stand before the others.
        withdrawals = Q(verb=PublicationRequest.Verb.WITHDRAW)
        parts = [(Keyset("due_on", "id"), found.filter(withdrawals)), (Keyset("id"), found.exclude(withdrawals))]
        page = chained(parts, after, PAGE)
    scope = access.scope(call, "publication.read")
    counted = (
        PublicationRequest.objects.filter(within(scope), state__in=PublicationRequest.UNDECIDED)
        .order_by()
        .values_list("state", "record")
        .annotate(n=Count("pk"))
    )
    counts: dict[str, int] = {}
    piles = {"open": 0, "blocked": 0}
    for state, record, number in counted:
        piles[state] += number
        if state == asked.pile:
            counts[record] = number
    shown = page.rows
    able = {where: _why_not(where, call) is None for where in {_where(one) for one in shown}}
    may_decide = {one.pk: asked.pile != "done" and able[_where(one)] for one in shown}
    against = _against(shown, call.book, call.now) if asked.pile != "done" else {}
    # Only where more is asked than the counts above say, one more query says how many there are.
    plain = not (asked.verb or asked.area or asked.late or asked.doubtful or asked.text) and asked.pile in piles
    total = (
        (counts.get(asked.record, 0) if asked.record else piles[asked.pile])
        if plain
        else found.count()
        if not after
        else None
    )
    return RequestPage(shown, page.next, total, counts=counts, piles=piles, against=against, may_decide=may_decide)


def _where(request: PublicationRequest) -> tuple[str, str, str]:
    return request.record, request.area, request.unit


def _why_not(where: tuple[str, str, str], call: Call) -> Refusal | None:
    """Why the actor may not decide the requests of a record, an area and a unit."""
    record, area, unit = where
    entry = call.book[RECORDS].get(record)
    return access.may(
        call,
        "publication.approve",
        record=record,
        area=area,
        unit=unit,
        quality=entry.record.quality if entry else None,
    )


def _against(
    requests: Sequence[PublicationRequest], book: Book, now: dt.datetime
) -> dict[int, objection_holds.Against]:
    """Fact -> the objection that keeps its request back."""
    held = {each.fact: each.record for each in requests if each.verb in objection_holds.HELD_BACK}
    return objection_holds.against(held, held, book=book, today=now.date())


def sheet(number: int, *, call: Call) -> RequestSheet:
    """A request as it stands, and whether the actor may decide it. Raises Refused where it is not among what they
    see.
    """
    scope = access.scope(call, "publication.read")
    request = PublicationRequest.objects.filter(within(scope), pk=number).first()
    if request is None:
        raise Refused(refusals.request_absent())
    before = PublishedEntry.objects.filter(pk=request.entry).select_related("form").first() if request.entry else None
    why_not = _why_not(_where(request), call)
    history = list(
        PublicationRequest.objects.filter(fact=request.fact).exclude(pk=request.pk).defer("shown").order_by("-pk")[:20]
    )
    waits = request.state in PublicationRequest.UNDECIDED
    against = _against([request], call.book, call.now).get(request.fact) if waits else None
    return RequestSheet(request, before, why_not is None and waits, why_not, against, history)


@dataclass(frozen=True)
class ShownEntry:
    """What is shown, as officers see it: the entry, who proposed and approved it, what waits about it, its
    tombstone.
    """

    entry: PublishedEntry
    requests: list[PublicationRequest]
    tombstone: Withdrawal | None
    may_withdraw: bool
    may_correct: bool


def shown(*, name: str, record: str, text: str, ending: int, after: str, call: Call) -> Page[PublishedEntry]:
    """A page of what is being shown; ``ending``: only what ends within so many days, the soonest first.

    Args:
        name: only this list of the portal; empty: all.
        record: only this kind of fact; empty: all.
        text: what the title or number contains.
    """
    scope = access.scope(call, "publication.read")
    found = reading.on_show(call.today).filter(within(scope)).select_related("form")
    if name:
        found = found.filter(list=name)
    if record:
        found = found.filter(record=record)
    if text:
        found = found.filter(Q(title_zh__contains=text) | Q(public_id=text))
    if ending:
        last = call.today + dt.timedelta(days=ending)
        return Keyset("show_until", "id").page(found.filter(show_until__lte=last), after, PAGE)
    return Keyset("-id").page(found, after, PAGE)


def one_shown(public_id: str, *, call: Call) -> ShownEntry:
    """An entry with its whole history. Raises Refused where it is not among what the actor sees."""
    scope = access.scope(call, "publication.read")
    entry = reading.entry(public_id)
    if entry is None or not PublishedEntry.objects.filter(within(scope), pk=entry.pk).exists():
        raise Refused(refusals.entry_absent())
    found = call.book[RECORDS].get(entry.record)
    where: access.ActTarget = {
        "record": entry.record,
        "area": entry.area,
        "unit": entry.unit,
        "quality": found.record.quality if found else None,
    }
    requests = (
        PublicationRequest.objects.filter(Q(fact=entry.fact) | Q(entry=entry.pk)).defer("shown").order_by("-pk")[:50]
    )
    allowed = {act: access.may(call, act, **where) is None for act in ("publication.withdraw", "publication.correct")}
    return ShownEntry(
        entry,
        list(requests),
        reading.tombstone(public_id),
        allowed["publication.withdraw"],
        allowed["publication.correct"],
    )
