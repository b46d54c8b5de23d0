"""Keep what somebody has half written for an act, and remind them of it on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.cases import line_writer, refusals
from zhiheng.engines.workflow.forms import LONGEST_TEXT, MOST
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office.cases import CaseDraft
from zhiheng.people import access


def save_draft(
    workflow: str,
    act: str,
    given: Mapping[str, Any],
    *,
    call: Call,
    case: int | None = None,
    remind_on: dt.date | None = None,
) -> CaseDraft:
    """The draft of the actor for an act of a case, or of one that is not opened yet; the last one takes the place of
    the one before. What was typed is kept as it is, and asked only when it is submitted. Raises Refused for a day of
    reminding that has gone by.
    """
    access.require_somewhere(call, "case.read")
    if remind_on is not None and remind_on < call.today:
        raise Refused(refusals.reminder_past(remind_on, call.today))
    known = case_book(call.book)
    if workflow not in known.workflows or call.actor.account is None:
        raise Refused(refusals.workflow_unknown(workflow))
    if act not in known.workflows[workflow].acts:
        raise Refused(refusals.act_unknown(act, known.workflows[workflow].page.label))
    fields = known.workflows[workflow].page.fields
    typed = {str(name): _kept(value) for name, value in given.items() if name in fields}
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        if case is not None:
            with line_writer.open_for_writing(case, call) as opened:
                line_writer.require_read(opened, opened.standing())
                workflow = opened.case.workflow
        kept = CaseDraft.objects.filter(account=call.actor.account, case=case, workflow=workflow, act=act)
        draft = kept.first() or CaseDraft(
            account=call.actor.account, case_id=case, workflow=workflow, act=act, at=call.now
        )
        draft.typed, draft.at, draft.remind_on = typed, call.now, remind_on
        draft.save()
        about = f"case:{case}" if case is not None else f"workflow:{workflow}"
        audit.write(call, "case.draft", about, detail={"act": act})
    return draft


def _kept(value: Any) -> Any:
    """What was typed, as it can be stored: without control characters, no longer than a field may be."""
    if isinstance(value, list | tuple):
        return [_kept(each) for each in value[:MOST]]
    return paragraphs(value)[:LONGEST_TEXT] if isinstance(value, str) else value


def drop_draft(number: int, *, call: Call) -> None:
    """Throw an own draft away; one of somebody else is answered like none."""
    access.require_somewhere(call, "case.read")
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        found = CaseDraft.objects.filter(pk=number).first()
        if found is None or found.account != call.actor.account:
            raise Refused(refusals.draft_absent(number))
        about = f"case:{found.case_id}" if found.case_id is not None else f"workflow:{found.workflow}"
        audit.write(call, "case.draft", about, detail={"act": found.act, "cleared": True})
        found.delete()
