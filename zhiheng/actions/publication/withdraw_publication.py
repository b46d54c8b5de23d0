"""Take something published down, at once: from the portal, its lists and feeds, and from every bulk file."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.publication import refusals
from zhiheng.actions.publication.entry_writer import Shelf
from zhiheng.actions.publication.rebuild_open_data import after_a_withdrawal
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk
from zhiheng.office.models import PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import publishable


def withdraw(public_ids: Sequence[str], *, cause: str, reason: str, call: Call) -> int:
    """Take entries down. Entries that are down already are left as they are.

    Open requests about the entries lapse; nothing is proposed again unless by hand, or after a new statement of the
    fact.

    Args:
        cause: a cause of the book, whose notice the public reads.
        reason: for the file.

    Returns:
        How many.

    Raises:
        Refused: without a reason, for an unknown cause, or where an entry is absent or outside of the actor's reach.
    """
    portal = publishable.chapter(call.book).portal
    if not cause:
        raise Refused(refusals.cause_missing())
    if cause not in portal.causes:
        raise Refused(refusals.cause_unknown(cause, portal.causes))
    if not reason.strip():
        raise Refused(refusals.withdrawal_needs_reason())
    with transaction.atomic():
        bulk.lock()
        found = list(PublishedEntry.objects.filter(public_id__in=public_ids).order_by("pk"))
        if len(found) < len(set(public_ids)):
            raise Refused(refusals.entry_absent())
        for record, area, unit in dict.fromkeys((e.record, e.area, e.unit) for e in found):
            access.require(
                call,
                "publication.withdraw",
                record=record,
                area=area,
                unit=unit,
                quality=call.book[RECORDS][record].record.quality if record in call.book[RECORDS] else None,
            )
        entries = [entry for entry in found if entry.state == PublishedEntry.State.SHOWN]
        if not entries:
            return 0
        within = publishable.withdraw_within(call.book, entries[0].record, cause, call.today)
        shelf = Shelf(call)
        shelf.take_down(
            entries,
            state=PublishedEntry.State.WITHDRAWN,
            cause=cause,
            reason=reason,
            due_on=within.day if within else None,
        )
        shelf.close()
        PublicationRequest.objects.filter(
            entry__in=[e.pk for e in entries], state__in=PublicationRequest.UNDECIDED
        ).exclude(verb__in=(PublicationRequest.Verb.REPLACE, PublicationRequest.Verb.CORRECT)).update(
            state=PublicationRequest.State.LAPSED, decided_at=call.now, decision=reason
        )
        audit.write(
            call,
            "publication.withdraw",
            ",".join(e.public_id for e in entries[:20]),
            detail={"count": len(entries), "cause": cause, "reason": reason, "facts": [e.fact for e in entries[:500]]},
        )
        lists = sorted({entry.list for entry in entries})
        transaction.on_commit(lambda: after_a_withdrawal(lists, book=call.book, now=call.now))
    return len(entries)
