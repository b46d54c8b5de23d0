"""The original Farrington detector: like the improved one, but with windows alone, and bounds on both sides.

Farrington, Andrews, Beale and Catchpole (1996), J. R. Statist. Soc. A 159, 547-563. Equal to R's ``surveillance`` 1.20
(``algo.farrington``): years that do not exist or are not known are left out, below the least cases the bound is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import normal_quantile
from zhiheng.engines.detectors.farrington_flexible import FlexibleOptions, Power, delta_bound, fit_models
from zhiheng.engines.detectors.reference_weeks import centres
from zhiheng.engines.detectors.regression import Design
from zhiheng.engines.detectors.series import CELLS, CountSeries, Findings, Weeks, recent_sums
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class FarringtonOptions:
    """``years`` (b), ``window`` (w), ``alpha`` of a two-sided interval, ``power`` of its transformation; ``reweight``
    past outbreaks; fit a ``trend``; no alarm below ``least_cases`` in the last ``least_periods`` periods.
    ``as_reference`` refuses gaps among the reference periods, at which the reference program stops; else they are left
    out. ``fallback`` answers by the predictive distribution of the reference counts where no model can be fitted.
    """

    years: int = 5
    window: int = 3
    reweight: bool = True
    trend: bool = True
    alpha: float = 0.05
    power: Power = "2/3"
    least_cases: float = 5
    least_periods: int = 4
    as_reference: bool = False
    fallback: bool = False

    def __post_init__(self) -> None:
        check.whole("years", self.years, 1)
        check.whole("window", self.window, 0)
        check.share("alpha", self.alpha)
        check.one_of("power", self.power, ("2/3", "1/2", "none"))
        check.number("least_cases", self.least_cases)
        check.whole("least_periods", self.least_periods, 1)


def farrington(
    counts: CountSeries, options: FarringtonOptions | None = None, weeks: Sequence[int] | Weeks | None = None
) -> Findings:
    """Judge each week of each series; without ``weeks``, the last one. Measures: ``expected``, ``dispersion``,
    ``slope``. Raises Refused where no reference week exists.
    """
    options = options or FarringtonOptions()
    asked = counts.weeks([counts.periods - 1] if weeks is None else weeks)
    shape = (counts.series, asked.size)
    found = {name: np.full(shape, np.nan) for name in ("expected", "dispersion", "slope", "bound")}
    alarm = np.zeros(shape, dtype=np.bool_)
    stated = np.zeros(shape, dtype=np.bool_)
    total, known = np.zeros(shape), np.zeros(shape)
    model_options = FlexibleOptions(
        years=options.years,
        window=options.window,
        reweight=options.reweight,
        weights_threshold=1.0,
        trend=options.trend,
    )
    z = normal_quantile(1 - options.alpha / 2)
    recent = recent_sums(counts.observed, asked, options.least_periods)
    for i, week in enumerate(asked):
        columns = sorted(
            {
                column
                for centre in centres(counts, int(week), options.years)
                if centre is not None
                for column in range(centre - options.window, centre + options.window + 1)
                if 0 <= column < counts.periods
            }
        )
        if len(columns) < 2 + options.trend:
            raise Refused(refusals.no_reference(int(week) + 1))
        time = np.array(columns, dtype=np.float64) - week
        design = Design(time, np.zeros(len(columns), dtype=np.int64), 1, 0)
        step = max(1, CELLS // len(columns))
        for first in range(0, counts.series, step):
            rows = slice(first, min(first + step, counts.series))
            past = counts.observed[rows][:, columns]
            if options.as_reference and (unknown := np.isnan(past).any(axis=1)).any():
                raise Refused(refusals.gaps(first + int(np.argmax(unknown)) + 1, int(week) + 1, "Farrington"))
            model = fit_models(past, design, np.zeros(past.shape[0]), None, None, model_options, original=True)
            this = counts.observed[rows, week]
            bound, _ = delta_bound(model, this, z, options.power)
            enough = recent[rows, i] >= options.least_cases
            found["bound"][rows, i] = np.where(np.isnan(recent[rows, i]), np.nan, np.where(enough, bound, 0.0))
            found["expected"][rows, i] = model.mean
            found["dispersion"][rows, i], found["slope"][rows, i] = model.dispersion, model.slope
            with np.errstate(invalid="ignore"):
                alarm[rows, i] = enough & (this > bound)
            stated[rows, i] = model.stated & ~np.isnan(recent[rows, i])
            total[rows, i] = np.nansum(past, axis=1)
            known[rows, i] = np.where(enough, (~np.isnan(past)).sum(axis=1), 0)
    bound = found.pop("bound")
    findings = Findings(asked, alarm, stated, bound, np.zeros(shape, dtype=np.bool_), found)
    if options.fallback:
        findings = findings.or_predicted(counts.observed[:, asked], total, known, options.alpha / 2)
    return findings
