"""Text, and what every other value type needs to know of a cell as text: placeholders for 'nothing', and layout.

Chinese punctuation keeps its full width; only accidents of layout are mended: spaces around, runs of spaces, control
characters, and the line breaks that a narrow column puts inside a word (有限公⏎司).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from zhiheng.kernel.doubts import PIECES_UNPAIRED, SEVERAL_VALUES
from zhiheng.kernel.fields import refusals
from zhiheng.kernel.fields.base import AS_ABOVE_WORDS, LONGEST_CELL, NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.visible import INVISIBLE, visible
from zhiheng.kernel.reasons import Refusal

# What belongs to Chinese writing, its punctuation included: between two of these a line break is only layout.
# Full-width digits and letters are left out: '１⏎２' is not '12'.
HAN = (
    "\u2e80-\u2fdf\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff5e\U00020000-\U000323af"
)
_BREAK_IN_WORD = re.compile(f"(?<=[{HAN}])[^\\S\n]*\n\\s*(?=[{HAN}])")
_SPACES = re.compile(r"\s+")
# One sign for the bars that divide what shares a cell.
BAR = "║"
_BARS = re.compile(r"\s*(?:[║‖∥∣￤┃│]+|[|｜丨¦]{1,2})\s*")
_LINE_SPACES = re.compile(r"[^\S\n]+")
_ODD = re.compile("[^\x20-\x7e\u4e00-\u9fff\u3001\u3002\uff08\uff09\uff0c\uff1a\uff1b]|  ")
_MARKS_ONLY = re.compile("[\\s/／\\\\＼|｜\\-－‐‑‒–—―─_＿]*")
_NOTHING_WORDS = "无 不详 暂无 空 (空) （空） 无。 n/a #n/a n.a. null (null) <null> none nan nil"
_NOTHING = frozenset(_NOTHING_WORDS.split())

# What a text has that is not its own clean value: what ``_ODD`` finds, spaces around, what JSON escapes, a way to leave
# a cell empty.
# In the words that Arrow's expressions share with Python's.
_UNPLAIN = (
    r"[^\x20-\x7e\x{4e00}-\x{9fff}\x{3001}\x{3002}\x{ff08}\x{ff09}\x{ff0c}\x{ff1a}\x{ff1b}]|  |^ | $|^['`]|[\"\\]"
    r"|^[#＃]|^[0-9](?:[.][0-9]+)?[eE][+][0-9]{2,3}$"
    rf"|^[ /|_-]*$|^(?i:{'|'.join(map(re.escape, _NOTHING_WORDS.split()))})$"
    rf"|^[（(\[【 -]*(?i:{'|'.join(map(re.escape, AS_ABOVE_WORDS.split()))}|same as above|as above)[）)\]】。. -]*$"
)

# 20260301123456 as a spreadsheet shows it, and what it makes of the batch 123E3.
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]{2,3}")
_LONGEST_SHORTENED = 24

# For the question which known word was meant.
_LONGEST_WORD = 60
_SHORT_LIST = 500

# Full-width ASCII and the ideographic space, as people type them in a Chinese input method, to their narrow forms.
NARROW: Mapping[int, str] = {**{0xFF01 + i: chr(0x21 + i) for i in range(94)}, 0x3000: " ", 0xA0: " "}


def narrow(text: str) -> str:
    """Full-width digits, letters and signs as their usual narrow forms; everything else stays."""
    return text if text.isascii() else text.translate(NARROW)


# Against being taken for a number a text is written ="0123" or '0123, with whatever sign the keyboard has for it, or a
# long number
# stands in quotes; a name in quotes is something else.
_PROTECTED = frozenset("='’‘＇`´\"“”")
_PROTECTION = re.compile(
    r"=[\"“]([^\"”]*)[\"”]|['’‘＇`´]([0-9A-Za-z][^'’‘＇`´]*)|['’‘＇`´]((?=[A-Za-z./:_-]*[0-9])[0-9A-Za-z][0-9A-Za-z./:_-]*)['’‘＇`´]|[\"“”]([0-9](?:[0-9A-Za-z]|[-/.:](?=[0-9A-Za-z])){7,39})[\"“”]"
)


def tidy(text: str) -> str:
    """One line: no invisible characters, no line break inside a Chinese word, single spaces, none around."""
    text = text.strip()
    if text[:1] in _PROTECTED and (found := _PROTECTION.fullmatch(text)) is not None:
        text = next(filter(None, found.groups()), "").strip()
    if not _ODD.search(text):
        return text
    text = visible(text)
    if "\n" in text:
        text = _BREAK_IN_WORD.sub("", text)
    return _SPACES.sub(" ", text).strip()


def says_nothing(text: str) -> bool:
    """Whether a (trimmed) text is one of the ways to leave a cell empty: '', '/', '——', 无, 不详, N/A, null ..."""
    return not text or (len(text) <= 8 and (text.casefold() in _NOTHING or _MARKS_ONLY.fullmatch(text) is not None))


def only_marks(text: str) -> bool:
    """As ``says_nothing``, for columns where 无 is an answer."""
    return _MARKS_ONLY.fullmatch(text) is not None


@dataclass(frozen=True)
class Text(FieldType):
    """Words. ``nothing``: the texts that mean 'nothing was said' here, instead of the usual ones ('' always does).

    ``single``: a row tells of one here; several, with semicolons or line breaks between them, are a doubt.
    """

    name = "text"
    label = ("文字", "text")

    longest: int = field(default=4_000, kw_only=True)
    max_length: int | None = None
    normalise: bool = True
    nothing: Sequence[str] | None = None
    single: bool = False

    @property
    def plain(self) -> tuple[str, int] | None:
        """A fast path for columns with thousands of texts: (regular expression, most characters) of the texts that are
        their own clean value.

        A text in which the expression finds nothing, up to that length, needs no cleaning and gives no doubt; None
        where each text must be cleaned.
        """
        if not self.normalise or self.nothing is not None or self._may_doubt:
            return None
        return _UNPLAIN, min(self.longest, self.max_length or self.longest)

    def contradicts(self, left: Value, right: Value) -> bool:
        """Two texts may say one thing in two ways."""
        return False

    @property
    def _may_doubt(self) -> bool:
        """Whether a text that is its own clean value may be doubtful."""
        return self.single

    def doubts(self, text: str, parts: Mapping[str, str], value: Value | None) -> tuple[str, ...]:
        if self.single and isinstance(value, str) and len(_split_outside(visible(text), ";；\n║")) > 1:
            return (SEVERAL_VALUES,)
        return ()

    @cached_property
    def _nothing(self) -> frozenset[str]:
        return frozenset(word.strip().casefold() for word in self.nothing or ())

    def _tidy(self, text: str) -> str:
        return tidy(text) if self.normalise else INVISIBLE.sub("", text).strip()

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = self._tidy(text)
        if not said or (says_nothing(said) if self.nothing is None else said.casefold() in self._nothing):
            return None
        if len(said) <= _LONGEST_SHORTENED and _SHORTENED.fullmatch(said):
            return refusals.text_shortened(said, text=text)
        if self.max_length is not None and len(said) > self.max_length:
            return refusals.text_too_long(self.max_length, said=said, text=text)
        return said


@dataclass(frozen=True)
class LongText(Text):
    """Words in several lines; the line breaks are kept.

    ``pieces``: what the pieces are that bars divide in such a cell (铅║0.8mg/kg║≤0.5mg/kg: an item, its result, its
    limit). Several groups in one cell are paired, a line each; what can't be paired for certain stays as it is, and is
    a doubt.
    """

    name = "long_text"
    label = ("长文字", "long text")
    may_point_above = True

    longest: int = field(default=LONGEST_CELL, kw_only=True)
    pieces: Sequence[Mapping[str, str]] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.pieces) == 1 or not all(set(each) == {"zh", "en"} for each in self.pieces):
            raise ValueError("pieces: what two or more pieces are called, each in zh and en")

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = super()._clean(text, parts)
        if not self.pieces or not isinstance(said, str) or _BARS.search(said) is None:
            return said
        groups = paired(said, len(self.pieces))
        return said if groups is None or len(groups) == 1 else "\n".join(map(BAR.join, groups))

    @property
    def _may_doubt(self) -> bool:
        return bool(self.pieces)

    def doubts(self, text: str, parts: Mapping[str, str], value: Value | None) -> tuple[str, ...]:
        if not self.pieces or not isinstance(value, str) or _BARS.search(value) is None:
            return ()
        return () if paired(value, len(self.pieces)) is not None else (PIECES_UNPAIRED,)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if not self.pieces or not isinstance(value, str) or (groups := paired(value, len(self.pieces))) is None:
            return super().show(value, lang=lang, masked=masked)
        zh = lang == "zh"
        shown = []
        for first, second, *more in groups:
            rest = [
                f"{label['zh' if zh else 'en']} {said}"
                for label, said in zip(self.pieces[2:], more, strict=True)
                if said
            ]
            told = ("，" if zh else ", ").join([each for each in (second, *rest) if each])
            shown.append(f"{first}{'：' if zh else ': '}{told}" if told else first)
        return ("；" if zh else "; ").join(shown)

    def _tidy(self, text: str) -> str:
        if not self.normalise:
            return super()._tidy(text)
        lines = (_LINE_SPACES.sub(" ", line).strip() for line in visible(text).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _split_outside(text: str, separators: str) -> list[str]:
    """The pieces of a text between separators that stand in no brackets, none of them empty."""
    pieces, depth, start = [], 0, 0
    for place, char in enumerate(text):
        if char in "(（[【":
            depth += 1
        elif char in ")）]】":
            depth = max(0, depth - 1)
        elif char in separators and not depth:
            pieces.append(text[start:place])
            start = place + 1
    pieces.append(text[start:])
    return [piece.strip() for piece in pieces if piece.strip()]


def paired(text: str, size: int) -> list[tuple[str, ...]] | None:
    """The groups of ``size`` pieces that a text with bars holds, or None where it is not certain which belong together.

    Read are one group (铅║0.8║≤0.5), groups one after the other with a semicolon, a line break or another bar between
    them (铅║0.8║≤0.5；镉║0.2║≤0.1), and all first pieces, then all second ones (铅；镉║0.8；0.2║≤0.5；≤0.1).
    """
    pieces = [piece.strip(" \t;；\n") for piece in _BARS.split(text)]
    if len(pieces) == size:
        apart = [_split_outside(piece, ";；\n") for piece in pieces]
        if len(apart[0]) <= 1:
            # One item with several results (five units of a batch) is one group.
            return [tuple(pieces)] if pieces[0] else None
        return list(zip(*apart, strict=True)) if len({*map(len, apart)}) == 1 else None
    lines = [
        [piece.strip() for piece in _BARS.split(line.strip(" \t;；║"))]
        for line in re.split("[;；\n]", text)
        if line.strip(" \t;；║")
    ]
    if all(len(line) == size for line in lines):
        return list(map(tuple, lines)) if all(line[0] for line in lines) else None
    if len(pieces) % size == 0 and not re.search("[;；\n]", text.strip(" \t;；\n")):
        groups = [tuple(pieces[at : at + size]) for at in range(0, len(pieces), size)]
        return groups if all(group[0] for group in groups) else None
    return None


def parts_of(parts: Mapping[str, str], name: str) -> str:
    """A further column of the value, tidied; '' where it is missing or says nothing."""
    said = tidy(parts.get(name, "") or "")
    return "" if says_nothing(said) else said


def nearest(said: str, known: Sequence[str], *, limit: int = 3) -> list[str]:
    """Up to ``limit`` of the known words that look like what was said, best first; none for what is too long to be one
    of them.

    Parts of words are compared in short lists only: in one of thousands it would take longer than all else that a row
    needs.
    """
    from rapidfuzz import fuzz, process  # loaded only where something was refused: it is the slow path

    if len(said) > _LONGEST_WORD:
        return []
    scorer = fuzz.WRatio if len(known) <= _SHORT_LIST else fuzz.ratio
    found: list[Any] = process.extract(said, known, scorer=scorer, limit=limit, score_cutoff=50)
    return [str(word) for word, *_ in found]
