"""The figures of indicators: the one way to a number, for the desk, programs, the terminal, the refresh and reports.

``open_figures`` asks access once, for an area and everything beneath it, as of a day and as known on a day. What it
gives answers every question about the numbers there: those kept by the last refresh or computed from the lake, beside
the year before and the goal; split by a dimension or along a period; the facts behind one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings

from zhiheng.analytics import query
from zhiheng.analytics.figures_by_area import every_area
from zhiheng.analytics.lake import Lake as Lake
from zhiheng.analytics.ledger_extract import last_fact
from zhiheng.analytics.query import Figure as Figure
from zhiheng.analytics.query import Order as Order
from zhiheng.analytics.splits import Period as Period
from zhiheng.analytics.splits import Split as Split
from zhiheng.analytics.splits import SplitColumn as SplitColumn
from zhiheng.analytics.splits import SplitRow as SplitRow
from zhiheng.analytics.splits import periods_of as periods_of
from zhiheng.analytics.splits import split
from zhiheng.database.paging import Page, cut, cut_start, one_more, place_text, place_values
from zhiheng.engines.comparison import bounds_of, compared, goals_read
from zhiheng.engines.control_charts import Signal, Track
from zhiheng.engines.measured import rate_chart
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cockpit import ShownIndicator, year_before
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.targets import TARGETS
from zhiheng.grammar.types import Label
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.projections.figures import stored
from zhiheng.projections.models import Refresh, StoredFigure
from zhiheng.quality_file.fact_list import FactLine, fact_lines
from zhiheng.queries import refusals
from zhiheng.queries.readings import note_list

# From so many areas on it is quicker to ask for all areas at once.
_MANY = 3
ACT = "indicator.read"


@dataclass(frozen=True)
class ComparedFigure:
    """A figure beside the same figure a year before and beside its goal. ``computed_at`` is None where it was computed
    just now.

    ``goal_indicator`` is the indicator that reads the goal from target letters, empty where the book itself says the
    goal. ``replay``: it is asked as known on an earlier day.
    """

    indicator: str
    label: Label
    quality: str
    area: str
    value: Decimal | None
    zh: str
    en: str
    unit: str
    decimals: int
    numerator: int | Decimal | None
    denominator: int | Decimal | None
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


@dataclass(frozen=True)
class Asked:
    """Where and when figures are asked: an area of the book ("": everything), and two days; ``known_on`` None: as known
    today.
    """

    area: str
    as_of: dt.date
    known_on: dt.date | None
    replay: bool


@dataclass(frozen=True)
class RefreshState:
    """How far a part of the read models was refreshed: the last fact and act, when, and as of which day."""

    fact: int
    act: int
    at: dt.datetime | None
    day: dt.date | None


@dataclass(frozen=True, kw_only=True)
class FactsBehind(Page[FactLine]):
    """A page of the facts behind a figure: ``hidden`` of them the reader may not see."""

    hidden: int


@dataclass(frozen=True)
class RateControl:
    """The p chart of a share, with the points beyond its limits; or why there is none."""

    track: Track | None
    signals: tuple[Signal, ...]
    lacking: Label | None


def lake_of(book: Book) -> Lake:
    """The lake beside the database, in the words of the book."""
    return Lake(inside(settings.DATA, "lake"), book)


def lake_stamp() -> tuple[Path, int]:
    """Which lake there is, and when it was written last: what is drawn from it can be kept until this changes."""
    file = inside(settings.DATA, "lake") / "manifest.json"
    return file, file.stat().st_mtime_ns if file.exists() else 0


def facts_not_projected(lake: Lake) -> int:
    """How many facts of the ledger the lake lacks."""
    return last_fact()[0] - lake.manifest().watermark


def refresh_states() -> dict[str, RefreshState]:
    """Part of the read models (``figures``, ``cards``) -> how far it was refreshed. One query."""
    return {one.part: RefreshState(one.fact, one.act, one.at, one.day) for one in Refresh.objects.all()}


def figures_refreshed() -> RefreshState | None:
    """When figures were refreshed last, and as of which day. One query."""
    return refresh_states().get("figures")


def are_figures_as_of(day: dt.date) -> bool:
    """Whether the figures kept are those of a day."""
    return Refresh.objects.filter(part="figures", day=day).exists()


def open_figures(
    area: str | None,
    *,
    as_of: dt.date,
    known_on: dt.date | None = None,
    act: str = ACT,
    call: Call,
    lake: Lake | None = None,
) -> AreaFigures:
    """The figures of an area and of all beneath it; ``area`` None is everything there is, which needs a reach
    everywhere.

    Raises Refused (``area.absent``) where the book has no such area, and where the actor may not do the act there.
    """
    if area is not None and area not in call.book[DISTRICT].areas_below:
        raise Refused(refusals.area_absent(area))
    access.require(call, act, area=area or "")
    return _opened(area or "", as_of, known_on, call, lake)


def open_own_figures(
    area: str,
    *,
    as_of: dt.date,
    known_on: dt.date | None = None,
    act: str = ACT,
    call: Call,
) -> AreaFigures:
    """The figures of an area within the actor's reach; where none is named, or none of the book, of the highest in
    reach.

    What is opened says how far that reach is. Raises Refused where an area is named that is out of reach, and where
    nothing is in reach.
    """
    reach = access.areas(call, act)
    if area not in reach:
        if not reach or (area and call.book[DISTRICT].area(area) is not None):
            access.require(call, act, area=area)
        area = _top_area(reach, call.book)
    return _opened(area, as_of, known_on, call, None, reach)


def _opened(
    area: str, as_of: dt.date, known_on: dt.date | None, call: Call, lake: Lake | None, reach: tuple[str, ...] = ()
) -> AreaFigures:
    asked = Asked(area, as_of, known_on, known_on is not None)
    return AreaFigures(asked, call, lake or lake_of(call.book), reach)


def _top_area(areas: Sequence[str], book: Book) -> str:
    """The area that a page begins with: the highest of those in reach."""
    by_code = {area.code: area for area in book[DISTRICT].areas}
    tops = [code for code in areas if by_code[code].parent not in set(areas)]
    return tops[0] if tops else (areas[0] if areas else "")


@dataclass(frozen=True, eq=False)
class AreaFigures:
    """The figures of an area, after the check of access: made by ``open_figures``, never by hand.

    ``reach``: where the area was sought within the actor's reach, all areas of it, in the order of the book.
    """

    asked: Asked
    call: Call
    lake: Lake
    reach: tuple[str, ...] = ()

    @property
    def book(self) -> Book:
        """The book by which they are computed."""
        return self.call.book

    @property
    def known(self) -> dt.date:
        """The day as known on which is asked."""
        return self.asked.known_on or self.call.today

    @property
    def may_export(self) -> bool:
        """Whether the actor may take the figures of the area away as a file."""
        return access.may(self.call, "export.make", area=self.asked.area) is None

    def at(self, area: str) -> AreaFigures:
        """The figures of an area beneath. Raises ValueError for one that is not beneath: access to it was not
        checked.
        """
        if self.asked.area and area not in self.book[DISTRICT].areas_below[self.asked.area]:
            raise ValueError(f"{area} does not lie in {self.asked.area}")
        return replace(self, asked=replace(self.asked, area=area))

    # -- numbers, kept or computed

    def one(self, name: str) -> ComparedFigure:
        """One indicator of the area."""
        shown = ShownIndicator(indicator=name)
        return self.of_areas({self.asked.area: [shown]})[self.asked.area, shown]

    def many(self, shown: Sequence[ShownIndicator]) -> dict[ShownIndicator, ComparedFigure]:
        """Some indicators of the area."""
        return {each: figure for (_, each), figure in self.of_areas({self.asked.area: shown}).items()}

    def of_children(self, name: str) -> list[ComparedFigure]:
        """One indicator of each area directly beneath."""
        shown = ShownIndicator(indicator=name)
        codes = [area.code for area in self.book[DISTRICT].children(self.asked.area)]
        found = self.of_areas({code: [shown] for code in codes})
        return [found[code, shown] for code in codes]

    def of_areas(
        self, wanted: Mapping[str, Sequence[ShownIndicator]]
    ) -> dict[tuple[str, ShownIndicator], ComparedFigure]:
        """Area beneath -> its indicators: those that are kept, and what is missing is computed.

        Nothing is kept as known on an earlier day. Raises ValueError for an area that is not beneath.
        """
        for area in wanted:
            self.at(area)
        found: dict[tuple[str, ShownIndicator], ComparedFigure] = {}
        missing: dict[tuple[str, dt.date], list[ShownIndicator]] = {}
        kept = self._kept(wanted) if self.asked.known_on is None else {}
        for area, some in wanted.items():
            for each in dict.fromkeys(some):
                day = each.as_of(self.asked.as_of)
                figure = kept.get((area, day, each.indicator))
                # One that is kept only to be compared with has nothing kept to be compared with itself.
                before_on = figure.before_on if figure is not None else None
                edition = self.book[INDICATORS][each.indicator].edition
                if figure is not None and before_on is not None and figure.edition == edition:
                    found[area, each] = _of_stored(self.book, figure, before_on)
                else:
                    missing.setdefault((area, day), []).append(each)
        # Areas that lack the same numbers of a day are asked together.
        alike: dict[tuple[dt.date, tuple[ShownIndicator, ...]], list[str]] = {}
        for (area, day), lacking in missing.items():
            alike.setdefault((day, tuple(lacking)), []).append(area)
        for (day, some), areas in alike.items():
            computed = compare_figures(
                self.lake,
                self.book,
                areas,
                [each.indicator for each in some],
                as_of=day,
                known_on=self.known,
                replay=self.asked.known_on is not None,
            )
            found |= {(area, each): computed[area][each.indicator] for area in areas for each in some}
        return found

    def _kept(self, wanted: Mapping[str, Sequence[ShownIndicator]]) -> dict[tuple[str, dt.date, str], StoredFigure]:
        """One query for all areas of which the same is wanted: a place by itself, those beneath it together."""
        alike: dict[tuple[ShownIndicator, ...], list[str]] = {}
        for area, some in wanted.items():
            alike.setdefault(tuple(dict.fromkeys(some)), []).append(area)
        kept: dict[tuple[str, dt.date, str], StoredFigure] = {}
        for same, areas in alike.items():
            days, names = {each.as_of(self.asked.as_of) for each in same}, {each.indicator for each in same}
            kept |= stored(areas, as_of=days, names=names)
        return kept

    # -- numbers, computed from the lake

    def computed(self, names: Sequence[str] | None = None, by: Sequence[str] = ()) -> list[Figure]:
        """Figures computed now, compared with nothing; with dimensions, one for each group.

        Raises Refused for an indicator that the book lacks, or a dimension that it can't be split by.
        """
        return query.figures(
            self.lake,
            self.book,
            area=self.asked.area or None,
            as_of=self.asked.as_of,
            known_on=self.known,
            names=names,
            by=by,
        )

    def of_every_area(self, names: Sequence[str] | None = None) -> Iterator[tuple[str, list[Figure]]]:
        """(area, its figures computed now) for every area beneath, in the order of the book."""
        inside_ = self.book[DISTRICT].areas_below.get(self.asked.area)
        for area, found in every_area(self.lake, self.book, as_of=self.asked.as_of, known_on=self.known, names=names):
            if inside_ is None or area in inside_:
                yield area, found

    def split(self, name: str, by: str = "", period: Period = "") -> Split:
        """An indicator by a dimension (``area``: the areas directly beneath) and along a period."""
        return split(
            self.lake,
            self.book,
            name,
            area=self.asked.area,
            as_of=self.asked.as_of,
            known_on=self.known,
            by=by,
            period=period,
        )

    def control(self, name: str, found: Split) -> RateControl | None:
        """The p chart of an indicator along the months of a split, from the counts of each; None where it is no share
        of facts, so that no limits follow from counts.
        """
        indicator = self.book[INDICATORS][name]
        under = indicator.denominator
        if indicator.kind != "rate" or indicator.numerator is None or under is None or under.count != "facts":
            return None
        parts = [
            (int(one.numerator or 0), int(one.denominator)) if one is not None and one.denominator else None
            for one in found.whole
        ]
        answer = rate_chart(parts)
        return RateControl(None, (), answer) if isinstance(answer, Label) else RateControl(*answer, None)

    def cell(self, name: str, group: Mapping[str, Any]) -> ComparedFigure | None:
        """One cell of a split, compared with nothing, since goals are set for whole areas; None where nothing was
        counted.
        """
        for figure in self.computed([name], tuple(group)):
            if dict(figure.group) == dict(group):
                before_on = year_before(self.asked.as_of)
                return _compared(self.book, figure, self.asked.area, before_on, replay=self.asked.known_on is not None)
        return None

    def of_no_child(self, name: str) -> ComparedFigure | None:
        """The figure of the facts known for the area itself and for none beneath, so that the parts and the rest are
        the whole.
        """
        return self.cell(name, {"area": self.asked.area})

    # -- the facts behind a number

    def count_facts(self, name: str, group: Mapping[str, Any] | None = None) -> Mapping[str, int]:
        """Side of the figure -> how many facts are behind it; under the empty name all of them, each once."""
        return query.count_behind(self.lake, self.book, name, **self._where(), group=group)

    def fact_ids(self, name: str, *, after: int | None = None, limit: int | None = None) -> Iterator[int]:
        """The ids of the facts behind a figure, ascending; ``after`` and ``limit``: a page of them, which costs a
        page.
        """
        return query.facts_behind(self.lake, self.book, name, **self._where(), after=after, limit=limit)

    def fact_page(self, name: str, *, after: str, limit: int) -> Page[int]:
        """A page of those ids. Raises Refused (``indicator.absent``)."""
        if name not in self.book[INDICATORS]:
            raise Refused(refusals.indicator_absent(name))
        (last,) = place_values(after, int) or (0,)
        return cut(list(self.fact_ids(name, after=last, limit=one_more(limit))), limit, place_text)

    def listed_ids(
        self,
        name: str,
        *,
        side: str = "",
        group: Mapping[str, Any] | None = None,
        order: Order = "-day",
        start: int = 0,
        limit: int | None = None,
    ) -> list[int]:
        """The ids as a list is read: the newest first, or by what decides the number; ``side`` as in
        ``query.list_behind``.
        """
        return query.list_behind(
            self.lake, self.book, name, **self._where(), side=side, group=group, order=order, start=start, limit=limit
        )

    def facts(self, name: str, *, start: int, limit: int, fields: Sequence[str] = (), **listed: Any) -> FactsBehind:
        """A page of the facts behind a figure, narrowed to what the actor may read."""
        page = cut_start(self.listed_ids(name, start=start, limit=one_more(limit), **listed), limit, start)
        lines = self.fact_lines(page.rows, fields)
        if lines:
            note_list(self.call, f"indicator:{name}")
        return FactsBehind(lines, page.next, hidden=len(page.rows) - len(lines))

    def fact_lines(self, ids: Iterable[int], fields: Sequence[str] = ()) -> list[FactLine]:
        """The facts of these ids that the actor may read, in the order of the ids."""
        scope = access.scope(self.call, "fact.read")
        return fact_lines(ids, book=self.book, scope=scope, fields=fields)

    def _where(self) -> dict[str, Any]:
        return {"area": self.asked.area or None, "as_of": self.asked.as_of, "known_on": self.known}


# What a figure of the lake and one that is kept are alike in.
_ALIKE = (
    "indicator",
    "value",
    "zh",
    "en",
    "unit",
    "decimals",
    "first",
    "last",
    "as_of",
    "known_on",
    "edition",
    "facts",
    "unplaced_above",
    "unplaced_beneath",
)


def compare_figures(
    lake: Lake,
    book: Book,
    areas: Collection[str],
    names: Sequence[str],
    *,
    as_of: dt.date,
    known_on: dt.date,
    replay: bool = False,
) -> dict[str, dict[str, ComparedFigure]]:
    """Area -> indicator -> its figure from the lake, beside the year before and the goal. Access was asked by
    ``open_figures``.

    Args:
        areas: codes of areas.
        names: indicators, as the book names them.
        replay: as it was known on ``known_on``; else as it is known now.
    """
    with_goals = list(dict.fromkeys([*names, *goals_read(book, names)]))
    asked: list[dict[str, list[Figure]]] = []
    before_on = year_before(as_of)
    for day, some in ((as_of, with_goals), (before_on, list(names))):
        if len(areas) >= _MANY:
            asked.append(dict(every_area(lake, book, as_of=day, known_on=known_on, names=some)))
        else:
            asked.append(
                {
                    area: query.figures(lake, book, area=area or None, as_of=day, known_on=known_on, names=some)
                    for area in areas
                }
            )
    found: dict[str, dict[str, ComparedFigure]] = {}
    for area in areas:
        now, before = ({figure.indicator: figure for figure in each[area]} for each in asked)
        values = {name: figure.value for name, figure in now.items()}
        found[area] = {
            name: _compared(book, now[name], area, before_on, before[name], values=values, replay=replay)
            for name in names
        }
    return found


def _compared(
    book: Book,
    figure: Figure,
    area: str,
    before_on: dt.date,
    before: Figure | None = None,
    *,
    values: Mapping[str, Decimal | None] | None = None,
    replay: bool,
) -> ComparedFigure:
    """A figure of the lake; ``values`` None: it is compared with no goal."""
    indicator = book[INDICATORS][figure.indicator]
    goal, bounds = bounds_of(book, figure.indicator, area, figure.as_of, values) if values is not None else (None, {})
    against = compared(indicator, figure.value, before.value if before is not None else None, bounds)
    return ComparedFigure(
        **{name: getattr(figure, name) for name in _ALIKE},
        label=indicator.label,
        quality=indicator.quality,
        plan=indicator.plan,
        area=area,
        numerator=figure.numerator,
        denominator=figure.denominator,
        before_on=before_on,
        before=before.value if before is not None else None,
        before_zh=before.zh if before is not None else "",
        before_en=before.en if before is not None else "",
        goal=against.goal,
        goal_by=goal.set_by if goal else None,
        goal_met=against.reached,
        goal_indicator=next(iter(goal.indicators()), "") if goal else "",
        computed_at=None,
        replay=replay,
    )


def _of_stored(book: Book, figure: StoredFigure, before_on: dt.date) -> ComparedFigure:
    indicator = book[INDICATORS][figure.indicator]
    goals = book[TARGETS].get(figure.indicator)
    goal = goals.at(book[DISTRICT], figure.area, figure.as_of) if goals is not None else None
    return ComparedFigure(
        **{name: getattr(figure, name) for name in _ALIKE},
        label=indicator.label,
        quality=indicator.quality,
        plan=indicator.plan,
        area=figure.area,
        numerator=figure.numerator,
        denominator=figure.denominator,
        before_on=before_on,
        before=figure.before,
        before_zh=figure.before_zh,
        before_en=figure.before_en,
        goal=figure.goal,
        goal_by=Label(zh=figure.goal_by_zh, en=figure.goal_by_en) if figure.goal_by_zh else None,
        goal_met=figure.goal_met,
        goal_indicator=next(iter(goal.indicators()), "") if goal else "",
        computed_at=figure.computed_at,
        replay=False,
    )
