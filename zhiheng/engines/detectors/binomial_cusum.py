"""A likelihood-ratio cumulative sum of failure rates: has the odds of failing grown by a given ratio?

Höhle (2010), in Kneib and Tutz, Statistical Modelling and Regression Structures, 377-397. After an alarm the sum
starts again at zero. Equal to R's ``surveillance`` 1.20 (``categoricalCUSUM`` with a binomial distribution).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.series import CountSeries, Findings, Weeks
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class BinomialCusumOptions:
    """``limit`` (h) alarms; ``odds_ratio`` is the shift looked for; ``rate`` (p0) the failure rate in control, one
    number, one a week, or None: the rate of the history of each series.
    """

    limit: float = 5.0
    odds_ratio: float = 2.0
    rate: float | tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        check.number("limit", self.limit, above=True)
        check.number("odds_ratio", self.odds_ratio, above=True)
        if isinstance(self.rate, tuple):
            for value in self.rate:
                check.share("rate", value)
        elif self.rate is not None:
            check.share("rate", self.rate)


def binomial_cusum(
    counts: CountSeries, options: BinomialCusumOptions | None = None, weeks: Sequence[int] | Weeks | None = None
) -> Findings:
    """Judge consecutive weeks of each series; without ``weeks``, the last year. ``counts.population`` is how many were
    tested. The bound is the sum itself, which alarms at ``limit``. Raises Refused without a population.
    """
    options = options or BinomialCusumOptions()
    start = max(1, counts.periods - counts.frequency)
    asked = counts.weeks(range(start, counts.periods) if weeks is None else weeks)
    if (np.diff(asked) != 1).any():
        raise Refused(refusals.not_consecutive("binomial CUSUM"))
    if counts.population is None:
        raise Refused(refusals.population_wanted())
    failed, tested = counts.observed[:, asked], counts.population[:, asked]
    if options.rate is None:
        before = slice(0, int(asked[0]))
        both = ~np.isnan(counts.observed[:, before]) & ~np.isnan(counts.population[:, before])
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = (
                np.where(both, counts.observed[:, before], 0).sum(axis=1)
                / np.where(both, counts.population[:, before], 0).sum(axis=1)
            )[:, None]
    else:
        values = np.atleast_1d(np.asarray(options.rate, dtype=np.float64))
        if values.size not in (1, asked.size):
            raise Refused(refusals.length("rate", values.size, asked.size))
        rate = values[None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        odds = rate / (1 - rate) * options.odds_ratio
        shifted = odds / (1 + odds)
        gain = failed * (np.log(shifted) - np.log(rate)) + (tested - failed) * (np.log1p(-shifted) - np.log1p(-rate))
    statistic = np.empty(failed.shape)
    alarm = np.zeros(failed.shape, dtype=np.bool_)
    total = np.zeros(counts.series)
    known = ~np.isnan(gain)
    for i in range(asked.size):
        total = np.where(known[:, i], np.maximum(0.0, total + gain[:, i]), total)
        statistic[:, i] = np.where(known[:, i], total, np.nan)
        alarm[:, i] = known[:, i] & (total >= options.limit)
        total = np.where(alarm[:, i], 0.0, total)
    return Findings(
        asked,
        alarm,
        known,
        statistic,
        np.zeros(failed.shape, dtype=np.bool_),
        {"statistic": statistic, "expected": np.broadcast_to(rate, failed.shape) * tested},
    )
