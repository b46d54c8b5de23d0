"""An indicator of the book as columnar expressions: what it counts, and the same conditions listing the facts behind
it.

Pure: tables come in as Ibis tables, expressions go out, to be run on any engine. The tables are:

* ``<record>``: the facts of a record (statements and corrections), one typed column per field and per role;
  without a column ``thing`` where no statement of the record replaces another
* ``<record>/acts`` (concerns, learned_on): corrections and withdrawals of such facts; absent where there are none
* ``<record>/parties`` (fact_id, role, alias_id): parties beyond the first of a role; absent where there are none
* ``_aliases`` (alias_id, subject_id): the subject that a delivered spelling stands for
* ``<record>/placed``: the facts with ``area`` as it is counted (``engines/places.py``); absent where the
  record names no party whose place counts
* ``_levels`` (code, level, within): which area of a level an area is or lies in (``engines/places.py``)

A condition on an empty field is not met, except ``none_of`` and ``exists: false``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, get_args

import ibis
import ibis.expr.datatypes as types

from zhiheng.engines import refusals
from zhiheng.engines.naming import COMPARED
from zhiheng.engines.places import at_levels, level_asked, party_column
from zhiheng.engines.standing import latest_of_each_thing, without_replaced
from zhiheng.grammar.chapters.district import AREA
from zhiheng.grammar.chapters.indicators import Indicator, Measure
from zhiheng.grammar.types import ROLES, Condition, Filter, Label, Severity
from zhiheng.kernel.reasons import Refused

Side = Literal["numerator", "denominator"]
# How many facts: those behind the number, those told only of an area around the one asked, those told of it and of none
# beneath it.
Told = Literal["facts", "above", "beneath"]

# Roles that a party of a record can have; ``about`` is the thing a record is about.
_ROLES = frozenset((*ROLES, "about"))
_SEVERITIES: tuple[str, ...] = get_args(Severity)
PERIODS = ("year", "quarter", "month")
# Dimensions of every indicator, beside ``area:`` with a level of the book's tree; further ones stand under ``per`` of
# the indicator.
DIMENSIONS = (AREA, "unit", "quality", *PERIODS)


@dataclass(frozen=True)
class MeasurePart:
    """One side of an indicator: a measure over the facts of a span of days, with the conditions that they meet.

    ``leads``: its facts are those that the number is one of: the denominator of a rate, else the numerator.
    """

    name: str
    side: Side
    measure: Measure
    where: tuple[tuple[str, Condition], ...]
    first: dt.date | None
    last: dt.date
    leads: bool = True

    @property
    def standing(self) -> bool:
        """Whether it asks what holds on the last day, and not what happened until then."""
        return self.measure.period == "standing"

    @property
    def role(self) -> str | None:
        """The role whose parties are counted, if any."""
        return self.measure.count if self.measure.count in _ROLES else None

    @property
    def column(self) -> str:
        """The column of its number in a question."""
        return f"{self.name}__{self.side}"

    @property
    def of_nothing(self) -> int | None:
        """Its number where there are no facts: a count of nothing is 0, a sum of nothing is none."""
        return 0 if self.measure.count is not None else None

    def column_of(self, told: Told) -> str:
        """The column with how many facts there are, in a question; only of a part that leads."""
        return f"{self.name}__{told}"


@dataclass(frozen=True)
class IndicatorQuery:
    """One expression that answers several parts: a row per group (one row without dimensions), a column per part."""

    table: ibis.Table
    by: tuple[str, ...]
    parts: tuple[MeasurePart, ...]


@dataclass(frozen=True)
class Compiled:
    """An indicator as expressions.

    ``numerator`` and ``denominator`` have a column per dimension and ``value``; ``facts`` has ``side`` and ``fact_id``
    of every fact behind the number. ``first`` is None where the period has no beginning.
    """

    indicator: Indicator
    numerator: ibis.Table
    denominator: ibis.Table | None
    facts: ibis.Table
    first: dt.date | None
    last: dt.date
    zh: str
    en: str


@dataclass(frozen=True)
class Frame:
    """The areas, the day and the day of knowledge for which an indicator is computed. No areas (None): everywhere.

    ``above`` are the areas around these, whose facts might belong here; ``at`` is the highest of these, where others
    lie beneath it. ``whole`` says that there are no other areas: then no places are looked up. ``levels``: those of the
    tree of areas, by which it can be split.
    """

    as_of: dt.date
    known_on: dt.date
    areas: Sequence[str] | None = None
    by: tuple[str, ...] = field(default=())
    above: tuple[str, ...] = ()
    at: str = ""
    whole: bool = False
    levels: tuple[str, ...] = ()

    def needs_place(self, split: Sequence[str] = ()) -> bool:
        """Whether it matters where within a wider area a fact is counted."""
        asked = self.areas is not None and not self.whole
        return asked or bool(self.at) or any(name.partition(":")[0] == AREA for name in (*self.by, *split))


def parts_of(name: str, indicator: Indicator, as_of: dt.date) -> tuple[MeasurePart, ...]:
    """The one or two sides of an indicator, each with its span of days."""

    def part(side: Side, measure: Measure, extra: Filter, span: tuple[dt.date | None, dt.date]) -> MeasurePart:
        where = [*measure.where.items(), *extra.items()]
        return MeasurePart(
            name, side, measure, tuple(where), *span, leads=(side == "denominator") == (indicator.kind == "rate")
        )

    if indicator.measure is not None and indicator.kind == "number":
        return (part("numerator", indicator.measure, {}, _span(indicator.measure, as_of)),)
    if indicator.kind == "rate":
        under = indicator.denominator
        assert under is not None
        over = indicator.numerator_measure or under
        return (
            part("numerator", over, indicator.numerator or {}, _span(over, as_of)),
            part("denominator", under, {}, _span(under, as_of)),
        )
    assert indicator.change is not None and indicator.base is not None
    base = indicator.change.model_copy(update={"period": "year"})
    year = indicator.base.year
    return (
        part("numerator", indicator.change, {}, _span(indicator.change, as_of)),
        part("denominator", base, {}, (dt.date(year, 1, 1), min(dt.date(year, 12, 31), as_of))),
    )


def _span(measure: Measure, as_of: dt.date) -> tuple[dt.date | None, dt.date]:
    if measure.period in ("ever", "standing"):
        return None, as_of
    years = 1 if measure.period == "year" else int(measure.period)
    return dt.date(as_of.year - years + 1, 1, 1), as_of


def compile(
    indicator: Indicator,
    tables: Mapping[str, ibis.Table],
    *,
    as_of: dt.date,
    known_on: dt.date,
    areas: Sequence[str] | None = None,
    by: Sequence[str] = (),
    group: Mapping[str, Any] | None = None,
    name: str = "indicator",
    whole: bool = False,
    show: Sequence[str] = (),
    levels: Sequence[str] = (),
) -> Compiled:
    """An indicator as expressions over the tables. Raises Refused for a dimension that it can't be split by.

    ``group`` narrows the facts behind the number to one cell of a split: dimension -> the value it has there. ``show``:
    columns of the records that stand beside each of these facts. ``levels``: those of the tree of areas.
    """
    frame = Frame(as_of, known_on, areas, tuple(by), whole=whole, levels=tuple(levels))
    check_dimensions(indicator, (*frame.by, *(group or ())), frame.levels)
    parts = parts_of(name, indicator, as_of)
    sides = [_question([part], [indicator], tables, frame).table for part in parts]
    keys = [f"by{i}" for i in range(len(frame.by))]
    sides = [side.select(*keys, value=part.column) for side, part in zip(sides, parts, strict=True)]
    zh, en = explain(indicator, parts, frame)
    return Compiled(
        indicator,
        sides[0],
        sides[1] if len(sides) > 1 else None,
        facts_behind(name, indicator, tables, frame, group or {}, show),
        parts[0].first,
        parts[0].last,
        zh,
        en,
    )


def facts_behind(
    name: str,
    indicator: Indicator,
    tables: Mapping[str, ibis.Table],
    frame: Frame,
    group: Mapping[str, Any],
    show: Sequence[str] = (),
) -> ibis.Table:
    """``side`` and ``fact_id`` of every fact behind an indicator's number, with the columns of the records to ``show``
    beside each; only those of one cell of a split, where a group is named. Raises Refused for a dimension that it can't
    be split by.
    """
    check_dimensions(indicator, (*frame.by, *group), frame.levels)
    sides = [_behind(part, indicator, tables, frame, group, show) for part in parts_of(name, indicator, frame.as_of)]
    return ibis.union(*sides) if len(sides) > 1 else sides[0]


def ask(indicators: Mapping[str, Indicator], tables: Mapping[str, ibis.Table], frame: Frame) -> list[IndicatorQuery]:
    """Many indicators in few expressions: what reads the same facts of the same days is answered in one pass over
    them.
    """
    return [question(parts, indicators, tables, frame) for parts in together(indicators, frame)]


def together(indicators: Mapping[str, Indicator], frame: Frame) -> list[tuple[MeasurePart, ...]]:
    """The parts of indicators, those together that read the same facts of the same days. Raises Refused for a dimension
    that one of them can't be split by.
    """
    groups: dict[tuple[Any, ...], list[MeasurePart]] = {}
    for name, indicator in indicators.items():
        check_dimensions(indicator, frame.by, frame.levels)
        for part in parts_of(name, indicator, frame.as_of):
            key = (part.measure.record, part.standing, part.role, part.first, part.last)
            # A dimension of an indicator's own may mean another column to another indicator.
            own = tuple(d for d in frame.by if d == "quality" or not (d in DIMENSIONS or level_asked(d)))
            groups.setdefault((*key, indicator.quality if "quality" in own else "", bool(own) and name), []).append(
                part
            )
    return [tuple(parts) for parts in groups.values()]


def question(
    parts: Sequence[MeasurePart],
    indicators: Mapping[str, Indicator],
    tables: Mapping[str, ibis.Table],
    frame: Frame,
) -> IndicatorQuery:
    """The expression that answers parts which go together. Of the frame the day itself is not read: each part has its
    span of days.
    """
    return _question(parts, [indicators[part.name] for part in parts], tables, frame)


def check_dimensions(indicator: Indicator, by: Sequence[str], levels: Sequence[str]) -> None:
    """Raises Refused where an indicator can't be split so; ``levels``: those of the tree of areas."""
    known = [*DIMENSIONS, *(f"{AREA}:{level}" for level in levels), *indicator.per]
    for dimension in by:
        if dimension not in known:
            raise Refused(refusals.dimension_unknown(indicator.label, dimension, known))


