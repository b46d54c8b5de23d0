"""A paper as DOCX: the words come from the content, the looks from a template that a district may replace by its
letterhead.

``python -m zhiheng.office.extract_docx OUT.docx`` writes the template that is used where a district has none of its
own: open it in a word processor, change what you like, keep the words in double braces, and put it beside the page of
the document in the book.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import segno
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docxtpl import DocxTemplate, InlineImage
from jinja2.sandbox import SandboxedEnvironment

from zhiheng.office.extract_content import ExtractPaper

INK, QUIET, BLUE = RGBColor(0x1A, 0x1D, 0x21), RGBColor(0x5B, 0x64, 0x70), RGBColor(0x1F, 0x4E, 0x8C)
COLUMNS = (Mm(25), Mm(45), Mm(61), Mm(43))


def write(paper: ExtractPaper, template: Path | None = None) -> bytes:
    """The DOCX of a paper, in a template of the district or in the plain one.

    What a template may do is fill in and repeat: it runs in a sandbox, and every value is escaped.
    """
    source = DocxTemplate(io.BytesIO(template.read_bytes() if template is not None else plain_template()))
    squares = {
        "qr": _square(source, paper.address, Mm(25)),
        "log_qr": _square(source, paper.log_head, Mm(22)) if paper.log_head else "",
    }
    environment = SandboxedEnvironment(autoescape=True)
    source.render({**_words(paper), **squares}, environment, autoescape=True)
    source.core_properties.title = f"{paper.content.title} {paper.content.number}"
    source.core_properties.author = source.core_properties.last_modified_by = paper.content.office
    source.core_properties.comments = ""
    out = io.BytesIO()
    source.save(out)
    return out.getvalue()


def _square(source: DocxTemplate, said: str, side: Mm) -> InlineImage:
    """A QR code as a picture of the document."""
    picture = io.BytesIO()
    segno.make(said, error="m", micro=False).save(picture, kind="png", scale=8, border=2)
    picture.seek(0)
    return InlineImage(source, picture, width=side)


def blanks(template: Path) -> set[str]:
    """The words in double braces that a template has."""
    return set(DocxTemplate(str(template)).get_undeclared_template_variables())


def _words(paper: ExtractPaper) -> dict[str, Any]:
    content = paper.content
    return {
        "title": content.title,
        "office": content.office,
        "number": content.number,
        "as_of": content.as_of,
        "identity": [{"label": label, "said": said or "—"} for label, said in content.identity],
        "sections": [
            {
                "title": s.title,
                "headings": s.headings,
                "rows": [[cell or "—" for cell in row] for row in s.rows],
                "said_below": s.note if s.rows else s.empty,
            }
            for s in content.sections
        ],
        "statement": content.statement,
        "verification": paper.verification,
        "address": paper.address,
        "digest": f"{paper.hash_label} {content.digest}",
        "watermark": paper.watermark,
        "log_label": paper.log_label if paper.log_head else "",
    }


def plain_template() -> bytes:
    """The template of the machine: A4, a quiet table for each section, the watermark and the page number at the
    foot.
    """
    document = Document()
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.PORTRAIT, Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin, page.bottom_margin = Mm(16), Mm(18)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size, normal.font.color.rgb = "Times New Roman", Pt(9.5), INK
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "SimSun")
    normal.paragraph_format.space_after = Pt(2)

    head = document.add_table(rows=1, cols=2)
    head.alignment = WD_TABLE_ALIGNMENT.CENTER
    left, right = head.rows[0].cells
    left.width, right.width = Mm(147), Mm(27)
    _say(left.paragraphs[0], "{{ office }}", 9.5, QUIET)
    _say(left.add_paragraph(), "{{ title }}", 19, BLUE)
    _say(left.add_paragraph(), "{{ number }}　{{ as_of }}", 8.5, QUIET)
    right.paragraphs[0].add_run("{{ qr }}")

    identity = document.add_table(rows=3, cols=2)
    for row in identity.rows:
        row.cells[0].width, row.cells[1].width = Mm(38), Mm(136)
    identity.cell(0, 0).text = "{%tr for line in identity %}"
    _say(identity.cell(1, 0).paragraphs[0], "{{ line.label }}", 9, QUIET)
    _say(identity.cell(1, 1).paragraphs[0], "{{ line.said }}", 9.5, INK)
    identity.cell(2, 0).text = "{%tr endfor %}"

    document.add_paragraph("{%p for section in sections %}")
    heading = document.add_paragraph()
    heading.paragraph_format.space_before, heading.paragraph_format.keep_with_next = Pt(10), True
    _say(heading, "{{ section.title }}", 11.5, BLUE)
    document.add_paragraph("{%p if section.rows %}")
    table = document.add_table(rows=4, cols=4)
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, COLUMNS, strict=True):
            cell.width = width
    for column in range(4):
        _say(table.cell(0, column).paragraphs[0], f"{{{{ section.headings[{column}] }}}}", 8.5, QUIET)
        _say(table.cell(2, column).paragraphs[0], f"{{{{ row[{column}] }}}}", 8.5, INK)
    _line_below(table.rows[0], "5B6470", "8")
    _line_below(table.rows[2], "C9CED6", "4")
    repeated(table.rows[0])
    table.cell(1, 0).text = "{%tr for row in section.rows %}"
    table.cell(3, 0).text = "{%tr endfor %}"
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p if section.said_below %}")
    _say(document.add_paragraph(), "{{ section.said_below }}", 8.5, QUIET)
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")

    last = document.add_paragraph()
    last.paragraph_format.space_before = Pt(14)
    _say(last, "{{ statement }}", 8.5, QUIET)
    _say(document.add_paragraph(), "{{ verification }}", 8.5, QUIET)
    _say(document.add_paragraph(), "{{ address }}", 8.5, BLUE)
    _say(document.add_paragraph(), "{{ digest }}", 7.5, QUIET)
    document.add_paragraph("{%p if log_qr %}")
    square = document.add_paragraph()
    square.paragraph_format.keep_with_next = True
    square.add_run("{{ log_qr }}")
    _say(document.add_paragraph(), "{{ log_label }}", 7.5, QUIET)
    document.add_paragraph("{%p endif %}")

    foot = page.footer.paragraphs[0]
    _say(foot, "{{ title }}　{{ number }}　{{ watermark }}　", 7.5, QUIET)
    page_number(foot)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _say(paragraph: Any, text: str, size: float, ink: RGBColor) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(size), ink


def _line_below(row: Any, colour: str, eighths: str) -> None:
    for cell in row.cells:
        borders = OxmlElement("w:tcBorders")
        line = OxmlElement("w:bottom")
        for name, value in (("val", "single"), ("sz", eighths), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
        cell._tc.get_or_add_tcPr().append(borders)


def repeated(row: Any) -> None:
    """The headings stand again on every page that the table runs over."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def page_number(paragraph: Any) -> None:
    for kind in ("PAGE", "NUMPAGES"):
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), kind)
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = "1"
        run.append(text)
        field.append(run)
        paragraph._p.append(field)
        if kind == "PAGE":
            paragraph.add_run(" / ")


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(plain_template())
