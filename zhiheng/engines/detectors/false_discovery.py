"""How many of many alarms are false: control of the false discovery rate over series that stand in a tree.

Benjamini and Hochberg (1995), J. R. Statist. Soc. B 57, 289-300, for one family of series; Yekutieli (2008), JASA 103,
309-316, for a tree (all goods > a category > a product; a city > its districts > their streets): a family of children
is looked at only where their parent alarms, each family by Benjamini and Hochberg at the same level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhiheng.engines.detectors import options as check
from zhiheng.engines.detectors import refusals
from zhiheng.engines.detectors.distributions import Floats
from zhiheng.engines.detectors.series import Bools
from zhiheng.kernel.reasons import Refused

TOP = -1


@dataclass(frozen=True)
class Discoveries:
    """Which series alarm, and what is known of the false ones among them.

    ``families`` is how many families were looked at. ``estimated_rate`` is the level the whole tree is held to, as
    estimated from the tree itself (level x (discoveries + families) / (discoveries + 1), at most 1); for a single
    family it is the level.
    """

    found: Bools
    level: float
    families: int
    estimated_rate: float

    def explained(self, parents: NDArray[np.int64]) -> dict[int, tuple[int, ...]]:
        """For each series that alarms and has children that do: those children, whose alarms explain its own."""
        children: dict[int, list[int]] = {}
        for node in np.flatnonzero(self.found):
            if parents[node] != TOP:
                children.setdefault(int(parents[node]), []).append(int(node))
        return {parent: tuple(nodes) for parent, nodes in children.items()}


def one_family(p_values: Floats, level: float) -> Bools:
    """Which of a family of series alarm, so that at most ``level`` of the alarms are false in expectation.

    A p value that is not known (NaN) never alarms and does not count.
    """
    check.share("level", level)
    p = np.asarray(p_values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(p))
    found = np.zeros(p.shape, dtype=np.bool_)
    if known.size == 0:
        return found
    ordered = known[np.argsort(p[known], kind="stable")]
    below = np.flatnonzero(p[ordered] <= level * np.arange(1, known.size + 1) / known.size)
    if below.size:
        found[p <= p[ordered[below[-1]]]] = True
    return found


def over_tree(p_values: Floats, parents: NDArray[np.int64], level: float) -> Discoveries:
    """Which series of a tree alarm. ``parents`` holds the number of each series' parent, -1 for those at the top.

    Raises Refused where a parent does not exist or the series stand in a circle.
    """
    check.share("level", level)
    p = np.asarray(p_values, dtype=np.float64)
    parents = np.asarray(parents, dtype=np.int64)
    if parents.shape != p.shape or (parents < TOP).any() or (parents >= p.size).any():
        raise Refused(refusals.tree(p.size))
    families: dict[int, list[int]] = {}
    for node, parent in enumerate(parents):
        families.setdefault(int(parent), []).append(node)
    found = np.zeros(p.shape, dtype=np.bool_)
    seen, looked_at = 0, 0
    # Every series is reached from the top once; what is not reached stands in a circle.
    waiting = [(TOP, True)]
    while waiting:
        parent, alarms = waiting.pop()
        children = np.array(families.get(parent, []), dtype=np.int64)
        seen += children.size
        if alarms and children.size:
            looked_at += 1
            found[children] = one_family(p[children], level)
        waiting += [(int(child), bool(found[child])) for child in children]
    if seen != p.size:
        raise Refused(refusals.tree(p.size))
    many = int(found.sum())
    rate = level if looked_at <= 1 else min(1.0, level * (many + looked_at) / (many + 1))
    return Discoveries(found, level, looked_at, rate)