# -- which facts -------------------------------------------------------------------------------------------------------


def _scope(
    part: MeasurePart,
    tables: Mapping[str, ibis.Table],
    frame: Frame,
    common: Sequence[tuple[str, Condition]],
    needed: set[str],
    *,
    placed: bool,
) -> ibis.Table:
    """The facts of a part's record that count on the days asked, in the areas asked, and meet the common conditions."""
    record = part.measure.record
    facts = tables[record]
    if placed:
        facts = tables.get(f"{record}/placed", facts)
    # Only what is asked for: every further column costs at each step of putting the expression together.
    wanted = {"fact_id", "occurred_on", "learned_on", "occurred_year", *needed, *(name for name, _ in common)}
    wanted |= {"thing", "valid_until"} if part.standing else set()
    wanted |= {"area"} if frame.areas is not None or frame.at else set()
    facts = facts.select(*(name for name in facts.columns if name in wanted))
    met: list[Any] = [facts.occurred_on <= part.last, facts.learned_on <= frame.known_on]
    if "occurred_year" in facts.columns:
        # The partitions of other years are not even opened.
        met.append(facts.occurred_year <= part.last.year)
        if part.first is not None:
            met.append(facts.occurred_year >= part.first.year)
    if part.first is not None:
        met.append(facts.occurred_on >= part.first)
    narrowing = _narrowing(part, facts, frame, common)
    facts = facts.filter(met if part.standing else [*met, *narrowing])
    acts = tables.get(f"{part.measure.record}/acts")
    if acts is not None:
        facts = without_replaced(facts, acts, frame.known_on)
    if part.standing:
        # Which statement holds is settled first: an earlier one that meets the conditions is replaced all the same.
        if "thing" in facts.columns:
            facts = latest_of_each_thing(facts)
        facts = facts.filter(
            facts.valid_until.isnull() | (facts.valid_until >= part.last), *_narrowing(part, facts, frame, common)
        )
    return facts


