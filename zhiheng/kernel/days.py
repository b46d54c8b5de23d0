"""Statutory counting: when does a period that the law gives come to its end?

The law counts in five units (working days, calendar days, hours, months, years) and mixes them inside one
regulation, so a period keeps its own unit and is never converted. The rules followed here are those of Order 121
Art. 45, Order 18 Art. 55 and the penalty procedure Art. 80:

* the day on which a period starts is not counted; hours run from the moment itself;
* a last day on a public holiday (法定节假日) moves to the first day after it. Whether weekends or the bridged days of a
  holiday block count too is read differently from place to place, so the reading is an argument (``rolls``);
* a month ends on the same day of the month, or on its last day where there is no such day;
* time that the law excludes (testing, expert opinion, public notice) is handed in as suspensions and is not counted.

Everything is pure: the calendar and the day are arguments and the clock is never read. A year without a published
holiday notice is counted with weekends only, and the answer says that it is provisional.
"""

from __future__ import annotations

import calendar as months_of_the_world
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple, get_args

Unit = Literal["wd", "d", "hour", "month", "year"]
Rolls = Literal["public_holiday", "holiday_block", "non_working_day", "none"]

UNITS: Final[tuple[Unit, ...]] = get_args(Unit)
ROLLS: Final[tuple[Rolls, ...]] = get_args(Rolls)

_DAY: Final = timedelta(days=1)
_UNIT_ZH: Final[dict[str, str]] = {"wd": "个工作日", "d": "日", "hour": "小时", "month": "个月", "year": "年"}
_UNIT_EN: Final[dict[str, tuple[str, str]]] = {
    "wd": ("working day", "working days"),
    "d": ("calendar day", "calendar days"),
    "hour": ("hour", "hours"),
    "month": ("month", "months"),
    "year": ("year", "years"),
}
# The notice for a year may take the last days of the year before into its New Year block (29 December at the
# earliest in the notices of 2007 to 2026), so these days are settled only when the next year's notice is known too.
_NEW_YEAR_REACHES_BACK_TO: Final = (12, 28)


