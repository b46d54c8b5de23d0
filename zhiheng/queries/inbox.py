"""What waits for somebody: the periods that run for their hands, by the day on which they end.

``counts``    how many there are of each part, for the head of the page (one query)
``inbox``     a page of one part: ``late``, ``soon``, ``later``, ``waiting`` (others have it), ``sign`` (signatures)
``cases_in``  the cases of one part, by their numbers
``refused``   the acts of the reader that others declined to sign
``unclocked`` open cases of the reader's units, or that wait for them above, in which no period runs
``calendar``  how many periods end on each day of a month
``of_unit``   the same list for a whole unit

Everything is narrowed in SQL by what the reader may do: a right, and from where (own unit, another, above).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast, get_args

from django.db.models import Count, Q, QuerySet, Value

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.read_model import PARTY
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.district import DISTRICT, District
from zhiheng.grammar.chapters.workflow_pages import CaseRight
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Reach, Scope
from zhiheng.kernel.days import Left, Unit, left
from zhiheng.office.case_scope import cases_within
from zhiheng.office.cases import Case, CaseDuty, CaseProposal, CaseStandingRow
from zhiheng.people import access
from zhiheng.queries.case_reach import quality_of, readable, seen_as_objections
from zhiheng.queries.cases import CaseInList, act_label, closed_to, in_list, parties_in_list

PAGE = 50
# What a line of the inbox says: nothing else is read.
_SHOWN: Final = (
    *("case", "case__number", "case__workflow", "workflow", "period", "acts", "hand", "starts", "due", "due_at"),
    *("ends_at", "provisional", "counted_in", "missed", "waits_for"),
)
# What a state says that waits for the level above the unit that holds the case.
UPPER: Final = "upper"
# So many days ahead something is about to be due.
SOON: Final = dt.timedelta(days=7)

InboxPart = Literal["late", "soon", "later", "waiting", "sign"]
PARTS: tuple[InboxPart, ...] = get_args(InboxPart)


@dataclass(frozen=True)
class DutyInList:
    """A running period as the inbox shows it: the case, what has to be done (labels of the acts), the period, by whom,
    what is left in the law's own unit (None where no day is set), and who is waited for. ``closed``: it is a restricted
    case that the reader can't open.
    """

    duty: CaseDuty
    case: Case
    workflow: Label
    period: Label
    acts: tuple[Label, ...]
    hand: Label
    left: Left | None
    is_late: bool
    waits_for: str
    parties: Sequence[str] = ()
    closed: bool = False


@dataclass(frozen=True)
class InboxCounts:
    """How many periods each part of the inbox holds, how many acts of the reader others declined, and in how many open
    cases nothing has to be done by a day.
    """

    late: int = 0
    soon: int = 0
    later: int = 0
    waiting: int = 0
    sign: int = 0
    refused: int = 0
    unclocked: int = 0

    @property
    def total(self) -> int:
        """What waits for the reader."""
        return self.late + self.soon + self.later + self.sign


@dataclass(frozen=True)
class DeclinedProposal:
    """An act that the reader proposed and somebody declined to sign: who, when, and why stand in the proposal."""

    proposal: CaseProposal
    case: Case
    workflow: Label
    act: Label


@dataclass(frozen=True)
class DayInCalendar:
    """A day, how many of the reader's periods end on it, and the first of them."""

    day: dt.date
    count: int


def mine(call: Call) -> Q:
    """The condition on ``CaseDuty`` that the reader can act on it: their role has the right, from where the hand wants
    it, and where the case names persons they are one of them.
    """
    found = Q(pk__in=())
    for each in _mine_apart(call):
        found |= each
    return found


