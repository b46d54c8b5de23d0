"""Days, in the spellings that Chinese departments and their spreadsheets use.

A day is 'YYYY-MM-DD'. Only what can mean one single day is read; a two-digit year, a month without a day, or 3/4/2026
is refused with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import ClassVar, Literal

from zhiheng.kernel.fields import refusals
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.text import narrow, says_nothing, tidy
from zhiheng.kernel.reasons import Refusal

FOREVER = "9999-12-31"
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# Day 0 of spreadsheets (the 1900 system as it counts after its invented 29 February 1900).
_SERIAL_ZERO = date(1899, 12, 30)
_SERIAL_FIRST, _SERIAL_LAST = (date(1950, 1, 1) - _SERIAL_ZERO).days, (date(2100, 12, 31) - _SERIAL_ZERO).days

_ISO = re.compile(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]")
_TIME = (
    r"(?:\s*(?:[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?))?"
    r"(?:(?:\s*T\s*|\s+|(?<=日))(?:(?:上午|下午|早上|晚上|AM|PM)\s*)?"
    r"[0-9]{1,2}\s*(?::|时|点)\s*[0-9]{0,2}\s*(?:(?::|分)\s*(?:[0-9]{1,2}(?:[.,][0-9]+)?\s*秒?)?)?"
    r"(?:\s*(?:AM|PM))?\s*(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YMD = re.compile(
    r"([0-9]{4})\s*(?:年\s*(?P<month>[0-9]{1,2})\s*月\s*(?P<day>[0-9]{1,2})\s*[日号]?"
    r"|(?P<mark>[-/.–])\s*(?P<m>[0-9]{1,2})\s*(?P=mark)\s*(?P<d>[0-9]{1,2})日?)" + _TIME,
    re.IGNORECASE,
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{4}|[0-9]{6}|\.0+|\s+[0-9:.]+)?")
# A day as spreadsheets count it.
SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_YM = re.compile(r"([0-9]{4})\s*(?:年\s*([0-9]{1,2})\s*月份?|[-/.]\s*([0-9]{1,2})|([0-9]{2}))")
_OTHER_ORDER = re.compile(r"([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{4})" + _TIME, re.IGNORECASE)
_SHORT_YEAR = re.compile(
    r"'?[0-9]{2}\s*(?:年\s*[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*[日号]?|[-/.]\s*[0-9]{1,2}\s*[-/.]\s*[0-9]{1,2})" + _TIME,
    re.IGNORECASE,
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH_NAMES = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
_DAY_MONTH_NAME = re.compile(r"([0-9]{1,2})[\s-]+([A-Za-z]{3,9})\.?,?[\s-]+([0-9]{4})" + _TIME, re.IGNORECASE)
_MONTH_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.?\s+([0-9]{1,2}),?\s+([0-9]{4})" + _TIME, re.IGNORECASE)
_SEVERAL = re.compile(r"[0-9]{4}.{2,8}?(?:至|到|~|～|—|、|,|，|;|；|和|-{2,}| - ).{0,3}[0-9]{1,4}")
_FOREVER_SAID = (
    "长期 长期有效 永久 永久有效 永久性 无固定期限 无期限 长期(永久)"
    " 9999-12-31 9999年12月31日 9999/12/31 99991231 noenddate"
)
_FOREVER_WORDS = frozenset(_FOREVER_SAID.split())

_DIGITS = {char: str(value) for value, chars in enumerate(("〇零○Oo", *"一二三四五六七八九")) for char in chars}
_TENS = {"": 0, "十": 10, "一十": 10, "二十": 20, "廿": 20, "三十": 30, "卅": 30}
_NUMERALS = (
    {
        tens + unit: value + count
        for tens, value in _TENS.items()
        for count, unit in enumerate(("", *"一二三四五六七八九"))
        if tens + unit and not (tens in ("三十", "卅") and count > 1)
    }
    | {f"{zero}{unit}": count + 1 for zero in "〇零初" for count, unit in enumerate("一二三四五六七八九")}
    | {"初十": 10}
)
_CHINESE = re.compile(
    f"([{''.join(_DIGITS)}]{{4}})年([一二三四五六七八九十〇零]{{1,3}})月([一二三四五六七八九十廿卅〇零初]{{1,3}})[日号]"
)


# 民国115年3月1日 is 2026-03-01; without the name of the era a year of three digits is none that is known.
_REPUBLIC = re.compile(
    r"(?:中[华華])?民[国國]\s*(?P<year>[0-9]{1,3}|元)\s*[年./-]\s*(?P<month>[0-9]{1,2})\s*[月./-]\s*(?P<day>[0-9]{1,2})\s*[日号號]?"
)


@dataclass(frozen=True)
class Day(FieldType):
    """A day.

    ``precision: month`` also takes a month (2026年3月, 2026-03, 202603) and gives its first day. ``forever`` takes 长期
    and gives 9999-12-31. ``order`` says how a source writes a date that ends with its year (``dmy`` or ``mdy``);
    without it only those that can be read in one way are taken. ``labels``: words that may stand before the day (生产日
    期：2026-03-31).
    """

    name = "day"
    label = ("日期", "day")
    columns: ClassVar[Mapping[str, str]] = {"": "DATE"}

    precision: Literal["day", "month"] = "day"
    forever: bool = False
    order: Literal["ymd", "dmy", "mdy"] = "ymd"
    labels: Sequence[str] = ()

    @cached_property
    def _label(self) -> re.Pattern[str] | None:
        return re.compile(f"(?:{'|'.join(map(re.escape, self.labels))})\\s*[:：]?\\s*") if self.labels else None

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        if _ISO.fullmatch(text):
            try:
                date.fromisoformat(text)
            except ValueError:
                return self._impossible(text)
            return text
        said = narrow(tidy(text))
        if says_nothing(said):
            return None
        if self._label is not None and (found := self._label.match(said)):
            said = said[found.end() :]
        if said.replace(" ", "").casefold() in _FOREVER_WORDS:
            return FOREVER if self.forever else self._no_forever(text)
        return self._numbers(said, text)

    def _numbers(self, said: str, text: str) -> str | Refusal:
        if found := _YMD.fullmatch(said):
            return self._day(found[1], found["month"] or found["m"], found["day"] or found["d"], text, found["zone"])
        if found := _REPUBLIC.fullmatch(said):
            of_republic = 1 if found["year"] == "元" else int(found["year"])
            return self._day(1911 + of_republic, found["month"], found["day"], text)
        if found := _COMPACT.fullmatch(said):
            return self._day(found[1], found[2], found[3], text)
        if (found := SERIAL.fullmatch(said)) and _SERIAL_FIRST <= int(found[1]) <= _SERIAL_LAST:
            return (_SERIAL_ZERO + timedelta(days=int(found[1]))).isoformat()
        if found := _CHINESE.fullmatch(said.replace(" ", "")):
            year = "".join(_DIGITS[char] for char in found[1])
            return self._day(year, _NUMERALS.get(found[2], 0), _NUMERALS.get(found[3], 0), text)
        if found := _YM.fullmatch(said):
            if self.precision == "month":
                return self._day(found[1], found[2] or found[3] or found[4], 1, text)
            return refusals.only_a_month(text)
        if found := _OTHER_ORDER.fullmatch(said):
            return self._other_order(found, text)
        if found := _DAY_MONTH_NAME.fullmatch(said):
            return self._named_month(found[3], found[2], found[1], text, found["zone"])
        if found := _MONTH_NAME_DAY.fullmatch(said):
            return self._named_month(found[3], found[1], found[2], text, found["zone"])
        return self._unread(said, text)

    def _unread(self, said: str, text: str) -> Refusal:
        if _SHORT_YEAR.fullmatch(said):
            return refusals.year_of_two_digits(text)
        if _SEVERAL.search(said):
            return refusals.several_days(text)
        return refusals.day_unread(text)

    def _other_order(self, found: re.Match[str], text: str) -> str | Refusal:
        first, second, year = int(found[1]), int(found[2]), found[3]
        if self.order == "dmy":
            return self._day(year, second, first, text, found["zone"])
        if self.order == "mdy":
            return self._day(year, first, second, text, found["zone"])
        if first == second or (first <= 12 < second):
            return self._day(year, first, second, text, found["zone"])
        if second <= 12 < first:
            return self._day(year, second, first, text, found["zone"])
        return refusals.order_of_day_unclear(text)

    def _named_month(self, year: str, month: str, day: str, text: str, zone: str | None) -> str | Refusal:
        number = _MONTH_NAMES.get(month[:3].casefold())
        return self._unread("", text) if number is None else self._day(year, number, day, text, zone)

    def _day(
        self, year: str | int, month: str | int, day: str | int, text: str, zone: str | None = None
    ) -> str | Refusal:
        if zone and zone.replace(":", "") != "+0800":
            return refusals.day_of_another_zone(text)
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            return self._impossible(text)
        if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
            return refusals.year_out_of_range(text, first=_FIRST_YEAR, last=_LAST_YEAR)
        return found.isoformat()

    def _impossible(self, text: str) -> Refusal:
        return refusals.day_impossible(text)

    def _no_forever(self, text: str) -> Refusal:
        return refusals.day_without_end(text)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if value is None:
            return ""
        if value == FOREVER:
            return "长期" if lang == "zh" else "no end date"
        if lang != "zh":
            return str(value)
        year, month, day = str(value).split("-")
        return f"{int(year)}年{int(month)}月{int(day)}日"
