"""What is late in an area: deliveries that are owed, and enterprises with things that ended or that end soon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from zhiheng.kernel.memo import Recent
from zhiheng.projections.models import Card, Owed

SOON = 30
# Area -> what ended, ends soon, is a problem, stands on lists; as of the last refresh alone.
_COUNTED: Recent[tuple[object, ...], Mapping[str, tuple[int, int, int, int]]] = Recent(1)


@dataclass(frozen=True)
class Late:
    """Deliveries owed and not handed in by their due day: how many, of how many units, and the oldest of them."""

    deliveries: int
    units: int
    oldest: Sequence[Owed]


@dataclass(frozen=True)
class OverdueCounts:
    """How many enterprises have something that ended, something that ends within 30 days, open problems, a place on a
    list.
    """

    expired: int
    soon: int
    problems: int
    listed: int


def late(units: Collection[str], today: dt.date, *, limit: int = 2) -> Late:
    """What these units owe and have not handed in. Two queries."""
    owed = Owed.objects.late(today, units)
    total = owed.aggregate(n=Count("id"), units=Count("unit", distinct=True))
    oldest = list(owed.order_by("due_on", "unit", "record")[:limit]) if total["n"] else []
    return Late(total["n"], total["units"], oldest)


def standing(areas: Collection[str], today: dt.date, refreshed: object) -> OverdueCounts:
    """Counts of the cards of these areas. One query, for all areas at once; remembered while ``refreshed``, when that
    was, is the same.
    """
    inside = set(areas)
    counted = _COUNTED.get((refreshed, today), lambda: _count(today))
    counts = [four for area, four in counted.items() if area in inside]
    return OverdueCounts(*(sum(four[i] for four in counts) for i in range(4)))


def _count(today: dt.date) -> dict[str, tuple[int, int, int, int]]:
    rows = Card.objects.values("area").annotate(
        ended=Count("subject", filter=Q(expired__gt=0)),
        soon=Count("subject", filter=Q(next_expiry__lte=today + dt.timedelta(days=SOON))),
        problems=Count("subject", filter=Q(open_problems__gt=0)),
        on_any_list=Count("subject", filter=Q(listed=True)),
    )
    return {r["area"]: (r["ended"], r["soon"], r["problems"], r["on_any_list"]) for r in rows}
