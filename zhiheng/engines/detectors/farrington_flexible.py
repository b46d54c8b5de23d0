"""The improved Farrington detector: a quasi-Poisson regression on the same season of past years, with past outbreaks
weighted down, and the upper bound of what this period may count.

Farrington, Andrews, Beale and Catchpole (1996), J. R. Statist. Soc. A 159, 547-563; Noufaily et al. (2013), Statistics
in Medicine 32, 1206-1222; the sampling-error variant after Salmon, Schumacher and Höhle (2016), J. Stat. Software 70.
Alarms and missing values equal those of R's ``surveillance`` 1.20 (``farringtonFlexible``), bounds to nine digits;
where that program fits nothing, ``fallback`` answers by the predictive distribution of the reference counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from zhiheng.engines.detectors import compiled, refusals
from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors.distributions import (
    Floats,
    negative_binomial_cdf,
    negative_binomial_quantile,
    normal_quantile,
    poisson_cdf,
    poisson_quantile,
    student_two_sided,
)
from zhiheng.engines.detectors.reference_weeks import Reference, as_arrays, references
from zhiheng.engines.detectors.regression import Design, ModelFit, fit
from zhiheng.engines.detectors.series import CELLS, Bools, CountSeries, Findings, Weeks, predictive_bound, recent_sums
from zhiheng.kernel.reasons import Refused

Power = Literal["2/3", "1/2", "none"]
Threshold = Literal["delta", "nbPlugin", "muan"]

# At least so many series are fitted together, so that what every call costs is little beside them.
FEWEST = 512
# Set to run in NumPy although the extra is there (tests and benchmarks compare both).
PLAIN = False


@dataclass(frozen=True)
class FlexibleOptions:
    """How far back, how a bound is drawn, and when there is too little to alarm about.

    ``years`` (b), ``window`` (w, on either side), ``periods`` (noPeriods, season groups), ``skipped`` (the most recent
    periods left out; None: as many as ``window``); ``reweight`` past outbreaks whose Anscombe residual is above
    ``weights_threshold``; keep a ``trend`` below ``trend_level``; ``alpha`` is one-sided; ``power`` is the
    transformation of the delta method; ``offset`` divides by the population. There is no alarm where the last
    ``least_periods`` periods, with this one, count fewer than ``least_cases``. ``fallback`` answers where no model can
    be fitted. Raises Refused for what can't be.
    """

    years: int = 5
    window: int = 3
    periods: int = 1
    skipped: int | None = None
    reweight: bool = True
    weights_threshold: float = 2.58
    trend: bool = True
    trend_level: float = 0.05
    alpha: float = 0.05
    power: Power = "2/3"
    threshold: Threshold = "delta"
    offset: bool = False
    least_cases: float = 5
    least_periods: int = 4
    fallback: bool = True

    def __post_init__(self) -> None:
        check.whole("years", self.years, 1)
        check.whole("window", self.window, 0)
        check.whole("periods", self.periods, 1)
        if self.skipped is not None:
            check.whole("skipped", self.skipped, 0)
        check.number("weights_threshold", self.weights_threshold, above=True)
        check.number("trend_level", self.trend_level)
        check.share("alpha", self.alpha)
        check.one_of("power", self.power, ("2/3", "1/2", "none"))
        check.one_of("threshold", self.threshold, ("delta", "nbPlugin", "muan"))
        check.number("least_cases", self.least_cases)
        check.whole("least_periods", self.least_periods, 1)

    @classmethod
    def noufaily(cls, *, alpha: float = 0.01, fallback: bool = True) -> FlexibleOptions:
        """The set-up that Noufaily et al. (2013) recommend."""
        return cls(periods=10, skipped=26, trend_level=1, threshold="nbPlugin", alpha=alpha, fallback=fallback)


def use_compiled() -> bool:
    """Whether the regressions run as machine code: where the extra is installed."""
    return compiled.AVAILABLE and not PLAIN


@dataclass
class FlexibleModel:
    """What is known of each series and week after fitting."""

    stated: Bools
    mean: Floats
    error: Floats
    dispersion: Floats
    slope: Floats
    level: Floats
    level_error: Floats


def farrington_flexible(
    counts: CountSeries, options: FlexibleOptions | None = None, weeks: Sequence[int] | Weeks | None = None
) -> Findings:
    """Judge each week of each series; without ``weeks``, the last one.

    Measures: ``expected``, ``score`` ((count - expected) / (bound - expected)), ``p_value``, ``dispersion``, ``slope``.
    Raises Refused where reference weeks do not exist or a population is missing.
    """
    options = options or FlexibleOptions()
    asked = counts.weeks([counts.periods - 1] if weeks is None else weeks)
    if options.offset and counts.population is None:
        raise Refused(refusals.population_wanted())
    skipped = options.window if options.skipped is None else options.skipped
    shape = (counts.series, asked.size)
    found = {name: np.full(shape, np.nan) for name in ("expected", "score", "p_value", "dispersion", "slope", "bound")}
    stated = np.zeros(shape, dtype=np.bool_)
    fell = np.zeros(shape, dtype=np.bool_)
    alarm = np.zeros(shape, dtype=np.bool_)
    place = {int(week): i for i, week in enumerate(asked)}
    for reference, alike in references(
        counts, np.unique(asked), years=options.years, window=options.window, groups=options.periods, skipped=skipped
    ):
        at = np.array([place[int(week)] for week in alike])
        step = max(-(-FEWEST // alike.size), CELLS // (len(reference.back) * alike.size))
        for first in range(0, counts.series, step):
            rows = slice(first, min(first + step, counts.series))
            part = _judge(counts, rows, alike, reference, options)
            for name, values in part.measures.items():
                found[name][rows, at] = values
            found["bound"][rows, at] = part.bound
            alarm[rows, at], stated[rows, at], fell[rows, at] = part.alarm, part.stated, part.fallback
    for i, week in enumerate(asked):
        if place[int(week)] != i:
            for array in (*found.values(), alarm, stated, fell):
                array[:, i] = array[:, place[int(week)]]
    bound = found.pop("bound")
    return Findings(asked, alarm, stated, bound, fell, found)


def _judge(counts: CountSeries, rows: slice, weeks: Weeks, reference: Reference, options: FlexibleOptions) -> Findings:
    """Findings of some series in weeks that share a reference."""
    back, group, time = as_arrays(reference)
    columns = weeks[:, None] - back[None, :]
    observed = counts.observed[rows]
    series = observed.shape[0]
    shape = (series, weeks.size)
    past = observed[:, columns].reshape(series * weeks.size, back.size)
    known = ~np.isnan(past)
    offset, offset_now = None, None
    if options.offset and counts.population is not None:
        population = counts.population[rows]
        used = population[:, columns].reshape(past.shape)
        _refuse_population(known & ~(used > 0), rows.start, weeks, columns)
        offset = np.log(np.where(known, used, 1.0))
        now_population = population[:, weeks].reshape(-1)
        with np.errstate(divide="ignore"):
            offset_now = np.log(now_population)
    design = Design(time, group, options.periods, options.periods - 1)
    if back.size - np.unique(group).size - options.trend < 1:
        raise Refused(refusals.no_reference(int(weeks[0]) + 1))
    now = np.zeros(past.shape[0])
    if counts.dates is not None:
        # By the calendar the reference program counts the time it fits from the first reference period, the time it
        # predicts for from the first that is known.
        now = time[0] - time[np.where(known.any(axis=1), known.argmax(axis=1), 0)]
    model = fit_models(past, design, now, offset, offset_now, options)
    this = observed[:, weeks].reshape(-1)
    bound, tail, expected = _bound(model, this, options)
    recent = recent_sums(observed, weeks, options.least_periods).reshape(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = (this - expected) / (bound - expected)
        enough = recent >= options.least_cases
        alarm = enough & (score > 1) & (this != 0)
        above = this > bound
        if options.threshold != "delta":
            alarm = enough & above & (this != 0)
    stated = model.stated
    bound = np.where(enough & stated, bound, np.nan)
    # Where too few cases came in lately nothing is expected of the next week either, which is not to expect none.
    expected = np.where(enough & stated, expected, np.nan)
    alarm &= stated
    fell = np.zeros_like(stated)
    if options.fallback:
        # A model can be fitted that knows no bound: of a history of zeros with as many seasons as weeks, for one.
        fell = (~stated | np.isnan(bound)) & ~np.isnan(this) & known.any(axis=1) & enough
        if fell.any():
            plain = predictive_bound(
                np.where(known[fell], past[fell], 0).sum(axis=1),
                known[fell].sum(axis=1).astype(np.float64),
                options.alpha,
            )
            bound[fell] = plain
            expected[fell] = np.where(known[fell], past[fell], 0).sum(axis=1) / known[fell].sum(axis=1)
            alarm[fell] = this[fell] > plain
            stated = stated | fell
    measures = {
        "expected": expected,
        "score": score,
        "p_value": tail,
        "dispersion": model.dispersion,
        "slope": model.slope,
    }
    return Findings(
        weeks,
        alarm.reshape(shape),
        stated.reshape(shape),
        bound.reshape(shape),
        fell.reshape(shape),
        {name: values.reshape(shape) for name, values in measures.items()},
    )


def _refuse_population(missing: Bools, first_row: int, weeks: Weeks, columns: Weeks) -> None:
    if missing.any():
        case, at = (int(a[0]) for a in np.nonzero(missing))
        series, week = divmod(case, weeks.size)
        raise Refused(refusals.population_zero(first_row + series + 1, int(columns[week, at]) + 1))


def fit_models(
    past: Floats,
    design: Design,
    now: Floats,
    offset: Floats | None,
    offset_now: Floats | None,
    options: FlexibleOptions,
    *,
    original: bool = False,
) -> FlexibleModel:
    """Fit with a trend where one is wanted, then without where it does not hold.

    ``past`` is series x reference periods, NaN where nothing is known; ``now`` the time of the period judged. With
    ``original`` the variance of the level is a multiple of the dispersion, which is 1 at least.
    """
    many = past.shape[0]
    if use_compiled() and np.bincount(design.group, minlength=design.groups).min() > 0:
        found = compiled.models(
            past,
            design,
            now,
            offset,
            offset_now,
            trend=options.trend and options.years >= 3,
            reweight=options.reweight,
            threshold=options.weights_threshold,
            trend_level=options.trend_level,
            original=original,
        )
        return FlexibleModel(found[:, 0] == 1, *(found[:, column].copy() for column in range(1, 7)))
    known = ~np.isnan(past)
    model = FlexibleModel(np.zeros(many, dtype=np.bool_), *(np.full(many, np.nan) for _ in range(6)))
    todo = np.arange(many)
    # A trend needs three years; below that the fit with a trend could only be thrown away.
    for trend in (True, False) if options.trend and options.years >= 3 else (False,):
        if todo.size == 0:
            break
        part = (past[todo], known[todo], None if offset is None else offset[todo])
        fitted, converged, dispersion = _reweighted(*part, design, now[todo], trend, options)
        level = fitted.level if offset_now is None else fitted.level + offset_now[todo]
        with np.errstate(all="ignore"):
            mean = np.maximum(np.exp(level), np.finfo(np.float64).eps)
            keep = converged.copy()
            if trend:
                t = fitted.slope / np.sqrt((fitted.spread if original else fitted.scale) * fitted.slope_unit)
                p = student_two_sided(t, fitted.degrees)
                keep &= p < options.trend_level
                keep &= mean <= np.where(part[1], part[0], -np.inf).max(axis=1)
            level_error = np.sqrt((dispersion if original else fitted.scale) * fitted.level_unit)
        at = todo[keep]
        model.stated[at] = True
        model.mean[at], model.dispersion[at], model.slope[at] = mean[keep], dispersion[keep], fitted.slope[keep]
        model.error[at], model.level[at], model.level_error[at] = (
            mean[keep] * level_error[keep],
            level[keep],
            level_error[keep],
        )
        todo = todo[~keep]
    return model


def _reweighted(
    past: Floats,
    known: Bools,
    offset: Floats | None,
    design: Design,
    now: Floats,
    trend: bool,
    options: FlexibleOptions,
) -> tuple[ModelFit, Bools, Floats]:
    """The fit after past outbreaks lost weight, whether the first fit converged, and the dispersion (1 at least)."""
    first = fit(past, known, design, trend=trend, now=now, offset=offset, residuals=options.reweight)
    with np.errstate(invalid="ignore"):
        dispersion = np.maximum(1.0, first.spread)
    if not options.reweight:
        return first, first.converged, dispersion
    assert first.mean is not None
    assert first.leverage is not None
    weights = anscombe_weights(past, known, first.mean, first.leverage, dispersion, options.weights_threshold)
    again = fit(past, known, design, trend=trend, now=now, offset=offset, weights=weights)
    with np.errstate(invalid="ignore"):
        return again, first.converged, np.maximum(1.0, again.spread)


def anscombe_weights(
    counts: Floats, known: Bools, mean: Floats, leverage: Floats, dispersion: Floats, threshold: float
) -> Floats:
    """Weights that bring past outbreaks down: 1 / s^2 where the standardised Anscombe residual s is above the
    threshold, else 1, scaled so that they sum to the number of known periods.
    """
    with np.errstate(all="ignore"):
        scale = dispersion[:, None] * (1 - leverage)
        apart = counts - mean
        # The residual is concave in the count: it can pass the threshold only where this simple bound does.
        possible = known & (apart * np.abs(apart) > threshold * threshold * (1 - 1e-9) * mean * scale)
        row, column = np.nonzero(possible)
        y, m = counts[row, column], mean[row, column]
        residual = 1.5 * (np.cbrt(y) ** 2 / np.sqrt(np.cbrt(m)) - np.sqrt(m)) / np.sqrt(scale[row, column])
        past = residual > threshold
        weights = known.astype(np.float64)
        weights[row[past], column[past]] = residual[past] ** -2
        weights *= (known.sum(axis=1) / weights.sum(axis=1))[:, None]
    return weights


def _bound(model: FlexibleModel, this: Floats, options: FlexibleOptions) -> tuple[Floats, Floats, Floats]:
    """Upper bound, tail probability of the count and expected count of each series and week."""
    z = normal_quantile(1 - options.alpha)
    with np.errstate(all="ignore"):
        if options.threshold == "delta":
            return *delta_bound(model, this, z, options.power), model.mean
        mean = model.mean if options.threshold == "nbPlugin" else np.exp(model.level + z * model.level_error)
        over = model.dispersion > 1
        size, chance = mean / (model.dispersion - 1), 1 / model.dispersion
        bound = np.full(mean.shape, np.nan)
        tail = np.full(mean.shape, np.nan)
        bound[over] = negative_binomial_quantile(1 - options.alpha, size[over], chance[over])
        tail[over] = 1 - negative_binomial_cdf(this[over] - 1, size[over], chance[over])
        even = ~over & np.isfinite(mean)
        bound[even] = poisson_quantile(1 - options.alpha, mean[even])
        tail[even] = 1 - poisson_cdf(this[even] - 1, mean[even])
    return bound, tail, model.mean


def delta_bound(model: FlexibleModel, this: Floats, z: float, power: Power) -> tuple[Floats, Floats]:
    """Bound and tail on the scale on which the counts are near normal."""
    mean = model.mean
    ratio = model.dispersion + model.error**2 / mean
    if power == "2/3":
        centre, deviation, observed = np.cbrt(mean) ** 2, np.sqrt(4 / 9 * np.cbrt(mean) * ratio), np.cbrt(this) ** 2
        bound = (centre + abs(z) * deviation) ** 1.5
    elif power == "1/2":
        centre, deviation, observed = np.sqrt(mean), np.sqrt(ratio / 4), np.sqrt(this)
        bound = (centre + abs(z) * deviation) ** 2
    else:
        centre, deviation, observed = mean, np.sqrt(mean * ratio), this
        bound = centre + abs(z) * deviation
    return bound, special.ndtr((centre - observed) / deviation)
