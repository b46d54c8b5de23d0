"""Control charts: constants, limits, rules of signals, CUSUM and EWMA with their run lengths, capability.

After Shewhart as in ISO 7870-2 = GB/T 17989.2 and in Montgomery, *Introduction to Statistical Quality Control*. The
constants are computed, not copied: the range of normal samples by integration, the rest from the gamma function. A
signal is a reason to look, never a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from zhiheng.engines.acceptance import special

Floats = npt.NDArray[np.float64]
# Ranges and standard deviations of larger subgroups are still computed, but nobody charts them so.
MOST_IN_SUBGROUP = 100
SIGMAS = 3.0
# So many units of the last place, of the size of the values, a mean or a limit may be off by rounding.
_ROUNDING = 8 * float(np.finfo(float).eps)
# So many standard deviations of a step the limits of a chart may be apart: beyond that its run length takes long.
WIDEST = 400.0
# From so long a run on a difference has lost digits that are told; a chance below the other is none.
_SINGULAR, _NEVER = 1e4, 1e-300


class Chart(StrEnum):
    """The kinds of charts."""

    XBAR_R = "xbar_r"
    XBAR_S = "xbar_s"
    I_MR = "i_mr"
    P = "p"
    NP = "np"
    C = "c"
    U = "u"
    CUSUM = "cusum"
    EWMA = "ewma"


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants for subgroups of ``n``, three standard errors to each side."""

    n: int
    d2: float
    d3: float
    c4: float

    @property
    def A(self) -> float:
        """Mean, sigma known."""
        return SIGMAS / math.sqrt(self.n)

    @property
    def A2(self) -> float:
        """Mean, from ranges."""
        return SIGMAS / (self.d2 * math.sqrt(self.n))

    @property
    def A3(self) -> float:
        """Mean, from standard deviations."""
        return SIGMAS / (self.c4 * math.sqrt(self.n))

    @property
    def B3(self) -> float:
        """Lower limit of the standard deviation."""
        return max(0.0, 1 - SIGMAS / self.c4 * math.sqrt(1 - self.c4**2))

    @property
    def B4(self) -> float:
        """Upper limit of the standard deviation."""
        return 1 + SIGMAS / self.c4 * math.sqrt(1 - self.c4**2)

    @property
    def B5(self) -> float:
        """Lower limit of the standard deviation, sigma known."""
        return max(0.0, self.c4 - SIGMAS * math.sqrt(1 - self.c4**2))

    @property
    def B6(self) -> float:
        """Upper limit of the standard deviation, sigma known."""
        return self.c4 + SIGMAS * math.sqrt(1 - self.c4**2)

    @property
    def D1(self) -> float:
        """Lower limit of the range, sigma known."""
        return max(0.0, self.d2 - SIGMAS * self.d3)

    @property
    def D2(self) -> float:
        """Upper limit of the range, sigma known."""
        return self.d2 + SIGMAS * self.d3

    @property
    def D3(self) -> float:
        """Lower limit of the range."""
        return max(0.0, 1 - SIGMAS * self.d3 / self.d2)

    @property
    def D4(self) -> float:
        """Upper limit of the range."""
        return 1 + SIGMAS * self.d3 / self.d2

    @property
    def E2(self) -> float:
        """Single values, from ranges."""
        return SIGMAS / self.d2


@cache
def constants(n: int) -> Constants:
    """The constants for subgroups of ``n`` (2 to 100). Raises ValueError for other sizes."""
    if not 2 <= n <= MOST_IN_SUBGROUP:
        raise ValueError(f"a subgroup has 2 to {MOST_IN_SUBGROUP} values")
    d2, d3 = _range(n)
    c4 = math.sqrt(2 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))
    return Constants(n, d2, d3, c4)


def _range(n: int) -> tuple[float, float]:
    """Mean and standard deviation of the range of ``n`` standard normal values (Tippett 1925), by quadrature."""
    ndtr = special().ndtr
    x, w = _legendre(160, -9.0, 9.0)
    f = ndtr(x)
    mean = float(w @ (1 - f**n - (1 - f) ** n))
    # E(R^2) is twice the integral over x < y; y runs from each x, so that the kink on the diagonal is an end.
    nodes, weights = _legendre(160, 0.0, 1.0)
    width = 9.0 - x[:, None]
    low, high = f[:, None], ndtr(x[:, None] + width * nodes)
    inner = (1 - high**n - (1 - low) ** n + (high - low) ** n) @ weights * width[:, 0]
    return mean, math.sqrt(2 * float(w @ inner) - mean**2)


