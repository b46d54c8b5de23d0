"""The facts that an early warning watches, as one columnar expression: what is counted, listed and grouped is the same.

Pure: the tables are those of ``engines/indicator.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from zhiheng.engines.indicator import facts_met, meets
from zhiheng.engines.standing import latest_of_each_thing
from zhiheng.grammar.chapters.early_warning import AREA, Cluster, CountedByPeriod, Expiry, NeverFails
from zhiheng.grammar.chapters.indicators import Measure
from zhiheng.grammar.types import ROLES, Filter

# Names of the columns of an occurrence: its groups, in the order of ``per``, and what is counted of it.
GROUP, COUNTED = "by{}", "counted"
EPOCH = dt.date(1970, 1, 1)
_PARTIES = frozenset((*ROLES, "about"))


def occurrences(
    watch: CountedByPeriod | Cluster,
    tables: Mapping[str, ibis.Table],
    *,
    first: dt.date,
    last: dt.date,
    known_on: dt.date,
    areas: Sequence[str] | None = None,
) -> ibis.Table:
    """A row per watched fact: ``fact_id``, ``occurred_on``, ``learned_on``, ``unit``, ``area``, ``by0`` ... (text, one
    per group of ``per`` but the area) and ``counted`` (text; the fact itself where facts are counted).

    A fact that says nothing of a group is in none; one that names several parties in it is in the group of each.
    ``areas``: only facts counted in these.
    """
    grouped = [name for name in watch.per if name != AREA]
    roles = [name for name in dict.fromkeys([*grouped, watch.count]) if name in _PARTIES]
    columns = [name for name in dict.fromkeys([*grouped, watch.count]) if name not in _PARTIES and name != "facts"]
    facts = _watched(watch.record, watch.where, tables, first, last, known_on, columns, roles)
    if areas is not None:
        facts = facts.filter(facts.area.isin(list(areas)))

    def said(name: str) -> Any:
        column = facts[f"{name}__subject"] if name in roles else facts[name]
        return column.cast("string")

    named: dict[str, Any] = {GROUP.format(place): said(name) for place, name in enumerate(grouped)}
    named[COUNTED] = facts.fact_id.cast("string") if watch.count == "facts" else said(watch.count)
    shown = facts.select("fact_id", "occurred_on", "learned_on", "unit", "area", **named)
    return shown.filter([shown[name].notnull() for name in named])


def counts(watch: CountedByPeriod, facts: ibis.Table, around: ibis.Table | None, key: Mapping[str, str]) -> ibis.Table:
    """How many of each series in each period: ``area_key``, ``by0`` ..., ``period`` (its first day, as days since
    1970) and ``number``. ``facts``: see ``occurrences``.

    ``around`` (area, around): a fact counts in its area and in every one around it; None: under the area "". ``key``:
    only the series of these groups.
    """
    if around is not None:
        facts = facts.inner_join(around, facts.area == around.area).select(*facts.columns, "around")
    columns = {name: GROUP.format(place) for place, name in enumerate(one for one in watch.per if one != AREA)}
    columns |= {AREA: "around"} if around is not None else {}
    for name in columns.keys() & key.keys():
        facts = facts.filter(facts[columns[name]] == key[name])
    day = facts.occurred_on.delta(ibis.literal(EPOCH), unit="day")
    if watch.every == "week":
        # 1970-01-01 was a Thursday; so many weeks more keep the remainder of earlier days from being negative.
        day = day - (day + 3 + _WEEKS * 7) % 7
    area = facts.around if around is not None else ibis.literal("")
    groups = {name: facts[name] for name in columns.values() if name != "around"}
    asked = facts.select("fact_id", COUNTED, area_key=area, **groups, period=day.cast("int64"))
    number = asked.fact_id.nunique() if watch.count == "facts" else asked[COUNTED].nunique()
    return asked.group_by("area_key", *groups, "period").aggregate(number=number)


# More weeks than there are between 1970 and any day.
_WEEKS = 200_000


def reported(
    watch: CountedByPeriod, tables: Mapping[str, ibis.Table], *, first: dt.date, last: dt.date, known_on: dt.date
) -> ibis.Table:
    """A row per day and unit that said anything in the record, whatever it said: ``occurred_on``, ``learned_on``,
    ``unit``, ``area``, ``facts``. A period of which nobody said anything is missing, not zero.
    """
    facts = _watched(watch.record, {}, tables, first, last, known_on, (), ())
    return facts.group_by("occurred_on", "learned_on", "unit", "area").aggregate(facts=facts.count())


def tests_of(
    watch: NeverFails, tables: Mapping[str, ibis.Table], *, first: dt.date, last: dt.date, known_on: dt.date
) -> ibis.Table:
    """A row per tester: ``subject``, ``tests``, ``failed``."""
    columns = [*watch.fails]
    facts = _watched(watch.record, watch.where, tables, first, last, known_on, columns, [watch.role])
    failed = _watched(watch.record, {**watch.where, **watch.fails}, tables, first, last, known_on, (), ())
    failed = failed.select(failed_fact="fact_id").distinct()
    told = facts.left_join(failed, facts.fact_id == failed.failed_fact)
    subject = f"{watch.role}__subject"
    return told.group_by(subject=told[subject]).aggregate(
        tests=told.fact_id.nunique(), failed=told.failed_fact.nunique()
    )


def held(watch: Expiry, tables: Mapping[str, ibis.Table], *, day: dt.date, known_on: dt.date) -> ibis.Table:
    """What holds or held of each enterprise, the latest statement on each thing: ``fact_id``, ``subject``, ``area``,
    ``valid_until``.
    """
    measure = Measure(record=watch.record, count="facts", period="ever")
    whole = tables[watch.record]
    columns = ["area", "valid_until", *(["thing"] if "thing" in whole.columns else []), *watch.where]
    facts = facts_met(
        measure, tables, first=None, last=day, known_on=known_on, columns=columns, parties=[watch.role], placed=True
    )
    if "thing" in facts.columns:
        facts = latest_of_each_thing(facts)
    facts = facts.filter([meets(facts[name], name, condition) for name, condition in watch.where.items()])
    return facts.select("fact_id", "area", "valid_until", subject=facts[f"{watch.role}__subject"])


def _watched(
    record: str,
    where: Filter,
    tables: Mapping[str, ibis.Table],
    first: dt.date,
    last: dt.date,
    known_on: dt.date,
    columns: Sequence[str],
    parties: Sequence[str],
) -> ibis.Table:
    measure = Measure(record=record, count="facts", where=where, period="ever")
    return facts_met(
        measure,
        tables,
        first=first,
        last=last,
        known_on=known_on,
        columns=("unit", "area", *columns),
        parties=parties,
        placed=True,
    )
