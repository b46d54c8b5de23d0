"""Text, and what every other value type needs to know of a cell as text: what says nothing, what is only layout.

Chinese punctuation keeps its full width; only what nobody wrote on purpose is mended: spaces around, runs of spaces,
control characters, and the line breaks that a narrow column puts inside a word (有限公⏎司).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from zhiheng.kernel.fields.base import AS_ABOVE_WORDS, LONGEST_CELL, NO_PARTS, FieldType, Value
from zhiheng.kernel.reasons import Refusal

# Characters that are neither seen nor meant: controls, zero-width marks, direction marks, lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_BREAK = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# What belongs to Chinese writing, its punctuation included: between two of these a line break is only layout.
# Full-width digits and letters are left out: '１⏎２' is not '12'.
HAN = (
    "\u2e80-\u2fdf\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff5e\U00020000-\U000323af"
)
_BREAK_IN_WORD = re.compile(f"(?<=[{HAN}])[^\\S\n]*\n\\s*(?=[{HAN}])")
_SPACES = re.compile(r"\s+")
_LINE_SPACES = re.compile(r"[^\S\n]+")
_ODD = re.compile("[^\x20-\x7e\u4e00-\u9fff\u3001\u3002\uff08\uff09\uff0c\uff1a\uff1b]|  ")
_MARKS_ONLY = re.compile("[\\s/／\\\\＼|｜\\-－‐‑‒–—―─_＿]*")
_NOTHING_WORDS = "无 不详 暂无 空 (空) （空） 无。 n/a #n/a n.a. null (null) <null> none nan nil"
_NOTHING = frozenset(_NOTHING_WORDS.split())

# What a text has that is not its own clean value: what ``_ODD`` finds, spaces around, what JSON escapes, a way to leave a cell empty.
# In the words that Arrow's expressions share with Python's.
_UNPLAIN = (
    r"[^\x20-\x7e\x{4e00}-\x{9fff}\x{3001}\x{3002}\x{ff08}\x{ff09}\x{ff0c}\x{ff1a}\x{ff1b}]|  |^ | $|[\"\\]"
    rf"|^[ /|_-]*$|^(?i:{'|'.join(map(re.escape, _NOTHING_WORDS.split()))})$"
    rf"|^[（(\[【 -]*(?i:{'|'.join(map(re.escape, AS_ABOVE_WORDS.split()))}|same as above|as above)[）)\]】。. -]*$"
)

# For the question which known word was meant.
_LONGEST_WORD = 60
_SHORT_LIST = 500

# Full-width ASCII and the ideographic space, as people type them in a Chinese input method, to their narrow forms.
NARROW: Mapping[int, str] = {**{0xFF01 + i: chr(0x21 + i) for i in range(94)}, 0x3000: " ", 0xA0: " "}


def narrow(text: str) -> str:
    """Full-width digits, letters and signs as their usual narrow forms; everything else stays."""
    return text if text.isascii() else text.translate(NARROW)


def visible(text: str) -> str:
    """The text without characters that nobody can see; every kind of line break becomes a newline."""
    return _BREAK.sub("\n", _INVISIBLE.sub("", text))


# Against being taken for a number a text is written ="0123" or '0123; a name in quotes is something else.
_PROTECTED = frozenset("='")
_PROTECTION = re.compile(r'="([^"]*)"|\'([0-9A-Za-z][^\']*)')


def tidy(text: str) -> str:
    """One line: no characters nobody sees, no line break inside a Chinese word, single spaces, none around."""
    text = text.strip()
    if text[:1] in _PROTECTED and (found := _PROTECTION.fullmatch(text)) is not None:
        text = (found[1] or found[2]).strip()
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


def quote(text: str, longest: int = 40) -> str:
    """A delivered text, short enough to stand inside a sentence."""
    text = _SPACES.sub(" ", visible(text[: longest * 4])).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


@dataclass(frozen=True)
class Text(FieldType):
    """Words. ``nothing``: the texts that mean 'nothing was said' here, instead of the usual ones ('' always does)."""

    name = "text"

    longest: int = field(default=4_000, kw_only=True)
    max_length: int | None = None
    normalise: bool = True
    nothing: Sequence[str] | None = None

    @property
    def plain(self) -> tuple[str, int] | None:
        """Which texts are their own clean value and give no doubt, for whoever looks at thousands at once.

        A regular expression that finds nothing in them, and how many characters they have at most; None where each text
        must be cleaned.
        """
        if not self.normalise or self.nothing is not None or type(self).doubts is not FieldType.doubts:
            return None
        return _UNPLAIN, min(self.longest, self.max_length or self.longest)

    @cached_property
    def _nothing(self) -> frozenset[str]:
        return frozenset(word.strip().casefold() for word in self.nothing or ())

    def _tidy(self, text: str) -> str:
        return tidy(text) if self.normalise else _INVISIBLE.sub("", text).strip()

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = self._tidy(text)
        if not said or (says_nothing(said) if self.nothing is None else said.casefold() in self._nothing):
            return None
        if self.max_length is not None and len(said) > self.max_length:
            return Refusal(
                "text.too_long",
                f"这里最多写{self.max_length}个字，来文有{len(said)}个字（“{quote(said)}”）：请缩短，或请质量办放宽这一栏。",
                f"At most {self.max_length} characters may stand here, these are {len(said)}:"
                " shorten the text, or have the field widened.",
                text=text,
            )
        return said


@dataclass(frozen=True)
class LongText(Text):
    """Words in several lines; the line breaks are kept."""

    name = "long_text"
    may_point_above = True

    longest: int = field(default=LONGEST_CELL, kw_only=True)

    def _tidy(self, text: str) -> str:
        if not self.normalise:
            return super()._tidy(text)
        lines = (_LINE_SPACES.sub(" ", line).strip() for line in visible(text).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def parts_of(parts: Mapping[str, str], name: str) -> str:
    """A further column of the value, tidied; '' where it is missing or says nothing."""
    said = tidy(parts.get(name, "") or "")
    return "" if says_nothing(said) else said


def nearest(said: str, known: Sequence[str], *, limit: int = 3) -> list[str]:
    """Up to ``limit`` of the known words that look like what was said, best first; none for what is too long to be one of them.

    Parts of words are compared in short lists only: in one of thousands it would take longer than all else that a row needs.
    """
    from rapidfuzz import fuzz, process  # loaded only where something was refused: it is the slow path

    if len(said) > _LONGEST_WORD:
        return []
    scorer = fuzz.WRatio if len(known) <= _SHORT_LIST else fuzz.ratio
    found: list[Any] = process.extract(said, known, scorer=scorer, limit=limit, score_cutoff=50)
    return [str(word) for word, *_ in found]
