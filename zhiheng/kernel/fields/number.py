"""Numbers, money, percentages and quantities, as canonical decimal strings (never floats).

Read are plain digits, thousands in groups of three, full-width digits, 万 and 亿, and a short exponent. Refused is what
only looks like one number: 1,23 or 1.234,56, 12-15, 约100, and long numbers that a spreadsheet has shortened to
1.23E+17.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import cached_property
from typing import ClassVar

from zhiheng.kernel.fields import refusals
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.measures import conversion, measure
from zhiheng.kernel.fields.text import narrow, parts_of, says_nothing, tidy
from zhiheng.kernel.fields.units import unit_spelling
from zhiheng.kernel.reasons import Refusal

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,10})?")
_PLAIN_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.(?P<fraction>[0-9]+))?"
    r"(?:[eE](?P<exponent>[+-]?[0-9]{1,3}))?\s*(?P<scale>[千百十]?[万亿]|万亿)?\s*(?P<rest>.*)",
    re.DOTALL,
)
_MINUS = str.maketrans({"−": "-", "﹣": "-", "﹢": "+", "‑": "-"})
_SCALES = {"十万": 5, "百万": 6, "千万": 7, "万": 4, "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12}
# A spreadsheet shows numbers of twelve digits and more as 1.23457E+11: the digits that followed are gone.
_SHORTENED = 11
_WIDE = Context(prec=200)
_AS_EXCEL = Context(prec=15)
_LONGEST_WHOLE = 18


def canonical(number: Decimal) -> str:
    """The one spelling of a decimal: no exponent, no zeros at either end, no '-0'."""
    said = format(number, "f")
    if "." in said:
        said = said.rstrip("0").rstrip(".")
    return "0" if said in ("-0", "") else said


def _without_noise(number: Decimal) -> Decimal:
    """46.800000000000004 as 46.8: the seventeenth digit of a binary number, which no spreadsheet ever shows.

    Only with ten decimal places and more, and where fifteen digits leave a clearly shorter number; a number that was
    really written so finely is kept.
    """
    _, digits, exponent = number.as_tuple()
    if len(digits) < 16 or not isinstance(exponent, int) or exponent > -10:
        return number
    with localcontext(_WIDE):
        shorter = _AS_EXCEL.plus(number).normalize()
    return shorter if len(shorter.as_tuple().digits) <= 12 else number


def read_number(text: str, *, whole: int = _LONGEST_WHOLE) -> tuple[str, str] | Refusal:
    """A (tidied) text as a canonical number and what follows it; refused where it does not begin with one number."""
    said = narrow(text).translate(_MINUS)
    found = _NUMBER.fullmatch(said)
    if found is None:
        return refusals.number_unread(text)
    rest = found["rest"]
    if re.match(r"[,，.、]\s*[0-9]", rest):
        return refusals.separators_unclear(text)
    exponent = int(found["exponent"] or 0)
    if exponent >= _SHORTENED:
        return refusals.number_shortened(text)
    if len(found["digits"]) > 60 or len(found["fraction"] or "") > 60:
        return refusals.number_too_long(text, whole)
    with localcontext(_WIDE):
        number = Decimal(f"{found['sign']}{found['digits'].replace(',', '')}.{found['fraction'] or '0'}")
        number = _without_noise(number).scaleb(exponent + _SCALES.get(found["scale"] or "", 0))
        said = canonical(number)
    if len(said.lstrip("-").split(".")[0]) > whole:
        return refusals.number_too_long(text, whole)
    return said, rest


@dataclass(frozen=True)
class _Number(FieldType):
    """What decimals, money and percentages share: a range."""

    min: Decimal | int | str | None = None
    max: Decimal | int | str | None = None

    @cached_property
    def _bounds(self) -> tuple[Decimal | None, Decimal | None]:
        return (
            None if self.min is None else Decimal(str(self.min)),
            None if self.max is None else Decimal(str(self.max)),
        )

    def _bounded(self, said: str, text: str) -> str | Refusal:
        if self.min is None and self.max is None:
            return said
        low, high = self._bounds
        number = Decimal(said)
        if low is not None and number < low:
            return refusals.number_too_small(text, least=canonical(low))
        if high is not None and number > high:
            return refusals.number_too_large(text, most=canonical(high))
        return said


@dataclass(frozen=True)
class DecimalNumber(_Number):
    """A number. ``unit``: the unit of the field; it may stand behind the number. Another one of the same kind is
    converted exactly (1200千克 is 1.2 where the unit is 吨), one of another kind is refused.

    The lake keeps six places; the value keeps every place that was delivered.
    """

    name = "decimal"
    label = ("数", "number")
    columns: ClassVar[Mapping[str, str]] = {"": "DECIMAL(24,6)"}

    unit: str = ""

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        if _PLAIN.fullmatch(text):
            plain = text.rstrip("0").rstrip(".") if "." in text else text
            return self._bounded("0" if plain == "-0" else plain, text)
        said = tidy(text)
        if says_nothing(said):
            return None
        number = _read_in(said, text, self.unit)
        if isinstance(number, Refusal):
            return number
        return self._bounded(number, text)

    @property
    def counts(self) -> str:
        return _counts(self.unit)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        return "" if value is None else f"{value}{_unit_shown(self.unit, lang)}"


def _counts(unit: str) -> str:
    of = measure(unit) if unit else None
    return of.dimension if of is not None else f"own:{unit}" if unit else "number"


def _unit_shown(unit: str, lang: str) -> str:
    """The unit behind a number. In English only a sign (m²): what is counted in Chinese measure words is in the field's
    label.
    """
    if lang == "zh":
        return unit
    sign = unit_spelling(unit) or unit
    return (sign if sign == "%" else f" {sign}") if sign and not _HAN.search(sign) else ""


def _without_unit(said: str, unit: str) -> str:
    """A unit such as 万人 goes first: its 万 belongs to the unit of the field and not to the number."""
    return said[: -len(unit)] if unit and len(said) > len(unit) and said.endswith(unit) else said


def _read_in(said: str, text: str, unit: str) -> str | Refusal:
    """The number that a cell says, in the unit of its field: exactly converted where it names another one of the same
    dimension.
    """
    read = read_number(_without_unit(said, unit))
    if isinstance(read, Refusal):
        return read.at(field="", text=text)
    number, rest = read
    if not rest or (unit and _same_unit(rest, unit)):
        return number
    # 3千件 with the unit 件 leaves 千: then the unit as it was written is 千件.
    whole = read_number(said)
    number, behind = read if isinstance(whole, Refusal) else whole
    factor = conversion(behind, unit) if unit else None
    if factor is None:
        return refusals.number_with_rest(text, rest, unit)
    with localcontext(_WIDE):
        return canonical(Decimal(number) * factor.numerator / factor.denominator)


def _same_unit(said: str, unit: str) -> bool:
    return said == unit or (unit_spelling(said) or said.casefold()) == (unit_spelling(unit) or unit.casefold())


@dataclass(frozen=True)
class Integer(_Number):
    """A count; the value is an int. ``unit`` (家, 批次) may stand behind it."""

    name = "integer"
    label = ("整数", "whole number")
    columns: ClassVar[Mapping[str, str]] = {"": "BIGINT"}

    unit: str = ""

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        if _PLAIN_WHOLE.fullmatch(text) and self.min is None and self.max is None:
            return int(text)
        said = tidy(text)
        if says_nothing(said):
            return None
        number = _read_in(said, text, self.unit)
        if isinstance(number, Refusal):
            return number
        if "." in number:
            return refusals.number_not_whole(text)
        bounded = self._bounded(number, text)
        return bounded if isinstance(bounded, Refusal) else int(bounded)

    @property
    def counts(self) -> str:
        return _counts(self.unit)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        return "" if value is None else f"{value}{_unit_shown(self.unit, lang)}"


_MONEY_UNITS = {
    "": 0,
    "元": 0,
    "圆": 0,
    "块": 0,
    "十元": 1,
    "百元": 2,
    "千元": 3,
    "万元": 4,
    "十万元": 5,
    "百万元": 6,
    "千万元": 7,
    "亿元": 8,
}
_MONEY_BEFORE = re.compile(r"(?:人民币|RMB|CNY|[¥￥])\s*[:：]?\s*", re.IGNORECASE)
_MONEY_AFTER = re.compile(
    r"(?P<unit>[千百十]?元|圆|块|)\s*(?:人民币|RMB|CNY)?\s*[整正]?\s*(?:[(（]?人民币[)）]?)?", re.IGNORECASE
)


@dataclass(frozen=True)
class Money(_Number):
    """Yuan. ``unit``: what a bare number counts (元, 千元, 万元, 百万元, 亿元); a unit in the cell itself comes
    first.
    """

    name = "money"
    label = ("金额", "amount of money")
    columns: ClassVar[Mapping[str, str]] = {"": "DECIMAL(20,2)"}

    unit: str = "元"

    @cached_property
    def _shift(self) -> int:
        return _MONEY_UNITS[self.unit]

    @property
    def counts(self) -> str:
        return "money"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.unit not in _MONEY_UNITS:
            raise ValueError(f"money: unit must be one of {'、'.join(filter(None, _MONEY_UNITS))}, not {self.unit!r}")

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = tidy(text)
        if says_nothing(said):
            return None
        said = said.translate(_MINUS)
        minus = said[0] in "-－" and _MONEY_BEFORE.match(said, 1) is not None
        said = said[1:] if minus else said
        if before := _MONEY_BEFORE.match(said):
            said = said[before.end() :]
        read = read_number(said)
        if isinstance(read, Refusal):
            return read.at(field="", text=text)
        number, rest = read
        after = _MONEY_AFTER.fullmatch(rest)
        if after is None or (minus and number.startswith("-")):
            return refusals.money_unread(text)
        shift = _MONEY_UNITS[after["unit"]]
        if not rest and not before and not re.search("[万亿]", said):
            shift = self._shift
        with localcontext(_WIDE):
            amount = Decimal(number).scaleb(shift)
            yuan = canonical(-amount if minus else amount)
        if len(yuan.lstrip("-").split(".")[0]) > _LONGEST_WHOLE:
            return refusals.number_too_long(text, _LONGEST_WHOLE)
        return self._bounded(yuan, text)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if value is None:
            return ""
        sign, digits = ("-", str(value)[1:]) if str(value).startswith("-") else ("", str(value))
        whole, point, fraction = digits.partition(".")
        amount = f"{sign}{int(whole):,}{point}{fraction}"
        return f"{amount}元" if lang == "zh" else f"CNY {amount}"


@dataclass(frozen=True)
class Percentage(_Number):
    """Percentage points: '96.4%' is '96.4'.

    For a bare number, ``as_fraction`` true reads 0.964 as 96.4, false reads it as 0.964; without the option, numbers
    above 1 are points and a bare number up to 1 is refused, since a spreadsheet hands over 96.4% as 0.964.
    """

    name = "percentage"
    label = ("百分比", "percentage")
    columns: ClassVar[Mapping[str, str]] = {"": "DECIMAL(12,4)"}

    as_fraction: bool | None = None

    @property
    def counts(self) -> str:
        return "share"

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = tidy(text)
        if says_nothing(said):
            return None
        marked = said.startswith("百分之")
        read = read_number(said[3:] if marked else said, whole=8)
        if isinstance(read, Refusal):
            return read.at(field="", text=text)
        number, rest = read
        rest = rest.strip()
        if rest not in ("", "%", "‰", "个百分点", "百分点", "pct", "pp") or (marked and rest):
            return refusals.number_with_rest(text, rest, "%")
        shift = -1 if rest == "‰" else 0
        if not rest and not marked:
            if self.as_fraction is None and number != "0" and abs(Decimal(number)) <= 1:
                return refusals.percentage_ambiguous(
                    text, number=number, hundredfold=canonical(Decimal(number).scaleb(2))
                )
            shift = 2 if self.as_fraction else 0
        with localcontext(_WIDE):
            points = canonical(Decimal(number).scaleb(shift))
        return self._bounded(points, text)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        return "" if value is None else f"{value}%"


_UNIT_SHAPE = re.compile(r"[^\W\d_](?:[^\d:：;；,，、]{0,15})")


@dataclass(frozen=True)
class Quantity(FieldType):
    """An amount with its unit: {"value", "unit"}.

    ``unit`` is meant where none is written; ``units``, where given, are the only ones taken (in any of their
    spellings). The part ``unit`` is a separate column.
    """

    name = "quantity"
    label = ("数量和单位", "quantity with its unit")
    parts = ("unit",)
    columns: ClassVar[Mapping[str, str]] = {"value": "DECIMAL(24,6)", "unit": "VARCHAR"}

    unit: str = ""
    units: Sequence[str] = ()

    @property
    def counts(self) -> str:
        return "quantity"

    @cached_property
    def _allowed(self) -> frozenset[str]:
        return frozenset(unit_spelling(unit) or unit for unit in self.units)

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = tidy(text)
        if says_nothing(said):
            return None
        read = read_number(said)
        if isinstance(read, Refusal):
            return read.at(field="", text=text)
        number, rest = read
        beside = parts_of(parts, "unit")
        for unit in (rest, beside):
            if unit and unit_spelling(unit) is None and not _UNIT_SHAPE.fullmatch(unit):
                return refusals.not_a_unit(unit, text=text)
        spelled = [unit_spelling(unit) or unit for unit in (rest, beside) if unit]
        if len(set(spelled)) > 1:
            return refusals.units_differ(text, beside=beside)
        unit = spelled[0] if spelled else (unit_spelling(self.unit) or self.unit)
        if self.units and unit not in self._allowed:
            return refusals.unit_not_allowed(text, self.units)
        return {"value": number, "unit": unit}

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        return "" if value is None else f"{value['value']} {value['unit']}".strip()
