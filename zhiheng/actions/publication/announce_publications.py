"""Announce publications, corrections and withdrawals to other systems: queue a web hook message for each, since the
last run.

A message names an entry and its address, and repeats nothing of its content: a message that waits for an address that
does not answer must not outlive a withdrawal. A killed run is continued, and each entry is announced once.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max

from zhiheng.actions.webhooks.deliver_webhooks import announce
from zhiheng.ledger import bulk
from zhiheng.office.models import PublicationMark
from zhiheng.office.webhooks import WebHook
from zhiheng.published.models import PublishedEntry, Withdrawal

EVENTS = frozenset({"publication.shown", "publication.corrected", "publication.withdrawn"})
STEP = 200
_TABLES: dict[str, Any] = {"told.entries": PublishedEntry, "told.withdrawals": Withdrawal}


def is_untold() -> bool:
    """Whether something was published or taken down since the last run."""
    return any(_last(name) > _mark(name) for name in _TABLES)


def tell_publications(*, now: dt.datetime) -> int:
    """Put the messages down; returns how many. What happened before anybody registered for it is passed over."""
    since = min((hook.at for hook in WebHook.objects.filter(ended_at=None) if EVENTS & set(hook.events)), default=None)
    if since is None:
        for name in _TABLES:
            _set(name, _last(name))
        return 0
    return _tell_entries(since, now) + _tell_withdrawals(since, now)


def _tell_entries(since: dt.datetime, now: dt.datetime) -> int:
    count, last = 0, _last("told.entries")
    while (mark := _mark("told.entries")) < last:
        found = PublishedEntry.objects.filter(pk__gt=mark, pk__lte=last, published_at__gte=since)
        entries = list(found.select_related("predecessor").order_by("pk")[:STEP])
        for entry in entries:
            if entry.state != PublishedEntry.State.SHOWN:
                # It was taken down meanwhile, and that is told.
                continue
            before = getattr(entry, "predecessor", None)
            told = {
                "id": entry.public_id,
                "list": entry.list,
                "record": entry.record,
                "area": entry.area,
                "occurred_on": entry.occurred_on.isoformat(),
                "published_at": entry.published_at.isoformat(),
                "show_until": entry.show_until.isoformat() if entry.show_until else None,
                "takes_place_of": before.public_id if before else "",
                "path": f"/api/v1/public/entries/{entry.public_id}",
            }
            count += announce("publication.shown", f"entry:{entry.public_id}", told, now=now)
        _set("told.entries", entries[-1].pk if len(entries) == STEP else last)
    return count


def _tell_withdrawals(since: dt.datetime, now: dt.datetime) -> int:
    count, last = 0, _last("told.withdrawals")
    while (mark := _mark("told.withdrawals")) < last:
        found = Withdrawal.objects.filter(pk__gt=mark, pk__lte=last, at__gte=since)
        stones = list(found.order_by("pk")[:STEP])
        for stone in stones:
            event = "publication.corrected" if stone.cause == "corrected" else "publication.withdrawn"
            told = {
                "id": stone.public_id,
                "list": stone.list,
                "cause": stone.cause,
                "taken_down_at": stone.at.isoformat(),
                "successor": stone.successor,
            }
            count += announce(event, f"entry:{stone.public_id}", told, now=now)
        _set("told.withdrawals", stones[-1].pk if len(stones) == STEP else last)
    return count


def _last(name: str) -> int:
    return int(_TABLES[name].objects.aggregate(last=Max("pk"))["last"] or 0)


def _mark(name: str) -> int:
    return PublicationMark.objects.filter(name=name).values_list("value", flat=True).first() or 0


def _set(name: str, value: int) -> None:
    if value != _mark(name):
        with transaction.atomic():
            bulk.lock()
            PublicationMark.objects.update_or_create(name=name, defaults={"value": value})
