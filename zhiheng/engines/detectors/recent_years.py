"""The reference counts of the RKI and Bayes detectors: periods just before, and windows in past years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.series import CountSeries
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class Lookback:
    """``years`` (b) back, ``window`` (w) on either side; ``this_year`` (actY): the last ``window`` periods too."""

    years: int
    window: int
    this_year: bool

    def __post_init__(self) -> None:
        check.whole("years", self.years, 0)
        check.whole("window", self.window, 0)
        if self.this_year:
            check.whole("window", self.window, 1)
        if self.years == 0 and not self.this_year:
            raise Refused(
                refusals.option(
                    "years", self.years, "至少 1，或者使用当年的参照期", "at least 1, or use this year's periods"
                )
            )

    def counts_before(self, counts: CountSeries, week: int) -> Floats:
        """The reference counts of a week: series x reference periods, oldest year last."""
        columns = list(range(week - self.window, week)) if self.this_year else []
        for year in range(1, self.years + 1):
            centre = week - year * counts.frequency
            columns += range(centre - self.window, centre + self.window + 1)
        if min(columns) < 0:
            raise Refused(refusals.history_short(week + 1, self.years))
        return counts.observed[:, np.array(columns)]
