"""Generalised likelihood-ratio charts of Poisson and negative binomial counts: has the mean shifted since some week?

Höhle and Paul (2008), Computational Statistics and Data Analysis 52, 4357-4368. The mean in control is given or fitted
to the history on the season; the shift is a factor exp(kappa) of the mean, either known or the likeliest. After an
alarm the chart begins anew. Equal to R's ``surveillance`` 1.20 (``algo.glrpois``, ``algo.glrnb``, change "intercept").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.seasonal_model import fit_dispersed, fit_means, harmonics
from zhiheng.engines.detectors.series import CountSeries, Findings, Weeks
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class SeasonalMean:
    """The mean in control is fitted to the history: ``waves`` (S) a year, with a ``trend``, ``refit`` after alarms."""

    waves: int = 1
    trend: bool = False
    refit: bool = False

    def __post_init__(self) -> None:
        check.whole("waves", self.waves, 0)


@dataclass(frozen=True)
class LikelihoodRatioOptions:
    """``limit`` (c.ARL) alarms. ``expected`` (mu0) are the means in control, one a week, or how to fit them.

    ``dispersion`` (alpha) is 0 for Poisson counts, None to estimate it from the history. ``shift`` (theta) is the
    logarithm of a known factor, None for the likeliest; ``direction`` of the shift looked for. ``least_weeks``
    (Mtilde) and ``most_weeks`` (M, None: all since the last alarm) bound how long ago it began. The bound is the
    statistic, or with ``as_cases`` the count that would alarm, looked for up to ``most_cases``.
    """

    limit: float = 5.0
    expected: tuple[float, ...] | SeasonalMean = SeasonalMean()
    dispersion: float | None = 0.0
    shift: float | None = None
    direction: Literal["inc", "dec"] = "inc"
    least_weeks: int = 1
    most_weeks: int | None = None
    as_cases: bool = True
    most_cases: int = 10_000

    def __post_init__(self) -> None:
        check.number("limit", self.limit, above=True)
        check.one_of("direction", self.direction, ("inc", "dec"))
        check.whole("least_weeks", self.least_weeks, 1)
        if self.most_weeks is not None:
            check.whole("most_weeks", self.most_weeks, self.least_weeks)
        if self.dispersion is not None:
            check.number("dispersion", self.dispersion)
        if isinstance(self.expected, tuple):
            for value in self.expected:
                check.number("expected", value, above=True)


def likelihood_ratio(
    counts: CountSeries, options: LikelihoodRatioOptions | None = None, weeks: Sequence[int] | Weeks | None = None
) -> Findings:
    """Judge consecutive weeks of each series; without ``weeks``, the last year. Measures: ``expected``, ``dispersion``.

    Raises Refused for gaps, weeks that are not consecutive and histories that can't be fitted.
    """
    options = options or LikelihoodRatioOptions()
    start = max(1, counts.periods - counts.frequency)
    asked = counts.weeks(range(start, counts.periods) if weeks is None else weeks)
    if (np.diff(asked) != 1).any():
        raise Refused(refusals.not_consecutive("GLR"))
    gap = np.isnan(counts.observed[:, asked])
    if gap.any():
        row, column = (int(a[0]) for a in np.nonzero(gap))
        raise Refused(refusals.unknown_counts(row + 1, int(asked[column]) + 1, "GLR"))
    shape = (counts.series, asked.size)
    bound, expected, dispersion = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    alarm = np.zeros(shape, dtype=np.bool_)
    for row in range(counts.series):
        chart = _Chart(counts, row, asked, options)
        alarm[row], bound[row] = chart.run()
        expected[row], dispersion[row] = chart.mean, chart.alpha
    return Findings(
        asked,
        alarm,
        np.ones(shape, dtype=np.bool_),
        bound,
        np.zeros(shape, dtype=np.bool_),
        {"expected": expected, "dispersion": dispersion},
    )


class _Chart:
    """The chart of one series: its means in control and dispersion, and its run over the weeks."""

    def __init__(self, counts: CountSeries, row: int, weeks: Weeks, options: LikelihoodRatioOptions) -> None:
        self.options, self.row, self.weeks = options, row, weeks
        self.history = counts.observed[row]
        self.frequency = counts.frequency
        self.x = self.history[weeks]
        self.alpha = 0.0 if options.dispersion is None else options.dispersion
        if isinstance(options.expected, tuple):
            if len(options.expected) != weeks.size:
                raise Refused(refusals.length("expected", len(options.expected), weeks.size))
            self.mean = np.array(options.expected, dtype=np.float64)
            if options.dispersion is None:
                raise Refused(
                    refusals.option("dispersion", None, "数值（给定预期值时）", "a number beside given means")
                )
        else:
            self.mean = np.empty(weeks.size)
            self.model = options.expected
            self._fit(int(weeks[0]), 0, estimate=options.dispersion is None)

    def _fit(self, until: int, first: int, *, estimate: bool = False) -> None:
        """Means of the weeks from ``first`` on, fitted to the counts before the column ``until``."""
        time = np.arange(1.0, self.weeks[-1] + 2)
        columns = harmonics(time, self.frequency, self.model.waves, trend=self.model.trend)
        past = self.history[:until]
        known = ~np.isnan(past)
        if known.sum() <= columns.shape[1]:
            raise Refused(refusals.baseline_short(int(self.weeks[0]) + 1, columns.shape[1] + 2))
        if estimate:
            both = fit_dispersed(past[known], columns[:until][known])
            if both is None:
                raise Refused(refusals.not_fitted(self.row + 1, "GLR"))
            coefficients, self.alpha = both
        else:
            found = fit_means(past[known], columns[:until][known], self.alpha)
            if found is None:
                raise Refused(refusals.not_fitted(self.row + 1, "GLR"))
            coefficients = found[0]
        self.mean[first:] = np.exp(columns[self.weeks[first:]] @ coefficients)

    def run(self) -> tuple[Floats, Floats]:
        """Alarms and bounds."""
        options = self.options
        alarm, bound = np.zeros(self.x.size), np.zeros(self.x.size)
        begin, total = 0, 0.0
        for n in range(self.x.size):
            if options.shift is not None:
                gain, slope = self._gain(n, options.shift)
                before = total
                total = max(0.0, total + gain)
                statistic = total
                if options.as_cases:
                    bound[n] = (options.limit - before - (gain - self.x[n] * slope)) / slope
            else:
                statistic = self._statistic(begin, n, self.x[n])
                if options.as_cases:
                    bound[n] = self._least(begin, n)
            if not options.as_cases:
                bound[n] = statistic
            if statistic >= options.limit:
                alarm[n] = 1
                begin, total = n + 1, 0.0
                if not isinstance(options.expected, tuple) and self.model.refit and begin < self.x.size:
                    self._fit(int(self.weeks[begin]), begin)
        return alarm, bound

    def _gain(self, n: int, shift: float) -> tuple[float, float]:
        """The log likelihood ratio of week n, and its share per case."""
        mean = self.mean[n]
        if self.alpha == 0:
            return float(self.x[n] * shift + (1 - np.exp(shift)) * mean), shift
        ratio = np.log((1 + self.alpha * mean) / (1 + self.alpha * mean * np.exp(shift)))
        slope = float(shift + ratio)
        return float(self.x[n] * slope + ratio / self.alpha), slope

    def _statistic(self, begin: int, n: int, last: float) -> float:
        """The greatest log likelihood ratio over all weeks since which the mean may have shifted."""
        options = self.options
        x = self.x[begin : n + 1].copy()
        x[-1] = last
        mean = self.mean[begin : n + 1]
        size = x.size
        earliest = 0 if options.most_weeks is None else max(0, size - 1 - options.most_weeks)
        latest = size - options.least_weeks
        if options.most_weeks is not None and self.alpha == 0:
            # As in the reference program, whose window of Poisson counts ends a week earlier.
            latest -= 1
        if latest < earliest:
            return 0.0
        cases = np.cumsum(x[::-1])[::-1]
        means = np.cumsum(mean[::-1])[::-1]
        best = 0.0
        for k in range(earliest, latest + 1):
            if cases[k] == 0:
                # As in the reference program, no case at all says nothing.
                continue
            factor = self._factor(x[k:], mean[k:], cases[k], means[k])
            if self.alpha == 0:
                value = (cases[k] * np.log(factor) if cases[k] > 0 else 0.0) + (1 - factor) * means[k]
            else:
                ratio = np.log((1 + self.alpha * mean[k:]) / (1 + self.alpha * mean[k:] * factor))
                value = (cases[k] * np.log(factor) if cases[k] > 0 else 0.0) + float(
                    ((x[k:] + 1 / self.alpha) * ratio).sum()
                )
            best = max(best, float(value))
        return best

    def _factor(self, x: Floats, mean: Floats, cases: float, means: float) -> float:
        """The likeliest factor of the mean, kept to the direction that is looked for."""
        if self.alpha == 0:
            factor = cases / means
        else:
            kappa = 0.0 if cases == 0 else float(np.log(cases / means))
            if cases == 0:
                factor = 0.0
            else:
                for _ in range(100):
                    m = mean * np.exp(kappa)
                    slope = float(((x - m) / (1 + self.alpha * m)).sum())
                    bend = float((-m * (1 + self.alpha * x) / (1 + self.alpha * m) ** 2).sum())
                    step = slope / bend
                    kappa -= step
                    if abs(step) < 1e-13:
                        break
                factor = float(np.exp(kappa))
        return max(1.0, factor) if self.options.direction == "inc" else min(1.0, factor)

    def _least(self, begin: int, n: int) -> float:
        """The least count of week n that alarms; 1e99 where none does up to the most looked for."""

        def alarms(last: int) -> bool:
            return self._statistic(begin, n, float(last)) >= self.options.limit

        if self.options.direction == "dec":
            # A decrease alarms by low counts: the first that alarms from zero up.
            return next((float(x) for x in range(self.options.most_cases + 1) if alarms(x)), 1e99)
        if alarms(0):
            return 0.0
        low, high = 0, 1
        while not alarms(high):
            if high >= self.options.most_cases:
                return 1e99
            low, high = high, min(high * 2, self.options.most_cases)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if alarms(middle) else (middle, high)
        return float(high)
