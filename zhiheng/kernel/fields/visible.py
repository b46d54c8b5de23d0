"""A delivered text without what nobody can see, and short enough to be quoted in a sentence."""

from __future__ import annotations

import re

# Characters that are neither seen nor meant: controls, zero-width marks, direction marks, lone surrogates.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_BREAK = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")


def visible(text: str) -> str:
    """The text without invisible characters; every kind of line break becomes a newline."""
    return _BREAK.sub("\n", INVISIBLE.sub("", text))


def quote(text: str, longest: int = 40) -> str:
    """A delivered text, short enough to stand inside a sentence."""
    text = _SPACES.sub(" ", visible(text[: longest * 4])).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"
