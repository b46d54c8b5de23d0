"""Dated parameters: which value holds on which day, and what is said where none does. The laws here are invented."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiheng.kernel.days import Period
from zhiheng.kernel.law import Instrument, Law, Parameter, Value, stale
from zhiheng.kernel.reasons import Refused

OLD = Instrument("old", "虚构旧办法", "Fictional old measures", "虚构令第1号", dt.date(2020, 1, 1))
NEW = Instrument("new", "虚构新办法", "Fictional new measures", "虚构令第2号", dt.date(2026, 4, 15))


def parameter(
    value: Value,
    unit: str,
    since: str,
    *,
    until: str = "",
    checked: str = "",
    name: str = "limit",
    text: Instrument = OLD,
) -> Parameter:
    return Parameter(
        topic="things",
        name=name,
        zh="限期",
        en="Limit",
        value=value,
        unit=unit,
        text=text,
        article="第一条",
        since=dt.date.fromisoformat(since),
        until=dt.date.fromisoformat(until) if until else None,
        checked=dt.date.fromisoformat(checked) if checked else None,
    )


TWO = Law([parameter(60, "d", "2026-04-15", text=NEW), parameter(45, "wd", "2020-01-01")])


@pytest.mark.parametrize(
    ("day", "period"),
    [
        ("2020-01-01", Period(45, "wd")),
        ("2026-04-14", Period(45, "wd")),
        ("2026-04-15", Period(60, "d")),
        ("2099-12-31", Period(60, "d")),
    ],
)
def test_按事项发生之日取值(day: str, period: Period) -> None:
    assert TWO.at("things", "limit", dt.date.fromisoformat(day)).period() == period


@settings(deadline=None)
@given(st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)), min_size=1, max_size=8, unique=True), st.dates())
def test_取到的总是当日之前最近的一条(days: list[dt.date], day: dt.date) -> None:
    law = Law(parameter(n, "d", since.isoformat()) for n, since in enumerate(days))
    earlier = [since for since in days if since <= day]
    if not earlier:
        with pytest.raises(Refused):
            law.at("things", "limit", day)
    else:
        assert law.at("things", "limit", day).since == max(earlier)


def test_最早一条之前拒绝_并说怎么办() -> None:
    with pytest.raises(Refused) as caught:
        TWO.at("things", "limit", dt.date(2019, 12, 31))
    refusal = caught.value.refusals[0]
    assert refusal.code == "law.before_first"
    assert "最早的一条自 2020-01-01" in refusal.zh
    assert refusal.zh.endswith("补入法律参数后再办。")
    assert "add it to the book first" in refusal.en


def test_废止而无替代的规定_到期后拒绝_出现新规定后恢复() -> None:
    law = Law([parameter(5, "wd", "2020-01-01", until="2020-12-31"), parameter(3, "wd", "2022-01-01")])
    assert law.at("things", "limit", dt.date(2020, 12, 31)).value == 5
    with pytest.raises(Refused) as caught:
        law.at("things", "limit", dt.date(2021, 1, 1))
    assert caught.value.refusals[0].code == "law.repealed"
    assert law.at("things", "limit", dt.date(2022, 1, 1)).value == 3


def test_名称写错时给出相近的名称() -> None:
    with pytest.raises(Refused) as caught:
        TWO.at("things", "limt", dt.date(2026, 1, 1))
    assert "limit" in caught.value.refusals[0].zh
    with pytest.raises(Refused) as caught:
        TWO.at("thing", "limit", dt.date(2026, 1, 1))
    assert caught.value.refusals[0].code == "law.unknown_topic"
    assert "things" in caught.value.refusals[0].en


def test_同日两值或重叠的规定不成立() -> None:
    with pytest.raises(ValueError, match="two values hold"):
        Law([parameter(1, "d", "2020-01-01"), parameter(2, "d", "2020-01-01")])
    with pytest.raises(ValueError, match="runs into"):
        Law([parameter(1, "d", "2020-01-01", until="2021-06-01"), parameter(2, "d", "2021-01-01")])


@pytest.mark.parametrize(
    ("value", "unit", "kind"),
    [
        (15, "wd", "period"),
        ({"level_1": 24}, "hour", "period"),
        (3, "%", "percentage"),
        (30000, "CNY", "money"),
        (2, "person", "number"),
        (("a", "b"), "", "choice"),
        ({"a": "low"}, "", "choice"),
        ("public_holiday", "", "choice"),
    ],
)
def test_种类由单位和值决定(value: Value, unit: str, kind: str) -> None:
    assert parameter(value, unit, "2020-01-01").kind == kind


def test_表格按行取值() -> None:
    start = parameter({"level_1": 24, "level_2": 36}, "hour", "2026-12-01")
    assert start.period("level_2") == Period(36, "hour")
    for wrong in (lambda: start.period("level_4"), start.period, lambda: TWO.at("things", "limit", NEW_DAY).row("x")):
        with pytest.raises(Refused) as caught:
            wrong()
        assert caught.value.refusals[0].zh.endswith("。")


NEW_DAY = dt.date(2026, 4, 15)


def test_不是期限的参数不能当期限用() -> None:
    with pytest.raises(Refused) as caught:
        parameter(3, "%", "2020-01-01").period()
    assert caught.value.refusals[0].code == "law.no_period"


def test_引文() -> None:
    assert TWO.at("things", "limit", NEW_DAY).cited() == "《虚构新办法》（虚构令第2号）第一条"
    assert TWO.at("things", "limit", NEW_DAY).cited("en") == "Fictional new measures (虚构令第2号), 第一条"


def test_版本指纹与次序无关_与内容有关() -> None:
    one, other = parameter(45, "wd", "2020-01-01"), parameter({"b": 1, "a": 2}, "d", "2021-01-01", name="table")
    assert Law([one, other]).digest() == Law([other, one]).digest()
    assert Law([one]).digest() != Law([replace(one, value=44)]).digest()
    assert Law([one]).digest() != Law([replace(one, unit="d")]).digest()
    # Looking a value up again does not make another law of it.
    assert Law([one]).digest() == Law([replace(one, checked=dt.date(2026, 1, 1))]).digest()


@pytest.mark.parametrize(("today", "reported"), [("2026-07-31", False), ("2026-08-01", True), ("2027-01-01", True)])
def test_核对超过若干个月的参数被列出(today: str, reported: bool) -> None:
    law = Law([parameter(15, "d", "2020-01-01", checked="2026-01-31")])
    assert bool(stale(law, dt.date.fromisoformat(today), 6)) is reported


def test_从未核对的排在最前_其次是最久的() -> None:
    law = Law(
        [
            parameter(1, "d", "2020-01-01", checked="2025-01-01", name="b"),
            parameter(1, "d", "2020-01-01", checked="2024-01-01", name="a"),
            parameter(1, "d", "2020-01-01", name="c"),
            parameter(1, "d", "2020-01-01", checked="2026-10-01", name="d"),
        ]
    )
    found = stale(law, dt.date(2026, 11, 22), 12)
    assert [s.parameter.name for s in found] == ["c", "a", "b"]
    assert found[0].months is None
    assert "从未与原文核对" in found[0].zh
    assert found[1].months == 34
    assert "已逾 34 个月" in found[1].zh


def test_专题与参数的目录() -> None:
    assert (TWO.topics(), TWO.names("things"), len(TWO)) == (("things",), ("limit",), 2)
    assert [p.since.year for p in TWO.history("things", "limit")] == [2020, 2026]
