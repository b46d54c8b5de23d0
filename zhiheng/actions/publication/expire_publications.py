"""Every day: take down entries whose statutory time of display is over, with a tombstone.

A tombstone can't be taken back, and a clock that was set forward makes everything look ended. So where the machine acts
by itself and much more would end than on other days, it takes nothing down and a person does: pages leave the entries
out meanwhile anyway, by the same clock, and show them again once it is right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.publication import refusals
from zhiheng.actions.publication.entry_writer import Shelf
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk
from zhiheng.office.models import PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry

STEP = 500
# By itself the machine takes down so many at once, or this share of what is shown.
USUAL, USUAL_SHARE = 200, 0.1


def expire(*, call: Call, progress: Callable[[str, int, int | None], None] | None = None) -> int:
    """Take down every entry whose last day is before today. Pages leave them out from that day on anyway.

    Returns:
        How many.

    Raises:
        Refused: where the actor may not; where nobody has looked at it and far more have ended than is usual.
    """
    access.require(call, "publication.withdraw")
    if call.actor.kind == "system":
        _is_usual(call.today)
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
            shelf = Shelf(call)
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


def _is_usual(today: dt.date) -> None:
    """Whether not more has ended than the machine may take down by itself. Raises Refused where more has."""
    shown = PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN)
    ended = shown.filter(show_until__lt=today).count()
    if ended > USUAL and ended > shown.count() * USUAL_SHARE:
        raise Refused(refusals.expiry_unusual(ended, today))


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
