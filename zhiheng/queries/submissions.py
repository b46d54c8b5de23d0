"""Complaints and reports as their senders see them: what is worked out before they are sent, and by their receipt
how the case stands.

``weigh``       which kind it probably is, and whose
``alike``       the same words that came lately
``followed``    a case by its receipt: ``FollowedCase``
``tallied``     how many came, how they ended: for the public (Order 121, Art. 38)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from rapidfuzz import fuzz

from zhiheng.engines.routing import Routed, plain, route
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.standing import Clock
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.routing import ROUTING
from zhiheng.grammar.chapters.submissions import SUBMISSIONS, SenderAsks, SubmissionKind
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import PUBLIC
from zhiheng.kernel.days import months_later
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.receipts import receipt_digest, receipt_in
from zhiheng.office import case_log
from zhiheng.office.cases import Case, CaseDocument, CaseEvent
from zhiheng.people import access
from zhiheng.queries import refusals
from zhiheng.queries.cases import CaseSheet, LineOfCase, SaidInLine, case_sheet
from zhiheng.queries.custody import ToldOpening, openings_told

# Of the cases that came lately so many are compared, the latest first; from so alike on they are pointed at (0 to 100).
COMPARED = 500
ALIKE = 90
# Fewer of an area are not told: who lives there could tell who it was.
TOLD_FROM = 5
SHORTEST = 20
_PLACE = "\n\n地点："


@dataclass(frozen=True)
class Weighed:
    """What is proposed of a submission: a kind of the book (None: the sender says), whether it asks for both, whose it
    probably is, where else to turn, and the words that told it.
    """

    kind: str | None
    both: bool
    unit: str
    elsewhere: Label | None
    by: tuple[str, ...]


@dataclass(frozen=True)
class AlikeCase:
    """A case with nearly the same words: its day and what kind it is, nothing else."""

    day: dt.date
    kind: Label


@dataclass(frozen=True)
class ToldLine:
    """Something in the course of a case that its sender is told: an act with what may be read of it, or a message.

    ``mine``: the sender said it. ``papers``: the documents that are meant for the sender.
    """

    label: Label
    on: dt.date
    mine: bool
    message: bool
    said: tuple[SaidInLine, ...] = ()
    text: str = ""
    photographs: int = 0
    papers: tuple[tuple[Label, CaseDocument], ...] = ()


@dataclass(frozen=True)
class FollowedCase:
    """A case as its sender sees it. ``stands``: in plain words. ``asks``: what the sender can do now."""

    case: Case
    kind: Label
    unit: Label
    final: bool
    stands: tuple[Label, ...]
    clocks: tuple[Clock, ...]
    lines: tuple[ToldLine, ...]
    supplement: SenderAsks | None
    asks: tuple[SenderAsks, ...]
    sealed: bool
    openings: tuple[ToldOpening, ...]


@dataclass(frozen=True)
class TalliedKind:
    """What came of a kind within a year: how many, how many have ended, by month (first day -> number), by area (code
    of a district -> number; None where it is too small to be told), and how they went (act with outcome -> cases).
    """

    kind: Label
    came: int
    ended: int
    months: Mapping[dt.date, int]
    areas: Mapping[str, int | None]
    went: tuple[tuple[Label, int], ...]


def with_place(text: str, place: str) -> str:
    """What stands in the case: the words, and behind them the place where it was said."""
    return f"{text}{_PLACE}{place}" if place else text


def without_place(said: str) -> str:
    """The words of ``with_place`` without the place."""
    return said.rpartition(_PLACE)[0] or said


def weigh(text: str, *, area: str, place: str, call: Call) -> Weighed:
    """What the words and the place of a submission tell; it only proposes.

    Args:
        text: the sender's own words.
        area: the code of the area where it happened; empty where it is not known.
        place: the place in the sender's words.
    """
    access.require_somewhere(call, "case.submit")
    routing, district, page = call.book[ROUTING], call.book[DISTRICT], call.book[SUBMISSIONS]
    if routing is None or page is None:
        return Weighed(None, False, "", None, ())
    found = route(routing, district, text=text, place=place, area=area)
    elsewhere = None
    if found.elsewhere and found.kind is not None:
        elsewhere = routing.kinds.kinds[found.kind.name].elsewhere
    unit = found.unit or (routing.unit_of(routing.kinds.otherwise, area, district) if area else None) or ""
    return Weighed(_kind(page.kinds, found), found.asks == "both", unit, elsewhere, found.asks_by)


def _kind(kinds: Mapping[str, SubmissionKind], found: Routed) -> str | None:
    # Who asks for both complains; the report is split off by the handler (Art. 9).
    asked = "complaint" if found.asks == "both" else found.asks
    return next((name for name, kind in kinds.items() if kind.routed == asked), None)


def alike(text: str, *, unit: str, call: Call) -> tuple[AlikeCase, ...]:
    """Cases of the last days with nearly the same words, the latest first; their senders follow them by receipt.

    Nothing is shown of them but their day: only somebody with the same words at hand is pointed at them at all.

    Args:
        text: the sender's own words.
        unit: the unit that would handle it: its cases are compared.
    """
    access.require_somewhere(call, "case.submit")
    page, looked = call.book[SUBMISSIONS], plain(text)
    if page is None or len(looked) < SHORTEST:
        return ()
    kinds = {kind.workflow: kind for kind in page.kinds.values()}
    lines = (
        CaseEvent.objects.filter(
            place=1,
            case__workflow__in=kinds,
            case__unit=unit,
            case__opened_on__gt=call.today - dt.timedelta(days=page.alike_within),
        )
        .select_related("case")
        .order_by("-id")[:COMPARED]
    )
    found = []
    for line in lines:
        kind = kinds[line.case.workflow]
        said = str(orjson.loads(line.data).get("said", {}).get(kind.text, ""))
        before = plain(without_place(said))
        if fuzz.ratio(looked, before, score_cutoff=ALIKE):
            found.append(AlikeCase(line.case.opened_on, kind.label))
    return tuple(found[:3])


def case_of_receipt(receipt: str, *, call: Call) -> int:
    """The case of a receipt. Raises Refused where it is none."""
    access.require_somewhere(call, "case.submit")
    digits = receipt_in(receipt)
    found = (
        Case.objects.filter(receipt_digest=receipt_digest(digits)).values_list("pk", flat=True).first()
        if digits
        else None
    )
    if found is None:
        raise Refused(refusals.receipt_opens_nothing())
    return found


def followed(receipt: str, *, call: Call) -> FollowedCase:
    """A case as its sender sees it; reading it is noted. Raises Refused where the receipt is none."""
    number = case_of_receipt(receipt, call=call)
    sheet = case_sheet(number, call=call, receipt_shown=True)
    page = call.book[SUBMISSIONS]
    known = page.of_workflow(sheet.case.workflow) if page is not None else None
    if known is None:
        raise Refused(refusals.receipt_opens_nothing())
    _, kind = known
    possible = {act.key for act in sheet.acts if act.possible and act.mine}
    seals = [party.sealed for party in sheet.case.parties.all() if party.sealed]
    return FollowedCase(
        case=sheet.case,
        kind=kind.label,
        unit=sheet.unit,
        final=sheet.row.final,
        stands=tuple(kind.states[state] for state in sheet.row.states if state in kind.states),
        clocks=tuple(clock for clock in sheet.clocks if clock.period in kind.periods),
        lines=tuple(_told(sheet, kind, call)),
        supplement=kind.supplement if kind.supplement is not None and kind.supplement.act in possible else None,
        asks=tuple(one for one in kind.answers if one.act in possible),
        sealed=bool(seals),
        openings=tuple(one for seal in seals for one in openings_told(seal, call=call)),
    )


def _told(sheet: CaseSheet, kind: SubmissionKind, call: Call) -> list[ToldLine]:
    """The lines that the book names for the sender, the latest first; struck ones are not told."""
    found = []
    for line in sheet.lines:
        if line.event is None or line.struck_by is not None or line.closed:
            continue
        told = _message(line) if line.event.act == case_log.COMMENT else _act(line, line.event, kind, call)
        if told is not None:
            found.append(told)
    return found


def _message(line: LineOfCase) -> ToldLine | None:
    assert line.event is not None
    if case_log.data_of(line.event).get(case_log.WITH) != case_log.SENDER:
        return None
    mine = _by_sender(line)
    label = Label(zh="您的留言", en="You wrote") if mine else Label(zh="承办单位的留言", en="The handling unit wrote")
    return ToldLine(label, line.happened, mine, True, (), line.text, len(line.files))


def _act(line: LineOfCase, event: CaseEvent, kind: SubmissionKind, call: Call) -> ToldLine | None:
    fields = kind.tells.get(event.act)
    if fields is None:
        return None
    documents = call.book[CASE_DOCUMENTS]
    papers = tuple(
        (documents[paper.document].page.label, paper)
        for paper in line.documents
        if paper.document in kind.papers and paper.document in documents and paper.content
    )
    said = tuple(one for one in line.said if one.name in fields)
    return ToldLine(line.label, line.happened, _by_sender(line), False, said, "", len(line.files), papers)


def _by_sender(line: LineOfCase) -> bool:
    return all(each["who"] == PUBLIC.id for each in line.people)


def tallied(first: dt.date, last: dt.date, *, call: Call) -> tuple[TalliedKind, ...]:
    """The complaints and reports that came between two days, counted in SQL (five queries a kind): duplicates are left
    out, and what struck lines said.

    Args:
        first: the first day on which they came, included.
        last: the last day, included.
    """
    access.require_somewhere(call, "case.submit")
    page = call.book[SUBMISSIONS]
    return () if page is None else tuple(_tally(kind, first, last, call) for kind in page.kinds.values())


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The first days of the months between two days: one in which nothing came is told as none."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = months_later(month, 1)


def _tally(kind: SubmissionKind, first: dt.date, last: dt.date, call: Call) -> TalliedKind:
    cases = Case.objects.filter(
        workflow=kind.workflow, opened_on__range=(first, last), standing__duplicate_of__isnull=True
    )
    total = cases.aggregate(came=Count("pk"), ended=Count("pk", filter=Q(standing__final=True)))
    months = cases.annotate(month=TruncMonth("opened_on")).values("month").annotate(n=Count("pk")).order_by("month")
    counted_in = {row["month"]: row["n"] for row in months}
    district, by_area = call.book[DISTRICT], dict[str, int]()
    told = {area.code for area in district.with_statistics()}
    for code, number in cases.values_list("standing__area").annotate(n=Count("pk")).order_by():
        within = next((one for one in (code, *district.areas_above.get(code, ())) if one in told), "")
        by_area[within] = by_area.get(within, 0) + number
    struck = CaseEvent.objects.filter(act=case_log.STRIKE, case__in=cases).values_list("data", flat=True)
    lines = CaseEvent.objects.filter(case__in=cases, act__in=kind.tells).exclude(outcome="")
    lines = lines.exclude(pk__in=[int(orjson.loads(data)["line"]) for data in struck])
    counted = lines.values_list("act", "outcome").annotate(n=Count("case", distinct=True)).order_by()
    went = {f"{act}.{outcome}": number for act, outcome, number in counted}
    acts = case_book(call.book).workflows[kind.workflow].acts
    return TalliedKind(
        kind.label,
        total["came"],
        total["ended"],
        {month: counted_in.get(month, 0) for month in _months(first, last)},
        {code: number if number >= TOLD_FROM else None for code, number in by_area.items() if code},
        tuple((Label(zh=acts[key].zh, en=acts[key].en), went[key]) for key in acts if key in went),
    )
