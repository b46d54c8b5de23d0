"""The Bayes detector: the count against the predictive distribution after a few reference counts.

Riebler (2004), Empirischer Vergleich von statistischen Methoden zur Ausbruchserkennung bei Surveillance Daten; Höhle
(2007), Computational Statistics 22, 571-582. Poisson counts whose rate has Jeffreys' prior: it needs no model to
converge, and an all-zero history does not silence it. Equal to R's ``surveillance`` 1.20 (``algo.bayes``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors.recent_years import Lookback
from zhiheng.engines.detectors.series import CountSeries, Findings, Weeks, predictive_bound


@dataclass(frozen=True)
class BayesOptions(Lookback):
    """``years`` (b), ``window`` (w), ``this_year`` (actY), one-sided ``alpha``. Bayes 1, 2, 3 are (0, 6, yes),
    (1, 6, yes), (2, 4, no), all with 0.05.
    """

    years: int = 0
    window: int = 6
    this_year: bool = True
    alpha: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        check.share("alpha", self.alpha)


def bayes(
    counts: CountSeries, options: BayesOptions | None = None, weeks: Sequence[int] | Weeks | None = None
) -> Findings:
    """Judge each week of each series; without ``weeks``, the last one. Measures: ``expected``.

    Raises Refused where reference weeks do not exist.
    """
    options = options or BayesOptions()
    asked = counts.weeks([counts.periods - 1] if weeks is None else weeks)
    total = np.empty((counts.series, asked.size))
    known = np.empty_like(total)
    for i, week in enumerate(asked):
        past = options.counts_before(counts, int(week))
        total[:, i] = np.nansum(past, axis=1)
        known[:, i] = (~np.isnan(past)).sum(axis=1)
    bound = predictive_bound(total, known, options.alpha)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = (total + 0.5) / known
    return Findings.above(asked, counts.observed[:, asked], bound, expected=expected)
