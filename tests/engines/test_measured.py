"""Measurements as tables of text: what is read, what is refused cell by cell, which chart fits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.engines import control_charts, measured
from zhiheng.engines.control_charts import Chart, ChartRule, Signal
from zhiheng.engines.measured import ChartQuestion, Measured, TableShape, Tuning, read_table
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused


def table(headings: list[str], *rows: list[str]) -> Measured:
    return read_table(headings, list(enumerate(rows, start=2)))


def test_what_the_columns_are_follows_from_their_headings() -> None:
    assert table(["组号", "x1", "x2"], ["a", "1", "2"], ["b", "3", "4"]).shape is TableShape.VALUES
    shares = table(["日期", "不合格数", "检验数"], ["1日", "1", "50"], ["2日", "0", "40"])
    assert (shares.shape, shares.values, shares.labels) == (TableShape.SHARES, ((1, 50), (0, 40)), ("1日", "2日"))
    assert table(["日期", "缺陷数"], ["1", "4"], ["2", "5"]).shape is TableShape.COUNTS
    assert table(["缺陷数", "单位数"], ["4", "10"], ["5", "10"]).values == ((4, 10), (5, 10))


def test_a_first_column_of_numbers_without_a_name_is_a_value_and_not_lost() -> None:
    both = table(["外径", "内径"], ["10.1", "5.2"], ["10.2", "5.1"])
    assert (both.width, both.columns, both.labels) == (2, ("外径", "内径"), ("1", "2"))
    named = table(["样本", "内径"], ["7", "5.2"], ["8", "5.1"])
    assert (named.width, named.labels) == (1, ("7", "8"))


def test_full_width_digits_and_a_real_minus_are_numbers() -> None:
    assert table(["组号", "x"], ["1", "１２．５"], ["2", "−3"]).values == ((12.5,), (-3.0,))


def test_at_most_twenty_mistakes_are_told_each_with_its_cell() -> None:
    with pytest.raises(Refused) as told:
        table(["组号", "x"], *[[str(n), "坏"] for n in range(50)])
    assert len(told.value.refusals) == 20
    assert "第 2 行“x”“坏”不是数字" in told.value.refusals[0].zh


def test_the_proposal_fits_and_says_why() -> None:
    for columns, chart in ((1, Chart.I_MR), (5, Chart.XBAR_R), (9, Chart.XBAR_S)):
        found = Measured(TableShape.VALUES, ("1", "2"), (tuple(map(float, range(columns))),) * 2)
        proposed, why = measured.propose(found)
        assert proposed is chart
        assert measured.fitting(found, proposed)
        assert why.zh.endswith("图。")


@settings(max_examples=examples(200), deadline=None)
@given(
    headings=st.lists(st.text(max_size=8), min_size=1, max_size=6),
    rows=st.lists(st.lists(st.text(max_size=8), max_size=7), max_size=8),
)
def test_whatever_stands_in_a_table_it_is_read_or_refused_in_words(headings: list[str], rows: list[list[str]]) -> None:
    try:
        found = table(headings, *rows)
    except Refused as refused:
        codes = {one.code.partition(".")[0] for one in refused.refusals}
    else:
        codes = {"measured"} if all(len(row) == found.width for row in found.values) else set()
    assert codes == {"measured"}


numbers = st.integers(-1000, 1000).map(str)


@settings(max_examples=examples(100), deadline=None)
@given(
    rows=st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=40),
    baseline=st.integers(0, 40),
    upper=st.one_of(st.none(), st.floats(-100, 100)),
)
def test_every_chart_that_fits_answers_and_no_capability_comes_without_its_grounds(
    rows: list[list[str]], baseline: int, upper: float | None
) -> None:
    found = table(["组号", "x1", "x2", "x3"], *[[f"第{n}组", *row] for n, row in enumerate(rows)])
    question = ChartQuestion(Chart.XBAR_R, min(baseline, len(rows)) if baseline > 1 else 0, upper=upper)
    answer = measured.answer(found, question)
    assert len(answer.signals) == len(answer.limits.tracks) == 2
    assert (answer.capability is None) == bool(answer.lacking)
    if upper is None or len(rows) < 25:
        assert answer.capability is None


def test_a_share_by_month_is_charted_from_its_counts_or_says_what_it_lacks() -> None:
    even = [(95, 100)] * 11
    track, signals = measured.rate_chart([*even, (70, 100)])
    assert [one.at for one in signals] == [11]
    assert track.centre == pytest.approx(100 * (95 * 11 + 70) / 1200)
    assert track.lower[0] < track.centre < track.upper[0] <= 100
    for parts, told in (
        ([(95, 100)] * 7, "至少要 8 期"),
        ([*even, (5, 5)], "样本太少"),
        ([(100, 100)] * 12, "样本太少"),
    ):
        lacking = measured.rate_chart(parts)
        assert isinstance(lacking, Label)
        assert told in lacking.zh
    with_gap = measured.rate_chart([None, *even])
    assert not isinstance(with_gap, Label)


def test_a_rule_that_speaks_at_neighbouring_points_is_told_once() -> None:
    rule, other = ChartRule.HUGGING, ChartRule.BEYOND
    signals = [Signal(rule, 14, 0), Signal(rule, 15, 1), Signal(other, 15, 15), Signal(rule, 20, 6)]
    assert [(one.rule, one.at, last) for one, last in measured.runs(signals)] == [
        (rule, 14, 15),
        (other, 15, 15),
        (rule, 20, 20),
    ]


STEADY = [0.3, -0.8, 0.5, 0.1, -0.4, 0.9, -0.6, 0.2, -0.2, 0.4, -0.5, 0.6, -0.1, 0.7, -0.7, 0.0, 0.3, -0.3, 0.5, -0.6]


def singles(values: list[float]) -> Measured:
    return Measured(TableShape.VALUES, tuple(map(str, range(len(values)))), tuple((value,) for value in values))


@pytest.mark.parametrize("chart", [Chart.CUSUM, Chart.EWMA])
def test_a_small_shift_that_lasts_is_found_where_no_single_point_is_out(chart: Chart) -> None:
    table = singles([100 + value for value in [*STEADY, *[value + 0.8 for value in STEADY]]])
    alone = measured.answer(table, ChartQuestion(Chart.I_MR, baseline=20))
    assert not any(one.rule is ChartRule.BEYOND for one in alone.signals[0])
    found = measured.answer(table, ChartQuestion(chart, baseline=20))
    first = found.signals[0][0]
    assert 20 <= first.at < 30
    assert all(one.at >= 20 for signals in found.signals for one in signals)
    assert found.shifts is not None
    assert found.shifts.target == pytest.approx(100 + sum(STEADY) / 20)
    if chart is Chart.CUSUM:
        assert first.rule is ChartRule.RISEN
        assert 18 <= first.first <= 22
        assert not found.signals[1]


def test_a_cusum_signals_where_its_engine_alarms_on_the_side_that_moved() -> None:
    values = np.array([0, 3, 3, 3, 0, 0, -3, -3, -3, -3, 0.2], dtype=float)
    asked: dict[str, float] = {"target": 0.0, "sigma": 2.0, "k": 0.5, "h": 2.0}
    tracks, signals = control_charts.cusum_chart(values, **asked)
    alarms = control_charts.cusum(values, **asked).alarms
    assert tuple(sorted(one.at for side in signals for one in side)) == alarms
    assert [(one.rule, one.at, one.first) for one in signals[0]] == [(ChartRule.RISEN, 3, 1)]
    assert [(one.rule, one.at, one.first) for one in signals[1]] == [(ChartRule.FALLEN, 8, 6)]
    assert [track.upper[0] for track in tracks] == [4.0, 4.0]
    assert tracks[0].points[3] == pytest.approx(6.0)


@pytest.mark.slow
def test_a_chart_of_small_shifts_says_how_long_it_takes() -> None:
    cusum = measured.answer(singles(STEADY), ChartQuestion(Chart.CUSUM)).shifts
    ewma = measured.answer(singles(STEADY), ChartQuestion(Chart.EWMA)).shifts
    assert cusum is not None
    assert ewma is not None
    # Montgomery, tables 9.3 and 9.11 (lambda 0.2 lies between its columns).
    assert cusum.in_control == pytest.approx(465, abs=1)
    assert cusum.shifted == pytest.approx(10.4, abs=0.1)
    assert 500 < ewma.in_control < 600
    assert 9 < ewma.shifted < 12


@pytest.mark.parametrize(
    ("chart", "tuning", "field"),
    [
        (Chart.CUSUM, Tuning(reference=0.0), "reference"),
        (Chart.CUSUM, Tuning(decision=11.0), "decision"),
        (Chart.EWMA, Tuning(weight=1.5), "weight"),
        (Chart.EWMA, Tuning(width=0.5), "width"),
    ],
)
def test_a_tuning_by_which_a_chart_sees_nothing_is_refused_beside_its_field(
    chart: Chart, tuning: Tuning, field: str
) -> None:
    with pytest.raises(Refused) as told:
        measured.answer(singles(STEADY), ChartQuestion(chart, tuning=tuning))
    assert told.value.refusals[0].field == field
    assert "之间" in told.value.refusals[0].zh


def test_values_that_do_not_vary_have_no_chart_of_small_shifts() -> None:
    with pytest.raises(Refused) as told:
        measured.answer(singles([5.0] * 10), ChartQuestion(Chart.CUSUM))
    assert told.value.refusals[0].code == "measured.no_spread"


@pytest.mark.slow
@settings(max_examples=examples(100), deadline=None)
@given(
    rows=st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=40),
    chart=st.sampled_from([Chart.CUSUM, Chart.EWMA]),
    target=st.one_of(st.none(), st.floats(-100, 100)),
    strict=st.floats(1, 4),
)
def test_a_looser_limit_never_signals_earlier(
    rows: list[list[str]], chart: Chart, target: float | None, strict: float
) -> None:
    found = table(["组号", "x1", "x2", "x3"], *[[f"第{n}组", *row] for n, row in enumerate(rows)])
    tunings = [Tuning(target=target, decision=limit, width=limit) for limit in (strict, strict + 1)]
    try:
        first, second = (measured.answer(found, ChartQuestion(chart, tuning=tuning)) for tuning in tunings)
    except Refused as refused:
        assert [one.code for one in refused.refusals] == ["measured.no_spread"]  # noqa: PT017 - what else it may be
        return

    def earliest(answer: measured.ChartAnswer) -> float:
        return min((one.at for signals in answer.signals for one in signals), default=float("inf"))

    assert earliest(first) <= earliest(second)
