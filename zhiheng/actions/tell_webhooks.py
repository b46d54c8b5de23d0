"""Tell other systems what happened: put the message down first, send it afterwards, try again while they don't take it.

A message is signed: ``Zhiheng-Signature: t=<seconds>,v1=<hex>`` with HMAC-SHA256 over ``<seconds>.<body>``. It may arrive twice
(a worker may die between sending and writing that down), so each has an id that stays the same.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction

from zhiheng.actions.outside import Answer, Lookup, look_up, place_of, post
from zhiheng.actions.register_webhook import signing_key
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.office.hooks import WebHook, WebHookCall
from zhiheng.people import trail

# Minutes until the next attempt: six tries within about a day.
WAITS = (1, 5, 30, 180, 1_200)
# An address that took nothing at so many messages' last attempts is no longer called.
GIVEN_UP_IN_A_ROW = 5
AT_ONCE = 50


def announce(event: str, key: str, told: Mapping[str, Any], *, now: dt.datetime, unit: str = "") -> int:
    """Put a message down for every address that wants this event; returns for how many.

    ``key`` names what it is about: the same event about the same thing is told once. ``unit``: only to hooks of this unit.
    """
    hooks = WebHook.objects.filter(ended_at=None)
    if unit:
        hooks = hooks.filter(unit=unit)
    body = orjson.dumps(
        {"event": event, "key": key, "at": now.isoformat(), "data": dict(told)}, option=orjson.OPT_SORT_KEYS
    ).decode()
    calls = [
        WebHookCall(hook=hook, event=event, key=key, body=body, next_at=now, at=now)
        for hook in hooks
        if event in hook.events
    ]
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        WebHookCall.objects.bulk_create(calls, ignore_conflicts=True)
    return len(calls)


def call_waiting(*, now: dt.datetime, lookup: Lookup = look_up) -> dt.datetime | None:
    """Send what is due; returns when the next attempt is due, or None where nothing waits."""
    due = WebHookCall.objects.filter(state=WebHookCall.State.WAITING, next_at__lte=now).order_by("next_at", "id")
    for call in due.select_related("hook")[:AT_ONCE]:
        _note(call, _send(call, now, lookup), now)
    waiting = WebHookCall.objects.filter(state=WebHookCall.State.WAITING).order_by("next_at")
    return waiting.values_list("next_at", flat=True).first()


def signature(key: str, seconds: int, body: bytes) -> str:
    """The header that proves that a message is ours and when it was sent."""
    mac = hmac.new(key.encode(), str(seconds).encode() + b"." + body, sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def _send(call: WebHookCall, now: dt.datetime, lookup: Lookup) -> Answer:
    """One attempt; an address that leads into an inner network by now is not called."""
    try:
        place = place_of(call.hook.url, plain=settings.WEBHOOKS_INNER, inner=settings.WEBHOOKS_INNER, lookup=lookup)
    except Refused as refused:
        return Answer(None, refused.refusals[0].code)
    body = call.body.encode()
    return post(place, body, {
        "Content-Type": "application/json", "User-Agent": "zhiheng-webhook/1", "Zhiheng-Event": call.event,
        "Zhiheng-Delivery": str(call.pk), "Zhiheng-Signature": signature(signing_key(call.hook), int(now.timestamp()), body),
    })  # fmt: skip


def _note(call: WebHookCall, answer: Answer, now: dt.datetime) -> None:
    """Write down how an attempt went, and when the next one is due."""
    call.attempts += 1
    call.status, call.error = answer.status, answer.error
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if not answer.error:
            call.state, call.done_at = WebHookCall.State.TAKEN, now
            WebHook.objects.filter(pk=call.hook_id).update(failures=0)
        elif call.attempts <= len(WAITS):
            call.next_at = now + dt.timedelta(minutes=WAITS[call.attempts - 1])
        else:
            call.state, call.done_at = WebHookCall.State.GIVEN_UP, now
            _count_failure(call.hook_id, now)
        call.save(update_fields=["attempts", "status", "error", "state", "next_at", "done_at"])


def _count_failure(hook_id: int, now: dt.datetime) -> None:
    """One more message that was given up; an address with too many in a row is ended."""
    hook = WebHook.objects.select_for_update().get(pk=hook_id)
    hook.failures += 1
    if hook.failures >= GIVEN_UP_IN_A_ROW and hook.ended_at is None:
        hook.ended_at, hook.ended_why = (
            now,
            f"连续 {hook.failures} 条消息未送达 / {hook.failures} messages in a row were not taken",
        )
        trail.note(SYSTEM, "webhook.end", f"webhook:{hook_id}", now, purpose=hook.ended_why)
    hook.save(update_fields=["failures", "ended_at", "ended_why"])
