"""When the rungs of a ladder of reminders come, and which of them are to be written."""

from __future__ import annotations

import datetime as dt

from zhiheng.grammar.chapters.messages import IN_HOURS, MessageKind, Quiet, Rung, Unread
from zhiheng.kernel.days import Calendar, Period, before, nth_working_day
from zhiheng.kernel.quiet_hours import QuietHours

# A working day and the days off before it are never further apart than this.
_LONGEST_BREAK = 21


def day_of(rung: Rung, due: dt.date, calendar: Calendar) -> dt.date:
    """The day on which a rung comes for something that is due on a day."""
    if rung.at <= 0:
        return before(due, Period(-rung.at, rung.unit), calendar).day
    return nth_working_day(due, rung.at, calendar) if rung.unit == "wd" else due + dt.timedelta(days=rung.at)


def has_come(
    rung: Rung,
    due: dt.date,
    today: dt.date,
    calendar: Calendar,
    *,
    due_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Whether a rung has come today for something that is due on a day; where it stands in hours, and what it is about
    is due at a moment, whether it has come by now.
    """
    if rung.hours is None or due_at is None or now is None:
        return day_of(rung, due, calendar) <= today
    return due_at + dt.timedelta(hours=rung.hours) <= now


def reached(
    kind: MessageKind,
    due: dt.date,
    today: dt.date,
    calendar: Calendar,
    *,
    due_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> list[Rung]:
    """The rungs that have come, from the lowest; of those that tell the same people only the last one: who hears late
    of something hears once. ``due_at`` and ``now`` as of ``has_come``.
    """
    latest = {
        rung.addressees: rung for rung in kind.ladder if has_come(rung, due, today, calendar, due_at=due_at, now=now)
    }
    return [rung for rung in kind.ladder if latest.get(rung.addressees) is rung]


def dues_that_matter(kind: MessageKind, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last due day for which a rung of the kind can come today or has come lately: what is late for
    longer was told to everybody.
    """

    def reach(n: int) -> dt.timedelta:
        # Five working days are a week, and a break may lie in between.
        return dt.timedelta(days=n * 7 // 5 + 2 + _LONGEST_BREAK)

    ahead = max(0, -min(rung.at for rung in kind.ladder))
    behind = max(0, max(rung.at for rung in kind.ladder))
    if kind.about in IN_HOURS:
        # A worker that was down for days makes up for what it has missed.
        return today - dt.timedelta(days=behind // 24 + 7), today + dt.timedelta(days=ahead // 24 + 1)
    return today - reach(behind), today + reach(ahead)


def quiet_of(quiet: Quiet | None, calendar: Calendar) -> QuietHours | None:
    """The quiet hours of a book with its calendar."""
    return None if quiet is None else QuietHours(quiet.begins, quiet.ends, quiet.days_off, calendar)


def climbs_at(unread: Unread, at: dt.datetime, quiet: QuietHours | None, calendar: Calendar) -> dt.datetime:
    """When a reminder of a moment climbs where nobody has read it: after hours that were not quiet, or on the morning
    after so many working days.
    """
    if unread.unit == "hour":
        if quiet is not None:
            return quiet.later(at, unread.amount)
        return (at.astimezone(dt.UTC) + dt.timedelta(hours=unread.amount)).astimezone(at.tzinfo)
    last = nth_working_day(at.date(), unread.amount, calendar)
    morning = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), at.tzinfo)
    return morning if quiet is None else quiet.over(morning)


def next_summary(at: dt.datetime, hour: dt.time, quiet: QuietHours | None) -> dt.datetime:
    """The next moment from ``at`` on at which a summary goes out: daily at an hour, and where that is quiet, when the
    quiet is over.
    """
    first = dt.datetime.combine(at.date(), hour, at.tzinfo)
    if first < at:
        first = dt.datetime.combine(at.date() + dt.timedelta(days=1), hour, at.tzinfo)
    return first if quiet is None else quiet.over(first)
