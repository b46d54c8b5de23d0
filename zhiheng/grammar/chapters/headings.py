"""What stands around and beside the headings that records know (``book/headings.yaml``): decorations, numbering,
harmless columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256

from pydantic import Field

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.chapters.parties import PARTY_WORDS
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Entry, Label
from zhiheng.kernel.fields.party_words import NO_WORDS as NO_PARTY_WORDS
from zhiheng.kernel.fields.party_words import PartyWords

HEADINGS = "headings.yaml"

# Signs with which forms mark what must be filled in, and bullets; none of them is a part of a heading.
_SIGNS = "*＊★☆※●○◆◇▲△▼▽■□#§•·►▶→!！"
# One sign for the bars between headings that share a cell: ║ ‖ || ｜ and their look-alikes.
_BARS = re.compile("[║‖∥∣|¦︱丨]+")
_NUMBER = re.compile(r"^[(（]?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3}|[a-z])[)）.、:](?![0-9])")
_CIRCLED = re.compile("^[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]")
# What may stand at the end of a heading, or around the whole of it, and is no part of it.
_ENDS = "。↓↑▾、,，;； "
_AROUND = re.compile(r"[(（\[【〔<《{“\"'「]([^()（）\[\]【】〔〕<>《》{}“”\"'「」]{2,40})[)）\]】〕>》}”\"'」]")
_LAYOUT = re.compile(r"[()\[\]【】〔〕._\-]")
_BRACKET = re.compile(r"[(\[【〔<《{]([^()\[\]【】〔〕<>《》{}]*)[)\]】〕>》}]")


@lru_cache(maxsize=100_000)
def heading_key(heading: str) -> str:
    """A heading without what typists vary: width, case, spaces, line breaks, star marks, trailing colons, kinds of
    bars.
    """
    text = unicodedata.normalize("NFKC", heading).casefold()
    text = "".join(c for c in text if not c.isspace() and c not in _SIGNS and c != ":" and c.isprintable())
    return _BARS.sub("|", text).strip("、.|")


@dataclass(frozen=True)
class HeadingWords:
    """The words of the page, by their keys."""

    numbering: tuple[str, ...] = ("序号", "行号", "no.", "退回原因", "退回原因/reason", "reason")
    hints: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    harmless_with: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()
    inner_before: tuple[str, ...] = ()
    inner_numbers: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all the words."""
        return sha256(repr(self).encode()).hexdigest()

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The keys of the columns that carry nothing."""
        return frozenset(map(heading_key, self.numbering))

    @cached_property
    def _harmless(self) -> frozenset[str]:
        return frozenset(map(heading_key, self.harmless))

    @cached_property
    def _harmless_with(self) -> tuple[str, ...]:
        return tuple(map(heading_key, self.harmless_with))

    def is_harmless(self, heading: str) -> bool:
        """Whether a table is accepted although this heading is unknown."""
        return self._is_harmless(self.undecorated(heading))

    @cached_property
    def _is_harmless(self) -> Callable[[str], bool]:
        """Remembers, as ``_undecorated`` does."""
        return lru_cache(maxsize=20_000)(
            lambda key: (
                key in self._harmless
                or any(word in key for word in self._harmless_with)
                or (self._inner_number is not None and self._inner_number.fullmatch(_LAYOUT.sub("", key)) is not None)
            )
        )

    @cached_property
    def _inner_number(self) -> re.Pattern[str] | None:
        """A number by which one system knows its own rows, put together of the words for it alone: 内部流水编号, 编号
        （内部）.
        """
        if not self.inner or not self.inner_numbers:
            return None
        inner, before, number = (
            "|".join(sorted((re.escape(heading_key(word)) for word in words), key=len, reverse=True))
            for words in (self.inner, (*self.inner_before, *self.inner), self.inner_numbers)
        )
        # So few of each that no heading is tried in many ways.
        return re.compile(
            f"(?:{before}){{0,3}}(?:{inner})(?:{before}){{0,3}}的?(?:{number}){{1,2}}|(?:{number}){{1,2}}(?:{inner})"
        )

    def undecorated(self, heading: str) -> str:
        """The key of a heading without numbering, signs, and brackets or words that only tell how to fill it in.

        A bracket of another kind stays: （万元） and （统一社会信用代码） are parts of what is meant.
        """
        return self._undecorated(heading)

    @cached_property
    def _undecorated(self) -> Callable[[str], str]:
        """Remembers: every record is asked about the same few headings."""
        return lru_cache(maxsize=20_000)(self._without_decoration)

    def _without_decoration(self, heading: str) -> str:
        text = _CIRCLED.sub("", heading.strip().strip(_SIGNS).strip())
        text = unicodedata.normalize("NFKC", text).casefold().strip().strip(_SIGNS).strip()
        text = _NUMBER.sub("", text).rstrip(_ENDS)
        if (around := _AROUND.fullmatch(text)) is not None:
            text = around[1]
        text = (
            _BRACKET.sub(lambda found: "" if self._is_hint(found[1]) else found[0], text).strip().strip(_SIGNS).strip()
        )
        return heading_key(self.without_flags(text))

    def without_flags(self, heading: str) -> str:
        """A heading without the words at its end that only tell how to fill it in (罚款金额（万元）必填)."""
        return self._without_flags(heading)

    @cached_property
    def _without_flags(self) -> Callable[[str], str]:
        """Remembers, as ``_undecorated`` does."""
        return lru_cache(maxsize=20_000)(self._cut_flags)

    def _cut_flags(self, heading: str) -> str:
        text = heading.rstrip().rstrip(_SIGNS).rstrip()
        for word in self.flags:
            if len(text) > len(word) + 1 and text.casefold().endswith(word.casefold()):
                text = text[: -len(word)].rstrip(" ,，;；-—_*(")
        return text

    def _is_hint(self, inside: str) -> bool:
        return not inside.strip(_SIGNS + " ") or any(
            unicodedata.normalize("NFKC", word).casefold() in inside for word in self.hints
        )


NO_WORDS = HeadingWords()


@dataclass(frozen=True, eq=False)
class BookWords:
    """All words by which a table is understood besides those in its record and source."""

    headings: HeadingWords = NO_WORDS
    parties: PartyWords = NO_PARTY_WORDS

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all of them: a part of the edition, since under other words the same table means something
        else.
        """
        return sha256(f"{self.headings.digest}{self.parties.digest}".encode()).hexdigest()

    def reading(self, heading: str) -> tuple[str, str] | None:
        """(role, part) that a heading gives by the words about parties: 标识生产单位名称 → (producer, ''), 受检单位地址
        → (seller, address). The role is '' where the heading leaves it to the table; None where it speaks of no party.
        """
        key = self.headings.undecorated(heading)
        if (known := self.parties.role_of(key)) is not None:
            return known[0], ""
        return self.parties.of_whom(key)


