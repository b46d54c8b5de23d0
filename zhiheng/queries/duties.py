"""What people are reminded of: duties that are open, whose they are and when they are due.

A kind of duty is one source here, by what a page of ``book/messages`` says it is ``about``; the reminders
(``actions/messages``) ask nothing else of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.messages import MESSAGES, About
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Actor
from zhiheng.people import access
from zhiheng.projections.models import Owed
from zhiheng.queries.access_acts import AccessActs
from zhiheng.queries.addressees import Addressees
from zhiheng.queries.case_drafts import DraftReminders
from zhiheng.queries.case_duties import CaseDuties, CaseHourDuties, CaseTalks
from zhiheng.queries.duty import Duty, DutySource

# Of many records of one day so many are named.
NAMED = 3


class OwedDeliveries:
    """What units owe of records (交换目录): one duty for all that a unit owes on a day."""

    def due_between(self, first: dt.date, last: dt.date, call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "delivery.list")
        rows = Owed.objects.filter(handed_in_on=None, due_on__range=(first, last))
        yield from _grouped(rows.order_by("unit", "due_on", "record", "first"), call)

    def named(self, duties: Collection[tuple[str, dt.date]], call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "delivery.list")
        units, days = {key.split(":")[1] for key, _ in duties}, {due for _, due in duties}
        rows = Owed.objects.filter(handed_in_on=None, unit__in=units, due_on__in=days)
        for duty in _grouped(rows.order_by("unit", "due_on", "record", "first"), call):
            if (duty.key, duty.due) in duties:
                yield duty


def _grouped(rows: Iterable[Owed], call: Call) -> Iterator[Duty]:
    addressees = Addressees(call.book, call.today)
    hands: dict[tuple[str, tuple[str, ...]], tuple[int, ...]] = {}
    for (unit, due), group in groupby(rows, key=lambda owed: (owed.unit, owed.due_on)):
        if unit not in call.book[DISTRICT].names:
            continue
        records = [owed.record for owed in group]
        about = (unit, tuple(dict.fromkeys(records)))
        if about not in hands:
            hands[about] = _hands(*about, addressees, call)
        words = {
            "unit": call.book[DISTRICT].names[unit],
            "due": Label(zh=due.isoformat(), en=due.isoformat()),
            "n": Label(zh=str(len(records)), en=str(len(records))),
            "records": _names(about[1], call.book),
        }
        yield Duty(f"owed:{unit}:{due.isoformat()}", unit, due, hands[about], words)


def _names(records: tuple[str, ...], book: Book) -> Label:
    labels = [book[RECORDS][one].record.label for one in records if one in book[RECORDS]] or [Label(zh="—", en="—")]
    first = labels[:NAMED]
    more = len(labels) - len(first)
    return Label(
        zh="、".join(one.zh for one in first) + (f"等 {len(labels)} 种" if more else ""),
        en=", ".join(one.en for one in first) + (f" and {more} more" if more else ""),
    )


def _hands(unit: str, records: tuple[str, ...], addressees: Addressees, call: Call) -> tuple[int, ...]:
    """The accounts of a unit that may hand in one of the records; heads, who stand on a rung of their own, only where
    there is nobody else.
    """
    heads = {
        role
        for kind in call.book[MESSAGES].about("delivery").values()
        for rung in kind.ladder
        if rung.to == "unit"
        for role in rung.roles
    }
    able = {
        account: holding.role in heads
        for account, holding in addressees.of_unit(unit)
        if any(
            access.may(
                call.by(Actor(f"account:{account}", "officer", holdings=(holding,))),
                "delivery.receive",
                unit=unit,
                record=record,
            )
            is None
            for record in records
        )
    }
    return tuple(sorted([account for account, head in able.items() if not head] or able))


# By what a page of the book says it is about.
SOURCES: Mapping[About, DutySource] = MappingProxyType(
    {
        "delivery": OwedDeliveries(),
        "case": CaseDuties(),
        "case_hours": CaseHourDuties(),
        "talk": CaseTalks(),
        "draft": DraftReminders(),
        "access": AccessActs(),
    }
)
