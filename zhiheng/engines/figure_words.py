"""How a figure is written: its digits with their unit, or why there is no number, in Chinese and in English."""

from __future__ import annotations

from decimal import Decimal

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT, AreaLevel
from zhiheng.grammar.chapters.indicators import Indicator

_UNITS = {
    "%": ("%", "%"),
    "count": ("", ""),
    "yuan": ("元", " yuan"),
    "ten_thousand_yuan": ("万元", " ten thousand yuan"),
    "tonne": ("吨", " t"),
    "points": ("分", " points"),
    "megawatt_hour": ("兆瓦时", " MWh"),
}
INSUFFICIENT = ("证据不足", "insufficient evidence")
UNTOLD = ("尚未报送", "not reported yet")


def unit_words(unit: str) -> tuple[str, str]:
    """How a unit is written after a number, in Chinese and in English."""
    return _UNITS[unit]


def figure_text(
    indicator: Indicator, value: Decimal | None, unplaced: tuple[Book, str, int] | None = None
) -> tuple[str, str]:
    """A value as it is shown, with its unit and all its decimals, in Chinese and in English.

    ``unplaced``: the book, the area asked, and the number of facts that are known only for an area around it; they are
    the reason where there is no value.
    """
    if value is None:
        if unplaced is not None and unplaced[2]:
            return unplaced_words(*unplaced)
        return UNTOLD if indicator.kind == "number" else INSUFFICIENT
    text = f"{value:{'+' if indicator.kind == 'change' and value else ''},.{indicator.decimals}f}"
    zh, en = _UNITS[indicator.unit]
    return text + zh, text + en


def unplaced_words(book: Book, area: str, facts: int) -> tuple[str, str]:
    """How it is said that facts could not be placed in areas of the kind of this one."""
    zh, en = unplaced_name(book, area)
    return f"{zh} {facts:,} 条", f"{facts:,} {en}"


def unplaced_name(book: Book, area: str) -> tuple[str, str]:
    """What it is called that something could not be placed in an area of the kind of this one: 未分到街道."""
    return _not_in(book[DISTRICT].level_of(area))


def unplaced_level(book: Book, level: str) -> tuple[str, str]:
    """What it is called that something could not be placed in an area of a level."""
    return _not_in(book[DISTRICT].level(level))


def _not_in(level: AreaLevel | None) -> tuple[str, str]:
    zh, en = (level.name.zh, level.name.en) if level is not None else ("下级区域", "smaller area")
    return f"未分到{zh}", f"not placed in a {en}"
