"""The demo's portal: everything proposed, approved by a second account, counted and written as open data.

The same actions that officers use, in the order in which a day brings them; nothing is written past them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from zhiheng.actions.publication.approve import approve_all
from zhiheng.actions.publication.approve_in_bulk import newest_failures, newest_of_each, publish_in_bulk
from zhiheng.actions.publication.expire_publications import expire
from zhiheng.actions.publication.propose_publication import propose
from zhiheng.actions.publication.publish_statistics import publish_statistics
from zhiheng.actions.publication.rebuild_open_data import rebuild
from zhiheng.analytics.lake import Lake
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.office.models import PublicationRequest
from zhiheng.people import access

# Newest first, and so many left for whoever tries the queue; those with a doubt are left as well.
LEFT_OPEN = 12
# The demo shows about so many of each record, the newest: a portal to try, made in a minute.
MOST = 4_000
REASON = "演示"


def publish_demo(
    book: Book,
    lake: Lake,
    *,
    proposer: Actor,
    approver: Actor,
    now: dt.datetime,
    as_of: dt.date | None = None,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> dict[str, int]:
    """Fill the portal of the demo; returns what was done. May be run again: what is published already stays."""
    access.require(Call(proposer, book, now), "publication.propose")
    left = newest_failures(LEFT_OPEN, book=book, now=now)
    filled = publish_in_bulk(
        proposer=proposer,
        approver=approver,
        book=book,
        now=now,
        reason=REASON,
        leave=left,
        since=newest_of_each(MOST, book=book),
        progress=progress,
    )
    # Merges and splits, and enterprises that exist no more.
    proposed = propose(call=Call(proposer, book, now), progress=progress)
    waiting = PublicationRequest.objects.filter(
        state=PublicationRequest.State.OPEN, verb=PublicationRequest.Verb.PUBLISH
    )
    open_now = list(
        waiting.filter(outcome="fail").order_by("-occurred_on", "-pk").values_list("pk", flat=True)[:LEFT_OPEN]
    )
    approved = approve_all(
        PublicationRequest.objects.exclude(pk__in=open_now),
        call=Call(approver, book, now),
        reason=REASON,
        progress=progress,
    )
    return {
        "proposed": filled.proposed + sum(proposed.made.values()),
        "published": filled.published + approved,
        "expired": expire(call=Call(approver, book, now)),
        "figures": publish_statistics(
            lake, as_of=as_of or now.date(), call=Call(approver, book, now), progress=progress
        ),
        "files": len(rebuild(call=Call(approver, book, now), progress=progress)),
    }
