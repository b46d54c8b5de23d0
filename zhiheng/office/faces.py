"""Which face a character of a PDF is set in: a text is cut into runs, so that nothing that a paper says is left white.

A Chinese face need not have digits and letters (the fallback face that comes with many browsers has none), and a Latin
one has no Chinese. So no face is trusted by its name: each character goes to the first face that has a glyph for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import paragraph

# Faces with TrueType outlines, the only ones that can be embedded: Chinese ones in the order of preference, then Latin
# ones.
FILES = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-zenhei/wqy-zenhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/arphic/ukai.ttc",
    "C:/Windows/Fonts/simsun.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
)
# What a face must have to set a whole paper alone: else it only helps out.
ASCII = "".join(chr(code) for code in range(0x21, 0x7F))
CHINESE = "统一社会信用代码企业档案摘录年月日，。：（）“”"
# What stands for a character that no face has, as printers have always marked a sort that is missing.
MISSING = "\u3013"


@dataclass(frozen=True, slots=True)
class Face:
    """A registered face: its name in the PDF, and whether it has a glyph for a character."""

    name: str
    has: Callable[[str], bool]

    def sets(self, text: str) -> bool:
        """Whether it has a glyph for every character of a text."""
        return all(self.has(c) for c in text)


def ordered(found: Sequence[Face]) -> tuple[Face, ...]:
    """Faces that can set a whole paper before those that only have a part, each in the order given."""
    return tuple(sorted(found, key=lambda face: not face.sets(ASCII + CHINESE)))


@cache
def faces() -> tuple[Face, ...]:
    """The faces of this machine, registered once per process; the last two need no file, every reader has its own."""
    # reportlab knows what begins no line in Japanese; Chinese has more of these.
    paragraph.ALL_CANNOT_START += "，；：？！”’％"
    embedded = []
    for number, path in enumerate(FILES):
        if not Path(path).is_file():
            continue
        name = f"Zhiheng{number}"
        try:
            font = TTFont(name, path, subfontIndex=0)
        except TTFError:
            continue
        pdfmetrics.registerFont(font)
        embedded.append(Face(name, _in_file(font.face.charToGlyph)))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return (*ordered(embedded), Face("Helvetica", _latin), Face("STSong-Light", _song))


def embeds_chinese() -> bool:
    """Whether a Chinese face of this machine is put into the file: without one a reader must have its own."""
    return any(face.sets(CHINESE) for face in faces()[:-2])


def _in_file(glyphs: Mapping[int, int]) -> Callable[[str], bool]:
    """Whether a file has a glyph; number 0 is the box for what it does not have."""
    return lambda c: bool(glyphs.get(ord(c)))


def _latin(c: str) -> bool:
    return c.isascii() and c.isprintable()


def _song(c: str) -> bool:
    """The reader's own Song face has what the national standard of 1993 has."""
    try:
        c.encode("gbk")
    except UnicodeEncodeError:
        return False
    return not c.isascii()


def runs(text: str, among: Sequence[Face] | None = None) -> list[tuple[str, str]]:
    """A line of text as (name of the face, what is set in it), in its order; of a character that no face has the number
    is set.

    A blank stays with the run before it, so that no word is torn from it.
    """
    able = faces() if among is None else among
    told = "".join(c if c == " " or any(face.has(c) for face in able) else f"{MISSING}U+{ord(c):04X}" for c in text)
    found: list[tuple[str, str]] = []
    for name, part in groupby(_faced(told, able), key=lambda one: one[0]):
        found.append((name, "".join(c for _, c in part)))
    return found


def _faced(text: str, able: Sequence[Face]) -> Iterable[tuple[str, str]]:
    before = able[0].name
    for c in text:
        if c != " ":
            before = next((face.name for face in able if face.has(c)), able[-1].name)
        yield before, c
