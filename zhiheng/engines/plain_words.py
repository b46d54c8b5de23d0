"""Mask personal data in plain text before showing, publishing or indexing it: telephones, identity numbers, e-mail
addresses.

The book says which fields are secret. Any other field of words, an address or a remark, may still hold a contact: it is
shown like a secret, to those who may read secret fields and state a purpose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from zhiheng.grammar.types import Label
from zhiheng.kernel.fields.code import ResidentId
from zhiheng.kernel.masking import MOBILE, MOBILE_LENGTH

HIDDEN: Final = Label(zh="〔隐去〕", en="[hidden]")
_RESIDENT: Final = re.compile(r"(?<![0-9０-９A-Za-z])[1-9１-９][0-9０-９]{16}[0-9０-９XxＸｘ](?![0-9０-９A-Za-z])")
_ELEVEN: Final = re.compile("[0-9]{11}")
# Most texts are too short for any of them.
_SHORT: Final = 18
_MAIL: Final = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
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


def identifies_nobody(text: str) -> bool:
    """Whether a text is too short for any telephone or number, and is no address of mail: most texts are."""
    return len(text) < MOBILE_LENGTH and "@" not in text


def scrub(text: str, secrets: Iterable[str], *, free: bool = True) -> str:
    """A text without the secrets and without what identifies a person; ``free``: a text in which anything may stand.

    A short text may be a batch or a number of a paper: where it is eleven digits and nothing else, they are no
    telephone.
    """
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, HIDDEN.zh)
    if identifies_nobody(text):
        return text
    if len(text) >= _SHORT:
        text = _RESIDENT.sub(lambda found: HIDDEN.zh if _is_resident(found[0]) else found[0], text)
    if "@" in text:
        text = _MAIL.sub(HIDDEN.zh, text)
    if len(text) < MOBILE_LENGTH or (not free and _ELEVEN.fullmatch(text)):
        return text
    return MOBILE.sub(HIDDEN.zh, text)


def identifying(text: str, secrets: Iterable[str] = ()) -> tuple[str, ...]:
    """What in a notice would identify a person: notices are read by everybody, and are written without."""
    found = [secret for secret in secrets if len(secret) >= 2 and secret in text]
    found += [each[0] for each in _RESIDENT.finditer(text) if _is_resident(each[0])]
    found += [each[0] for pattern in (MOBILE, _MAIL) for each in pattern.finditer(text)]
    return tuple(dict.fromkeys(found))


def _is_resident(text: str) -> bool:
    return isinstance(ResidentId().clean(text), str)
