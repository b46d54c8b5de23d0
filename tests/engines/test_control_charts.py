"""Control charts: equal to other people's tables and software, and rules that look at shape alone."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.engines import control_charts as engine
from zhiheng.engines.control_charts import NELSON, WESTERN_ELECTRIC, ChartRule, Track

GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "statistics" / "spc"
SKIP = pytest.mark.skipif(not GOLDEN.exists(), reason="../shared/golden/statistics/spc is not here")
NAMES = ("A", "A2", "A3", "c4", "B3", "B4", "B5", "B6", "d2", "d3", "D1", "D2", "D3", "D4", "E2")


def golden(name: str) -> Iterator[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.mark.shared
@SKIP
def test_every_constant_is_that_of_r_and_of_the_printed_tables() -> None:
    seen = 0
    for row in golden("constants_R.csv"):
        k = engine.constants(int(row["n"]))
        for name in NAMES:
            # R integrates the range to some seven digits.
            assert getattr(k, name) == pytest.approx(float(row[name]), rel=3e-7, abs=3e-7), (row["n"], name)
            seen += 1
    assert seen == 24 * len(NAMES)
    for row in golden("constants_published.csv"):
        k = engine.constants(int(row["n"]))
        for name in ("A2", "A3", "c4", "B3", "B4", "B5", "B6", "d2", "d3", "D3", "D4"):
            assert getattr(k, name) == pytest.approx(float(row[name]), abs=1.1e-3), (row["n"], name)


@pytest.mark.shared
@SKIP
def test_every_average_run_length_is_that_of_r() -> None:
    seen = 0
    for row in golden("arl_spc.csv"):
        two = row["sided"] == "two"
        length = engine.cusum_run_length if row["chart"] == "cusum" else engine.ewma_run_length
        found = length(float(row["p1"]), float(row["p2"]), float(row["mu"]), two_sided=two)
        # The reference solves the freely falling EWMA with fewer nodes over a wide interval.
        close = 3e-8 if row["chart"] == "ewma" and not two else 1e-9
        assert found == pytest.approx(float(row["arl"]), rel=close), row
        seen += 1
    assert seen == 198


@pytest.mark.shared
@SKIP
def test_the_cusum_for_two_run_lengths_is_that_of_r() -> None:
    for row in golden("find_kh.csv"):
        k, h = engine.find_cusum(float(row["ARLa"]), float(row["ARLr"]))
        # The reference stops its optimizer at some six digits.
        assert k == pytest.approx(float(row["k"]), abs=1e-5)
        assert h == pytest.approx(float(row["h"]), abs=2e-5)
        assert engine.cusum_run_length(k, h, 0.0) == pytest.approx(float(row["ARLa"]), rel=1e-9)
        assert engine.cusum_run_length(k, h, 2 * k) == pytest.approx(float(row["ARLr"]), rel=1e-9)


@pytest.mark.parametrize("limit", [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
def test_an_ewma_without_memory_runs_as_long_as_a_chart_of_single_values_however_rarely_it_alarms(
    limit: float,
) -> None:
    alone = math.erfc(limit / math.sqrt(2))
    assert engine.ewma_run_length(1.0, limit, 0.0) == pytest.approx(1 / alone, rel=1e-8)
    shifted = (math.erfc((limit - 1) / math.sqrt(2)) + math.erfc((limit + 1) / math.sqrt(2))) / 2
    assert engine.ewma_run_length(1.0, limit, 1.0) == pytest.approx(1 / shifted, rel=1e-8)


@pytest.mark.parametrize("k", [3.0, 5.0, 7.0])
def test_a_cusum_whose_limit_is_next_to_nothing_alarms_as_often_as_a_value_lies_beyond_k(k: float) -> None:
    expected = 2 / math.erfc((k + 1e-9) / math.sqrt(2))
    assert engine.cusum_run_length(k, 1e-9, 0.0) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=examples(40), deadline=None)
@given(st.floats(0.1, 2.0), st.floats(1.0, 10.0), st.floats(0.05, 1.0), st.floats(1.0, 5.0))
def test_whatever_a_user_may_choose_it_runs_longer_in_control_than_out_of_it_and_longer_with_wider_limits(
    k: float, h: float, weight: float, width: float
) -> None:
    cusum = [engine.cusum_run_length(k, h, shift, two_sided=True) for shift in (0.0, 0.5, 1.0)]
    assert cusum[0] > cusum[1] > cusum[2] >= 1
    assert engine.cusum_run_length(k, h * 1.01, 0.0, two_sided=True) > cusum[0]
    ewma = [engine.ewma_run_length(weight, width, shift) for shift in (0.0, 0.5, 1.0)]
    assert ewma[0] > ewma[1] > ewma[2] >= 1
    assert engine.ewma_run_length(weight, width * 1.01, 0.0) > ewma[0]


@pytest.mark.parametrize(("k", "h"), [(0.01, 60.0), (0.01, 100.0), (0.05, 60.0), (0.25, 30.0), (0.5, 36.0)])
def test_wide_limits_get_the_nodes_that_they_need(k: float, h: float, monkeypatch: pytest.MonkeyPatch) -> None:
    found = engine.cusum_run_length(k, h, 0.0)
    few = engine._nodes
    monkeypatch.setattr(engine, "_nodes", lambda least, width: 2 * few(least, width))
    assert engine.cusum_run_length(k, h, 0.0) == pytest.approx(found, rel=1e-7)


def test_a_run_length_of_limits_that_are_too_far_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 400"):
        engine.cusum_run_length(0.5, 401.0, 0.0)
    with pytest.raises(ValueError, match="400 steps"):
        engine.ewma_run_length(0.00001, 3.0, 0.0)


def test_the_range_of_two_and_three_values_is_known_exactly() -> None:
    assert engine.constants(2).d2 == pytest.approx(2 / math.sqrt(math.pi), rel=1e-13)
    assert engine.constants(3).d2 == pytest.approx(3 / math.sqrt(math.pi), rel=1e-13)
    assert engine.constants(2).d3 == pytest.approx(math.sqrt(2 - 4 / math.pi), rel=1e-12)
    for n in (1, 101):
        with pytest.raises(ValueError):
            engine.constants(n)


def flat(points: list[float], sigma: float = 1.0) -> Track:
    values = np.asarray(points, dtype=float)
    error = np.full(len(values), sigma)
    return Track("x", values, 0.0, -3 * error, 3 * error, error)


CASES = {
    ChartRule.BEYOND: ([0.5, -0.5, 3.2], 2),
    ChartRule.ONE_SIDE: ([-0.1] + [0.2, 0.4] * 4 + [0.2], 9),
    ChartRule.TREND: ([0.1, -1.2, -1.0, -0.5, 0.1, 0.6, 1.4], 6),
    ChartRule.ALTERNATING: ([0.3 * (-1) ** at for at in range(14)], 13),
    ChartRule.TWO_OF_THREE: ([0.1, 2.2, -0.3, 2.4], 3),
    ChartRule.FOUR_OF_FIVE: ([-0.1, 1.2, 1.3, 0.4, 1.5, 1.1], 5),
    ChartRule.HUGGING: ([0.2, 0.2, -0.4, 0.3, 0.3, -0.2, -0.2, 0.5, 0.1, 0.1, -0.1, -0.1, 0.2, 0.2, -0.3], 14),
    ChartRule.AVOIDING: ([1.2, -1.3, -1.1, 1.4, 1.2, -1.6, 1.1, -1.2], 7),
    ChartRule.ONE_SIDE_OF_EIGHT: ([-0.1] + [0.2, 0.4] * 4, 8),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_speaks_at_the_point_that_makes_it_true_and_not_before(rule: ChartRule) -> None:
    points, at = CASES[rule]
    assert [one.at for one in engine.signals(flat(points), [rule])] == [at]
    assert engine.signals(flat(points[:-1]), [rule]) == ()


def test_points_on_a_line_are_not_beyond_it_and_a_gap_ends_a_run() -> None:
    assert engine.signals(flat([3.0, -3.0]), [ChartRule.BEYOND]) == ()
    assert engine.signals(flat([0.0] * 20), [ChartRule.ONE_SIDE, ChartRule.TREND, ChartRule.AVOIDING]) == ()
    assert engine.signals(flat([0.2] * 8 + [math.nan] + [0.2] * 8), [ChartRule.ONE_SIDE]) == ()


series = st.lists(st.integers(-400, 400), min_size=12, max_size=60)


@settings(max_examples=examples(150), deadline=None)
@given(
    values=series,
    shift=st.integers(-1000, 1000),
    scale=st.sampled_from([0.25, 0.5, 2.0, 8.0, 1024.0]),
)
def test_units_and_zero_make_no_signal_and_hide_none(values: list[int], shift: int, scale: float) -> None:
    here = np.asarray(values, dtype=float)
    there = here * scale + shift * scale
    rules = [*NELSON, *WESTERN_ELECTRIC]
    for before, after in zip(engine.i_mr(here).tracks, engine.i_mr(there).tracks, strict=True):
        assert engine.signals(before, rules) == engine.signals(after, rules)


@settings(max_examples=examples(150), deadline=None)
@given(
    counts=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=3, max_size=40),
    laney=st.booleans(),
)
def test_limits_contain_the_centre_and_stay_within_what_is_possible(counts: list[tuple[int, int]], laney: bool) -> None:
    bad = np.asarray([min(pair) for pair in counts], dtype=float)
    sizes = np.asarray([max(pair) for pair in counts], dtype=float)
    if (sizes > 0).sum() < 2:
        with pytest.raises(ValueError):
            engine.p_chart(bad, sizes)
        return
    track = engine.p_chart(bad, sizes, laney=laney).tracks[0]
    said = np.isfinite(track.sigma)
    assert 0 <= track.centre <= 1
    assert np.all(track.lower[said] <= track.centre)
    assert np.all(track.upper[said] >= track.centre)
    assert np.all((track.lower[said] >= 0) & (track.upper[said] <= 1))
    assert np.all(np.isnan(track.points) == (sizes == 0))


@settings(max_examples=examples(100), deadline=None)
@given(rows=st.lists(st.lists(st.integers(-100, 100), min_size=4, max_size=4), min_size=2, max_size=20))
def test_limits_of_measurements_contain_their_centre(rows: list[list[int]]) -> None:
    samples = np.asarray(rows, dtype=float)
    for limits in (engine.xbar_r(samples), engine.xbar_s(samples), engine.i_mr(samples[:, 0])):
        for track in limits.tracks:
            assert np.all(track.lower <= track.centre + 1e-9)
            assert np.all(track.upper >= track.centre - 1e-9)


def test_limits_by_hand() -> None:
    """Montgomery's way with two subgroups, reckoned on paper."""
    samples = np.asarray([[9.0, 11.0], [10.0, 14.0]])
    mean, spread = engine.xbar_r(samples).tracks
    assert (mean.centre, spread.centre) == (11.0, 3.0)
    assert mean.upper[0] == pytest.approx(11 + 1.879971206 * 3, rel=1e-6)
    assert spread.upper[0] == pytest.approx(3.266531919 * 3, rel=1e-6)
    single = engine.i_mr(np.asarray([1.0, 3.0, 2.0]))
    assert single.tracks[0].upper[0] == pytest.approx(2 + 2.658680776 * 1.5, rel=1e-6)
    share = engine.p_chart(np.asarray([5.0, 15.0]), np.asarray([100.0, 100.0])).tracks[0]
    assert (share.centre, share.upper[0]) == (0.1, pytest.approx(0.1 + 3 * 0.03))
    number = engine.np_chart(np.asarray([5.0, 15.0]), 100).tracks[0]
    assert (number.centre, number.upper[0]) == (10, pytest.approx(19))
    assert engine.c_chart(np.asarray([4.0, 12.0])).tracks[0].upper[0] == pytest.approx(8 + 3 * math.sqrt(8))
    assert engine.u_chart(np.asarray([4.0, 12.0]), np.asarray([2.0, 2.0])).tracks[0].upper[0] == pytest.approx(
        4 + 3 * math.sqrt(2)
    )


