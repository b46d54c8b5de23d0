"""Facts: statements by a unit, with the parties they concern, when they hold, and when they were learned.

A fact is a statement, not a truth: a unit made it, in a record of a certain type, about parties in their roles. It is
never changed. A correction or a withdrawal is a new fact that names the old one and says why.

The *content* of a fact is a text of six lines joined by line feeds (JSON never holds a raw line feed)::

    record type, speaking unit, kind and the fact it concerns, body (canonical JSON),
    marks (row number|occurred on|valid until|outcome|area|flags|thing), row as delivered (JSON array)

Its SHA-256 leaf hash stands in the Merkle tree of its delivery; ``statement_key`` (without the delivered row) tells
whether the same unit has made the same statement before, in whatever spelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

import orjson

FactKind = Literal["statement", "correction", "withdrawal"]


class Party(NamedTuple):
    """A person, enterprise or product that a fact concerns, in a role, as delivered."""

    role: str
    name: str
    kind: str = "enterprise"
    code: str = ""
    code_kind: str = ""
    address: str = ""
    place: str = ""
    formers: tuple[str, ...] = ()


def canonical(value: Mapping[str, Any] | Sequence[Any] | str | int | bool | None) -> str:
    """Canonical JSON: keys sorted, no spaces, UTF-8 kept; the same value always gives the same text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def statement(record: str, unit: str, kind: str, concerns: str, body: str) -> str:
    """What is said and by whom: the part of the content that decides whether it was said before."""
    return f"{record}\n{unit}\n{kind}:{concerns}\n{body}"


def marks(
    row_number: int,
    occurred_on: str,
    valid_until: str | None,
    outcome: str | None,
    area: str,
    flags: str,
    thing: int | None,
) -> str:
    """The columns beside a statement as one line of its content, so that a change to one of them breaks the leaf
    hash.
    """
    said = "" if thing is None else thing
    return f"{row_number}|{occurred_on}|{valid_until or ''}|{outcome or ''}|{area}|{flags}|{said}"


def content(said: str, marked: str, row: str) -> bytes:
    """The whole content of a fact, as hashed: the statement, its marks and the row as it was delivered."""
    return f"{said}\n{marked}\n{row}".encode()


def statement_key(said: str, salt: int = 0) -> int:
    """A 63-bit key of a statement. Two different statements with the same key are distinguished by comparing them;
    ``salt`` is then raised.
    """
    text = said if not salt else f"{said}\n{salt}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
