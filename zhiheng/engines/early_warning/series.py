"""Series of counts by week or day: made from rows of counts, a period that nobody reported is missing and not zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Every = Literal["week", "day"]
# Periods of a year, as the detectors count them.
FREQUENCY: Mapping[Every, int] = {"week": 52, "day": 365}


def period_of(day: dt.date, every: Every) -> dt.date:
    """The first day of the period of a day: the Monday of its week, or the day itself."""
    return day if every == "day" else day - dt.timedelta(days=day.weekday())


def length(every: Every) -> int:
    """Days of a period."""
    return 1 if every == "day" else 7


def last_whole(day: dt.date, every: Every) -> dt.date:
    """The first day of the last period that is over on a day."""
    after = day + dt.timedelta(days=1)
    return period_of(after, every) - dt.timedelta(days=length(every))


@dataclass(frozen=True, eq=False)
class SeriesTable:
    """Counts of many series over the same periods.

    Attributes:
        keys: of each series: the area, then its groups in the order of ``per``.
        periods: first day of each period, ascending without gaps.
        counts: (series, periods); NaN where nobody reported.
        complete: (periods,) share of the facts of such a period that is usually known by now.
    """

    keys: tuple[tuple[str, ...], ...]
    periods: tuple[dt.date, ...]
    counts: Numbers
    complete: Numbers


@dataclass(frozen=True)
class CountedPeriod:
    """So many of an area and its groups in a period."""

    key: tuple[str, ...]
    period: dt.date
    count: int


@dataclass(frozen=True)
class ReportedDay:
    """A unit said so many facts of a day, and said them on another."""

    unit: str
    on: dt.date
    learned_on: dt.date
    facts: int


def series_table(
    counted: Iterable[CountedPeriod],
    reported: Sequence[ReportedDay],
    *,
    first: dt.date,
    last: dt.date,
    every: Every,
    units_of: Mapping[str, frozenset[str]],
    known_on: dt.date,
) -> SeriesTable:
    """The series of all keys that were ever counted, from the period of ``first`` to the period of ``last``.

    ``units_of``: area -> the units that report for it. A period counts as reported in an area where one of these units
    told any fact of it.
    """
    step = length(every)
    periods = periods_between(first, last, every)
    begin = periods[0]
    rows = list(counted)
    keys = tuple(sorted({one.key for one in rows}))
    at = {key: place for place, key in enumerate(keys)}
    counts = np.zeros((len(keys), len(periods)))
    for one in rows:
        place = (one.period - begin).days // step
        if 0 <= place < len(periods):
            counts[at[one.key], place] += one.count
    missing = silences(reported, periods, every, units_of, {key[0] for key in keys})
    counts = unreported(counts, keys, missing)
    return SeriesTable(keys, periods, counts, completeness(reported, periods, every, known_on))


def periods_between(first: dt.date, last: dt.date, every: Every) -> tuple[dt.date, ...]:
    """The first days of the periods from that of ``first`` to that of ``last``."""
    step, begin = length(every), period_of(first, every)
    return tuple(begin + dt.timedelta(days=step * n) for n in range((period_of(last, every) - begin).days // step + 1))


def silences(
    reported: Sequence[ReportedDay],
    periods: Sequence[dt.date],
    every: Every,
    units_of: Mapping[str, frozenset[str]],
    areas: Iterable[str],
) -> dict[str, Bools]:
    """Area -> the periods of which none of its units told anything."""
    step, begin = length(every), periods[0]
    told: dict[str, Numbers] = {}
    for day in reported:
        place = (period_of(day.on, every) - begin).days // step
        if 0 <= place < len(periods):
            told.setdefault(day.unit, np.zeros(len(periods)))[place] += day.facts
    nothing = np.zeros(len(periods))
    return {
        area: sum((told[unit] for unit in units_of.get(area, frozenset()) if unit in told), nothing) == 0
        for area in areas
    }


def unreported(counts: Numbers, keys: Sequence[tuple[str, ...]], missing: Mapping[str, Bools]) -> Numbers:
    """The counts with NaN for zero where nobody reported. A count in a period that no unit of the area told of is still
    a count.
    """
    if not len(keys):
        return counts
    silent = np.array([missing[key[0]] for key in keys])
    return np.where(silent & (counts == 0), np.nan, counts)


# Facts that were told later than so many days are a history that was loaded at once, and say nothing of delays; from
# fewer than so many the delays are not known.
_LATEST, _ENOUGH = 120, 50


def completeness(
    reported: Sequence[ReportedDay], periods: Sequence[dt.date], every: Every, known_on: dt.date
) -> Numbers:
    """(periods,) the share of facts that is usually known so many days after the end of a period.

    From the delays of the facts of one to three years ago, which are all told by now; without enough of them all are
    taken as told (1).
    """
    old, oldest = known_on - dt.timedelta(days=365), known_on - dt.timedelta(days=3 * 365)
    step = length(every)

    def delay(begun: dt.date, until: dt.date) -> int:
        return (until - begun).days - step + 1

    settled = [
        (delay(period_of(one.on, every), one.learned_on), one.facts) for one in reported if oldest <= one.on <= old
    ]
    settled = sorted((days, facts) for days, facts in settled if days <= _LATEST)
    if sum(facts for _, facts in settled) < _ENOUGH:
        return np.ones(len(periods))
    delays = np.array([days for days, _ in settled])
    share = np.cumsum([facts for _, facts in settled]) / sum(facts for _, facts in settled)
    passed = np.array([delay(period, known_on) for period in periods])
    places = np.searchsorted(delays, passed, side="right")
    return np.where(places > 0, share[np.maximum(places - 1, 0)], 0.0)
