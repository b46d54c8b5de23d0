"""A log-linear regression of one series on time and the season: what a control chart expects without an outbreak.

Fitted by iteratively reweighted least squares as in ``regression``, for the Poisson distribution or a negative binomial
one with known dispersion (variance mean + dispersion x mean^2).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.regression import ROUNDS, TOLERANCE


def harmonics(time: Floats, frequency: float, waves: int, *, trend: bool) -> Floats:
    """The columns of the regression: one, time (with a trend), sine and cosine of each wave a year."""
    columns = [np.ones_like(time)] + ([time] if trend else [])
    for wave in range(1, waves + 1):
        angle = 2 * np.pi / frequency * wave * time
        columns += [np.cos(angle), np.sin(angle)]
    return np.column_stack(columns)


def fit_means(
    counts: Floats, columns: Floats, dispersion: float = 0.0, start: Floats | None = None
) -> tuple[Floats, bool] | None:
    """The coefficients, and whether the fit converged; None where it runs away."""
    y = counts
    if start is None:
        mean = y + 0.1 if dispersion == 0 else y + (y == 0) / 6
    else:
        mean = start.copy()
    predictor = np.log(mean)
    deviance = _deviance(y, mean, dispersion)
    for _ in range(ROUNDS):
        weight = np.sqrt(mean / (1 + dispersion * mean))
        working = predictor + (y - mean) / mean
        coefficients: Floats = np.linalg.lstsq(columns * weight[:, None], working * weight, rcond=None)[0]
        predictor = columns @ coefficients
        with np.errstate(over="ignore"):
            mean = np.maximum(np.exp(predictor), np.finfo(np.float64).eps)
        before, deviance = deviance, _deviance(y, mean, dispersion)
        if not np.isfinite(deviance):
            return None
        if abs(deviance - before) / (abs(deviance) + 0.1) < TOLERANCE:
            return coefficients, True
    return coefficients, False


def _deviance(y: Floats, mean: Floats, dispersion: float) -> float:
    own = special.xlogy(y, y / mean)
    if dispersion == 0:
        return float(2 * (own - (y - mean)).sum())
    size = 1 / dispersion
    return float(2 * (own - (y + size) * np.log((y + size) / (mean + size))).sum())


def fit_dispersed(counts: Floats, columns: Floats) -> tuple[Floats, float] | None:
    """Coefficients and dispersion of a negative binomial regression, both by maximum likelihood (alternating, as
    Venables and Ripley 2002, 7.4); None where it does not converge.
    """
    first = fit_means(counts, columns)
    if first is None:
        return None
    coefficients = first[0]
    mean = np.exp(columns @ coefficients)
    size = _size(counts, mean)
    likelihood = _likelihood(size, mean, counts)
    scale = np.sqrt(2 * max(1, counts.size - columns.shape[1]))
    before, moved = likelihood + 2 * scale, 1.0
    for _ in range(ROUNDS):
        if abs(before - likelihood) / scale + abs(moved) <= 1e-14:
            return coefficients, 1 / size
        found = fit_means(counts, columns, 1 / size, start=mean)
        if found is None:
            return None
        coefficients = found[0]
        mean = np.exp(columns @ coefficients)
        new = _size(counts, mean)
        moved, size = size - new, new
        before, likelihood = likelihood, _likelihood(size, mean, counts)
    return coefficients, 1 / size


def _likelihood(size: float, mean: Floats, y: Floats) -> float:
    return float(
        (
            special.gammaln(size + y)
            - special.gammaln(size)
            - special.gammaln(y + 1)
            + size * np.log(size)
            + special.xlogy(y, mean)
            - (size + y) * np.log(size + mean)
        ).sum()
    )


def _size(y: Floats, mean: Floats) -> float:
    """The size (1 / dispersion) of greatest likelihood given the means, by Newton's method from the moments."""
    size = y.size / float(((y / mean - 1) ** 2).sum())
    for _ in range(50):
        size = abs(size)
        score = float(
            (
                special.digamma(size + y)
                - special.digamma(size)
                + np.log(size)
                + 1
                - np.log(size + mean)
                - (y + size) / (mean + size)
            ).sum()
        )
        information = float(
            (
                -special.polygamma(1, size + y)
                + special.polygamma(1, size)
                - 1 / size
                + 2 / (mean + size)
                - (y + size) / (mean + size) ** 2
            ).sum()
        )
        step = score / information
        size += step
        if abs(step) < np.finfo(np.float64).eps ** 0.25:
            break
    return max(size, 1e-8)
