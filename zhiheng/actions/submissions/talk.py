"""What the sender of a case says by its receipt: an answer, new facts, a message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zhiheng.actions.cases import line_writer
from zhiheng.actions.cases.act_in_case import ActDone, act_in_case, shows_receipt
from zhiheng.actions.cases.line_writer import KeptFile
from zhiheng.actions.messages.remind import remind
from zhiheng.actions.submissions import refusals
from zhiheng.actions.submissions.photographs import keep_photographs
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.messages import MESSAGES
from zhiheng.grammar.chapters.submissions import SUBMISSIONS, SenderAsks, SubmissionKind
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import case_log
from zhiheng.office.cases import Case, CaseEvent
from zhiheng.people import access
from zhiheng.queries.case_duties import unheard_of
from zhiheng.queries.refusals import receipt_opens_nothing

LONGEST = 5_000
A_DAY = 10
"""Messages of one sender within a day."""


def say_in_case(case: int, text: str, *, receipt: str, call: Call, photographs: Sequence[bytes] = ()) -> CaseEvent:
    """A message of the sender as a line of the case, also after it has ended; it changes nothing of the standing.

    Raises Refused for a receipt that is not this case's, an empty message, and the eleventh of a day.
    """
    access.require_somewhere(call, "case.submit")
    said = paragraphs(text)
    if not (said or photographs) or len(said) > LONGEST:
        raise Refused(refusals.words_needed(LONGEST))
    files = keep_photographs(photographs, call=call)
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        line = _message(case, said, files, receipt=receipt, call=call)
        _announce(case, call)
    return line


def _message(case: int, said: str, files: Sequence[KeptFile], *, receipt: str, call: Call) -> CaseEvent:
    with line_writer.open_for_writing(case, call, receipt=receipt) as opened:
        if not shows_receipt(opened.case, receipt):
            raise Refused(receipt_opens_nothing())
        today = [line for line in opened.lines if _of_sender(line) and _on(line) == call.today]
        if len(today) >= A_DAY:
            raise Refused(refusals.many_messages(A_DAY))
        data = {"text": said, case_log.WITH: case_log.SENDER}
        signer = line_writer.Signer.of(call)
        return line_writer.write_machine_line(opened, case_log.COMMENT, data, signer, files=files)


def answer_in_case(
    case: int, act: str, text: str, *, receipt: str, call: Call, photographs: Sequence[bytes] = ()
) -> ActDone:
    """An act that the book gives to the sender: whether it is solved, opening it again, new facts. Photographs stand in
    a message of their own beside it; both are written, or none.

    Raises Refused where the book has no such act for the sender, or the case does not stand so.
    """
    access.require_somewhere(call, "case.submit")
    page = call.book[SUBMISSIONS]
    workflow = Case.objects.filter(pk=case).values_list("workflow", flat=True).first()
    kind = page.of_workflow(workflow or "") if page is not None else None
    asked = _asked(kind[1], act) if kind is not None else None
    if asked is None:
        raise Refused(refusals.not_an_answer())
    said = paragraphs(text)
    if asked.field is not None and not 0 < len(said) <= LONGEST:
        raise Refused(refusals.words_needed(LONGEST))
    files = keep_photographs(photographs, call=call)
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        done = act_in_case(case, act, {asked.field: said} if asked.field else {}, call=call, receipt=receipt)
        if files:
            _message(case, "", files, receipt=receipt, call=call)
        _announce(case, call)
    return done


def _announce(case: int, call: Call) -> None:
    """Tell the officers of the case that its sender has said something; neither who it is nor what was said."""
    system = call.by(SYSTEM)
    for name in call.book[MESSAGES].about("talk"):
        for duty in unheard_of(case, system):
            remind(duty, kind=name, call=system)


def _asked(kind: SubmissionKind, act: str) -> SenderAsks | None:
    return next((one for one in (kind.supplement, *kind.answers) if one is not None and one.act == act), None)


def _of_sender(line: CaseEvent) -> bool:
    people = case_log.people_of(line)
    return line.act == case_log.COMMENT and all(each["who"] == PUBLIC.id for each in people)


def _on(line: CaseEvent) -> dt.date:
    return timezone.localtime(line.entered_at).date()