def _narrowing(
    part: MeasurePart, facts: ibis.Table, frame: Frame, common: Sequence[tuple[str, Condition]]
) -> list[Any]:
    met = [meets(facts[name], name, condition) for name, condition in common]
    if frame.areas is not None:
        met.append(facts.area.isin([*frame.areas, *frame.above]))
    return met


def _parties(facts: ibis.Table, part: MeasurePart, tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """The facts with the subject in the role that a part counts, a row for each party in it."""
    assert part.role is not None
    found = _columns(part, tables)
    return _with_party(facts, part.role, found[0] if found else None, part.measure.record, tables, "counted_subject")


def _with_party(
    facts: ibis.Table, role: str, first: str | None, record: str, tables: Mapping[str, ibis.Table], name: str
) -> ibis.Table:
    """The facts with the subject in a role as the column ``name``, a row for each party in it. ``first``: the column
    of the first party in that role, if the record has one.
    """
    said = facts.mutate(counted_alias=facts[first] if first else ibis.null(types.int64))
    said = said.filter(said.counted_alias.notnull())
    further = tables.get(f"{record}/parties")
    if further is not None:
        more = further.filter(further.role == role).select(party_fact="fact_id", counted_alias="alias_id")
        joined = facts.inner_join(more, facts.fact_id == more.party_fact)
        said = ibis.union(said, joined.select(*said.columns))
    aliases = tables["_aliases"].select(known_alias="alias_id", **{name: "subject_id"})
    found = said.inner_join(aliases, said.counted_alias == aliases.known_alias)
    return found if name == "counted_subject" else found.drop("counted_alias", "known_alias")


def _columns(part: MeasurePart, tables: Mapping[str, ibis.Table]) -> tuple[str, ...]:
    """The column that a part's number is made of: none for facts, and none for a role that only further parties
    have.
    """
    measure = part.measure
    if part.role is None:
        name = measure.sum or measure.max or measure.min or (measure.count if measure.count != "facts" else None)
        return (name,) if name else ()
    record = tables[measure.record]
    column = party_column(part.role, record.columns)
    return (column,) if column is not None else ()


def facts_met(
    measure: Measure,
    tables: Mapping[str, ibis.Table],
    *,
    first: dt.date | None,
    last: dt.date,
    known_on: dt.date,
    columns: Sequence[str] = (),
    parties: Sequence[str] = (),
    placed: bool = False,
) -> ibis.Table:
    """The facts that meet a measure's conditions between two days, as known on a day: ``fact_id``, ``occurred_on``,
    ``learned_on`` and the ``columns`` asked for; for each role of ``parties`` ``<role>__subject``, a row for each
    party in it. ``placed``: ``area`` is where they are counted.
    """
    part = MeasurePart("facts", "numerator", measure, tuple(measure.where.items()), first, last)
    record = tables[measure.record]
    firsts = {role: party_column(role, record.columns) for role in parties}
    needed = {*columns, *(name for name in firsts.values() if name is not None)}
    facts = _scope(part, tables, Frame(last, known_on), part.where, needed, placed=placed)
    for role, column in firsts.items():
        facts = _with_party(facts, role, column, measure.record, tables, f"{role}__subject")
    return facts


# -- what is counted ---------------------------------------------------------------------------------------------------


def _question(
    parts: Sequence[MeasurePart], indicators: Sequence[Indicator], tables: Mapping[str, ibis.Table], frame: Frame
) -> IndicatorQuery:
    first = parts[0]
    common = [pair for pair in first.where if all(pair in part.where for part in parts)]
    needed = {name for part in parts for name in (*_columns(part, tables), *(n for n, _ in part.where))}
    needed |= {column for d in frame.by for column in _dimension_columns(d, tables[first.measure.record])}
    facts = _scope(first, tables, frame, common, needed, placed=frame.needs_place())
    if first.role is not None:
        facts = _parties(facts, first, tables)
    facts = at_levels(facts, frame.by, tables)
    inside = facts.area.isin(list(frame.areas or ())) if frame.above else None
    keys: dict[str, Any] = {}
    for i, dimension in enumerate(frame.by):
        keys[f"by{i}"] = _dimension(dimension, facts, indicators[0])
    if keys:
        facts = facts.mutate(**keys)
    numbers = {}
    for part in parts:
        met = [meets(facts[n], n, c) for n, c in part.where if (n, c) not in common]
        here = met if inside is None else [*met, inside]
        numbers[part.column] = _number(part, facts, _all(here))
        if part.leads:
            numbers[part.column_of("facts")] = _facts(part, facts, tables, here)
            if frame.above:
                around = [*met, facts.area.isin(list(frame.above))]
                numbers[part.column_of("above")] = _facts(part, facts, tables, around)
            if frame.at:
                numbers[part.column_of("beneath")] = _facts(part, facts, tables, [*met, facts.area == frame.at])
    table = facts.group_by(*keys).aggregate(**numbers) if keys else facts.aggregate(**numbers)
    return IndicatorQuery(table, frame.by, tuple(parts))


def _all(conditions: Sequence[Any]) -> Any:
    """One condition that is met where all of them are; None where there are none."""
    met = None
    for each in conditions:
        met = each if met is None else met & each
    return met


def _facts(part: MeasurePart, facts: ibis.Table, tables: Mapping[str, ibis.Table], conditions: Sequence[Any]) -> Any:
    """How many facts the number of a part rests on: those that say the value, and each once however many parties it
    names.
    """
    if part.role is not None:
        return facts.fact_id.nunique(where=_all(conditions))
    said = [facts[name].notnull() for name in _columns(part, tables)]
    return count_of(facts, _all([*conditions, *said]))


def _number(part: MeasurePart, facts: ibis.Table, condition: Any) -> Any:
    measure = part.measure
    if part.role is not None:
        return facts.counted_subject.nunique(where=condition)
    if measure.count == "facts":
        return count_of(facts, condition)
    if measure.count is not None:
        return facts[measure.count].nunique(where=condition)
    for verb in ("sum", "max", "min"):
        if (name := getattr(measure, verb)) is not None:
            return getattr(facts[name], verb)(where=condition)
    raise AssertionError(measure)


def count_of(facts: ibis.Table, condition: Any) -> Any:
    """How many facts meet a condition (None: all). Of nothing it is 0: some engines count by a sum, and a sum of
    nothing is nothing there.
    """
    return facts.count() if condition is None else ibis.coalesce(facts.count(where=condition), 0)


def counted_by(indicator: Indicator) -> tuple[str, ...]:
    """The columns that decide what a fact adds to the number: those summed or counted distinctly, and those in the
    conditions of the numerator.

    None where both sides are of different records: then the facts of one say nothing of the other.
    """
    measures = indicator.measures()
    if len({measure.record for measure in measures}) > 1:
        return ()
    names: dict[str, None] = dict.fromkeys(indicator.numerator or ())
    for measure in measures:
        field = measure.sum or measure.max or measure.min or measure.count
        if field is not None and field not in _ROLES and field != "facts":
            names[field] = None
    return tuple(names)


def _behind(
    part: MeasurePart,
    indicator: Indicator,
    tables: Mapping[str, ibis.Table],
    frame: Frame,
    group: Mapping[str, Any],
    show: Sequence[str],
) -> ibis.Table:
    """The facts that a part's number rests on: the same conditions, listed and not counted."""
    columns = _columns(part, tables)
    split = {column for dimension in group for column in _dimension_columns(dimension, tables[part.measure.record])}
    needed = {*columns, *split, *show}
    facts = _scope(part, tables, frame, part.where, needed, placed=frame.needs_place(tuple(group)))
    if part.role is not None:
        facts = _parties(facts, part, tables)
    elif columns:
        facts = facts.filter(facts[columns[0]].notnull())
    facts = at_levels(facts, tuple(group), tables)
    for dimension, value in group.items():
        facts = facts.filter(_in_group(dimension, value, facts, indicator))
    beside = {f"shown_{name}": facts[name] for name in show}
    return facts.select(side=ibis.literal(part.side), fact_id=facts.fact_id, **beside).distinct()


def _dimension_columns(name: str, facts: ibis.Table) -> tuple[str, ...]:
    if name == "quality":
        return ()
    if name in PERIODS:
        return ("occurred_on",)
    name = name.partition(":")[0]
    return (name if name in facts.columns else f"{name}_code",)


def _in_group(name: str, value: Any, facts: ibis.Table, indicator: Indicator) -> Any:
    """The condition that a fact stands in a group of a split; None is the group of facts that say nothing of it."""
    for column in _dimension_columns(name, facts):
        if name not in PERIODS and facts[column].type().is_array():
            return facts[column].contains(value)
    column = _dimension(name, facts, indicator)
    return column.isnull() if value is None else column == value


def _dimension(name: str, facts: ibis.Table, indicator: Indicator) -> Any:
    if level_asked(name):
        return facts[name]
    if name == "quality":
        return ibis.literal(indicator.quality)
    if name == "year":
        return facts.occurred_on.year().cast("string")
    if name == "month":
        return facts.occurred_on.strftime("%Y-%m")
    if name == "quarter":
        return facts.occurred_on.year().cast("string") + "-Q" + facts.occurred_on.quarter().cast("string")
    column = facts[name] if name in facts.columns else facts[f"{name}_code"]
    return column.unnest() if column.type().is_array() else column


# -- conditions --------------------------------------------------------------------------------------------------------


def meets(column: Any, name: str, condition: Condition) -> Any:
    """A condition of the book on a column, in the column's own type."""
    kind = column.type()
    several = kind.is_array()
    said: list[Any] = []

    def one(value: Any) -> Any:
        return _typed(value, kind.value_type if several else kind)

    def among(values: Sequence[Any]) -> Any:
        if not several:
            return column.isin([one(v) for v in values])
        found = ibis.literal(False)
        for value in values:
            found = found | column.contains(one(value))
        return found

    if condition.equals is not None:
        said.append(column.contains(one(condition.equals)) if several else column == one(condition.equals))
    if condition.any_of is not None:
        said.append(among(condition.any_of))
    if condition.none_of is not None:
        said.append(column.isnull() | ~among(condition.none_of))
    if condition.starts is not None:
        said.append(column.startswith(condition.starts))
    for key, compare in _COMPARISONS.items():
        if (bound := getattr(condition, key)) is None:
            continue
        if name == "severity" and bound in _SEVERITIES:
            # Severities are words with an order of their own.
            place = _SEVERITIES.index(str(bound))
            said.append(column.isin([s for i, s in enumerate(_SEVERITIES) if compare(i, place)]))
        else:
            said.append(compare(column, one(bound)))
    if condition.exists is not None:
        said.append(column.notnull() if condition.exists else column.isnull())
    met = said[0]
    for each in said[1:]:
        met = met & each
    return met


_COMPARISONS: Mapping[str, Any] = {
    "at_least": lambda left, right: left >= right,
    "at_most": lambda left, right: left <= right,
    "more_than": lambda left, right: left > right,
    "less_than": lambda left, right: left < right,
}


def _typed(value: Any, kind: types.DataType) -> Any:
    """A value of the book as a literal of a column's type, so that the column itself is never converted row by row."""
    if kind.is_boolean():
        return ibis.literal(str(value).lower() == "true")
    if kind.is_date():
        return ibis.literal(value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)))
    if kind.is_numeric():
        number = Decimal(str(value))
        places = max(0, -int(number.normalize().as_tuple().exponent))
        if kind.is_integer() and places == 0:
            return ibis.literal(int(number), type=kind)
        if kind.is_decimal() and places <= (kind.scale or 0):
            return ibis.literal(number, type=kind)
        return ibis.literal(number, type=types.Decimal(38, places))
    return ibis.literal(("true" if value else "false") if isinstance(value, bool) else str(value))


