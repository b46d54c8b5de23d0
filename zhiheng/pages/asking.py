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
from zhiheng.kernel.parse_params import day_in
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import refusals
from zhiheng.pages.asked_words import DAYS, PAST_DAYS


def understood(request: HttpRequest, book: Book, today: dt.date) -> None:
    """Raise Refused where a word that every page reads alike can't be understood; several are reported at once."""
    if request.method not in ("GET", "HEAD") or not request.GET:
        return
    found = []
    for name in PAST_DAYS:
        if (text := _said(request, name)) and (day := day_in(text)) is None:
            found.append(refusals.not_a_day(name, text))
        elif text and day is not None and day > today and not _is_the_day_of_the_figures(day):
            found.append(refusals.day_to_come(name, text, today))
    found += [
        refusals.not_a_day(name, text) for name in DAYS if (text := _said(request, name)) and day_in(text) is None
    ]
    known: dict[str, Container[str]] = {
        "area": {area.code for area in book[DISTRICT].areas},
        "unit": {unit.id for unit in book[DISTRICT].units},
        "record": book[RECORDS],
        "quality": QUALITIES,
    }
    for name, among in known.items():
        for text in request.GET.getlist(name):
            if text.strip() and text not in among:
                found.append(refusals.not_a_choice(name, text))
    if found:
        raise Refused(*found)


def choice(request: HttpRequest, name: str, known: Container[str], default: str = "") -> str:
    """A word that must be one of some; ``default`` where it is not there. Raises Refused where it is none of them."""
    text = request.GET.get(name, "")
    if not text.strip():
        return default
    if text not in known:
        raise Refused(refusals.not_a_choice(name, text))
    return text


def day(request: HttpRequest, name: str) -> dt.date | None:
    """A day; None where none is asked for. Raises Refused where it is none."""
    text = _said(request, name)
    if text and day_in(text) is None:
        raise Refused(refusals.not_a_day(name, text))
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
        raise Refused(refusals.not_a_month(name, text))
    return found


def _said(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").strip()


def _is_the_day_of_the_figures(day: dt.date) -> bool:
    """Figures may have been made as of a day to come (an invented place has its own calendar): the pages' own links say
    that day.
    """
    from zhiheng.queries.figures import are_figures_as_of

    return are_figures_as_of(day)
