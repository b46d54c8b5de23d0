"""What every detector promises: batches equal series one by one, higher counts never end an alarm, bad input is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.examples import examples
from zhiheng.engines.detectors import compiled
from zhiheng.engines.detectors import farrington_flexible as flexible_module
from zhiheng.engines.detectors.bayes import BayesOptions, bayes
from zhiheng.engines.detectors.binomial_cusum import BinomialCusumOptions, binomial_cusum
from zhiheng.engines.detectors.cusum import CusumOptions, cusum
from zhiheng.engines.detectors.ears import EarsOptions, ears
from zhiheng.engines.detectors.farrington import FarringtonOptions, farrington
from zhiheng.engines.detectors.farrington_flexible import FlexibleOptions, farrington_flexible
from zhiheng.engines.detectors.likelihood_ratio import LikelihoodRatioOptions, likelihood_ratio
from zhiheng.engines.detectors.outbreak_p import OutbreakPOptions, outbreak_p
from zhiheng.engines.detectors.rki import RkiOptions, rki
from zhiheng.engines.detectors.series import CountSeries, Findings
from zhiheng.engines.early_warning.judge import run_detector
from zhiheng.grammar.chapters.early_warning import Detector, Method
from zhiheng.kernel.reasons import Refused

Detect = Callable[[CountSeries], Findings]
WEEKS = 140
ONE_WEEK: dict[str, Detect] = {
    "farringtonFlexible": lambda c: farrington_flexible(c, FlexibleOptions(years=2)),
    "three years, groups": lambda c: farrington_flexible(
        c, FlexibleOptions(years=2, periods=4, skipped=10, threshold="nbPlugin", alpha=0.01)
    ),
    "muan": lambda c: farrington_flexible(c, FlexibleOptions(years=2, threshold="muan")),
    "farrington": lambda c: farrington(c, FarringtonOptions(years=2)),
    "C1": lambda c: ears(c, EarsOptions("C1"), [WEEKS - 1]),
    "C2": lambda c: ears(c, EarsOptions("C2", least_deviation=0.5), [WEEKS - 1]),
    "rki": lambda c: rki(c, RkiOptions()),
    "bayes": lambda c: bayes(c, BayesOptions()),
    "cusum": lambda c: cusum(c, CusumOptions(), range(WEEKS - 20, WEEKS)),
    "outbreakP": lambda c: outbreak_p(c, OutbreakPOptions(as_cases=False), [WEEKS - 1]),
    "glr": lambda c: likelihood_ratio(
        c, LikelihoodRatioOptions(as_cases=False, expected=(3.0,) * 20), range(WEEKS - 20, WEEKS)
    ),
}


def _counts(seed: int, series: int = 6) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.negative_binomial(2, 0.4, size=(series, WEEKS)).astype(float)


@pytest.mark.parametrize("name", ONE_WEEK)
def test_a_batch_equals_its_series_one_by_one_in_any_order(name: str) -> None:
    observed = _counts(3)
    together = ONE_WEEK[name](CountSeries(observed))
    order = np.array([4, 0, 5, 2, 1, 3])
    shuffled = ONE_WEEK[name](CountSeries(observed[order]))
    for row in range(observed.shape[0]):
        alone = ONE_WEEK[name](CountSeries(observed[row : row + 1]))
        for other, at in ((together, row), (shuffled, int(np.flatnonzero(order == row)[0]))):
            assert (alone.alarm[0] == other.alarm[at]).all()
            np.testing.assert_allclose(alone.bound[0], other.bound[at], rtol=1e-12)


@pytest.mark.parametrize("name", ONE_WEEK)
@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), more=st.integers(1, 40))
def test_a_higher_last_count_never_turns_an_alarm_off(name: str, seed: int, more: int) -> None:
    observed = _counts(seed, 4)
    higher = observed.copy()
    higher[:, -1] += more
    before, after = ONE_WEEK[name](CountSeries(observed)), ONE_WEEK[name](CountSeries(higher))
    assert (after.alarm[:, -1] | ~before.alarm[:, -1]).all()


@pytest.mark.slow
@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), factor=st.integers(2, 9))
def test_the_offset_makes_a_bound_independent_of_the_unit_of_the_population(seed: int, factor: int) -> None:
    observed = _counts(seed, 3)
    population = np.random.default_rng(seed).integers(50, 200, observed.shape).astype(float)
    options = FlexibleOptions(years=2, offset=True)
    once = farrington_flexible(CountSeries(observed, population=population), options)
    again = farrington_flexible(CountSeries(observed, population=population * factor), options)
    np.testing.assert_allclose(once.bound, again.bound, rtol=1e-7)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), factor=st.integers(2, 50))
def test_ears_scales_with_the_counts(seed: int, factor: int) -> None:
    observed = _counts(seed, 3)
    once, again = ears(CountSeries(observed)), ears(CountSeries(observed * factor))
    assert (once.alarm == again.alarm).all()
    np.testing.assert_allclose(once.bound * factor, again.bound, rtol=1e-12)


def test_an_all_zero_history_then_a_burst_alarms_as_a_flagged_fallback() -> None:
    observed = np.zeros((1, 320))
    observed[0, -3:] = 3, 6, 14
    found = farrington_flexible(CountSeries(observed), FlexibleOptions.noufaily())
    assert found.alarm[0, 0]
    assert found.fallback[0, 0]
    as_reference = farrington_flexible(CountSeries(observed), FlexibleOptions.noufaily(fallback=False))
    assert not as_reference.stated[0, 0]
    assert not as_reference.alarm[0, 0]


def test_rki_leaves_out_what_is_not_known_and_as_the_reference_refuses_it() -> None:
    observed = np.array([[3, 4, np.nan, 5, 4, 4, 30], [np.nan] * 6 + [30], [2, 2, 2, 2, 2, 2, 30]])
    counts, options = CountSeries(observed), RkiOptions(years=0, window=6, this_year=True)
    found = rki(counts, options)
    assert found.alarm.ravel().tolist() == [True, False, True]
    assert found.stated.ravel().tolist() == [True, False, True]
    assert found.measures["expected"][0, 0] == 4
    with pytest.raises(Refused, match="RKI"):
        rki(counts, RkiOptions(years=0, window=6, this_year=True, as_reference=True))


_METHODS = get_args(Method)


@settings(max_examples=examples(60), deadline=None)
@given(
    method=st.sampled_from(_METHODS),
    years=st.sampled_from([None, 0, 1, 2]),
    window=st.sampled_from([None, 0, 1, 3, 26]),
    periods=st.sampled_from([1, 2, 10, 26]),
    past_left_out=st.sampled_from([None, 0, 26, 52]),
    threshold=st.sampled_from(["delta", "nbPlugin", "muan"]),
    baseline=st.sampled_from([3, 7, 52]),
    alpha=st.sampled_from([1e-9, 0.01, 0.4]),
)
def test_every_detector_that_a_book_may_say_answers_all_series_and_hears_a_burst_after_zeros(**said: Any) -> None:
    try:
        detector = Detector.model_validate(said)
    except ValidationError:
        return
    weeks = detector.history(52) + 1
    random = np.random.default_rng(5)
    observed = np.stack(
        [
            np.zeros(weeks),
            np.full(weeks, 3.0),
            random.poisson(4, weeks).astype(float),
            np.where(random.random(weeks) < 0.4, np.nan, random.poisson(4, weeks)),
            np.full(weeks, np.nan),
            np.full(weeks, 2.0**40),
        ]
    )
    observed[:, -1] += 200
    dates = tuple(dt.date(2015, 1, 5) + dt.timedelta(weeks=week) for week in range(weeks))
    try:
        found = run_detector(detector, CountSeries(observed, dates=dates), [weeks - 1])
    except Refused as refused:
        # Settings that leave too few weeks to compare with are named; the other warnings are judged all the same.
        said_why = refused.refusals[0].code
    else:
        said_why = "detector.history"
        assert found.alarm[0, 0]
        assert found.stated[0, 0]
        assert not found.alarm[4, 0]
        assert not (found.alarm & ~found.stated).any()
    assert said_why in ("detector.history", "detector.option")


@pytest.mark.slow
@pytest.mark.skipif(not compiled.AVAILABLE, reason="numba is absent: the extra 'compiled' is not installed")
@pytest.mark.parametrize(
    "options",
    [
        FlexibleOptions(years=2),
        FlexibleOptions(years=4, window=2, trend_level=1),
        FlexibleOptions(years=3, periods=5, skipped=26, trend_level=1, threshold="nbPlugin", weights_threshold=1),
        FlexibleOptions(years=3, offset=True, reweight=False, threshold="muan"),
    ],
)
@pytest.mark.parametrize("dates", [None, tuple(dt.date(2019, 1, 7) + dt.timedelta(weeks=i) for i in range(260))])
def test_machine_code_and_numpy_agree(
    options: FlexibleOptions, dates: tuple[dt.date, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(8)
    observed = random.negative_binomial(1, 0.2, (40, 260)).astype(float)
    observed[:5] = 0
    observed[5:10] *= 100
    # Rises so steep that powers on a grid of times would overflow, and one that just does not.
    observed[10:12] = np.floor(np.exp(np.linspace(0, [[70], [45]], 260, axis=-1)[:, 0]))
    observed[random.random(observed.shape) < 0.02] = np.nan
    population = random.integers(50, 90, observed.shape).astype(float)
    counts = CountSeries(observed, population=population, dates=dates)
    weeks = range(240, 260)
    fast = farrington_flexible(counts, options, weeks)
    monkeypatch.setattr(flexible_module, "PLAIN", True)
    plain = farrington_flexible(counts, options, weeks)
    assert (fast.alarm == plain.alarm).all()
    assert (fast.stated == plain.stated).all()
    assert (fast.fallback == plain.fallback).all()
    np.testing.assert_allclose(fast.bound, plain.bound, rtol=1e-9)


def test_some_series_of_many_are_judged_as_they_are_by_themselves() -> None:
    observed = np.random.default_rng(3).poisson(4, (6, 300)).astype(float)
    some = CountSeries(observed, population=observed + 9).rows(np.array([4, 1]))
    alone = CountSeries(observed[[4, 1]], population=observed[[4, 1]] + 9)
    assert some.population is not None
    assert (some.observed == alone.observed).all()
    assert (some.population == alone.population).all()
    assert (farrington_flexible(some).bound == farrington_flexible(alone).bound).all()


@pytest.mark.parametrize("wrong", [-1.0, 0.5, np.inf])
def test_a_wrong_count_far_down_a_long_table_is_named_by_its_place(wrong: float) -> None:
    observed = np.zeros((2000, 60))
    observed[1777, 33] = wrong
    with pytest.raises(Refused) as refused:
        CountSeries(observed)
    assert "1778" in str(refused.value.refusals[0].zh)
    assert "34" in str(refused.value.refusals[0].zh)


def test_a_missing_week_is_not_a_zero() -> None:
    observed = _counts(5, 1) + 4
    gap, zero = observed.copy(), observed.copy()
    gap[0, -1 - 52], zero[0, -1 - 52] = np.nan, 0
    options = FlexibleOptions(years=2)
    assert farrington_flexible(CountSeries(gap), options).bound != farrington_flexible(CountSeries(zero), options).bound
    gap[0, -2] = np.nan
    found = farrington_flexible(CountSeries(gap), options)
    assert np.isnan(found.bound[0, 0])
    assert not found.alarm[0, 0]


def test_reference_weeks_follow_the_calendar_over_a_year_of_53_weeks() -> None:
    first = dt.date(2019, 1, 7)
    dates = tuple(first + dt.timedelta(weeks=i) for i in range(200))
    observed = np.full((1, 200), 3.0)
    # A single high count in the same calendar week a year before, 53 columns back.
    week = next(i for i, day in enumerate(dates) if day >= dt.date(2021, 6, 28))
    back = next(i for i, day in enumerate(dates) if day >= dt.date(2020, 6, 28))
    observed[0, back] = 30
    options = FlexibleOptions(years=1, window=1, trend=False, reweight=False)
    by_date = farrington_flexible(CountSeries(observed, dates=dates), options, [week])
    assert by_date.measures["expected"][0, 0] == pytest.approx(12)


def test_failure_rates_alarm_when_the_odds_double() -> None:
    tested = np.full((1, 120), 50.0)
    failed = np.random.default_rng(2).binomial(50, 0.04, (1, 120)).astype(float)
    failed[0, 100:] = np.random.default_rng(3).binomial(50, 0.12, 20)
    found = binomial_cusum(CountSeries(failed, population=tested), BinomialCusumOptions(limit=4), range(80, 120))
    assert not found.alarm[0, :20].any()
    assert found.alarm[0, 20:].any()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CountSeries(np.array([[1.0, -2.0]])), "series 1 counts -2 in period 2"),
        (lambda: CountSeries(np.array([[1.0], [0.5]])), "series 2 counts 0.5 in period 1"),
        (lambda: CountSeries(np.array([[1.0, np.inf]])), "whole numbers"),
        (lambda: CountSeries(np.ones((1, 2)), frequency=0), "0 periods a year"),
        (
            lambda: CountSeries(np.ones((1, 2)), dates=(dt.date(2024, 1, 8), dt.date(2024, 1, 1))),
            "not after the one before",
        ),
        (lambda: CountSeries(np.ones((1, 2)), population=np.ones((1, 3))), "must be alike"),
        (lambda: FlexibleOptions(alpha=1.5), "alpha is 1.5"),
        (lambda: FlexibleOptions(years=0), "years is 0"),
        (lambda: FlexibleOptions(power="3/4"), "one of 2/3, 1/2, none"),
        (lambda: EarsOptions(baseline=2), "baseline is 2"),
        (lambda: farrington_flexible(CountSeries(np.ones((1, 100)))), "look back fewer years"),
        (
            lambda: farrington_flexible(CountSeries(np.ones((1, 300))), FlexibleOptions(offset=True)),
            "needs the population",
        ),
        (lambda: ears(CountSeries(np.ones((1, 6))), EarsOptions("C2")), "no period to judge"),
        (lambda: ears(CountSeries(np.ones((1, 60))), EarsOptions("C1"), [3]), "begin there"),
        (lambda: rki(CountSeries(np.ones((1, 60)))), "look back fewer years"),
        (lambda: bayes(CountSeries(np.ones((1, 60))), weeks=[60]), "Period 61 is to be judged"),
        (lambda: cusum(CountSeries(np.ones((1, 60))), weeks=[30, 40]), "consecutive"),
    ],
)
def test_bad_input_is_named_with_what_to_do(make: Callable[[], object], words: str) -> None:
    with pytest.raises(Refused) as refused:
        make()
    refusal = refused.value.refusals[0]
    assert words in refusal.en or words in refusal.en[0].lower() + refusal.en[1:]
    assert refusal.zh


def test_counts_beyond_the_steps_of_the_reference_table_are_read_on_straight_lines_and_beyond_it_not_at_all() -> None:
    # R surveillance 1.20.3: algo.cusum(range = 12:15, k = 1.04, h = 3, trans = "anscombeNegBin", alpha = 0.3).
    observed = [60, 72, 65, 80, 55, 70, 90, 62, 48, 75, 110, 30, 333, 340, 20]
    found = cusum(
        CountSeries(np.array([observed], dtype=float)),
        CusumOptions(reference=1.04, limit=3, scale="anscombeNegBin", dispersion=0.3),
        range(11, 15),
    )
    assert found.bound[0] == pytest.approx([3, 0.426874352239, 0, 0], rel=1e-9)
    assert found.stated[0].tolist() == [True, True, False, False]
    assert not found.alarm[0, :2].any()
