"""What every detector is given and what it answers: counts of many series by period, and findings of the same shape.

Series stand in rows, periods (weeks, months, days) in columns. A count that is not known is NaN, never zero. Weeks are
numbered from 0 here; sentences to people number them from 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import Floats, negative_binomial_quantile
from zhiheng.kernel.reasons import Refusal, Refused

Bools = NDArray[np.bool_]
Weeks = NDArray[np.int64]
# Cells (series x periods) that are worked on at a time: a working set that stays in the processor's cache.
CELLS = 60_000


@dataclass(frozen=True)
class CountSeries:
    """Counts of many series over the same periods.

    ``observed`` is series x periods, whole and not negative, NaN where nothing is known. ``frequency`` is the number
    of periods a year (52, 12, 365, 1). ``dates`` are the first days of the periods, where reference weeks are to be
    found by the calendar; without them a year is ``frequency`` columns. ``population`` has the shape of ``observed``:
    what was exposed (inspections, tests, inhabitants). Raises Refused, naming series and period.
    """

    observed: Floats
    frequency: int = 52
    dates: tuple[dt.date, ...] | None = None
    population: Floats | None = None

    def __post_init__(self) -> None:
        observed = np.array(self.observed, dtype=np.float64, copy=True, order="C")
        if observed.ndim == 1:
            observed = observed[None, :]
        if observed.ndim != 2:
            raise Refused(refusals.shape(observed.shape))
        if not _all_counts(observed):
            _refuse_cells(observed, observed < 0, refusals.negative)
            not_whole = np.isinf(observed) | (observed != np.floor(observed)) & ~np.isnan(observed)
            _refuse_cells(observed, not_whole, refusals.not_whole)
        if self.frequency < 1:
            raise Refused(refusals.frequency(self.frequency))
        object.__setattr__(self, "observed", observed)
        if self.dates is not None:
            object.__setattr__(self, "dates", tuple(self.dates))
            if len(self.dates) != observed.shape[1]:
                raise Refused(refusals.dates_count(len(self.dates), observed.shape[1]))
            for column, (earlier, later) in enumerate(zip(self.dates, self.dates[1:], strict=False)):
                if later <= earlier:
                    raise Refused(refusals.dates_order(column + 2, earlier, later))
        if self.population is not None:
            population = np.array(self.population, dtype=np.float64, copy=True, order="C")
            if population.ndim == 1:
                population = population[None, :]
            if population.shape != observed.shape:
                raise Refused(refusals.population_shape(population.shape, observed.shape))
            _refuse_cells(population, (population < 0) | np.isinf(population), refusals.population_negative)
            object.__setattr__(self, "population", population)

    @property
    def series(self) -> int:
        """How many series there are."""
        return int(self.observed.shape[0])

    @property
    def periods(self) -> int:
        """How many periods each of them has."""
        return int(self.observed.shape[1])

    def weeks(self, wanted: Sequence[int] | Weeks) -> Weeks:
        """The wanted periods (from 0), refused where the series do not have them or none is named."""
        weeks = np.asarray(wanted, dtype=np.int64).ravel()
        if weeks.size == 0:
            raise Refused(refusals.no_weeks(self.periods))
        outside = weeks[(weeks < 0) | (weeks >= self.periods)]
        if outside.size:
            raise Refused(refusals.week_outside(int(outside[0]) + 1, self.periods))
        return weeks

    def rows(self, chosen: slice | NDArray[np.int64]) -> CountSeries:
        """The same periods of some of the series, which are not examined again."""
        part = copy(self)
        object.__setattr__(part, "observed", self.observed[chosen])
        if self.population is not None:
            object.__setattr__(part, "population", self.population[chosen])
        return part


@dataclass(frozen=True)
class Findings:
    """What a detector says of each series in each of the weeks it was asked about.

    All arrays are series x weeks. ``alarm`` holds where the count is above what can be expected; it means something
    only where ``stated`` holds (elsewhere the method has nothing to say: its model could not be fitted). ``bound`` is
    NaN where there is none. ``fallback`` marks what was answered by a plainer method in place of this one.
    ``measures`` are further results by name (``expected``, ``score``, ``p_value``, ``dispersion``, ``statistic``).
    """

    weeks: Weeks
    alarm: Bools
    stated: Bools
    bound: Floats
    fallback: Bools
    measures: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def above(cls, weeks: Weeks, observed: Floats, bound: Floats, **measures: Floats) -> Findings:
        """Findings of a method that alarms above its bound, and says nothing where count or bound is not known."""
        with np.errstate(invalid="ignore"):
            alarm = observed > bound
        return cls(weeks, alarm, ~np.isnan(observed) & ~np.isnan(bound), bound, np.zeros_like(alarm), measures)

    def or_predicted(self, observed: Floats, total: Floats, known: Floats, alpha: float) -> Findings:
        """The same, and where there is no bound that of the predictive distribution (``predictive_bound``), marked as
        a fallback.

        Args:
            observed: the counts of these weeks.
            total: the sum of what was known before each of them; as ``known``, how many counts that were.
            alpha: one-sided.
        """
        silent = np.isnan(self.bound) & ~np.isnan(observed) & (known > 0)
        bound, measures = self.bound.copy(), dict(self.measures)
        bound[silent] = predictive_bound(total[silent], known[silent], alpha)
        if "expected" in measures:
            measures["expected"] = measures["expected"].copy()
            measures["expected"][silent] = total[silent] / known[silent]
        alarm = np.where(silent, observed > bound, self.alarm)
        return Findings(self.weeks, alarm, self.stated | silent, bound, self.fallback | silent, measures)


def _all_counts(observed: Floats) -> bool:
    """Whether every cell is a whole number of 0 or more, or not known; by pieces that stay in the processor's cache."""
    step = max(1, CELLS // max(1, observed.shape[1]))
    for first in range(0, observed.shape[0], step):
        part = observed[first : first + step]
        if not (np.isnan(part) | (part >= 0) & (part < np.inf) & (part == np.floor(part))).all():
            return False
    return True


def _refuse_cells(values: Floats, wrong: Bools, sentence: Callable[[int, int, float, int], Refusal]) -> None:
    if wrong.any():
        row, column = (int(a[0]) for a in np.nonzero(wrong))
        raise Refused(sentence(row + 1, column + 1, float(values[row, column]), int(wrong.sum())))


def recent_sums(observed: Floats, weeks: Weeks, periods: int) -> Floats:
    """Sums of the counts of the last ``periods`` periods up to and with each week; NaN where one is not known.

    Periods before the first do not count.
    """
    result = np.empty((observed.shape[0], weeks.size))
    for i, week in enumerate(weeks):
        result[:, i] = observed[:, max(0, int(week) - periods + 1) : int(week) + 1].sum(axis=1)
    return result


def predictive_bound(total: Floats, known: Floats, alpha: float) -> Floats:
    """The (1 - alpha) quantile of the next count after ``known`` counts that sum to ``total``.

    Poisson counts whose rate has Jeffreys' prior: a negative binomial with size total + 1/2 and probability
    known / (known + 1) (Riebler 2004). NaN where nothing is known.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return negative_binomial_quantile(
            1 - alpha, np.where(known > 0, total + 0.5, np.nan), np.where(known > 0, known / (known + 1), np.nan)
        )
