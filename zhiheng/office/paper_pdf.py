"""A paper of a case as PDF: A4 with the margins of GB/T 9704, Chinese and Latin glyphs embedded, a QR code."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Spacer,
    Table,
)
from reportlab.platypus import Paragraph as Block

from zhiheng.engines.papers.content import Listing, PaperForm, PaperPart, Paragraph, Seal, Sheet, Signing
from zhiheng.office.faces import Face, runs
from zhiheng.office.issued_paper import IssuedPaper
from zhiheng.office.paper_faces import PaperFaces, faces_for
from zhiheng.office.pdf_parts import QrCode, styled

# GB/T 9704: 37 mm above, 28 mm left, 156 mm of text; 35 mm below.
TOP, LEFT, BOTTOM, WIDTH = 37 * mm, 28 * mm, 35 * mm, 156 * mm
INK, QUIET = colors.black, colors.HexColor("#444444")
# No. 3, no. 2, no. 4 and no. 5 of Chinese type in points; a line of text has 28 characters.
TEXT, TITLE, SMALL, NOTE, TINY = 15.75, 22, 12, 9, 6.5
LEADING = 1.75
# The code stands in the lower margin, so that it never takes a page of its own.
CODE, FOOT = 19 * mm, 13 * mm


def write(paper: IssuedPaper) -> bytes:
    """The PDF of a paper."""
    with faces_for((*paper.content.texts(), paper.content.unit, paper.verification, paper.address)) as faces:
        return _Writing(paper, faces).written()


class _Writing:
    """A paper being set in its faces."""

    def __init__(self, paper: IssuedPaper, faces: PaperFaces) -> None:
        self.paper, self.faces = paper, faces

    def written(self) -> bytes:
        content, out = self.paper.content, io.BytesIO()
        document = BaseDocTemplate(
            out,
            pagesize=A4,
            title=f"{content.title} {content.number}".strip(),
            author=content.unit,
            subject=content.case,
            lang="zh-Hans",
            invariant=True,
        )
        frame = Frame(
            LEFT, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
        )
        document.addPageTemplates([PageTemplate(frames=[frame])])
        document.build(list(self._flow()), canvasmaker=_counting(self.paper, self.faces.text))
        return out.getvalue()

    def _flow(self) -> Iterator[Flowable]:
        for place, sheet in enumerate(self.paper.content.sheets):
            if place:
                yield PageBreak()
            yield from self._head(sheet, with_unit=not place)
            yield from self._body(sheet.parts)

    def _body(self, parts: Sequence[PaperPart]) -> Iterator[Flowable]:
        """The parts of a sheet; a seal never stands on a page without the last words before it."""
        held: list[Flowable] = []
        for part, following in pairwise((*parts, None)):
            assert part is not None
            made = list(self._part(part, following))
            if isinstance(part, Seal):
                yield KeepTogether([*held, *made])
                held = []
            elif isinstance(part, Paragraph) and part.manner in ("text", "attachment") and len(part.text) < _LONG:
                if part.manner == "text":
                    yield from held
                    held = []
                held += made
            else:
                yield from (*held, *made)
                held = []
        yield from held

    def _head(self, sheet: Sheet, *, with_unit: bool) -> Iterator[Flowable]:
        title = self._style("title", TITLE, title=True, alignment=TA_CENTER, leading=TITLE * 1.45)
        if with_unit and self.paper.content.unit:
            yield self._text(self.paper.content.unit, title)
        yield self._text(sheet.title, title)
        if sheet.number:
            yield self._text(sheet.number, self._style("number", SMALL, alignment=TA_CENTER, spaceBefore=4))
        yield Spacer(1, 6 * mm)

    def _part(self, part: PaperPart, following: PaperPart | None) -> Iterator[Flowable]:
        if isinstance(part, Paragraph):
            yield from self._paragraph(part)
        elif isinstance(part, PaperForm):
            yield from (self._row(row) for row in _cells(part))
            if not isinstance(following, PaperForm):
                yield Spacer(1, 3 * mm)
        elif isinstance(part, Listing):
            yield self._list(part)
            yield Spacer(1, 3 * mm)
        elif isinstance(part, Signing):
            style = self._style("signing", TEXT - 1.75, spaceBefore=6, leading=(TEXT - 1.75) * 1.9)
            yield KeepTogether([self._text(place, style) for place in part.places])
        else:
            yield from self._seal(part)

    def _paragraph(self, part: Paragraph) -> Iterator[Flowable]:
        styles = {
            "to": self._style("to", TEXT),
            "text": self._style("text", TEXT, firstLineIndent=2 * TEXT),
            "heading": self._style("heading", TEXT, title=True, firstLineIndent=2 * TEXT, keepWithNext=True),
            "attachment": self._style("attachment", TEXT, firstLineIndent=2 * TEXT, spaceBefore=8),
            "copies": self._style("copies", SMALL, ink=QUIET, spaceBefore=10),
        }
        for line in part.text.split("\n"):
            yield self._text(line, styles[part.manner])

    def _row(self, row: Sequence[tuple[str, str, int]]) -> Flowable:
        """A row of a form: printed names and what stands beside them. What is longer than a page goes on over it."""
        label, said = self._style("label", SMALL, alignment=TA_CENTER), self._style("said", SMALL)
        cells = [
            self._text(text, label if place % 2 == 0 else said)
            for name, told, _ in row
            for place, text in enumerate((name, told))
        ]
        head = 26 * mm
        widths = [head, WIDTH / len(row) - head] * len(row)
        least = max(lines for *_, lines in row) * SMALL * LEADING + 6
        table = Table([cells], colWidths=widths, minRowHeights=[least], splitInRow=_is_long(told for _, told, _ in row))
        return styled(table, self.faces.text[0].name, *_GRID)

    def _list(self, part: Listing) -> Flowable:
        head = self._style("heads", SMALL, title=True, alignment=TA_CENTER, leading=SMALL * 1.45)
        said = self._style("said", SMALL, leading=SMALL * 1.45)
        rows = [[self._text(text, head) for text in part.headings]]
        rows += [[self._text(text, said) for text in row] for row in part.rows]
        whole = sum(part.shares)
        heights = [SMALL * 1.45 + 6] * len(rows)
        table = Table(
            rows,
            colWidths=[WIDTH * share / whole for share in part.shares],
            minRowHeights=heights,
            repeatRows=1,
            splitInRow=_is_long(text for row in part.rows for text in row),
        )
        return styled(table, self.faces.text[0].name, *_GRID)

    def _seal(self, part: Seal) -> Iterator[Flowable]:
        style = self._style("seal", TEXT, alignment=TA_RIGHT, rightIndent=2 * TEXT)
        yield Spacer(1, 14 * mm)
        yield from (self._text(text, style) for text in (part.unit, part.day))
        yield Spacer(1, 8 * mm)

    def _style(self, name: str, size: float, *, title: bool = False, **more: Any) -> ParagraphStyle:
        faces = self.faces.title if title else self.faces.text
        return ParagraphStyle(
            f"title-{name}" if title else name,
            fontName=faces[0].name,
            fontSize=size,
            leading=more.pop("leading", size * LEADING),
            textColor=more.pop("ink", INK),
            wordWrap="CJK",
            splitLongWords=1,
            **more,
        )

    def _text(self, said: str, style: ParagraphStyle) -> Block:
        among = self.faces.title if style.name.startswith("title-") else self.faces.text
        return Block("<br/>".join(_set(line, among) for line in said.split("\n")), style)


_GRID = (
    ("GRID", (0, 0), (-1, -1), 0.6, INK),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
)


# A cell with more characters than this may not fit on a page, and goes on over it.
_LONG = 500


def _is_long(texts: Iterable[str]) -> int:
    return int(any(len(text) > _LONG or text.count("\n") > _LONG // 25 for text in texts))


def _cells(form: PaperForm) -> Iterator[list[tuple[str, str, int]]]:
    for row in form.rows:
        yield [(cell.label, cell.text, cell.lines) for cell in row]


def _set(line: str, among: Sequence[Face]) -> str:
    return "".join(f'<font name="{name}">{escape(part)}</font>' for name, part in runs(line, among))


def _counting(paper: IssuedPaper, among: Sequence[Face]) -> type[Canvas]:
    """A canvas that knows how many pages there are before it writes the foot of the first one."""

    class Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
        def __init__(self, *args: Any, **words: Any) -> None:
            # Otherwise every page names Helvetica, which is in no file.
            super().__init__(*args, **{**words, "initialFontName": among[0].name})
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            """Keep the page until all are there."""
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            """Write every page with its foot."""
            for number, page in enumerate(self._kept, start=1):
                self.__dict__.update(page)
                _foot(self, paper, among, number, len(self._kept))
                super().showPage()
            super().save()

    return Numbered


def page_of(page: int, pages: int) -> str:
    """How pages are counted at the foot."""
    return f"第{page}页　共{pages}页"


def _foot(canvas: Canvas, paper: IssuedPaper, among: Sequence[Face], page: int, pages: int) -> None:
    """Below the text: how pages are counted; on the first also the code, with what can be done with it."""
    said = page_of(page, pages)
    canvas.saveState()
    canvas.setFillColor(QUIET)
    _draw(canvas, among, LEFT + WIDTH - _width(among, said, NOTE), FOOT, said, NOTE)
    if page == 1:
        code = QrCode(paper.address, CODE)
        code.drawOn(canvas, LEFT, FOOT - 2 * mm)
        x, y = LEFT + CODE + 2 * mm, FOOT - 1 * mm
        for line in (paper.digest, paper.address, paper.verification):
            _draw(canvas, among, x, y, line, TINY)
            y += TINY * 1.6
    canvas.restoreState()


def _width(among: Sequence[Face], said: str, size: float) -> float:
    return sum(float(stringWidth(part, name, size)) for name, part in runs(said, among))


def _draw(canvas: Canvas, among: Sequence[Face], x: float, y: float, said: str, size: float) -> None:
    for name, part in runs(said, among):
        canvas.setFont(name, size)
        canvas.drawString(x, y, part)
        x += stringWidth(part, name, size)