class Sentence(NamedTuple):
    """One sentence for people, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time as the law states it: 15 working days, 60 calendar days, 24 hours, 3 months, 1 year."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"a period is counted in one of {', '.join(UNITS)}, not in {self.unit!r}")
        if self.amount < 0:
            raise ValueError(f"a period cannot be negative: {self.amount}; swap start and end, or use before()")

    def show(self, lang: str = "zh") -> str:
        """'45个工作日' or '45 working days'."""
        if lang == "zh":
            return f"{self.amount}{_UNIT_ZH[self.unit]}"
        one, many = _UNIT_EN[self.unit]
        return f"{self.amount} {one if self.amount == 1 else many}"


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of a published notice: the days off (``first`` to ``last``), which of them are statutory holidays
    themselves, and the weekend days worked in exchange."""

    zh: str
    en: str
    first: date
    last: date
    statutory: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.zh}: the holiday ends ({self.last}) before it begins ({self.first})")
        for day in self.statutory:
            if not self.first <= day <= self.last:
                raise ValueError(f"{self.zh}: the statutory day {day} lies outside {self.first} to {self.last}")
        for day in self.worked:
            if self.first <= day <= self.last:
                raise ValueError(f"{self.zh}: {day} cannot be a day off and a day worked in exchange at once")

    def days(self) -> Iterator[date]:
        """Each day off, in order."""
        for n in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=n)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Whole days, first and last included, that the law leaves out of a period (testing, appraisal, public notice).

    A suspension that still runs is handed in up to today with ``running=True``: the due day is then provisional.
    """

    first: date
    last: date
    zh: str = "依法不计入期限的时间"
    en: str = "time that the law excludes"
    running: bool = False

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a suspension ends ({self.last}) before it begins ({self.first})")


@dataclass(frozen=True, slots=True)
class Due:
    """When a period ends, whether that may still change, and why it is so.

    ``day`` is the last day on which the act is in time. ``moment`` is given for periods in hours only. ``doubt`` are
    those sentences of ``why`` that say what is still open; there are some exactly where it is provisional.
    """

    day: date
    moment: datetime | None
    provisional: bool
    why: tuple[Sentence, ...] = field(compare=False)
    doubt: tuple[Sentence, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Left:
    """How much of a period is left, as a number and as the words for a task list. ``amount`` is never negative."""

    amount: int
    unit: Unit
    overdue: bool
    zh: str
    en: str


class Calendar:
    """Holidays off and made-up working days, by published year.

    Immutable after construction. ``years`` are the years whose notice is in the book; a holiday may reach over New
    Year, as the notices do.
    """

    __slots__ = ("_first_days", "_holidays", "_off", "_statutory", "_worked", "_working_days", "years")

    def __init__(self, years: Iterable[int] = (), holidays: Iterable[Holiday] = ()) -> None:
        self.years: frozenset[int] = frozenset(years)
        self._holidays: tuple[Holiday, ...] = tuple(sorted(holidays, key=lambda h: h.first))
        self._first_days: tuple[date, ...] = tuple(h.first for h in self._holidays)
        self._off: dict[date, Holiday] = {}
        self._statutory: set[date] = set()
        self._worked: dict[date, Holiday] = {}
        for holiday in self._holidays:
            for day in holiday.days():
                if day in self._off:
                    raise ValueError(f"{day} is given as a day off twice: {self._off[day].zh} and {holiday.zh}")
                self._off[day] = holiday
            self._statutory |= holiday.statutory
            self._worked.update(dict.fromkeys(holiday.worked, holiday))
        for day in self._worked:
            if day in self._off:
                raise ValueError(f"{day} is given as a day off ({self._off[day].zh}) and as a day worked in exchange")
        self._working_days: dict[int, tuple[int, ...]] = {}

    def known(self, year: int) -> bool:
        """Whether the holiday notice of this year is in the book."""
        return year in self.years

    def settled(self, day: date) -> bool:
        """Whether no notice still to come can change this day."""
        reached = (day.month, day.day) >= _NEW_YEAR_REACHES_BACK_TO
        return day.year in self.years and (not reached or day.year + 1 in self.years)

    def is_working(self, day: date) -> bool:
        """Whether people work on this day: not a day off, and a weekday or a made-up working day."""
        if day in self._worked:
            return True
        return day not in self._off and day.weekday() < 5

    def is_statutory_holiday(self, day: date) -> bool:
        """Whether the day itself is one of the statutory public holidays (not a bridged or exchanged day)."""
        return day in self._statutory

    def holiday(self, day: date) -> Holiday | None:
        """The holiday whose days off contain this day, if any."""
        return self._off.get(day)

    def holidays(self, first: date, last: date) -> tuple[Holiday, ...]:
        """The holidays of which a day off lies between two days, both included."""
        # A block is shorter than three weeks, so a block that begins earlier than that cannot reach the first day.
        start = bisect_left(self._first_days, first - timedelta(days=21))
        stop = bisect_right(self._first_days, last)
        return tuple(h for h in self._holidays[start:stop] if h.last >= first)

    def working_days(self, year: int) -> tuple[int, ...]:
        """The working days of a year as proleptic ordinals, ascending. Counted once a year and kept."""
        days = self._working_days.get(year)
        if days is None:
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            days = tuple(n for n in range(first, last + 1) if self.is_working(date.fromordinal(n)))
            self._working_days[year] = days
        return days


def working_days_between(after: date, until: date, calendar: Calendar) -> int:
    """Working days after the one day up to and including the other; negative when ``until`` is the earlier day.

    Additive: between(a, b) + between(b, c) == between(a, c) for any three days.
    """
    after, until = _plain(after), _plain(until)
    if until < after:
        return -working_days_between(until, after, calendar)
    total = bisect_right(calendar.working_days(until.year), until.toordinal())
    total -= bisect_right(calendar.working_days(after.year), after.toordinal())
    return total + sum(len(calendar.working_days(year)) for year in range(after.year, until.year))


def due(
    start: date,
    period: Period,
    calendar: Calendar,
    *,
    rolls: Rolls,
    suspended: Sequence[Suspension] = (),
) -> Due:
    """When a period that begins on (or, for hours, at) ``start`` ends.

    ``rolls`` says which last days move on: ``public_holiday`` the statutory holidays themselves, ``holiday_block``
    every day off of a published holiday, ``non_working_day`` these and weekends, ``none`` no day. Periods in hours
    never move. Hours from a bare date are counted from its first moment, the stricter reading, and the answer says so.
    """
    if rolls not in ROLLS:
        raise ValueError(f"rolls is one of {', '.join(ROLLS)}, not {rolls!r}")
    pauses = _merged(suspended)
    if period.unit == "hour":
        return _due_in_hours(start, period, calendar, suspended, pauses)
    first = _plain(start)
    nominal = _least_end(first, period, calendar, pauses)
    day = _rolled(nominal, calendar, rolls)
    why = [
        Sentence(
            f"自{_zh(first)}起算{period.show()}，开始当日不计入。",
            f"{period.show('en')} from {first}, the first day not counted.",
        )
    ]
    uncertain: set[int] = set()
    if period.unit == "wd":
        why += _holidays_passed(first, nominal, calendar)
        uncertain |= _unsettled(first + _DAY, nominal, calendar)
    why += _pauses_passed(first, nominal, suspended)
    if day != nominal:
        why.append(
            Sentence(
                f"期间届满的最后一日{_zh(nominal)}{_off_zh(nominal, calendar)}，顺延至{_zh(day)}。",
                f"The last day {nominal} {_off_en(nominal, calendar)}, so it moves on to {day}.",
            )
        )
    if rolls == "none" and period.amount and calendar.holiday(nominal) is not None:
        why.append(
            Sentence(
                f"期间届满的最后一日{_zh(nominal)}{_off_zh(nominal, calendar)}，这一期限不顺延。",
                f"The last day {nominal} {_off_en(nominal, calendar)}; this period does not move on.",
            )
        )
    if rolls != "none":
        uncertain |= _unsettled(nominal, day, calendar)
    return _told(day, None, why, uncertain, suspended)


def before(end: date, period: Period, calendar: Calendar) -> Due:
    """The last day that still lies a whole period before ``end`` ('one month before the certificate expires').

    It never moves to a later day, for a later day would be too late. Hours are not counted backwards.
    """
    last = _plain(end)
    if period.unit == "hour":
        raise ValueError("a period in hours is not counted backwards from a day; use days")
    uncertain: set[int] = set()
    if period.unit == "wd":
        day = _nth_working_day_before(last, period.amount, calendar)
        uncertain = _unsettled(day, last, calendar)
    elif period.unit == "d":
        day = last - timedelta(days=period.amount)
    else:
        day = months_later(last, -period.amount * (12 if period.unit == "year" else 1))
    why = [
        Sentence(
            f"须在{_zh(last)}之前{period.show()}办理，即不迟于{_zh(day)}。",
            f"To be done {period.show('en')} before {last}, that is no later than {day}.",
        )
    ]
    return _told(day, None, why, uncertain, ())


def left(today: date, end: Due | date, unit: Unit, calendar: Calendar) -> Left:
    """What is left of a period on a certain day, in the unit of its law ('还剩 3 个工作日').

    ``today`` and ``end`` are days; for hours both are moments. Months and years are shown in calendar days.
    """
    moment = end.moment if isinstance(end, Due) else end
    if unit == "hour" and isinstance(moment, datetime) and isinstance(today, datetime):
        return _left_in_hours(today, moment)
    last = end.day if isinstance(end, Due) else _plain(end)
    now = _plain(today)
    shown: Unit = "wd" if unit == "wd" else "d"
    overdue = now > last
    earlier, later = (last, now) if overdue else (now, last)
    amount = working_days_between(earlier, later, calendar) if shown == "wd" else (later - earlier).days
    words = f"{amount} 个工作日" if shown == "wd" else f"{amount} 天"
    words_en = Period(amount, shown).show("en")
    if now == last:
        return Left(0, shown, False, "今天到期", "due today")
    if overdue and amount == 0:
        return Left(0, shown, True, "已超期，不足 1 个工作日", "overdue by less than one working day")
    if overdue:
        return Left(amount, shown, True, f"已超期 {words}", f"overdue by {words_en}")
    return Left(amount, shown, False, f"还剩 {words}", f"{words_en} left")


def _left_in_hours(now: datetime, end: datetime) -> Left:
    overdue = now > end
    amount = int(abs(end - now) / timedelta(hours=1))
    words_en = Period(amount, "hour").show("en")
    if overdue:
        return Left(amount, "hour", True, f"已超期 {amount} 小时", f"overdue by {words_en}")
    return Left(amount, "hour", False, f"还剩 {amount} 小时", f"{words_en} left")


def _due_in_hours(
    start: date,
    period: Period,
    calendar: Calendar,
    suspended: Sequence[Suspension],
    pauses: Sequence[tuple[date, date]],
) -> Due:
    why: list[Sentence] = []
    if isinstance(start, datetime):
        first = start
    else:
        first = datetime.combine(start, time())
        why.append(
            Sentence(
                f"只知道日期{_zh(start)}，不知道时刻：从严自当日零时起算，查明时刻后请补录。",
                f"Only the day {start} is known: counted from its first moment; record the time once it is known.",
            )
        )
    why.insert(
        0,
        Sentence(
            f"自{_zh(first.date())}{first:%H:%M}起算{period.show()}，按小时连续计算，节假日不顺延。",
            f"{period.show('en')} from {first:%Y-%m-%d %H:%M}, running on without a break for holidays.",
        ),
    )
    span = timedelta(hours=period.amount)
    end = first + span
    while True:
        paused = sum((_overlap(first, end, pause) for pause in pauses), timedelta())
        if first + span + paused == end:
            break
        end = first + span + paused
    why += _pauses_passed(first.date() - _DAY, end.date(), suspended)
    return _told(end.date(), end, why, set(), suspended)


def _overlap(start: datetime, end: datetime, pause: tuple[date, date]) -> timedelta:
    opens = datetime.combine(pause[0], time(), start.tzinfo)
    closes = datetime.combine(pause[1] + _DAY, time(), start.tzinfo)
    return max(min(end, closes) - max(start, opens), timedelta())


def _least_end(first: date, period: Period, calendar: Calendar, pauses: Sequence[tuple[date, date]]) -> date:
    """The end of the period, lengthened until every excluded day inside it is made good."""
    amount = period.amount
    counted: Callable[[date, date], int]
    if period.unit == "wd":

        def end(paused: int) -> date:
            return nth_working_day(first, amount + paused, calendar)

        def counted(after: date, until: date) -> int:
            return working_days_between(after, until, calendar)
    else:
        plain = (
            first + timedelta(days=amount)
            if period.unit == "d"
            else months_later(first, amount * (12 if period.unit == "year" else 1))
        )

        def end(paused: int) -> date:
            return plain + timedelta(days=paused)

        def counted(after: date, until: date) -> int:
            return (until - after).days

    paused, last = 0, end(0)
    while pauses:
        now = sum(
            counted(max(opens - _DAY, first), min(closes, last))
            for opens, closes in pauses
            if closes > first and opens <= last
        )
        if now == paused:
            break
        paused, last = now, end(now)
    return last


def nth_working_day(after: date, n: int, calendar: Calendar) -> date:
    """The n-th working day after a day; the day itself for 0."""
    if n == 0:
        return after
    year = after.year
    days = calendar.working_days(year)
    at = bisect_right(days, after.toordinal())
    while at + n > len(days):
        n -= len(days) - at
        year, at = year + 1, 0
        days = calendar.working_days(year)
    return date.fromordinal(days[at + n - 1])


def _nth_working_day_before(end: date, n: int, calendar: Calendar) -> date:
    if n == 0:
        return end
    year = end.year
    days = calendar.working_days(year)
    at = bisect_left(days, end.toordinal())
    while at < n:
        n -= at
        year -= 1
        days = calendar.working_days(year)
        at = len(days)
    return date.fromordinal(days[at - n])


def months_later(day: date, months: int) -> date:
    """The same day some months later (or, negative, earlier); the last day of that month where it has no such day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, months_of_the_world.monthrange(year, month0 + 1)[1]))


