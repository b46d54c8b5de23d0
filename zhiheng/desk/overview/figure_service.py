"""Numbers as pages show them: from those that the last refresh stored, else computed from the lake for the day that is asked.

Each knows the way to its side sheet, where it can be taken apart down to the facts (N1).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from zhiheng.analytics import query
from zhiheng.analytics.figures_by_area import every_area
from zhiheng.analytics.lake import Lake
from zhiheng.engines.comparison import bounds_of, compared, goals_read
from zhiheng.grammar.cockpit import Shown, year_before
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.parse_params import day_in as written_day
from zhiheng.pages.access import book, today
from zhiheng.pages.words import chinese, say
from zhiheng.people import access
from zhiheng.projections.figures import stored
from zhiheng.projections.models import Refresh, StoredFigure

# From so many areas on it is quicker to ask for all areas at once.
_MANY = 3
_SIGN = {"better": True, "worse": False}


@dataclass(frozen=True)
class Number:
    """A number with what it is compared to. ``computed_at`` is None where it was computed for this page."""

    indicator: str
    label: Label
    quality: str
    area: str
    value: Decimal | None
    zh: str
    en: str
    unit: str
    decimals: int
    numerator: Decimal | None
    denominator: Decimal | None
    plan: Label | None
    first: dt.date | None
    last: dt.date
    as_of: dt.date
    known_on: dt.date
    before_on: dt.date
    before: Decimal | None
    before_zh: str
    before_en: str
    goal: str
    goal_by: Label | None
    goal_met: bool | None
    goal_indicator: str
    edition: str
    computed_at: dt.datetime | None
    replay: bool
    facts: int = 0
    unplaced_above: int = 0
    unplaced_beneath: int = 0
    door: str = ""

    @cached_property
    def told(self) -> str:
        """The value in the language of the page; where there is none, why."""
        return self.zh if chinese() else self.en

    @cached_property
    def before_told(self) -> str:
        """The value a year before; where there is none, why."""
        zh, en = self.before_zh or query.INSUFFICIENT[0], self.before_en or query.INSUFFICIENT[1]
        return zh if chinese() else en

    @cached_property
    def above(self) -> tuple[int, str, str] | None:
        """The facts told only of an area around this one, which are not counted: how many, in words, and the way to them."""
        node = book().district.area(self.area)
        if not self.unplaced_above or node is None or node.parent is None:
            return None
        zh, en = query.unplaced_words(book(), self.area, self.unplaced_above)
        words = say(f"另有{zh}", en) if self.value is not None else say(zh, en)
        known_on = self.known_on if self.replay else None
        return self.unplaced_above, words, sheet(self.indicator, self.area, self.as_of, known_on, side="above")

    @cached_property
    def beneath(self) -> tuple[int, str, str] | None:
        """The facts that no area beneath this one counts: how many, in words, and the way to them."""
        children = book().district.children(self.area)
        if not self.unplaced_beneath or not children:
            return None
        words = query.unplaced_words(book(), children[0].code, self.unplaced_beneath)
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
        area = book().district.area(self.area)
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
        zh, en = query.unit_words(self.unit)
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
        indicator = book().indicators[self.indicator]
        return _SIGN.get(compared(indicator, self.value, self.before, {}).trend or "")

    @cached_property
    def state(self) -> str:
        """``pass`` where the goal is reached, ``fail`` where it is missed, nothing where there is none or it is not known."""
        return "" if self.goal_met is None else "pass" if self.goal_met else "fail"

    @cached_property
    def url(self) -> str:
        """The side sheet of the number."""
        return self.door or sheet(self.indicator, self.area, self.as_of, self.known_on if self.replay else None)

    @cached_property
    def before_url(self) -> str:
        """The side sheet of the number a year before."""
        return sheet(self.indicator, self.area, self.before_on, self.known_on if self.replay else None)

    @cached_property
    def goal_url(self) -> str:
        """The side sheet of the indicator that reads the goal from target letters; nothing where the book itself says it."""
        return sheet(self.goal_indicator, self.area, self.as_of, None) if self.goal_indicator else ""


def sheet(indicator: str, area: str, as_of: dt.date, known_on: dt.date | None = None, **more: Any) -> str:
    """The address of the side sheet of a figure."""
    asked = {"area": area, "as_of": as_of, "known_on": known_on, **more}
    said = {name: value for name, value in asked.items() if value not in (None, "")}
    return f"{_sheet_of(indicator)}?{urlencode(said)}"


@cache
def _sheet_of(indicator: str) -> str:
    return reverse("desk:figure", args=[indicator])


def lake() -> Lake:
    """The lake beside the database, in the words of the book."""
    return Lake(inside(settings.DATA, "lake"), book())


def lake_stamp() -> tuple[Path, int]:
    """Which lake there is, and when it was written last."""
    file = lake().folder / "manifest.json"
    return file, file.stat().st_mtime_ns if file.exists() else 0


def figures_refreshed() -> Refresh | None:
    """When figures were refreshed last, and as of which day. One query."""
    return Refresh.objects.filter(part="figures").first()


def day_of(refreshed: Refresh | None) -> dt.date:
    """The day as of which figures are kept; today where nothing was refreshed yet."""
    return refreshed.day if refreshed is not None and refreshed.day is not None else today()


def numbers(
    areas: Sequence[str], shown: Iterable[Shown], *, as_of: dt.date, known_on: dt.date | None = None
) -> dict[tuple[str, Shown], Number]:
    """The same numbers of several areas."""
    wanted = tuple(shown)
    return numbers_of(dict.fromkeys(areas, wanted), as_of=as_of, known_on=known_on)


def numbers_of(
    wanted: Mapping[str, Sequence[Shown]], *, as_of: dt.date, known_on: dt.date | None = None
) -> dict[tuple[str, Shown], Number]:
    """Area -> its numbers: those that are kept, and what is missing is computed.

    ``known_on`` is a replay: nothing of that kind is kept.
    """
    kept: dict[tuple[str, dt.date, str], StoredFigure] = {}
    if known_on is None:
        # One query for all areas of which the same is wanted: a place by itself, those beneath it together.
        alike: dict[tuple[Shown, ...], list[str]] = {}
        for area, some in wanted.items():
            alike.setdefault(tuple(dict.fromkeys(some)), []).append(area)
        for same, areas in alike.items():
            days, names = {each.as_of(as_of) for each in same}, {each.indicator for each in same}
            kept |= stored(areas, as_of=days, names=names)
    found: dict[tuple[str, Shown], Number] = {}
    missing: dict[tuple[str, dt.date], list[Shown]] = {}
    for area, some in wanted.items():
        for each in dict.fromkeys(some):
            day = each.as_of(as_of)
            figure = kept.get((area, day, each.indicator))
            # One that is kept only to be compared with has nothing kept to be compared with itself.
            whole = figure is not None and figure.before_on is not None
            if figure is not None and whole and figure.edition == book().indicator_edition(each.indicator):
                found[area, each] = _kept(figure)
            else:
                missing.setdefault((area, day), []).append(each)
    _compute_many(missing, found, known_on)
    for (area, day), lacking in missing.items():
        computed = compute(area, [each.indicator for each in lacking], as_of=day, known_on=known_on)
        found |= {(area, each): computed[each.indicator] for each in lacking}
    return found


def _compute_many(
    missing: dict[tuple[str, dt.date], list[Shown]], found: dict[tuple[str, Shown], Number], known_on: dt.date | None
) -> None:
    """Where several areas lack the same numbers of a day, they are asked of all areas at once; what was found is taken out."""
    alike: dict[tuple[dt.date, tuple[Shown, ...]], list[str]] = {}
    for (area, day), lacking in missing.items():
        alike.setdefault((day, tuple(lacking)), []).append(area)
    for (day, some), areas in alike.items():
        if len(areas) < _MANY:
            continue
        computed = compute_all(areas, [each.indicator for each in some], as_of=day, known_on=known_on)
        for area in areas:
            found |= {(area, each): computed[area][each.indicator] for each in some}
            del missing[area, day]


def number(indicator: str, area: str, *, as_of: dt.date, known_on: dt.date | None = None) -> Number:
    """One number."""
    shown = Shown(indicator=indicator)
    return numbers([area], [shown], as_of=as_of, known_on=known_on)[area, shown]


def compute(area: str, names: Sequence[str], *, as_of: dt.date, known_on: dt.date | None = None) -> dict[str, Number]:
    """Numbers of an area from the lake, as of a day, with those a year before and with their goals."""
    lake_, day = lake(), known_on or today()
    now = query.figures(lake_, book(), area=area, as_of=as_of, known_on=day, names=_with_goals(names))
    before = query.figures(lake_, book(), area=area, as_of=year_before(as_of), known_on=day, names=list(names))
    return _compared(area, names, now, before, as_of, known_on)


def compute_all(
    areas: Sequence[str], names: Sequence[str], *, as_of: dt.date, known_on: dt.date | None = None
) -> dict[str, dict[str, Number]]:
    """The same of several areas, in few questions."""
    lake_, day = lake(), known_on or today()
    now = dict(every_area(lake_, book(), as_of=as_of, known_on=day, names=_with_goals(names)))
    before = dict(every_area(lake_, book(), as_of=year_before(as_of), known_on=day, names=list(names)))
    return {area: _compared(area, names, now[area], before[area], as_of, known_on) for area in areas}


def _with_goals(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*names, *goals_read(book(), names)]))


def _compared(
    area: str,
    names: Sequence[str],
    now: Iterable[query.Figure],
    before: Iterable[query.Figure],
    as_of: dt.date,
    known_on: dt.date | None,
) -> dict[str, Number]:
    found = book()
    figures, then = {f.indicator: f for f in now}, {f.indicator: f for f in before}
    values = {name: figure.value for name, figure in figures.items()}
    result = {}
    for name in names:
        figure, old, indicator = figures[name], then[name], found.indicators[name]
        goal, bounds = bounds_of(found, name, area, as_of, values)
        against = compared(indicator, figure.value, old.value, bounds)
        result[name] = Number(
            name,
            indicator.label,
            indicator.quality,
            area,
            figure.value,
            figure.zh,
            figure.en,
            figure.unit,
            figure.decimals,
            _decimal(figure.numerator),
            _decimal(figure.denominator),
            indicator.plan,
            figure.first,
            figure.last,
            as_of,
            figure.known_on,
            year_before(as_of),
            old.value,
            old.zh,
            old.en,
            against.goal,
            goal.set_by if goal else None,
            against.reached,
            next(iter(goal.indicators()), "") if goal else "",
            figure.edition,
            None,
            known_on is not None,
            figure.facts,
            figure.unplaced_above,
            figure.unplaced_beneath,
        )
    return result


def _kept(figure: StoredFigure) -> Number:
    found = book()
    indicator = found.indicators[figure.indicator]
    goals = found.targets.get(figure.indicator)
    goal = goals.at(found.district, figure.area, figure.as_of) if goals is not None else None
    return Number(
        figure.indicator,
        indicator.label,
        indicator.quality,
        figure.area,
        figure.value,
        figure.zh,
        figure.en,
        figure.unit,
        figure.decimals,
        figure.numerator,
        figure.denominator,
        indicator.plan,
        figure.first,
        figure.last,
        figure.as_of,
        figure.known_on,
        figure.before_on or year_before(figure.as_of),
        figure.before,
        figure.before_zh,
        figure.before_en,
        figure.goal,
        Label(zh=figure.goal_by_zh, en=figure.goal_by_en) if figure.goal_by_zh else None,
        figure.goal_met,
        next(iter(goal.indicators()), "") if goal else "",
        figure.edition,
        figure.computed_at,
        False,
        figure.facts,
        figure.unplaced_above,
        figure.unplaced_beneath,
    )


def of_cell(figure: query.Figure, asked_: Asked) -> Number:
    """The number of one cell of a split: compared to nothing, since goals are set for whole areas."""
    indicator = book().indicators[figure.indicator]
    return Number(
        figure.indicator,
        indicator.label,
        indicator.quality,
        asked_.area,
        figure.value,
        figure.zh,
        figure.en,
        figure.unit,
        figure.decimals,
        _decimal(figure.numerator),
        _decimal(figure.denominator),
        indicator.plan,
        figure.first,
        figure.last,
        asked_.as_of,
        figure.known_on,
        year_before(asked_.as_of),
        None,
        "",
        "",
        "",
        None,
        None,
        "",
        figure.edition,
        None,
        asked_.known_on is not None,
        figure.facts,
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


@dataclass(frozen=True)
class Asked:
    """Of where and when a page is asked."""

    area: str
    as_of: dt.date
    known_on: dt.date | None
    replay: bool


def said_of(asked_: Asked) -> dict[str, Any]:
    """Where and when is asked, as it stands in an address: whoever looks back goes on looking back."""
    known = {"known_on": asked_.known_on} if asked_.known_on is not None else {}
    return {"area": asked_.area, **({"as_of": asked_.as_of, **known} if asked_.replay else {})}


def asked(
    actor: Actor, act: str, said: Mapping[str, str], *, default_day: dt.date, reach: Sequence[str] | None = None
) -> Asked:
    """What a query string asks for, within the areas in which the actor may do the act.

    An area out of reach, or none, is the first of the own areas; a day that is none, or still to come, is the default.
    ``reach``: these areas, where the caller knows them already. Raises Refused where an area is named that is out of reach, and
    where no area is in reach.
    """
    areas = access.areas(actor, act, book=book(), today=today()) if reach is None else reach
    area = said.get("area", "")
    if area not in areas:
        if not areas or (area and book().district.area(area) is not None):
            access.require(actor, act, book=book(), today=today(), area=area)
        area = top_area(areas)
    as_of = day_in(said.get("as_of", ""), default_day)
    known_on = day_in(said.get("known_on", ""), None)
    known_on = None if known_on is None or known_on >= today() else known_on
    return Asked(area, as_of, known_on, known_on is not None or as_of != default_day)


def top_area(areas: Sequence[str]) -> str:
    """The area that a page begins with: the highest of those in reach."""
    by_code = {area.code: area for area in book().district.areas}
    reach = set(areas)
    tops = [code for code in areas if by_code[code].parent not in reach]
    return tops[0] if tops else (areas[0] if areas else "")


def day_in(text: str, otherwise: dt.date | None) -> Any:
    """A day as it is written in an address, not after today; else ``otherwise``."""
    day = written_day(text)
    return otherwise if day is None else min(day, today())
