"""Densities of counts with all their digits, in lots of any size.

A difference of three logarithms of factorials of a thousand million has lost ten digits before it is a probability.
C. Loader, "Fast and accurate computation of binomial probabilities" (2000), writes the density as that of the mean,
where Stirling's error is small, and the deviance from it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Below this Stirling's error is looked up; from here on five terms of its series are exact to the last digit.
_TABLE = 16
_STIRLING = np.array(
    [0.0]
    + [
        math.log(math.factorial(n)) - ((n + 0.5) * math.log(n) - n + 0.5 * math.log(2 * math.pi))
        for n in range(1, _TABLE)
    ]
)
# Of the deviance near the mean: each term is a hundredth of the one before, at most.
_TERMS = 12
_LEAST_MEAN = 1e-250


def stirling_error(n: Floats) -> Floats:
    """log n! less Stirling's approximation of it, for whole ``n`` >= 1."""
    small = n < _TABLE
    looked_up = _STIRLING[np.where(small, n, 0).astype(int)]
    square = np.where(small, 1.0, n) ** 2
    series = 1 / 1680 - 1 / 1188 / square
    for term in (1 / 1260, 1 / 360, 1 / 12):
        series = term - series / square
    return np.asarray(np.where(small, looked_up, series / np.where(small, 1.0, n)), dtype=float)


def deviance(x: Floats, mean: Floats) -> Floats:
    """x log(x / mean) + mean - x for ``x``, ``mean`` > 0, by its series where the terms would cancel."""
    apart = x - mean
    near = np.abs(apart) < 0.1 * (x + mean)
    part = np.where(near, apart / (x + mean), 0.0)
    total, term = apart * part, 2 * x * part
    for j in range(1, _TERMS):
        term = term * part * part
        total = total + term / (2 * j + 1)
    # Of a mean next to nothing the ratio is more than a number holds.
    held = mean > _LEAST_MEAN
    logs = np.where(held, np.log(x / np.where(held, mean, 1.0)), np.log(x) - np.log(mean))
    return np.asarray(np.where(near, total, x * logs - apart), dtype=float)


def binomial_density(x: ArrayLike, n: ArrayLike, p: ArrayLike, q: ArrayLike) -> Floats:
    """Probability of ``x`` among ``n`` where each is one with ``p``, and none with ``q`` = 1 - p; 0 where x is no count
    of n.
    """
    found, of, chance, other = (np.asarray(each, dtype=float) for each in np.broadcast_arrays(x, n, p, q))
    within = (found > 0) & (found < of) & (chance > 0) & (other > 0)
    x_, n_ = np.where(within, found, 1.0), np.where(within, of, 2.0)
    p_, q_ = np.where(within, chance, 0.5), np.where(within, other, 0.5)
    logs = stirling_error(n_) - stirling_error(x_) - stirling_error(n_ - x_)
    logs = logs - deviance(x_, n_ * p_) - deviance(n_ - x_, n_ * q_)
    inside = np.exp(logs) * np.sqrt(n_ / (2 * math.pi * x_ * (n_ - x_)))
    # All or none: a power, by the smaller of the two chances. Nought to the nought is one.
    none, every = (found == 0) & (of >= 0), (found == of) & (of > 0)
    edge = np.where(none, _power(other, chance, of), np.where(every, _power(chance, other, of), 0.0))
    return np.asarray(np.where(within, inside, edge), dtype=float)


def hypergeometric_density(x: Floats | float, bad: Floats, good: Floats, n: float) -> Floats:
    """Probability of ``x`` bad ones in a sample of ``n`` out of ``bad`` and ``good`` ones; 0 where that can't be."""
    lot = bad + good
    p, q = n / lot, (lot - n) / lot
    found = np.asarray(x, dtype=float)
    possible = (found >= 0) & (found <= n) & (bad >= found) & (good >= n - found) & (n <= lot)
    whole = np.where(possible, binomial_density(np.float64(n), lot, p, q), 1.0)
    parts = binomial_density(found, bad, p, q) * binomial_density(n - found, good, p, q)
    return np.asarray(np.where(possible, parts / whole, 0.0), dtype=float)


def _power(chance: Floats, other: Floats, n: Floats) -> Floats:
    """``chance`` to the n-th, where ``other`` is one less it."""
    sure = chance <= 0
    logs = np.where(other < 0.5, np.log1p(-np.where(other < 0.5, other, 0.0)), np.log(np.where(sure, 1.0, chance)))
    # Of fewer than none nothing is asked.
    power = np.exp(np.maximum(n, 0.0) * np.where(sure, 0.0, logs))
    return np.asarray(np.where(sure & (n > 0), 0.0, power), dtype=float)
