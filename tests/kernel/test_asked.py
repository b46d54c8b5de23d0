"""What is written in an address is a number or a day that a database can hold and the calendar can count from, or
nothing.
"""

from __future__ import annotations

import datetime as dt

import pytest

from zhiheng.kernel.parse_params import day_in, number_in, place_in


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_数字就是数字(text: str, number: int) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", " 1", "²", "１２", "٣", "9" * 19, "9" * 100_000, "1\x00"])
def test_看着像数字的不是数字(text: str) -> None:
    assert number_in(text) is None


def test_日子就是日子() -> None:
    assert day_in("2026-03-31") == dt.date(2026, 3, 31)
    assert day_in("1900-01-01") == dt.date(1900, 1, 1)
    assert day_in("2199-12-31") == dt.date(2199, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-30",
        "0000-00-00",
        "0001-01-01",
        "9999-12-31",
        "99999-01-01",
        "2026-3-31",
        "２０２６-01-01",
        "x" * 100_000,
    ],
)
def test_没有的日子和数不到的日子都不是日子(text: str) -> None:
    assert day_in(text) is None


def test_清单里的位置是日子和号码() -> None:
    assert place_in("2026-03-31.17", ".") == (dt.date(2026, 3, 31), 17)
    assert place_in("2026-03-31~17", "~") == (dt.date(2026, 3, 31), 17)
    for text in ("", "2026-03-31", "2026-03-31.", ".17", "2026-02-30.17", "2026-03-31.²", "2026-03-31.17.1"):
        assert place_in(text, ".") is None