def test_limits_come_from_the_baseline_alone() -> None:
    values = np.asarray([1.0, 2.0, 1.0, 2.0, 50.0])
    track = engine.i_mr(values, slice(0, 4)).tracks[0]
    assert track.centre == 1.5
    assert track.out() == (4,)
    with pytest.raises(ValueError):
        engine.i_mr(values, slice(0, 1))


def test_limits_of_very_large_samples_widen_with_what_the_binomial_leaves_out() -> None:
    sizes = np.full(12, 1_000_000.0)
    bad = np.asarray([50_000, 51_500, 49_000, 50_700, 48_800, 51_200, 50_100, 49_300, 50_900, 49_700, 51_000, 49_900.0])
    assert engine.p_chart(bad, sizes).tracks[0].out()
    widened = engine.p_chart(bad, sizes, laney=True)
    assert widened.inflation is not None
    assert widened.inflation > 3
    assert widened.tracks[0].out() == ()


def test_cusum_and_ewma_find_a_small_shift() -> None:
    values = np.concatenate([np.tile([0.5, -0.5], 10), np.full(15, 1.0)])
    found = engine.cusum(values, target=0.0, sigma=1.0, k=0.5, h=4.0)
    assert found.alarms
    assert found.alarms[0] >= 20
    track = engine.ewma(values, target=0.0, sigma=1.0, weight=0.2, limit=2.7)
    assert min(track.out()) >= 20


