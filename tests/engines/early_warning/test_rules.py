"""Signals by rule: clusters, testers that never fail, what ends, who is silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.engines.early_warning.rules import (
    CountedTests,
    Ending,
    Occurrence,
    UndeliveredPeriod,
    clusters,
    expiring,
    never_failing,
    silent,
)
from zhiheng.engines.early_warning.signals import level_of
from zhiheng.grammar.chapters.early_warning import Cluster, Expiry, NeverFails, Silence, WarningLevel

BLUE, YELLOW, ORANGE, RED = WarningLevel
DAY = dt.date(2026, 3, 2)
ABOVE = {"990101001": ("990101001", "990101", "9901"), "990102": ("990102", "9901"), "990101": ("990101", "9901")}


def _facts(*days: int, group: str = "菌落总数", makers: Sequence[str] = (), area: str = "990101") -> list[Occurrence]:
    """A fact on each of these days after DAY, of different makers unless they are named."""
    named = makers or [str(place) for place in range(len(days))]
    return [
        Occurrence(place + 1, DAY + dt.timedelta(days=day), area, (group,), maker)
        for place, (day, maker) in enumerate(zip(days, named, strict=True))
    ]


def _item(within: int = 90, **levels: int) -> Cluster:
    known = {WarningLevel(name): float(value) for name, value in (levels or {"blue": 3}).items()}
    return Cluster(record="food_sampling", count="producer", per=("item",), within=within, levels=known)


def test_three_makers_within_ninety_days_are_a_signal_and_two_are_none() -> None:
    assert not clusters("w", _item(), _facts(0, 10), ABOVE)
    (found,) = clusters("w", _item(), _facts(0, 10, 89), ABOVE)
    assert (found.observed, found.level, found.facts) == (3, BLUE, 3)
    assert (found.first, found.last) == (DAY, DAY + dt.timedelta(days=89))


def test_the_ninety_first_day_is_too_late() -> None:
    assert not clusters("w", _item(), _facts(0, 10, 90), ABOVE)


def test_one_maker_that_fails_three_times_is_one_maker() -> None:
    assert not clusters("w", _item(), _facts(0, 1, 2, makers=["甲", "甲", "甲"]), ABOVE)
    (found,) = clusters("w", _item(), _facts(0, 1, 2, 3, makers=["甲", "乙", "甲", "丙"]), ABOVE)
    assert found.observed == 3
    assert found.facts == 4


def test_more_of_them_raise_the_colour() -> None:
    levels = _item(blue=3, yellow=5)
    (found,) = clusters("w", levels, _facts(0, 1, 2, 3, 4), ABOVE)
    assert found.level == YELLOW


def test_two_clusters_far_apart_are_two_signals() -> None:
    found = clusters("w", _item(within=30), _facts(0, 1, 2, 200, 201, 202), ABOVE)
    assert [(one.first - DAY).days for one in found] == [200, 0]


def test_stretches_that_overlap_are_one_signal_whose_number_is_that_of_the_densest_stretch() -> None:
    (found,) = clusters("w", _item(within=10), _facts(0, 4, 8, 12, 16), ABOVE)
    assert found.observed == 3
    assert found.facts == 5


def test_per_area_a_fact_counts_in_every_area_around_it() -> None:
    watch = Cluster(record="r", per=("area",), within=30, levels={BLUE: 2.0})
    some = [
        Occurrence(1, DAY, "990101001", (), "1"),
        Occurrence(2, DAY, "990102", (), "2"),
        Occurrence(3, DAY, "990101", (), "3"),
    ]
    found = {one.area: one.observed for one in clusters("w", watch, some, ABOVE)}
    assert found == {"990101": 2, "9901": 3}


def test_without_areas_a_signal_stands_in_the_smallest_area_that_has_all_its_facts() -> None:
    here = clusters("w", _item(), [*_facts(0, 1), *_facts(2, makers=["己"], area="990101001")], ABOVE)
    assert [one.area for one in here] == ["990101"]
    apart = clusters("w", _item(), [*_facts(0, 1), *_facts(2, makers=["己"], area="990102")], ABOVE)
    assert [one.area for one in apart] == ["9901"]


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from("甲乙丙丁戊")), max_size=12), st.integers(1, 20))
def test_every_signal_holds_a_stretch_of_that_many_different_values_and_no_such_stretch_is_missed(
    facts: list[tuple[int, str]], within: int
) -> None:
    some = _facts(*[day for day, _ in facts], makers=[maker for _, maker in facts])
    found = clusters("w", _item(within=within), some, ABOVE)

    def most(first: int, last: int) -> int:
        starts = [day for day, _ in facts if first <= day <= last]
        return max(
            (
                len({maker for day, maker in facts if first <= day <= last and start <= day < start + within})
                for start in starts
            ),
            default=0,
        )

    for one in found:
        first, last = (one.first - DAY).days, (one.last - DAY).days
        assert one.observed == most(first, last) >= 3
    for start, _ in facts:
        if len({maker for day, maker in facts if start <= day < start + within}) >= 3:
            assert any((one.first - DAY).days <= start <= (one.last - DAY).days for one in found)


LAB = NeverFails(
    record="food_sampling",
    role="laboratory",
    fails={"verdict": "unqualified"},
    at_least=50,
    levels={BLUE: 2.0, YELLOW: 4.0},
)


def test_a_laboratory_that_finds_nothing_among_two_hundred_is_a_signal_where_the_others_find_three_in_a_hundred() -> (
    None
):
    found = never_failing("w", LAB, [CountedTests(1, 200, 0), CountedTests(2, 1000, 30)], "9901", DAY)
    (one,) = found
    assert one.subject == 1
    assert one.expected == pytest.approx(6.0)
    assert one.p_value == pytest.approx(0.97**200, rel=1e-9)
    assert one.level == BLUE


def test_nothing_is_said_of_too_few_tests_or_where_nobody_finds_anything() -> None:
    assert not never_failing("w", LAB, [CountedTests(1, 49, 0), CountedTests(2, 1000, 300)], "9901", DAY)
    assert not never_failing("w", LAB, [CountedTests(1, 500, 0), CountedTests(2, 1000, 0)], "9901", DAY)
    assert not never_failing("w", LAB, [CountedTests(1, 500, 0)], "9901", DAY)


LICENCE = Expiry(record="production_licence", levels={BLUE: 30.0, YELLOW: 7.0, ORANGE: -1.0}, forget_after=90)


@pytest.mark.parametrize(
    ("left", "level"),
    [(31, None), (30, BLUE), (8, BLUE), (7, YELLOW), (0, YELLOW), (-1, ORANGE), (-90, ORANGE), (-91, None)],
)
def test_what_ends_takes_the_colour_of_the_days_that_are_left(left: int, level: WarningLevel | None) -> None:
    found = expiring("w", LICENCE, [Ending(1, 7, "9901", DAY + dt.timedelta(days=left))], DAY)
    assert [one.level for one in found] == ([level] if level else [])


def test_a_silent_unit_is_one_signal_from_its_oldest_period_on() -> None:
    watch = Silence(levels={BLUE: 15.0, YELLOW: 45.0})

    def owed(month: int) -> UndeliveredPeriod:
        first = dt.date(2026, month, 1)
        return UndeliveredPeriod("bureau", "9901", "penalty", first, first, first + dt.timedelta(days=40))

    found = silent("w", watch, [owed(2), owed(1)], dt.date(2026, 3, 30))
    (one,) = found
    assert one.first == dt.date(2026, 1, 1)
    assert (one.observed, one.facts, one.level) == (48, 2, YELLOW)
    assert not silent("w", watch, [owed(2)], dt.date(2026, 3, 27))


@given(st.floats(-100, 100), st.booleans())
def test_a_worse_number_never_has_a_milder_colour(value: float, falling: bool) -> None:
    levels = {BLUE: 10.0, RED: -5.0} if falling else {BLUE: -5.0, RED: 10.0}
    worse = value - 1 if falling else value + 1

    def rank(number: float) -> int:
        level = level_of(levels, number, falling=falling)
        return -1 if level is None else level.rank

    assert rank(worse) >= rank(value)
