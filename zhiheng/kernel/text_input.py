"""Clean text typed into a form, so that it can be stored and shown: no characters that control a terminal, reverse a
line or end a text.
"""

from __future__ import annotations

import unicodedata

from zhiheng.kernel import refusals
from zhiheng.kernel.reasons import Refused

_LEAST, _MOST = 4, 200


def one_line(text: str) -> str:
    """A short text: control characters are gone, every run of spaces and line ends is one space."""
    return " ".join(_printable(text).split())


def paragraphs(text: str) -> str:
    """A long text: its own line ends stay, control characters are gone."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_printable(line).rstrip() for line in lines).strip()


def purpose_in(text: str, *, zh: str, en: str) -> str:
    """The purpose for which secret fields are revealed; ``zh`` and ``en`` are an example of one. Raises Refused where
    the text is no purpose in words.
    """
    said = one_line(text)
    if not _LEAST <= len(said) <= _MOST:
        raise Refused(refusals.purpose_missing(_LEAST, most=_MOST, zh=zh, en=en))
    return said


def _printable(text: str) -> str:
    # Half characters (surrogates) can't be stored, unassigned ones can't be read; both have a category beginning with
    # C.
    plain = unicodedata.normalize("NFC", "".join(" " if c.isspace() else c for c in text))
    return "".join(c for c in plain if unicodedata.category(c)[0] != "C")
