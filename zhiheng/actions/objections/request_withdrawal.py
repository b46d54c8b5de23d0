"""Request that a published entry be taken down because an objection stands: with its statutory day, decided by another
officer.
"""

from __future__ import annotations

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.objections import refusals
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import bulk
from zhiheng.office.models import Objection, PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import objection_holds, publishable


def ask_withdrawal(objection: int, public_id: str, *, cause: str, reason: str, call: Call) -> int:
    """Request that an entry be taken down. The entry is marked as contested from now on.

    Args:
        cause: a cause of the book.

    Returns:
        The id of the request; one that waits already is returned.

    Raises:
        Refused: where the entry is not that of the objection, or is not shown.
    """
    found = Objection.objects.filter(pk=objection).first()
    entry = PublishedEntry.objects.filter(public_id=public_id).first()
    if found is None or found.fact is None or entry is None or entry.fact != found.fact:
        access.require_somewhere(call, "publication.propose")
        raise Refused(refusals.entry_not_of_objection())
    access.require(
        call,
        "publication.propose",
        record=entry.record,
        area=entry.area,
        unit=entry.unit,
        quality=call.book[RECORDS][entry.record].record.quality if entry.record in call.book[RECORDS] else None,
    )
    access.require(
        call, "objection.answer", unit=found.unit, area=found.area, subject=found.subject, record=found.record
    )
    wrong: list[Refusal] = []
    if cause not in publishable.chapter(call.book).portal.causes or cause in ("corrected", "superseded"):
        wrong.append(refusals.withdrawal_cause_not_chosen())
    if not reason.strip():
        wrong.append(refusals.withdrawal_needs_reason())
    if found.state not in (Objection.State.OPEN, Objection.State.UPHELD):
        wrong.append(refusals.objection_closed())
    if wrong:
        raise Refused(*wrong)
    with transaction.atomic():
        bulk.lock()
        entry.refresh_from_db()
        if entry.state != PublishedEntry.State.SHOWN:
            raise Refused(refusals.entry_not_shown())
        waiting = PublicationRequest.objects.filter(
            fact=entry.fact, verb=PublicationRequest.Verb.WITHDRAW, state__in=PublicationRequest.UNDECIDED
        )
        if (before := waiting.first()) is not None:
            return int(before.pk)
        within = objection_holds.remedy_within(call.book, entry.record, cause, call.today)
        due_on, due_basis = publishable.due_at_once(within, call.today)
        request = PublicationRequest.objects.create(
            verb=PublicationRequest.Verb.WITHDRAW,
            fact=entry.fact,
            entry=entry.pk,
            record=entry.record,
            list=entry.list,
            unit=entry.unit,
            area=entry.area,
            outcome=entry.outcome,
            occurred_on=entry.occurred_on,
            title=entry.title_zh,
            cause=cause,
            person=entry.person,
            due_on=due_on,
            due_basis=due_basis,
            proposed_by=str(call.actor),
            proposed_at=call.now,
            reason=f"异议（回执 {found.receipt}）成立：{reason.strip()}",
        )
        audit.write(
            call, "publication.propose", f"fact:{entry.fact}", detail={"request": request.pk, "objection": found.pk}
        )
    return int(request.pk)
