"""Tell other systems what happened: put the message down first, send it afterwards, try again while they don't take it.

A message is signed as Standard Webhooks say (https://www.standardwebhooks.com): ``webhook-id``, ``webhook-timestamp``
and ``webhook-signature: v1,<base64>`` with HMAC-SHA256 over ``<id>.<seconds>.<body>``, so that any library for them can
check it. ``Zhiheng-Signature: t=<seconds>,v1=<hex>`` over ``<seconds>.<body>`` stays for receivers of before. A message
may arrive twice (a worker may die between sending and writing that down), so each has an id that stays the same.
"""

from __future__ import annotations

import datetime as dt
import hmac
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from zhiheng.actions import audit
from zhiheng.actions.webhooks.register_webhook import signing_key
from zhiheng.actions.webhooks.safe_http import (
    TOTAL_SECONDS,
    CallConnections,
    HttpAnswer,
    Lookup,
    Watch,
    look_up,
    place_of,
    post,
    unwatched,
    within,
)
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.office.backoff import next_try
from zhiheng.office.webhooks import WebHook, WebHookCall

# An address that took nothing at so many messages' last attempts is no longer called.
GIVEN_UP_IN_A_ROW = 5
# So many times in a row that nothing was taken, and the address is left alone: ten minutes, then twice as long; after a
# week or so for
# good.
MISSES, MISSES_AT_MOST = 3, 30
PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=10), dt.timedelta(hours=6)
AT_ONCE, AT_ONCE_TO_ONE = 50, 10


def announce(event: str, key: str, told: Mapping[str, Any], *, now: dt.datetime, unit: str = "") -> int:
    """Queue a message for every address that subscribed to this event.

    Args:
        key: what it is about: the same event about the same thing is sent once.
        told: the body.
        unit: only to hooks of this unit.

    Returns:
        For how many addresses.
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


def due(now: dt.datetime) -> QuerySet[WebHookCall]:
    """The messages that are to be sent now: their time has come, and their address is not left alone."""
    paused = WebHook.objects.filter(paused_until__gt=now).values("pk")
    return WebHookCall.objects.filter(state=WebHookCall.State.WAITING, next_at__lte=now).exclude(hook__in=paused)


def call_waiting(*, now: dt.datetime, lookup: Lookup = look_up, watch: Watch = unwatched) -> dt.datetime | None:
    """Send the messages that are due.

    Only some at once go to one address, and none after it let us wait, so that the others have their turn. ``watch``
    may raise while another system is waited for.

    Returns:
        When the next attempt is due, or None where nothing waits.
    """
    sent: Counter[int] = Counter()
    missed: set[int] = set()
    for call in due(now).select_related("hook").order_by("next_at", "id")[:AT_ONCE]:
        if sent[call.hook_id] >= AT_ONCE_TO_ONE:
            continue
        answer = _send(call, now, lookup, watch)
        sent[call.hook_id] += AT_ONCE_TO_ONE if answer.status is None else 1
        _note(call, answer, now, first_miss=bool(answer.error) and call.hook_id not in missed)
        if answer.error:
            missed.add(call.hook_id)
    waiting = WebHookCall.objects.filter(state=WebHookCall.State.WAITING).order_by("next_at")
    return waiting.values_list("next_at", flat=True).first()


def signature(key: str, seconds: int, body: bytes) -> str:
    """The header that proves that a message is ours and when it was sent."""
    mac = hmac.new(key.encode(), str(seconds).encode() + b"." + body, sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def standard_headers(key: str, message: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks; ``key`` is the hex of the signing key, whose bytes sign."""
    signed = f"{message}.{seconds}.".encode() + body
    mac = hmac.new(bytes.fromhex(key), signed, sha256)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{b64encode(mac.digest()).decode()}",
    }


def _send(call: WebHookCall, now: dt.datetime, lookup: Lookup, watch: Watch) -> HttpAnswer:
    """One attempt, from the look-up to the end of the answer within a fixed time; an address that leads into an inner
    network by now is not called.
    """
    body, url, inner = call.body.encode(), call.hook.url, bool(settings.WEBHOOKS_INNER)
    key, seconds = signing_key(call.hook), int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "zhiheng-webhook/1",
        "Zhiheng-Event": call.event,
        "Zhiheng-Delivery": str(call.pk),
        "Zhiheng-Signature": signature(key, seconds, body),
        **standard_headers(key, f"msg_{call.pk}", seconds, body),
    }

    def attempt(line: CallConnections) -> HttpAnswer:
        try:
            place = place_of(url, plain=inner, inner=inner, lookup=lookup)
        except Refused as refused:
            return HttpAnswer(None, refused.refusals[0].code)
        return post(place, body, headers, line)

    return within(TOTAL_SECONDS, attempt, watch=watch)


def _note(call: WebHookCall, answer: HttpAnswer, now: dt.datetime, *, first_miss: bool) -> None:
    """Write down how an attempt went, and when the next one is due."""
    call.attempts += 1
    call.status, call.error = answer.status, answer.error
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if not answer.error:
            call.state, call.done_at = WebHookCall.State.TAKEN, now
            WebHook.objects.filter(pk=call.hook_id).update(failures=0, misses=0, paused_until=None)
        elif (again := next_try(call.attempts, now)) is not None:
            call.next_at = again
        else:
            call.state, call.done_at = WebHookCall.State.GIVEN_UP, now
            _count_failure(call.hook_id, now)
        call.save(update_fields=["attempts", "status", "error", "state", "next_at", "done_at"])
        if first_miss:
            _count_miss(call.hook_id, answer, now)


def _count_miss(hook_id: int, answer: HttpAnswer, now: dt.datetime) -> None:
    """One more time that nothing was taken; after some in a row the address is left alone for a while, and the trail
    says so once.
    """
    hook = WebHook.objects.select_for_update().get(pk=hook_id)
    hook.misses += 1
    if hook.misses >= MISSES and hook.ended_at is None:
        hook.paused_until = now + min(LONGEST_PAUSE, PAUSE * 2 ** min(hook.misses - MISSES, 10))
        if hook.misses == MISSES:
            why = (
                f"连续 {MISSES} 次未送达（{answer.error}），暂停推送 / "
                f"{MISSES} attempts in a row were not taken ({answer.error}): paused"
            )
            audit.write_as(SYSTEM, "webhook.pause", f"webhook:{hook_id}", now, purpose=why)
    if hook.misses >= MISSES_AT_MOST:
        _end(hook, f"连续 {hook.misses} 次未送达 / {hook.misses} attempts in a row were not taken", now)
    hook.save(update_fields=["misses", "paused_until", "ended_at", "ended_why"])


def _end(hook: WebHook, why: str, now: dt.datetime) -> None:
    """An address that takes nothing is no longer called; what still waits for it is given up."""
    if hook.ended_at is None:
        hook.ended_at, hook.ended_why = now, why
        WebHookCall.objects.filter(hook=hook, state=WebHookCall.State.WAITING).update(
            state=WebHookCall.State.GIVEN_UP, done_at=now
        )
        audit.write_as(SYSTEM, "webhook.end", f"webhook:{hook.pk}", now, purpose=why)


def _count_failure(hook_id: int, now: dt.datetime) -> None:
    """One more message that was given up; an address with too many in a row is ended."""
    hook = WebHook.objects.select_for_update().get(pk=hook_id)
    hook.failures += 1
    if hook.failures >= GIVEN_UP_IN_A_ROW:
        _end(hook, f"连续 {hook.failures} 条消息未送达 / {hook.failures} messages in a row were not taken", now)
    hook.save(update_fields=["failures", "ended_at", "ended_why"])
