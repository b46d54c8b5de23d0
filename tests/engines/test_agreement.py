"""Agreement of judges: the six forms of Shrout and Fleiss on their own example, and what can't be said."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.engines.agreement import IntraclassForm, intraclass

GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "statistics" / "rating"
PAPER = np.asarray([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)


@pytest.mark.shared
@pytest.mark.skipif(not GOLDEN.exists(), reason="../shared/golden/statistics/rating is not here")
def test_the_six_forms_are_those_of_psych() -> None:
    scores = np.loadtxt(GOLDEN / "icc_shrout_fleiss1979_data.csv", delimiter=",", skiprows=1)
    found = intraclass(scores)
    with (GOLDEN / "icc_shrout_fleiss1979_psych.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["type"] for row in rows} == {form.value for form in IntraclassForm}
    for row in rows:
        one = found[IntraclassForm(row["type"])]
        assert one.value == pytest.approx(float(row["ICC"]), rel=1e-9)
        assert one.f == pytest.approx(float(row["F"]), rel=1e-9)
        assert one.freedom == (int(row["df1"]), int(row["df2"]))
        assert one.p == pytest.approx(float(row["p"]), rel=1e-5)
        assert (one.lower, one.upper) == pytest.approx((float(row["lower"]), float(row["upper"])), rel=1e-6)


def test_the_paper_says_17_29_and_71_percent() -> None:
    found = intraclass(PAPER)
    assert [round(found[form].value, 2) for form in IntraclassForm] == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]


@settings(max_examples=examples(100), deadline=None)
@given(shift=st.integers(-50, 50), scale=st.sampled_from([0.5, 2.0, 16.0]))
def test_units_of_the_scores_do_not_matter(shift: int, scale: float) -> None:
    here, there = intraclass(PAPER), intraclass(PAPER * scale + shift)
    for form in IntraclassForm:
        assert there[form].value == pytest.approx(here[form].value, rel=1e-9)
        assert there[form].lower <= there[form].value <= there[form].upper


@pytest.mark.parametrize(
    "scores",
    [
        np.ones((1, 3)),
        np.ones((3, 1)),
        np.ones((3, 3)),
        np.asarray([[1.0, 2.0], [2.0, np.nan]]),
        np.asarray([[1.0, 2.0], [2.0, 3.0], [5.0, 6.0]]),
    ],
)
def test_where_nothing_can_be_said_nothing_is_said(scores: np.ndarray) -> None:
    with pytest.raises(ValueError):
        intraclass(scores)
