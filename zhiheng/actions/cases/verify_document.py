"""Check whether a document of a case is genuine and still stands. Open to the public.

Who knows the code of a document holds the paper. The page says who issued it, when, under which number and digest, and
whether the line that issued it was struck: nothing of what the paper says, and of nobody whom it names.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256

from zhiheng.actions.cases import refusals
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.cases import CaseDocument, CaseEvent


@dataclass(frozen=True, slots=True)
class VerifiedPaper:
    """What is known of a document: what it is called, who issued it on which day under which number and digest.

    ``whole``: its content still has that digest. ``struck``: the act that issued it was struck since.
    """

    label: Label
    unit: Label
    number: str
    day: dt.date
    digest: str
    whole: bool
    struck: bool


def verify_document(code: str, *, book: Book) -> VerifiedPaper:
    """What is known of the document with this code, however it was typed. Raises Refused where there is none."""
    plain = "".join(code.lower().split()).replace("-", "")
    row = CaseDocument.objects.select_related("line").filter(code=plain).first() if plain else None
    if row is None:
        raise Refused(refusals.document_unknown())
    page = book[CASE_DOCUMENTS].get(row.document)
    label = page.page.label if page is not None else Label(zh=row.document, en=row.document)
    names = book[DISTRICT].names
    unit = names.get(row.unit) or Label(zh=row.unit or "—", en=row.unit or "—")
    strikes = CaseEvent.objects.filter(case=row.case_id, act=case_log.STRIKE)
    return VerifiedPaper(
        label,
        unit,
        row.number,
        row.line.happened_on,
        row.content_digest,
        sha256(row.content.encode()).hexdigest() == row.content_digest,
        row.line_id in case_log.struck_lines(strikes),
    )
