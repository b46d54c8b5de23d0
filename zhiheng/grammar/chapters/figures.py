"""What ``book/demo/figures.yaml`` may say: figures of a place that the indicators must reproduce."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from pydantic import RootModel, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Identifier, Label, LateEntry
from zhiheng.grammar.yaml import Wrong

PAGE = "demo/figures.yaml"


class Expected(LateEntry):
    """What was published: a number, or a bound."""

    equals: str | None = None
    more_than: str | None = None
    at_least: str | None = None
    less_than: str | None = None
    at_most: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Expected:
        if len(self.model_fields_set) != 1:
            raise Wrong(
                "expected 须写明 equals、more_than、at_least、less_than、at_most 中的一个。",
                "expected says exactly one of equals, more_than, at_least, less_than, at_most.",
            )
        return self

    def met_by(self, value: Decimal | None) -> bool:
        """Whether a computed number is what was published; no number never is."""
        if value is None:
            return False
        (name, text) = next((n, getattr(self, n)) for n in self.model_fields_set)
        bound = Decimal(text)
        return {
            "equals": value == bound,
            "more_than": value > bound,
            "at_least": value >= bound,
            "less_than": value < bound,
            "at_most": value <= bound,
        }[name]

    def __str__(self) -> str:
        (name,) = self.model_fields_set
        sign = {"equals": "", "more_than": "> ", "at_least": "≥ ", "less_than": "< ", "at_most": "≤ "}[name]
        return sign + str(getattr(self, name))


class KnownFigure(LateEntry):
    """A figure as it was published, the indicator that reproduces it, and the digits that it prints."""

    figure: Label
    indicator: Identifier
    area: str
    as_of: dt.date
    expected: Expected
    shows: str


class Figures(RootModel[dict[str, tuple[KnownFigure, ...]]]):
    """All places: place -> its figures."""


def _read(reading: Reading) -> Mapping[str, tuple[KnownFigure, ...]]:
    return next((page.root for _, page, _ in reading.each(Figures)), {})


# The figures that the demo must reproduce, place -> its figures; none where the book has no such page.
DEMO_FIGURES: Chapter[Mapping[str, tuple[KnownFigure, ...]]] = register(
    Chapter(
        name="demo_figures",
        label=Label(zh="演示应重现的数字", en="Figures that the demo reproduces"),
        pages=(PageKind("demo_figures", PAGE, Figures),),
        read=_read,
        order=200,
        reference="how-to/another-book.md",
    )
)
