"""What a cockpit tells beside its figures: what came in during the last days, and what is late.

Access is asked where the figures of the area are opened (``queries.figures``); here they are asked for more of the same
area.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from zhiheng.analytics.recent_facts import LearnedFacts, facts_learned, last_learned, learned
from zhiheng.database.paging import Page, cut_start, one_more
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.projections.overdue import Late, OverdueCounts, late, standing
from zhiheng.quality_file.delivery_stats import Received, last_received_on, received
from zhiheng.quality_file.fact_list import FactLine
from zhiheng.queries.figures import AreaFigures, RefreshState
from zhiheng.queries.readings import note_list

# The same weekdays a year before.
YEAR = dt.timedelta(days=364)


@dataclass(frozen=True)
class Changes:
    """What came in after a day and until another (``stale``: those are not the last days, since nothing came in then).

    ``deliveries`` are those of the area's own units; ``facts`` are those counted in the area, from any unit, and
    ``facts_before`` those of the same days a year before: record -> how many.
    """

    after: dt.date
    until: dt.date
    stale: bool
    deliveries: Sequence[Received]
    facts: Mapping[str, LearnedFacts]
    facts_before: Mapping[str, LearnedFacts]

    @property
    def nothing(self) -> bool:
        """Whether nothing ever came in."""
        return not self.facts and not any(line.deliveries for line in self.deliveries)

    @property
    def total(self) -> LearnedFacts:
        """The facts of all records."""
        return together(self.facts)

    @property
    def total_before(self) -> LearnedFacts | None:
        """Those of a year before; None where nothing is known of it."""
        return together(self.facts_before) if self.facts_before else None

    @property
    def received(self) -> tuple[int, int]:
        """How many deliveries, and how many a year before."""
        return (
            sum(line.deliveries for line in self.deliveries),
            sum(line.deliveries_before for line in self.deliveries),
        )


def together(counted: Mapping[str, LearnedFacts], records: Collection[str] | None = None) -> LearnedFacts:
    """The counts of records (None: of all) as one."""
    some = [each for name, each in counted.items() if records is None or name in records]
    return LearnedFacts(sum(each.facts for each in some), sum(each.fails for each in some))


@dataclass(frozen=True)
class OverdueList:
    """Late deliveries, and enterprises with something expired or an unsettled problem."""

    owed: Late
    standing: OverdueCounts


@dataclass(frozen=True, kw_only=True)
class RecentFacts(Page[FactLine]):
    """A page of the facts that came in: ``hidden`` of them the reader may not see."""

    hidden: int
    counted: Mapping[str, LearnedFacts]


def changes(figures: AreaFigures, days: int) -> Changes:
    """What came in during some days up to the day asked; where nothing did, during as many before the last that
    something came in.
    """
    span, until, stale = dt.timedelta(days=days), figures.asked.as_of, False
    inside, units = _areas(figures), _units(figures)
    deliveries = received(units, after=until - span, until=until, year=YEAR)
    counted = learned(figures.lake, areas=inside, after=until - span, until=until)
    if not counted and not any(line.deliveries for line in deliveries):
        # What others report of enterprises here is news of this area as well as what its own units hand in.
        asked = [last_received_on(units), last_learned(figures.lake, areas=inside, until=until)]
        last = max((day for day in asked if day is not None and day <= until), default=None)
        if last is None:
            return Changes(until - span, until, False, (), {}, {})
        until, stale = last, True
        deliveries = received(units, after=until - span, until=until, year=YEAR)
        counted = learned(figures.lake, areas=inside, after=until - span, until=until)
    after = until - span
    before = learned(figures.lake, areas=inside, after=after - YEAR, until=until - YEAR) if counted else {}
    return Changes(after, until, stale, deliveries, counted, before)


def overdue(figures: AreaFigures, cards: RefreshState | None, *, oldest: int) -> OverdueList:
    """What is late in the area today, with so many of the deliveries owed, the oldest first. ``cards``: when they were
    refreshed.

    Args:
        figures: the figures of the area.
    """
    return OverdueList(
        late(_units(figures), figures.call.today, limit=oldest),
        standing(sorted(_areas(figures)), figures.call.today, cards),
    )


def recent_facts(
    figures: AreaFigures,
    *,
    after: dt.date,
    until: dt.date,
    records: Collection[str],
    fails: bool,
    start: int,
    limit: int,
) -> RecentFacts:
    """A page of the facts that came in after a day and until another, of some records (none named: of all), with their
    counts.

    Args:
        after: the day after which they came in.
        until: the day until which, included.
        fails: only those that say that something failed.
        start: how many rows are left out at the beginning.
    """
    inside = _areas(figures)
    counted = learned(figures.lake, areas=inside, after=after, until=until, records=records or None)
    # Only the records that have some are read: the counts are remembered, and to look into all takes most of the time.
    wanted = [name for name, one in counted.items() if (one.fails if fails else one.facts)]
    ids = list(
        facts_learned(
            figures.lake,
            areas=inside,
            after=after,
            until=until,
            records=wanted,
            fails=fails,
            start=start,
            limit=one_more(limit),
        )
    )
    page = cut_start(ids, limit, start)
    lines = figures.fact_lines(page.rows)
    if lines:
        note_list(figures.call, f"area:{figures.asked.area}")
    return RecentFacts(lines, page.next, hidden=len(page.rows) - len(lines), counted=counted)


def _areas(figures: AreaFigures) -> frozenset[str]:
    return figures.book[DISTRICT].areas_below[figures.asked.area]


def _units(figures: AreaFigures) -> list[str]:
    inside = _areas(figures)
    return [unit.id for unit in figures.book[DISTRICT].units if unit.area in inside]