# -- the value ---------------------------------------------------------------------------------------------------------


def value_of(indicator: Indicator, numerator: Any, denominator: Any = None, *, scale: int = 1) -> Decimal | None:
    """The indicator's value from its exact numbers, rounded half up; None where the evidence is insufficient.

    A count of nothing is 0. A quantity without any report is no number, unless the book says that no report means none
    (``nothing: zero``); a rate or a change over nothing is no number either, and never 0. ``scale`` divides a number
    into its unit (10000: yuan into ten thousand yuan).
    """
    if indicator.kind == "number":
        measure = indicator.measure
        assert measure is not None
        if numerator is None:
            return rounded(Fraction(0), indicator.decimals) if indicator.nothing == "zero" else None
        return rounded(Fraction(numerator) / scale, indicator.decimals)
    if not denominator or (numerator is None and indicator.kind == "change"):
        return None
    over, under = Fraction(numerator or 0), Fraction(denominator)
    return rounded(100 * (over - under if indicator.kind == "change" else over) / under, indicator.decimals)


def rounded(exact: Fraction, decimals: int) -> Decimal:
    """An exact number to so many places, half away from zero."""
    shifted = abs(exact) * 10**decimals
    whole = (2 * shifted.numerator + shifted.denominator) // (2 * shifted.denominator)
    return Decimal(-whole if exact < 0 else whole).scaleb(-decimals)


