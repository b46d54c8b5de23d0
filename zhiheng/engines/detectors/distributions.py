"""Quantiles and tails of the distributions that detectors need, batched: normal, Student, Poisson, negative binomial.

The tails are SciPy's; what is added is the search for a quantile of a discrete distribution, which SciPy's own
``ppf`` does for one parametrisation at a time and many times slower.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

# A quantile is the smallest x with P(X <= x) >= p; tails that differ from p by rounding alone count as equal.
ROUNDING = 64 * np.finfo(np.float64).eps
# Above this size a negative binomial is a Poisson distribution to ten digits, and its tail loses digits.
NEARLY_POISSON = 1e10
# Whole numbers above this are not told apart.
LARGEST_WHOLE = 2.0**53


def normal_quantile(probability: float) -> float:
    """The standard normal quantile (Wichura 1988, as in Python's own library)."""
    return NormalDist().inv_cdf(probability)


def student_two_sided(statistic: Floats, degrees: Floats) -> Floats:
    """P(|T| >= |statistic|) under Student's distribution; NaN where there are no degrees of freedom."""
    with np.errstate(invalid="ignore"):
        tail: Floats = 2.0 * special.stdtr(degrees, -np.abs(statistic))
    return np.where(degrees > 0, tail, np.nan)


def poisson_cdf(x: Floats, mean: Floats) -> Floats:
    """P(X <= x), x whole; 0 below zero."""
    result: Floats = np.where(x < 0, 0.0, special.pdtr(np.maximum(x, 0.0), mean))
    return result


def negative_binomial_cdf(x: Floats, size: Floats, probability: Floats) -> Floats:
    """P(X <= x) of the number of failures before ``size`` (real) successes of the given probability."""
    result: Floats = np.where(x < 0, 0.0, special.betainc(size, np.maximum(x, 0.0) + 1.0, probability))
    return result


def negative_binomial_quantile(p: float, size: Floats, probability: Floats) -> Floats:
    """The smallest whole x with P(X <= x) >= p; NaN where the parameters are.

    A probability of 1, or a size of 0, is the point mass at zero.
    """
    shape = np.broadcast(size, probability).shape
    size, probability = (np.broadcast_to(np.asarray(a, dtype=np.float64), shape).ravel() for a in (size, probability))
    result = np.full(size.shape, np.nan)
    known = np.isfinite(size) & np.isfinite(probability) & (size >= 0) & (probability > 0) & (probability <= 1)
    point = known & ((probability >= 1) | (size <= 0))
    result[point] = 0.0
    even = known & ~point & (size > NEARLY_POISSON)
    result[even] = poisson_quantile(p, (size * (1 - probability) / probability)[even])
    open_ = np.flatnonzero(known & ~point & ~even)
    if open_.size:
        s, q = size[open_], probability[open_]
        mean = s * (1 - q) / q
        deviation = np.sqrt(mean / q)
        skewness = (2 - q) / np.sqrt(s * (1 - q))
        start = _cornish_fisher(p, mean, deviation, skewness)
        result[open_] = _search(p, start, deviation, lambda x, i: negative_binomial_cdf(x, s[i], q[i]))
    return result.reshape(shape)


def poisson_quantile(p: float, mean: Floats) -> Floats:
    """The smallest whole x with P(X <= x) >= p; NaN where the mean is."""
    mean = np.asarray(mean, dtype=np.float64)
    flat = mean.ravel()
    result = np.full(flat.shape, np.nan)
    result[flat == 0] = 0.0
    open_ = np.flatnonzero(np.isfinite(flat) & (flat > 0))
    if open_.size:
        m = flat[open_]
        deviation = np.sqrt(m)
        start = _cornish_fisher(p, m, deviation, 1 / deviation)
        result[open_] = _search(p, start, deviation, lambda x, i: poisson_cdf(x, m[i]))
    return result.reshape(mean.shape)


def _cornish_fisher(p: float, mean: Floats, deviation: Floats, skewness: Floats) -> Floats:
    """A first guess at a quantile from three moments, whole and not below zero."""
    z = normal_quantile(p)
    return np.maximum(0.0, np.floor(mean + deviation * (z + skewness * (z * z - 1) / 6) + 0.5))


def _search(p: float, start: Floats, deviation: Floats, cdf: object) -> Floats:
    """From a first guess to the quantile: bracket by growing steps, then halve the bracket; infinite where it is above
    what can be told apart.

    ``cdf(x, i)`` gives P(X <= x) for the elements of the index array ``i``.
    """
    assert callable(cdf)
    target = p * (1 - ROUNDING)
    if (start >= LARGEST_WHOLE).any():
        # Wholes are not told apart there: the first guess is as good as any.
        result = start.copy()
        small = np.flatnonzero(start < LARGEST_WHOLE)
        result[small] = _search(p, start[small], deviation[small], lambda x, i: cdf(x, small[i]))
        return result
    everything = np.arange(start.size)
    reached = cdf(start, everything) >= target
    # Invariant: cdf(low) < target <= cdf(high); -1 stands for 'below all values'.
    high = np.where(reached, start, np.nan)
    low = np.where(reached, np.nan, start)
    step = np.maximum(1.0, np.floor(deviation / 16))
    todo = everything
    while todo.size:
        down = np.isnan(low[todo])
        probe = np.where(down, high[todo] - step[todo], low[todo] + step[todo])
        probe = np.maximum(probe, -1.0)
        inside = cdf(probe, todo) >= target
        high[todo] = np.where(inside, probe, high[todo])
        low[todo] = np.where(inside, low[todo], probe)
        step[todo] *= 2
        todo = todo[(np.isnan(low[todo]) | np.isnan(high[todo])) & (step[todo] < LARGEST_WHOLE)]
    todo = np.flatnonzero(high - low > 1)
    while todo.size:
        middle = np.floor((low[todo] + high[todo]) / 2)
        inside = cdf(middle, todo) >= target
        high[todo] = np.where(inside, middle, high[todo])
        low[todo] = np.where(inside, low[todo], middle)
        todo = todo[high[todo] - low[todo] > 1]
    return np.where(np.isnan(high), np.inf, high)
