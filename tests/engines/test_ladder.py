"""When the rungs of a ladder come: by working days and by calendar days, and each only once for the same people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from tests.places import SMALL
from zhiheng.engines import ladder
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.messages import MESSAGES, MessageKind, Unread
from zhiheng.kernel.days import Calendar
from zhiheng.kernel.quiet_hours import QuietHours

EVERY_DAY = Calendar()


@pytest.fixture(scope="module")
def calendar(book_root: Path) -> Calendar:
    return book_once(book_root)[CALENDAR]


@pytest.fixture(scope="module")
def small() -> MessageKind:
    return book_once(SMALL)[MESSAGES].kinds["delivery_due"]


def come(kind: MessageKind, due: str, today: str, calendar: Calendar) -> list[str]:
    """The rungs that have come."""
    return [
        rung.id for rung in ladder.reached(kind, dt.date.fromisoformat(due), dt.date.fromisoformat(today), calendar)
    ]


@pytest.mark.parametrize(
    ("today", "rungs"),
    [
        # Due on Friday 9 October 2026; the days off of National Day are 1 to 7 October, Saturday the 10th is worked.
        ("2026-09-28", []),
        ("2026-09-29", ["soon"]),
        ("2026-09-30", ["soon"]),
        ("2026-10-09", ["soon"]),
        ("2026-10-10", ["late"]),
        ("2026-10-11", ["late", "head"]),
        ("2026-10-14", ["late", "head"]),
        ("2026-10-15", ["late", "head", "office"]),
        ("2027-01-01", ["late", "head", "office"]),
    ],
)
def test_到期前三个工作日提醒_假期不算_逾期次日起逐级(
    small: MessageKind, calendar: Calendar, today: str, rungs: list[str]
) -> None:
    assert come(small, "2026-10-09", today, calendar) == rungs


@given(st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)), st.integers(-60, 60))
@settings(max_examples=examples(200))
def test_到过的级不会再退回_且同一批人只收最近一级(book_root: Path, due: dt.date, after: int) -> None:
    kind = book_once(SMALL)[MESSAGES].kinds["delivery_due"]
    calendar = book_once(book_root)[CALENDAR]
    today = due + dt.timedelta(days=after)
    now, later = (ladder.reached(kind, due, day, calendar) for day in (today, today + dt.timedelta(days=1)))
    assert {rung.addressees for rung in now} <= {rung.addressees for rung in later}
    assert len({rung.addressees for rung in now}) == len(now)
    first, last = ladder.dues_that_matter(kind, today)
    if any(ladder.day_of(rung, due, calendar) == today for rung in kind.ladder):
        assert first <= due <= last, "nothing whose rung comes today is left out"


def test_没人读的_工作日以后的早上升级_小时只算不静默的(calendar: Calendar) -> None:
    quiet = QuietHours(dt.time(21, 30), dt.time(8), True, calendar)
    written = dt.datetime.fromisoformat("2026-09-29T06:30+08:00")
    after = ladder.climbs_at(Unread(amount=2, unit="wd"), written, quiet, calendar)
    # Two working days after the 29th: the 30th, and the 8th after the holiday; so on the morning of the 9th.
    assert after == dt.datetime.fromisoformat("2026-10-09T08:00+08:00")
    assert ladder.climbs_at(Unread(amount=10, unit="hour"), written, quiet, calendar) == dt.datetime.fromisoformat(
        "2026-09-29T18:00+08:00"
    )
    assert ladder.climbs_at(Unread(amount=10, unit="hour"), written, None, calendar) == dt.datetime.fromisoformat(
        "2026-09-29T16:30+08:00"
    )


def test_汇总在下一个上班的早上发(calendar: Calendar) -> None:
    quiet = QuietHours(dt.time(21, 30), dt.time(8), True, calendar)
    for at, goes in (
        ("2026-09-29T06:30+08:00", "2026-09-29T08:30+08:00"),
        ("2026-09-29T08:30+08:00", "2026-09-29T08:30+08:00"),
        ("2026-09-29T09:00+08:00", "2026-09-30T08:30+08:00"),
        ("2026-09-30T20:00+08:00", "2026-10-08T08:00+08:00"),
    ):
        assert ladder.next_summary(dt.datetime.fromisoformat(at), dt.time(8, 30), quiet) == dt.datetime.fromisoformat(
            goes
        )
