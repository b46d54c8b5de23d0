"""An alarm beneath explains the one above it: whole where what is left is within the bound, else in part."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from zhiheng.engines.early_warning.explaining import SeriesAlarm, explained

WEEK = dt.date(2026, 3, 2)
ABOVE = {"9901": (), "990101": ("9901",), "990102": ("9901",), "990101001": ("990101", "9901")}


def alarm(
    number: int,
    area: str = "",
    observed: float = 10,
    expected: float | None = 2,
    bound: float | None = 5,
    week: int = 0,
    **groups: str,
) -> SeriesAlarm:
    """An alarm of a week of an area and its groups."""
    first = WEEK + dt.timedelta(days=7 * week)
    key = groups | ({"area": area} if area else {})
    return SeriesAlarm(number, key, first, first + dt.timedelta(days=6), observed, expected, bound)


def test_one_street_alone_explains_its_district_whole() -> None:
    found = explained([alarm(1, "990101", 12, 4, 8), alarm(2, "990101001", 9, 1, 4)], ABOVE)
    assert set(found) == {1}
    assert (found[1].by, found[1].rest, found[1].whole) == ((2,), 4, True)


def test_where_more_is_left_than_the_bound_it_is_explained_in_part() -> None:
    found = explained([alarm(1, "990101", 20, 4, 8), alarm(2, "990101001", 9, 1, 4)], ABOVE)
    assert (found[1].rest, found[1].whole) == (12, False)


def test_the_city_is_explained_by_its_districts_and_not_once_more_by_their_streets() -> None:
    alarms = [alarm(1, "9901", 30, 6, 12), alarm(2, "990101", 20, 4, 9), alarm(3, "990101001", 18, 3, 7)]
    found = explained([*alarms, alarm(4, "990102", 8, 2, 5)], ABOVE)
    assert found[1].by == (2, 4)
    assert (found[1].rest, found[1].whole) == (8, True)
    assert found[2].by == (3,)


def test_other_goods_and_other_weeks_explain_nothing() -> None:
    above = alarm(1, "990101", product_class="糕点")
    assert not explained([above, alarm(2, "990101001", product_class="酒类")], ABOVE)
    assert not explained([above, alarm(2, "990101001", week=1, product_class="糕点")], ABOVE)
    assert set(explained([above, alarm(2, "990101001", product_class="糕点")], ABOVE)) == {1}


def test_a_series_of_all_goods_is_explained_by_one_class_of_them() -> None:
    found = explained([alarm(1, "990101", 12, 4, 8), alarm(2, "990101", 9, 1, 4, product_class="糕点")], ABOVE)
    assert (found[1].by, found[1].whole) == ((2,), True)


def test_a_fact_that_two_alarms_count_is_taken_off_once() -> None:
    street, goods = alarm(2, "990101001", 9, 1, 4), alarm(3, "990101", 8, 1, 4, product_class="糕点")
    found = explained([alarm(1, "990101", 20, 4, 8), street, goods], ABOVE)
    assert (found[1].by, found[1].rest) == ((2, 3), 12)


def test_without_an_expected_number_it_is_named_but_not_called_whole() -> None:
    found = explained([alarm(1, "990101", 12, 4, 8), alarm(2, "990101001", 12, None, 4)], ABOVE)
    assert (found[1].by, found[1].rest, found[1].whole) == ((2,), None, False)
    assert not explained([alarm(1, "990101", 5, 1, None), alarm(2, "990101001", 5, 1, 3)], ABOVE)[1].whole


_ALARMS = st.lists(
    st.tuples(
        st.sampled_from(["", *ABOVE]),
        st.sampled_from([None, "糕点", "酒类"]),
        st.integers(3, 40),
        st.integers(0, 3),
    ),
    max_size=8,
    unique_by=lambda one: one[:2],
)


@given(_ALARMS)
def test_nothing_explains_itself_and_what_explains_is_never_explained_by_it(
    drawn: list[tuple[str, str | None, int, int]],
) -> None:
    alarms = [
        alarm(at, area, observed, expected, 5, **({"product_class": goods} if goods else {}))
        for at, (area, goods, observed, expected) in enumerate(drawn)
    ]
    found = explained(alarms, ABOVE)
    for number, one in found.items():
        assert number not in one.by
        for child in one.by:
            assert number not in (found[child].by if child in found else ())
        assert one.rest is not None
        assert one.rest <= alarms[number].observed
