"""The period that a text beside a table names: 2026年10月投诉统计表, 三季度, 上半年, 2026-10. What could be a day of
writing is none.

A table of numbers often says only above itself, in the name of its sheet or of its file, which month it counts. What is
not said for certain is not guessed: two periods in one text, or a month without a year anywhere, are no answer.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_YEAR_IN_WORDS = re.compile("[一二][〇零一二三四五六七八九]{3}(?=年)")
_MONTH_IN_WORDS = re.compile("十[一二]?(?=月)|[一二三四五六七八九](?=月)")
# A day on which the table was written, printed or exported, and the person who did it.
_WRITTEN = re.compile(
    r"(?:填报|填表|制表|打印|导出|报送|上报|报出|编制|审核|统计人|更新|生成|下载|创建|签发|发布|公布)[^\s;；,，]{0,6}[:：]?\s*"
    r"(?:[0-9]{4}\s*[-年./]\s*[0-9]{1,2}\s*(?:[-月./]\s*(?:[0-9]{1,2}\s*日?)?)?)"
)
_DAY = re.compile(
    r"(?<![0-9])[0-9]{4}\s*(?:年\s*[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*日?|([-./])[0-9]{1,2}\1[0-9]{1,2}|[01][0-9][0-3][0-9])(?![0-9])"
)
_YEAR = r"(?<![0-9])(?P<year>20[0-9]{2})\s*(?:年度?|[-./_])?\s*"
_MONTHS = re.compile(
    rf"(?:{_YEAR})?(?<![0-9])(?P<from>[0-9]{{1,2}})\s*月?(?:份)?\s*(?:[-—–~～至到]|--)\s*(?P<to>1[0-2]|0?[1-9])\s*月"
)
_MONTH = re.compile(rf"{_YEAR}(?<![0-9])(?P<month>1[0-2]|0?[1-9])\s*月")
_MONTH_IN_FIGURES = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2})\s*(?:[-./_]\s*)?(?P<month>1[0-2]|0[1-9])(?![0-9]|\s*[-./]\s*[0-9])"
)
_MONTH_ALONE = re.compile(r"(?<![0-9年至\-—–~～到])(?P<month>1[0-2]|0?[1-9])\s*月(?!\s*[0-9])")
# 9、10月: which of them a row counts can't be told.
_SEVERAL = re.compile(
    r"(?<![0-9])[0-9]{1,2}\s*月?\s*[、和及与,，]\s*[0-9]{1,2}\s*月|季度?\s*[、和及与,，]\s*第?\s*[1-4一二三四]\s*季"
)
_QUARTER = re.compile(
    rf"(?:{_YEAR})?第?\s*(?P<quarter>[1-4一二三四])\s*季度?|(?:{_YEAR.replace('year', 'year_q')})?[Qq](?P<q>[1-4])(?![0-9])"  # noqa: E501
)
_HALF = re.compile(rf"(?:{_YEAR})?(?P<half>上半年|下半年)")
_WHOLE = re.compile(r"(?<![0-9])(?P<year>20[0-9]{2})\s*(?:年度?|全年)")


@dataclass(frozen=True, slots=True)
class NamedPeriod:
    """From the first to the last day, and the words that say it."""

    first: dt.date
    last: dt.date
    words: str

    @property
    def is_month(self) -> bool:
        """Whether it is one whole month."""
        return (self.first.year, self.first.month) == (self.last.year, self.last.month)


def _between(year: int, first: int, last: int, words: str) -> NamedPeriod:
    end = dt.date(year + last // 12, last % 12 + 1, 1) - dt.timedelta(days=1)
    return NamedPeriod(dt.date(year, first, 1), end, words.strip())


def _read(text: str) -> tuple[list[NamedPeriod], list[tuple[int, int, str]], set[int]]:
    """(periods with their year, (first, last month, words) without one, years that stand alone) of a text."""
    said = unicodedata.normalize("NFKC", text[:200])
    said = _YEAR_IN_WORDS.sub(lambda found: found[0].translate(_DIGITS), said)
    said = _MONTH_IN_WORDS.sub(_month_in_figures, said)
    said = _DAY.sub(" ", _WRITTEN.sub(" ", said))
    if _SEVERAL.search(said) is not None:
        return [], [], set()
    whole: list[NamedPeriod] = []
    open_ones: list[tuple[int, int, str]] = []
    for pattern in (_MONTHS, _MONTH, _MONTH_IN_FIGURES, _QUARTER, _HALF, _MONTH_ALONE):
        for found in pattern.finditer(said):
            groups = found.groupdict()
            year = groups.get("year") or groups.get("year_q")
            if (quarter := groups.get("quarter") or groups.get("q")) is not None:
                first = 3 * int(quarter.translate(_DIGITS)) - 2
                last = first + 2
            elif (half := groups.get("half")) is not None:
                first, last = (1, 6) if half == "上半年" else (7, 12)
            else:
                last = int(groups.get("to") or groups["month"])
                first = int(groups.get("from") or last)
            if not 1 <= first <= last <= 12:
                continue
            if year:
                whole.append(_between(int(year), first, last, found[0]))
            else:
                open_ones.append((first, last, found[0].strip()))
        said = pattern.sub(
            lambda found: " " * len(found[0]) if "year" not in found.groupdict() or found["year"] is None else " ", said
        )
    years = {int(found["year"]) for found in _WHOLE.finditer(said)}
    return whole, open_ones, years


def _month_in_figures(found: re.Match[str]) -> str:
    word = found[0]
    return str(10 + int(word[1:].translate(_DIGITS) or 0)) if word[0] == "十" else word.translate(_DIGITS)


def period_named(texts: Iterable[str]) -> list[tuple[NamedPeriod, str]]:
    """Every different period that the texts beside a table name, with the text that says it; the nearest text comes
    first.

    A month without its year takes the year that the other texts name, where they name one only. A year by itself is a
    period only where nothing closer is said.
    """
    read = [(text, *_read(text)) for text in texts if text.strip()]
    years = {year for _, _, _, alone in read for year in alone} | {
        one.first.year for _, whole, _, _ in read for one in whole
    }
    found: dict[tuple[dt.date, dt.date], tuple[NamedPeriod, str]] = {}
    for text, whole, open_ones, _ in read:
        told = list(whole)
        if len(years) == 1:
            (year,) = years
            told += [_between(year, first, last, words) for first, last, words in open_ones]
        for one in told:
            found.setdefault((one.first, one.last), (one, text))
    if not found and not any(open_ones for _, _, open_ones, _ in read) and len(years) == 1:
        (year,) = years
        text = next(text for text, _, _, alone in read if alone)
        return [(_between(year, 1, 12, f"{year}年"), text)]
    return list(found.values())
