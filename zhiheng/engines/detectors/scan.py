"""Kulldorff's scan statistic: where (and since when) there are more cases than expected, over all circles at once.

Kulldorff (1997), Communications in Statistics - Theory and Methods 26, 1481-1496; Kulldorff (2001), J. R. Statist. Soc.
A 164, 61-72 (space and time). Circles grow around every place by its nearest neighbours up to a share of the
population; the cluster with the greatest Poisson likelihood ratio is the most likely one, those that do not overlap it
follow. Significance is by Monte Carlo: the rank among the greatest ratios of cases spread by expectation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.series import Bools
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class Place:
    """A place on a flat map (any unit): its cases, how many are expected, and its population."""

    x: float
    y: float
    cases: float
    expected: float
    population: float


@dataclass(frozen=True)
class ScanCluster:
    """Places (numbers from 0, nearest to the centre first) with more cases than expected.

    ``periods`` is how many of the last periods it lasts (0: no time). ``p_value`` is None without replicates.
    """

    members: tuple[int, ...]
    periods: int
    cases: float
    expected: float
    population: float
    log_ratio: float
    p_value: float | None

    @property
    def ratio(self) -> float | None:
        """Cases for each one expected; None where none is expected: it cannot be told."""
        return self.cases / self.expected if self.expected > 0 else None


def spatial_scan(
    places: Sequence[Place],
    *,
    largest_share: float = 0.5,
    replicates: int = 999,
    seed: int = 1,
    most: int = 10,
    whole_total: bool = False,
) -> list[ScanCluster]:
    """Clusters of places, the most likely first, each apart from those before it.

    ``largest_share`` of the population a cluster may hold; ``whole_total`` cuts the sum of all cases to a whole number,
    as the reference program does with cases that are parts. Raises Refused where nothing is expected.
    """
    cases = np.array([p.cases for p in places], dtype=np.float64)
    expected = np.array([p.expected for p in places], dtype=np.float64)
    return _scan(places, cases[:, None], expected[:, None], largest_share, 0, replicates, seed, most, whole_total)


def space_time_scan(
    places: Sequence[Place],
    cases: Floats,
    expected: Floats,
    *,
    largest_share: float = 0.5,
    longest: int = 4,
    replicates: int = 999,
    seed: int = 1,
    most: int = 10,
) -> list[ScanCluster]:
    """Living clusters: places x the last 1 to ``longest`` periods. ``cases`` and ``expected`` are places x periods."""
    check.whole("longest", longest, 1)
    cases, expected = np.asarray(cases, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if cases.shape != expected.shape or cases.ndim != 2 or cases.shape[0] != len(places):
        raise Refused(refusals.population_shape(expected.shape, cases.shape))
    if longest > cases.shape[1]:
        raise Refused(refusals.week_outside(longest, cases.shape[1]))
    return _scan(places, cases, expected, largest_share, longest, replicates, seed, most)


def _scan(
    places: Sequence[Place],
    cases: Floats,
    expected: Floats,
    share: float,
    longest: int,
    replicates: int,
    seed: int,
    most: int,
    whole_total: bool = False,
) -> list[ScanCluster]:
    if not (0 < share <= 1):
        raise Refused(refusals.option("largest_share", share, "大于 0、不大于 1 的数", "above 0, not above 1"))
    check.whole("replicates", replicates, 0)
    population = np.array([p.population for p in places], dtype=np.float64)
    total, all_expected = float(cases.sum()), float(expected.sum())
    values = np.concatenate((cases.ravel(), expected.ravel(), population))
    if len(places) == 0 or not np.isfinite(values).all() or (values < 0).any() or not all_expected > 0:
        raise Refused(
            refusals.option(
                "expected", all_expected, "各处非负、合计大于零的数", "not negative anywhere, above zero in all"
            )
        )
    # Expected counts are brought to the sum of the cases, as the statistic presumes.
    expected = expected * (total / all_expected) if total > 0 else expected
    if whole_total:
        total = float(np.floor(total))
    zones = _zones(places, population, share)
    spans = range(1, longest + 1) if longest else (0,)
    tails_c = [(cases[:, -span:] if span else cases).sum(axis=1) for span in spans]
    tails_e = [(expected[:, -span:] if span else expected).sum(axis=1) for span in spans]
    candidates: list[tuple[float, int, int]] = []
    for s, (c, e) in enumerate(zip(tails_c, tails_e, strict=True)):
        ratio = _log_ratio(_grow(c, zones), _grow(e, zones), total)
        for row, column in zip(*np.nonzero(ratio > 0), strict=True):
            candidates.append((float(ratio[row, column]), s, int(row) * ratio.shape[1] + int(column)))
    candidates.sort(key=lambda c: (-c[0], c[2], c[1]))
    chosen: list[tuple[float, int, tuple[int, ...]]] = []
    taken: set[int] = set()
    width = zones.order.shape[1]
    for value, s, at in candidates:
        if len(chosen) == most:
            break
        row, column = divmod(at, width)
        members = tuple(int(m) for m in zones.order[row, : column + 1])
        if taken.isdisjoint(members):
            chosen.append((value, s, members))
            taken.update(members)
    greatest = _replicated(expected, zones, list(spans), total, replicates, seed) if chosen else np.empty(0)
    return [
        ScanCluster(
            members,
            spans[s],
            float(tails_c[s][list(members)].sum()),
            float(tails_e[s][list(members)].sum()),
            float(population[list(members)].sum()),
            value,
            (1 + int((greatest >= value).sum())) / (1 + replicates) if replicates else None,
        )
        for value, s, members in chosen
    ]


@dataclass(frozen=True)
class _Zones:
    """Places by distance from each place, and which of the growing circles are allowed."""

    order: np.ndarray
    allowed: Bools


def _zones(places: Sequence[Place], population: Floats, share: float) -> _Zones:
    x, y = np.array([p.x for p in places]), np.array([p.y for p in places])
    distance = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    order = np.argsort(distance, axis=1, kind="stable")
    held = np.cumsum(population[order], axis=1)
    allowed = held <= share * population.sum()
    width = max(1, int(allowed.sum(axis=1).max(initial=1)))
    return _Zones(order[:, :width], allowed[:, :width])


def _grow(values: Floats, zones: _Zones) -> Floats:
    """Sums over each circle; NaN where it is too large."""
    return np.where(zones.allowed, np.cumsum(values[zones.order], axis=1), np.nan)


def _log_ratio(cases: Floats, expected: Floats, total: float) -> Floats:
    """The log likelihood ratio of a higher rate within; 0 where the rate is not higher."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(cases > 0, cases * np.log(cases / expected), 0.0)
        rest = total - cases
        outside = np.where(rest > 1e-12, rest * np.log(rest / (total - expected)), 0.0)
        result: Floats = np.where(cases > expected, inside + outside, 0.0)
    return result


def _replicated(expected: Floats, zones: _Zones, spans: list[int], total: float, replicates: int, seed: int) -> Floats:
    """The greatest ratio of each replicate: the same number of cases, spread by expectation."""
    random = np.random.default_rng(seed)
    share = (expected / expected.sum()).ravel()
    grown = [_grow((expected[:, -span:] if span else expected).sum(axis=1), zones) for span in spans]
    greatest = np.zeros(replicates)
    for i in range(replicates):
        drawn = random.multinomial(round(total), share).reshape(expected.shape).astype(np.float64)
        for span, e in zip(spans, grown, strict=True):
            c = _grow((drawn[:, -span:] if span else drawn).sum(axis=1), zones)
            greatest[i] = max(greatest[i], float(np.nanmax(_log_ratio(c, e, float(round(total))))))
    return greatest