def _legendre(n: int, low: float, high: float) -> tuple[Floats, Floats]:
    x, w = _gauss(n)
    half = (high - low) / 2
    return (low + high) / 2 + half * x, half * w


@cache
def _gauss(n: int) -> tuple[Floats, Floats]:
    x, w = np.polynomial.legendre.leggauss(n)
    return np.asarray(x, dtype=float), np.asarray(w, dtype=float)


# -- limits ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Track:
    """One line of points with its centre and limits; limits may differ from point to point.

    ``sigma`` is the standard error of each point, by which zones are told; nan where a point says nothing.
    """

    name: str
    points: Floats
    centre: float
    lower: Floats
    upper: Floats
    sigma: Floats

    def out(self) -> tuple[int, ...]:
        """Which points lie beyond a limit."""
        return tuple(int(at) for at in np.flatnonzero(self.beyond()))

    def beyond(self) -> npt.NDArray[np.bool_]:
        """Whether each point lies beyond a limit by more than rounding."""
        size = np.maximum(np.abs(self.points), abs(self.centre))
        with np.errstate(invalid="ignore"):
            above = self.points - self.upper > _ROUNDING * np.maximum(size, np.abs(self.upper))
            below = self.lower - self.points > _ROUNDING * np.maximum(size, np.abs(self.lower))
        return np.asarray(above | below, dtype=bool)


@dataclass(frozen=True)
class ChartLimits:
    """A chart: its tracks (values first, then spread), and the sigma of single values where there is one."""

    chart: Chart
    tracks: tuple[Track, ...]
    sigma: float | None = None
    inflation: float | None = None


Baseline = slice | Sequence[int] | None


def _base(values: Floats, baseline: Baseline) -> Floats:
    chosen = values if baseline is None else values[baseline if isinstance(baseline, slice) else list(baseline)]
    chosen = chosen[np.isfinite(chosen)] if chosen.ndim == 1 else chosen
    if len(chosen) < 2:
        raise ValueError("limits need at least two points")
    return chosen


def _mean(values: Floats) -> float:
    """The mean; of values that are all the same that value, free of rounding."""
    return float(values.flat[0]) if np.ptp(values) == 0 else float(values.mean())


def _means(samples: Floats) -> Floats:
    """The mean of each row; of a row that does not vary its value, free of rounding."""
    means, varies = np.array(samples[:, 0], dtype=float), np.ptp(samples, axis=1) != 0
    means[varies] = samples[varies].mean(axis=1)
    return means


def _deviations(samples: Floats) -> Floats:
    """The standard deviation of each row; 0 exactly of a row that does not vary."""
    deviations, varies = np.zeros(len(samples)), np.ptp(samples, axis=1) != 0
    deviations[varies] = samples[varies].std(axis=1, ddof=1)
    return deviations


def _track(name: str, points: Floats, centre: float, sigma: Floats | float, low: float | None = None) -> Track:
    """Three standard errors around the centre; ``low``: the values have no less."""
    error = np.broadcast_to(np.asarray(sigma, dtype=float), points.shape)
    lower, upper = centre - SIGMAS * error, centre + SIGMAS * error
    if low is not None:
        lower = np.maximum(lower, low)
    return Track(name, points, centre, lower, upper, error)


def xbar_r(samples: Floats, baseline: Baseline = None) -> ChartLimits:
    """Means and ranges of subgroups of one size: rows are subgroups. Raises ValueError for less than two."""
    k, (means, ranges) = constants(samples.shape[1]), (_means(samples), np.ptp(samples, axis=1))
    base = _base(samples, baseline)
    centre, spread = _mean(base), _mean(np.ptp(base, axis=1))
    sigma = spread / k.d2
    return ChartLimits(
        Chart.XBAR_R,
        (
            _track("mean", means, centre, k.A2 * spread / SIGMAS),
            _track("range", ranges, spread, k.d3 * sigma, 0.0),
        ),
        sigma,
    )


