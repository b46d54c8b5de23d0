"""指标数字：空湖、缺记录、区域、分组、数字背后的事实。"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.analytics.test_lake import WEIGHINGS, fill, more
from tests.places import Ledger, sampling_row, write_csv
from zhiheng.analytics.lake import Lake, project
from zhiheng.analytics.query import Figure, facts_behind, figures
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.kernel.reasons import Refused

DAY = dt.date(2026, 7, 1)


def ask(lake: Lake, *, area: str | None = None, as_of: dt.date = DAY, known_on: dt.date = DAY) -> dict[str, Figure]:
    """All figures by name."""
    return {f.indicator: f for f in figures(lake, lake.book, area=area, as_of=as_of, known_on=known_on)}


def test_没有湖时计数为零_率为证据不足_没有报过的量不是零(lake: Lake) -> None:
    found = ask(lake)
    assert list(found) == list(lake.book[INDICATORS])
    assert found["samples"].value == 0
    assert (found["pass_rate"].value, found["pass_rate"].zh, found["pass_rate"].en) == (
        None,
        "证据不足",
        "insufficient evidence",
    )
    assert found["weighed"].zh == "尚未报送"
    assert found["weighed_change"].value is None


@pytest.mark.slow
def test_数字带着分子分母期间计划和湖的日期(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    found = ask(lake)
    rate = found["pass_rate"]
    # Of 2026: 1 (corrected: passed), 3 (failed), 5 (passed); 2 and 4 are of other years.
    assert (rate.numerator, rate.denominator, rate.zh) == (2, 3, "66.7%")
    assert (rate.first, rate.last, rate.plan_zh) == (dt.date(2026, 1, 1), DAY, "监督抽查")
    assert (rate.watermark, rate.lake_day) == (lake.manifest().watermark, dt.date(2026, 7, 1))
    assert "监督抽查" in rate.explanation_zh
    assert found["serious"].value == 1
    assert (found["weighed"].zh, found["weighed"].numerator) == ("8.00吨", Decimal(8))
    assert found["lifts_in_use"].value == 2
    assert rate.as_json()["value"] == "66.7"


@pytest.mark.slow
def test_更正之前的那一天看到更正之前的数字(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    before = ask(lake, known_on=dt.date(2026, 6, 30))["pass_rate"]
    assert (before.numerator, before.denominator) == (2, 3)
    assert set(facts_behind(lake, lake.book, "pass_rate", area=None, as_of=DAY, known_on=dt.date(2026, 6, 30))) == {
        1,
        3,
        5,
    }
    corrected = set(facts_behind(lake, lake.book, "pass_rate", area=None, as_of=DAY, known_on=DAY))
    assert corrected == {3, 5, 9}


@pytest.mark.slow
def test_数字背后的事实个数等于分母_分子的事实是其中一部分(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    more(ledger)
    project(lake)
    rate = ask(lake)["pass_rate"]
    all_facts = list(facts_behind(lake, lake.book, "pass_rate", area=None, as_of=DAY, known_on=DAY))
    passed = set(facts_behind(lake, lake.book, "pass_rate", area=None, as_of=DAY, known_on=DAY, side="numerator"))
    assert (len(passed), len(all_facts)) == (rate.numerator, rate.denominator)
    assert passed < set(all_facts)
    assert all_facts == sorted(all_facts)


@pytest.mark.slow
def test_停用的电梯在停用之后不再计入(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    more(ledger)
    project(lake)
    assert ask(lake)["lifts_in_use"].value == 1
    assert ask(lake, as_of=dt.date(2026, 5, 31))["lifts_in_use"].value == 2


@pytest.mark.slow
def test_区域连同下级一起计算(ledger: Ledger, lake: Lake) -> None:
    areas = {a.code: a for a in lake.book[DISTRICT].areas}
    leaf = next(a for a in areas.values() if "甲街道" in (a.name.zh, *a.also))
    ledger.samples("a.csv", [sampling_row(1), sampling_row(2)])
    project(lake)
    assert ask(lake, area=leaf.code)["samples"].value == 2
    assert leaf.parent is not None
    assert ask(lake, area=leaf.parent)["samples"].value == 2
    other = next(
        c
        for c in areas
        if c not in lake.book[DISTRICT].below(leaf.code) and leaf.code not in lake.book[DISTRICT].below(c)
    )
    assert ask(lake, area=other)["samples"].value == 0


@pytest.mark.slow
def test_分组之和等于总数_分组的率各有分母(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    more(ledger)
    project(lake)
    total = ask(lake)["pass_rate"]
    months = figures(lake, lake.book, area=None, as_of=DAY, known_on=DAY, names=["pass_rate"], by=["month", "unit"])
    assert {f.group["month"]: (f.numerator, f.denominator) for f in months} == {"2026-03": (2, 3), "2026-06": (7, 10)}
    assert sum(int(f.denominator or 0) for f in months) == total.denominator
    verdicts = figures(lake, lake.book, area=None, as_of=DAY, known_on=DAY, names=["pass_rate"], by=["verdict"])
    assert {f.group["verdict"]: f.zh for f in verdicts} == {"qualified": "100.0%", "unqualified": "0.0%"}


def test_变化率带正负号(ledger: Ledger, lake: Lake) -> None:
    carrier = "试验丁运输有限公司"
    path = write_csv(
        ledger.folder / "w.csv", WEIGHINGS, [[carrier, "2025-02-03", "14", "4"], [carrier, "2026-02-03", "10", "5.3"]]
    )
    ledger.receive(path)
    project(lake)
    change = ask(lake)["weighed_change"]
    assert (change.zh, change.numerator, change.denominator) == ("-53.0%", Decimal("4.7"), Decimal(10))


def test_不存在的指标和区域和维度都说明怎么办(lake: Lake) -> None:
    with pytest.raises(Refused, match="zhiheng indicators"):
        figures(lake, lake.book, area=None, as_of=DAY, known_on=DAY, names=["nothing"])
    with pytest.raises(Refused, match="地区名单"):
        figures(lake, lake.book, area="000000", as_of=DAY, known_on=DAY)
    with pytest.raises(Refused, match="可用"):
        figures(lake, lake.book, area=None, as_of=DAY, known_on=DAY, by=["shoe_size"])
