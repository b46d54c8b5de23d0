"""Whom a quality file is about: names, codes, addresses and spellings, in the order in which they were delivered; and
where a subject went that has no file any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from zhiheng.engines.plain_words import plain_words
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, IdentityAct
from zhiheng.quality_file import refusals


@dataclass(frozen=True)
class SubjectSpelling:
    """A subject as it was delivered once: a name with the code, address and place that stood beside it.

    ``part``: where it is only what one unit said under it (``unit:...``), or facts that a split named (``facts:...``).
    """

    alias: int
    name: str
    code: str
    code_kind: str
    address: str
    place: str
    part: str = ""


@dataclass(frozen=True)
class FileHead:
    """Whom a file is about. Names, codes and addresses each once, in the order in which they were first delivered."""

    subject: int
    kind: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    addresses: tuple[str, ...]
    spellings: tuple[SubjectSpelling, ...]


def file_head(subject: int) -> FileHead | None:
    """Whom the file is about; None where there is no such subject, or nothing is linked to it any more (one
    statement).
    """
    aliases = list(Alias.objects.filter(subject_id=subject).order_by("id"))
    if not aliases:
        return None
    return FileHead(
        subject,
        aliases[0].kind,
        _distinct(plain_words(a.name) for a in aliases),
        _distinct(a.code for a in aliases),
        _distinct(plain_words(a.address) for a in aliases),
        tuple(SubjectSpelling(a.id, a.name, a.code, a.code_kind, a.address, a.place, a.part or "") for a in aliases),
    )


def opened_head(subject: int) -> FileHead:
    """Whom the file is about; raises Refused where there is no such file, or where it went into another (one statement,
    two where there is none).
    """
    head = file_head(subject)
    if head is not None:
        return head
    other = merged_into(subject)
    raise Refused(refusals.file_absent(subject) if other is None else refusals.file_merged(subject, other))


def merged_into(subject: int) -> int | None:
    """The subject that took a subject's names over and still has one of them; None where nothing was moved away from
    it.

    Acts of identity are few (a person makes each), so their texts are looked through, the latest first.
    """
    for text in (
        IdentityAct.objects.filter(moves__contains=f",{subject},").order_by("-id").values_list("moves", flat=True)
    ):
        moved = [alias for alias, start, _ in orjson.loads(text) if start == subject]
        holder = (
            Alias.objects.filter(id__in=moved).exclude(subject_id=subject).values_list("subject_id", flat=True).first()
        )
        if holder is not None:
            return int(holder)
    return None


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
