"""A number beside its target and beside the same number a year ago: which way it went, and whether that is better."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import Indicator
from zhiheng.grammar.chapters.targets import TARGETS, BoundName, Goal, reached, written

Trend = Literal["better", "worse", "same", "changed"]


@dataclass(frozen=True)
class Comparison:
    """What a value is against its target and against a year ago.

    ``difference`` is in the indicator's own unit (percentage points of a rate); ``trend`` is ``changed`` where the
    indicator says of no direction that it is the better one; None where one of the two values is not known.
    """

    difference: Decimal | None
    trend: Trend | None
    goal: str
    reached: bool | None


def compared(
    indicator: Indicator, value: Decimal | None, before: Decimal | None, bounds: Mapping[BoundName, Decimal | None]
) -> Comparison:
    """A value against the value a year before and against the bounds of its target."""
    goal, kept = (written(bounds), reached(value, bounds)) if bounds else ("", None)
    if value is None or before is None:
        return Comparison(None, None, goal, kept)
    difference = value - before
    if difference == 0:
        return Comparison(difference, "same", goal, kept)
    if indicator.direction == "none":
        return Comparison(difference, "changed", goal, kept)
    return Comparison(
        difference, "better" if (difference > 0) == (indicator.direction == "up") else "worse", goal, kept
    )


def bounds_of(
    book: Book, name: str, area: str, day: dt.date, values: Mapping[str, Decimal | None]
) -> tuple[Goal | None, dict[BoundName, Decimal | None]]:
    """The goal of an indicator in an area on a day, with its bounds as numbers.

    ``values`` are those of the indicators that read goals from target letters, of the same area and day.
    """
    goals = book[TARGETS].get(name)
    goal = goals.at(book[DISTRICT], area, day) if goals is not None else None
    if goal is None:
        return None, {}
    return goal, {bound: values.get(said) if isinstance(said, str) else said for bound, said in goal.bounds()}


def goals_read(book: Book, names: Collection[str]) -> tuple[str, ...]:
    """The indicators whose values are needed to know the goals of these indicators."""
    read = (
        indicator
        for name in names
        if name in book[TARGETS]
        for g in book[TARGETS][name].goals
        for indicator in g.indicators()
    )
    return tuple(dict.fromkeys(read))
