"""False discoveries over one family and over a tree of series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.engines.detectors.false_discovery import one_family, over_tree
from zhiheng.kernel.reasons import Refused

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30).map(np.array)


def test_the_example_of_benjamini_and_hochberg() -> None:
    # Table of the paper (1995, section 4.1): 15 comparisons, four are found at 0.05.
    p = np.array(
        [
            0.0001,
            0.0004,
            0.0019,
            0.0095,
            0.0201,
            0.0278,
            0.0298,
            0.0344,
            0.0459,
            0.3240,
            0.4262,
            0.5719,
            0.6528,
            0.7590,
            1,
        ]
    )
    assert one_family(p, 0.05).sum() == 4


@given(P_VALUES)
def test_alarms_are_the_smallest_p_values_and_lie_between_bonferroni_and_none(p: np.ndarray) -> None:
    found = one_family(p, 0.1)
    assert (found >= (p <= 0.1 / p.size)).all()
    assert (found <= (p <= 0.1)).all()
    if found.any() and not found.all():
        assert p[found].max() < p[~found].min()


@given(P_VALUES, st.floats(0.01, 0.2), st.floats(0.2, 0.9))
def test_a_higher_level_never_loses_an_alarm(p: np.ndarray, low: float, high: float) -> None:
    assert (one_family(p, low) <= one_family(p, high)).all()


@given(P_VALUES, st.randoms())
def test_a_child_alarms_only_under_a_parent_that_does(p: np.ndarray, random: object) -> None:
    parents = np.array([-1 if i == 0 else random.randrange(-1, i) for i in range(p.size)])
    result = over_tree(p, parents, 0.1)
    for node in np.flatnonzero(result.found):
        assert parents[node] == -1 or result.found[parents[node]]
    for parent, children in result.explained(parents).items():
        assert result.found[parent]
        assert all(parents[child] == parent for child in children)
    assert 0 < result.estimated_rate <= 1


def test_an_unknown_p_value_neither_alarms_nor_counts() -> None:
    assert one_family(np.array([0.02, np.nan, np.nan, 0.9]), 0.05).tolist() == [True, False, False, False]


def test_the_rate_of_false_alarms_over_a_tree_of_noise_is_held() -> None:
    random = np.random.default_rng(1)
    parents = np.array([-1] * 5 + [i for i in range(5) for _ in range(20)])
    wrong = [over_tree(random.random(105), parents, 0.1).found.any() for _ in range(400)]
    assert np.mean(wrong) < 0.14


def test_a_circle_or_an_unknown_parent_is_refused() -> None:
    with pytest.raises(Refused):
        over_tree(np.array([0.1, 0.2]), np.array([1, 0]), 0.1)
    with pytest.raises(Refused):
        over_tree(np.array([0.1]), np.array([4]), 0.1)
