"""A scope as an SQL condition, for any table: the one place where a list is narrowed to what an actor may see.

Access is decided in ``people/access.py`` and handed on as a :class:`~zhiheng.kernel.actor.Scope`. A table declares
once, for every dimension of a scope, how its rows express it. A dimension that is not declared is a TypeError when the
module is imported, so a new dimension can't be forgotten in a table. tests/access/test_scoped_tables.py compares every
table with ``Scope.shows`` row by row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from django.db.models import Q

from zhiheng.kernel.actor import Reach, Scope

DIMENSIONS = tuple(field.name for field in dataclasses.fields(Reach))


@dataclass(frozen=True, slots=True)
class SqlCondition:
    """A condition in raw SQL with its parameters; empty where everything meets it."""

    sql: str = ""
    params: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sql)

    def __and__(self, other: SqlCondition) -> SqlCondition:
        if not self or not other:
            return self or other
        return SqlCondition(f"{self.sql} AND {other.sql}", self.params + other.params)

    def __or__(self, other: SqlCondition) -> SqlCondition:
        if not self or not other:
            return SqlCondition()
        return SqlCondition(f"({self.sql}) OR ({other.sql})", self.params + other.params)


# In which language a condition is written: Django's (``Q``) or raw SQL (``Condition``).
C = TypeVar("C", Q, SqlCondition)
# What else a table has to be told to write a condition: the area of a card, the units of the book ...
K = TypeVar("K")
# What no row meets, in both languages.
NOTHING: dict[type, Any] = {Q: Q(pk__in=()), SqlCondition: SqlCondition("1 = 0")}
# From the values that a way of a scope is limited to, and what else is told, to the condition.
Told: TypeAlias = Callable[[Collection[Any], K], C]


class ScopedTable(Generic[K, C]):
    """How the rows of a table tell each dimension of a scope: ``records``, ``areas``, ``units``, ``subjects``.

    Per dimension one of: a function of the values and of what else is told; ``HIDES``, where rows do not tell it and
    whoever is limited by it sees none of them; ``LIMITS_NOTHING``, where it means nothing for these rows. ``name`` is
    unique in the house.
    """

    HIDES = "hides"
    LIMITS_NOTHING = "limits nothing"

    def __init__(self, name: str, language: type[C], **dimensions: Told[K, C] | str) -> None:
        if set(dimensions) != set(DIMENSIONS):
            missing, unknown = set(DIMENSIONS) - set(dimensions), set(dimensions) - set(DIMENSIONS)
            raise TypeError(
                f"{name}: declare how rows tell {sorted(missing)}; no dimension of a scope: {sorted(unknown)}"
            )
        if name in TABLES:
            raise TypeError(f"{name} is declared twice")
        wrong = [
            n
            for n, told in dimensions.items()
            if isinstance(told, str) and told not in (self.HIDES, self.LIMITS_NOTHING)
        ]
        if wrong:
            raise TypeError(f"{name}: {wrong} must be a function, HIDES or LIMITS_NOTHING")
        self.name = name
        self.dimensions: dict[str, Told[K, C] | str] = dimensions
        self._everything: C = language()
        self._nothing: C = NOTHING[language]
        TABLES[name] = self

    def within(self, scope: Scope, known: K) -> C:
        """The rows that a scope shows; empty where it shows all of them."""
        if scope.everything:
            return self._everything
        found: C | None = None
        for reach in scope.ways:
            way = self._way(reach, known)
            if not way:
                return self._everything
            found = way if found is None else found | way
        return self._nothing if found is None else found

    def _way(self, reach: Reach, known: K) -> C:
        """One way of a scope: all of its dimensions must hold."""
        way = self._everything
        for dimension in DIMENSIONS:
            values = getattr(reach, dimension)
            told = self.dimensions[dimension]
            if values is None or told == self.LIMITS_NOTHING:
                continue
            if not values or isinstance(told, str):
                return self._nothing
            way &= told(values, known)
        return way


TABLES: dict[str, ScopedTable[Any, Any]] = {}


def column(name: str) -> Callable[[Collection[Any], Any], Q]:
    """A dimension that stands in a column."""
    return lambda values, known: Q(**{f"{name}__in": sorted(values)})


def among(expression: str, values: Collection[Any]) -> SqlCondition:
    """The raw condition that an expression has one of the values."""
    if not values:
        return SqlCondition("1 = 0")
    return SqlCondition(f"{expression} IN ({', '.join(['%s'] * len(values))})", tuple(sorted(values)))
