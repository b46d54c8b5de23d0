"""What a unit measures and how many of its base unit it counts, for exact conversion between units.

One rule for every place where a unit may be said: a cell, a heading, a row of units, a line above a table, the record.
Factors are fractions; nothing here is ever rounded. Sources: GB 3100 (SI and the units used with it), GB/T 2589
(standard coal is a separate measure: it is no amount of heat without a convention), and 1 亩 = 2000/3 m².
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from zhiheng.kernel.fields.day import SERIAL
from zhiheng.kernel.fields.text import narrow
from zhiheng.kernel.fields.units import unit_spelling

_PREFIXES = {
    "十": 1,
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "十亿": 9,
    "百亿": 10,
    "千亿": 11,
    "万亿": 12,
}
_PREFIXED = re.compile(r"(?P<prefix>十万|百万|千万|十亿|百亿|千亿|万亿|[十百千万亿])(?P<unit>\S+)")
_MONEY = {
    "元": Fraction(1),
    "圆": Fraction(1),
    "块": Fraction(1),
    "yuan": Fraction(1),
    "rmb": Fraction(1),
    "cny": Fraction(1),
    "角": Fraction(1, 10),
}
_FOREIGN = re.compile(
    r"(?:美|港|欧|日|澳|加|新台|新加坡|韩|卢布|英)(?:元|币|圆)|英镑|卢布|美金|USD|HKD|EUR|JPY|GBP", re.IGNORECASE
)
_RENMINBI = re.compile(r"^(?:人民币|RMB|CNY)[:：]?(?=.)|(?<=.)[(（]?(?:人民币|RMB|CNY)[)）]?$", re.IGNORECASE)
_TRADITIONAL = str.maketrans("萬億圓噸畝戶個條臺", "万亿圆吨亩户个条台")
_BASES: dict[str, dict[str, Fraction]] = {
    "mass": {
        "pg": Fraction(1, 10**12),
        "ng": Fraction(1, 10**9),
        "μg": Fraction(1, 10**6),
        "mg": Fraction(1, 1000),
        "g": Fraction(1),
        "kg": Fraction(1000),
        "t": Fraction(10**6),
        "斤": Fraction(500),
        "两": Fraction(50),
    },
    "area": {
        "mm²": Fraction(1, 10**6),
        "cm²": Fraction(1, 10**4),
        "dm²": Fraction(1, 100),
        "m²": Fraction(1),
        "亩": Fraction(2000, 3),
        "hm²": Fraction(10**4),
        "km²": Fraction(10**6),
    },
    "length": {
        "nm": Fraction(1, 10**9),
        "μm": Fraction(1, 10**6),
        "mm": Fraction(1, 1000),
        "cm": Fraction(1, 100),
        "dm": Fraction(1, 10),
        "m": Fraction(1),
        "km": Fraction(1000),
    },
    "volume": {
        "μL": Fraction(1, 10**9),
        "mL": Fraction(1, 10**6),
        "cm³": Fraction(1, 10**6),
        "dL": Fraction(1, 10**4),
        "L": Fraction(1, 1000),
        "dm³": Fraction(1, 1000),
        "kL": Fraction(1),
        "m³": Fraction(1),
    },
    "energy": {
        "J": Fraction(1),
        "kJ": Fraction(1000),
        "MJ": Fraction(10**6),
        "GJ": Fraction(10**9),
        "kW·h": Fraction(3_600_000),
    },
    "standard coal": {
        "kgce": Fraction(1),
        "千克标准煤": Fraction(1),
        "公斤标准煤": Fraction(1),
        "tce": Fraction(1000),
        "吨标准煤": Fraction(1000),
        "吨标煤": Fraction(1000),
    },
    "share": {"%": Fraction(1), "‰": Fraction(1, 10), "个百分点": Fraction(1), "百分点": Fraction(1)},
    "time": {"s": Fraction(1), "min": Fraction(60), "h": Fraction(3600), "d": Fraction(86_400)},
}
_BASE_OF = {unit: (dimension, factor) for dimension, units in _BASES.items() for unit, factor in units.items()}
IN_BRACKETS = re.compile(r"[（(\[【]\s*([^（）()\[\]【】]{1,24}?)\s*[）)\]】]")
_LONGEST_HEADING = 500
_PREFIX = re.compile(r"^(?:(?:计量|金额|货币|数量)?单位\s*[:：]?|(?:金额|数量|数值)\s*[:：])\s*")
_PIECES = re.compile(r"[,，、;；。\s]+")
_BARE_BEHIND = re.compile(r"[/:：\s]\s*([^/:：\s（）()]{1,8})$")
# The unit of bare numbers that mean days, in a workbook that counts them from 1 January 1904.
EPOCH_1904 = "1904"
_BARE = re.compile(r"[-+−]?(?:[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
# What is counted one by one; each is a dimension of its own, since 3 家 are no 3 件.
_COUNTED = frozenset("家户个件起宗项条人名位次批组份张台套辆艘处座栋幢所只头尾株枚支瓶袋盒箱包本篇门场") | {
    "人次",
    "批次",
    "台套",
}
# What stands alone: neither one by one nor a part of anything else.
_ALONE = frozenset({"年", "月", "个月", "学时", "课时", "岁", "分", "倍", "级"})


@dataclass(frozen=True, slots=True)
class UnitMeasure:
    """What a unit measures, and how many of the base unit of that dimension one of it is."""

    dimension: str
    factor: Fraction


@lru_cache(maxsize=4096)
def measure(text: str) -> UnitMeasure | None:
    """The measure of a unit as it is written (万元, 千克, km², 万千瓦时, 万家), or None where it is none that is
    known.
    """
    said = _RENMINBI.sub("", narrow(text[:40]).strip().replace(" ", "").translate(_TRADITIONAL))
    if not said:
        return None
    if (plain := _plain(said)) is not None:
        return plain
    found = _PREFIXED.fullmatch(said)
    if found is None:
        return None
    of = _plain(found["unit"])
    return None if of is None else UnitMeasure(of.dimension, of.factor * 10 ** _PREFIXES[found["prefix"]])


def is_convertible(unit: str) -> bool:
    """Whether a unit is one of several that the same may be counted in (万元, 吨), so that a number changes with it."""
    of = measure(unit) if unit else None
    return of is not None and not of.dimension.startswith(("own:", "count:", "time"))


def without_currency(unit: str) -> str:
    """A unit of money without the name of the currency (人民币：万元 is 万元); any other unit as it is."""
    bare = _RENMINBI.sub("", narrow(unit).strip().replace(" ", "").translate(_TRADITIONAL))
    return bare if measure(bare) is not None else unit


def is_multiple(text: str) -> bool:
    """Whether a text says a multiple and not of what (万, 百万, 10,000)."""
    said = narrow(text[:20]).strip()
    return said in _PREFIXES or re.fullmatch("10{1,8}|10{0,2}(?:,000){1,2}", said) is not None


def _plain(said: str) -> UnitMeasure | None:
    if (money := _MONEY.get(said.casefold())) is not None:
        return UnitMeasure("money", money)
    if _FOREIGN.fullmatch(said):
        return UnitMeasure(f"money:{said}", Fraction(1))
    for spelled in (said, unit_spelling(said) or ""):
        if spelled in _BASE_OF:
            return UnitMeasure(*_BASE_OF[spelled])
    own = unit_spelling(said)
    if (own or said) in _COUNTED or said in _COUNTED:
        return UnitMeasure(f"count:{own or said}", Fraction(1))
    if said in _ALONE:
        return UnitMeasure(f"own:{said.removeprefix('个')}", Fraction(1))
    return None if own is None else UnitMeasure(f"own:{own}", Fraction(1))


def conversion(said: str, wanted: str) -> Fraction | None:
    """By what a number in the unit ``said`` is multiplied to count ``wanted``; None where they don't measure the same,
    or where the result of a decimal number would not be one (亩 in 公顷).
    """
    one, other = measure(said), measure(wanted)
    if one is None or other is None or one.dimension != other.dimension:
        return None
    factor = one.factor / other.factor
    return factor if is_decimal(factor) else None


def is_decimal(number: Fraction) -> bool:
    """Whether a fraction can be written out as a decimal number."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


