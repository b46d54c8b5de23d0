"""Does a rating foretell anything? Measures of a score against what happened afterwards, with bootstrap intervals.

Pure NumPy over arrays of equal length: ``risk`` (higher is worse), ``failed`` (0 or 1). Beside a rating stand the naive
rule "the last result" and a logistic regression on the same facts, so that a rating that foretells no more says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
# Fewer than so many failures, or passes, tell nothing.
LEAST = 20
_RESAMPLED = 500


@dataclass(frozen=True)
class WithInterval:
    """A measure with its interval (95 %, bootstrap over enterprises)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class BandOutcome:
    """Of a grade: how many enterprises, how many failed, and how their share stands to that of all (lift)."""

    band: str
    enterprises: int
    failed: int
    lift: float


@dataclass(frozen=True)
class Backtested:
    """A rating beside the naive rule and the regression, by the area under the curve; ``better``: the difference to the
    naive rule with its interval. ``levels``: of a risk list, the same as ``bands`` by its levels of likelihood.
    ``calibration``: by fifths of the risk, the lowest first: mean risk, share that failed, enterprises. ``verdict``:
    ``better``, ``no_better`` or ``too_few``.
    """

    enterprises: int
    failed: int
    rating: WithInterval
    naive: WithInterval
    regression: WithInterval
    better: WithInterval
    bands: tuple[BandOutcome, ...]
    levels: tuple[BandOutcome, ...]
    calibration: tuple[tuple[float, float, int], ...]
    verdict: str


def area_under_curve(risk: Numbers, failed: Numbers) -> float:
    """The chance that one that failed had the higher risk than one that did not; ties count half. nan without both."""
    ones = int(failed.sum())
    zeros = len(failed) - ones
    if not ones or not zeros:
        return float("nan")
    values, inverse, counts = np.unique(risk, return_inverse=True, return_counts=True)
    del values
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[inverse]
    return float((ranks[failed > 0].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def logistic(features: Numbers, failed: Numbers, *, ridge: float = 1e-3, rounds: int = 50) -> Numbers:
    """Coefficients (the constant first) of a logistic regression by iteratively reweighted least squares; a little
    ridge keeps them finite where a feature tells the outcome apart.
    """
    design = np.column_stack([np.ones(len(features)), features])
    found = np.zeros(design.shape[1])
    penalty = ridge * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    for _ in range(rounds):
        chance = chances(features, found)
        weight = np.maximum(chance * (1 - chance), 1e-9)
        step = np.linalg.solve(
            design.T @ (design * weight[:, None]) + penalty, design.T @ (failed - chance) - penalty @ found
        )
        found = found + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return found


def chances(features: Numbers, coefficients: Numbers) -> Numbers:
    """The chance of failing that a regression gives."""
    linear = coefficients[0] + features @ coefficients[1:]
    return np.asarray(1 / (1 + np.exp(-np.clip(linear, -30, 30))))


def out_of_fold(features: Numbers, failed: Numbers, *, folds: int = 5, seed: int = 0) -> Numbers:
    """The regression's chance of each by the others alone: fitted on the other folds."""
    fold = np.random.default_rng(seed).permutation(len(failed)) % folds
    found = np.zeros(len(failed))
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    for each in range(folds):
        others = fold != each
        found[~others] = chances(scaled[~others], logistic(scaled[others], failed[others]))
    return found


def backtested(
    risk: Sequence[float],
    naive: Sequence[float],
    features: Sequence[Sequence[float]],
    failed: Sequence[int],
    bands: Sequence[str],
    order: Sequence[str],
    levels: Sequence[str] = (),
    level_order: Sequence[str] = (),
    *,
    seed: int = 0,
) -> Backtested:
    """Measure a rating; ``bands`` is the grade of each, ``order`` the grades as they are listed. ``levels`` and
    ``level_order``: the same of an axis of a matrix.
    """
    outcome = np.asarray(failed, dtype=np.float64)
    scores = [np.asarray(risk, dtype=np.float64), np.asarray(naive, dtype=np.float64)]
    few = min(outcome.sum(), len(outcome) - outcome.sum()) < LEAST
    facts = np.asarray(features, dtype=np.float64).reshape(len(outcome), len(features[0]) if len(features) else 0)
    scores.append(np.zeros(len(outcome)) if few else out_of_fold(facts, outcome, seed=seed))
    values = [area_under_curve(each, outcome) for each in scores]
    drawn = _resampled(scores, outcome, seed) if not few else np.full((1, 3), np.nan)
    measured = [_with_interval(value, drawn[:, at]) for at, value in enumerate(values)]
    better = _with_interval(values[0] - values[1], drawn[:, 0] - drawn[:, 1])
    verdict = "too_few" if few else "better" if better.low > 0 else "no_better"
    rating, by_rule, regression = measured
    return Backtested(
        enterprises=len(outcome),
        failed=int(outcome.sum()),
        rating=rating,
        naive=by_rule,
        regression=regression,
        better=better,
        bands=_outcomes(bands, order, outcome),
        levels=_outcomes(levels, level_order, outcome) if level_order else (),
        calibration=_calibration(scores[0], outcome),
        verdict=verdict,
    )


def _outcomes(groups: Sequence[str], order: Sequence[str], outcome: Numbers) -> tuple[BandOutcome, ...]:
    """What became of each group, in the order in which they are listed; empty ones are left out."""
    of, share = np.asarray(groups), outcome.mean() if len(outcome) else float("nan")
    return tuple(
        BandOutcome(
            group,
            int(mine.sum()),
            int(outcome[mine].sum()),
            float(outcome[mine].mean() / share) if share > 0 else float("nan"),
        )
        for group in order
        if (mine := of == group).any()
    )


def _resampled(scores: Sequence[Numbers], outcome: Numbers, seed: int) -> Any:
    chosen = np.random.default_rng(seed + 1)
    rows = []
    for _ in range(_RESAMPLED):
        at = chosen.integers(0, len(outcome), len(outcome))
        rows.append([area_under_curve(each[at], outcome[at]) for each in scores])
    return np.asarray(rows)


def _with_interval(value: float, drawn: Any) -> WithInterval:
    known = drawn[~np.isnan(drawn)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (float("nan"), float("nan"))
    return WithInterval(value, float(low), float(high))


def _calibration(risk: Numbers, outcome: Numbers, groups: int = 5) -> tuple[tuple[float, float, int], ...]:
    """By fifths of the risk, the lowest first: mean risk, share that failed, enterprises."""
    order = np.argsort(risk, kind="stable")
    return tuple(
        (float(risk[some].mean()), float(outcome[some].mean()), len(some))
        for some in np.array_split(order, groups)
        if len(some)
    )
