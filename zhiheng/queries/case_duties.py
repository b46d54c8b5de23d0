"""What the officers of cases are reminded of: periods that run for a hand of a unit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.read_model import PARTY
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.messages import MESSAGES
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Actor
from zhiheng.office.cases import CaseDuty, CaseEvent, CaseStandingRow
from zhiheng.people import access
from zhiheng.queries.addressees import Addressees
from zhiheng.queries.duty import Duty

# Whoever has this watches what a party must do in a case that nobody was assigned to.
WATCHES: Final = "case.handle"
_ACCOUNT = re.compile(r"account:(\d{1,18})\Z")


class CaseDuties:
    """The periods of cases in which an officer must act by a day. The officers named in the case are reminded; else its
    handler and those who act in their place; else those of the unit who may act. Of a restricted case nobody else is
    told. What is due at a moment is of ``CaseHourDuties``.
    """

    def due_between(self, first: dt.date, last: dt.date, call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        yield from _duties(_in_days().filter(due__range=(first, last)), call)

    def named(self, duties: Collection[tuple[str, dt.date]], call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        yield from _named(_in_days(), duties, call)


class CaseHourDuties:
    """The periods of cases that end at a moment: those in which an officer must act, and those that run for a party,
    which whoever handles the case watches. Its moment is part of the key: one that moves begins a ladder anew.
    """

    def due_between(self, first: dt.date, last: dt.date, call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        yield from _duties(in_hours().filter(due__range=(first, last)), call)

    def named(self, duties: Collection[tuple[str, dt.date]], call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        yield from _named(in_hours(), duties, call)


def _in_days() -> QuerySet[CaseDuty]:
    """Those that a unit has to do and that wait for nobody else; what a party must do is the party's."""
    running = CaseDuty.objects.filter(kind=CaseDuty.Kind.DUTY, waits_for="", due_at=None)
    return running.exclude(unit="").exclude(takes="")


def in_hours() -> QuerySet[CaseDuty]:
    """The duties that end at a moment, of officers and of parties; none that waits for a laboratory or another unit."""
    running = CaseDuty.objects.filter(kind=CaseDuty.Kind.DUTY, due_at__isnull=False).exclude(unit="")
    return running.filter(Q(waits_for="") | Q(at=PARTY))


def _named(rows: QuerySet[CaseDuty], duties: Collection[tuple[str, dt.date]], call: Call) -> Iterator[Duty]:
    cases = {int(key.split(":")[1]) for key, _ in duties}
    for duty in _duties(rows.filter(case__in=cases, due__in={due for _, due in duties}), call):
        if (duty.key, duty.due) in duties:
            yield duty


def key_of(row: CaseDuty) -> str:
    """Which duty a period is for a hand: ``case:<number>:<hand>:<period>``, with its moment where it has one."""
    key = f"case:{row.case_id}:{row.hand}:{row.period}"
    return key if row.due_at is None else f"{key}:{in_the_place(row.due_at):%Y%m%d%H%M}"


def _duties(rows: QuerySet[CaseDuty], call: Call) -> Iterator[Duty]:
    addressees, known = Addressees(call.book, call.today), case_book(call.book).workflows
    names, heads = call.book[DISTRICT].names, _heads(call)
    able: dict[tuple[str, str, str], tuple[int, ...]] = {}
    seen: set[tuple[str, dt.date]] = set()
    for row in rows.select_related("case", "case__standing").order_by("due", "id").iterator(chunk_size=500):
        workflow = known.get(row.workflow)
        if workflow is None or row.unit not in names or row.due is None:
            continue
        key = key_of(row)
        if (key, row.due) in seen:
            continue
        seen.add((key, row.due))
        standing: CaseStandingRow = row.case.standing
        hands = _accounts(row.persons.strip("|").split("|"))
        if not hands and row.at in ("own", PARTY):
            hands = _accounts([standing.handler])
        hands = addressees.with_deputies(hands)
        if not hands:
            about = (row.unit, row.takes or WATCHES, row.workflow)
            if about not in able:
                able[about] = _able(*about, quality=row.quality, heads=heads, addressees=addressees, call=call)
            hands = able[about]
        period = workflow.page.periods.get(row.period)
        who = workflow.page.hands.get(row.hand) or workflow.page.parties.get(row.hand)
        due_at = in_the_place(row.due_at) if row.due_at is not None else None
        due = f"{due_at:%Y-%m-%d %H:%M}" if due_at is not None else row.due.isoformat()
        yield Duty(
            key,
            row.unit,
            row.due,
            hands,
            {
                "unit": names[row.unit],
                "due": Label(zh=due, en=due),
                "workflow": workflow.page.label,
                "number": Label(zh=row.case.number, en=row.case.number),
                "duty": period.label if period is not None else Label(zh=row.period, en=row.period),
                "who": who.label if who is not None else Label(zh=row.hand, en=row.hand),
            },
            hands_only=standing.restricted,
            due_at=row.due_at,
        )


