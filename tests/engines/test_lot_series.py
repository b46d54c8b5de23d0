"""Lots one after the other: nothing is stored, all follows from the results."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from zhiheng.engines.lot_series import Lot, Series, judge, plan_for, state_after
from zhiheng.grammar.chapters.acceptance import ACCEPTANCE, AcceptanceStandard, Inspection, SampleKind
from zhiheng.kernel.reasons import Refused

BOOK = Path(__file__).parents[2] / "book"
PLAIN = Series("II", "1.0", SampleKind.SINGLE, may_reduce=True)


@pytest.fixture(scope="module")
def standard() -> AcceptanceStandard:
    return book_once(BOOK)[ACCEPTANCE]["gbt2828_1-2012"]


def test_ten_good_lots_of_a_plan_that_a_stricter_aql_would_take_reduce_inspection(standard: AcceptanceStandard) -> None:
    judged = judge(standard, PLAIN, [Lot(1000, 0)] * 10)
    assert [one.after.score for one in judged[:3]] == [3, 6, 9]
    assert state_after(judged).severity is Inspection.REDUCED
    assert plan_for(standard, PLAIN, 1000, Inspection.REDUCED).plan.n == 32


def test_a_lot_that_only_its_own_aql_takes_begins_the_score_again(standard: AcceptanceStandard) -> None:
    # 80 items: Ac 2 at 1.0, Ac 1 at 0.65.
    judged = judge(standard, PLAIN, [Lot(1000, 0), Lot(1000, 2)])
    assert [(one.accepted, one.after.score) for one in judged] == [(True, 3), (True, 0)]


def test_where_the_book_has_no_reduced_plan_the_normal_one_is_used(standard: AcceptanceStandard) -> None:
    double = Series("II", "1.0", SampleKind.DOUBLE, may_reduce=True)
    reduced = plan_for(standard, double, 1000, Inspection.REDUCED)
    assert reduced == plan_for(standard, double, 1000, Inspection.NORMAL)
    with pytest.raises(Refused) as told:
        plan_for(standard, double, 1000, Inspection.DISCONTINUED)
    assert told.value.refusals[0].code == "acceptance.discontinued"


@settings(max_examples=examples(150), deadline=None)
@given(lots=st.lists(st.tuples(st.integers(2, 5000), st.integers(0, 2)), max_size=30), may=st.booleans())
def test_the_past_of_a_series_never_depends_on_what_comes_after(lots: list[tuple[int, int]], may: bool) -> None:
    page = book_once(BOOK)[ACCEPTANCE]["gbt2828_1-2012"]
    series = Series("I", "2.5", SampleKind.SINGLE, may)
    asked = [Lot(size, min(found, 2), resumed=True) for size, found in lots]
    whole = judge(page, series, asked)
    assert whole[: len(asked) // 2] == judge(page, series, asked[: len(asked) // 2])
    assert all(one.plan_severity is not Inspection.REDUCED for one in whole if not may)
