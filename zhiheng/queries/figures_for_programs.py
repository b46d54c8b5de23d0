"""What a program reads of the indicators: figures of an area, and the facts behind one of them, page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import islice

from django.conf import settings

from zhiheng.analytics.lake import Lake
from zhiheng.analytics.query import Figure, facts_behind
from zhiheng.analytics.query import figures as compute
from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access


def figures(
    area: str,
    *,
    names: Sequence[str] | None,
    as_of: dt.date,
    known_on: dt.date,
    actor: Actor,
    book: Book,
    now: dt.datetime,
) -> list[Figure]:
    """The figures of an area as of a day, as known on a day; raises Refused outside of the actor's areas."""
    _ask(area, actor, book, now)
    return compute(_lake(book), book, area=area, as_of=as_of, known_on=known_on, names=names)


def behind(
    name: str,
    area: str,
    *,
    as_of: dt.date,
    known_on: dt.date,
    after: int,
    limit: int,
    actor: Actor,
    book: Book,
    now: dt.datetime,
) -> tuple[list[int], str]:
    """Numbers of the facts behind a figure that come after a number, and where the next page begins (empty: nowhere)."""
    _ask(area, actor, book, now)
    if name not in book.indicators:
        raise Refused(
            Refusal(
                "indicator.absent",
                f"没有“{name}”这个指标；请用 /indicators 查看全部。",
                f"There is no indicator {name!r}; see /indicators.",
                field="name",
            )
        )
    ids = facts_behind(_lake(book), book, name, area=area, as_of=as_of, known_on=known_on)
    found = list(islice((number for number in ids if number > after), limit + 1))
    return found[:limit], str(found[limit - 1]) if len(found) > limit else ""


def _ask(area: str, actor: Actor, book: Book, now: dt.datetime) -> None:
    if area not in book.areas_below:
        raise Refused(
            Refusal(
                "area.absent",
                f"没有代码为“{area}”的地区；请填规则书里的区划代码。",
                f"There is no area {area!r}; give a code of the book.",
                field="area",
            )
        )
    access.require(actor, "indicator.read", book=book, today=now.date(), area=area)


def _lake(book: Book) -> Lake:
    return Lake(inside(settings.DATA, "lake"), book)