def xbar_s(samples: Floats, baseline: Baseline = None) -> ChartLimits:
    """Means and standard deviations of subgroups of one size."""
    k = constants(samples.shape[1])
    means, deviations = _means(samples), _deviations(samples)
    base = _base(samples, baseline)
    centre, spread = _mean(base), _mean(_deviations(base))
    sigma = spread / k.c4
    return ChartLimits(
        Chart.XBAR_S,
        (
            _track("mean", means, centre, k.A3 * spread / SIGMAS),
            _track("deviation", deviations, spread, sigma * math.sqrt(1 - k.c4**2), 0.0),
        ),
        sigma,
    )


def i_mr(values: Floats, baseline: Baseline = None) -> ChartLimits:
    """Single values and the differences between neighbours."""
    k = constants(2)
    moving = np.concatenate([[np.nan], np.abs(np.diff(values))])
    base = _base(values, baseline)
    spread = _mean(np.abs(np.diff(base)))
    sigma = spread / k.d2
    return ChartLimits(
        Chart.I_MR,
        (
            _track("value", values, _mean(base), sigma),
            _track("moving_range", moving, spread, k.d3 * sigma, 0.0),
        ),
        sigma,
    )


def p_chart(counts: Floats, sizes: Floats, baseline: Baseline = None, *, laney: bool = False) -> ChartLimits:
    """Shares of nonconforming items; sizes may differ. ``laney``: limits widened by the spread beyond the binomial
    (Laney 2002), for samples of thousands. A point of size 0 says nothing.
    """
    return _shares(Chart.P, "share", counts, sizes, baseline, lambda p: p * (1 - p), 1.0, laney)


def u_chart(counts: Floats, sizes: Floats, baseline: Baseline = None, *, laney: bool = False) -> ChartLimits:
    """Nonconformities per item; sizes may differ."""
    return _shares(Chart.U, "per_item", counts, sizes, baseline, lambda u: u, math.inf, laney)