def test_capability_by_hand_and_its_confidence() -> None:
    values = np.asarray([9.0, 10.0, 11.0, 10.0] * 10)
    found = engine.capability(values, sigma_within=0.5, within_freedom=30, lower=7.0, upper=13.0)
    assert found.cp is not None
    assert found.cp.value == pytest.approx(2.0)
    assert found.cpk.value == pytest.approx(2.0)
    # Chi square of 30 degrees of freedom: 16.791 and 46.979.
    assert found.cp.lower == pytest.approx(2 * math.sqrt(16.791 / 30), rel=1e-4)
    assert found.cp.upper == pytest.approx(2 * math.sqrt(46.979 / 30), rel=1e-4)
    assert found.cpk.lower < 2 < found.cpk.upper
    one = engine.capability(values, sigma_within=0.5, within_freedom=30, lower=None, upper=13.0)
    assert one.cp is one.pp is None
    for wrong in ({"lower": None, "upper": None}, {"lower": 2.0, "upper": 1.0}):
        with pytest.raises(ValueError):
            engine.capability(values, sigma_within=0.5, within_freedom=30, **wrong)


def _charts(values: np.ndarray, n: int) -> tuple[engine.ChartLimits, ...]:
    """The charts of measurements, with limits from all points but the last."""
    samples, base = np.repeat(values[:, None], n, axis=1), slice(0, len(values) - 1)
    return engine.xbar_r(samples, base), engine.xbar_s(samples, base), engine.i_mr(values, base)


