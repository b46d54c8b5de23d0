"""What the officers of cases are reminded of: periods that run for a hand of a unit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from django.db.models import QuerySet

from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.messages import MESSAGES
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Actor
from zhiheng.office.cases import CaseDuty, CaseStandingRow
from zhiheng.people import access
from zhiheng.queries.addressees import Addressees
from zhiheng.queries.duty import Duty

_ACCOUNT = re.compile(r"account:(\d{1,18})\Z")


class CaseDuties:
    """The periods of cases in which an officer must act by a day. The officers named in the case are reminded;
    else its handler; else those of the unit who may act. Of a restricted case nobody else is told.
    """

    def due_between(self, first: dt.date, last: dt.date, call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        yield from _duties(_running().filter(due__range=(first, last)), call)

    def named(self, duties: Collection[tuple[str, dt.date]], call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        cases = {int(key.split(":")[1]) for key, _ in duties}
        for duty in _duties(_running().filter(case__in=cases, due__in={due for _, due in duties}), call):
            if (duty.key, duty.due) in duties:
                yield duty


def _running() -> QuerySet[CaseDuty]:
    """Those that a unit has to do and that wait for nobody else; what a party must do is the party's."""
    return CaseDuty.objects.filter(kind=CaseDuty.Kind.DUTY, waits_for="").exclude(unit="").exclude(takes="")


def _duties(rows: QuerySet[CaseDuty], call: Call) -> Iterator[Duty]:
    addressees, known = Addressees(call.book, call.today), case_book(call.book).workflows
    names, heads = call.book[DISTRICT].names, _heads(call)
    able: dict[tuple[str, str, str], tuple[int, ...]] = {}
    seen: set[tuple[str, dt.date]] = set()
    for row in rows.select_related("case", "case__standing").order_by("due", "id").iterator(chunk_size=500):
        workflow = known.get(row.workflow)
        if workflow is None or row.unit not in names or row.due is None:
            continue
        key = f"case:{row.case_id}:{row.hand}:{row.period}"
        if (key, row.due) in seen:
            continue
        seen.add((key, row.due))
        standing: CaseStandingRow = row.case.standing
        hands = _accounts(row.persons.strip("|").split("|"))
        if not hands and row.at == "own":
            hands = _accounts([standing.handler])
        if not hands:
            about = (row.unit, row.takes, row.workflow)
            if about not in able:
                able[about] = _able(*about, quality=row.quality, heads=heads, addressees=addressees, call=call)
            hands = able[about]
        period = workflow.page.periods.get(row.period)
        yield Duty(
            key,
            row.unit,
            row.due,
            hands,
            {
                "unit": names[row.unit],
                "due": Label(zh=row.due.isoformat(), en=row.due.isoformat()),
                "workflow": workflow.page.label,
                "number": Label(zh=row.case.number, en=row.case.number),
                "duty": period.label if period is not None else Label(zh=row.period, en=row.period),
            },
            hands_only=standing.restricted,
        )


def _accounts(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({int(found[1]) for name in names if (found := _ACCOUNT.match(name))}))


def _heads(call: Call) -> frozenset[str]:
    kinds: Mapping[str, object] = call.book[MESSAGES].about("case")
    return frozenset(
        role
        for name in kinds
        for rung in call.book[MESSAGES].kinds[name].ladder
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
