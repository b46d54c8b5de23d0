"""EARS C1, C2 and C3: the count against mean and deviation of the last few periods; for short histories.

Hutwagner, Thompson, Seeman and Treadwell (2003), J. Urban Health 80, i89-i96; Fricker, Hegler and Dunfee (2008),
Statistics in Medicine 27, 3407-3429. Equal to R's ``surveillance`` 1.20 (``earsC``). C1 and C2
compare a count with mean + z x deviation. C3 adds up by how much this count and the two before it pass mean +
deviation; its bound is, as there, the count plus what it may still pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import Floats, normal_quantile
from zhiheng.engines.detectors.series import CountSeries, Findings, Weeks
from zhiheng.kernel.reasons import Refused

Method = Literal["C1", "C2", "C3"]
LAG = {"C1": 0, "C2": 2, "C3": 2}
EARLIER = {"C1": 0, "C2": 2, "C3": 4}


@dataclass(frozen=True)
class EarsOptions:
    """``method``; ``baseline`` periods make mean and deviation; ``least_deviation`` (minSigma) is its floor; ``alpha``
    is one-sided (None: 0.001 for C1 and C2, 0.025 for C3). ``as_reference`` refuses what the reference program can't
    do: C3 for a single week, or for weeks with gaps between them. ``fallback`` answers by the predictive distribution
    of the baseline where it is always the same, of which C3 says nothing.
    """

    method: Method = "C1"
    baseline: int = 7
    least_deviation: float = 0.0
    alpha: float | None = None
    as_reference: bool = False
    fallback: bool = False

    def __post_init__(self) -> None:
        check.one_of("method", self.method, ("C1", "C2", "C3"))
        check.whole("baseline", self.baseline, 3)
        check.number("least_deviation", self.least_deviation)
        if self.alpha is not None:
            check.share("alpha", self.alpha)


def ears(
    counts: CountSeries, options: EarsOptions | None = None, weeks: Sequence[int] | Weeks | None = None
) -> Findings:
    """Judge each week of each series; without ``weeks``, all that have a full baseline.

    Measures: ``expected`` (mean of the baseline), ``deviation``. Raises Refused where a baseline is not full.
    """
    options = options or EarsOptions()
    first = options.baseline + EARLIER[options.method]
    asked = counts.weeks(range(first, counts.periods) if weeks is None else weeks)
    early = asked[asked < first]
    if early.size:
        raise Refused(refusals.baseline_short(int(early[0]) + 1, first + 1))
    if options.as_reference and options.method == "C3" and (asked.size < 2 or (np.diff(asked) != 1).any()):
        raise Refused(refusals.one_week("C3"))
    alpha = options.alpha if options.alpha is not None else (0.025 if options.method == "C3" else 0.001)
    z = normal_quantile(1 - alpha)
    mean, deviation = _baseline(counts.observed, asked, options)
    observed = counts.observed[:, asked]
    with np.errstate(invalid="ignore", divide="ignore"):
        bound = mean + z * deviation
        if options.method == "C3":
            drift = np.zeros_like(bound)
            for before in (1, 2):
                m, s = _baseline(counts.observed, asked - before, options)
                drift += np.maximum(0.0, (counts.observed[:, asked - before] - m) / s - 1)
            bound = np.maximum(0.0, observed + deviation * (z - drift))
    found = Findings.above(asked, observed, bound, expected=mean, deviation=deviation)
    if options.fallback:
        known = np.where(np.isnan(mean), np.nan, float(options.baseline))
        found = found.or_predicted(observed, mean * options.baseline, known, alpha)
    return found


def _baseline(observed: Floats, weeks: Weeks, options: EarsOptions) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each week's baseline: series x weeks."""
    begins = weeks - LAG[options.method] - options.baseline
    # Neighbouring weeks share most of their baselines: sums are taken over the stretch that is needed. Sums of whole
    # numbers and of their squares are exact.
    low, many = int(begins.min()), int(begins.max() - begins.min()) + 1
    total, squares = np.zeros((observed.shape[0], many)), np.zeros((observed.shape[0], many))
    for step in range(options.baseline):
        part = observed[:, low + step : low + step + many]
        total += part
        squares += part * part
    n = options.baseline
    mean = total / n
    deviation = np.sqrt((n * squares - total * total) / (n * (n - 1)))
    if options.least_deviation > 0:
        deviation = np.maximum(options.least_deviation, deviation)
    return mean[:, begins - low], deviation[:, begins - low]
