"""The contract that every value type keeps.

A value type reads the text of a cell, and gives a plain JSON value, ``None`` for 'nothing was said', or a Refusal. It never
guesses: what it can't read for certain it refuses, or (test results) keeps as text. The delivered text is stored beside the
value by the ledger, so cleaning may normalise freely.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from zhiheng.kernel.reasons import Refusal

# str, bool, int, list or dict of the same; never float (decimals are canonical strings such as "12.5"), never NaN.
Value = Any

NO_PARTS: Mapping[str, str] = {}


@dataclass(frozen=True)
class FieldType(ABC):
    """A kind of value: clean, compare, show, refuse.

    The dataclass fields of a subclass are the options that a book may give it in ``record.yaml``.
    Instances are immutable and cleaning is pure: the same texts always give the same value, so receiving cleans each
    distinct text once.

    ``parts``: names of further columns that belong to the same value (a unit column beside a result, an address beside a
    party). A source maps them as ``field.part``.
    ``columns``: columns in the lake, suffix -> DuckDB type; the suffix "" means the value itself is the column, any other
    layout means the value is a dict with these keys (missing keys are null).
    """

    name: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[Mapping[str, str]] = {"": "VARCHAR"}

    @abstractmethod
    def clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        """The value that stands in ``text`` (any cell text, untrimmed), or None when it says nothing, or why not."""

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        """The value as people read it; ``masked`` hides what identifies a person."""
        return "" if value is None else str(value)

    def same(self, left: Value, right: Value) -> bool:
        """Whether two values say the same thing."""
        return bool(left == right)
