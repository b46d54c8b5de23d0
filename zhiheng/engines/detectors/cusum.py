"""Cumulative sums of how far counts pass what is expected: for small shifts that last.

Rossi, Lampugnani and Marchi (1999), Statistics in Medicine 18, 2111-2122; Pierce and Schafer (1986), JASA 81, 977-986.
There is an alarm while the sum is at ``limit`` or above; it is not set back. Equal to R's ``surveillance`` 1.20
(``algo.cusum``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.seasonal_model import fit_means, harmonics
from zhiheng.engines.detectors.series import CountSeries, Findings, Weeks
from zhiheng.kernel.reasons import Refused

Scale = Literal["standard", "rossi", "anscombe", "anscombe2nd", "pearsonNegBin", "anscombeNegBin", "none"]
# Scales that are not turned back into a count: their bound is what the sum still lacks.
WITHOUT_COUNT = ("anscombeNegBin", "none")
SCALES = ("standard", "rossi", "anscombe", "anscombe2nd", "pearsonNegBin", "anscombeNegBin", "none")


@dataclass(frozen=True)
class CusumOptions:
    """``reference`` (k) is taken off each period, ``limit`` (h) alarms. ``expected`` (m): a number, one a week, None
    (the mean of the history), or ``model`` (a regression of the history on the season). ``scale`` (trans) is
    how counts are standardised, ``dispersion`` (alpha) that of its negative binomial scales .
    """

    reference: float = 1.04
    limit: float = 2.26
    expected: float | tuple[float, ...] | Literal["model"] | None = None
    scale: Scale = "standard"
    dispersion: float = 0.1

    def __post_init__(self) -> None:
        check.number("reference", self.reference)
        check.number("limit", self.limit, above=True)
        check.one_of("scale", self.scale, SCALES)
        check.number("dispersion", self.dispersion, above=True)
        if isinstance(self.expected, str):
            check.one_of("expected", self.expected, ("model",))


def cusum(
    counts: CountSeries, options: CusumOptions | None = None, weeks: Sequence[int] | Weeks | None = None
) -> Findings:
    """Judge consecutive weeks of each series; without ``weeks``, the last year.

    Measures: ``statistic`` (the sum), ``expected``. The bound is the count at which this week would have alarmed.
    Raises Refused where there is no history or weeks are not consecutive.
    """
    options = options or CusumOptions()
    start = max(1, counts.periods - counts.frequency)
    asked = counts.weeks(range(start, counts.periods) if weeks is None else weeks)
    if (np.diff(asked) != 1).any():
        raise Refused(refusals.not_consecutive("CUSUM"))
    first = int(asked[0])
    history = counts.observed[:, :first]
    expected = _expected(counts, history, asked, options)
    observed = counts.observed[:, asked]
    alpha = options.dispersion
    if options.scale == "anscombeNegBin" and (gap := np.isnan(observed + expected)).any():
        row, column = (int(a[0]) for a in np.nonzero(gap))
        raise Refused(refusals.unknown_counts(row + 1, int(asked[column]) + 1, "CUSUM (anscombeNegBin)"))
    with np.errstate(all="ignore"):
        score = _standardised(observed, expected, alpha, options.scale)
        shape = observed.shape
        statistic, bound = np.empty(shape), np.empty(shape)
        total = np.zeros(counts.series)
        for i in range(asked.size):
            need = options.limit + options.reference - total
            total = np.maximum(0.0, total + score[:, i] - options.reference)
            statistic[:, i] = total
            bound[:, i] = (
                options.limit - total
                if options.scale in WITHOUT_COUNT
                else _count_for(need, expected[:, i], alpha, options.scale)
            )
        alarm = statistic >= options.limit
    bound = np.where(np.isnan(bound), 0.0, np.maximum(0.0, bound))
    return Findings(
        asked,
        alarm,
        ~np.isnan(statistic),
        bound,
        np.zeros(shape, dtype=np.bool_),
        {"statistic": statistic, "expected": expected},
    )


def _expected(counts: CountSeries, history: Floats, weeks: Weeks, options: CusumOptions) -> Floats:
    shape = (counts.series, weeks.size)
    if (options.expected is None or options.expected == "model") and history.shape[1] == 0:
        raise Refused(refusals.baseline_short(int(weeks[0]) + 1, 2))
    if options.expected is None:
        return np.broadcast_to(history.mean(axis=1, keepdims=True), shape)
    if options.expected == "model":
        time = np.arange(1.0, weeks[-1] + 2)
        columns = harmonics(time, counts.frequency, 1, trend=False)
        expected = np.empty(shape)
        for row in range(counts.series):
            known = ~np.isnan(history[row])
            found = fit_means(history[row][known], columns[: weeks[0]][known])
            if found is None:
                raise Refused(refusals.not_fitted(row + 1, "CUSUM"))
            expected[row] = np.exp(columns[weeks] @ found[0])
        return expected
    values = np.atleast_1d(np.asarray(options.expected, dtype=np.float64))
    if values.size not in (1, weeks.size):
        raise Refused(refusals.length("expected", values.size, weeks.size))
    return np.broadcast_to(values, shape)


def _standardised(x: Floats, m: Floats, alpha: float, scale: Scale) -> Floats:
    result: Floats
    if scale == "standard":
        result = (x - m) / np.sqrt(m)
    elif scale == "rossi":
        result = (x - 3 * m + 2 * np.sqrt(x * m)) / (2 * np.sqrt(m))
    elif scale == "anscombe":
        result = 1.5 * (np.cbrt(x) ** 2 - np.cbrt(m) ** 2) / m ** (1 / 6)
    elif scale == "anscombe2nd":
        result = (np.cbrt(x) ** 2 - (np.cbrt(m) ** 2 - 1 / (9 * np.cbrt(m)))) / (2 / 3 * m ** (1 / 6))
    elif scale == "pearsonNegBin":
        result = (x - m) / np.sqrt(m + alpha * m**2)
    elif scale == "anscombeNegBin":
        result = _anscombe_negative_binomial(x, m, alpha)
    else:
        result = x
    return result


def _anscombe_negative_binomial(x: Floats, m: Floats, alpha: float) -> Floats:
    """The integral of 1 / (the variance's cube root) from m to x, by the hypergeometric function.

    The reference program reads that function from a table of ten digits, in steps of 0.01 up to 10 and, on straight
    lines between, of 1 up to 100; beyond it says nothing. So does this, so that alarms and missing values agree.
    """

    def whole(t: Floats) -> Floats:
        part: Floats = 1.5 * np.cbrt(t) ** 2 * _read_from_table(alpha * t)
        return part

    result: Floats = (whole(x) - whole(m)) / (m + alpha * m**2) ** (1 / 6)
    return result


def _read_from_table(v: Floats) -> Floats:
    """The hypergeometric function of -v, not less than 0, as the table of the reference program has it."""

    def table(at: Floats) -> Floats:
        told: Floats = np.round(special.hyp2f1(1 / 3, 2 / 3, 5 / 3, -at), 10)
        return told

    low = np.floor(v)
    between = table(low) + (table(low + 1) - table(low)) * (v - low)
    found = np.where(v <= 10, table(np.ceil(100 * v - 0.5) / 100), between)
    return np.where(v <= 100, found, np.nan)


def _count_for(z: Floats, m: Floats, alpha: float, scale: Scale) -> Floats:
    """The count whose standardised value is z, as the reference program has it: whole for ``standard``."""
    result: Floats
    if scale == "standard":
        result = np.ceil(m + np.sqrt(m) * z)
    elif scale == "rossi":
        root = 4 * m + 2 * np.sqrt(m) * z
        result = np.where(root >= 0, (np.sqrt(root) - np.sqrt(m)) ** 2, 0.0)
    elif scale == "anscombe":
        result = np.maximum(0.0, 2 / 3 * m ** (1 / 6) * z + np.cbrt(m) ** 2) ** 1.5
    elif scale == "anscombe2nd":
        # The correction of the mean is m^(1/3) / 9 there, where it is 1 / (9 m^(1/3)) in the standardised value.
        result = np.maximum(0.0, 2 / 3 * m ** (1 / 6) * z + np.cbrt(m) ** 2 - np.cbrt(m) / 9) ** 1.5
    else:
        result = m + np.sqrt(m + alpha * m**2) * z
    return result
