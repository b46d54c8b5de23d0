"""A fact of the ledger is taken up by one case, once; an officer may also decline it with a reason, or put it into the
case that took up an earlier one of the same sample or party.
"""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.cases import line_writer, refusals
from zhiheng.engines.workflow.from_facts import hashed
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.ledger.models import Fact
from zhiheng.office import case_log
from zhiheng.office.case_facts import CaseFact, CaseFactDecision
from zhiheng.office.cases import Case, CaseEvent
from zhiheng.people import access
from zhiheng.queries.refusals import fact_not_proposed

LONGEST_REASON = 2_000
_FREE = (CaseFact.State.WAITING, CaseFact.State.DECLINED, CaseFact.State.LAPSED)


def require_free(workflow: str, facts: Collection[int]) -> None:
    """Raise Refused where a case of the workflow has taken up one of the facts; the caller holds the lock of cases."""
    taken = CaseFact.objects.filter(workflow=workflow, opens=True, state=CaseFact.State.TAKEN, fact__in=facts)
    refused = [
        refusals.fact_taken(row.fact, row.case.number if row.case else "") for row in taken.select_related("case")
    ]
    if refused:
        raise Refused(*refused)


def take_up(case: Case, line: CaseEvent, act: str, quality: str, facts: Collection[int], call: Call) -> None:
    """The facts because of which a case was opened, as taken up by it; the caller holds the lock of cases."""
    if not facts:
        return
    access.require_somewhere(call, "firm.answer" if call.actor.kind == "enterprise" else "case.open")
    rows = CaseFact.objects.filter(workflow=case.workflow, opens=True, fact__in=facts)
    known = set(rows.values_list("fact", flat=True))
    rows.update(state=CaseFact.State.TAKEN, case=case, line=line.pk)
    CaseFact.objects.bulk_create(
        CaseFact(
            workflow=case.workflow,
            act=act,
            fact=fact.id,
            now=fact.id,
            record=fact.record,
            unit=fact.unit,
            area=fact.area,
            quality=quality,
            key=hashed([case.workflow, fact.record, fact.id]),
            day=line.happened_on,
            shows_on=line.happened_on,
            state=CaseFact.State.TAKEN,
            case=case,
            line=line.pk,
            seen_at=line.entered_at,
        )
        for fact in Fact.objects.filter(id__in=set(facts) - known)
    )


def decline_fact(number: int, *, reason: str, call: Call) -> CaseFact:
    """Open no case because of a fact, and say why. It can be taken up later all the same.

    Raises Refused where there is no such fact within reach, it is no longer waiting, or no reason is given.
    """
    access.require_somewhere(call, "case.open")
    text = paragraphs(reason)
    if not 2 <= len(text) <= LONGEST_REASON:
        raise Refused(refusals.reason_needed())
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        case_log.lock()
        row = _mine(number, call)
        if row.state not in (CaseFact.State.WAITING, CaseFact.State.LAPSED):
            raise Refused(refusals.fact_decided(row.fact))
        CaseFactDecision.objects.create(of=row, by=str(call.actor), name=call.actor.name, at=call.now, reason=text)
        row.state = CaseFact.State.DECLINED
        row.save(update_fields=["state"])
        audit.write(call, "case.decline_fact", f"fact:{row.fact}", detail={"workflow": row.workflow, "act": row.act})
    return row


def join_case(number: int, *, call: Call) -> CaseFact:
    """Put a fact into the running case that took up an earlier one of the same: the case says so from now on.

    Raises Refused where there is no such fact or case within reach, or it is no longer waiting.
    """
    access.require_somewhere(call, "case.open")
    row = _mine(number, call)
    if row.case_id is None or not row.opens:
        raise Refused(refusals.fact_decided(row.fact))
    with line_writer.open_for_writing(row.case_id, call) as opened:
        access.require(call, "case.handle", **line_writer.target(opened, opened.standing()))
        row = _mine(number, call)
        if row.state not in _FREE:
            raise Refused(refusals.fact_decided(row.fact))
        data = {"text": f"同一事项又有事实 {row.now}，并入本案。", "fact": row.now}
        line = line_writer.write_machine_line(opened, case_log.FACT, data, line_writer.Signer.of(call))
        row.state, row.line = CaseFact.State.TAKEN, line.pk
        row.save(update_fields=["state", "line"])
    return row


def _mine(number: int, call: Call) -> CaseFact:
    row = CaseFact.objects.filter(pk=number).first()
    refused = row is None or access.may(
        call, "case.open", unit=row.unit, area=row.area, quality=row.quality, workflow=row.workflow
    )
    if row is None or refused:
        raise Refused(fact_not_proposed(number))
    return row
