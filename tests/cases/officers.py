"""People of the default book for tests of cases: officers of the market bureau of the first district, of another unit,
of the level above, and owners of enterprises.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from tests.book_once import book_once, with_chapters
from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.roles import ROLES, Clause, Role
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Actor, Holding

BOOK = Path(__file__).resolve().parents[2] / "book"
MARKET, NEIGHBOUR, CITY = "liyuan_market", "liyuan_construction", "yunlan_market"
ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> dt.datetime:
    """A moment of the place: '2026-03-02 09:30', or the beginning of a day."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


def officer(number: int, role: str, unit: str = MARKET, name: str = "") -> Actor:
    """Somebody with a role at a unit."""
    return Actor(f"account:{number}", "officer", name or f"某{number}", (Holding(role, unit, "", None),))


def call(actor: Actor, moment: str | dt.datetime, book: Book | None = None) -> Call:
    """A call of somebody at a moment."""
    return Call(actor, book or book_once(BOOK), at(moment) if isinstance(moment, str) else moment)


@cache
def book_with_rights(rights: tuple[str, ...]) -> Book:
    """The default book with a role for each of these rights alone, named ``only_case_handle``."""
    book = book_once(BOOK)
    roles = dict(book[ROLES])
    for right in rights:
        roles[only(right)] = Role(
            label=Label(zh=f"只可{ACTS[right].zh}", en=f"only {right}"),
            kind="officer",
            held_by=Label(zh="测试", en="test"),
            may=(Clause(reach="unit", acts=tuple(dict.fromkeys((right, "case.read", "objection.read")))),),
        )
    return with_chapters(book, {ROLES: MappingProxyType(roles)})


def only(right: str) -> str:
    """The name of the role with one right."""
    return f"only_{right.replace('.', '_')}"
