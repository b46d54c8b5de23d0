"""Pages of the calendar: what they may say, and that nothing of the notices was lost."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR, YEARS, CalendarYear
from zhiheng.grammar.yaml import BookRefused, read_text, validated

BOOK = Path(__file__).parents[2] / "book"


def page(holiday: str, year: int = 2030) -> str:
    return (
        f"year: {year}\nnotices: [https://example.org/notice]\nholidays:\n  - {{zh: 元旦, en: New Year, {holiday}}}\n"
    )


def test_2007至2026年的日历都在() -> None:
    calendar = Book(BOOK)[CALENDAR]
    assert calendar.years == frozenset(range(2007, 2027))
    assert not calendar.settled(dt.date(2026, 12, 31))
    assert calendar.settled(dt.date(2025, 12, 31))


@pytest.mark.shared
def test_放假通知里的每一天都在日历里(shared: Path) -> None:
    calendar = Book(BOOK)[CALENDAR]
    lost, rows = [], 0
    for path in sorted((shared / "data" / "cn-holidays").glob("*.json")):
        for row in json.loads(path.read_text("utf-8"))["days"]:
            rows += 1
            day = dt.date.fromisoformat(row["date"])
            if calendar.is_working(day) == row["isOffDay"] or (calendar.holiday(day) is not None) != row["isOffDay"]:
                lost.append(row)
    assert rows == 678
    assert lost == []


@pytest.mark.parametrize(
    "holiday",
    [
        "off: 2030-01-03/2030-01-01",
        "off: 2030-01-01/2030-01-03, statutory: [2030-01-04]",
        "off: 2030-01-01/2030-01-03, worked: [2030-01-02]",
        "off: 2030-02-29/2030-03-02",
        "off: 2031-01-01",
        "off: 2029-12-27/2030-01-01",
        "off: from new year",
    ],
)
def test_互相矛盾或写错的日期被拒绝(holiday: str) -> None:
    with pytest.raises(BookRefused) as caught:
        validated(CalendarYear, read_text(page(holiday), file="2030.yaml"))
    assert all("请" in error.zh for error in caught.value.errors)


def test_两年日历互相矛盾时拒绝(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "2030.yaml").write_text(page("off: 2030-12-31"), "utf-8")
    (tmp_path / "calendars" / "2031.yaml").write_text(page("off: 2030-12-31/2031-01-01", 2031), "utf-8")
    with pytest.raises(BookRefused) as caught:
        _ = Book(tmp_path)[CALENDAR]
    assert caught.value.errors[0].code == "book.calendar"


def test_文件名与年份不符时拒绝(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "2029.yaml").write_text(page("off: 2030-01-01"), "utf-8")
    with pytest.raises(BookRefused) as caught:
        _ = Book(tmp_path)[YEARS]
    assert "2030.yaml" in caught.value.errors[0].zh
