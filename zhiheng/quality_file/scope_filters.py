"""What of the ledger a scope shows, as conditions that narrow a list in SQL. Rooms that read facts take it from here.

Who may see what is decided in ``people/access.py``; here a :class:`~zhiheng.kernel.actor.Scope` is only turned into SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from zhiheng.kernel.actor import Reach, Scope
from zhiheng.ledger.models import Alias, Fact, FactParty

_NOTHING = Q(pk__in=())


def facts_within(scope: Scope, *, card_area: str = "", subject: int | None = None, prefix: str = "") -> Q:
    """The facts that a scope shows.

    On the file of one enterprise, ``card_area`` is the area of its card: whoever reaches that area sees the whole file, wherever
    the single fact lies; ``subject`` is the enterprise itself, whose own people see it. ``prefix`` is the path to the fact from
    another table (``fact__``).
    """
    return _any_of(scope, lambda reach: _fact_way(reach, card_area, subject, prefix))


def _any_of(scope: Scope, condition: Any) -> Q:
    if scope.everything:
        return Q()
    if scope.nothing:
        return _NOTHING
    found = Q()
    for reach in scope.ways:
        way = condition(reach)
        if way == Q():
            return Q()
        found |= way
    return found


def _fact_way(reach: Reach, card_area: str, subject: int | None, prefix: str) -> Q:
    way = Q()
    if reach.records is not None:
        way &= Q(**{f"{prefix}record__in": sorted(reach.records)})
    if reach.units is not None:
        way &= Q(**{f"{prefix}unit__in": sorted(reach.units)})
    if reach.areas is not None and card_area not in reach.areas:
        way &= Q(**{f"{prefix}area__in": sorted(reach.areas)})
    if reach.subjects is not None and subject not in reach.subjects:
        way &= Q(**{f"{prefix}id__in": facts_of(reach.subjects)})
    return way


def facts_of(subjects: Collection[int]) -> QuerySet[Any, Any]:
    """The ids of the facts about subjects, as a subquery."""
    aliases = Alias.objects.filter(subject_id__in=sorted(subjects)).values("id")
    return FactParty.objects.filter(alias_id__in=aliases).values("fact_id")


def deliveries_within(scope: Scope, area_of_unit: Mapping[str, str]) -> Q:
    """The deliveries that a scope shows: those of units within its units or areas; ``area_of_unit`` is the book's."""

    def way(reach: Reach) -> Q:
        if reach.subjects is not None:
            return _NOTHING
        condition = Q()
        if reach.units is not None:
            condition &= Q(unit__in=sorted(reach.units))
        if reach.areas is not None:
            condition &= Q(unit__in=sorted(u for u, area in area_of_unit.items() if area in reach.areas))
        if reach.records is not None:
            # A delivery that was not recognised has no record; its own unit sees it all the same.
            condition &= Q(record__in=sorted(reach.records)) | Q(record="")
        return condition

    return _any_of(scope, way)


def fact_shown(fact: Fact, scope: Scope, *, card_area: str = "", subjects: Collection[int] = ()) -> bool:
    """Whether a scope shows a fact that is already read; ``subjects`` are those it is about."""
    return any(
        (reach.records is None or fact.record in reach.records)
        and (reach.units is None or fact.unit in reach.units)
        and (reach.areas is None or fact.area in reach.areas or (bool(card_area) and card_area in reach.areas))
        and (reach.subjects is None or bool(reach.subjects & set(subjects)))
        for reach in scope.ways
    )
