"""Mask personal data in plain text fields before showing or indexing them: telephones, identity numbers, e-mail
addresses.

The book says which fields are secret. Any other field of words, an address or a remark, may still hold a contact: it is
shown like a secret, to those who may read secret fields and state a purpose.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from zhiheng.engines.publication import scrub

# Types of fields whose values are words; what has no type is no field, and may be any words.
WORDS: Final = frozenset({"", "text", "long_text", "party"})


def plain_words(text: str, kind: str = "") -> str:
    """A text of a field of this type as it may be shown to everybody who sees the fact.

    Eleven digits alone in a short text are the number of a batch or a paper; in any other words, a telephone.
    """
    return scrub(text, (), free=kind != "text") if kind in WORDS else text


def plain_cell(text: str, kinds: Collection[str]) -> str:
    """The same of a delivered cell that feeds fields of these types: what one of them says in full is shown in full."""
    if not kinds:
        return plain_words(text)
    shown = {plain_words(text, kind) for kind in kinds}
    return text if text in shown else min(shown)
