"""What ``book/calendars/`` may say: one page a year, after the government's notice, and golden examples of counting.

.. code-block:: yaml

    year: 2026
    notices: [https://...]
    holidays:
      - {zh: 春节, en: Spring Festival, off: 2026-02-15/2026-02-23,
         statutory: [2026-02-16, ...], worked: [2026-02-14, 2026-02-28]}

``off`` is the block of days off; ``statutory`` the days in it that are public holidays themselves (the others are
weekends and bridged days); ``worked`` the weekend days worked in exchange. A notice may reach back into the last
days of December.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Label, LateEntry
from zhiheng.grammar.yaml import BookError, Wrong
from zhiheng.kernel.days import Calendar, Holiday, Period, Rolls, Suspension, Unit

Span = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}/\d{4}-\d{2}-\d{2}$")]
FOLDER = "calendars"
EXAMPLES = "examples.yaml"


def _ends(span: str) -> tuple[dt.date, dt.date]:
    first, last = (dt.date.fromisoformat(day) for day in span.split("/"))
    return first, last


class HolidayEntry(LateEntry):
    """One holiday of a notice."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    off: dt.date | Span = Field(description="2026-02-15/2026-02-23")
    statutory: tuple[dt.date, ...] = ()
    worked: tuple[dt.date, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> HolidayEntry:
        try:
            self.holiday()
        except ValueError as cause:
            raise Wrong(
                f"“{self.zh}”的日期互相矛盾或写错（{cause}）；请对照放假通知改正 off、statutory、worked。",
                f"The days of {self.en} contradict each other ({cause}); correct off, statutory and worked.",
            ) from cause
        return self

    def holiday(self) -> Holiday:
        """The holiday as the kernel holds it."""
        first, last = (self.off, self.off) if isinstance(self.off, dt.date) else _ends(self.off)
        return Holiday(self.zh, self.en, first, last, frozenset(self.statutory), frozenset(self.worked))


class CalendarYear(LateEntry):
    """A page of ``book/calendars/``."""

    year: int = Field(ge=1949, le=2200)
    notices: tuple[str, ...] = Field(min_length=1, description="放假通知的网址 / address of the notice")
    holidays: tuple[HolidayEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_year(self) -> CalendarYear:
        earliest = dt.date(self.year - 1, 12, 28)
        for entry in self.holidays:
            holiday = entry.holiday()
            for day in (holiday.first, holiday.last, *holiday.worked):
                if not earliest <= day <= dt.date(self.year, 12, 31):
                    raise Wrong(
                        f"“{entry.zh}”的 {day} 不在 {self.year} 年；请写入那一年的文件，或改正日期。",
                        f"{day} of {entry.en} is not in {self.year}; move it to the file of its year or correct it.",
                    )
        return self


class Pause(LateEntry):
    """Days that an example leaves out of its period."""

    days: dt.date | Span
    zh: str = "检测"
    en: str = "testing"
    running: bool = False

    def suspension(self) -> Suspension:
        """The days as the kernel takes them."""
        first, last = (self.days, self.days) if isinstance(self.days, dt.date) else _ends(self.days)
        return Suspension(first, last, self.zh, self.en, self.running)


class CalendarExample(LateEntry):
    """A golden case: what starts when, and when it is due, with the reason in words."""

    case: str = Field(min_length=1)
    start: dt.datetime | dt.date
    amount: int
    unit: Unit
    rolls: Rolls = "none"
    suspended: tuple[Pause, ...] = ()
    due: dt.datetime | dt.date
    provisional: bool = False
    why: str = Field(min_length=1)

    @cached_property
    def period(self) -> Period:
        """The period of the case."""
        return Period(self.amount, self.unit)


class CalendarExamples(LateEntry):
    """``book/calendars/examples.yaml``."""

    examples: tuple[CalendarExample, ...] = Field(min_length=1)


def _years(reading: Reading) -> tuple[CalendarYear, ...]:
    found = []
    for path in reading.paths(CalendarYear):
        if path.name == EXAMPLES or (read := reading.page(CalendarYear, path)) is None:
            continue
        page, document = read
        if path.stem != str(page.year):
            reading.errors.append(
                document.error(
                    ("year",),
                    f"{page.year} 年的日历应写在 {page.year}.yaml 中；请改文件名或改 year。",
                    f"The calendar of {page.year} belongs in {page.year}.yaml; rename the file or the year.",
                )
            )
        found.append(page)
    return tuple(found)


# The years that have a page, the earliest first.
YEARS: Chapter[tuple[CalendarYear, ...]] = register(
    Chapter(
        name="calendars",
        label=Label(zh="日历", en="Calendars"),
        pages=(PageKind("calendar", f"{FOLDER}/*.yaml", CalendarYear),),
        read=_years,
        counts={"calendar_years": len},
        order=4,
        reference="reference/law-and-calendars.md",
    )
)


def _calendar(reading: Reading) -> Calendar | None:
    years = reading[YEARS]
    try:
        return Calendar([page.year for page in years], [entry.holiday() for page in years for entry in page.holidays])
    except ValueError as cause:
        reading.errors.append(
            BookError(
                "book.calendar",
                f"各年日历互相矛盾（{cause}）；请对照放假通知改正其中一页。",
                f"Two pages of the calendar contradict each other ({cause}); correct one of them.",
                file=FOLDER,
            )
        )
        return None


# The working days of every year that has a page.
CALENDAR: Chapter[Calendar] = register(
    Chapter(
        name="working_days",
        label=Label(zh="工作日", en="Working days"),
        needs=(YEARS,),
        read=_calendar,
        order=4,
        reference="reference/law-and-calendars.md",
    )
)


def _examples(reading: Reading) -> tuple[CalendarExample, ...]:
    return next((page.examples for _, page, _ in reading.each(CalendarExamples)), ())


# The golden cases of counting beside the calendars.
CALENDAR_EXAMPLES: Chapter[tuple[CalendarExample, ...]] = register(
    Chapter(
        name="calendar_examples",
        label=Label(zh="期日计算的样例", en="Examples of counting days"),
        pages=(PageKind("calendar_examples", f"{FOLDER}/{EXAMPLES}", CalendarExamples),),
        read=_examples,
        order=4,
        reference="reference/law-and-calendars.md",
    )
)
