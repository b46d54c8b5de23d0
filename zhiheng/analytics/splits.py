"""An indicator split by area, unit, industry or another field, and along years, quarters or months.

A flow (a count of a year's facts) is split by the day of its facts; a stock, a number of several years or a change
against a base has no day, so it is computed once for the end of every period. The facts of every cell can be listed:
``as_of`` and ``group`` say which cell it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from zhiheng.analytics.figures_by_area import every_area
from zhiheng.analytics.lake import Lake
from zhiheng.analytics.query import Figure, figures
from zhiheng.engines.indicator import check_dimensions
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS, Indicator
from zhiheng.kernel.memo import Recent

Period = Literal["", "year", "quarter", "month"]
YEARS = 5
MOST_ROWS = 300


@dataclass(frozen=True)
class SplitColumn:
    """A period, or the whole: its name, the day it is asked for, and the part of the group that it gives."""

    key: str
    as_of: dt.date
    group: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SplitRow:
    """A group of the split (None: it says nothing of it), with a figure per column; None where nothing was counted.

    Of a split by areas the last group may be the area itself: what none of the areas beneath it counts.
    """

    value: Any
    cells: tuple[Figure | None, ...]


@dataclass(frozen=True)
class Split:
    """An indicator taken apart. ``whole`` is the line of everything; ``more`` says that rows were left out."""

    columns: tuple[SplitColumn, ...]
    rows: tuple[SplitRow, ...]
    whole: tuple[Figure | None, ...]
    more: bool = False


def split(
    lake: Lake,
    book: Book,
    name: str,
    *,
    area: str,
    as_of: dt.date,
    known_on: dt.date,
    by: str = "",
    period: Period = "",
) -> Split:
    """An indicator of an area, by a dimension and along a period; ``by`` ``area`` means the areas directly beneath.

    Raises Refused for a dimension that it can't be split by.
    """
    indicator = book[INDICATORS][name]
    by = book[DISTRICT].dimension(by)
    check_dimensions(indicator, [by] if by and by != "area" else [], [level.id for level in book[DISTRICT].levels])
    manifest = lake.manifest()
    key = (
        lake.folder,
        manifest.watermark,
        manifest.edition,
        book[INDICATORS][name].edition,
        area,
        as_of,
        known_on,
        by,
        period,
    )
    return _SPLITS.get(key, lambda: _split(_Asked(lake, book, name, area, known_on), indicator, as_of, by, period))


# A page, its chart and its export ask the same, one after the other.
_SPLITS: Recent[tuple[object, ...], Split] = Recent(64)


def _split(ask: _Asked, indicator: Indicator, as_of: dt.date, by: str, period: Period) -> Split:
    if period in ("quarter", "month") and happens(indicator):
        return _along_days(ask, as_of, by, period)
    columns = tuple(SplitColumn(key, day) for key, day in _points(as_of, period))
    whole = tuple(ask.one(column.as_of) for column in columns)
    rows: dict[Any, list[Figure | None]] = {}
    if by == "area":
        for child in ask.book[DISTRICT].children(ask.area):
            rows[child.code] = [None] * len(columns)
    for at, column in enumerate(columns):
        for value, figure in ask.groups(by, column.as_of).items() if by else ():
            rows.setdefault(value, [None] * len(columns))[at] = figure
        if by == "area" and (rest := ask.rest(column.as_of)) is not None:
            rows.setdefault(ask.area, [None] * len(columns))[at] = rest
    return _ordered(columns, rows, whole, by)


def happens(indicator: Indicator) -> bool:
    """Whether the number is one of facts within a year, which their own days can split."""
    return indicator.kind != "change" and all(measure.period == "year" for measure in indicator.measures())


def periods_of(indicator: Indicator) -> tuple[Period, ...]:
    """The periods along which an indicator can be shown; a change against a base year is one of whole years."""
    return ("", "year") if indicator.kind == "change" else ("", "year", "quarter", "month")


@dataclass(frozen=True)
class _Asked:
    lake: Lake
    book: Book
    name: str
    area: str
    known_on: dt.date

    def figures(self, as_of: dt.date, by: Sequence[str] = (), area: str | None = None) -> list[Figure]:
        return figures(
            self.lake, self.book, area=area or self.area, as_of=as_of, known_on=self.known_on, names=[self.name], by=by
        )

    def one(self, as_of: dt.date) -> Figure:
        return self.figures(as_of)[0]

    def groups(self, by: str, as_of: dt.date) -> dict[Any, Figure]:
        if by != "area":
            return {figure.group[by]: figure for figure in self.figures(as_of, (by,))}
        children = {child.code for child in self.book[DISTRICT].children(self.area)}
        every = every_area(self.lake, self.book, as_of=as_of, known_on=self.known_on, names=[self.name])
        return {code: found[0] for code, found in every if code in children}

    def rest(self, as_of: dt.date) -> Figure | None:
        """The facts known for the area itself and for none beneath it; None where there is no such fact."""
        if not self.book[DISTRICT].children(self.area):
            return None
        return next((figure for figure in _rest(self.figures(as_of, ("area",)), self.area) if figure.facts), None)


def _rest(found: Sequence[Figure], area: str) -> list[Figure]:
    return [figure for figure in found if figure.group["area"] == area]


def _along_days(ask: _Asked, as_of: dt.date, by: str, period: Period) -> Split:
    """What happened, by the quarter or month of its day within the calendar year of the day asked."""
    keys = _keys(as_of, period)
    columns = tuple(SplitColumn(key, as_of, {period: key}) for key in keys)
    place = {key: at for at, key in enumerate(keys)}
    whole = _line(ask.figures(as_of, (period,)), period, place)
    rows: dict[Any, list[Figure | None]] = {}
    if by == "area":
        for child in ask.book[DISTRICT].children(ask.area):
            rows[child.code] = _line(ask.figures(as_of, (period,), child.code), period, place)
        rest = [f for f in _rest(ask.figures(as_of, ("area", period)), ask.area) if f.facts] if rows else []
        if rest:
            rows[ask.area] = _line(rest, period, place)
    elif by:
        for figure in ask.figures(as_of, (by, period)):
            line = rows.setdefault(figure.group[by], [None] * len(keys))
            if figure.group[period] in place:
                line[place[figure.group[period]]] = figure
    return _ordered(columns, rows, tuple(whole), by)


def _line(found: Sequence[Figure], period: str, place: Mapping[str, int]) -> list[Figure | None]:
    line: list[Figure | None] = [None] * len(place)
    for figure in found:
        if (at := place.get(figure.group[period])) is not None:
            line[at] = figure
    return line


def _ordered(
    columns: tuple[SplitColumn, ...], rows: Mapping[Any, list[Figure | None]], whole: tuple[Figure | None, ...], by: str
) -> Split:
    lines = [SplitRow(value, tuple(cells)) for value, cells in rows.items()]
    if by != "area":
        # The groups that weigh most come first; those that say nothing come last.
        lines.sort(key=lambda row: (row.value is None, -max(map(_weight, row.cells)), str(row.value)))
    return Split(columns, tuple(lines[:MOST_ROWS]), whole, len(lines) > MOST_ROWS)


def _weight(figure: Figure | None) -> float:
    if figure is None:
        return 0.0
    counted = figure.denominator if figure.denominator is not None else figure.numerator
    return float(counted or 0)


def _points(as_of: dt.date, period: Period) -> list[tuple[str, dt.date]]:
    """The days for which a number is asked: the ends of the periods, and the day itself for the one that runs."""
    if not period:
        return [("", as_of)]
    if period == "year":
        years = [(str(as_of.year - back), dt.date(as_of.year - back, 12, 31)) for back in range(YEARS - 1, 0, -1)]
        return [*years, (str(as_of.year), as_of)]
    step = 3 if period == "quarter" else 1
    found = []
    for key, month in zip(_keys(as_of, period), range(step, 13, step), strict=False):
        after = dt.date(as_of.year + month // 12, month % 12 + 1, 1)
        found.append((key, min(as_of, after - dt.timedelta(days=1))))
    return found


def _keys(as_of: dt.date, period: Period) -> list[str]:
    """The names of the quarters or months of a year up to a day, as the engine writes them."""
    if period == "quarter":
        return [f"{as_of.year}-Q{quarter}" for quarter in range(1, (as_of.month + 2) // 3 + 1)]
    return [f"{as_of.year}-{month:02d}" for month in range(1, as_of.month + 1)]
