"""Restrict who reads a case, or open it again: those who handle it and those who may restrict read it still."""

from __future__ import annotations

from zhiheng.actions.cases import line_writer, refusals
from zhiheng.actions.cases.act_in_case import LONGEST_REASON
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent
from zhiheng.people import access


def restrict_case(case: int, *, restricted: bool, reason: str, call: Call, place: int | None = None) -> CaseEvent:
    """The line that restricts a case, or ends that. Raises Refused without a reason, or where it is so already."""
    access.require_somewhere(call, "case.restrict")
    with line_writer.open_for_writing(case, call) as opened:
        standing = opened.standing()
        access.require(call, "case.restrict", **line_writer.target(opened, standing))
        line_writer.check_place(opened, place)
        row = line_writer.standing_row(opened.case)
        if row is not None and row.restricted == restricted:
            raise Refused(refusals.not_changed())
        text = paragraphs(reason)
        if not 2 <= len(text) <= LONGEST_REASON:
            raise Refused(refusals.reason_needed())
        data = {"on": restricted, "reason": text}
        return line_writer.write_machine_line(opened, case_log.RESTRICT, data, line_writer.Signer.of(call))
