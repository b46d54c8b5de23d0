"""Densities of counts against whole numbers of any length: none of their digits is lost, however large the lot is."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.engines.acceptance import Model, Plan, Stage, accept_probability
from zhiheng.engines.binomial_density import binomial_density, hypergeometric_density

# What is lost on the way may be no more than this share of the whole.
SHARE = 1e-12


def drawn(count: int, bad: int, good: int, n: int) -> Fraction:
    """The chance of ``count`` bad ones, counted out."""
    return Fraction(math.comb(bad, count) * math.comb(good, n - count), math.comb(bad + good, n))


def close(found: float, exact: Fraction) -> bool:
    """Whether a density is the exact one, but for its last digits; one that no number can hold is nought."""
    return abs(Fraction(found) - exact) <= exact * Fraction(SHARE) or (exact < 1e-280 and found < 1e-280)


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_a_sample_of_a_lot_is_counted_out_to_the_last_digit(data: st.DataObject) -> None:
    lot = data.draw(st.integers(1, 3_000))
    bad, n = data.draw(st.integers(0, lot)), data.draw(st.integers(0, lot))
    count = data.draw(st.integers(0, n))
    (found,) = hypergeometric_density(count, np.array([bad * 1.0]), np.array([lot - bad * 1.0]), n)
    assert close(float(found), drawn(count, bad, lot - bad, n))


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(0, 2_000), st.integers(0, 2_000), st.floats(0, 1))
def test_a_sample_of_a_process_is_counted_out_to_the_last_digit(n: int, count: int, p: float) -> None:
    chance = Fraction(p)
    exact = math.comb(n, count) * chance**count * (1 - chance) ** (n - count) if count <= n else Fraction(0)
    with np.errstate(all="raise", under="ignore"):
        (found,) = binomial_density(np.float64(count), np.float64(n), np.array([p]), np.array([1 - p]))
    # That the chance of a good one is one less that of a bad one is known to the last digit of one only.
    assert abs(Fraction(float(found)) - exact) <= exact * Fraction(1e-10) or (exact < 1e-280 and found < 1e-280)


@pytest.mark.parametrize(
    ("lot", "n", "accept", "bad"),
    [
        (10, 3, 0, 2),
        (10_000, 200, 5, 150),
        (1_000_000, 500, 10, 10_000),
        (100_000_000, 1_250, 21, 1_000_000),
        (1_000_000_000, 1_250, 21, 10_000_000),
        (1_000_000_000, 2_000, 21, 5_000_000),
        (1_000_000_000, 2_000, 0, 3),
        (1_000_000_000, 1_000, 998, 999_999_995),
    ],
)
def test_single_plans_accept_as_often_in_lots_of_any_size_as_counted_out(
    lot: int, n: int, accept: int, bad: int
) -> None:
    plan = Plan((Stage(n, accept, accept + 1),))
    exact = sum(drawn(count, bad, lot - bad, n) for count in range(accept + 1))
    (found,) = accept_probability(plan, [bad / lot], model=Model.HYPERGEOMETRIC, lot=lot)
    assert close(float(found), Fraction(exact))


@pytest.mark.parametrize(("lot", "bad"), [(1_000, 12), (1_000_000, 10_000), (1_000_000_000, 12_000_000)])
def test_double_plans_accept_as_often_in_lots_of_any_size_as_counted_out(lot: int, bad: int) -> None:
    plan = Plan((Stage(80, 0, 3), Stage(80, 3, 4)))
    exact = drawn(0, bad, lot - bad, 80)
    for first in (1, 2):
        for second in range(3 - first + 1):
            exact += drawn(first, bad, lot - bad, 80) * drawn(second, bad - first, lot - 80 - bad + first, 80)
    (found,) = accept_probability(plan, [bad / lot], model=Model.HYPERGEOMETRIC, lot=lot)
    assert close(float(found), exact)


@pytest.mark.parametrize("bad", [0, 1, 999_999, 1_000_000])
def test_a_lot_that_is_all_good_or_all_bad_is_told_without_an_overflow(bad: int) -> None:
    plan = Plan((Stage(1_250, 0, 3), Stage(1_250, 3, 4)))
    with np.errstate(all="raise", under="ignore"):
        (found,) = accept_probability(plan, [bad / 1_000_000], model=Model.HYPERGEOMETRIC, lot=1_000_000)
    assert found == pytest.approx(1.0 if bad < 2 else 0.0, rel=SHARE)
