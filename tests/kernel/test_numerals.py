"""Days and amounts as official papers write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.numerals import capital_yuan, chinese_day, counted, plain_day, plain_moment, plain_yuan
from zhiheng.kernel.reasons import Refused

DIGITS = {digit: number for number, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def read(text: str) -> Decimal:
    """The amount that characters of account say, read by the rules of arithmetic."""
    whole, _, rest = text.removeprefix("人民币").removesuffix("整").rpartition("元")
    yuan, section, digit = 0, 0, 0
    for c in whole:
        if c in DIGITS:
            digit = DIGITS[c]
        elif c in PLACES:
            section, digit = section + (digit or 1) * PLACES[c], 0
        elif c == "万":
            section, digit = (section + digit) * 10_000, 0
        else:
            yuan, section, digit = yuan + (section + digit) * 100_000_000, 0, 0
    yuan, cents = yuan + section + digit, 0
    for c in rest:
        if c in DIGITS:
            digit = DIGITS[c]
        else:
            cents += digit * (10 if c == "角" else 1)
    return Decimal(yuan) + Decimal(cents) / 100


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        # The examples of 会计基础工作规范.
        ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("107000.53", "人民币壹拾万柒仟元零伍角叁分"),
        ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "人民币叁佰贰拾伍元零肆分"),
        ("0", "人民币零元整"),
        ("20000", "人民币贰万元整"),
        ("0.05", "人民币伍分"),
        ("100010000", "人民币壹亿零壹万元整"),
    ],
)
def test_大写金额(amount: str, text: str) -> None:
    assert capital_yuan(Decimal(amount)) == text


@given(cents=st.integers(0, 10**13))
def test_大写金额读得回原来的数(cents: int) -> None:
    assert read(capital_yuan(Decimal(cents) / 100)) == Decimal(cents) / 100


@pytest.mark.parametrize("amount", ["-1", "10000000000000000"])
def test_写不成大写的金额退回(amount: str) -> None:
    with pytest.raises(Refused):
        capital_yuan(Decimal(amount))


def test_成文日期用汉字_正文日期用数字() -> None:
    assert chinese_day(dt.date(2026, 12, 1)) == "二〇二六年十二月一日"
    assert chinese_day(dt.date(2030, 10, 20)) == "二〇三〇年十月二十日"
    assert chinese_day(dt.date(2030, 1, 31)) == "二〇三〇年一月三十一日"
    assert plain_day(dt.date(2026, 12, 1)) == "2026年12月1日"
    assert plain_moment(dt.datetime(2026, 12, 1, 9, 5)) == "2026年12月1日9时05分"
    assert [counted(number) for number in (1, 7, 10, 15, 20, 60, 99, 100)] == [
        "一",
        "七",
        "十",
        "十五",
        "二十",
        "六十",
        "九十九",
        "100",
    ]


def test_没有分的金额不写小数() -> None:
    assert [plain_yuan(Decimal(each)) for each in ("20000", "0.5", "12.345")] == ["20000元", "0.50元", "12.35元"]
