"""Send what waits in the outbox: claimed first, sent, written down; tried again while nobody takes it.

A claim is a lease. A worker that dies between sending and writing that down leaves a claim behind; when the lease is
over somebody sends again what may have arrived already, under the same id, and says so. So every message goes out at
least once, and what goes out twice can be told.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from zhiheng.actions.messages.channels import Letter, OutgoingLine, Sent, line_of, ready
from zhiheng.actions.webhooks.safe_http import Watch, unwatched
from zhiheng.engines.ladder import quiet_of
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.messages import MESSAGES
from zhiheng.office.backoff import WAITS, next_try
from zhiheng.office.outbox import TO_SEND, MessageRecipient
from zhiheng.people import access
from zhiheng.people.models import Account, ContactAddress

State = MessageRecipient.State
LEASE: Final = dt.timedelta(minutes=30)
# A channel over which nothing goes out is tried on for so long; then what waits for it is given up.
OLDEST: Final = dt.timedelta(days=7)
AT_ONCE: Final = 50
# Seconds after which a run ends, long before its leases do: a slow server answers each command just in time.
LONGEST_RUN: Final = 300.0
_LONGEST_TEXT: Final = 20


@dataclass(frozen=True, slots=True)
class Letters:
    """How many letters were sent, and how many were not."""

    sent: int
    failed: int


def due(now: dt.datetime) -> QuerySet[MessageRecipient]:
    """What is to be sent now."""
    return MessageRecipient.objects.filter(state__in=TO_SEND, next_at__lte=now)


def deliver(*, call: Call, watch: Watch = unwatched, most: int = AT_ONCE) -> Letters:
    """Send what is due, at most so many letters; in quiet hours only what is urgent.

    One address that is refused holds up nobody. A channel that is down is left alone until its next try, and what waits
    for it loses no attempt by that.
    """
    access.require_somewhere(call, "message.manage")
    _hold(call)
    lines: dict[str, OutgoingLine] = {}
    sent = failed = 0
    ends = time.monotonic() + LONGEST_RUN
    try:
        for _ in range(most):
            watch()
            if time.monotonic() > ends:
                break
            rows = _claim(call.now)
            if not rows:
                break
            channel = rows[0].channel
            letter = _letter(rows)
            if isinstance(letter, Sent):
                result = letter
            else:
                line = lines.setdefault(channel, line_of(channel, call.now, watch))
                result = line.send(letter)
            _note(rows, result, call.now)
            sent, failed = (sent + 1, failed) if not result.code else (sent, failed + 1)
    finally:
        for line in lines.values():
            line.close()
    return Letters(sent, failed)


def _hold(call: Call) -> None:
    """What is due in quiet hours waits until they are over."""
    quiet = quiet_of(call.book[MESSAGES].sending.quiet, call.book[CALENDAR])
    if quiet is not None and quiet.holds(call.now):
        due(call.now).filter(message__urgent=False, claimed_at=None).update(
            state=State.HELD, next_at=quiet.over(call.now)
        )


def _claim(now: dt.datetime) -> list[MessageRecipient]:
    """The rows of the next letter, claimed: one, or all of a person's summary."""
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        first = due(now).select_for_update().order_by("next_at", "id").first()
        if first is None:
            return []
        if first.batch is not None:
            # What went out together once goes out together again, so that its id means the same.
            together = Q(batch=first.batch)
        elif first.in_summary:
            together = Q(account=first.account, channel=first.channel, in_summary=True, batch=None)
        else:
            together = Q(pk=first.pk)
        numbers = list(due(now).filter(together).select_for_update().order_by("id").values_list("pk", flat=True))
        batch = first.batch or uuid4()
        rows = MessageRecipient.objects.filter(pk__in=numbers)
        rows.exclude(claimed_at=None).update(unsure=True, error="worker.died")
        rows.update(batch=batch, claimed_at=now, attempts=F("attempts") + 1, next_at=now + LEASE)
        return list(rows.select_related("message").order_by("message__due_on", "id"))


def _letter(rows: Sequence[MessageRecipient]) -> Letter | Sent:
    """What goes out, in the language of its reader; or why nothing does."""
    first = rows[0]
    account = Account.objects.filter(pk=first.account).only("is_active", "language").first()
    if account is None or not account.is_active:
        return Sent("account.closed", for_good=True)
    contact = ContactAddress.objects.filter(account=account, channel=first.channel).exclude(confirmed_at=None).first()
    if contact is None:
        return Sent("contact.absent", for_good=True)
    if not ready(first.channel):
        return Sent("channel.absent", line=True)
    assert first.batch is not None
    unsure = any(row.unsure for row in rows)
    language = "en" if account.language == "en" else "zh"
    title, text = _worded(rows, language, unsure, brief=first.channel == MessageRecipient.Channel.SMS)
    return Letter(first.batch, contact.address, title, text, unsure)


_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "many": "质衡：{n} 条提醒",
        "again": "（这一封可能已经发过一次，内容相同。）",
        "foot": "详情请登录质衡，在“消息”中查看和办理。这封邮件由系统发出，请勿回复。",
        "more": "……另有 {n} 条，请登录查看。",
    },
    "en": {
        "many": "Zhiheng: {n} reminders",
        "again": "(This may have reached you once already; it says the same.)",
        "foot": "Sign in to Zhiheng and open Messages to see more. This mail was sent by a system; don't answer it.",
        "more": "... and {n} more; sign in to see them.",
    },
}


def _worded(rows: Sequence[MessageRecipient], language: str, unsure: bool, *, brief: bool) -> tuple[str, str]:
    words = _WORDS[language]
    told = [(getattr(r.message, f"title_{language}"), getattr(r.message, f"text_{language}")) for r in rows]
    if brief:
        title = told[0][0]
        return title, f"{title}{words['again'] if unsure else ''}"
    title = told[0][0] if len(told) == 1 else words["many"].format(n=len(told))
    parts = [words["again"]] if unsure else []
    if len(told) == 1:
        parts.append(told[0][1])
    else:
        parts += [f"{number}. {one}\n{text}" for number, (one, text) in enumerate(told[:_LONGEST_TEXT], 1)]
        if len(told) > _LONGEST_TEXT:
            parts.append(words["more"].format(n=len(told) - _LONGEST_TEXT))
    return title, "\n\n".join([*parts, words["foot"]]) + "\n"


def _note(rows: Sequence[MessageRecipient], result: Sent, now: dt.datetime) -> None:
    """Write down how an attempt went, and when the next one is due."""
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        mine = MessageRecipient.objects.filter(
            pk__in=[row.pk for row in rows], claimed_at=rows[0].claimed_at, batch=rows[0].batch
        )
        if not result.code:
            mine.update(state=State.SENT, sent_at=now, claimed_at=None, error="", status=result.status, unsure=False)
            return
        attempts = rows[0].attempts
        again = None if result.for_good else next_try(attempts, now)
        code = result.code
        if result.line:
            again = again or now + dt.timedelta(minutes=WAITS[-1])
            if now - min(row.at for row in rows) > OLDEST:
                again, code = None, "too.old"
        told = {"claimed_at": None, "error": code, "status": result.status}
        if result.unsure:
            told["unsure"] = True
        if again is None:
            mine.update(state=State.GIVEN_UP, **told)
            return
        mine.update(state=State.FAILED, next_at=again, **told)
        if result.line:
            others = due(now).filter(channel=rows[0].channel, claimed_at=None)
            others.filter(at__gt=now - OLDEST).update(state=State.FAILED, next_at=again, error=code)
