"""Say that two cases belong together, or that one repeats another."""

from __future__ import annotations

from zhiheng.actions.cases import line_writer, refusals
from zhiheng.actions.cases.line_writer import OpenCase
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.case_log import family_of
from zhiheng.office.cases import Case, CaseEvent, CaseLink
from zhiheng.people import access
from zhiheng.queries.refusals import case_absent


def link_cases(case: int, other: int, *, call: Call) -> CaseEvent:
    """The line of the first case that says that the other belongs to it. Each of them shows the other."""
    access.require_somewhere(call, "case.handle")
    with line_writer.open_for_writing(case, call) as opened:
        found = _other(opened, other, call)
        both = CaseLink.objects.filter(parent__in=(case, other), child__in=(case, other), relation=case_log.LINKED)
        if both.exists():
            raise Refused(refusals.linked_already())
        data = {"case": found.pk, "number": found.number}
        line = line_writer.write_machine_line(opened, case_log.LINK, data, line_writer.Signer.of(call))
        CaseLink.objects.create(parent=opened.case, child=found, relation=case_log.LINKED, line=line.pk)
        return line


def mark_duplicate(case: int, of: int, *, call: Call) -> CaseEvent:
    """The line that says that a case repeats another one. It stays as it is: who handles it ends it by its workflow."""
    access.require_somewhere(call, "case.handle")
    with line_writer.open_for_writing(case, call) as opened:
        found = _other(opened, of, call)
        if CaseLink.objects.filter(parent=found, child=case, relation=case_log.DUPLICATE_OF).exists():
            raise Refused(refusals.linked_already())
        data = {"case": found.pk, "number": found.number}
        line = line_writer.write_machine_line(opened, case_log.DUPLICATE, data, line_writer.Signer.of(call))
        CaseLink.objects.create(parent=found, child=opened.case, relation=case_log.DUPLICATE_OF, line=line.pk)
        return line


def _other(opened: OpenCase, number: int, call: Call) -> Case:
    """The other case, which the actor must be able to read. Raises Refused where it can't be it."""
    access.require(call, "case.handle", **line_writer.target(opened, opened.standing()))
    if number == opened.case.pk:
        raise Refused(refusals.same_case())
    found = Case.objects.filter(pk=number).first()
    if found is None:
        raise Refused(case_absent(number))
    other = OpenCase(found, family_of([number], opened.book), opened.book, call)
    line_writer.require_read(other, other.standing())
    return found
