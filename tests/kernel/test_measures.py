"""One unit is turned into another exactly, or not at all."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.fields.measures import bare_heading, conversion, counted, heading_unit, is_decimal, measure
from zhiheng.kernel.fields.number import DecimalNumber, Integer, Money, Quantity
from zhiheng.kernel.reasons import Refusal


@pytest.mark.parametrize(
    ("said", "wanted", "factor"),
    [
        ("万元", "元", 10_000),
        ("千元", "万元", "1/10"),
        ("亿元", "万元", 10_000),
        ("元", "亿元", "1/100000000"),
        ("人民币万元", "元", 10_000),
        ("万元（人民币）", "元", 10_000),
        ("千克", "吨", "1/1000"),
        ("万吨", "吨", 10_000),
        ("公斤", "kg", 1),
        ("斤", "千克", "1/2"),
        ("克", "千克", "1/1000"),
        ("公顷", "亩", 15),
        ("公顷", "平方米", 10_000),
        ("平方公里", "公顷", 100),
        ("万平方米", "平方米", 10_000),
        ("㎡", "平方米", 1),
        ("立方米", "升", 1000),
        ("千瓦时", "万千瓦时", "1/10000"),
        ("MJ", "千瓦时", None),
        ("千瓦时", "MJ", "18/5"),
        ("千克标准煤", "吨标准煤", "1/1000"),
        ("‰", "%", "1/10"),
        ("万人", "人", 10_000),
        ("千家", "家", 1000),
        ("公里", "米", 1000),
        ("亩", "公顷", None),
        ("千瓦时", "吨标准煤", None),
        ("元", "吨", None),
        ("美元", "元", None),
        ("家", "件", None),
        ("某局", "元", None),
    ],
)
def test_换算是精确的_不能精确换算的不换(said: str, wanted: str, factor: int | str | None) -> None:
    assert conversion(said, wanted) == (None if factor is None else Fraction(factor))


@given(
    st.sampled_from(["元", "千元", "万元", "百万元", "亿元"]), st.sampled_from(["元", "千元", "万元", "百万元", "亿元"])
)
def test_来回换算回到原数(one: str, other: str) -> None:
    there, back = conversion(one, other), conversion(other, one)
    assert there is not None
    assert back is not None
    assert there * back == 1
    assert is_decimal(there)


@pytest.mark.parametrize(
    ("heading", "unit", "bare"),
    [
        ("罚款金额（万元）", "万元", "罚款金额"),
        ("罚款金额(元)", "元", "罚款金额"),
        ("罚款金额/万元", "万元", "罚款金额"),
        ("罚款金额：万元", "万元", "罚款金额"),
        ("罚款金额（单位：万元）", "万元", "罚款金额"),
        ("罚款金额 万元", "万元", "罚款金额"),
        ("注册资本(金)(万元)", "万元", "注册资本(金)"),
        ("满意度（%）", "%", "满意度"),
        ("排放量[千克]", "千克", "排放量"),
        ("行政相对人代码_1(统一社会信用代码)", "", "行政相对人代码_1(统一社会信用代码)"),
        ("电话（手机）", "", "电话（手机）"),
        ("单价（元/吨）", "", "单价（元/吨）"),
        ("检验结果/单位", "", "检验结果/单位"),
        ("", "", ""),
    ],
)
def test_标题里的单位(heading: str, unit: str, bare: str) -> None:
    assert (heading_unit(heading), bare_heading(heading)) == (unit, bare)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200千克", "1.2"),
        ("1.2", "1.2"),
        ("1.2吨", "1.2"),
        ("0.5万吨", "5000"),
        ("1500公斤", "1.5"),
        ("12亩", None),
        ("12元", None),
    ],
)
def test_格里自带的同类单位精确换算_不同类的退回(text: str, value: str | None) -> None:
    read = DecimalNumber(unit="吨").clean(text)
    assert isinstance(read, Refusal) if value is None else read == value
    assert Integer(unit="件").clean("3千件") == 3000


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("1.2", "12000"),
        ("1,200.5", "12005000"),
        ("1.2万元", "12000"),
        ("300元", "300"),
        ("1.2万", "12000"),
        ("-3", "-30000"),
        ("", None),
    ],
)
def test_列的单位只管没写单位的数(text: str, yuan: str | None) -> None:
    assert Money().clean(counted(text, "万元")) == yuan


def test_认不出的不是单位() -> None:
    for text in ("", "某局", "元/吨", "市场监管局", "2026", "x" * 1000):
        assert measure(text) is None
    assert Quantity().counts == "quantity"


def test_防止变成数字的写法去掉_引号里的名字不动() -> None:
    from zhiheng.kernel.fields.text import tidy

    assert tidy('="91990101MAG6B0H26Q"') == "91990101MAG6B0H26Q"
    assert tidy("'0123") == "0123"
    assert tidy("'甲'") == "'甲'"
    assert tidy("'n Sync'") == "'n Sync'"
