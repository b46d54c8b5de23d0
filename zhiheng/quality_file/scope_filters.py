"""What of the ledger a scope shows, as conditions that narrow a list in SQL. Rooms that read facts take it from here.

How a scope becomes SQL stands in ``database/scope_sql.py``; here only how facts and deliveries tell its dimensions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from zhiheng.database.scope_sql import ScopedTable, column
from zhiheng.kernel.actor import Scope
from zhiheng.ledger.models import Alias, Fact, FactParty


class _OnFile(NamedTuple):
    """The enterprise through whose file facts are looked at, if any: the area of its card, and itself."""

    card_area: str
    subject: int | None


def _areas_of_facts(areas: Collection[str], file: _OnFile) -> Q:
    return Q() if file.card_area in areas else Q(area__in=sorted(areas))


def _subjects_of_facts(subjects: Collection[int], file: _OnFile) -> Q:
    return Q() if file.subject in subjects else Q(id__in=facts_of(subjects))


_FACTS = ScopedTable[_OnFile, Q](
    "facts",
    Q,
    records=column("record"),
    areas=_areas_of_facts,
    units=column("unit"),
    subjects=_subjects_of_facts,
    workflows=ScopedTable.LIMITS_NOTHING,
)


def facts_within(scope: Scope, *, card_area: str = "", subject: int | None = None) -> Q:
    """The facts that a scope shows.

    On the file of one enterprise, ``card_area`` is the area of its card: a reader who reaches that area sees the whole
    file, wherever the single fact lies; ``subject`` is the enterprise itself, whose own people see it.
    """
    return _FACTS.within(scope, _OnFile(card_area, subject))


def facts_of(subjects: Collection[int]) -> QuerySet[Any, Any]:
    """The ids of the facts about subjects, as a subquery."""
    aliases = Alias.objects.filter(subject_id__in=sorted(subjects)).values("id")
    return FactParty.objects.filter(alias_id__in=aliases).values("fact_id")


def _records_of_deliveries(records: Collection[str], area_of_unit: Mapping[str, str]) -> Q:
    # A delivery that was not recognised has no record; its own unit sees it all the same.
    return Q(record__in=sorted(records)) | Q(record="")


def _areas_of_deliveries(areas: Collection[str], area_of_unit: Mapping[str, str]) -> Q:
    return Q(unit__in=sorted(unit for unit, area in area_of_unit.items() if area in areas))


_DELIVERIES = ScopedTable[Mapping[str, str], Q](
    "deliveries",
    Q,
    records=_records_of_deliveries,
    areas=_areas_of_deliveries,
    units=column("unit"),
    subjects=ScopedTable.HIDES,
    workflows=ScopedTable.LIMITS_NOTHING,
)


def deliveries_within(scope: Scope, area_of_unit: Mapping[str, str]) -> Q:
    """The deliveries that a scope shows: those of units within its units or areas; ``area_of_unit`` is the book's."""
    return _DELIVERIES.within(scope, area_of_unit)


def fact_shown(fact: Fact, scope: Scope, *, card_area: str = "", subjects: Collection[int] = ()) -> bool:
    """Whether a scope shows a fact that is already read; ``subjects`` are those it is about."""
    areas = (fact.area, card_area) if card_area else (fact.area,)
    return scope.shows(record=fact.record, areas=areas, unit=fact.unit, subjects=subjects)
