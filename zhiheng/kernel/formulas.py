"""Texts that a spreadsheet would run: the one rule for every file of text that leaves this house.

A text file can't say that a cell is text. What a spreadsheet takes for a formula may fetch a page with the cells beside
it, or start a program; an apostrophe before it makes it a text again.
"""

from __future__ import annotations

import re

_NEGATIVE = re.compile(r"-[0-9]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# The full-width signs are read like the narrow ones by some programs.
_BEGINNINGS = frozenset("=+-@＝＋－＠\t\r\n")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula that can do something."""
    first = text[:1] if text[:1] in "\t\r\n" else text.lstrip()[:1]
    if first not in _BEGINNINGS or not first:
        return False
    return first != "-" or _NEGATIVE.fullmatch(text.strip()) is None


def as_delivered(text: str) -> str:
    """The text as it was before ``as_text``, where a file of ours comes back."""
    return text[1:] if text[:1] == "'" and is_formula(text[1:]) else text


def as_text(text: str) -> str:
    """The text as it is safe in a cell of a text file."""
    return f"'{text}" if is_formula(text) else text
