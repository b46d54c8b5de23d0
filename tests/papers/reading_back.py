"""What a paper says, read back from its files."""

from __future__ import annotations

import io
import re

from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from zhiheng.engines.papers.content import PaperContent
from zhiheng.office import paper_pdf
from zhiheng.office.issued_paper import IssuedPaper

ADDRESS = "https://quality.example/verify/paper/abcdefgh/"
VERIFY = "扫描二维码，可以核对本文书。"


def bare(text: str) -> str:
    """A text without blanks and line ends: where lines break is no part of what a paper says."""
    return re.sub(r"\s", "", text)


def said_in_pdf(file: bytes, content: PaperContent) -> str:
    """What stands on the pages of a PDF but the foot."""
    pages = PdfReader(io.BytesIO(file)).pages
    told = []
    for number, page in enumerate(pages, 1):
        text = bare(page.extract_text())
        foot = bare(paper_pdf.page_of(number, len(pages)))
        if number == 1:
            foot += bare(IssuedPaper(content, ADDRESS, VERIFY).digest) + ADDRESS + VERIFY
        assert foot in text, f"the foot of page {number}"
        told.append(text.replace(foot, "", 1))
    return "".join(told)


def said_in_docx(file: bytes) -> str:
    """What stands in a DOCX, paragraphs and tables in their order; a merged cell once."""
    body = Document(io.BytesIO(file)).element.body
    return bare("".join(node.text or "" for node in body.iter(qn("w:t"))))


def expected(content: PaperContent) -> str:
    """Everything that a paper says, with the unit at its head."""
    return bare(content.unit + "".join(content.texts()))
