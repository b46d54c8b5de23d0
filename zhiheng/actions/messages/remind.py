"""Remind people of duties: a message for each rung of the ladder that has come, once, in the words of the book.

In-app messages are there at once. E-mails and text messages are written down in the same transaction and sent
afterwards (``deliver.py``), so that none is lost and none is written twice. Numbers of days are the book's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from zhiheng.actions import audit
from zhiheng.actions.messages import refusals
from zhiheng.actions.messages.channels import ready
from zhiheng.engines.ladder import climbs_at, dues_that_matter, has_come, next_summary, quiet_of, reached
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.messages import IN_HOURS, MESSAGES, MessageKind, Rung
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.outbox import Message, MessageRecipient
from zhiheng.people import access
from zhiheng.people.models import Account, ContactAddress
from zhiheng.queries.access_acts import LATELY
from zhiheng.queries.addressees import Addressees
from zhiheng.queries.case_duties import in_hours, key_of
from zhiheng.queries.duties import SOURCES
from zhiheng.queries.duty import Duty

T = TypeVar("T")
AT_ONCE: Final = 200


@dataclass
class Reminded:
    """What a round has done: messages written, duties found done, reminders that climbed unread."""

    written: int = 0
    settled: int = 0
    climbed: int = 0


@dataclass
class _Round:
    """What is looked up once for many messages."""

    call: Call
    addressees: Addressees = field(init=False)

    def __post_init__(self) -> None:
        self.addressees = Addressees(self.call.book, self.call.today)
        self.calendar = self.call.book[CALENDAR]
        self.sending = self.call.book[MESSAGES].sending
        self.quiet = quiet_of(self.sending.quiet, self.calendar)

    def told_by(self, rung: Rung, duty: Duty) -> tuple[int, ...]:
        """The accounts that a rung tells of a duty."""
        if rung.to == "hands":
            return tuple(sorted(set(duty.hands)))
        if rung.to == "unit":
            return self.addressees.in_unit(rung.roles, duty.unit)
        return self.addressees.for_area(rung.roles, duty.unit)


def remind(duty: Duty, *, kind: str, call: Call) -> list[Message]:
    """The messages that were written now for one duty: one for each rung that has come and was not written yet.

    Raises Refused without the right, or where the book has no such kind.
    """
    access.require(call, "message.manage", unit=duty.unit)
    return _remind([duty], kind, call, _Round(call))


def remind_all(*, call: Call) -> Reminded:
    """Remind of every duty that is near its day or late, and settle the messages about those that are done."""
    access.require_somewhere(call, "message.manage")
    done, together = Reminded(), _Round(call)
    for about, source in SOURCES.items():
        for name, kind in call.book[MESSAGES].about(about).items():
            first, last = dues_that_matter(kind, call.today)
            for duties in _some(source.due_between(first, last, call), AT_ONCE):
                done.written += len(_remind(duties, name, call, together))
    done.settled = settle_done(call=call)
    return done


def tell_of_access(*, call: Call) -> Reminded:
    """Tell holders and auditors of what gave, confirmed or ended access lately and was not told yet."""
    access.require_somewhere(call, "message.manage")
    done, together = Reminded(), _Round(call)
    for name in call.book[MESSAGES].about("access"):
        for duties in _some(SOURCES["access"].due_between((call.now - LATELY).date(), call.today, call), AT_ONCE):
            done.written += len(_remind(duties, name, call, together))
    return done


def remind_of_hours(*, call: Call) -> Reminded:
    """Remind of what is due at a moment, and settle what of it is done; asked whenever a rung has come."""
    access.require_somewhere(call, "message.manage")
    done, together = Reminded(), _Round(call)
    for name, duties in _in_hours(call):
        done.written += len(_remind(duties, name, call, together))
        done.settled += settle_done(call=call, only=Message.objects.filter(kind=name, settled_at=None))
    return done


def hours_have_come(*, call: Call) -> bool:
    """Whether a reminder of something that is due at a moment waits to be written (two queries for each kind)."""
    calendar = call.book[CALENDAR]
    for name, kind in call.book[MESSAGES].kinds.items():
        if kind.about not in IN_HOURS:
            continue
        first, last = dues_that_matter(kind, call.today)
        rows = in_hours().filter(due__range=(first, last), unit__in=call.book[DISTRICT].names)
        due = list(rows.select_related("case__standing"))
        keys = {key_of(row) for row in due}
        known = set(Message.objects.filter(kind=name, key__in=keys, early=False).values_list("key", "rung"))
        for row in due:
            rungs = reached(kind, row.due or call.today, call.today, calendar, due_at=row.due_at, now=call.now)
            told = [rung for rung in rungs if rung.to == "hands" or not row.case.standing.restricted]
            if any((key_of(row), rung.id) not in known for rung in told):
                return True
    return False


def _in_hours(call: Call) -> Iterator[tuple[str, list[Duty]]]:
    for name, kind in call.book[MESSAGES].kinds.items():
        if kind.about in IN_HOURS:
            first, last = dues_that_matter(kind, call.today)
            yield name, list(SOURCES[kind.about].due_between(first, last, call))


def climb_unread(*, call: Call) -> Reminded:
    """Take the reminders a rung further that nobody has read in time; those whose duty is done are settled instead."""
    access.require_somewhere(call, "message.manage")
    done, together = Reminded(), _Round(call)
    done.settled = settle_done(call=call, only=due_to_climb(call.now))
    for name, kind in call.book[MESSAGES].kinds.items():
        unread = list(due_to_climb(call.now).filter(kind=name).order_by("climbs_at", "id")[:AT_ONCE])
        duties = {
            (duty.key, duty.due): duty
            for duty in SOURCES[kind.about].named({(one.key, one.due_on) for one in unread}, call)
        }
        for message in unread:
            with transaction.atomic(using=settings.PEOPLE_DATABASE):
                # Somebody may have read it meanwhile.
                if Message.objects.filter(pk=message.pk, climbs_at=message.climbs_at).update(climbs_at=None):
                    done.climbed += _climb(message, kind, duties.get((message.key, message.due_on)), together)
    return done


def _climb(message: Message, kind: MessageKind, duty: Duty | None, together: _Round) -> int:
    rung = kind.rung(message.rung)
    above = kind.above(kind.ladder.index(rung)) if rung is not None else None
    if duty is None or above is None:
        return 0
    higher = kind.ladder[above]
    if not _is_told(higher, duty):
        return 0
    if Message.objects.filter(kind=message.kind, key=duty.key, due_on=duty.due, rung=higher.id).exists():
        return 0
    return len(list(_write(duty, message.kind, kind, higher, together)))


def due_to_climb(now: dt.datetime) -> QuerySet[Message]:
    """The reminders that nobody has read in time."""
    return Message.objects.filter(climbs_at__lte=now, settled_at=None)


def settle_done(*, call: Call, only: QuerySet[Message] | None = None) -> int:
    """Mark the messages whose duty is done, or due on another day now: nobody has to read them any more."""
    access.require_somewhere(call, "message.manage")
    settled = 0
    open_now = Message.objects.filter(settled_at=None) if only is None else only
    kinds = call.book[MESSAGES].kinds
    for one in open_now.exclude(kind__in=kinds):
        # The book no longer has this kind: nobody follows it up.
        settled += _settle(one.kind, one.key, one.due_on, call)
    for name, kind in kinds.items():
        pairs = open_now.filter(kind=name).order_by("key", "due_on").values_list("key", "due_on").distinct()
        for some in _some(list(pairs), AT_ONCE):
            still = {(duty.key, duty.due) for duty in SOURCES[kind.about].named(set(some), call)}
            for key, due in sorted(set(some) - still):
                settled += _settle(name, key, due, call)
    return settled


def _settle(kind: str, key: str, due: dt.date, call: Call) -> int:
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        messages = Message.objects.filter(kind=kind, key=key, due_on=due, settled_at=None)
        numbers = list(messages.values_list("pk", flat=True))
        told = set(MessageRecipient.objects.filter(message__in=numbers).values_list("account", flat=True))
        count = Message.objects.filter(pk__in=numbers).update(settled_at=call.now, climbs_at=None)
        count_unread(told)
    return count


def count_unread(accounts: Collection[int]) -> None:
    """Count anew how many messages somebody has not read; in the transaction that changes them."""
    unread = (
        unread_of_everybody()
        .filter(account=OuterRef("pk"))
        .order_by()
        .values("account")
        .annotate(n=Count("pk"))
        .values("n")
    )
    Account.objects.filter(pk__in=accounts).update(unread=Coalesce(Subquery(unread), 0))


def unread_of_everybody() -> QuerySet[MessageRecipient]:
    """In-app messages that were not read, of duties that are open: the one rule of the count and the list."""
    return MessageRecipient.objects.filter(
        channel=MessageRecipient.Channel.IN_APP, state=MessageRecipient.State.SENT, message__settled_at=None
    )


def _some(things: Iterable[T], most: int) -> Iterator[list[T]]:
    left = iter(things)
    while some := list(islice(left, most)):
        yield some


def _remind(duties: Sequence[Duty], name: str, call: Call, together: _Round) -> list[Message]:
    kind = call.book[MESSAGES].kinds.get(name)
    if kind is None:
        raise Refused(refusals.no_kind(name))
    rows = Message.objects.filter(kind=name, key__in={duty.key for duty in duties})
    known = set(rows.filter(early=False).values_list("key", "due_on", "rung"))
    written: list[Message] = []
    for duty in duties:
        for rung in reached(kind, duty.due, call.today, together.calendar, due_at=duty.due_at, now=call.now):
            if (duty.key, duty.due, rung.id) in known or not _is_told(rung, duty):
                continue
            with transaction.atomic(using=settings.PEOPLE_DATABASE):
                written += _write(duty, name, kind, rung, together)
    return written


def _write(duty: Duty, name: str, kind: MessageKind, rung: Rung, together: _Round) -> Iterator[Message]:
    """Write a rung; where nobody is there to be told, the next one too."""
    call = together.call
    told = together.told_by(rung, duty)
    early = _is_early(rung, duty, together)
    said = rung.early if early and rung.early is not None else rung
    words = {**duty.words, "days": _days(duty.due, call.today)}
    if duty.due_at is not None:
        words["hours"] = _hours(duty.due_at, call.now)
    message, made = Message.objects.get_or_create(
        kind=name,
        key=duty.key,
        due_on=duty.due,
        rung=rung.id,
        early=early,
        defaults={
            "unit": duty.unit,
            **_worded("title", said.title, words, 300),
            **_worded("text", said.text, words, 4_000),
            "urgent": kind.urgent,
            "nobody": not told,
            "at": call.now,
            "climbs_at": climbs_at(rung.unread, call.now, None if kind.urgent else together.quiet, together.calendar)
            if rung.unread is not None and told
            else None,
        },
    )
    if not made:
        return
    _address(message, kind, told, together)
    audit.write(
        call, "message.send", f"message:{message.pk}", detail={"kind": name, "rung": rung.id, "count": len(told)}
    )
    yield message
    above = kind.above(kind.ladder.index(rung))
    if told or above is None:
        return
    higher = kind.ladder[above]
    if _is_told(higher, duty) and (higher.early is not None or not _is_early(higher, duty, together)):
        yield from _write(duty, name, kind, higher, together)


def _is_told(rung: Rung, duty: Duty) -> bool:
    """Whether a rung may be told of a duty at all: what is for its hands alone goes no further."""
    return rung.to == "hands" or not duty.hands_only


def _is_early(rung: Rung, duty: Duty, together: _Round) -> bool:
    call = together.call
    return not has_come(rung, duty.due, call.today, together.calendar, due_at=duty.due_at, now=call.now)


def _address(message: Message, kind: MessageKind, told: Sequence[int], together: _Round) -> None:
    """A line for each account and channel."""
    now, quiet, hour = together.call.now, together.quiet, together.sending.summary_at
    units = dict(Account.objects.filter(pk__in=told).values_list("pk", "unit"))
    confirmed = ContactAddress.objects.filter(account__in=told).exclude(confirmed_at=None)
    contacts = {(one.account_id, one.channel): one.wanted for one in confirmed}
    rows = []
    for account in told:
        for channel in kind.channels:
            row = MessageRecipient(
                message=message, account=account, unit=units.get(account, ""), channel=channel, at=now
            )
            if channel == "in_app":
                row.state, row.sent_at = MessageRecipient.State.SENT, now
            elif not ready(channel) or not (contacts.get((account, channel)) or channel in kind.required):
                continue
            elif channel == "email" and hour is not None and not kind.urgent and kind.about not in IN_HOURS:
                row.in_summary, row.next_at = True, next_summary(now, hour, quiet)
            else:
                row.next_at = now
                if quiet is not None and not kind.urgent and quiet.holds(now):
                    row.state, row.next_at = MessageRecipient.State.HELD, quiet.over(now)
            rows.append(row)
    MessageRecipient.objects.bulk_create(rows)
    count_unread(told)


def _worded(field_name: str, said: Label, words: Mapping[str, Label], most: int) -> dict[str, str]:
    one = one_line if field_name == "title" else str
    return {
        f"{field_name}_{language}": one(
            getattr(said, language).format_map({name: getattr(word, language) for name, word in words.items()})
        )[:most]
        for language in ("zh", "en")
    }


def _hours(due: dt.datetime, now: dt.datetime) -> Label:
    """What is left until a moment, in whole hours; in minutes where it is less than one."""
    seconds = abs((due - now).total_seconds())
    whole = seconds >= 3600
    amount, zh, en = int(seconds // (3600 if whole else 60)), "小时" if whole else "分钟", "hour" if whole else "minute"
    words = en if amount == 1 else f"{en}s"
    if now <= due:
        return Label(zh=f"还有 {amount} {zh}", en=f"{amount} {words} left")
    return Label(zh=f"逾期 {amount} {zh}", en=f"{amount} {words} late")


def _days(due: dt.date, today: dt.date) -> Label:
    left = (due - today).days
    if left > 0:
        return Label(zh=f"还有 {left} 天", en=f"{left} days left" if left > 1 else "1 day left")
    if left == 0:
        return Label(zh="今天到期", en="due today")
    return Label(zh=f"逾期 {-left} 天", en=f"{-left} days late" if left < -1 else "1 day late")
