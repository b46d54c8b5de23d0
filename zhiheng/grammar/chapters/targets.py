"""What a page of ``book/targets/`` may say: the goals of one indicator, by area and by day
(``book/targets/<indicator>.yaml``).

.. code-block:: yaml

    goals:
      - {areas: ["990101"], from: 2026-01-01, until: 2026-12-31, at_least: 98, set_by: {zh: 2026 年目标责任书, en:
        Target letter of 2026}}
      - {kinds: [district], beneath: true, from: 2026-01-01, at_least: target_key_posts, set_by: {zh: ..., en: ...}}

A bound is a number, or the name of an indicator that reads the goal from the target letters themselves, so that a goal
is as traceable as what was reached.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, get_args

from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT, Area, AreaCode, District
from zhiheng.grammar.chapters.indicators import INDICATORS, Indicator
from zhiheng.grammar.citations import cited_in_pages
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Entry, Identifier, Label
from zhiheng.grammar.yaml import BookError, Document, Wrong

BoundName = Literal["at_least", "at_most", "more_than", "less_than"]
BOUNDS: tuple[BoundName, ...] = get_args(BoundName)
BOUND_SIGNS: Mapping[BoundName, str] = {"at_least": "≥", "at_most": "≤", "more_than": ">", "less_than": "<"}


class Goal(Entry):
    """A target: what is to be reached, where, from when until when, and which paper says so.

    ``areas`` names areas, ``kinds`` all areas of these kinds; with ``beneath`` it is also asked of everything beneath
    them that has no goal itself. One bound, or ``at_least`` with ``at_most``.
    """

    areas: tuple[AreaCode, ...] = ()
    kinds: tuple[Identifier, ...] = ()
    beneath: bool = False
    from_: dt.date = Field(alias="from", description="自何日起 / from which day")
    until: dt.date | None = None
    at_least: Decimal | Identifier | None = None
    at_most: Decimal | Identifier | None = None
    more_than: Decimal | Identifier | None = None
    less_than: Decimal | Identifier | None = None
    set_by: Label = Field(description="责任书、规划或文件 / the letter, plan or paper that sets it")
    law: Citation | None = None

    @model_validator(mode="after")
    def _whole(self) -> Goal:
        if bool(self.areas) == bool(self.kinds):
            raise Wrong(
                "目标须写明 areas（区划代码）或 kinds（区域层级）之一。",
                "A goal says either areas (codes) or kinds (of areas).",
            )
        given = [name for name, _ in self.bounds()]
        if len(given) != 1 and given != ["at_least", "at_most"]:
            raise Wrong(
                "目标须写一个界限（at_least、at_most、more_than、less_than），区间写 at_least 和 at_most。",
                "A goal says one bound (at_least, at_most, more_than, less_than); a range says at_least and at_most.",
            )
        if self.until is not None and self.until < self.from_:
            raise Wrong("until 早于 from；请改正日期。", "until lies before from; correct the days.")
        return self

    def bounds(self) -> Iterator[tuple[BoundName, Decimal | str]]:
        """The bounds that are given, the low one first."""
        for name in BOUNDS:
            if (value := getattr(self, name)) is not None:
                yield name, value

    def indicators(self) -> tuple[str, ...]:
        """The indicators that read a bound from the target letters."""
        return tuple(value for _, value in self.bounds() if isinstance(value, str))

    def on(self, day: dt.date) -> bool:
        """Whether it is asked on the day."""
        return self.from_ <= day and (self.until is None or day <= self.until)

    def asked_of(self, area: Area) -> bool:
        """Whether it names the area, or its kind."""
        return area.code in self.areas or area.kind in self.kinds


class Goals(Entry):
    """All goals of one indicator."""

    goals: tuple[Goal, ...] = Field(min_length=1)

    def at(self, district: District, area: str, day: dt.date) -> Goal | None:
        """The goal of an area on a day: its own by code, then by kind, then what the nearest area above asks of those
        beneath.
        """
        by_code = {node.code: node for node in district.areas}
        live = [goal for goal in self.goals if goal.on(day)]
        for code in (area, *district.areas_above[area]) if area in by_code else ():
            said = [goal for goal in live if goal.asked_of(by_code[code]) and (code == area or goal.beneath)]
            if said:
                return next((goal for goal in said if code in goal.areas), said[0])
        return None

    def twice(self, district: District) -> Iterator[tuple[int, int, str]]:
        """Pairs of goals that both name an area on the same day: (index, index, area)."""
        for later, goal in enumerate(self.goals):
            for earlier, other in enumerate(self.goals[:later]):
                if goal.from_ > (other.until or dt.date.max) or other.from_ > (goal.until or dt.date.max):
                    continue
                both = set(goal.areas) & set(other.areas)
                if goal.kinds and other.kinds:
                    both |= {a.code for a in district.areas if a.kind in goal.kinds and a.kind in other.kinds}
                if both:
                    yield earlier, later, min(both)


def reached(value: Decimal | None, bounds: Mapping[BoundName, Decimal | None]) -> bool | None:
    """Whether a value keeps to all its bounds; None where the value or a bound is not known."""
    if value is None or not bounds or any(bound is None for bound in bounds.values()):
        return None
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    return all(
        {"at_least": value >= b, "at_most": value <= b, "more_than": value > b, "less_than": value < b}[name]
        for name, b in known.items()
    )


def written(bounds: Mapping[BoundName, Decimal | None]) -> str:
    """The bounds as people write them: ``≥ 98``, ``3–5``; an unknown bound is a question mark."""
    shown = {name: "？" if bound is None else f"{bound.normalize():f}" for name, bound in bounds.items()}
    if set(shown) == {"at_least", "at_most"}:
        return f"{shown['at_least']}–{shown['at_most']}"
    return " ".join(f"{BOUND_SIGNS[name]} {text}" for name, text in shown.items())


def _errors(
    indicators: Mapping[str, Indicator], district: District | None, goals: Goals, name: str, document: Document
) -> Iterator[BookError]:
    """A goal belongs to an indicator that exists, names areas that exist, and no area has two on one day."""
    if indicators:
        yield from document.unknown_names((), [name], indicators, "指标", "indicator")
    areas = {area.code for area in district.areas} if district is not None else set()
    levels = {level.id for level in district.levels} if district is not None else set()
    for index, goal in enumerate(goals.goals):
        yield from document.unknown_names(("goals", index), goal.indicators(), indicators, "指标", "indicator")
        if district is not None:
            yield from document.unknown_names(("goals", index, "areas"), goal.areas, areas, "区域", "area")
            yield from document.unknown_names(("goals", index, "kinds"), goal.kinds, levels, "区划层级", "level")
    for earlier, later, area in goals.twice(district) if district is not None else ():
        yield document.error(
            ("goals", later),
            f"区域 {area} 在同一天有两个目标（第 {earlier + 1} 个与第 {later + 1} 个）；请改正 from、until 或 areas。",
            f"Area {area} has two goals on one day (number {earlier + 1} and {later + 1}); correct from, until or "
            "areas.",
        )


def _read(reading: Reading) -> Mapping[str, Goals]:
    """The goals by the indicator that they are of."""
    indicators, district = reading.usable(INDICATORS) or {}, reading.usable(DISTRICT)
    found = {}
    for path, goals, document in reading.each(Goals):
        reading.errors += _errors(indicators, district, goals, path.stem, document)
        found[path.stem] = goals
    return MappingProxyType(found)


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    return cited_in_pages(book[TARGETS], "targets")


# The goals of each indicator that has any.
TARGETS: Chapter[Mapping[str, Goals]] = register(
    Chapter(
        name="targets",
        label=Label(zh="目标", en="Goals"),
        pages=(PageKind("target", "targets/*.yaml", Goals),),
        needs=(DISTRICT, INDICATORS),
        read=_read,
        at_once=True,
        cites=_cites,
        order=4,
        reference="reference/cockpit-grammar.md",
    )
)
