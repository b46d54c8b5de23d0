"""Figures as pages show them: in the language of the page, each with the way to its side sheet, where it can be taken
apart down to the facts (N1). The numbers themselves are those of ``queries.figures``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.urls import reverse

from zhiheng.engines.comparison import compared
from zhiheng.engines.figure_words import INSUFFICIENT, unit_words, unplaced_words
from zhiheng.grammar.chapters.cockpit import ShownIndicator
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.types import Label
from zhiheng.pages import asking
from zhiheng.pages.access import book, call_of, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, say
from zhiheng.queries.figures import (
    AreaFigures,
    Asked,
    ComparedFigure,
    RefreshState,
    open_own_figures,
)

_SIGN = {"better": True, "worse": False}


@dataclass(frozen=True)
class ShownFigure(ComparedFigure):
    """A figure in words. ``door``: the way to its side sheet, where that is not the sheet of the whole area."""

    door: str = ""

    @cached_property
    def told(self) -> str:
        """The value in the language of the page; where there is none, why."""
        return self.zh if chinese() else self.en

    @cached_property
    def before_told(self) -> str:
        """The value a year before; where there is none, why."""
        zh, en = self.before_zh or INSUFFICIENT[0], self.before_en or INSUFFICIENT[1]
        return zh if chinese() else en

    @cached_property
    def above(self) -> tuple[int, str, str] | None:
        """The facts known only for an area around this one, which are not counted: how many, in words, and their
        address.
        """
        node = book()[DISTRICT].area(self.area)
        if not self.unplaced_above or node is None or node.parent is None:
            return None
        zh, en = unplaced_words(book(), self.area, self.unplaced_above)
        words = say(f"另有{zh}", en) if self.value is not None else say(zh, en)
        known_on = self.known_on if self.replay else None
        return self.unplaced_above, words, sheet(self.indicator, self.area, self.as_of, known_on, side="above")

    @cached_property
    def beneath(self) -> tuple[int, str, str] | None:
        """The facts that no area beneath this one counts: how many, in words, and the way to them."""
        children = book()[DISTRICT].children(self.area)
        if not self.unplaced_beneath or not children:
            return None
        words = unplaced_words(book(), children[0].code, self.unplaced_beneath)
        known_on = self.known_on if self.replay else None
        address = sheet(self.indicator, self.area, self.as_of, known_on, **{"by.area": self.area})
        return self.unplaced_beneath, say(*words), address

    @cached_property
    def text(self) -> str:
        """The value in the language of the page, with its unit; nothing where there is none."""
        return "" if self.value is None else self.zh if chinese() else self.en

    @cached_property
    def area_name(self) -> Label:
        """The name of the area."""
        area = book()[DISTRICT].area(self.area)
        return area.name if area is not None else Label(zh=self.area, en=self.area)

    @cached_property
    def before_text(self) -> str:
        """The value a year before."""
        return "" if self.before is None else self.before_zh if chinese() else self.before_en

    @cached_property
    def goal_text(self) -> str:
        """The goal with the unit of the number."""
        unit = self.unit_text
        return f"{self.goal}{unit}" if self.goal and unit.strip() else self.goal

    @cached_property
    def unit_text(self) -> str:
        """The unit as people write it."""
        zh, en = unit_words(self.unit)
        return zh if chinese() else en

    @cached_property
    def difference(self) -> Decimal | None:
        """The value less the value a year before."""
        return None if self.value is None or self.before is None else self.value - self.before

    @cached_property
    def difference_text(self) -> str:
        """The difference with its sign; of a percentage in percentage points."""
        if self.difference is None:
            return ""
        unit = say("个百分点", " points") if self.unit == "%" else self.unit_text
        return f"{self.difference:+,.{self.decimals}f}{unit}" if self.difference else say("持平", "the same")

    @cached_property
    def trend(self) -> str:
        """``up``, ``down``, ``same`` or nothing."""
        return "" if self.difference is None else "up" if self.difference > 0 else "down" if self.difference else "same"

    @cached_property
    def better(self) -> bool | None:
        """Whether it went the better way; None where it did not move, or no way is the better one."""
        indicator = book()[INDICATORS][self.indicator]
        return _SIGN.get(compared(indicator, self.value, self.before, {}).trend or "")

    @cached_property
    def state(self) -> str:
        """``pass`` where the goal is reached, ``fail`` where it is missed, nothing where there is none or it is not
        known.
        """
        return "" if self.goal_met is None else "pass" if self.goal_met else "fail"

    @cached_property
    def url(self) -> str:
        """The side sheet of the number."""
        if self.value is None and self.above is not None:
            # What is told is how many could not be placed here: they are listed, not the empty list of the place.
            return self.above[2]
        return self.door or sheet(self.indicator, self.area, self.as_of, self.known_on if self.replay else None)

    @cached_property
    def before_url(self) -> str:
        """The side sheet of the number a year before."""
        return sheet(self.indicator, self.area, self.before_on, self.known_on if self.replay else None)

    @cached_property
    def goal_url(self) -> str:
        """The side sheet of the indicator that reads the goal from target letters; nothing where the book itself says
        it.
        """
        return sheet(self.goal_indicator, self.area, self.as_of, None) if self.goal_indicator else ""


_FIELDS = tuple(field.name for field in fields(ComparedFigure))


def show(figure: ComparedFigure, door: str = "") -> ShownFigure:
    """A figure of the service as a page shows it."""
    return ShownFigure(**{name: getattr(figure, name) for name in _FIELDS}, door=door)


def show_all(
    found: Mapping[tuple[str, ShownIndicator], ComparedFigure],
) -> dict[tuple[str, ShownIndicator], ShownFigure]:
    """The same of the figures of several areas."""
    return {key: show(figure) for key, figure in found.items()}


def sheet(indicator: str, area: str, as_of: dt.date, known_on: dt.date | None = None, **more: Any) -> str:
    """The address of the side sheet of a figure."""
    asked = {"area": area, "as_of": as_of, "known_on": known_on, **more}
    said = {name: value for name, value in asked.items() if value not in (None, "")}
    return f"{_sheet_of(indicator)}?{urlencode(said)}"


@cache
def _sheet_of(indicator: str) -> str:
    return reverse("desk:figure", args=[indicator])


def day_of(refreshed: RefreshState | None) -> dt.date:
    """The day as of which figures are kept; today where nothing was refreshed yet."""
    return refreshed.day if refreshed is not None and refreshed.day is not None else today()


def said_of(asked: Asked) -> dict[str, Any]:
    """Area and days as they stand in an address, so that links keep a past day."""
    known = {"known_on": asked.known_on} if asked.known_on is not None else {}
    return {"area": asked.area, **({"as_of": asked.as_of, **known} if asked.replay else {})}


def figures_asked(request: PageRequest, act: str, *, default_day: dt.date | None = None) -> AreaFigures:
    """The figures that an address asks for, of an area in which its reader may do the act.

    An area out of the book, or none, is the highest of the own areas; a day that is none, or still to come, is the
    default (today). Raises Refused where an area is named that is out of reach, and where no area is in reach.
    """
    otherwise = default_day or today()
    as_of, known_on = day_said(request, "as_of", otherwise), day_said(request, "known_on", None)
    known_on = None if known_on is None or known_on >= today() else known_on
    opened = open_own_figures(
        asking.text(request, "area", 40), as_of=as_of, known_on=known_on, act=act, call=call_of(request)
    )
    return replace(opened, asked=replace(opened.asked, replay=known_on is not None or as_of != otherwise))


_Otherwise = TypeVar("_Otherwise", dt.date, None)


def day_said(request: PageRequest, name: str, otherwise: _Otherwise) -> dt.date | _Otherwise:
    """A day that an address names, not after today; ``otherwise`` where it names none. Raises Refused for what is no
    day.
    """
    day = asking.day(request, name)
    return otherwise if day is None else min(day, today())
