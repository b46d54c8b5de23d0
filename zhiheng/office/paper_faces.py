"""Faces for official papers: a Song or Fangsong of this machine, of which each PDF gets the glyphs that it uses.

Most servers have such a face only with cubic outlines (Noto Serif CJK), which the writer of PDFs can't embed. So what a
paper needs is drawn anew with quadratic outlines by fontTools and put together as a small TrueType face; a glyph is
drawn once per process. A face whose licence is that of SIL or Arphic may be embedded in documents.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont as EmbeddedFont

from zhiheng.office.faces import ASCII, MISSING, Face, faces, runs

# In the order of preference: the file for text, that for titles, the family of a collection.
FILES = (
    ("C:/Windows/Fonts/simfang.ttf", "C:/Windows/Fonts/simhei.ttf", ""),
    (
        "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
        "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
        "Noto Serif CJK SC",
    ),
    (
        "/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk/NotoSerifCJK-Bold.ttc",
        "Noto Serif CJK SC",
    ),
    ("/usr/share/fonts/truetype/arphic/uming.ttc", "/usr/share/fonts/truetype/arphic/uming.ttc", "AR PL UMing CN"),
    ("C:/Windows/Fonts/simsun.ttc", "C:/Windows/Fonts/simhei.ttf", "SimSun"),
    ("/System/Library/Fonts/Supplemental/Songti.ttc", "/System/Library/Fonts/Supplemental/Songti.ttc", "Songti SC"),
)
# What any paper may need beside its own words: digits of pages, what stands for a missing character.
ALWAYS = f" \u3000{ASCII}{MISSING}第页共"
_NUMBERS = itertools.count(1)
# How far an outline may differ from the drawn one, in thousandths of an em.
_CLOSE = 1.0


@dataclass(frozen=True, slots=True)
class PaperFaces:
    """The faces of one paper, text and titles: each character goes to the first that has it."""

    text: tuple[Face, ...]
    title: tuple[Face, ...]


class _Outlines:
    """A file with outlines, its glyphs drawn when they are first needed."""

    def __init__(self, path: str, family: str) -> None:
        self._font = _opened(path, family)
        self._map: dict[int, str] = self._font.getBestCmap()
        self._glyphs = self._font.getGlyphSet()
        self._drawn: dict[str, tuple[Any, int]] = {}
        self.units: int = self._font["head"].unitsPerEm
        self.up: int = self._font["hhea"].ascent
        self.down: int = self._font["hhea"].descent

    def has(self, c: str) -> bool:
        """Whether there is a glyph for a character."""
        return ord(c) in self._map

    def face(self, name: str, characters: Iterable[str]) -> bytes:
        """A TrueType face with these characters."""
        wanted = {ord(c): self._map[ord(c)] for c in sorted(set(characters)) if ord(c) in self._map}
        names = [".notdef", *dict.fromkeys(glyph for glyph in wanted.values() if glyph != ".notdef")]
        drawn = {glyph: self._draw(glyph) for glyph in names}
        builder = FontBuilder(self.units, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap(wanted)
        builder.setupGlyf({glyph: outline for glyph, (outline, _) in drawn.items()})
        table = builder.font["glyf"]
        builder.setupHorizontalMetrics(
            {glyph: (width, getattr(table[glyph], "xMin", 0)) for glyph, (_, width) in drawn.items()}
        )
        builder.setupHorizontalHeader(ascent=self.up, descent=self.down)
        builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name, "fullName": name})
        builder.setupOS2(sTypoAscender=self.up, sTypoDescender=self.down, usWinAscent=self.up, usWinDescent=-self.down)
        builder.setupPost(keepGlyphNames=False)
        out = io.BytesIO()
        builder.save(out)
        return out.getvalue()

    def _draw(self, glyph: str) -> tuple[Any, int]:
        if glyph not in self._drawn:
            pen = TTGlyphPen(None)
            outline = self._glyphs[glyph]
            # Cubic outlines run the other way round than quadratic ones.
            outline.draw(Cu2QuPen(pen, _CLOSE * self.units / 1000, reverse_direction="glyf" not in self._font))
            self._drawn[glyph] = pen.glyph(), round(outline.width)
        return self._drawn[glyph]


def _opened(path: str, family: str) -> TTFont:
    if not path.endswith(".ttc"):
        return TTFont(path, lazy=True)
    fonts = TTCollection(path, lazy=True).fonts
    return next((font for font in fonts if font["name"].getDebugName(1) == family), fonts[0])


@cache
def _files() -> tuple[_Outlines, _Outlines] | None:
    """The outlines for text and for titles of the first pair that this machine has."""
    for text, title, family in FILES:
        if not Path(text).is_file():
            continue
        try:
            outlines = _Outlines(text, family)
            return outlines, (_Outlines(title, family) if Path(title).is_file() and title != text else outlines)
        except (TTLibError, KeyError, OSError):
            continue
    return None


def embeds_song() -> bool:
    """Whether this machine has a Song or Fangsong for papers; without one they are set in the face of the extracts."""
    return _files() is not None


@contextmanager
def faces_for(texts: Iterable[str]) -> Iterator[PaperFaces]:
    """The faces in which these texts can be set, for as long as the paper is written."""
    files = _files()
    if files is None:
        yield PaperFaces(faces(), faces())
        return
    wanted = {*ALWAYS, *itertools.chain.from_iterable(texts)}
    number, made = next(_NUMBERS), []
    for kind, outlines in zip(("Text", "Title"), files, strict=True):
        name = f"Zhiheng{kind}{number}"
        pdfmetrics.registerFont(EmbeddedFont(name, io.BytesIO(outlines.face(name, wanted))))
        made.append(Face(name, outlines.has))
    try:
        yield PaperFaces((made[0], *faces()), (made[1], *faces()))
    finally:
        for face in made:
            # The register of reportlab only ever grows, and each paper has faces of its own.
            pdfmetrics._fonts.pop(face.name, None)


def as_set(text: str, among: Sequence[Face]) -> str:
    """A text as a paper shows it: a character that no face has stands as its number."""
    return "".join(part for _, part in runs(text, among))