@settings(max_examples=examples(200))
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(3, 40), st.integers(2, 9))
def test_values_that_are_all_the_same_never_signal(value: float, points: int, n: int) -> None:
    for limits in _charts(np.full(points, value), n):
        assert limits.sigma == 0
        assert limits.tracks[0].centre == value
        for track in limits.tracks:
            assert track.out() == engine.signals(track) == (), (limits.chart, track.name)


@settings(max_examples=examples(200))
@given(st.floats(-1e6, 1e6), st.integers(3, 40), st.integers(2, 9), st.sampled_from([-1.0, 1.0]))
def test_one_that_is_different_still_signals(value: float, points: int, n: int, side: float) -> None:
    values = np.full(points, value)
    values[-1] += side * max(1e-9, abs(value) * 1e-9)
    for limits in _charts(values, n):
        assert limits.tracks[0].out() == (points - 1,)
        assert engine.Signal(ChartRule.BEYOND, points - 1, points - 1) in engine.signals(limits.tracks[0])


@pytest.mark.parametrize("value", [0.1, 0.3, 1.1])
def test_values_that_are_all_the_same_have_no_capability(value: float) -> None:
    with pytest.raises(ValueError, match="do not vary"):
        engine.capability(np.full(125, value), sigma_within=1e-17, within_freedom=100, lower=0.0, upper=2.0)
