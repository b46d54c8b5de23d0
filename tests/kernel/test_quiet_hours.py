"""Quiet hours: over midnight, on days off, and in the nights in which clocks are moved."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.kernel.days import Calendar, Holiday
from zhiheng.kernel.quiet_hours import QuietHours

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
# 1 to 3 May 2026 are off; the Saturday of the week after is worked in exchange.
CALENDAR = Calendar(
    [2026],
    [
        Holiday(
            "劳动节",
            "Labour Day",
            dt.date(2026, 5, 1),
            dt.date(2026, 5, 3),
            frozenset({dt.date(2026, 5, 1)}),
            frozenset({dt.date(2026, 5, 9)}),
        )
    ],
)
NIGHT = QuietHours(dt.time(21, 30), dt.time(8), True, CALENDAR)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    """A moment by the clock on the wall."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "over"),
    [
        ("2026-04-29T21:29", "2026-04-29T21:29"),
        ("2026-04-29T21:30", "2026-04-30T08:00"),
        ("2026-04-30T00:00", "2026-04-30T08:00"),
        ("2026-04-30T07:59", "2026-04-30T08:00"),
        ("2026-04-30T08:00", "2026-04-30T08:00"),
        # The evening before the holiday leads to the Monday after it.
        ("2026-04-30T21:30", "2026-05-04T08:00"),
        ("2026-05-02T12:00", "2026-05-04T08:00"),
        # A Saturday that is worked in exchange is a day like any other, its Sunday is not.
        ("2026-05-09T07:00", "2026-05-09T08:00"),
        ("2026-05-09T22:00", "2026-05-11T08:00"),
    ],
)
def test_静默到什么时候为止(moment: str, over: str) -> None:
    assert NIGHT.over(at(moment)) == at(over)
    assert NIGHT.holds(at(moment)) is (moment != over)


def test_周末不算静默的_周六白天照发() -> None:
    always = QuietHours(dt.time(21, 30), dt.time(8), False, CALENDAR)
    assert not always.holds(at("2026-05-02T12:00"))
    assert always.over(at("2026-05-02T22:00")) == at("2026-05-03T08:00")


def test_午休时段不过夜() -> None:
    noon = QuietHours(dt.time(12), dt.time(14), False, CALENDAR)
    assert noon.over(at("2026-04-29T13:00")) == at("2026-04-29T14:00")
    assert not noon.holds(at("2026-04-29T00:00"))
    assert noon.later(at("2026-04-29T11:00"), 2) == at("2026-04-29T15:00")


def test_静默以外的小时数_跨夜跨假期() -> None:
    assert NIGHT.later(at("2026-04-29T20:30"), 1) == at("2026-04-30T08:00"), "no hour ends in the quiet"
    assert NIGHT.later(at("2026-04-29T20:30"), 2) == at("2026-04-30T09:00")
    assert NIGHT.later(at("2026-04-30T21:00"), 1) == at("2026-05-04T08:30")


def test_起止相同的不成立() -> None:
    with pytest.raises(ValueError, match="leave them out"):
        QuietHours(dt.time(8), dt.time(8), False, CALENDAR)


CLOCKS = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
# The last Sundays of March and of October, in which clocks are moved, lie within.
MOMENTS = st.datetimes(dt.datetime(2026, 3, 20), dt.datetime(2026, 11, 10)).map(
    lambda m: m.replace(second=0, microsecond=0)
)


@st.composite
def quiets(draw: st.DrawFn) -> QuietHours:
    begins = draw(CLOCKS)
    ends = draw(CLOCKS.filter(lambda t: t != begins))
    return QuietHours(begins, ends, draw(st.booleans()), CALENDAR)


def by_the_wall(quiet: QuietHours, moment: dt.datetime) -> bool:
    """The plain rule: whether the clock on the wall says that it is quiet."""
    if quiet.days_off and not CALENDAR.is_working(moment.date()):
        return True
    clock = moment.timetz().replace(tzinfo=None, fold=0)
    if quiet.begins < quiet.ends:
        return quiet.begins <= clock < quiet.ends
    return clock >= quiet.begins or clock < quiet.ends


@pytest.mark.slow
@given(quiets(), MOMENTS)
@settings(max_examples=examples(200))
def test_与逐刻看钟的结果一致(quiet: QuietHours, moment: dt.datetime) -> None:
    here = moment.replace(tzinfo=SHANGHAI)
    assert quiet.holds(here) is by_the_wall(quiet, here)
    over = quiet.over(here)
    assert over >= here
    assert not by_the_wall(quiet, over)
    # Every quarter of an hour in between is quiet.
    step = here
    while step < over:
        assert by_the_wall(quiet, step)
        step += dt.timedelta(minutes=15)


@given(quiets(), MOMENTS, st.integers(1, 40), st.sampled_from([SHANGHAI, BERLIN]))
@settings(max_examples=examples(200))
def test_若干小时以后从不落在静默里_且多等一小时不会更早(
    quiet: QuietHours, moment: dt.datetime, hours: int, zone: ZoneInfo
) -> None:
    here = moment.replace(tzinfo=zone)
    after = quiet.later(here, hours)
    assert not quiet.holds(after)
    assert after.astimezone(dt.UTC) - here.astimezone(dt.UTC) >= dt.timedelta(hours=hours)
    assert quiet.later(here, hours + 1).astimezone(dt.UTC) >= after.astimezone(dt.UTC) + dt.timedelta(hours=1)


@given(quiets(), MOMENTS)
@settings(max_examples=examples(200))
def test_拨钟的夜里也不会停在静默里(quiet: QuietHours, moment: dt.datetime) -> None:
    here = moment.replace(tzinfo=BERLIN)
    over = quiet.over(here)
    assert over.astimezone(dt.UTC) >= here.astimezone(dt.UTC)
    assert not quiet.holds(over)