def _mine_apart(call: Call) -> list[Q]:
    """The same as conditions that nothing meets two of: what is found by the unit, and what by the area from above.
    Each is counted in an index of its own; together the database would read every row.
    """
    who = call.actor.acting_for or call.actor.id
    named = Q(named=False) | Q(persons__contains=f"|{who}|")
    if call.actor.kind in access.UNLIMITED:
        return [~Q(at=PARTY)]
    known, near, above = quality_of(call.book), Q(pk__in=()), Q(pk__in=())
    district = call.book[DISTRICT]
    rights: list[CaseRight] = sorted(
        {hand.takes for flow in case_book(call.book).workflows.values() for hand in flow.page.hands.values()}
    )
    # Rights that reach equally far stand in one condition: each costs the database as much as a list of them.
    own: dict[Scope, list[CaseRight]] = {}
    others: dict[str, list[CaseRight]] = {}
    from_above: dict[tuple[str, ...], list[CaseRight]] = {}
    from_superior: dict[tuple[str, ...], list[CaseRight]] = {}
    for right in rights:
        scope = access.scope(call, right)
        if scope.nothing:
            continue
        own.setdefault(scope, []).append(right)
        for holding in call.actor.holdings:
            one = call.by(replace(call.actor, holdings=(holding,)))
            if holding.unit and access.may(one, right, unit=holding.unit) is None:
                others.setdefault(holding.unit, []).append(right)
                areas, answering = _beneath(holding.unit, district)
                if areas:
                    from_above.setdefault(areas, []).append(right)
                if answering:
                    from_superior.setdefault(answering, []).append(right)
    for scope, some in own.items():
        units = scope.ways[0].units
        unit = min(units) if units is not None and len(units) == 1 and scope == Scope((Reach(units=units),)) else ""
        if unit and others.get(unit) == some:
            # Whoever works for one unit only: its own cases and what was offered to it in one look.
            near |= Q(takes__in=some, at__in=("own", "other"), unit=unit)
            del others[unit]
        else:
            near |= Q(takes__in=some, at="own") & cases_within(scope, known)
    for unit, some in others.items():
        near |= Q(takes__in=some, at="other", unit=unit)
    for below, some in from_above.items():
        above |= Q(takes__in=some, at="above", area__in=below)
    for beneath, some in from_superior.items():
        answers = CaseStandingRow.objects.filter(unit__in=beneath, final=False)
        above |= Q(takes__in=some, at="above", case__in=answers.values("case"))
    seen = named & seen_as_objections(call)
    return [each & seen for each in (near, *((above,) if from_above or from_superior else ()))]


def _beneath(unit: str, district: District) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a unit stands above: the areas beneath its own, and of the units elsewhere those that answer to it."""
    area = district.area_of_unit.get(unit, "")
    areas = district.areas_below.get(area, frozenset()) - {area}
    units = district.units_beneath.get(unit, frozenset())
    return tuple(sorted(areas)), tuple(sorted(one for one in units if district.area_of_unit[one] not in areas))


def _part(part: InboxPart, call: Call) -> list[QuerySet[CaseDuty]]:
    """The duties of a part, in selections that share none."""
    if part == "waiting":
        # A party, a laboratory, another unit has it: the clock of a case of the reader runs all the same.
        held = cases_within(access.scope(call, "case.handle"), quality_of(call.book))
        rows = CaseDuty.objects.filter(held, seen_as_objections(call), kind=CaseDuty.Kind.DUTY)
        return [rows.filter(due__isnull=False, waits_for__gt="")]
    asked = _of_mine(part, call)
    return [CaseDuty.objects.filter(each, asked) for each in _mine_apart(call)]


def _of_mine(part: InboxPart, call: Call) -> Q:
    """What of the reader's own stands in a part."""
    today = call.today
    if part == "sign":
        return Q(kind=CaseDuty.Kind.SIGNATURE) & ~Q(proposal__in=_signed_by(call))
    # A period without a day has nothing to be late by.
    own = Q(kind=CaseDuty.Kind.DUTY, waits_for="", due__isnull=False)
    if part == "late":
        return own & (Q(due__lt=today) | Q(due_at__lt=call.now) | Q(missed__gt=0))
    on_time = own & Q(due__gte=today, missed=0) & (Q(due_at=None) | Q(due_at__gte=call.now))
    if part == "soon":
        return on_time & Q(due__lte=today + SOON)
    return on_time & Q(due__gt=today + SOON)


def _signed_by(call: Call) -> Sequence[int]:
    """The waiting proposals that the reader has signed already."""
    who = {call.actor.id, call.actor.acting_for or call.actor.id}
    waiting = CaseProposal.objects.filter(state=CaseProposal.State.WAITING).values_list("id", "signed")
    return [number for number, signed in waiting if who & {each["who"] for each in signed}]