NO_BOOK_WORDS = BookWords()


class HeadingPage(Entry):
    """``book/headings.yaml``."""

    numbering: tuple[str, ...] = Field(min_length=1)
    hints: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    harmless_with: tuple[str, ...] = ()
    inner: tuple[str, ...] = Field(default=(), description="says that a number is one system's own: 内部, 流水")
    inner_before: tuple[str, ...] = Field(default=(), description="may stand around a word of `inner`: 本局, 业务")
    inner_numbers: tuple[str, ...] = Field(default=(), description="a word for a number: 编号, 号, 编码")

    def words(self) -> HeadingWords:
        """As recognition takes them."""
        return HeadingWords(
            self.numbering,
            self.hints,
            self.flags,
            self.harmless,
            self.harmless_with,
            self.inner,
            self.inner_before,
            self.inner_numbers,
        )


def _read(reading: Reading) -> BookWords:
    """All words by which tables are understood; of a page that is not there, or can't be used, the least of them."""
    headings = next((page.words() for _, page, _ in reading.each(HeadingPage)), NO_WORDS)
    return BookWords(headings, reading.usable(PARTY_WORDS) or NO_PARTY_WORDS)


TABLE_WORDS: Chapter[BookWords] = register(
    Chapter(
        name="headings",
        label=Label(zh="表头的说法", en="Words around headings"),
        pages=(PageKind("headings", HEADINGS, HeadingPage),),
        needs=(PARTY_WORDS,),
        read=_read,
        at_once=True,
        reference="reference/source-grammar.md",
    )
)