def _shares(
    chart: Chart,
    name: str,
    counts: Floats,
    sizes: Floats,
    baseline: Baseline,
    variance: Callable[[float], float],
    most: float,
    laney: bool,
) -> ChartLimits:
    sizes = np.asarray(sizes, dtype=float)
    counts = np.asarray(counts, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        points = np.where(sizes > 0, counts / sizes, np.nan)
    chosen = np.zeros(len(points), dtype=bool)
    chosen[slice(None) if baseline is None else baseline if isinstance(baseline, slice) else list(baseline)] = True
    chosen &= sizes > 0
    if chosen.sum() < 2:
        raise ValueError("limits need at least two points")
    centre = float(counts[chosen].sum() / sizes[chosen].sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(sizes > 0, np.sqrt(variance(centre) / sizes), np.nan)
    inflation = None
    if laney:
        base_error = error[chosen]
        if np.all(base_error > 0):
            z = (points[chosen] - centre) / base_error
            inflation = float(np.abs(np.diff(z)).mean()) / constants(2).d2
            error = error * inflation
    lower, upper = np.maximum(centre - SIGMAS * error, 0.0), np.minimum(centre + SIGMAS * error, most)
    return ChartLimits(chart, (Track(name, points, centre, lower, upper, error),), inflation=inflation)


def np_chart(counts: Floats, size: int, baseline: Baseline = None) -> ChartLimits:
    """Numbers of nonconforming items in samples of one size."""
    counts = np.asarray(counts, dtype=float)
    centre = float(_base(counts, baseline).mean())
    error = math.sqrt(max(0.0, centre * (1 - centre / size)))
    track = _track("count", counts, centre, error, 0.0)
    return ChartLimits(
        Chart.NP,
        (Track(track.name, counts, centre, track.lower, np.minimum(track.upper, float(size)), track.sigma),),
    )


def c_chart(counts: Floats, baseline: Baseline = None) -> ChartLimits:
    """Numbers of nonconformities in units of one size."""
    counts = np.asarray(counts, dtype=float)
    centre = float(_base(counts, baseline).mean())
    return ChartLimits(Chart.C, (_track("count", counts, centre, math.sqrt(centre), 0.0),))


# -- rules -------------------------------------------------------------------------------------------------------------


class ChartRule(StrEnum):
    """Nelson's eight rules (1984); the first, fifth and sixth, and eight points for the second, are the four of Western
    Electric (1956). The last two are those of a CUSUM, one for each side.
    """

    BEYOND = "nelson_1"
    ONE_SIDE = "nelson_2"
    TREND = "nelson_3"
    ALTERNATING = "nelson_4"
    TWO_OF_THREE = "nelson_5"
    FOUR_OF_FIVE = "nelson_6"
    HUGGING = "nelson_7"
    AVOIDING = "nelson_8"
    ONE_SIDE_OF_EIGHT = "western_electric_4"
    RISEN = "cusum_high"
    FALLEN = "cusum_low"


NELSON = tuple(ChartRule)[:8]
WESTERN_ELECTRIC = (ChartRule.BEYOND, ChartRule.TWO_OF_THREE, ChartRule.FOUR_OF_FIVE, ChartRule.ONE_SIDE_OF_EIGHT)


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule and the point at which it became true; ``first`` is the first of the points that make it true."""

    rule: ChartRule
    at: int
    first: int


def signals(track: Track, rules: Sequence[ChartRule] = NELSON) -> tuple[Signal, ...]:
    """Every signal of a track, point by point. A point without a value ends each run."""
    beyond = track.beyond()
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(np.isfinite(track.points) & (track.sigma > 0), (track.points - track.centre) / track.sigma, np.nan)
    found = [signal for rule in rules for signal in _SEEK[rule](z, track.points, beyond)]
    return tuple(sorted(found, key=lambda one: (one.at, list(ChartRule).index(one.rule))))


Seek = Callable[[Floats, Floats, npt.NDArray[np.bool_]], list[Signal]]
# Rounding must not put a point that lies on a line beyond it.
_LEAST = 1e-9


def _beyond(z: Floats, points: Floats, beyond: npt.NDArray[np.bool_]) -> list[Signal]:
    return [Signal(ChartRule.BEYOND, int(at), int(at)) for at in np.flatnonzero(beyond)]


def _same_side(rule: ChartRule, length: int) -> Seek:
    def seek(z: Floats, points: Floats, beyond: npt.NDArray[np.bool_]) -> list[Signal]:
        return _windows(rule, length, z, lambda w: bool(np.all(w > _LEAST) or np.all(w < -_LEAST)))

    return seek


def _windows(rule: ChartRule, length: int, values: Floats, holds: Callable[[Floats], bool]) -> list[Signal]:
    found = []
    for end in range(length, len(values) + 1):
        window = values[end - length : end]
        if np.all(np.isfinite(window)) and holds(window):
            found.append(Signal(rule, end - 1, end - length))
    return found


def _steps(points: Floats) -> Floats:
    """Differences between neighbours, where a difference of rounding is none."""
    finite = points[np.isfinite(points)]
    least = _LEAST * float(np.ptp(finite)) if len(finite) else 0.0
    steps = np.diff(points)
    return np.where(np.abs(steps) <= least, 0.0, steps)


def _trend(z: Floats, points: Floats, beyond: npt.NDArray[np.bool_]) -> list[Signal]:
    found = _windows(ChartRule.TREND, 5, _steps(points), lambda w: bool(np.all(w > 0) or np.all(w < 0)))
    return [Signal(one.rule, one.at + 1, one.first) for one in found]


def _alternating(z: Floats, points: Floats, beyond: npt.NDArray[np.bool_]) -> list[Signal]:
    found = _windows(ChartRule.ALTERNATING, 13, _steps(points), lambda w: bool(np.all(w[1:] * w[:-1] < 0)))
    return [Signal(one.rule, one.at + 1, one.first) for one in found]


def _zone(rule: ChartRule, length: int, need: int, sigmas: float) -> Seek:
    def seek(z: Floats, points: Floats, beyond: npt.NDArray[np.bool_]) -> list[Signal]:
        def holds(w: Floats) -> bool:
            # The last point is one of those beyond the line, so that a signal is told once, where it came about.
            high, low = w > sigmas + _LEAST, w < -sigmas - _LEAST
            return bool((high[-1] and high.sum() >= need) or (low[-1] and low.sum() >= need))

        return _windows(rule, length, z, holds)

    return seek


def _hugging(z: Floats, points: Floats, beyond: npt.NDArray[np.bool_]) -> list[Signal]:
    return _windows(ChartRule.HUGGING, 15, z, lambda w: bool(np.all(np.abs(w) < 1 - _LEAST)))


def _avoiding(z: Floats, points: Floats, beyond: npt.NDArray[np.bool_]) -> list[Signal]:
    return _windows(ChartRule.AVOIDING, 8, z, lambda w: bool(np.all(np.abs(w) > 1 + _LEAST)))


_SEEK: Mapping[ChartRule, Seek] = {
    ChartRule.BEYOND: _beyond,
    ChartRule.ONE_SIDE: _same_side(ChartRule.ONE_SIDE, 9),
    ChartRule.TREND: _trend,
    ChartRule.ALTERNATING: _alternating,
    ChartRule.TWO_OF_THREE: _zone(ChartRule.TWO_OF_THREE, 3, 2, 2.0),
    ChartRule.FOUR_OF_FIVE: _zone(ChartRule.FOUR_OF_FIVE, 5, 4, 1.0),
    ChartRule.HUGGING: _hugging,
    ChartRule.AVOIDING: _avoiding,
    ChartRule.ONE_SIDE_OF_EIGHT: _same_side(ChartRule.ONE_SIDE_OF_EIGHT, 8),
}


# -- CUSUM and EWMA ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cusum:
    """Sums of what lies more than ``k`` sigma above and below the target, and where one exceeds ``h``."""

    high: Floats
    low: Floats
    alarms: tuple[int, ...]


def cusum(values: Floats, *, target: float, sigma: float, k: float, h: float) -> Cusum:
    """The two-sided CUSUM in units of sigma; it begins again at zero after an alarm."""
    if sigma <= 0 or k < 0 or h <= 0:
        raise ValueError("sigma and h are above 0, k is not below")
    high, low, alarms = np.zeros(len(values)), np.zeros(len(values)), []
    up = down = 0.0
    for at, value in enumerate((values - target) / sigma):
        up, down = max(0.0, up + value - k), max(0.0, down - value - k)
        high[at], low[at] = up, down
        if up > h or down > h:
            alarms.append(at)
            up = down = 0.0
    return Cusum(high, low, tuple(alarms))


def cusum_chart(
    values: Floats, *, target: float, sigma: float, k: float, h: float
) -> tuple[tuple[Track, Track], tuple[tuple[Signal, ...], tuple[Signal, ...]]]:
    """The two sums in the unit of the values, each from 0 up to its limit, and the signals of each (ISO 7870-4).

    A signal's ``first`` is the point at which its sum left 0: the mean has shifted from about there on.
    """
    found = cusum(values, target=target, sigma=sigma, k=k, h=h)
    none, most = np.full(len(values), np.nan), np.full(len(values), h * sigma)
    sides = (
        ("cusum_high", ChartRule.RISEN, found.high),
        ("cusum_low", ChartRule.FALLEN, found.low),
    )
    tracks = tuple(Track(name, sums * sigma, 0.0, none, most, none) for name, _, sums in sides)
    told = tuple(
        tuple(Signal(rule, at, _since(sums, at, found.alarms)) for at in found.alarms if sums[at] > h)
        for _, rule, sums in sides
    )
    return (tracks[0], tracks[1]), (told[0], told[1])


def _since(sums: Floats, at: int, alarms: Sequence[int]) -> int:
    """The first point of the climb that ends at ``at``; after an alarm a sum begins again."""
    first = at
    while first > 0 and sums[first - 1] > 0 and first - 1 not in alarms:
        first -= 1
    return first


def ewma(values: Floats, *, target: float, sigma: float, weight: float, limit: float) -> Track:
    """The exponentially weighted mean with its exact limits, ``limit`` standard errors to each side."""
    if not 0 < weight <= 1 or sigma <= 0 or limit <= 0:
        raise ValueError("weight is above 0 and at most 1; sigma and limit are above 0")
    points, last = np.empty(len(values)), target
    for at, value in enumerate(values):
        last = weight * value + (1 - weight) * last
        points[at] = last
    steps = np.arange(1, len(values) + 1)
    error = sigma * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * steps)))
    return Track("ewma", points, target, target - limit * error, target + limit * error, error)


def cusum_run_length(k: float, h: float, mean: float, *, two_sided: bool = False) -> float:
    """Average run length of a CUSUM of standard normal values shifted by ``mean``, from zero (Brook and Evans 1972; the
    integral equation by Gauss-Legendre). Raises ValueError for an h that is not above 0, or above ``WIDEST``.
    """
    if not 0 < h <= WIDEST:
        raise ValueError(f"h is above 0 and at most {WIDEST:g}")
    one = _cusum_one(k, h, mean)
    return one if not two_sided else 1 / (1 / one + 1 / _cusum_one(k, h, -mean))


def _cusum_one(k: float, h: float, mean: float) -> float:
    nodes = _nodes(80, h)
    x, w = _legendre(nodes, 0.0, h)
    start = np.concatenate([[0.0], x])
    kernel = np.empty((nodes + 1, nodes + 1))
    kernel[:, 0] = special().ndtr(k - start - mean)
    kernel[:, 1:] = w * _density(x[None, :] - start[:, None] + k - mean)
    return float(_lengths(kernel, special().ndtr(start - h - k + mean))[0])


def _nodes(least: int, width: float) -> int:
    """How many nodes an interval needs, whose ``width`` is in standard deviations of a step: some three for each."""
    return max(least, math.ceil(3.2 * width))


def _lengths(kernel: Floats, ends: Floats) -> Floats:
    """From each place: how many steps it takes on average until the chart alarms. ``kernel``: chances (and weights) of
    going from place to place, (n, n); ``ends``: of alarming with the next step, (n,).

    A chart that hardly ever alarms makes the equations all but singular: beyond ``_SINGULAR`` they are solved without
    a difference anywhere, by the elimination of Grassmann, Taksar and Heyman (1985) with the chances of alarming kept
    apart, which loses no digit however long it takes.
    """
    n = len(ends)
    found = np.linalg.solve(np.eye(n) - kernel, np.ones(n))
    if np.all((found > 0) & (found < _SINGULAR)):
        return np.asarray(found, dtype=float)
    going, leaving, steps = kernel.copy(), ends.copy(), np.ones(n)
    np.fill_diagonal(going, 0.0)
    total = np.empty(n)
    for at in range(n - 1, -1, -1):
        # Nobody goes to a place that can't be left: what is nought over nought there is never asked for.
        total[at] = max(leaving[at] + going[at, :at].sum(), _NEVER)
        share = going[:at, at] / total[at]
        going[:at, :at] += share[:, None] * going[at, :at]
        np.fill_diagonal(going[:at, :at], 0.0)
        leaving[:at] += share * leaving[at]
        steps[:at] += share * steps[at]
    for at in range(n):
        found[at] = (steps[at] + going[at, :at] @ found[:at]) / total[at]
    return np.asarray(found, dtype=float)


def ewma_run_length(weight: float, limit: float, mean: float, *, two_sided: bool = True, floor: float = -10.0) -> float:
    """Average run length of an EWMA with steady limits, from the target (Crowder 1987; Gauss-Legendre).

    One-sided: it alarms above only, and is held at ``floor`` (in units of its own steady sigma) below; -10 lets it fall
    freely, 0 is the chart that never falls below the target. Raises ValueError for a weight so small that its steps are
    less than the ``WIDEST`` part of the interval.
    """
    if not 0 < weight <= 1 or limit <= 0 or floor > 0:
        raise ValueError("weight is above 0 and at most 1; limit is above 0, and floor is not")
    sigma = math.sqrt(weight / (2 - weight))
    low, high = -limit * sigma if two_sided else floor * sigma, limit * sigma
    if (high - low) / weight > WIDEST:
        raise ValueError(f"the limits are more than {WIDEST:g} steps apart")
    nodes = _nodes(120, (high - low) / weight)
    x, w = _legendre(nodes, low, high)
    start = np.concatenate([[low], x])
    held = np.zeros(nodes + 1) if two_sided else special().ndtr((low - (1 - weight) * start) / weight - mean)
    steps = w / weight * _density((x[None, :] - (1 - weight) * start[:, None]) / weight - mean)
    inner = (1 - weight) * start
    ends = special().ndtr((inner - high) / weight + mean)
    if two_sided:
        ends = ends + special().ndtr((low - inner) / weight - mean)
    lengths = _lengths(np.column_stack([held, steps]), ends)
    first = 0.0 if two_sided else float(special().ndtr(low / weight - mean))
    return float(1 + first * lengths[0] + (w / weight * _density(x / weight - mean)) @ lengths[1:])


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi), dtype=float)


def find_cusum(in_control: float, out_of_control: float) -> tuple[float, float]:
    """(k, h) of the one-sided CUSUM that runs ``in_control`` on average at no shift, and ``out_of_control`` at a shift
    of 2k, which is what k is best for. Raises ValueError where there is none.
    """
    if not 1 < out_of_control < in_control:
        raise ValueError("it runs longer in control than out of it")
    low, high = 0.01, 5.0
    for _ in range(80):
        k = (low + high) / 2
        if cusum_run_length(k, cusum_limit(k, in_control), 2 * k) > out_of_control:
            low = k
        else:
            high = k
    k = (low + high) / 2
    return k, cusum_limit(k, in_control)


def cusum_limit(k: float, in_control: float) -> float:
    """The h with which a one-sided CUSUM runs so long on average without a shift."""
    low, high = 1e-6, 1.0
    while cusum_run_length(k, high, 0.0) < in_control:
        low, high = high, high * 2
        if high > WIDEST:
            raise ValueError("no limit gives such a run length")
    for _ in range(80):
        middle = (low + high) / 2
        if cusum_run_length(k, middle, 0.0) < in_control:
            low = middle
        else:
            high = middle
    return (low + high) / 2


# -- capability --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ratio:
    """A capability with its confidence limits."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Capability:
    """Cp and Cpk from the sigma within subgroups, Pp and Ppk from that of all values; Cp and Pp need both limits."""

    cp: Ratio | None
    cpk: Ratio
    pp: Ratio | None
    ppk: Ratio
    mean: float
    sigma_within: float
    sigma_overall: float


def capability(
    values: Floats,
    *,
    sigma_within: float,
    within_freedom: int,
    lower: float | None,
    upper: float | None,
    confidence: float = 0.95,
) -> Capability:
    """Capability against one or both limits of the specification.

    ``within_freedom``: degrees of freedom of ``sigma_within``. Cp: chi square; Cpk: Bissell 1990. Raises ValueError
    without limits, where they are the wrong way round, or nothing varies.
    """
    if lower is None and upper is None:
        raise ValueError("a specification has at least one limit")
    if lower is not None and upper is not None and not lower < upper:
        raise ValueError("the lower limit lies below the upper one")
    if np.ptp(values) == 0 or not sigma_within > 0:
        raise ValueError("values that do not vary have no capability")
    mean, overall = float(values.mean()), float(values.std(ddof=1))
    if not overall > 0:
        raise ValueError("values that do not vary have no capability")
    cp, cpk = _ratios(mean, sigma_within, within_freedom, len(values), lower, upper, confidence)
    pp, ppk = _ratios(mean, overall, len(values) - 1, len(values), lower, upper, confidence)
    return Capability(cp, cpk, pp, ppk, mean, sigma_within, overall)


def _ratios(
    mean: float, sigma: float, freedom: int, n: int, lower: float | None, upper: float | None, confidence: float
) -> tuple[Ratio | None, Ratio]:
    tail = (1 - confidence) / 2
    wide = None
    if lower is not None and upper is not None:
        ratio = (upper - lower) / (6 * sigma)
        low, high = (2 * float(special().gammaincinv(freedom / 2, q)) / freedom for q in (tail, 1 - tail))
        wide = Ratio(ratio, ratio * math.sqrt(low), ratio * math.sqrt(high))
    sides = [(upper - mean) / (3 * sigma)] if upper is not None else []
    sides += [(mean - lower) / (3 * sigma)] if lower is not None else []
    nearest = min(sides)
    error = float(special().ndtri(1 - tail)) * math.sqrt(1 / (9 * n) + nearest**2 / (2 * freedom))
    return wide, Ratio(nearest, nearest - error, nearest + error)