def counts(*, call: Call) -> InboxCounts:
    """How many there are of each part (one query; more where something waits for signatures)."""
    access.require_somewhere(call, "case.read")
    own = {
        "with_day": Count("pk", filter=Q(kind=CaseDuty.Kind.DUTY, due__isnull=False)),
        "late": Count("pk", filter=_of_mine("late", call)),
        "soon": Count("pk", filter=_of_mine("soon", call)),
        "sign": Count("pk", filter=Q(kind=CaseDuty.Kind.SIGNATURE)),
    }
    kinds = (CaseDuty.Kind.DUTY, CaseDuty.Kind.SIGNATURE)
    mine_ = [CaseDuty.objects.filter(each, kind__in=kinds, waits_for="") for each in _mine_apart(call)]
    selections: list[tuple[str, QuerySet[Any], Mapping[str, Any]]] = [("mine", each, own) for each in mine_]
    rest: Mapping[str, Sequence[QuerySet[Any]]] = {
        "waiting": _part("waiting", call),
        "refused": [_declined(call)],
        "unclocked": _unclocked(call),
    }
    alone = {"with_day": Count("pk"), "late": Value(0), "soon": Value(0), "sign": Value(0)}
    selections += [(part, each, alone) for part, some in rest.items() for each in some]
    found = _counted_together(selections)
    days, late, soon, sign = found["mine"]
    return InboxCounts(
        late=late,
        soon=soon,
        # What is due and neither late nor due soon.
        later=days - late - soon,
        # Some of them the reader may have signed already.
        sign=_size(_part("sign", call)) if sign and _signed_by(call) else sign,
        waiting=found["waiting"][0],
        refused=found["refused"][0],
        unclocked=found["unclocked"][0],
    )


def _counted_together(
    selections: Sequence[tuple[str, QuerySet[Any], Mapping[str, Any]]],
) -> dict[str, tuple[int, int, int, int]]:
    """Name -> four numbers over its selections, added up; all of them in one statement."""
    rows = [
        each.order_by().annotate(of=Value(name)).values("of").annotate(**asked).values_list("of", *asked)
        for name, each, asked in selections
    ]
    found: dict[str, tuple[int, int, int, int]] = {name: (0, 0, 0, 0) for name, _, _ in selections}
    together: Iterable[tuple[Any, ...]] = rows[0].union(*rows[1:], all=True)
    for name, *numbers in together:
        a, b, c, d = (before + more for before, more in zip(found[name], numbers, strict=True))
        found[name] = (a, b, c, d)
    return found


def inbox(
    part: InboxPart, *, after: str = "", call: Call, workflow: str = "", total: int | None = None
) -> Page[DutyInList]:
    """A page of one part, what ends first before the rest; ``total``: how many there are, where that is known."""
    access.require_somewhere(call, "case.read")
    rows = _part(part, call)
    if workflow:
        rows, total = [each.filter(workflow=workflow) for each in rows], None
    order = Keyset("starts", "id") if part == "sign" else Keyset("ends_at", "id")
    return _shown(_counted(order, [each.only(*_SHOWN) for each in rows], after, total), call)


def cases_in(part: InboxPart, most: int, *, call: Call) -> list[int]:
    """The cases of one part that the reader can open, at most so many, what ends first before the rest; a case with two
    periods comes once.
    """
    access.require_somewhere(call, "case.read")
    order = ("starts", "id") if part == "sign" else ("ends_at", "id")
    found = sorted(row for rows in _part(part, call) for row in rows.values_list(*order, "case"))
    cases = list(dict.fromkeys(case for _, _, case in found))[: 2 * most]
    closed = closed_to(cases, call)
    return [case for case in cases if case not in closed][:most]


def _counted(order: Keyset, rows: Sequence[QuerySet[Any]], after: str, total: int | None = None) -> Page[Any]:
    """A page of rows with their cases; the first one says how many the list has (counted where more follow)."""
    page = order.merged([each.select_related("case") for each in rows], after, PAGE)
    if after:
        return page
    if page.next and total is None:
        total = _size(rows)
    return page.of_total(total if page.next else len(page.rows))


def _size(rows: Sequence[QuerySet[Any]]) -> int:
    return sum(each.count() for each in rows)


def of_unit(unit: str, *, after: str = "", call: Call, late: bool = False) -> Page[DutyInList]:
    """The duties of a whole unit, what ends first before the rest.

    Args:
        late: only what is late.
    """
    access.require(call, "case.read", unit=unit)
    rows = CaseDuty.objects.filter(unit=unit, kind=CaseDuty.Kind.DUTY).exclude(due=None)
    rows = rows.filter(case__in=CaseStandingRow.objects.filter(readable(call)).values("case"))
    if late:
        rows = rows.filter(due__lt=call.today)
    return _shown(Keyset("ends_at", "id").page(rows.select_related("case"), after, PAGE), call)


def calendar(first: dt.date, last: dt.date, *, call: Call) -> tuple[DayInCalendar, ...]:
    """The days between two on which periods of the reader end, with how many (one query).

    Args:
        first: the first day, included.
        last: the last day, included.
    """
    access.require_somewhere(call, "case.read")
    rows = CaseDuty.objects.filter(mine(call), kind=CaseDuty.Kind.DUTY, due__gte=first, due__lte=last)
    days = rows.values("due").annotate(count=Count("id")).order_by("due")
    return tuple(DayInCalendar(each["due"], each["count"]) for each in days if each["due"] is not None)


