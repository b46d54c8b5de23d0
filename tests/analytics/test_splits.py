"""把一个指标拆开看：按区域、单位、字段，沿年、季、月；每一格都能列出背后的事实，合起来等于整数。"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.places import Ledger, lift_row, sampling_row
from zhiheng.analytics.lake import Lake, project
from zhiheng.analytics.query import count_behind, facts_behind
from zhiheng.analytics.recent_facts import facts_learned, learned
from zhiheng.analytics.splits import Split, periods_of, split
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Fact

DAY = dt.date(2026, 7, 1)
DISTRICT = "990901"


@pytest.fixture
def filled(ledger: Ledger, lake: Lake) -> Lake:
    """Samples of two sub-districts, two quarters and two units; two lifts, one of them stopped later."""
    rows = [
        sampling_row(1, 抽样日期="2026-02-05", 抽样地区="甲街道", 检验结论="合格"),
        sampling_row(2, 抽样日期="2026-03-05", 抽样地区="甲街道", 检验结论="不合格"),
        sampling_row(3, 抽样日期="2026-04-05", 抽样地区="乙街道", 检验结论="合格"),
        sampling_row(4, 抽样日期="2026-05-05", 抽样地区="乙街道", 检验结论="合格"),
        sampling_row(5, 抽样日期="2025-05-05", 抽样地区="乙街道", 检验结论="不合格"),
    ]
    ledger.samples("a.csv", rows, day="2026-06-01")
    ledger.samples(
        "b.csv",
        [sampling_row(6, 抽样日期="2026-06-05", 抽样地区="甲街道", 检验结论="不合格")],
        unit="jia_office",
        day="2026-06-20",
    )
    ledger.lifts("lifts.csv", [lift_row("T1"), lift_row("T2")], day="2026-06-01")
    ledger.lifts("stopped.csv", [lift_row("T2", 登记日期="2026-05-20", 使用状态="停用")], day="2026-06-02")
    project(lake)
    return lake


def ask(lake: Lake, name: str, **words: Any) -> Split:
    asked = {"area": DISTRICT, "as_of": DAY, "known_on": DAY, **words}
    return split(lake, lake.book, name, **asked)


def shown(found: Split) -> dict[Any, list[str | None]]:
    return {row.value: [cell and cell.zh for cell in row.cells] for row in found.rows}


@pytest.mark.slow
def test_按下级区域拆_没有记录的街道也列出来(filled: Lake) -> None:
    found = ask(filled, "pass_rate", by="area")
    assert shown(found) == {"990901001": ["33.3%"], "990901002": ["100.0%"]}
    assert [cell and cell.zh for cell in found.whole] == ["60.0%"]
    # Nobody said where the lifts stand: the streets are shown all the same, and what is in none of them.
    assert shown(ask(filled, "lifts_in_use", by="area")) == {
        "990901001": ["未分到街道 1 条"],
        "990901002": ["未分到街道 1 条"],
        "990901": ["1"],
    }


@pytest.mark.slow
def test_按报送单位拆_多的在前(filled: Lake) -> None:
    found = ask(filled, "samples", by="unit")
    assert shown(found) == {"test_market": ["4"], "jia_office": ["1"]}


def test_沿季度拆_按事情发生的日子(filled: Lake) -> None:
    found = ask(filled, "samples", period="quarter")
    assert [column.key for column in found.columns] == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert [cell and cell.zh for cell in found.whole] == ["2", "3", None]
    assert sum(int(cell.zh) for cell in found.whole if cell) == 5


def test_沿月拆到当月为止(filled: Lake) -> None:
    found = ask(filled, "pass_rate", period="month")
    assert [column.key for column in found.columns] == [f"2026-{month:02d}" for month in range(1, 8)]
    assert [cell and cell.zh for cell in found.whole] == [None, "100.0%", "0.0%", "100.0%", "100.0%", "0.0%", None]


@pytest.mark.slow
def test_沿五年拆_今年算到当天(filled: Lake) -> None:
    found = ask(filled, "samples", period="year")
    assert [column.as_of for column in found.columns] == [*(dt.date(y, 12, 31) for y in (2022, 2023, 2024, 2025)), DAY]
    assert [cell and cell.zh for cell in found.whole] == ["0", "0", "0", "1", "5"]


@pytest.mark.slow
def test_现状没有自己的日子_按每期末各问一次(filled: Lake) -> None:
    found = ask(filled, "lifts_in_use", period="month", as_of=dt.date(2026, 6, 10))
    assert [column.as_of.isoformat() for column in found.columns] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
        "2026-06-10",
    ]
    assert [cell and cell.zh for cell in found.whole] == ["2", "2", "2", "2", "1", "1"]
    quarters = ask(filled, "lifts_in_use", period="quarter", as_of=dt.date(2026, 12, 31))
    assert [column.as_of.isoformat() for column in quarters.columns] == [
        "2026-03-31",
        "2026-06-30",
        "2026-09-30",
        "2026-12-31",
    ]


@pytest.mark.slow
def test_区域与季度同时拆(filled: Lake) -> None:
    found = ask(filled, "samples", by="area", period="quarter")
    assert shown(found) == {"990901001": ["2", "1", None], "990901002": [None, "2", None]}


@pytest.mark.parametrize(("by", "period"), [("unit", ""), ("verdict", ""), ("unit", "quarter"), ("", "month")])
@pytest.mark.slow
def test_每一格背后的事实数等于格里的数_各格互不重叠(filled: Lake, by: str, period: Any) -> None:
    found = ask(filled, "pass_rate", by=by, period=period)
    seen: list[int] = []
    for row in found.rows or [None]:
        for column, cell in zip(found.columns, row.cells if row else found.whole, strict=True):
            group = {**column.group, **({by: row.value} if row else {})}
            asked = {"area": DISTRICT, "as_of": column.as_of, "known_on": DAY, "group": group}
            counts = count_behind(filled, filled.book, "pass_rate", **asked)
            assert counts["denominator"] == (cell.denominator if cell else 0)
            assert counts["numerator"] == (cell.numerator or 0 if cell else 0)
            seen += facts_behind(filled, filled.book, "pass_rate", side="denominator", **asked)
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.slow
def test_事实一页一页地取_合起来不多不少(filled: Lake) -> None:
    asked = {"area": DISTRICT, "as_of": DAY, "known_on": DAY}
    every = list(facts_behind(filled, filled.book, "samples", **asked))
    paged: list[int] = []
    while page := list(facts_behind(filled, filled.book, "samples", after=paged[-1] if paged else 0, limit=2, **asked)):
        assert len(page) <= 2
        paged += page
    assert paged == every
    assert len(every) == 5


def test_不能拆的维度说明可用的(filled: Lake) -> None:
    with pytest.raises(Refused, match=r"weather"):
        ask(filled, "samples", by="weather")


def test_与基年相比的变化只按年看(filled: Lake) -> None:
    assert periods_of(filled.book[INDICATORS]["weighed_change"]) == ("", "year")
    assert "month" in periods_of(filled.book[INDICATORS]["samples"])


@pytest.mark.slow
def test_湖里添了新事实_记住的答案不再用(filled: Lake, ledger: Ledger) -> None:
    assert ask(filled, "samples").whole[0].zh == "5"
    ledger.samples("c.csv", [sampling_row(9, 抽样日期="2026-06-09")], day="2026-06-25")
    project(filled)
    assert ask(filled, "samples").whole[0].zh == "6"


@pytest.mark.slow
def test_这几天学到的按收到的日子算_首日不算末日算(filled: Lake) -> None:
    def found(after: str, until: str, areas: Any = None) -> dict[str, tuple[int, int]]:
        said = learned(filled, areas=areas, after=dt.date.fromisoformat(after), until=dt.date.fromisoformat(until))
        return {name: (one.facts, one.fails) for name, one in said.items()}

    assert found("2026-06-01", "2026-06-20") == {"sampling_check": (1, 1), "lift_register": (1, 0)}
    assert found("2026-05-31", "2026-06-01") == {"sampling_check": (5, 2), "lift_register": (2, 0)}
    assert found("2026-05-31", "2026-06-30", {"990901001"})["sampling_check"] == (3, 2)
    assert found("2026-05-31", "2026-06-30", set()) == {}
    assert found("2026-06-20", "2026-06-30") == {}


@pytest.mark.slow
def test_学到的与列出的是同一批事实_新的在前(filled: Lake) -> None:
    asked: dict[str, Any] = {"areas": {"990901001", "990901002"}, "after": dt.date(2026, 5, 31), "until": DAY}
    count = learned(filled, records=["sampling_check"], **asked)["sampling_check"]
    every = list(facts_learned(filled, records=["sampling_check"], **asked))
    assert len(every) == count.facts
    day = dict(Fact.objects.filter(id__in=every).values_list("id", "occurred_on"))
    assert every == sorted(every, key=lambda fact: (day[fact], fact), reverse=True)
    fails = list(facts_learned(filled, records=["sampling_check"], fails=True, **asked))
    assert len(fails) == count.fails
    assert set(fails) <= set(every)
    assert list(facts_learned(filled, records=["sampling_check"], start=2, limit=1, **asked)) == [every[2]]
    assert list(facts_learned(filled, records=["no_such"], **asked)) == []