@lru_cache(maxsize=20_000)
def heading_unit(heading: str) -> str:
    """The unit that a heading states for its column: 罚款金额（万元）, 产量/吨, 满意度(%) ; '' where it states none."""
    if len(heading) > _LONGEST_HEADING:
        return ""
    for inside in reversed(IN_BRACKETS.findall(heading)):
        if unit := _unit_among(inside):
            return unit
    found = _BARE_BEHIND.search(heading)
    return found[1] if found and measure(found[1]) is not None else ""


def _unit_among(inside: str) -> str:
    """The unit that a bracket states, alone or beside how to fill the column in (万元，保留两位小数); '' where it
    states none, or two.
    """
    said = _PREFIX.sub("", inside.strip())
    if measure(said) is not None:
        return said
    pieces = [_PREFIX.sub("", piece.strip()) for piece in _PIECES.split(inside)]
    units = [piece for piece in pieces if piece and measure(piece) is not None]
    return units[0] if len(units) == 1 else ""


@lru_cache(maxsize=20_000)
def told_unit(cell: str) -> str:
    """The unit that a cell of a row of units states and nothing else (万元, （万元）, 单位：万元, 金额：万元, 万元（人
    民币）); '' where the cell says anything else.
    """
    said = narrow(cell[:40]).strip()
    while True:
        if measure(said) is not None:
            return said
        bare = _PREFIX.sub("", said.strip("()[]【】 "))
        if bare == said:
            return ""
        said = bare


@lru_cache(maxsize=20_000)
def bare_heading(heading: str) -> str:
    """A heading without the unit in its last bracket: 罚款金额（万元） is 罚款金额; the heading itself where there is
    none.
    """
    unit = heading_unit(heading)
    if not unit:
        return heading
    named = re.escape(unit)
    pattern = rf"[（(\[【]\s*(?:(?:计量|金额)?单位\s*[:：]?\s*)?{named}\s*[）)\]】]\s*$|[/:：\s]\s*{named}$"
    return re.sub(pattern, "", heading).strip() or heading


def counted(text: str, unit: str) -> str:
    """The text of a cell whose column counts another unit than the record: a bare number gets that unit, all else says
    its own.
    """
    said = narrow(text[:80]).strip()
    if unit == EPOCH_1904:
        found = SERIAL.fullmatch(said)
        return (dt.date(1904, 1, 1) + dt.timedelta(days=int(found[1]))).isoformat() if found else text
    return f"{said}{unit}" if _BARE.fullmatch(said) else text
