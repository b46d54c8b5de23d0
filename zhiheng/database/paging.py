"""Lists page by page: what a page is, where the next one begins, and how a table is read from there.

A page never counts off what lies before it. It begins after a *place*: the values by which the list is ordered, of the
last row of the page before. So page 1,000 costs what page 1 costs, and a row that comes in meanwhile moves nothing.

``Keyset``      the order of a queryset's list, and its pages
``cut``         a page of rows that something else has found, one more than are shown (``one_more``)
``place_text``  a place as text, and ``place_values`` back again

A place is plain text without a secret. What an address shows of it is sealed at the door (``pages.paging``), so that it
fits one list only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import Q, QuerySet

from zhiheng.kernel.parse_params import FIRST_DAY, LAST_DAY, day_in, number_in

_BETWEEN = "~"
_MOST_DIGITS_OF_A_MOMENT = 40

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, the place of the next page ("": there is none), and how many rows the list has where that
    was asked (most lists count on the first page only).
    """

    rows: Sequence[T] = ()
    next: str = ""
    total: int | None = None

    def made(self, rows: Iterable[U], total: int | None = None) -> Page[U]:
        """The same page with what was made of its rows."""
        return Page(tuple(rows), self.next, self.total if total is None else total)

    def of_total(self, total: int | None) -> Page[T]:
        """The same page of a list with so many rows."""
        return replace(self, total=total)


class Keyset:
    """An order of a table in which no two rows stand alike, as ``QuerySet.order_by`` has it: ``Keyset("-at", "-id")``.

    The fields are never null: days, moments, whole numbers or texts. The last one tells any two rows apart.
    """

    def __init__(self, *fields: str) -> None:
        self.fields = fields
        self._keys = [(field.removeprefix("-"), field.startswith("-")) for field in fields]

    def page(self, rows: QuerySet[Any], after: str, limit: int) -> Page[Any]:
        """At most ``limit`` rows after a place; one that can't be read is the beginning. One query."""
        found = list(self.beyond(rows, after).order_by(*self.fields)[: one_more(limit)])
        return cut(found, limit, self.place)

    def merged(self, parts: Sequence[QuerySet[Any]], after: str, limit: int) -> Page[Any]:
        """A page of several selections of one table that share no row, as one list; each is read by its own index. A
        query for each. Texts are ordered as Python does.
        """
        found: list[Any] = []
        for rows in parts:
            found += self.beyond(rows, after).order_by(*self.fields)[: one_more(limit)]
        if len(parts) > 1:
            for name, descending in reversed(self._keys):
                found.sort(key=partial(_value, name=name), reverse=descending)
        return cut(found, limit, self.place)

    def keys(self, rows: QuerySet[Any], after: str, limit: int) -> Page[tuple[Any, ...]]:
        """The same of the keys alone: a tuple a row, in the order of the fields."""
        names = [name for name, _ in self._keys]
        found = list(self.beyond(rows, after).order_by(*self.fields).values_list(*names)[: one_more(limit)])
        return cut(found, limit, lambda row: place_text(*row))

    def place(self, row: Any) -> str:
        """Where a row stands."""
        return place_text(*(_value(row, name) for name, _ in self._keys))

    def beyond(self, rows: QuerySet[Any], after: str) -> QuerySet[Any]:
        """The rows after a place; all of them where there is none, or it can't be read."""
        kinds = [_kind_of(rows.model._meta.get_field(name)) for name, _ in self._keys]
        place = place_values(after, *kinds)
        return rows if place is None else rows.filter(self._after(place))

    def _after(self, place: Sequence[Any]) -> Q:
        # The first condition stands alone, so that an index can begin with it: a <= 3 AND (a < 3 OR b < 7).
        (name, descending), *_ = self._keys[len(self._keys) - len(place) :]
        sign = "lt" if descending else "gt"
        strictly = Q(**{f"{name}__{sign}": place[0]})
        if len(place) == 1:
            return strictly
        return Q(**{f"{name}__{sign}e": place[0]}) & (strictly | self._after(place[1:]))


def chained(parts: Sequence[tuple[Keyset, QuerySet[Any]]], after: str, limit: int) -> Page[Any]:
    """A page of several lists of one table that stand one after the other, each in its own order. A query for each list
    that the page reaches into.
    """
    number, _, inner = after.partition(_BETWEEN)
    first = number_in(number) or 0
    rows: list[Any] = []
    for at, (order, found) in enumerate(parts):
        if at < first:
            continue
        if len(rows) == limit:
            return Page(tuple(rows), f"{at}{_BETWEEN}" if found.exists() else "")
        page = order.page(found, inner if at == first else "", limit - len(rows))
        rows += page.rows
        if page.next:
            return Page(tuple(rows), f"{at}{_BETWEEN}{page.next}")
    return Page(tuple(rows))


def one_more(limit: int) -> int:
    """How many rows to ask for, so that it is known whether there is a next page: one more than are shown."""
    return limit + 1


def cut(found: Sequence[T], limit: int, place: Callable[[T], str]) -> Page[T]:
    """A page of rows of which ``one_more(limit)`` were asked for."""
    shown = found[:limit]
    return Page(tuple(shown), place(shown[-1]) if shown and len(found) > limit else "")


def cut_start(found: Sequence[T], limit: int, start: int) -> Page[T]:
    """The same where a place is only how many rows lie before it (rows of the lake, which has no index to begin at)."""
    return cut(found, limit, lambda _: str(start + limit))


def place_text(*values: Any) -> str:
    """A place: the values that the order of a list has, with a sign between them."""
    return _BETWEEN.join(_written(value) for value in values)


def place_values(text: str, *kinds: type) -> tuple[Any, ...] | None:
    """The values of a place, of these kinds (``int``, ``str``, ``date``, ``datetime``); None where it is none."""
    parts = text.split(_BETWEEN)
    if not text or len(parts) != len(kinds):
        return None
    values = [_READ[kind](part) for kind, part in zip(kinds, parts, strict=True)]
    return None if None in values else tuple(values)


def _value(row: Any, name: str) -> Any:
    """What a row has in a field of its order; of a row of another table its number."""
    value = getattr(row, name)
    return value.pk if isinstance(value, models.Model) else value


def _written(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value).replace("%", "%25").replace(_BETWEEN, "%7E")


def _text_in(text: str) -> str | None:
    # PostgreSQL takes no text with a NUL; nothing has one.
    return None if "\0" in text else text.replace("%7E", _BETWEEN).replace("%25", "%")


def _moment_in(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text[:_MOST_DIGITS_OF_A_MOMENT])
    except ValueError:
        return None
    # Only a moment with its zone is one; and it is none where its day is none.
    return moment if moment.tzinfo is not None and FIRST_DAY <= moment.date() <= LAST_DAY else None


_READ: dict[type, Callable[[str], Any]] = {int: number_in, dt.date: day_in, dt.datetime: _moment_in, str: _text_in}


def _kind_of(field: Any) -> type:
    if isinstance(field, models.DateTimeField):
        return dt.datetime
    if isinstance(field, models.DateField):
        return dt.date
    return int if isinstance(field, models.IntegerField | models.AutoField | models.ForeignKey) else str
