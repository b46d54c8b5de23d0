"""The onset of an outbreak without a model of its shape: does a rising mean fit much better than a constant one?

Frisén and Andersson (2009), Sequential Analysis 28, 434-454: the product of (rising mean / constant mean)^count, the
rising mean by isotonic regression of all counts up to the week. Equal to R's ``surveillance`` 1.20
(``algo.outbreakP``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.series import CountSeries, Findings, Weeks


@dataclass(frozen=True)
class OutbreakPOptions:
    """``limit`` (k) alarms. The bound is the statistic, or with ``as_cases`` the least count of this week that would
    alarm, looked for up to ``most_cases`` (NaN: none, or any count would).
    """

    limit: float = 100.0
    as_cases: bool = True
    most_cases: int = 100_000

    def __post_init__(self) -> None:
        check.number("limit", self.limit, above=True)
        check.whole("most_cases", self.most_cases, 1)


def outbreak_p(
    counts: CountSeries, options: OutbreakPOptions | None = None, weeks: Sequence[int] | Weeks | None = None
) -> Findings:
    """Judge each week of each series by all counts up to it; without ``weeks``, all. Measures: ``statistic``."""
    options = options or OutbreakPOptions()
    asked = counts.weeks(range(counts.periods) if weeks is None else weeks)
    logs = np.full((counts.series, asked.size), np.nan)
    bound = np.full(logs.shape, np.nan)
    for row in range(counts.series):
        for i, week in enumerate(asked):
            x = counts.observed[row, : week + 1]
            if np.isnan(x).any():
                continue
            logs[row, i] = _log_ratio(x)
            if options.as_cases:
                bound[row, i] = _least_cases(x, options)
    with np.errstate(over="ignore", invalid="ignore"):
        statistic = np.exp(logs)
        alarm = statistic > options.limit
    if not options.as_cases:
        bound = statistic
    return Findings(
        asked, alarm, ~np.isnan(logs), bound, np.zeros(logs.shape, dtype=np.bool_), {"statistic": statistic}
    )


def _log_ratio(x: Floats) -> float:
    """Logarithm of the statistic: sum over the blocks of equal rising mean of (their sum) log(block mean / mean)."""
    total = float(x.sum())
    if total == 0:
        return 0.0
    sums: list[float] = []
    sizes: list[int] = []
    for value in x:
        sums.append(float(value))
        sizes.append(1)
        while len(sums) > 1 and sums[-2] * sizes[-1] >= sums[-1] * sizes[-2]:
            sums[-2:] = [sums[-2] + sums[-1]]
            sizes[-2:] = [sizes[-2] + sizes[-1]]
    mean = total / x.size
    return float(sum(s * np.log(s / n / mean) for s, n in zip(sums, sizes, strict=True) if s > 0))


def _least_cases(x: Floats, options: OutbreakPOptions) -> float:
    """The least last count that alarms; NaN where any does, or none up to the most looked for."""
    limit = float(np.log(options.limit))

    def alarms(last: int) -> bool:
        return _log_ratio(np.append(x[:-1], last)) > limit

    if alarms(0) or not alarms(options.most_cases):
        return float("nan")
    low, high = 0, options.most_cases
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if alarms(middle) else (middle, high)
    return float(high)
