"""Ask that something published be taken down because an objection stands: a request with its statutory day, decided by
somebody else.
"""

from __future__ import annotations

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import bulk
from zhiheng.office.models import Objection, PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import objection_holds, publishable


def ask_withdrawal(objection: int, public_id: str, *, cause: str, reason: str, call: Call) -> int:
    """The request; one that waits already is given back. The entry says from now on that the objection stands."""
    found = Objection.objects.filter(pk=objection).first()
    entry = PublishedEntry.objects.filter(public_id=public_id).first()
    if found is None or found.fact is None or entry is None or entry.fact != found.fact:
        access.require_somewhere(call, "publication.propose")
        raise Refused(
            Refusal(
                "objection.entry",
                "这件异议所涉的事实没有这个公示条目；请核对编号。",
                "The fact of this objection has no such entry; check the number.",
            )
        )
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
        wrong.append(Refusal("withdrawal.cause", "请选择撤下的原因。", "Choose why it is taken down.", "cause"))
    if not reason.strip():
        wrong.append(
            Refusal("withdrawal.reason", "请写明核实的情况和撤下的理由。", "Say what was verified and why.", "reason")
        )
    if found.state not in (Objection.State.OPEN, Objection.State.UPHELD):
        wrong.append(Refusal("objection.decided", "这件异议已经办结或者撤回。", "This objection is closed already."))
    if wrong:
        raise Refused(*wrong)
    with transaction.atomic():
        bulk.lock()
        entry.refresh_from_db()
        if entry.state != PublishedEntry.State.SHOWN:
            raise Refused(
                Refusal(
                    "publication.gone",
                    "这个条目已经不在公示，无须再提。",
                    "The entry is not shown any more; nothing is left to be done.",
                )
            )
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
