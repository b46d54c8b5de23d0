"""What a process remembers: the right answer, a bounded number of them, and never that of another object."""

from __future__ import annotations

import gc
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.memo import Recent, Same, once_for


@given(asked=st.lists(st.integers(0, 9), max_size=60), most=st.integers(1, 5))
def test_答的总是对的_记住的不超过上限(asked: list[int], most: int) -> None:
    kept: Recent[int, str] = Recent(most)
    for number in asked:
        assert kept.get(number, lambda number=number: f"答 {number}") == f"答 {number}"
        assert len(kept) <= most
    assert len(kept) == min(most, len(set(asked)))


def test_记得的不再算_最久没问的先忘() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    kept: Recent[str, str] = Recent(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, lambda key=key: make(key)) == key.upper()
    assert made == ["a", "b", "c", "b"]
    kept.forget()
    assert len(kept) == 0


def test_算不出来的不记_下次再算() -> None:
    kept: Recent[str, int] = Recent(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 7) == 7


def test_空的答案也是答案() -> None:
    kept: Recent[str, str | None] = Recent(2)
    assert kept.get("a", lambda: None) is None
    assert kept.get("a", lambda: "再算") is None


def test_一个也不记的不收() -> None:
    with pytest.raises(ValueError, match="how many"):
        Recent(0)


def test_相等的两个对象各算各的_用过的身份不会给别人() -> None:
    made = []

    @once_for(2)
    def length(things: list[int]) -> int:
        made.append(things)
        return len(things)

    one, other = [1], [1]
    assert (length(one), length(other), length(one)) == (1, 1, 1)
    assert len(made) == 2
    for n in range(200):
        # A new object may stand where an old one stood; it is asked anew all the same.
        assert length([0] * n) == n
        if n % 50 == 0:
            # What was made since stands in the youngest generation.
            gc.collect(0)


def test_同一个对象才相同() -> None:
    one = [1]
    assert Same(one) == Same(one)
    assert Same(one) != Same([1])
    assert Same(one) != one
    assert hash(Same(one)) == hash(Same(one))


def test_几个线程同时问_谁也不出错() -> None:
    kept: Recent[int, int] = Recent(3)
    wrong: list[int] = []
    start = Barrier(4)

    def ask() -> None:
        start.wait()
        for n in range(2_000):
            if kept.get(n % 7, lambda n=n: n % 7) != n % 7:
                wrong.append(n)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(kept) == 3
