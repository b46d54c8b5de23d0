"""The numbers of a record's facts as a few ranges: none is left out, and no more ranges are made than were allowed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zhiheng.ledger.fact_ranges import joined

# Deliveries one after the other: how many facts, and how many of other records stand before them.
DELIVERIES = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=30)


def ranges(some: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found, at = [], 1
    for facts, between in some:
        at += between
        found.append((at, at + facts - 1))
        at += facts
    return found


@given(DELIVERIES, st.integers(1, 12))
def test_一个编号也不漏_段数不超过所许(some: list[tuple[int, int]], most: int) -> None:
    given_ = ranges(some)
    made = joined(given_, most)
    assert len(made) == min(most, len(given_))
    assert all(any(first <= a and b <= last for first, last in made) for a, b in given_)
    assert list(made) == sorted(made)


@given(DELIVERIES)
def test_段数够用时_原样保留(some: list[tuple[int, int]]) -> None:
    assert list(joined(ranges(some), 30)) == ranges(some)


def test_合并的是相距最近的() -> None:
    assert joined([(1, 2), (90, 95), (4, 9), (50, 60)], 3) == [(1, 9), (50, 60), (90, 95)]
    assert joined([], 3) == []