class CaseTalks:
    """What senders of complaints and reports have said by their receipt and nobody has answered: its handler is told,
    else those of the unit who handle cases. Nothing of the sender or of what was said is in it.
    """

    def due_between(self, first: dt.date, last: dt.date, call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        yield from (duty for duty in _talks(_unheard(), call) if first <= duty.due <= last)

    def named(self, duties: Collection[tuple[str, dt.date]], call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        cases = {int(key.split(":")[1]) for key, _ in duties}
        yield from (duty for duty in _talks(_unheard().filter(case__in=cases), call) if (duty.key, duty.due) in duties)


def unheard_of(case: int, call: Call) -> tuple[Duty, ...]:
    """What the sender of one case has said and nobody has answered; none or one."""
    access.require(call, "case.read")
    return tuple(_talks(_unheard().filter(case=case), call))


def _unheard() -> QuerySet[CaseStandingRow]:
    return CaseStandingRow.objects.filter(unheard__isnull=False)


def _talks(rows: QuerySet[CaseStandingRow], call: Call) -> Iterator[Duty]:
    addressees, known = Addressees(call.book, call.today), case_book(call.book).workflows
    names, heads = call.book[DISTRICT].names, _heads(call)
    found = list(rows.select_related("case").order_by("unheard"))
    said = dict(CaseEvent.objects.filter(pk__in=[row.unheard for row in found]).values_list("pk", "entered_at"))
    for row in found:
        workflow = known.get(row.workflow)
        if workflow is None or row.unit not in names or row.unheard not in said:
            continue
        day = timezone.localtime(said[row.unheard]).date()
        about = (row.unit, "case.handle", row.workflow)
        hands = addressees.with_deputies(_accounts([row.handler])) or _able(
            *about, quality=row.quality, heads=heads, addressees=addressees, call=call
        )
        words = {
            "unit": names[row.unit],
            "due": Label(zh=day.isoformat(), en=day.isoformat()),
            "workflow": workflow.page.label,
            "number": Label(zh=row.case.number, en=row.case.number),
        }
        yield Duty(f"talk:{row.case_id}:{row.unheard}", row.unit, day, hands, words, hands_only=row.restricted)


def _accounts(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({int(found[1]) for name in names if (found := _ACCOUNT.match(name))}))


def _heads(call: Call) -> frozenset[str]:
    messages = call.book[MESSAGES]
    return frozenset(
        role
        for kind in (*messages.about("case").values(), *messages.about("case_hours").values())
        for rung in kind.ladder
        if rung.to == "unit"
        for role in rung.roles
    )


def _able(
    unit: str, right: str, workflow: str, *, quality: str, heads: Collection[str], addressees: Addressees, call: Call
) -> tuple[int, ...]:
    """The accounts of a unit that may act; heads, who stand on a rung of their own, only where there is nobody else."""
    found = {
        account: holding.role in heads
        for account, holding in addressees.of_unit(unit)
        if access.may(
            call.by(Actor(f"account:{account}", "officer", holdings=(holding,))),
            right,
            unit=unit,
            quality=quality or None,
            workflow=workflow,
        )
        is None
    }
    return tuple(sorted([account for account, head in found.items() if not head] or found))
