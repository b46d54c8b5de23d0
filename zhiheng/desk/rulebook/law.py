"""The law at the desk: topics with their dated values, and the calendar of working days."""

from __future__ import annotations

import calendar as months
import datetime as dt
from typing import Any

from django.http import HttpResponse

from zhiheng.desk.page_registry import PageTab, page
from zhiheng.desk.rulebook.chapters import absent, book_page, shelf
from zhiheng.grammar.book_index import Library, freshness
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.pages.access import door, today
from zhiheng.pages.http import PageRequest


@page("book/law/", "book_law", tab=PageTab("book", 30, "law", "法规", "Law"))
@door("book.read")
def law(request: PageRequest) -> HttpResponse:
    """The topics of law."""
    shelf_, day = shelf(), today()
    topics = [
        {
            "name": name,
            "topic": topic,
            "texts": [text for _, text in shelf_.texts_of(name)],
            "values": sum(len(p.values) for p in topic.parameters.values()),
            "stale": shelf_.stale_in(name, day),
        }
        for name, topic in shelf_.topics.items()
    ]
    register = sorted(shelf_.register.texts.items(), key=lambda each: each[1].zh)
    return book_page(request, "law", topics=topics, register=register)


@page("book/law/<str:name>/", "book_topic")
@door("book.read")
def topic(request: PageRequest, name: str) -> HttpResponse:
    """A topic of law: its texts, and every value each parameter has had, with article, day of force and last check."""
    shelf_, day = shelf(), today()
    page = shelf_.topics.get(name)
    if page is None:
        raise absent()
    own = {id for id, text in shelf_.texts_of(name) if text.own}
    parameters = [
        {
            "name": key,
            "label": parameter.label,
            "values": [
                {
                    "said": value,
                    "words": shelf_.written(value),
                    "fresh": freshness(value.checked, day),
                    "own": value.text.id in own,
                    "note": {"zh": value.note_zh, "en": value.note_en} if value.note_zh else None,
                    "since": value.begins or value.since,
                    "holds": (value.begins or value.since) <= day
                    and (value.until is None or day <= value.until)
                    and not number,
                }
                for number, value in enumerate(shelf_.values(name, key))
            ],
        }
        for key, parameter in page.parameters.items()
    ]
    cited = [
        entry for entry in shelf_.book[RECORDS].values() if any(shelf_.topic_of(c) == name for c in entry.record.law)
    ]
    return book_page(
        request,
        "topic",
        name=name,
        topic=page,
        texts=shelf_.texts_of(name),
        one_text=len(page.cited()) == 1,
        parameters=parameters,
        published=shelf_.records_published_by(name),
        records=cited,
    )


@page("book/calendars/", "book_calendar", tab=PageTab("book", 70, "calendar", "日历", "Calendars"))
@page("book/calendars/<number:year>/", "book_calendar_year")
@door("book.read")
def calendar(request: PageRequest, year: int | None = None) -> HttpResponse:
    """The working days of a year, after the notice of that year."""
    shelf_ = shelf()
    known = {page.year: page for page in shelf_.years}
    if year is None:
        year = today().year if today().year in known else max(known)
    if year not in known:
        raise absent()
    return book_page(
        request,
        "calendar",
        year=year,
        page=known[year],
        years=sorted(known, reverse=True),
        months=[_month(shelf_, year, number) for number in range(1, 13)],
    )


def value_today(shelf_: Library, topic_: str, name: str) -> Label | None:
    values = [value for value in shelf_.values(topic_, name) if (value.begins or value.since) <= today()]
    return shelf_.written(values[0]) if values else None


def _month(shelf_: Library, year: int, number: int) -> dict[str, Any]:
    weeks = []
    for week in months.Calendar(firstweekday=0).monthdatescalendar(year, number):
        weeks.append([_day(shelf_, day) if day.month == number else None for day in week])
    return {"number": number, "weeks": weeks}


def _day(shelf_: Library, day: dt.date) -> dict[str, Any]:
    holiday = shelf_.calendar.holiday(day)
    working = shelf_.calendar.is_working(day)
    kind = "off" if holiday is not None and not working else "worked" if working and day.weekday() > 4 else ""
    if shelf_.calendar.is_statutory_holiday(day):
        kind = "statutory"
    return {"day": day, "kind": kind or ("weekend" if day.weekday() > 4 else ""), "holiday": holiday}
