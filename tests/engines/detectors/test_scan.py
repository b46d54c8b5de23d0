"""Scans over places and periods: a planted cluster is found, noise is not, bad input is named."""

from __future__ import annotations

import numpy as np
import pytest

from zhiheng.engines.detectors.scan import Place, ScanCluster, space_time_scan, spatial_scan
from zhiheng.kernel.reasons import Refused


def _grid(cases: np.ndarray) -> list[Place]:
    return [Place(i % 6, i // 6, float(c), 5.0, 1000.0) for i, c in enumerate(cases)]


def test_a_planted_cluster_is_the_most_likely_one() -> None:
    cases = np.full(36, 5.0)
    cases[[14, 15, 20]] = 15
    first = spatial_scan(_grid(cases), replicates=99)[0]
    assert {14, 15, 20} <= set(first.members)
    assert first.p_value == pytest.approx(0.01)
    assert first.ratio is not None
    assert first.ratio > 1


def test_clusters_do_not_overlap_and_hold_at_most_their_share() -> None:
    cases = np.random.default_rng(4).poisson(5, 36).astype(float)
    found = spatial_scan(_grid(cases), largest_share=0.25, replicates=0)
    members = [m for cluster in found for m in cluster.members]
    assert len(members) == len(set(members))
    assert all(cluster.population <= 9000 for cluster in found)
    assert [c.log_ratio for c in found] == sorted((c.log_ratio for c in found), reverse=True)


def test_a_cluster_that_began_two_periods_ago_is_dated() -> None:
    cases = np.full((36, 8), 3.0)
    cases[[0, 1], -2:] = 12
    first = space_time_scan(_grid(np.zeros(36)), cases, np.full((36, 8), 3.0), longest=4, replicates=0)[0]
    assert first.periods == 2
    assert set(first.members) == {0, 1}


def test_nothing_expected_is_refused() -> None:
    with pytest.raises(Refused, match="expected"):
        spatial_scan([Place(0, 0, 1, 0, 10)])


def test_a_cluster_where_none_is_expected_has_no_ratio() -> None:
    assert ScanCluster((0,), 0, 3.0, 0.0, 10.0, 1.0, None).ratio is None
    assert ScanCluster((0,), 0, 3.0, 2.0, 10.0, 1.0, None).ratio == 1.5
