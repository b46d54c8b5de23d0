"""Statutory counting: golden cases of the book, laws of counting as properties, and another calendar as a witness."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zhiheng.engines.examples import failure_of_calendar
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR as BOOK_CALENDAR
from zhiheng.grammar.chapters.calendars import CALENDAR_EXAMPLES, CalendarExample
from zhiheng.kernel.days import (
    ROLLS,
    UNITS,
    Calendar,
    Due,
    Holiday,
    Period,
    Rolls,
    Suspension,
    before,
    due,
    last_day_of,
    left,
    working_days_between,
)

BOOK = Path(__file__).parents[2] / "book"
CALENDAR = Book(BOOK)[BOOK_CALENDAR]
DAY = dt.timedelta(days=1)
# A busy machine is no reason for a property to fail.
calm = settings(deadline=None)

days = st.dates(dt.date(2006, 6, 1), dt.date(2028, 6, 1))
amounts = st.integers(0, 120)
day_units = st.sampled_from(["wd", "d", "month", "year"])
rolls_strategy = st.sampled_from(ROLLS)


@st.composite
def pauses(draw: st.DrawFn) -> list[Suspension]:
    firsts = draw(st.lists(days, max_size=3))
    return [Suspension(first, first + draw(st.integers(0, 20)) * DAY) for first in firsts]


@pytest.mark.parametrize("example", Book(BOOK)[CALENDAR_EXAMPLES], ids=lambda e: e.case)
def test_书中范例(example: CalendarExample) -> None:
    assert failure_of_calendar(example, CALENDAR) == ""


def test_与独立的日历逐日一致() -> None:
    from chinese_calendar import is_workday

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        day, differing = dt.date(2007, 1, 1), []
        while day <= dt.date(2026, 12, 31):
            if CALENDAR.is_working(day) != is_workday(day):
                differing.append(day)
            day += DAY
    assert differing == []


def test_法定节假日的天数符合当年的办法() -> None:
    def statutory(year: int) -> int:
        first = dt.date(year, 1, 1)
        return sum(CALENDAR.is_statutory_holiday(first + n * DAY) for n in range(366) if (first + n * DAY).year == year)

    # Where two holidays fall on one day (National Day and Mid-Autumn in 2020), there is one day fewer.
    expected = {2007: 10, 2008: 11, 2013: 11, 2014: 11, 2015: 12, 2019: 11, 2020: 10, 2024: 11, 2025: 13, 2026: 13}
    assert {year: statutory(year) for year in expected} == expected


def slowly(start: dt.date, period: Period, calendar: Calendar, suspended: list[Suspension]) -> dt.date:
    """Counting day by day, as one does with a finger on a wall calendar."""
    counted, day = 0, start
    while counted < period.amount:
        day += DAY
        if any(pause.first <= day <= pause.last for pause in suspended):
            continue
        if period.unit == "d" or calendar.is_working(day):
            counted += 1
    return day


@calm
@given(days, amounts, st.sampled_from(["wd", "d"]), pauses())
def test_与逐日数的结果相同(start: dt.date, amount: int, unit: str, suspended: list[Suspension]) -> None:
    period = Period(amount, unit)
    assert due(start, period, CALENDAR, rolls="none", suspended=suspended).day == slowly(
        start, period, CALENDAR, suspended
    )


@calm
@given(days, st.integers(1, 120), day_units, rolls_strategy)
def test_起始日不计入_期限至少到次日(start: dt.date, amount: int, unit: str, rolls: Rolls) -> None:
    assert due(start, Period(amount, unit), CALENDAR, rolls=rolls).day > start


@calm
@given(days, days, amounts, day_units, rolls_strategy)
def test_晚起算的不会早到期(one: dt.date, other: dt.date, amount: int, unit: str, rolls: Rolls) -> None:
    period = Period(amount, unit)
    first, second = sorted((one, other))
    assert due(first, period, CALENDAR, rolls=rolls).day <= due(second, period, CALENDAR, rolls=rolls).day


@calm
@given(days, amounts, amounts, day_units, rolls_strategy, pauses())
def test_更长的期限不会更早到期(
    start: dt.date, one: int, other: int, unit: str, rolls: Rolls, suspended: list[Suspension]
) -> None:
    short, long = sorted((one, other))
    periods = [Period(n, unit) for n in (short, long)]
    ends = [due(start, period, CALENDAR, rolls=rolls, suspended=suspended).day for period in periods]
    assert ends[0] <= ends[1]


@calm
@given(days, amounts, day_units, pauses())
def test_不计入的时间只会使期限延后(start: dt.date, amount: int, unit: str, suspended: list[Suspension]) -> None:
    period = Period(amount, unit)
    assert (
        due(start, period, CALENDAR, rolls="none", suspended=suspended).day
        >= due(start, period, CALENDAR, rolls="none").day
    )


@calm
@given(days, amounts, day_units)
def test_顺延的读法越宽到期越晚_且不落在不许落的日子(start: dt.date, amount: int, unit: str) -> None:
    period = Period(amount, unit)
    none, statutory, block, any_rest = (
        due(start, period, CALENDAR, rolls=rolls).day
        for rolls in ("none", "public_holiday", "holiday_block", "non_working_day")
    )
    assert none <= statutory <= block <= any_rest
    assert not CALENDAR.is_statutory_holiday(statutory)
    assert CALENDAR.holiday(block) is None
    assert CALENDAR.is_working(any_rest)


@calm
@given(days, days, days)
def test_工作日数可以相加(a: dt.date, b: dt.date, c: dt.date) -> None:
    def between(x: dt.date, y: dt.date) -> int:
        return working_days_between(x, y, CALENDAR)

    assert between(a, b) + between(b, c) == between(a, c)


@calm
@given(days, st.integers(1, 60))
def test_到期前所剩恰为期限(start: dt.date, amount: int) -> None:
    end = due(start, Period(amount, "wd"), CALENDAR, rolls="none")
    found = left(start, end, "wd", CALENDAR)
    assert (found.amount, found.overdue, found.zh) == (amount, False, f"还剩 {amount} 个工作日")


@calm
@given(days, st.integers(0, 60), st.sampled_from(["wd", "d", "month"]))
def test_倒数的日子在前_且相隔够一个期限(end: dt.date, amount: int, unit: str) -> None:
    period = Period(amount, unit)
    found = before(end, period, CALENDAR).day
    assert found <= end
    if unit == "d":
        assert (end - found).days == amount
    elif unit == "wd" and amount:
        # The acting day itself is the last of the working days that lie before the end.
        assert working_days_between(found - DAY, end - DAY, CALENDAR) == amount
        assert CALENDAR.is_working(found)


@calm
@given(st.datetimes(dt.datetime(2007, 1, 1), dt.datetime(2027, 1, 1)), st.integers(0, 100), pauses())
def test_按小时的期限扣除中止后恰为其长(start: dt.datetime, amount: int, suspended: list[Suspension]) -> None:
    found = due(start, Period(amount, "hour"), CALENDAR, rolls="none", suspended=suspended)
    assert found.moment is not None
    assert found.day == found.moment.date()
    paused_days = {pause.first + n * DAY for pause in suspended for n in range((pause.last - pause.first).days + 1)}
    running = dt.timedelta()
    at = start
    while at < found.moment:
        midnight = dt.datetime.combine(at.date() + DAY, dt.time())
        step = min(midnight, found.moment) - at
        running += dt.timedelta() if at.date() in paused_days else step
        at += step
    assert running == dt.timedelta(hours=amount)


@calm
@given(days, amounts, day_units, rolls_strategy, pauses())
def test_理由总是两种语言的整句(
    start: dt.date, amount: int, unit: str, rolls: Rolls, suspended: list[Suspension]
) -> None:
    found = due(start, Period(amount, unit), CALENDAR, rolls=rolls, suspended=suspended)
    assert found.why
    assert all(sentence.zh.endswith("。") and sentence.en.endswith(".") for sentence in found.why)


def test_理由说出放假_调休_中止与顺延() -> None:
    found = due(
        dt.date(2026, 2, 10),
        Period(7, "wd"),
        CALENDAR,
        rolls="none",
        suspended=[Suspension(dt.date(2026, 2, 11), dt.date(2026, 2, 12), "检测", "testing")],
    )
    told = "".join(sentence.zh for sentence in found.why)
    assert "春节2026年2月15日至2026年2月23日放假不计入" in told
    assert "2026年2月14日、2026年2月28日调休上班计入" in told
    assert "2026年2月11日至2026年2月12日（检测）不计入期限" in told
    rolled = due(dt.date(2026, 9, 16), Period(15, "d"), CALENDAR, rolls="public_holiday")
    assert "2026年10月1日是法定节假日（国庆节），顺延至2026年10月4日" in rolled.why[-1].zh


@pytest.mark.parametrize(
    ("start", "unit", "rolls", "provisional"),
    [
        (dt.date(2026, 12, 1), "wd", "none", False),  # ends on 8 December
        (dt.date(2026, 12, 21), "wd", "none", True),  # ends on 28 December: the notice of 2027 may take that day
        (dt.date(2027, 3, 1), "wd", "none", True),
        (dt.date(2027, 3, 1), "d", "none", False),  # plain days need no calendar
        (dt.date(2027, 3, 1), "d", "public_holiday", True),
        (dt.date(2025, 12, 24), "wd", "none", False),
    ],
)
def test_没有公布的年份标为暂定(start: dt.date, unit: str, rolls: Rolls, provisional: bool) -> None:
    found = due(start, Period(5, unit), CALENDAR, rolls=rolls)
    assert found.provisional is provisional
    assert ("放假安排不在日历中" in found.why[-1].zh) is provisional


@pytest.mark.parametrize(
    ("today", "zh", "en"),
    [
        (dt.date(2026, 3, 6), "还剩 3 个工作日", "3 working days left"),
        (dt.date(2026, 3, 11), "今天到期", "due today"),
        (dt.date(2026, 3, 12), "已超期 1 个工作日", "overdue by 1 working day"),
    ],
)
def test_还剩多少的说法(today: dt.date, zh: str, en: str) -> None:
    found = left(today, dt.date(2026, 3, 11), "wd", CALENDAR)
    assert (found.zh, found.en) == (zh, en)


def test_超期而其间没有工作日() -> None:
    assert left(dt.date(2026, 3, 14), dt.date(2026, 3, 13), "wd", CALENDAR).zh == "已超期，不足 1 个工作日"


def test_按小时的剩余() -> None:
    end = due(dt.datetime(2026, 12, 1, 9), Period(24, "hour"), CALENDAR, rolls="none")
    assert left(dt.datetime(2026, 12, 2, 6, 30), end, "hour", CALENDAR).zh == "还剩 2 小时"
    late = left(dt.datetime(2026, 12, 2, 12), end, "hour", CALENDAR)
    assert (late.overdue, late.amount) == (True, 3)


def test_带时刻的起点按日计算时只取日期() -> None:
    moment = due(dt.datetime(2026, 3, 2, 23, 59), Period(7, "wd"), CALENDAR, rolls="none")
    assert moment == due(dt.date(2026, 3, 2), Period(7, "wd"), CALENDAR, rolls="none")


def test_有效期届满前一个月() -> None:
    assert before(dt.date(2026, 3, 31), Period(1, "month"), CALENDAR).day == dt.date(2026, 2, 28)


@calm
@given(days, st.integers(1, 30))
def test_正数与倒数在工作日上互逆(start: dt.date, amount: int) -> None:
    assume(CALENDAR.is_working(start))
    end = due(start, Period(amount, "wd"), CALENDAR, rolls="none").day
    assert before(end, Period(amount, "wd"), CALENDAR).day == start


def test_期限写错时说明() -> None:
    with pytest.raises(ValueError, match="negative"):
        Period(-1, "d")
    with pytest.raises(ValueError, match="one of"):
        Period(1, "week")
    with pytest.raises(ValueError, match="rolls is one of"):
        due(dt.date(2026, 1, 1), Period(1, "d"), CALENDAR, rolls="weekend")


def test_互相矛盾的日历被拒绝() -> None:
    day = dt.date(2030, 1, 1)
    off = Holiday("元旦", "New Year", day, day)
    with pytest.raises(ValueError, match="twice"):
        Calendar([2030], [off, off])
    with pytest.raises(ValueError, match="worked in exchange"):
        Calendar([2030], [off, Holiday("甲", "A", day + DAY, day + DAY, worked=frozenset({day}))])
    with pytest.raises(ValueError, match="outside"):
        Holiday("元旦", "New Year", day, day, statutory=frozenset({day + DAY}))


def test_单位的说法() -> None:
    assert [Period(1, unit).show() for unit in UNITS] == ["1个工作日", "1日", "1小时", "1个月", "1年"]
    assert [Period(2, unit).show("en") for unit in UNITS] == [
        "2 working days",
        "2 calendar days",
        "2 hours",
        "2 months",
        "2 years",
    ]
    assert isinstance(due(dt.date(2026, 1, 5), Period(0, "wd"), CALENDAR, rolls="none"), Due)


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (dt.date(2026, 12, 1), 12, dt.date(2027, 11, 30)),
        (dt.date(2026, 1, 1), 12, dt.date(2026, 12, 31)),
        (dt.date(2026, 7, 15), 6, dt.date(2027, 1, 14)),
        # No such day in that month: its last day belongs to the time.
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2024, 2, 29), 12, dt.date(2025, 2, 28)),
        (dt.date(2026, 3, 1), 1, dt.date(2026, 3, 31)),
    ],
)
def test_自某日起若干月_首日算在内_到对应日的前一天为止(first: dt.date, months: int, last: dt.date) -> None:
    assert last_day_of(first, months) == last
