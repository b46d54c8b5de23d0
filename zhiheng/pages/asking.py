"""Parse query strings: a word that can't be understood is reported, never silently replaced.

The one place where the words of a query string that mean the same on every page are read before a view sees them
(``understood``, called by every door), and where a view reads its own words (``text``, ``number``, ``flag``,
``choice``, ``several``, ``day``, ``month``). What can't be understood raises Refused with the code ``asked...`` and the
name of the word; the page of the refusal offers the same address without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container

from django.http import HttpRequest, QueryDict

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel.parse_params import day_in, number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import refusals
from zhiheng.pages.asked_words import DAYS, PAST_DAYS

# What is read: the address of a request, or one that a form brought along (the list that it acts upon).
Address = HttpRequest | QueryDict


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


def text(asked: Address, name: str, most: int) -> str:
    """A word that may be anything, such as what is looked for: without the spaces around it, spaces within as one, cut
    after ``most`` characters; empty where it is not there.
    """
    return " ".join(_said(asked, name).split())[:most]


def number(asked: Address, name: str) -> int | None:
    """A number of something (0, 1, 2 ...); None where none is asked for. Raises Refused where it is none."""
    text = _said(asked, name)
    if text and number_in(text) is None:
        raise Refused(refusals.not_a_number(name, text))
    return number_in(text) if text else None


def flag(asked: Address, name: str) -> bool:
    """Something that is asked for (``1``) or not (not there, or empty). Raises Refused where it is neither."""
    return choice(asked, name, ("1",)) == "1"


def choice(asked: Address, name: str, known: Container[str], default: str = "") -> str:
    """A word that must be one of some; ``default`` where it is not there. Raises Refused where it is none of them."""
    text = _words(asked).get(name, "")
    if not text.strip():
        return default
    if text not in known:
        raise Refused(refusals.not_a_choice(name, text))
    return text


def several(asked: Address, name: str, known: Container[str]) -> list[str]:
    """Words that must each be one of some. Raises Refused where one is none of them."""
    said = [text for text in _words(asked).getlist(name) if text.strip()]
    if unknown := [refusals.not_a_choice(name, text) for text in said if text not in known]:
        raise Refused(*unknown)
    return said


def day(asked: Address, name: str) -> dt.date | None:
    """A day; None where none is asked for. Raises Refused where it is none."""
    text = _said(asked, name)
    if text and day_in(text) is None:
        raise Refused(refusals.not_a_day(name, text))
    return day_in(text)


def month(asked: Address, name: str, today: dt.date) -> dt.date:
    """The first day of a month that is written 2026-03; that of today where none is asked for. Raises Refused where it
    is none.
    """
    text = _said(asked, name)
    if not text:
        return today.replace(day=1)
    found = day_in(f"{text}-01") if len(text) == 7 else None
    if found is None:
        raise Refused(refusals.not_a_month(name, text))
    return found


def as_typed(asked: Address, *names: str) -> dict[str, str]:
    """Words as they were typed, the absent ones as '': for the fields, chips and links of a page that bring along what
    it has been asked by now.
    """
    return {name: _said(asked, name) for name in names}


def beginning_with(asked: Address, prefix: str, known: Container[str]) -> dict[str, str]:
    """The words whose names begin alike (``by.unit``, ``by.month``), by what follows. Raises Refused where that is none
    of the known.
    """
    found = {name.removeprefix(prefix): _said(asked, name) for name in _words(asked) if name.startswith(prefix)}
    if unknown := [refusals.not_a_choice(prefix + name, text) for name, text in found.items() if name not in known]:
        raise Refused(*unknown)
    return found


def _words(asked: Address) -> QueryDict:
    return asked if isinstance(asked, QueryDict) else asked.GET


def _said(asked: Address, name: str) -> str:
    return _words(asked).get(name, "").strip()


def _is_the_day_of_the_figures(day: dt.date) -> bool:
    """Figures may have been made as of a day to come (an invented place has its own calendar): the pages' own links say
    that day.
    """
    from zhiheng.queries.figures import are_figures_as_of

    return are_figures_as_of(day)
