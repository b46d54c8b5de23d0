"""Series of counts: what nobody reported is missing, and what comes in late is known to be late."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.engines.early_warning.series import (
    CountedPeriod,
    Every,
    ReportedDay,
    completeness,
    last_whole,
    length,
    period_of,
    series_table,
)

MONDAY = dt.date(2026, 3, 2)
WEEK = dt.timedelta(days=7)
UNITS = {"9901": frozenset({"bureau"}), "9902": frozenset({"other"})}


def _told(unit: str, week: int, facts: int = 1) -> ReportedDay:
    day = MONDAY + week * WEEK
    return ReportedDay(unit, day, day, facts)


def test_a_week_that_nobody_reported_is_missing_and_a_week_without_failures_is_zero() -> None:
    counted = [CountedPeriod(("9901", "糕点"), MONDAY, 2)]
    table = series_table(
        counted,
        [_told("bureau", 0), _told("bureau", 2)],
        first=MONDAY,
        last=MONDAY + 2 * WEEK,
        every="week",
        units_of=UNITS,
        known_on=MONDAY + 3 * WEEK,
    )
    assert table.keys == (("9901", "糕点"),)
    np.testing.assert_array_equal(table.counts, [[2, np.nan, 0]])


def test_a_unit_says_nothing_of_the_areas_of_others() -> None:
    counted = [CountedPeriod(("9901",), MONDAY, 1), CountedPeriod(("9902",), MONDAY, 1)]
    reported = [_told("bureau", 0), _told("other", 0), _told("other", 1)]
    table = series_table(
        counted,
        reported,
        first=MONDAY,
        last=MONDAY + WEEK,
        every="week",
        units_of=UNITS,
        known_on=MONDAY + 2 * WEEK,
    )
    np.testing.assert_array_equal(table.counts, [[1, np.nan], [1, 0]])


def test_facts_that_come_in_late_make_the_last_weeks_incomplete() -> None:
    day = dt.date(2024, 6, 3)
    # Half of the facts are told on the day after their week, half three weeks later.
    reported = [ReportedDay("u", day, day + dt.timedelta(days=7), 100), ReportedDay("u", day, day + 4 * WEEK, 100)]
    known = dt.date(2025, 12, 1)
    periods = [known - n * WEEK for n in (5, 4, 3, 2, 1)]
    np.testing.assert_allclose(completeness(reported, periods, "week", known), [1, 1, 0.5, 0.5, 0.5])


def test_a_history_that_was_loaded_at_once_says_nothing_of_delays() -> None:
    day = dt.date(2024, 6, 3)
    loaded = [ReportedDay("u", day, day + dt.timedelta(days=400), 1000)]
    assert completeness(loaded, [dt.date(2025, 11, 24)], "week", dt.date(2025, 12, 1)).tolist() == [1.0]


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.sampled_from(["week", "day"]))
def test_the_last_whole_period_has_ended_by_the_day_and_the_next_one_has_not(day: dt.date, every: Every) -> None:
    last = last_whole(day, every)
    end = last + dt.timedelta(days=length(every) - 1)
    assert end <= day < end + dt.timedelta(days=length(every))
    assert period_of(last, every) == last


@pytest.mark.parametrize("known", [0, 3])
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 100), st.integers(1, 500)), max_size=20))
def test_the_share_that_is_known_never_falls_as_time_goes_by(known: int, told: list[tuple[int, int, int]]) -> None:
    begin = dt.date(2023, 1, 2)
    reported = [
        ReportedDay("u", begin + dt.timedelta(days=day), begin + dt.timedelta(days=day + delay), facts)
        for day, delay, facts in told
    ]
    at = dt.date(2025, 6, 2) + dt.timedelta(days=known)
    periods = [period_of(at, "week") - n * WEEK for n in range(12, -1, -1)]
    share = completeness(reported, periods, "week", at)
    assert (np.diff(share) <= 1e-12).all()
    assert ((share >= 0) & (share <= 1 + 1e-12)).all()
