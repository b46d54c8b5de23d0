"""A paper as PDF: A4, faces that are embedded where the machine has them, a QR code, a watermark on every page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from zhiheng.office.extract_content import ExtractPaper, Section
from zhiheng.office.faces import faces, runs
from zhiheng.office.pdf_parts import QrCode, styled

INK = colors.HexColor("#1a1d21")
QUIET = colors.HexColor("#5b6470")
RULE = colors.HexColor("#c9ced6")
BLUE = colors.HexColor("#1f4e8c")
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
COLUMNS = (25 * mm, 45 * mm, WIDTH - 113 * mm, 43 * mm)


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=faces()[0].name,
        fontSize=size,
        leading=more.pop("leading", size * 1.5),
        textColor=more.pop("ink", INK),
        wordWrap="CJK",
        splitLongWords=1,
        **more,
    )


def _text(said: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph("<br/>".join(_set(line) for line in (said or "—").split("\n")), style)


def _set(line: str) -> str:
    return "".join(f'<font name="{name}">{escape(part)}</font>' for name, part in runs(line))


def _width(said: str, size: float) -> float:
    return sum(float(stringWidth(part, name, size)) for name, part in runs(said))


def _draw(canvas: Canvas, x: float, y: float, said: str, size: float) -> None:
    """A line at a place of the page, from its left end."""
    for name, part in runs(said):
        canvas.setFont(name, size)
        canvas.drawString(x, y, part)
        x += stringWidth(part, name, size)


def write(paper: ExtractPaper) -> bytes:
    """The PDF of a paper."""
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=f"{paper.content.title} {paper.content.number}",
        author=paper.content.office,
        subject=paper.content.as_of,
        lang="zh-Hans" if paper.language == "zh" else "en",
    )
    frame = Frame(MARGIN, 20 * mm, WIDTH, A4[1] - 36 * mm, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates([PageTemplate(frames=[frame])])
    document.build(list(_flow(paper)), canvasmaker=_counting(paper))
    return out.getvalue()


def _flow(paper: ExtractPaper) -> Iterator[Flowable]:
    content = paper.content
    quiet = _style("quiet", 8.5, ink=QUIET)
    titles = [
        _text(content.office, _style("office", 9.5, ink=QUIET)),
        Spacer(1, 2 * mm),
        _text(content.title, _style("title", 19, leading=25, ink=BLUE)),
        Spacer(1, 1.5 * mm),
        _text(f"{content.number}　{content.as_of}", quiet),
    ]
    head = Table([[titles, QrCode(paper.address, 25 * mm)]], colWidths=(WIDTH - 27 * mm, 27 * mm))
    styled(
        head,
        faces()[0].name,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ALIGN", (1, 0), (1, 0), "RIGHT"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("LINEBELOW", (0, 0), (-1, 0), 1.2, BLUE),
        ("BOTTOMPADDING", (0, 0), (-1, 0), 8),
    )
    yield head
    yield Spacer(1, 3 * mm)
    label, value = _style("label", 9, ink=QUIET), _style("value", 9.5)
    rows = [[_text(name, label), _text(said, value)] for name, said in content.identity]
    identity = Table(rows, colWidths=(38 * mm, WIDTH - 38 * mm))
    styled(
        identity,
        faces()[0].name,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    )
    yield identity
    for section in content.sections:
        yield from _section(section)
    yield Spacer(1, 6 * mm)
    how = [
        _text(paper.verification, quiet),
        _text(paper.address, _style("address", 8.5, ink=BLUE)),
        _text(f"{paper.hash_label} {content.digest}", _style("hash", 7.5, ink=QUIET)),
    ]
    yield KeepTogether(
        [
            _rule(),
            Spacer(1, 2 * mm),
            _text(content.statement, quiet),
            Spacer(1, 2 * mm),
            *([_beside_the_log(how, paper)] if paper.log_head else how),
        ]
    )


def _beside_the_log(how: list[Flowable], paper: ExtractPaper) -> Flowable:
    """How the paper is verified, and at its right the head of the public log as a square with its name below it: nobody
    takes it for the address at the top.
    """
    label = _text(paper.log_label, _style("log", 7, leading=9, ink=QUIET, alignment=TA_CENTER))
    table = Table([[how, [QrCode(paper.log_head, 22 * mm), label]]], colWidths=(WIDTH - 28 * mm, 28 * mm))
    return styled(
        table,
        faces()[0].name,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ALIGN", (1, 0), (1, 0), "CENTER"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (1, 0), (1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
    )


def _section(section: Section) -> Iterator[Flowable]:
    heading = _text(section.title, _style("section", 11.5, leading=16, spaceBefore=10, spaceAfter=3, ink=BLUE))
    quiet, cell = _style("note", 8.5, ink=QUIET), _style("cell", 8.5, leading=12)
    if not section.rows:
        yield KeepTogether([heading, _text(section.empty, quiet)])
        return
    rows = [[_text(said, quiet) for said in section.headings]]
    rows += [[_text(said, cell) for said in row] for row in section.rows]
    table = Table(rows, colWidths=COLUMNS, repeatRows=1)
    styled(
        table,
        faces()[0].name,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, QUIET),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, RULE),
    )
    # A heading alone at the foot of a page belongs to nothing: it goes over with the first rows.
    yield CondPageBreak(34 * mm)
    yield heading
    yield table
    if section.note:
        yield _text(section.note, quiet)


def _rule() -> Flowable:
    line = Table([[""]], colWidths=(WIDTH,), rowHeights=(0.1,))
    return styled(line, faces()[0].name, ("LINEABOVE", (0, 0), (-1, 0), 0.8, RULE))


def _counting(paper: ExtractPaper) -> type[Canvas]:
    """A canvas that knows how many pages there are before it writes the foot of the first one."""

    class Counting(Canvas):  # type: ignore[misc]  # reportlab has no types
        def __init__(self, *args: Any, **words: Any) -> None:
            # Otherwise every page names Helvetica, which is in no file.
            super().__init__(*args, **{**words, "initialFontName": faces()[0].name})
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            """Keep the page until all are there."""
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            """Write every page with its watermark and foot."""
            for number, page in enumerate(self._kept, start=1):
                self.__dict__.update(page)
                _around(self, paper, number, len(self._kept))
                super().showPage()
            super().save()

    return Counting


def _around(canvas: Canvas, paper: ExtractPaper, page: int, pages: int) -> None:
    canvas.saveState()
    canvas.setFillColor(colors.HexColor("#20252b"), alpha=0.07)
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(32)
    said = paper.watermark[:90]
    across = _width(said, 11) + 24 * mm
    for row, y in enumerate(range(-420, 440, 84)):
        x = -across - (row % 2) * across / 2
        while x < 420:
            _draw(canvas, x, y, said, 11)
            x += across
    canvas.restoreState()
    canvas.saveState()
    canvas.setFillColor(QUIET)
    canvas.setStrokeColor(RULE)
    canvas.line(MARGIN, 14 * mm, A4[0] - MARGIN, 14 * mm)
    _draw(canvas, MARGIN, 10 * mm, f"{paper.content.title}　{paper.content.number}", 7.5)
    count = paper.page_of.format(page=page, pages=pages)
    _draw(canvas, A4[0] - MARGIN - _width(count, 7.5), 10 * mm, count, 7.5)
    _draw(canvas, MARGIN, 6.5 * mm, paper.watermark[:110], 7.5)
    canvas.restoreState()
