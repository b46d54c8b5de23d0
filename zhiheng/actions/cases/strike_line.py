"""Strike a line of a case: it counts no more, stays to be read with the reason, and the fact that it handed in is taken
back. A new line says so; the old one is never changed.
"""

from __future__ import annotations

from zhiheng.actions.cases import line_writer, refusals
from zhiheng.actions.cases.act_in_case import LONGEST_REASON
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent, CaseHandIn
from zhiheng.people import access


def strike_line(number: int, *, reason: str, call: Call, place: int | None = None) -> CaseEvent:
    """The line that strikes it. Raises Refused where it was struck before, is one of the machine's own, or is the
    actor's own.
    """
    access.require_somewhere(call, "case.strike")
    line = CaseEvent.objects.filter(pk=number).first()
    if line is None:
        raise Refused(refusals.line_absent(number))
    text = paragraphs(reason)
    with line_writer.open_for_writing(line.case_id, call) as opened:
        standing = opened.standing()
        access.require(call, "case.strike", **line_writer.target(opened, standing))
        line_writer.check_place(opened, place)
        if line.act.startswith("@") and line.act != case_log.COMMENT:
            raise Refused(refusals.line_absent(number))
        if line.pk in opened.family.struck:
            raise Refused(refusals.struck_already())
        if {call.actor.id, call.actor.acting_for or call.actor.id} & {*case_log.names_in(case_log.people_of(line))}:
            raise Refused(refusals.own_line())
        if not 2 <= len(text) <= LONGEST_REASON:
            raise Refused(refusals.reason_needed())
        data = {"line": line.pk, "reason": text}
        struck = line_writer.write_machine_line(opened, case_log.STRIKE, data, line_writer.Signer.of(call))
        CaseHandIn.objects.filter(line=line).update(struck_by=struck.pk)
    return struck