# -- words -------------------------------------------------------------------------------------------------------------

_VERBS = {"sum": ("合计", "sum of"), "max": ("最大值", "greatest"), "min": ("最小值", "least")}
# As a sentence has them, where the values follow without a comma between.
_COMPARED: Mapping[str, Label] = {
    **COMPARED,
    "any_of": Label(zh="为其一", en="is one of"),
    "none_of": Label(zh="不为", en="is none of"),
}


def explain(indicator: Indicator, parts: Sequence[MeasurePart], frame: Frame) -> tuple[str, str]:
    """What the number is made of, as a sentence in Chinese and in English."""
    zh, en = [indicator.label.zh], [indicator.label.en]
    for part in parts:
        zh_part, en_part = _explain_part(part)
        if len(parts) > 1:
            names = {"numerator": ("分子", "numerator"), "denominator": ("分母", "denominator")}
            if indicator.kind == "change":
                names = {"numerator": ("本期", "now"), "denominator": ("基期", "base")}
            zh_part, en_part = f"{names[part.side][0]}为{zh_part}", f"{names[part.side][1]}: {en_part}"
        zh.append(zh_part)
        en.append(en_part)
    if indicator.plan is not None:
        zh.append(f"抽样计划：{indicator.plan.zh}")
        en.append(f"plan: {indicator.plan.en}")
    zh.append(f"截至{frame.as_of}，按{frame.known_on}已知的事实计算")
    en.append(f"as of {frame.as_of}, as known on {frame.known_on}")
    return "；".join(zh) + "。", "; ".join(en) + "."