def last_day_of(first: date, months: int) -> date:
    """The last day of a validity of some months that begins on ``first``, that day included: a year from 1 December
    ends on 30 November; the last day of the month where it has no such day.
    """
    same = months_later(first, months)
    return same if same.day != first.day else same - _DAY


def _rolled(day: date, calendar: Calendar, rolls: Rolls) -> date:
    if rolls == "public_holiday":
        while calendar.is_statutory_holiday(day):
            day += _DAY
    elif rolls == "holiday_block":
        while calendar.holiday(day) is not None:
            day += _DAY
    elif rolls == "non_working_day":
        while not calendar.is_working(day):
            day += _DAY
    return day


def _merged(suspended: Iterable[Suspension]) -> list[tuple[date, date]]:
    """Overlapping or adjoining suspensions joined, so that no day is left out twice."""
    joined: list[tuple[date, date]] = []
    for pause in sorted(suspended, key=lambda s: s.first):
        if joined and pause.first <= joined[-1][1] + _DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], pause.last))
        else:
            joined.append((pause.first, pause.last))
    return joined


def _unsettled(first: date, last: date, calendar: Calendar) -> set[int]:
    """The years whose missing notice leaves a day between two days open."""
    missing = {year for year in range(first.year, last.year + 1) if not calendar.known(year)}
    if not calendar.known(last.year + 1) and not calendar.settled(last):
        missing.add(last.year + 1 if calendar.known(last.year) else last.year)
    return missing


