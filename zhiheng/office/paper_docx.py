"""A paper of a case as DOCX: the head comes from a template that a district may replace by its letterhead, the body
from the content.

``python -m zhiheng.office.paper_docx OUT.docx`` writes the template that is used where a district has none of its own:
change what you like, keep the words in double braces, and put it beside the page of the document in the book.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import segno
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docxtpl import DocxTemplate, InlineImage
from jinja2.sandbox import SandboxedEnvironment

from zhiheng.engines.papers.content import Listing, PaperForm, PaperPart, Paragraph, Seal, Sheet, Signing
from zhiheng.office.extract_docx import page_number, repeated
from zhiheng.office.issued_paper import IssuedPaper

TEXT, TITLE, SMALL, NOTE = Pt(16), Pt(22), Pt(12), Pt(9)
WIDTH: Final = 156
SONG, FANGSONG, LATIN = "SimSun", "FangSong", "Times New Roman"
# Where the body goes. A content has no such characters: they are taken out of whatever is filled in.
_BODY, _ENCLOSED = "\ue000body\ue001", "\ue000enclosed\ue001"
# The columns of a form, and how many of them a printed name takes.
_GRID, _LABEL = 12, 2


def write(paper: IssuedPaper, template: Path | None = None) -> bytes:
    """The DOCX of a paper, in a template of the district or in the plain one.

    What a template may do is fill in and repeat: it runs in a sandbox, and every value is escaped.
    """
    source = DocxTemplate(io.BytesIO(template.read_bytes() if template is not None else plain_template()))
    picture = io.BytesIO()
    segno.make(paper.address, error="m", micro=False).save(picture, kind="png", scale=8, border=2)
    picture.seek(0)
    content = paper.content
    words = {
        "unit": content.unit,
        "title": content.title,
        "number": content.number,
        "case": content.case,
        "verification": paper.verification,
        "address": paper.address,
        "digest": paper.digest,
        "body": _BODY,
        "enclosed": _ENCLOSED,
        "qr": InlineImage(source, picture, width=Mm(24)),
    }
    source.render(words, SandboxedEnvironment(autoescape=True), autoescape=True)
    document = source.docx
    first, *enclosed = content.sheets
    body = _Body(document, _mark(document, _BODY))
    for part in first.parts:
        body.add(part)
    body.end()
    body = _Body(document, _mark(document, _ENCLOSED) if enclosed or _holds(document, _ENCLOSED) else None)
    for sheet in enclosed:
        body.sheet(sheet)
    body.end()
    properties = source.core_properties
    properties.title = f"{content.title} {content.number}".strip()
    properties.author = properties.last_modified_by = content.unit
    properties.comments = ""
    out = io.BytesIO()
    source.save(out)
    return out.getvalue()


def blanks(template: Path) -> set[str]:
    """The words in double braces that a template has."""
    return set(DocxTemplate(str(template)).get_undeclared_template_variables())


def _holds(document: Any, mark: str) -> bool:
    return any(mark in paragraph.text for paragraph in document.paragraphs)


def _mark(document: Any, mark: str) -> Any:
    """The paragraph that stands for the body; a letterhead without one has it at its end."""
    for paragraph in document.paragraphs:
        if mark in paragraph.text:
            return paragraph
    return document.add_paragraph()


class _Body:
    """What is put into a document before the paragraph that stands for it."""

    def __init__(self, document: Any, mark: Any | None) -> None:
        self.document, self.mark = document, mark

    def end(self) -> None:
        """Take away the paragraph that stood for what was put in."""
        if self.mark is not None:
            self.mark._p.getparent().remove(self.mark._p)

    def sheet(self, sheet: Sheet) -> None:
        """A further sheet, which begins a page."""
        title = self._paragraph()
        title.paragraph_format.page_break_before = True
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _say(title, sheet.title, TITLE, SONG, bold=True)
        if sheet.number:
            number = self._paragraph()
            number.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _say(number, sheet.number, SMALL)
        for part in sheet.parts:
            self.add(part)

    def add(self, part: PaperPart) -> None:
        """A part of a sheet."""
        if isinstance(part, Paragraph):
            self._lines(part)
        elif isinstance(part, PaperForm):
            self._form(part)
            self._paragraph().paragraph_format.line_spacing = Pt(6)
        elif isinstance(part, Listing):
            self._list(part)
        elif isinstance(part, Signing):
            for place in part.places:
                _say(self._paragraph(), place, Pt(14))
        else:
            self._seal(part)

    def _paragraph(self) -> Any:
        return self.mark.insert_paragraph_before() if self.mark is not None else self.document.add_paragraph()

    def _table(self, columns: Sequence[float], rows: int) -> Any:
        table = self.document.add_table(rows=rows, cols=len(columns))
        table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
        for number, width in enumerate(columns):
            table.columns[number].width = Mm(width)
        if self.mark is not None:
            self.mark._p.addprevious(table._tbl)
        return table

    def _lines(self, part: Paragraph) -> None:
        for line in part.text.split("\n"):
            paragraph = self._paragraph()
            how = paragraph.paragraph_format
            if part.manner in ("text", "heading", "attachment"):
                how.first_line_indent = Pt(32)
            if part.manner == "heading":
                how.keep_with_next = True
            small = part.manner == "copies"
            _say(
                paragraph,
                line,
                SMALL if small else TEXT,
                SONG if part.manner == "heading" else FANGSONG,
                bold=part.manner == "heading",
            )

    def _form(self, form: PaperForm) -> None:
        table = self._table([WIDTH / _GRID] * _GRID, len(form.rows))
        for row, cells in zip(table.rows, form.rows, strict=True):
            row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Pt(max(cell.lines for cell in cells) * 21 + 6)
            left, room = 0, _GRID // len(cells) - _LABEL
            for cell in cells:
                for text, width in ((cell.label, _LABEL), (cell.text, room)):
                    merged = row.cells[left].merge(row.cells[left + width - 1])
                    left += width
                    merged.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
                    if width == _LABEL and text is cell.label:
                        merged.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
                    for number, line in enumerate(text.split("\n")):
                        _say(merged.paragraphs[0] if not number else merged.add_paragraph(), line, SMALL)

    def _list(self, part: Listing) -> None:
        whole = sum(part.shares)
        table = self._table([WIDTH * share / whole for share in part.shares], 0)
        for number, texts in enumerate((part.headings, *part.rows)):
            row = table.add_row()
            if not number:
                repeated(row)
            for cell, text in zip(row.cells, texts, strict=True):
                cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
                if not number:
                    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
                _say(cell.paragraphs[0], text, SMALL, bold=not number)

    def _seal(self, part: Seal) -> None:
        for number, text in enumerate((part.unit, part.day)):
            paragraph = self._paragraph()
            how = paragraph.paragraph_format
            paragraph.alignment, how.right_indent, how.keep_together = WD_ALIGN_PARAGRAPH.RIGHT, Pt(32), True
            if not number:
                how.space_before, how.keep_with_next = Pt(40), True
            _say(paragraph, text, TEXT)


def _say(paragraph: Any, text: str, size: Any, chinese: str = FANGSONG, *, bold: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.name = size, bold, LATIN
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), chinese)


def plain_template() -> bytes:
    """The template of the machine: A4 with the margins of GB/T 9704, the head, the place of the body, how to verify
    it, the number of the page at the foot.
    """
    document = Document()
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.PORTRAIT, Mm(210), Mm(297)
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = Mm(28), Mm(26), Mm(37), Mm(35)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, TEXT
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FANGSONG)
    normal.paragraph_format.space_after = Pt(0)
    for text, size in (("{{ unit }}", TITLE), ("{{ title }}", TITLE), ("{{ number }}", SMALL)):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _say(paragraph, text, size, SONG if size == TITLE else FANGSONG, bold=size == TITLE)
    paragraph.paragraph_format.space_after = Pt(12)
    document.add_paragraph("{{ body }}")
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    left, right = table.rows[0].cells
    left.width, right.width = Mm(27), Mm(WIDTH - 27)
    left.paragraphs[0].add_run("{{ qr }}")
    for number, text in enumerate(("{{ verification }}", "{{ address }}", "{{ digest }}")):
        _say(right.paragraphs[0] if not number else right.add_paragraph(), text, NOTE)
    document.add_paragraph("{{ enclosed }}")
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    page_number(foot)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(plain_template())
