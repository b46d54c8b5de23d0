"""The detector of the Robert Koch Institute: mean and deviation of a few reference counts, or a Poisson limit.

Above a mean of 20 the bound is mean + 2 standard deviations, below it the upper confidence limit of Crow and Gardner
(1959), Biometrika 46, 441-453. Equal to R's ``surveillance`` 1.20 (``algo.rki``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.recent_years import Lookback
from zhiheng.engines.detectors.series import CountSeries, Findings, Weeks
from zhiheng.kernel.reasons import Refused

# Upper 95 % limits of a Poisson mean for 0, 1, ... 20 events.
CROW_GARDNER = np.array(
    (
        3.285,
        5.323,
        6.686,
        8.102,
        9.598,
        11.177,
        12.817,
        13.765,
        14.921,
        16.768,
        17.633,
        19.050,
        20.335,
        21.364,
        22.945,
        23.762,
        25.400,
        26.306,
        27.735,
        28.966,
        30.017,
    )
)
NORMAL_ABOVE = 20


@dataclass(frozen=True)
class RkiOptions(Lookback):
    """``years`` (b), ``window`` (w), ``this_year`` (actY). RKI 1, 2, 3 are (0, 6, yes), (1, 6, yes), (2, 4, no).

    ``as_reference`` refuses gaps among the reference periods, which the reference program can't skip; else they are
    left out.
    """

    years: int = 2
    window: int = 4
    this_year: bool = False
    as_reference: bool = False


def rki(counts: CountSeries, options: RkiOptions | None = None, weeks: Sequence[int] | Weeks | None = None) -> Findings:
    """Judge each week of each series; without ``weeks``, the last one. Measures: ``expected``.

    Raises Refused where reference weeks do not exist, or as the reference program where one is not known.
    """
    options = options or RkiOptions()
    asked = counts.weeks([counts.periods - 1] if weeks is None else weeks)
    bound = np.full((counts.series, asked.size), np.nan)
    expected = np.full(bound.shape, np.nan)
    for i, week in enumerate(asked):
        past = options.counts_before(counts, int(week))
        gaps = np.isnan(past).any(axis=1)
        if options.as_reference and gaps.any():
            raise Refused(refusals.unknown_counts(int(np.argmax(gaps)) + 1, int(week) + 1, "RKI"))
        known = (~np.isnan(past)).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.nansum(past, axis=1) / known
            squares = np.nansum((past - mean[:, None]) ** 2, axis=1)
            deviation = np.sqrt(squares / np.where(known > 1, known - 1, np.nan))
        listed = CROW_GARDNER[np.where(known > 0, np.minimum(mean, NORMAL_ABOVE), 0).astype(np.int64)]
        bound[:, i] = np.where(known == 0, np.nan, np.where(mean > NORMAL_ABOVE, mean + 2 * deviation, listed))
        expected[:, i] = mean
    return Findings.above(asked, counts.observed[:, asked], bound, expected=expected)
