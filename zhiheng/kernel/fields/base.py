"""The contract that every value type keeps.

A value type reads the text of a cell, and gives a plain JSON value, ``None`` for 'nothing was said', or a Refusal. It
never guesses: what it can't read for certain it refuses, or (test results) keeps as text. The delivered text is stored
beside the value by the ledger, so cleaning may normalise freely.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from zhiheng.kernel.fields import refusals
from zhiheng.kernel.reasons import Refusal

# str, bool, int, list or dict of the same; never float (decimals are canonical strings such as "12.5"), never NaN.
Value = Any

NO_PARTS: Mapping[str, str] = {}

# A cell that points at the row above it: sorting, filtering or cutting the table makes it point elsewhere.
AS_ABOVE_WORDS = "同上 同前 同左 同上行 同上一行 同上栏 同上格 同上条 同上述 与上同 与上一行相同 上同 〃 〃〃 ″ ″″ \" '' “ ” “” „ ditto do. idem ibid ibid."  # noqa: E501
_AS_ABOVE = frozenset({*AS_ABOVE_WORDS.split(), "sameasabove", "asabove"})
_AS_ABOVE_SIGNS = " \t\n\u3000。.，,（）()[]【】-—–－~"
_LONGEST_AS_ABOVE = 24
# With which characters such a text can end: few others do, so most are told apart by their last one.
_AS_ABOVE_ENDS = frozenset(word[-1] for word in _AS_ABOVE) | frozenset(_AS_ABOVE_SIGNS)


def as_above(text: str) -> bool:
    """Whether a text is one of the ways to say what stands in the row above: 同上, 〃, -"-, ditto."""
    if not text or len(text) > _LONGEST_AS_ABOVE:
        return False
    if text.rstrip()[-1:].casefold()[-1:] not in _AS_ABOVE_ENDS:
        return False
    said = "".join(text.split()).casefold()
    return said in _AS_ABOVE or said.strip(_AS_ABOVE_SIGNS) in _AS_ABOVE


# What a spreadsheet shows where a formula failed, or a column was too narrow for its number; #N/A says that nothing was
# found, which is a way to leave a cell empty.
_FAILED = re.compile(
    r"#(?:REF!?|VALUE!?|DIV/0!?|NAME[?？]?|NUM!?|NULL!|SPILL!|CALC!|FIELD!|UNKNOWN!|BLOCKED!)|[#＃]{3,}", re.I
)
_LONGEST_FAILED = 60


def is_failed(text: str) -> bool:
    """Whether a text is what a spreadsheet shows in place of a value: #REF!, #VALUE!, #######."""
    return len(text) <= _LONGEST_FAILED and text[:1] in "#＃" and _FAILED.fullmatch(text) is not None


# As much as a cell of a spreadsheet can hold; a book can allow no more.
LONGEST_CELL = 32_767


@dataclass(frozen=True)
class FieldType(ABC):
    """A type of value: cleans a cell, compares, renders, refuses.

    The dataclass fields of a subclass are the options that a book may give it in ``record.yaml``. Instances are
    immutable and cleaning is pure: the same texts always give the same value, so receiving cleans each distinct text
    once.

    ``parts``: names of further columns that belong to the same value (a unit column beside a result, an address beside
    a party). A source maps them as ``field.part``. ``columns``: columns in the lake, suffix -> DuckDB type; the suffix
    "" means the value itself is the column, any other layout means the value is a dict with these keys (missing keys
    are null). ``longest``: characters that the text of a cell (and of each part) may have, spaces around it not
    counted. What is longer is refused before it is parsed, which bounds the time that a hostile cell can take.
    """

    longest: int = field(default=200, kw_only=True)

    name: ClassVar[str]
    # What pages call it, in Chinese and in English.
    label: ClassVar[tuple[str, str]]
    # Whether 同上 is a text like any other here (a remark), and no value that was left out.
    may_point_above: ClassVar[bool] = False
    parts: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[Mapping[str, str]] = {"": "VARCHAR"}

    def __post_init__(self) -> None:
        if not 1 <= self.longest <= LONGEST_CELL:
            raise ValueError(f"longest must lie between 1 and {LONGEST_CELL}, not {self.longest}")

    def clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        """The value that stands in ``text`` (any cell text, untrimmed), or None when it says nothing, or why not."""
        longest = self.longest
        if len(text) > longest:
            text = text.strip()
            if len(text) > longest:
                return refusals.cell_too_long(text, longest)
        for said in parts.values():
            if len(said) > longest and len(said.strip()) > longest:
                return refusals.cell_too_long(said.strip(), longest)
        if text and is_failed(said := text.strip()):
            return refusals.cell_failed(said)
        for part, told in parts.items():
            if told and is_failed(said := told.strip()):
                return refusals.cell_failed(said).at(field=part, text=told)
        if not self.may_point_above:
            if as_above(text):
                return refusals.cell_points_above(text)
            for part, said in parts.items():
                if as_above(said):
                    return refusals.cell_points_above(said).at(field=part, text=said)
        return self._clean(text, parts)

    @abstractmethod
    def _clean(self, text: str, parts: Mapping[str, str]) -> Value | Refusal | None:
        """``clean`` of a text and parts that are not too long; the time it takes grows with their length only."""

    def doubts(self, text: str, parts: Mapping[str, str], value: Value | None) -> tuple[str, ...]:
        """Codes of kernel/doubts.py: what an officer should know of this text although it was accepted."""
        return ()

    @property
    def counts(self) -> str:
        """What the bare numbers of the field count: a dimension of ``measures`` (money, mass ...), ``number`` where the
        record says no unit, ``quantity`` where each has its own; '' where no unit has anything to do with it.
        """
        return ""

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        """The value as people read it; ``masked`` hides what identifies a person."""
        return "" if value is None else str(value)

    def same(self, left: Value, right: Value) -> bool:
        """Whether two values say the same thing."""
        return bool(left == right)

    def contradicts(self, left: Value, right: Value) -> bool:
        """Whether two rows about one matter that say these two values can't both be right; saying nothing contradicts
        nothing.
        """
        return left is not None and right is not None and not self.same(left, right)