def _explain_part(part: MeasurePart) -> tuple[str, str]:
    measure = part.measure
    zh, en = "记录数", "number of facts"
    if measure.count not in (None, "facts"):
        zh, en = f"不同的{measure.count}数", f"number of different {measure.count}"
    for verb, (zh_verb, en_verb) in _VERBS.items():
        if (name := getattr(measure, verb)) is not None:
            zh, en = f"{name}{zh_verb}", f"{en_verb} {name}"
    if part.standing:
        zh, en = f"{measure.record}中{part.last}仍有效的{zh}", f"{en} of {measure.record} that hold on {part.last}"
    else:
        zh = f"{measure.record}中{part.first or '最早'}至{part.last}的{zh}"
        en = f"{en} of {measure.record} from {part.first or 'the first'} to {part.last}"
    said = [_explain_condition(name, condition) for name, condition in part.where]
    if said:
        zh, en = f"{zh}（{'，'.join(s for s, _ in said)}）", f"{en} ({', '.join(s for _, s in said)})"
    return zh, en


def _explain_condition(name: str, condition: Condition) -> tuple[str, str]:
    zh, en = [], []
    for key, word in _COMPARED.items():
        if (value := getattr(condition, key)) is not None:
            shown = "、".join(map(str, value)) if isinstance(value, tuple) else str(value)
            zh.append(f"{name}{word.zh}{shown}")
            en.append(f"{name} {word.en} {shown.replace('、', ', ')}")
    if condition.exists is not None:
        zh.append(f"{name}{'有' if condition.exists else '无'}内容")
        en.append(f"{name} is {'given' if condition.exists else 'not given'}")
    return "，".join(zh), ", ".join(en)


ALL_SIDES = ("numerator", "denominator", "rest")


def sides_of(indicator: Indicator) -> tuple[str, ...]:
    """The parts into which the facts behind an indicator fall."""
    if indicator.kind == "number":
        return ALL_SIDES[:1]
    return ALL_SIDES if indicator.kind == "rate" and indicator.numerator is not None else ALL_SIDES[:2]
