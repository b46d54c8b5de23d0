"""Which past periods a period is compared with, and how they are grouped by season.

Farrington et al. (1996): the same period of each of the last ``years`` years and ``window`` periods on either side.
Noufaily et al. (2013): the periods between those windows too, in ``groups`` - 1 blocks of near-equal length, and none
of the most recent ones.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.series import CountSeries, Weeks
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class Reference:
    """The reference periods of one period: how many columns back they stand (ascending in time), the season group of
    each (from 0; the windows are the last group) and their time, in steps from the period judged (negative).
    """

    back: tuple[int, ...]
    group: tuple[int, ...]
    time: tuple[float, ...]


def centres(counts: CountSeries, week: int, years: int) -> list[int | None]:
    """The column of the same period 1, 2, ... ``years`` years before, below zero where the series do not reach back.

    By the calendar where there are dates: the same day of the year, for weeks the nearest day on the same weekday;
    None where no period begins on that day.
    """
    if counts.dates is None:
        return [week - year * counts.frequency for year in range(1, years + 1)]
    day = counts.dates[week]
    found: list[int | None] = []
    for year in range(1, years + 1):
        then = _years_before(day, year)
        if counts.frequency == 52:
            shift = (day.weekday() - then.weekday()) % 7
            then += dt.timedelta(days=shift - 7 if shift > 3 else shift)
        at = bisect_left(counts.dates, then)
        found.append(at if at < len(counts.dates) and counts.dates[at] == then else None)
    return found


def references(
    counts: CountSeries, weeks: Weeks, *, years: int, window: int, groups: int, skipped: int
) -> list[tuple[Reference, Weeks]]:
    """The references of the weeks, with the weeks that share one (by the calendar not all do).

    ``skipped`` is how many periods before the one judged are left out. Raises Refused where a window does not exist.
    """
    shared: dict[Reference, list[int]] = {}
    for week in weeks:
        shared.setdefault(_reference(counts, int(week), years, window, groups, skipped), []).append(int(week))
    return [(reference, np.array(alike, dtype=np.int64)) for reference, alike in shared.items()]


def time_of(counts: CountSeries, week: int, column: int) -> float:
    """How many steps a column lies from the week judged: columns, or where there are dates days."""
    return float(column - week) if counts.dates is None else float((counts.dates[column] - counts.dates[week]).days)


def _reference(counts: CountSeries, week: int, years: int, window: int, groups: int, skipped: int) -> Reference:
    middle = centres(counts, week, years)
    # The reference program, which counts rows from 1, passes over a row 0; anything before it is a year too few.
    if any(c is None or c - window < -1 for c in middle):
        raise Refused(refusals.history_short(week + 1, years))
    if groups > 1 and any(len(range(b + window + 1, a - window)) < groups - 1 for a, b in _pairs(week, middle)):
        raise Refused(
            refusals.option(
                "periods", groups, "不多于两个窗口之间期数加一的整数", "no more than the gap between windows + 1"
            )
        )
    known = [week, *(c for c in middle if c is not None)]
    group_of: dict[int, int] = {}
    for later, earlier in _pairs(week, middle):
        gap = range(earlier + window + 1, later - window)
        if groups > 1:
            for number, column in zip(_blocks(len(gap), groups - 1), gap, strict=True):
                group_of[column] = number
    for centre in known:
        for column in range(max(0, centre - window), centre + window + 1):
            group_of[column] = groups - 1
    columns = sorted(c for c in group_of if c < week - skipped)
    if not columns:
        raise Refused(refusals.no_reference(week + 1))
    return Reference(
        tuple(week - c for c in columns),
        tuple(group_of[c] for c in columns),
        tuple(time_of(counts, week, c) for c in columns),
    )


def _pairs(week: int, middle: list[int | None]) -> list[tuple[int, int]]:
    """Neighbouring centres, the later first."""
    known = [week, *(c for c in middle if c is not None)]
    return list(pairwise(known))


def _blocks(length: int, blocks: int) -> list[int]:
    """Block numbers of ``length`` periods: near-equal blocks in order, the first ones a period longer."""
    each, more = divmod(length, blocks)
    return [number for number in range(blocks) for _ in range(each + (number < more))]


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same day of an earlier year; 29 February becomes 1 March where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return dt.date(day.year - years, 3, 1)


def as_arrays(reference: Reference) -> tuple[Weeks, Weeks, Floats]:
    """Back, group and time as arrays."""
    return (
        np.array(reference.back, dtype=np.int64),
        np.array(reference.group, dtype=np.int64),
        np.array(reference.time, dtype=np.float64),
    )
