"""Parse query strings: a word that can't be understood is reported, never silently replaced.

The one place where the words of a query string that mean the same on every page are read before a view sees them
(``understood``, called by every door), and where a view reads its own words (``choice``, ``day``). What can't be
understood raises Refused with the code ``asked...`` and the name of the word; the page of the refusal offers the same
address without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container

from django.http import HttpRequest

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel.parse_params import FIRST_DAY, LAST_DAY, day_in
from zhiheng.kernel.reasons import Refusal, Refused

# The words that mean the same wherever they stand, and what a page calls them.
PAST_DAYS = {"as_of": ("截止日期", "as of"), "known_on": ("数据获知日期", "known on")}
DAYS = {
    "until": ("截止日期", "until"),
    "first": ("起始日期", "from"),
    "last": ("截止日期", "until"),
    "on": ("日期", "on"),
}
OF_THE_BOOK = {
    "area": ("地区", "area"),
    "unit": ("单位", "unit"),
    "record": ("记录类型", "kind of record"),
    "quality": ("质量类别", "quality"),
}
OWN = {
    "problems": ("问题", "problems"),
    "expiry": ("到期", "expiry"),
    "listed": ("名单", "lists"),
    "status": ("登记状态", "status"),
    "kind": ("类别", "kind"),
    "order": ("排序", "order"),
    "industry": ("行业", "industry"),
    "state": ("状态", "state"),
    "outcome": ("结果", "outcome"),
    "role": ("角色", "role"),
    "verb": ("操作", "act"),
    "list": ("清单", "list"),
    "pile": ("分类", "pile"),
    "side": ("分子或分母", "side"),
    "month": ("月份", "month"),
    "by": ("分组方式", "split"),
    "period": ("统计周期", "period"),
    "sort": ("排序", "order"),
    "ending": ("即将期满", "ends within"),
    "who": ("范围", "whom"),
}
# No text longer than this is said back.
SHOWN = 40


def understood(request: HttpRequest, book: Book, today: dt.date) -> None:
    """Raise Refused where a word that every page reads alike can't be understood; several are reported at once."""
    if request.method not in ("GET", "HEAD") or not request.GET:
        return
    found = []
    for name in PAST_DAYS:
        if (text := _said(request, name)) and (day := day_in(text)) is None:
            found.append(no_day(name, text))
        elif text and day is not None and day > today and not _is_the_day_of_the_figures(day):
            found.append(
                _refusal(
                    "asked.future",
                    name,
                    text,
                    f"还没有到；请选 {today} 或以前的日期",
                    f"has not come yet; choose {today} or earlier",
                )
            )
    found += [no_day(name, text) for name in DAYS if (text := _said(request, name)) and day_in(text) is None]
    known: dict[str, Container[str]] = {
        "area": {area.code for area in book[DISTRICT].areas},
        "unit": {unit.id for unit in book[DISTRICT].units},
        "record": book[RECORDS],
        "quality": QUALITIES,
    }
    for name, among in known.items():
        for text in request.GET.getlist(name):
            if text.strip() and text not in among:
                found.append(unknown(name, text))
    if found:
        raise Refused(*found)


def choice(request: HttpRequest, name: str, known: Container[str], default: str = "") -> str:
    """A word that must be one of some; ``default`` where it is not there. Raises Refused where it is none of them."""
    text = request.GET.get(name, "")
    if not text.strip():
        return default
    if text not in known:
        raise Refused(unknown(name, text))
    return text


def day(request: HttpRequest, name: str) -> dt.date | None:
    """A day; None where none is asked for. Raises Refused where it is none."""
    text = _said(request, name)
    if text and day_in(text) is None:
        raise Refused(no_day(name, text))
    return day_in(text)


def month(request: HttpRequest, name: str, today: dt.date) -> dt.date:
    """The first day of a month that is written 2026-03; that of today where none is asked for. Raises Refused where it
    is none.
    """
    text = _said(request, name)
    if not text:
        return today.replace(day=1)
    found = day_in(f"{text}-01") if len(text) == 7 else None
    if found is None:
        raise Refused(
            _refusal("asked.month", name, text, "不是一个月份；请写成 2026-03", "is no month; write it as 2026-03")
        )
    return found


def no_day(name: str, text: str) -> Refusal:
    """Why a text is no day that can be asked for."""
    return _refusal(
        "asked.day",
        name,
        text,
        f"不是有效的日期；请写成 2026-03-31，且在 {FIRST_DAY} 至 {LAST_DAY} 之间",
        f"is no valid day; write it as 2026-03-31, between {FIRST_DAY} and {LAST_DAY}",
    )


def unknown(name: str, text: str) -> Refusal:
    """Why a word is none of those that can be chosen."""
    return _refusal(
        "asked.unknown",
        name,
        text,
        "不在可选的范围内；请从页面上重新选择",
        "is none of the choices; choose again on the page",
    )


def _refusal(code: str, name: str, text: str, zh: str, en: str) -> Refusal:
    words = {**PAST_DAYS, **DAYS, **OF_THE_BOOK, **OWN}.get(name, (name, name))
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return Refusal(
        code, f"“{words[0]}”{shown}：{zh}。", f"{words[1].capitalize()} “{shown}” {en}.", field=name, text=shown
    )


def _said(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").strip()


def _is_the_day_of_the_figures(day: dt.date) -> bool:
    """Figures may have been made as of a day to come (an invented place has its own calendar): the pages' own links say
    that day.
    """
    from zhiheng.queries.figures import are_figures_as_of

    return are_figures_as_of(day)
