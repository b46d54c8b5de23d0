"""A document of a case as a file, for those who may read the case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from zhiheng.engines.papers.content import as_content
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.kernel.reasons import Refused
from zhiheng.office.case_log import family_of
from zhiheng.office.cases import CaseDocument, CaseStandingRow
from zhiheng.office.issued_paper import IssuedPaper
from zhiheng.people import access, trail
from zhiheng.queries import refusals
from zhiheng.queries.cases import may_read

PaperFileForm = Literal["pdf", "docx"]
VERIFICATION = "扫描二维码，或者在核验页面输入编号，可以核对本文书是否由本机关出具。"


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file and what it is called."""

    name: str
    content: bytes


def readable_paper(number: int, *, call: Call, told_in: int | None = None) -> CaseDocument:
    """A document that is made and whose case the actor may read; ``told_in`` and Refused as of ``case_paper``."""
    row = CaseDocument.objects.select_related("case").filter(pk=number).exclude(content="").first()
    standing = CaseStandingRow.objects.filter(case=row.case_id).first() if row is not None else None
    if row is None or standing is None:
        raise Refused(refusals.case_document_absent())
    if told_in is not None:
        access.require(call, "case.submit")
        readable = row.case_id == told_in
    else:
        lines = family_of([row.case_id], case_book(call.book)).lines[row.case_id]
        readable = may_read(standing, lines, call)
    if not readable:
        raise Refused(refusals.case_document_absent())
    return row


def case_paper(
    number: int, *, form: PaperFileForm, verify_at: str, call: Call, told_in: int | None = None
) -> PaperFile:
    """A document as a file, made of its frozen content; reading it is noted.

    ``verify_at`` is the address of the verification page, to which the code is added. ``told_in``: the case whose
    receipt the page has checked, and which tells its sender of this document. Raises Refused where there is none, it is
    not made yet, or its case may not be read, alike.

    Args:
        number: the number of the document.
        form: pdf or docx.
    """
    row = readable_paper(number, call=call, told_in=told_in)
    # Read when the first paper is made: what writes paper is a good part of all code, and every page would wait for it.
    from zhiheng.office import paper_docx, paper_pdf

    paper = IssuedPaper(as_content(json.loads(row.content)), f"{verify_at}{row.code}/", VERIFICATION)
    entry = call.book[CASE_DOCUMENTS].get(row.document)
    file = (
        paper_pdf.write(paper)
        if form == "pdf"
        else paper_docx.write(paper, entry.template if entry is not None else None)
    )
    trail.note(call, "case.read", f"case:{row.case_id}")
    return PaperFile(f"{paper.content.title} {row.number or row.case.number}.{form}", file)