def _holidays_passed(first: date, last: date, calendar: Calendar) -> list[Sentence]:
    told = []
    for holiday in calendar.holidays(first + _DAY, last):
        worked = sorted(day for day in holiday.worked if first < day <= last)
        made_up_zh = "，" + "、".join(_zh(day) for day in worked) + "调休上班计入" if worked else ""
        made_up_en = f"; made-up working days counted: {', '.join(map(str, worked))}" if worked else ""
        told.append(
            Sentence(
                f"{holiday.zh}{_span_zh(holiday.first, holiday.last)}放假不计入{made_up_zh}。",
                f"{holiday.en} off {_span_en(holiday.first, holiday.last)}, not counted{made_up_en}.",
            )
        )
    return told


def _pauses_passed(first: date, last: date, suspended: Iterable[Suspension]) -> list[Sentence]:
    return [
        Sentence(
            f"{_span_zh(pause.first, pause.last)}（{pause.zh}）不计入期限。",
            f"{_span_en(pause.first, pause.last)} ({pause.en}) is not counted.",
        )
        for pause in sorted(suspended, key=lambda s: s.first)
        if pause.last > first and pause.first <= last
    ]


def _told(
    day: date, moment: datetime | None, why: list[Sentence], uncertain: set[int], suspended: Sequence[Suspension]
) -> Due:
    running = any(pause.running for pause in suspended)
    doubt: list[Sentence] = []
    if uncertain:
        years = "、".join(f"{year}年" for year in sorted(uncertain))
        years_en = ", ".join(str(year) for year in sorted(uncertain))
        doubt.append(
            Sentence(
                f"{years}的放假安排不在日历中，暂按周末休息计算；放假安排公布、补入日历后，以重新计算的日期为准。",
                f"The holiday notice for {years_en} is not in the calendar: counted with weekends only for now; "
                "once the notice is published and added, the day counted then holds.",
            )
        )
    if running:
        doubt.append(
            Sentence(
                "不计入期限的情形尚未结束，到期日还会后移；情形结束后请重新计算。",
                "A suspension is still running, so the due day will move; count again when it has ended.",
            )
        )
    return Due(day, moment, bool(doubt), (*why, *doubt), tuple(doubt))


def _off_zh(day: date, calendar: Calendar) -> str:
    holiday = calendar.holiday(day)
    if holiday is None:
        return "是休息日"
    return f"是法定节假日（{holiday.zh}）" if calendar.is_statutory_holiday(day) else f"在{holiday.zh}放假期内"


def _off_en(day: date, calendar: Calendar) -> str:
    holiday = calendar.holiday(day)
    if holiday is None:
        return "is not a working day"
    statutory = calendar.is_statutory_holiday(day)
    return f"is a public holiday ({holiday.en})" if statutory else f"lies in the days off of {holiday.en}"


@lru_cache(maxsize=4096)
def _zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _span_zh(first: date, last: date) -> str:
    return _zh(first) if first == last else f"{_zh(first)}至{_zh(last)}"


def _span_en(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _plain(day: date) -> date:
    """A day without its time; a ``datetime`` is a ``date`` to Python, and comparing the two raises."""
    return day.date() if isinstance(day, datetime) else day
