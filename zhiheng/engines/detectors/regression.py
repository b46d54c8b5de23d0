"""Quasi-Poisson regression on a season group and a trend, for many series at once.

The model of a reference period is log(mean) = level of its group + slope x time (+ offset). It is fitted by
iteratively reweighted least squares as statistical programs do it (McCullagh and Nelder 1989): start at the counts +
0.1, stop when the deviance changes by less than 1e-8 of itself, give up after 25 rounds. With one level a group each
round is a closed form: no matrix is factored. Working weights, leverages and the sums behind standard errors are those
that *entered* the last round, the residuals are taken at the end of it; results are compared with reference programs
to nine digits, and full convergence would differ by more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.series import Bools, Weeks

ROUNDS = 25
TOLERANCE = 1e-8
SMALLEST_MEAN = float(np.finfo(np.float64).eps)
LOG_SMALLEST_MEAN = float(np.log(SMALLEST_MEAN))


@dataclass
class Design:
    """What is common to all series: the time and the season group of each reference period, and the group of now."""

    time: Floats
    group: Weeks
    groups: int
    now: int

    def __post_init__(self) -> None:
        self.member = (self.group[:, None] == np.arange(self.groups)).astype(np.float64)

    def sums(self, values: Floats) -> Floats:
        """Sums by group: series x groups."""
        if self.groups == 1:
            total: Floats = values.sum(axis=1, keepdims=True)
            return total
        grouped: Floats = values @ self.member
        return grouped

    def spread(self, by_group: Floats) -> Floats:
        """Values by group, at each reference period."""
        return by_group if self.groups == 1 else by_group[:, self.group]


@dataclass
class ModelFit:
    """The fit of each series.

    ``mean`` is the fitted mean of each reference period, ``leverage`` its leverage (both only where asked for).
    ``spread`` is the residual variance in terms of the mean (Pearson's, not cut at 1), ``degrees`` its degrees of
    freedom. ``scale`` is what variances of estimates are multiplied by: ``spread``, but after prior weights the sum of
    weight x relative error squared, as the reference program has it. ``level`` is the linear predictor now without
    offset, ``level_unit`` its variance per unit of ``scale``; ``slope`` and ``slope_unit`` the trend and its variance
    alike (NaN without a trend).
    """

    converged: Bools
    spread: Floats
    scale: Floats
    degrees: Floats
    level: Floats
    level_unit: Floats
    slope: Floats
    slope_unit: Floats
    mean: Floats | None
    leverage: Floats | None


def fit(
    counts: Floats,
    known: Bools,
    design: Design,
    *,
    trend: bool,
    now: Floats,
    offset: Floats | None = None,
    weights: Floats | None = None,
    residuals: bool = False,
) -> ModelFit:
    """Fit all series.

    ``counts`` is series x reference periods (whatever stands where ``known`` is false has no part); ``now`` the time
    of the period to predict for each series; ``offset`` the logarithm of the exposure; ``weights`` prior weights.
    """
    many, periods = counts.shape
    y = np.where(known, counts, 0.0)
    prior = known.astype(np.float64) if weights is None else np.where(known, weights, 0.0)
    complete = bool(known.all())
    plain = weights is None and complete
    members = design.sums(known.astype(np.float64))
    degrees = members.sum(axis=1) - (members > 0).sum(axis=1) - (1.0 if trend else 0.0)
    result = ModelFit(
        converged=np.zeros(many, dtype=np.bool_),
        spread=np.full(many, np.nan),
        scale=np.full(many, np.nan),
        degrees=degrees,
        level=np.full(many, np.nan),
        level_unit=np.full(many, np.nan),
        slope=np.full(many, np.nan),
        slope_unit=np.full(many, np.nan),
        mean=np.full((many, periods), np.nan) if residuals else None,
        leverage=np.full((many, periods), np.nan) if residuals else None,
    )
    index = np.arange(many)
    mean = y + 0.1
    predictor = np.log(mean)
    if offset is not None:
        offset = np.where(known, offset, 0.0)
    with np.errstate(all="ignore"):
        # Parts of the deviance that do not change: y log y - y.
        fixed = prior * (y * np.log(np.maximum(y, 1.0)) - y)
        constant = fixed.sum(axis=1)
        target = prior * y
        deviance = 2 * (constant - np.einsum("ij,ij->i", target, predictor) + np.einsum("ij,ij->i", prior, mean))
        for round_ in range(ROUNDS):
            weight = mean if plain else prior * mean
            working = (y - mean) / mean
            working += predictor
            if offset is not None:
                working -= offset
            total = design.sums(weight)
            average = design.sums(weight * working) / total
            if trend:
                centre = (weight @ (design.member * design.time[:, None])) / total
                apart = design.time - design.spread(centre)
                pull = weight * apart
                square = np.einsum("ij,ij->i", pull, apart)
                slope = np.einsum("ij,ij->i", pull, working) / square
                new = design.spread(average) + slope[:, None] * apart
            else:
                new = np.broadcast_to(design.spread(average), mean.shape)
            if offset is not None:
                new = new + offset
            if trend or offset is not None or design.groups > 1:
                after = np.maximum(np.exp(new), SMALLEST_MEAN)
            else:
                after = np.broadcast_to(np.maximum(np.exp(average), SMALLEST_MEAN), mean.shape)
            before = deviance
            deviance = 2 * (
                constant
                - np.einsum("ij,ij->i", target, np.maximum(new, LOG_SMALLEST_MEAN))
                + np.einsum("ij,ij->i", prior, after)
            )
            done = np.abs(deviance - before) / (np.abs(deviance) + 0.1) < TOLERANCE
            lost = ~np.isfinite(deviance)
            leave = done | lost | (round_ == ROUNDS - 1)
            if leave.any():
                rows = np.flatnonzero(leave)
                at = index[rows]
                result.converged[at] = done[rows]
                w, fitted = weight[rows], after[rows]
                error = (y[rows] - fitted) / fitted
                result.spread[at] = np.einsum("ij,ij,ij->i", w, error, error) / degrees[at]
                result.scale[at] = (
                    result.spread[at]
                    if weights is None
                    else np.einsum("ij,ij,ij->i", prior[rows], error, error) / degrees[at]
                )
                group_now = design.now
                result.level[at] = average[rows, group_now]
                result.level_unit[at] = 1 / total[rows, group_now]
                if trend:
                    ahead = now[at] - centre[rows, group_now]
                    result.level[at] += slope[rows] * ahead
                    result.level_unit[at] += ahead * ahead / square[rows]
                    result.slope[at] = slope[rows]
                    result.slope_unit[at] = 1 / square[rows]
                if result.mean is not None and result.leverage is not None:
                    result.mean[at] = fitted
                    lever = 1 / (total[rows] if design.groups == 1 else total[rows][:, design.group])
                    if trend:
                        lever = lever + apart[rows] ** 2 / square[rows][:, None]
                    result.leverage[at] = lever * w
            stay = np.flatnonzero(~leave)
            if stay.size == 0:
                break
            if stay.size < index.size:
                index = index[stay]
                y, prior, target, constant = y[stay], prior[stay], target[stay], constant[stay]
                mean, predictor, deviance = after[stay], new[stay], deviance[stay]
                offset = offset[stay] if offset is not None else None
            else:
                mean, predictor = after, new
    return result
