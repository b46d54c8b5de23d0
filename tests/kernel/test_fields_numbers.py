"""Numbers, money, percentages, quantities and units."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.fields.number import DecimalNumber, Integer, Money, Percentage, Quantity
from zhiheng.kernel.fields.units import unit_spelling
from zhiheng.kernel.reasons import Refusal

DECIMALS = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=6)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("12.50", "12.5"),
        ("0012", "12"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("1,234,567.80", "1234567.8"),
        ("１２．５", "12.5"),
        ("1.2万", "12000"),
        ("3亿", "300000000"),
        ("1e-05", "0.00001"),
        ("1.5E+03", "1500"),
        ("46.800000000000004", "46.8"),
        ("0.30000000000000004", "0.3"),
        ("3.14159265358979323", "3.14159265358979323"),
        ("−5", "-5"),
        (" 7 ", "7"),
    ],
)
def test_数的写法归一(said: str, value: str) -> None:
    assert DecimalNumber().clean(said) == value


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("12-15", "number.rest"),
        ("约100", "number.unread"),
        ("1,23", "number.separators"),
        ("1.234,56", "number.separators"),
        ("1.23457E+17", "number.shortened"),
        ("9" * 19, "number.too_long"),
        ("12%", "number.rest"),
        ("1 2", "number.rest"),
        ("(12)", "number.unread"),
        ("1\n2", "number.rest"),
        ("12.", "number.rest"),
        ("²", "number.unread"),
        ("٣", "number.unread"),
    ],
)
def test_不是一个数就不读(said: str, code: str) -> None:
    refusal = DecimalNumber().clean(said)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.code == code


def test_数的范围和单位() -> None:
    field = DecimalNumber(min=0, max="100", unit="℃")
    assert field.clean("36.5℃") == "36.5"
    assert field.clean("36.5 °C") == "36.5"
    assert [field.clean(said).code for said in ("-1", "100.1", "36.5kg")] == [
        "number.too_small",
        "number.too_large",
        "number.rest",
    ]
    assert DecimalNumber(unit="万人").clean("3万人") == "3"


def test_整数() -> None:
    assert [Integer().clean(said) for said in ("12", "12.0", "1,200", "3万", "/", "0")] == [
        12,
        12,
        1200,
        30000,
        None,
        0,
    ]
    refusal = Integer().clean("12.5")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "number.not_whole"
    assert Integer(unit="家").clean("800家") == 800


@pytest.mark.parametrize(
    ("said", "unit", "yuan"),
    [
        ("1,234.50元", "元", "1234.5"),
        ("¥1,234.5", "元", "1234.5"),
        ("￥ 12", "元", "12"),
        ("人民币1.2万元整", "元", "12000"),
        ("1.2", "万元", "12000"),
        ("500元", "万元", "500"),
        ("0.35亿元", "元", "35000000"),
        ("12千元", "元", "12000"),
        ("-3万元", "元", "-30000"),
        ("-¥12", "元", "-12"),
        ("1.2万", "元", "12000"),
        ("RMB 12", "万元", "12"),
        ("2百万元", "元", "2000000"),
        ("0", "亿元", "0"),
        ("12百元", "元", "1200"),
        ("3十元", "元", "30"),
    ],
)
def test_金额都换算成元(said: str, unit: str, yuan: str) -> None:
    assert Money(unit=unit).clean(said) == yuan


@pytest.mark.parametrize("said", ["100美元", "$100", "5元/吨", "1-2万元", "约5万元", "10元20元"])
def test_不是人民币一个数的金额不读(said: str) -> None:
    assert isinstance(Money().clean(said), Refusal)


def test_百分数() -> None:
    field = Percentage()
    assert [field.clean(said) for said in ("96.4%", "96.4％", "96.4", "百分之96.4", "5‰", "0", "0.5%")] == [
        "96.4",
        "96.4",
        "96.4",
        "96.4",
        "0.5",
        "0",
        "0.5",
    ]
    assert field.clean("0.964").code == "percentage.ambiguous"
    assert Percentage(as_fraction=True).clean("0.964") == "96.4"
    assert Percentage(as_fraction=False).clean("0.964") == "0.964"
    assert Percentage(as_fraction=True).clean("96.4%") == "96.4"


def test_数量带单位() -> None:
    field = Quantity()
    assert field.clean("12.50公斤") == {"value": "12.5", "unit": "kg"}
    assert field.clean("500 克") == {"value": "500", "unit": "g"}
    assert field.clean("3.2万吨") == {"value": "32000", "unit": "t"}
    assert field.clean("30", {"unit": "袋"}) == {"value": "30", "unit": "袋"}
    assert field.clean("30袋", {"unit": "袋"}) == {"value": "30", "unit": "袋"}
    assert field.clean("30kg", {"unit": "g"}).code == "quantity.units_differ"
    assert field.clean("10kg×2").code == "quantity.unit"
    assert Quantity(units=["公斤"]).clean("3kg") == {"value": "3", "unit": "kg"}
    assert Quantity(units=["kg"]).clean("3袋").code == "quantity.unit"
    assert Quantity(unit="t").clean("3") == {"value": "3", "unit": "t"}


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("ug/kg", "μg/kg"),
        ("\u00b5g/kg", "μg/kg"),
        ("μg/Kg", "μg/kg"),
        ("㎎/㎏", "mg/kg"),
        ("微克/千克", "μg/kg"),
        ("毫克/公斤", "mg/kg"),
        ("cfu/ml", "CFU/mL"),
        ("MPN/100ml", "MPN/100mL"),
        ("g/100g", "g/100g"),
        ("kj/100g", "kJ/100g"),
        ("/25g", "/25g"),
        ("mg·kg⁻¹", "mg/kg"),
        ("mg/kg", "mg/kg"),
        ("％", "%"),
        ("m2", None),
        ("m²", "m²"),
        ("m<sup>2</sup>", "m²"),
        ("Bq/kg", "Bq/kg"),
        ("×10²/8.6×10²/…CFU/g", None),
        ("100g", None),
        ("mg/kg/", None),
        ("/g", None),
        ("", None),
        ("10CFU", None),
    ],
)
def test_单位只有一种写法(said: str, unit: str | None) -> None:
    assert unit_spelling(said) == unit


@given(DECIMALS)
def test_小数归一以后再读不变且数值不变(number: Decimal) -> None:
    for field in (DecimalNumber(), Money()):
        value = field.clean(str(number))
        assert Decimal(value) == number
        assert field.clean(field.show(value)) == value
        assert "E" not in value
        assert value == "0" or not value.startswith("-0") or value.startswith("-0.")


@given(st.floats(min_value=1e-4, max_value=1e12, allow_nan=False))
def test_电子表格的浮点数读成它显示的数(number: float) -> None:
    value = DecimalNumber().clean(repr(number))
    assert float(value) == pytest.approx(number, rel=1e-14)


@given(st.text(alphabet="0123456789.,+-eE万亿 %元", max_size=14))
def test_读出来的数的数字都在原文里(text: str) -> None:
    value = DecimalNumber().clean(text)
    if isinstance(value, str):
        kept = value.replace(".", "").replace("-", "").strip("0")
        assert kept in "".join(char for char in text if char.isdigit())
