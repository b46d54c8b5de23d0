"""The cases of an enterprise as it sees them in its corner: those that it knows of, what it can do in each, until when,
what was served on it. Nothing of what officers wrote among themselves, nothing of other parties.
"""

from __future__ import annotations

from dataclasses import dataclass

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.workflow.standing import Clock
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS, MAIN, CaseDocumentPage, main_party
from zhiheng.grammar.chapters.workflow_pages import WorkflowPage
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.reasons import Refused
from zhiheng.office.cases import CaseDocument, CaseDuty, CasePartyRow, CaseStandingRow
from zhiheng.people import access
from zhiheng.queries import refusals
from zhiheng.queries.case_papers import PaperFile, PaperFileForm, case_paper
from zhiheng.queries.case_reach import readable
from zhiheng.queries.cases import ActToChoose, CaseInList, CaseSheet, LineOfCase, case_sheet, in_list
from zhiheng.queries.known_cases import learned, subjects_of, tells
from zhiheng.queries.own_file import subject_of

PAGE = 50


@dataclass(frozen=True)
class OwnCase:
    """A case in the list of an enterprise: ``todo``: the next day by which it must or may do something itself."""

    row: CaseInList
    todo: CaseDuty | None


@dataclass(frozen=True)
class PartySheet:
    """A case for its party: the acts that it can do now, its own periods, those of the office, what it did itself and
    was told (latest first; also what was struck since), and the documents served on it.
    """

    sheet: CaseSheet
    role: str
    acts: tuple[ActToChoose, ...]
    own_clocks: tuple[Clock, ...]
    office_clocks: tuple[Clock, ...]
    lines: tuple[tuple[LineOfCase, bool], ...]
    papers: tuple[CaseDocument, ...]


def own_cases(*, after: str = "", call: Call) -> Page[OwnCase]:
    """A page of the cases that the enterprise knows of, those that run first; objections stand on their own page."""
    access.require_somewhere(call, "firm.answer")
    objections = [name for name, entry in call.book[WORKFLOWS].items() if entry.page.reads is not None]
    rows = CaseStandingRow.objects.filter(readable(call), restricted=False).exclude(workflow__in=objections)
    page = Keyset("final", "-opened_on", "-case").page(rows.select_related("case"), after, PAGE)
    numbers = [row.case_id for row in page.rows]
    todo: dict[int, CaseDuty] = {}
    duties = CaseDuty.objects.filter(case__in=numbers, at="party", kind__in=(CaseDuty.Kind.DUTY, CaseDuty.Kind.RIGHT))
    roles = _roles(numbers, call)
    for duty in duties.exclude(due=None).order_by("ends_at", "id"):
        if duty.hand == roles.get(duty.case_id):
            todo.setdefault(duty.case_id, duty)
    rows_in_words = in_list(page.rows, call)
    return page.made([OwnCase(one, todo.get(one.case.pk)) for one in rows_in_words], None)


def _roles(numbers: list[int], call: Call) -> dict[int, str]:
    """As which party the enterprise stands in each case."""
    rows = CasePartyRow.objects.filter(case__in=numbers, subject__in=sorted(subjects_of(call)))
    return dict(rows.order_by("-id").values_list("case", "role"))


def party_sheet(number: int, *, call: Call) -> PartySheet:
    """One case for its party; reading it is noted. Raises Refused where the enterprise knows of no such case."""
    access.require(call, "firm.answer", subject=subject_of(call.actor))
    sheet = case_sheet(number, call=call)
    role = _roles([number], call).get(number, "")
    page = sheet.workflow.page
    if not role or page.reads is not None:
        raise Refused(refusals.case_absent(number))
    learns = learned(sheet.case.workflow, role, call.book)
    mine = {name for name, act in page.acts.items() if role in act.by}
    own, office = [], []
    for clock in sheet.clocks:
        period = page.periods[clock.period]
        if period.in_ is not None and page.states[period.in_].untold:
            continue
        if any(name.partition(".")[0] in mine for name in (*period.duty, *period.right, *period.wait)):
            own.append(clock)
        elif period.duty:
            office.append(clock)
    lines = []
    for line in sheet.lines:
        if line.event is not None:
            is_own, told = tells(line.event, role, call.book)
            if is_own or told:
                lines.append((line, is_own))
        elif line.derived in learns:
            # It was told by what was done in a case that this one opened.
            lines.append((line, False))
    return PartySheet(
        sheet,
        role,
        tuple(act for act in sheet.acts if act.possible and act.name in mine),
        tuple(own),
        tuple(office),
        tuple(lines),
        tuple(_papers(sheet, lines, role, call)),
    )


def _papers(sheet: CaseSheet, lines: list[tuple[LineOfCase, bool]], role: str, call: Call) -> list[CaseDocument]:
    """The documents that were served: those of the lines by which the party was told, and those made before that are
    addressed to it. What the party does itself serves nothing: a notice that is approved and not served yet stays with
    the authority.
    """
    shown = {line.event.pk for line, _ in lines if line.event is not None}
    told = [line.event.place for line, own in lines if line.event is not None and not own and line.struck_by is None]
    last = max(told, default=0)
    page = sheet.workflow.page
    found = []
    for line in sheet.lines:
        if line.event is None or line.struck_by is not None:
            continue
        for paper in line.documents:
            entry = call.book[CASE_DOCUMENTS].get(paper.document)
            addressed = entry is not None and is_addressed(entry.page, role, page)
            if paper.content and (line.event.pk in shown or (addressed and line.event.place <= last)):
                found.append(paper)
    return found


def is_addressed(paper: CaseDocumentPage, role: str, page: WorkflowPage) -> bool:
    """Whether a paper is for a party: it says so, or it is a notice about whom the case is about that names nobody else
    to whom it goes, as decisions do.
    """
    named = {f"{{party.{role}}}"} | ({f"{{party.{MAIN}}}"} if role == main_party(page) else set())
    if paper.to or paper.kind != "notice":
        return any(name in paper.to for name in named)
    return any(name in text for _, text, _ in paper.texts() for name in named)


def party_paper(number: int, *, form: PaperFileForm, verify_at: str, call: Call) -> PaperFile:
    """A document that was served on the enterprise, as a file. Raises Refused where there is none such.

    Args:
        number: the number of the document.
        form: pdf or docx.
        verify_at: the address of the verification page, to which the code is added.
    """
    access.require(call, "firm.answer", subject=subject_of(call.actor))
    case = CaseDocument.objects.filter(pk=number).values_list("case", flat=True).first()
    if case is None:
        raise Refused(refusals.case_document_absent())
    try:
        sheet = party_sheet(case, call=call)
    except Refused:
        raise Refused(refusals.case_document_absent()) from None
    if number not in {paper.pk for paper in sheet.papers}:
        raise Refused(refusals.case_document_absent())
    return case_paper(number, form=form, verify_at=verify_at, call=call, told_in=case)
