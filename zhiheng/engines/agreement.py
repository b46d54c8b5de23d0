"""How far judges agree: the six intraclass correlations of Shrout and Fleiss (1979), with F tests and limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from zhiheng.engines.acceptance import special


class IntraclassForm(StrEnum):
    """One judge each (1), random judges who all judge all (2), these very judges (3); k: of the mean of all judges."""

    ICC1 = "ICC1"
    ICC2 = "ICC2"
    ICC3 = "ICC3"
    ICC1K = "ICC1k"
    ICC2K = "ICC2k"
    ICC3K = "ICC3k"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A correlation, the F test that it is zero, and its confidence limits."""

    value: float
    f: float
    freedom: tuple[int, int]
    p: float
    lower: float
    upper: float


def intraclass(scores: npt.NDArray[np.float64], *, confidence: float = 0.95) -> dict[IntraclassForm, Agreement]:
    """The six forms for a table of scores: rows are what was judged, columns the judges.

    Raises ValueError for less than two rows or columns, for a missing score, and where no row differs from another or
    no score from what row and judge explain: nothing can be said then.
    """
    x = np.asarray(scores, dtype=float)
    if x.ndim != 2 or min(x.shape) < 2 or not np.all(np.isfinite(x)):
        raise ValueError("a whole table of at least two rows and two judges")
    n, k = x.shape
    total = float(((x - x.mean()) ** 2).sum())
    rows = float(k * ((x.mean(axis=1) - x.mean()) ** 2).sum())
    columns = float(n * ((x.mean(axis=0) - x.mean()) ** 2).sum())
    within, rest = (total - rows) / (n * (k - 1)), (total - rows - columns) / ((n - 1) * (k - 1))
    between, judges = rows / (n - 1), columns / (k - 1)
    if rest <= 1e-12 * max(total, 1e-300):
        raise ValueError("the scores leave nothing over: too few, or all judges alike")
    tail = (1 - confidence) / 2

    def quantile(q: float, a: float, b: float) -> float:
        return float(special().fdtri(a, b, q))

    def told(value: float, f: float, freedom: tuple[int, int], lower: float, upper: float) -> Agreement:
        return Agreement(value, f, freedom, float(special().fdtrc(*freedom, f)), lower, upper)

    one, two = (n - 1, n * (k - 1)), (n - 1, (n - 1) * (k - 1))
    f1, f3 = between / within, between / rest
    low1, high1 = f1 / quantile(1 - tail, *one), f1 * quantile(1 - tail, one[1], one[0])
    low3, high3 = f3 / quantile(1 - tail, *two), f3 * quantile(1 - tail, two[1], two[0])
    icc2 = (between - rest) / (between + (k - 1) * rest + k * (judges - rest) / n)
    # Shrout and Fleiss, the approximation of Satterthwaite for judges drawn at random.
    fj = judges / rest
    top: float = (n - 1) * (k - 1) * (k * icc2 * fj + n * (1 + (k - 1) * icc2) - k * icc2) ** 2
    bottom = (n - 1) * k**2 * icc2**2 * fj**2 + (n * (1 + (k - 1) * icc2) - k * icc2) ** 2
    v = top / bottom
    upper_f, lower_f = quantile(1 - tail, n - 1, v), quantile(1 - tail, v, n - 1)
    both = k * judges + (k * n - k - n) * rest
    low2 = n * (between - upper_f * rest) / (upper_f * both + n * between)
    high2 = n * (lower_f * between - rest) / (both + n * lower_f * between)

    def of_mean(r: float) -> float:
        """Spearman and Brown."""
        return float(r * k / (1 + r * (k - 1)))

    return {
        IntraclassForm.ICC1: told(
            (between - within) / (between + (k - 1) * within),
            f1,
            one,
            (low1 - 1) / (low1 + k - 1),
            (high1 - 1) / (high1 + k - 1),
        ),
        IntraclassForm.ICC2: told(icc2, f3, two, low2, high2),
        IntraclassForm.ICC3: told(
            (between - rest) / (between + (k - 1) * rest),
            f3,
            two,
            (low3 - 1) / (low3 + k - 1),
            (high3 - 1) / (high3 + k - 1),
        ),
        IntraclassForm.ICC1K: told(1 - 1 / f1, f1, one, 1 - 1 / low1, 1 - 1 / high1),
        IntraclassForm.ICC2K: told(
            (between - rest) / (between + (judges - rest) / n), f3, two, of_mean(low2), of_mean(high2)
        ),
        IntraclassForm.ICC3K: told(1 - 1 / f3, f3, two, 1 - 1 / low3, 1 - 1 / high3),
    }
