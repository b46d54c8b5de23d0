"""What an indicator may say (``book/indicators/<name>.yaml``): one definition is one columnar expression over the lake,
and the same filter lists the facts behind the number.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from zhiheng.grammar.types import Citation, Entry, Filter, Identifier, Label, Quality, SystemId

Period = Literal["standing", "year", "ever"] | int


class Measure(Entry):
    """A number over the facts of one record.

    ``count``: ``facts`` counts facts; the name of a role counts distinct parties in that role (after merges); the name
    of a field counts its distinct values. ``sum``, ``max`` and ``min`` take a field with a number. ``period``:
    ``standing``: what holds on the day asked (valid, not yet replaced); ``year``: the calendar year up to the day
    asked; a number n: the last n calendar years up to the day asked; ``ever``: all up to that day.
    """

    record: Identifier
    count: Identifier | None = None
    sum: Identifier | None = None
    max: Identifier | None = None
    min: Identifier | None = None
    where: Filter = Field(default_factory=dict)
    period: Period = "year"

    @model_validator(mode="after")
    def _one_number(self) -> Measure:
        if sum(value is not None for value in (self.count, self.sum, self.max, self.min)) != 1:
            raise ValueError("a measure says exactly one of count, sum, max, min; for example: count: facts")
        if isinstance(self.period, int) and not 1 <= self.period <= 50:
            raise ValueError("period: a number of years from 1 to 50, or standing, year, ever")
        return self


class Base(Entry):
    """The year that a change is measured against, taken from the facts' own years."""

    year: int = Field(ge=1990, le=2100)


class Indicator(Entry):
    """One number of a place: a count, a sum, a rate (numerator over denominator) or a change against a base year."""

    label: Label
    systems: tuple[SystemId, ...] = Field(min_length=1)
    quality: Quality
    kind: Literal["number", "rate", "change"]
    unit: Literal["%", "count", "yuan", "ten_thousand_yuan", "tonne", "points", "megawatt_hour"]
    decimals: int = Field(default=0, ge=0, le=4)
    direction: Literal["up", "down", "none"] = "up"
    law: tuple[Citation, ...] = ()
    plan: Label | None = Field(
        default=None, description="rates: which plan the samples come from; targeted is not market"
    )
    measure: Measure | None = Field(default=None, description="number: the measure")
    numerator: Filter | None = Field(default=None, description="rate: further conditions that the numerator meets")
    numerator_measure: Measure | None = Field(default=None, description="rate: where it is of another record")
    denominator: Measure | None = Field(default=None, description="rate: the measure that is divided by")
    change: Measure | None = Field(default=None, description="change: the measure, of the year asked and of the base")
    base: Base | None = None
    nothing: Literal["untold", "zero"] = Field(
        default="untold", description="a quantity (sum, max, min) of which nothing was reported: not told, or none"
    )
    per: tuple[Identifier, ...] = Field(default=(), description="fields it can be split by, besides area, unit, period")
    note: Label | None = None

    @model_validator(mode="after")
    def _complete(self) -> Indicator:
        if self.kind == "number" and self.measure is None:
            raise ValueError("measure: an indicator of kind number says what it counts")
        if self.kind == "rate":
            if self.denominator is None:
                raise ValueError("denominator: a rate states what it divides by")
            if (self.numerator is None) == (self.numerator_measure is None):
                raise ValueError("a rate says exactly one of numerator (a filter) and numerator_measure")
            if self.unit != "%":
                raise ValueError("unit: a rate is written in %")
            if self.plan is None:
                raise ValueError("plan: a rate says which plan its samples come from (targeted is not market average)")
        if self.kind == "change" and (self.change is None or self.base is None):
            raise ValueError("change and base: a change says what changed, and against which year")
        return self

    def measures(self) -> tuple[Measure, ...]:
        """Every measure that the indicator reads."""
        return tuple(m for m in (self.measure, self.numerator_measure, self.denominator, self.change) if m is not None)
