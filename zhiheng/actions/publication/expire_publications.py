"""Every day: take down entries whose statutory time of display is over, with a tombstone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.publication.entry_writer import Shelf
from zhiheng.grammar.call import Call
from zhiheng.ledger import bulk
from zhiheng.office.models import PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry

STEP = 500


def expire(*, call: Call, progress: Callable[[str, int, int | None], None] | None = None) -> int:
    """Take down every entry whose last day is before today. Pages leave them out from that day on anyway.

    Returns:
        How many.

    Raises:
        Refused: where the actor may not.
    """
    access.require(call, "publication.withdraw")
    count = 0
    while True:
        with transaction.atomic():
            bulk.lock()
            entries = list(
                PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN, show_until__lt=call.today).order_by(
                    "pk"
                )[:STEP]
            )
            if not entries:
                break
            shelf = Shelf(call.book, call.actor, call.now)
            shelf.take_down(entries, state=PublishedEntry.State.EXPIRED, cause="ended")
            shelf.close()
            PublicationRequest.objects.filter(
                entry__in=[e.pk for e in entries],
                state__in=PublicationRequest.UNDECIDED,
                verb=PublicationRequest.Verb.WITHDRAW,
            ).update(state=PublicationRequest.State.LAPSED, decided_at=call.now)
            audit.write(
                call, "publication.expire", f"entries:{entries[0].pk}-{entries[-1].pk}", detail={"count": len(entries)}
            )
            count += len(entries)
        if progress:
            progress("公示期满停止公示 taking down what has ended", count, None)
    _lapse(call.today)
    return count


def _lapse(today: dt.date) -> None:
    """A proposal whose time of display is over before anybody decided is over too; it was late, and stays on the file
    as such.
    """
    with transaction.atomic():
        bulk.lock()
        PublicationRequest.objects.filter(
            state=PublicationRequest.State.OPEN,
            verb__in=(PublicationRequest.Verb.PUBLISH, PublicationRequest.Verb.REPLACE),
            until__lt=today,
        ).update(state=PublicationRequest.State.LAPSED, decision="公示期在审核前已经届满。")
