"""Messages as pages show them: one's own, those that could not be sent, and who was reminded of what a unit owes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import QuerySet

from zhiheng.database.paging import Keyset, Page
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.messages import MESSAGES, MessageKind
from zhiheng.office.outbox import STUCK, Message, MessageRecipient
from zhiheng.people import access
from zhiheng.people.models import Account, ContactAddress

_Row = TypeVar("_Row", Message, MessageRecipient)
PAGE = 30
# Of messages that nobody could be told, and of those about what is owed, so many stand on a page.
MOST_NOBODY, MOST_REMINDED = 50, 200


@dataclass(frozen=True)
class OwnMessage:
    """A message to oneself."""

    row: MessageRecipient
    message: Message
    kind: MessageKind | None

    @property
    def unread(self) -> bool:
        """Whether it counts as unread: what was done meanwhile does not."""
        return self.row.state == MessageRecipient.State.SENT and self.message.settled_at is None


@dataclass(frozen=True)
class StuckRecipient:
    """A message to somebody that could not be sent, with the name of the account."""

    row: MessageRecipient
    name: str
    login: str
    kind: MessageKind | None


@dataclass(frozen=True)
class ReminderReader:
    """Somebody who was reminded, and when they read it (None: not yet)."""

    name: str
    read_at: dt.datetime | None


@dataclass(frozen=True)
class ReminderOfUnit:
    """A reminder about what a unit owes: at which rung, to whom."""

    message: Message
    readers: Sequence[ReminderReader]


def own_messages(after: str, *, call: Call, unread: bool = False) -> Page[OwnMessage]:
    """The in-app messages of the account that asks, the latest first.

    Args:
        unread: only those that were not read yet.
    """
    access.require(call, "message.own")
    rows = MessageRecipient.objects.filter(
        account=call.actor.account or 0, channel=MessageRecipient.Channel.IN_APP
    ).select_related("message")
    if unread:
        rows = rows.filter(state=MessageRecipient.State.SENT, message__settled_at=None)
    page = Keyset("-id").page(rows, after, PAGE)
    if not after:
        page = page.of_total(rows.count() if page.next else len(page.rows))
    kinds = call.book[MESSAGES].kinds
    return page.made(OwnMessage(row, row.message, kinds.get(row.message.kind)) for row in page.rows)


def own_contacts(*, call: Call) -> Mapping[str, ContactAddress]:
    """The addresses that the account has given, by channel."""
    access.require(call, "message.own")
    return {one.channel: one for one in ContactAddress.objects.filter(account=call.actor.account or 0)}


def stuck_messages(after: str, *, call: Call) -> Page[StuckRecipient]:
    """What could not be sent, or not yet, to accounts of the units that the actor looks after, the latest first."""
    access.require_somewhere(call, "message.manage")
    rows = _of_units(MessageRecipient.objects.filter(state__in=STUCK), call).select_related("message")
    page = Keyset("-id").page(rows, after, PAGE)
    if not after:
        page = page.of_total(rows.count())
    accounts = Account.objects.in_bulk({row.account for row in page.rows})
    kinds = call.book[MESSAGES].kinds
    return page.made(
        StuckRecipient(
            row,
            accounts[row.account].name if row.account in accounts else "",
            accounts[row.account].login if row.account in accounts else "",
            kinds.get(row.message.kind),
        )
        for row in page.rows
    )


def messages_to_nobody(*, call: Call) -> Sequence[Message]:
    """Reminders whose rung has no account at all, of duties that are open, the latest first."""
    access.require_somewhere(call, "message.manage")
    rows = _of_units(Message.objects.filter(nobody=True, settled_at=None), call)
    return list(rows.order_by("-id")[:MOST_NOBODY])


def reminders_of(*, call: Call, unit: str = "") -> Mapping[str, Sequence[ReminderOfUnit]]:
    """Who was reminded of what units within reach still owe, and who has read it: unit -> reminders, the latest first.

    Three queries, however many there are.
    """
    access.require_somewhere(call, "delivery.remind")
    units = [one for one in access.units(call, "delivery.remind") if unit in ("", one)]
    kinds = list(call.book[MESSAGES].about("delivery"))
    messages = list(
        Message.objects.filter(kind__in=kinds, unit__in=units, settled_at=None).order_by("-id")[:MOST_REMINDED]
    )
    rows = MessageRecipient.objects.filter(message__in=messages, channel=MessageRecipient.Channel.IN_APP)
    told: dict[int, list[MessageRecipient]] = {}
    for row in rows.order_by("id"):
        told.setdefault(row.message_id, []).append(row)
    names = dict(
        Account.objects.filter(pk__in={row.account for some in told.values() for row in some}).values_list("pk", "name")
    )
    found: dict[str, list[ReminderOfUnit]] = {}
    for message in messages:
        readers = [ReminderReader(names.get(row.account, ""), row.read_at) for row in told.get(message.pk, ())]
        found.setdefault(message.unit, []).append(ReminderOfUnit(message, readers))
    return found


def _of_units(rows: QuerySet[_Row], call: Call) -> QuerySet[_Row]:
    units: Collection[str] = access.units(call, "message.manage")
    if len(units) == len(call.book[DISTRICT].units):
        return rows
    return rows.filter(unit__in=units)
