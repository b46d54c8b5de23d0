"""Texts that stand over several lines of a template, as a reader sees them."""

from __future__ import annotations

import re

_LINES = re.compile(r"\s*\n\s*")
_CHINESE = re.compile("[一-鿿]")


def as_said(text: str) -> str:
    """The text in one line: Chinese joined as it stands, English with a space, as ``{% t %}`` does."""
    return _LINES.sub("" if _CHINESE.search(text) else " ", text)
