"""The regressions of ``farrington_flexible`` as machine code, series by series on all processors (extra ``compiled``).

The same steps as ``regression`` and ``fit_models`` in NumPy, which stay the reference: both agree to rounding. The
first call compiles, and keeps the code beside this file.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.regression import LOG_SMALLEST_MEAN, ROUNDS, SMALLEST_MEAN, TOLERANCE, Design

numba: Any = importlib.import_module("numba") if importlib.util.find_spec("numba") else None

Function = TypeVar("Function", bound=Callable[..., Any])
AVAILABLE = numba is not None


# Of the whole counts 0 to 4095: the logarithm of count + 0.1, and count x log(count) - count. Most counts are small,
# and a logarithm costs as much as everything else that is done with a count in a round.
_WHOLE = np.arange(4096, dtype=np.float64)
_LOGS: Floats = np.stack((np.log(_WHOLE + 0.1), special.xlogy(_WHOLE, _WHOLE) - _WHOLE))


# Powers of a trend on a grid of times: so many places in a row, so many places at most, and so steep at most from the
# first to the last, that nothing overflows and that they are as good as powers one by one (15 digits).
_BITS = 4
_ROW = 1 << _BITS
_LONGEST = 4096
_STEEPEST = 50.0


def _kernel(**options: Any) -> Callable[[Function], Function]:
    """Compile where the compiler is there, else leave the function as it is."""

    def compile_(function: Function) -> Function:
        if numba is None:
            return function
        compiled: Function = numba.njit(cache=True, error_model="numpy", **options)(function)
        return compiled

    return compile_


@_kernel()
def _fit(
    y: Any,
    prior: Any,
    fixed: Any,
    time: Any,
    group: Any,
    groups: int,
    trend: bool,
    offset: Any,
    at: int,
    now: float,
    mean: Any,
    eta: Any,
    sums: Any,
    lever: Any,
    result: Any,
    start: Any,
    first: float,
    unit: float,
    place: Any,
    rises: Any,
) -> bool:
    """Fit one series from ``start``, the logarithms of counts + 0.1; ``mean`` and ``lever`` are left at the end of the
    last round, ``result`` is spread x degrees, scale x degrees, level, its unit, slope, its unit. Returns whether it
    converged. ``time`` is ``first + unit * place`` where ``rises`` (room for powers) has a size.
    """
    n = y.size
    deviance = 0.0
    for i in range(n):
        mean[i] = y[i] + 0.1
        eta[i] = start[i]
        if prior[i] > 0:
            deviance += 2 * prior[i] * (fixed[i] - y[i] * eta[i] + mean[i])
    converged = False
    square, slope = 1.0, 0.0
    for _ in range(ROUNDS):
        sums[:] = 0.0
        for i in range(n):
            if prior[i] > 0:
                g = group[i]
                w = prior[i] * mean[i]
                lever[i] = w
                eta[i] = (y[i] - mean[i]) / mean[i] + eta[i] - offset[i]
                sums[0, g] += w
                sums[1, g] += w * eta[i]
                sums[2, g] += w * time[i]
        for g in range(groups):
            sums[1, g] /= sums[0, g]
            sums[2, g] /= sums[0, g]
        if trend:
            square, pulled = 0.0, 0.0
            for i in range(n):
                if prior[i] > 0:
                    apart = time[i] - sums[2, group[i]]
                    square += lever[i] * apart * apart
                    pulled += lever[i] * apart * eta[i]
            slope = pulled / square
        before = deviance
        deviance = 0.0
        # On a grid of times a trend needs few powers: of each group's level, of whole rows and of places in a row.
        grid = trend and rises.size > 0 and abs(slope) * (rises.size - _ROW) * _ROW * unit < _STEEPEST
        for g in range(groups):
            level = sums[1, g] - slope * (sums[2, g] - first) if grid else sums[1, g]
            sums[3, g] = np.exp(level) if grid else max(np.exp(level), SMALLEST_MEAN)
        if grid:
            for k in range(_ROW):
                rises[k] = np.exp(slope * unit * k)
            for k in range(_ROW, rises.size):
                rises[k] = np.exp(slope * unit * _ROW * (k - _ROW))
        for i in range(n):
            if prior[i] > 0:
                g = group[i]
                eta[i] = sums[1, g] + offset[i]
                if trend:
                    eta[i] += slope * (time[i] - sums[2, g])
                    if grid and offset[i] == 0.0:
                        rise = rises[_ROW + (place[i] >> _BITS)] * rises[place[i] & (_ROW - 1)]
                        mean[i] = max(sums[3, g] * rise, SMALLEST_MEAN)
                    else:
                        mean[i] = max(np.exp(eta[i]), SMALLEST_MEAN)
                elif offset[i] != 0.0:
                    mean[i] = max(np.exp(eta[i]), SMALLEST_MEAN)
                else:
                    mean[i] = sums[3, g]
                deviance += 2 * prior[i] * (fixed[i] - y[i] * max(eta[i], LOG_SMALLEST_MEAN) + mean[i])
        if not np.isfinite(deviance):
            break
        if abs(deviance - before) / (abs(deviance) + 0.1) < TOLERANCE:
            converged = True
            break
    spread, scale = 0.0, 0.0
    for i in range(n):
        if prior[i] > 0:
            g = group[i]
            error = (y[i] - mean[i]) / mean[i]
            spread += lever[i] * error * error
            scale += prior[i] * error * error
            unit = 1 / sums[0, g]
            if trend:
                unit += (time[i] - sums[2, g]) ** 2 / square
            lever[i] *= unit
    result[0], result[1] = spread, scale
    result[2], result[3] = sums[1, at], 1 / sums[0, at]
    result[4], result[5] = np.nan, np.nan
    if trend:
        ahead = now - sums[2, at]
        result[2] += slope * ahead
        result[3] += ahead * ahead / square
        result[4], result[5] = slope, 1 / square
    return converged


@_kernel()
def _weigh(y: Any, known: Any, mean: Any, lever: Any, dispersion: float, threshold: float, prior: Any) -> None:
    """The weights that bring past outbreaks down, into ``prior``."""
    n, many, total = y.size, 0, 0.0
    for i in range(n):
        prior[i] = 0.0
        if known[i]:
            many += 1
            prior[i] = 1.0
            scale = dispersion * (1 - lever[i])
            apart = y[i] - mean[i]
            if apart > 0 and apart * apart > threshold * threshold * (1 - 1e-9) * mean[i] * scale:
                root = np.sqrt(mean[i])
                residual = 1.5 * (np.cbrt(y[i]) ** 2 / np.sqrt(np.cbrt(mean[i])) - root) / np.sqrt(scale)
                if residual > threshold:
                    prior[i] = residual**-2
            total += prior[i]
    for i in range(n):
        prior[i] *= many / total


@_kernel(parallel=True)
def _models(
    past: Any,
    time: Any,
    group: Any,
    groups: int,
    at: int,
    now: Any,
    offset: Any,
    with_offset: bool,
    offset_now: Any,
    with_trend: bool,
    reweight: bool,
    threshold: float,
    critical: Any,
    original: bool,
    logs: Any,
    first: float,
    unit: float,
    place: Any,
    rows: int,
    blocks: int,
    out: Any,
) -> None:
    """All series, in so many blocks; ``out`` is series x (stated, mean, error, dispersion, slope, level, error of the
    level). ``logs``: see ``_LOGS``.
    """
    many, n = past.shape
    for block in numba.prange(blocks):
        y, prior, fixed, start = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
        mean, eta, lever, own = np.empty(n), np.empty(n), np.empty(n), np.zeros(n)
        known = np.empty(n, np.bool_)
        sums, result, members = np.empty((4, groups)), np.empty(6), np.empty(groups)
        rises = np.empty(_ROW + rows if rows else 0)
        for row in range(block * many // blocks, (block + 1) * many // blocks):
            members[:] = 0.0
            highest, total = -1.0, 0
            for i in range(n):
                known[i] = not np.isnan(past[row, i])
                y[i] = past[row, i] if known[i] else 0.0
                if y[i] < logs.shape[1]:
                    whole = int(y[i])
                    start[i], fixed[i] = logs[0, whole], logs[1, whole]
                else:
                    start[i], fixed[i] = np.log(y[i] + 0.1), y[i] * np.log(y[i]) - y[i]
                if with_offset:
                    own[i] = offset[row, i]
                if known[i]:
                    members[group[i]] = 1.0
                    total += 1
                    highest = max(highest, y[i])
            for attempt in range(2):
                trend = attempt == 0
                if trend and not with_trend:
                    continue
                for i in range(n):
                    prior[i] = 1.0 if known[i] else 0.0
                degrees = total - members.sum() - (1.0 if trend else 0.0)
                fine, scale, dispersion = False, 0.0, 1.0
                for again in range(2 if reweight else 1):
                    if again:
                        _weigh(y, known, mean, lever, dispersion, threshold, prior)
                    converged = _fit(
                        y,
                        prior,
                        fixed,
                        time,
                        group,
                        groups,
                        trend,
                        own,
                        at,
                        now[row],
                        mean,
                        eta,
                        sums,
                        lever,
                        result,
                        start,
                        first,
                        unit,
                        place,
                        rises,
                    )
                    spread = result[0] / degrees
                    dispersion = max(1.0, spread)
                    # What counts is whether the first fit converged, and how far counts lie from the last one.
                    if not again:
                        fine, scale = converged, spread
                    elif original:
                        scale = spread
                    else:
                        scale = result[1] / degrees
                level = result[2] + offset_now[row]
                expected = max(np.exp(level), SMALLEST_MEAN)
                keep = fine
                if trend:
                    t = abs(result[4]) / np.sqrt(scale * result[5])
                    keep = keep and t > critical[int(degrees)] and expected <= highest
                if keep:
                    error = np.sqrt((dispersion if original else scale) * result[3])
                    out[row, 0] = 1.0
                    out[row, 1], out[row, 2], out[row, 3] = expected, expected * error, dispersion
                    out[row, 4], out[row, 5], out[row, 6] = result[4], level, error
                    break


def _grid(time: Floats) -> tuple[float, float, NDArray[np.int64]]:
    """The first time, the unit and the place of each time in units after it; a unit of 0 where no grid holds them."""
    first = float(time.min())
    after = time - first
    whole = after.astype(np.int64)
    unit = int(np.gcd.reduce(whole))
    if (whole != after).any() or not 0 < int(whole.max()) <= _LONGEST * unit:
        return first, 0.0, np.zeros(time.size, dtype=np.int64)
    return first, float(unit), whole // unit


def models(
    past: Floats,
    design: Design,
    now: Floats,
    offset: Floats | None,
    offset_now: Floats | None,
    *,
    trend: bool,
    reweight: bool,
    threshold: float,
    trend_level: float,
    original: bool,
) -> Floats:
    """Series x (stated, mean, error, dispersion, slope, level, error of the level); NaN where nothing is stated."""
    many, n = past.shape
    degrees = np.arange(n + 1, dtype=np.float64)
    with np.errstate(all="ignore"):
        # A slope holds where its p value is below the level: where the statistic is above this.
        critical = np.where(degrees > 0, special.stdtrit(degrees, 1 - min(trend_level, 1.0) / 2), np.inf)
    if trend_level > 1:
        critical = np.where(degrees > 0, -1.0, np.inf)
    out = np.full((many, 7), np.nan)
    out[:, 0] = 0.0
    nothing = np.zeros((1, 1))
    first, unit, place = _grid(design.time)
    _models(
        np.ascontiguousarray(past),
        design.time,
        design.group,
        design.groups,
        design.now,
        now,
        nothing if offset is None else offset,
        offset is not None,
        np.zeros(many) if offset_now is None else offset_now,
        trend,
        reweight,
        threshold,
        critical,
        original,
        _LOGS,
        first,
        unit,
        place,
        int(place.max()) // _ROW + 1 if unit else 0,
        # Enough for every processor to have its share, few enough that what each needs is not allocated all the time.
        min(many, 4 * int(numba.get_num_threads())),
        out,
    )
    return out