def on_day(day: dt.date, *, after: str = "", call: Call) -> Page[DutyInList]:
    """What ends on a day."""
    access.require_somewhere(call, "case.read")
    rows = [CaseDuty.objects.filter(each, kind=CaseDuty.Kind.DUTY, due=day) for each in _mine_apart(call)]
    return _shown(_counted(Keyset("ends_at", "id"), [each.only(*_SHOWN) for each in rows], after), call)


def unclocked(*, after: str = "", call: Call) -> Page[CaseInList]:
    """Open cases that the reader handles, or that wait for them at the level above, and in which nothing has to be done
    by a day.
    """
    access.require_somewhere(call, "case.read")
    page = _counted(Keyset("last_on", "case"), _unclocked(call), after)
    return page.made(in_list(page.rows, call))


def _unclocked(call: Call) -> list[QuerySet[CaseStandingRow]]:
    """The same in selections that share none."""
    rows = CaseStandingRow.objects.filter(final=False, due=None)
    within = cases_within(access.scope(call, "case.handle"), quality_of(call.book))
    own = rows.filter(within, readable(call))
    above = Q(pk__in=())
    for holding in call.actor.holdings:
        one, district = call.by(replace(call.actor, holdings=(holding,))), call.book[DISTRICT]
        areas, units = _beneath(holding.unit, district)
        if areas or units:
            workflows = [
                name
                for name, workflow in case_book(call.book).workflows.items()
                if any(
                    hand.at == "above"
                    and access.may(one, hand.takes, unit=holding.unit, quality=workflow.page.quality, workflow=name)
                    is None
                    for hand in workflow.page.hands.values()
                )
            ]
            beneath = Q(area__in=areas) | Q(unit__in=units) if units else Q(area__in=areas)
            above |= Q(workflow__in=workflows, waits_for=UPPER) & beneath
    return [own, rows.filter(above, restricted=False).exclude(pk__in=own.values("pk"))]


def refused(*, after: str = "", call: Call) -> Page[DeclinedProposal]:
    """What the reader proposed and others declined, the latest first."""
    access.require_somewhere(call, "case.read")
    known = case_book(call.book)
    page = _counted(Keyset("-id"), [_declined(call)], after)
    found = []
    for each in page.rows:
        workflow = known.workflows[each.case.workflow]
        found.append(DeclinedProposal(each, each.case, workflow.page.label, act_label(workflow, each.act)))
    return page.made(found)


def _declined(call: Call) -> QuerySet[CaseProposal]:
    who = call.actor.acting_for or call.actor.id
    return CaseProposal.objects.filter(
        state=CaseProposal.State.DECLINED, proposed_by=who, decided_at__gte=call.now - dt.timedelta(days=30)
    )


def _shown(page: Page[CaseDuty], call: Call) -> Page[DutyInList]:
    known, found = case_book(call.book), []
    # What has to be done in a restricted case stands here for whoever can do it, but not whom it is about; it is opened
    # by who is involved in it or may restrict.
    parties = parties_in_list([duty.case_id for duty in page.rows], known, restricted=False)
    closed = closed_to({duty.case_id for duty in page.rows} - parties.keys(), call)
    for duty in page.rows:
        workflow = known.workflows[duty.workflow]
        period = workflow.page.periods.get(duty.period)
        hand = workflow.page.hands.get(duty.hand) or workflow.page.parties.get(duty.hand)
        rest = _left(duty, call)
        late = rest.overdue if rest is not None else False
        found.append(
            DutyInList(
                duty,
                duty.case,
                workflow.page.label,
                period.label if period is not None else Label(zh="共同签署", en="to be signed"),
                tuple(act_label(workflow, act) for act in duty.acts),
                hand.label if hand is not None else Label(zh=duty.hand, en=duty.hand),
                rest,
                late or duty.missed > 0,
                duty.waits_for,
                parties.get(duty.case_id, ()),
                duty.case_id in closed,
            )
        )
    return page.made(found)


def _left(duty: CaseDuty, call: Call) -> Left | None:
    if duty.due_at is not None:
        return left(in_the_place(call.now), in_the_place(duty.due_at), "hour", call.book[CALENDAR])
    if duty.due is None:
        return None
    return left(call.today, duty.due, cast(Unit, duty.counted_in or "d"), call.book[CALENDAR])
