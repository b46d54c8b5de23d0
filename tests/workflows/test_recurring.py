"""Duties that recur: every so many days, months or years while a state holds; each is done in its own slot, and what
passed is counted.
"""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.pages import HEAD, day, line, parameter, time_of, workflow_of
from zhiheng.engines.workflow.standing import CaseLine, Clock, _slot_end, _slot_of, replay
from zhiheng.kernel.days import Period, Unit

PAGE = """
states:
  recalling: {label: {zh: 召回中, en: under way}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 启动, en: begin}, by: [handler], opens_case: true, begins: [recalling]}
  report: {label: {zh: 阶段性总结, en: report}, by: [handler], while: [recalling]}
  close: {label: {zh: 办结, en: close}, by: [head], while: [recalling], ends: [recalling], begins: [done]}
periods:
  interim: {label: {zh: 阶段性总结, en: Interim report}, in: recalling, every: made.interim, duty: [report]}
"""


def clock_on(on: str, *reports: str, began: str = "2025-11-30", length: int = 3, unit: str = "month") -> Clock:
    """The clock of a duty every three months, with reports on some days."""
    time = time_of(parameter("interim", length, unit, "2020-01-01"))
    lines = [line(began, "begin", 1), *(line(each, "report", number) for number, each in enumerate(reports, 2))]
    (clock,) = replay(workflow_of(PAGE, HEAD), lines, time, day(on)).clocks()
    return clock


@pytest.mark.parametrize(
    ("on", "reports", "due", "missed"),
    [
        # Every three months from 30 November: the last day of February, 30 May, 30 August.
        ("2025-11-30", [], "2026-02-28", 0),
        ("2026-02-28", [], "2026-02-28", 0),
        ("2026-03-01", [], "2026-05-30", 1),
        ("2026-02-20", ["2026-02-20"], "2026-05-30", 0),
        ("2026-05-31", ["2026-02-20"], "2026-08-30", 1),
        ("2026-05-31", ["2026-02-28", "2026-05-30"], "2026-08-30", 0),
        # A second report in one slot is none for the next.
        ("2026-05-31", ["2026-02-20", "2026-02-28"], "2026-08-30", 1),
    ],
)
def test_每三个月一次_月末对月末_漏的计数(on: str, reports: list[str], due: str, missed: int) -> None:
    clock = clock_on(on, *reports)
    assert (str(clock.day), clock.missed) == (due, missed)


def test_每年一次_闰日对平年二月末() -> None:
    assert str(clock_on("2025-02-28", began="2024-02-29", length=1, unit="year").day) == "2025-02-28"
    assert str(clock_on("2025-03-01", began="2024-02-29", length=1, unit="year").day) == "2026-02-28"


BY_LEVEL = """
fields:
  level: {label: {zh: 等级, en: Level}, type: choice, choices: {one: {zh: 一级, en: one}, two: {zh: 二级, en: two}}}
states:
  recalling: {label: {zh: 召回中, en: under way}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 启动, en: begin}, by: [handler], opens_case: true, asks: [level], begins: [recalling]}
  change: {label: {zh: 变更等级, en: change}, by: [handler], while: [recalling], asks: [level]}
  report: {label: {zh: 过程报告, en: report}, by: [handler], while: [recalling]}
  close: {label: {zh: 办结, en: close}, by: [head], while: [recalling], ends: [recalling], begins: [done]}
periods:
  progress: {label: {zh: 过程报告, en: Progress}, in: recalling, every: "made.progress.{level}", duty: [report]}
"""


@pytest.mark.parametrize(
    ("on", "more", "due", "missed"),
    [
        # Every five days from 1 December; on the fourth day level one: every day from then on. Nothing was missed
        # before.
        ("2026-12-04", [line("2026-12-04", "change", 2, level="one")], "2026-12-05", 0),
        ("2026-12-07", [line("2026-12-04", "change", 2, level="one")], "2026-12-07", 2),
        # What was missed before the change stays missed.
        ("2026-12-09", [line("2026-12-08", "change", 2, level="one")], "2026-12-09", 1),
        # Said again without a change: nothing begins anew.
        ("2026-12-04", [line("2026-12-04", "change", 2, level="two")], "2026-12-06", 0),
        # Eased from every day to every five days: the days that were missed stay missed.
        (
            "2026-12-05",
            [line("2026-12-01", "change", 2, level="one"), line("2026-12-04", "change", 3, level="two")],
            "2026-12-09",
            2,
        ),
    ],
)
def test_等级变更之后按新的间隔_之前没有的报告不算漏报(on: str, more: list[CaseLine], due: str, missed: int) -> None:
    time = time_of(parameter("progress", {"one": 1, "two": 5}, "d", "2020-01-01"))
    (clock,) = replay(
        workflow_of(BY_LEVEL, HEAD), [line("2026-12-01", "begin", 1, level="two"), *more], time, day(on)
    ).clocks()
    assert (str(clock.day), clock.missed) == (due, missed)


@given(
    first=st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31)),
    amount=st.integers(1, 24),
    unit=st.sampled_from(["d", "month", "year"]),
    slot=st.integers(0, 30),
)
def test_每一格的最后一日属于本格_次日属于下一格(first: dt.date, amount: int, unit: Unit, slot: int) -> None:
    length = Period(amount, unit)
    last = _slot_end(first, length, slot)
    assert _slot_of(last, first, length) == slot
    assert _slot_of(last + dt.timedelta(days=1), first, length) == slot + 1
