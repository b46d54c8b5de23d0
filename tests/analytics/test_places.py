"""事实算在哪个街道：自己没写的，按当事方所在地；仍分不到的照实说“未分到街道”，绝不写成零；各街道与未分到的合起来等于全
区。
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from tests.book_once import with_chapters
from tests.places import NOON, Ledger, lift_row, sampling_row
from zhiheng.actions.facts.correct_fact import correct
from zhiheng.analytics.figures_by_area import every_area
from zhiheng.analytics.lake import Lake, project
from zhiheng.analytics.query import Figure, facts_behind, figures
from zhiheng.analytics.recent_facts import facts_learned, learned
from zhiheng.analytics.splits import split
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT as BOOK_DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Fact

DAY = dt.date(2026, 7, 1)
CITY, DISTRICT, JIA, YI = "990900", "990901", "990901001", "990901002"


@pytest.fixture
def placed(lake: Lake) -> Lake:
    """The small book, where a lift is counted where its user has its place, and a sample where its producer has."""
    records = dict(lake.book[RECORDS])
    for name, roles in {"lift_register": ("user_unit",), "sampling_check": ("seller", "producer")}.items():
        records[name] = dataclasses.replace(
            records[name], record=records[name].record.model_copy(update={"place_of": roles})
        )
    return Lake(lake.folder, with_chapters(lake.book, {RECORDS: records}))


@pytest.fixture
def filled(ledger: Ledger, placed: Lake) -> Lake:
    """Two producers, one in each sub-district; a lift used by each, and one whose user nobody placed."""
    ledger.samples(
        "a.csv",
        [
            sampling_row(1, 生产企业="试验甲食品有限公司", 抽样地区="甲街道"),
            sampling_row(2, 生产企业="试验乙食品有限公司", 抽样地区="乙街道"),
            sampling_row(3, 生产企业="试验乙食品有限公司", 抽样地区=""),
            sampling_row(4, 生产企业="试验无处食品有限公司", 抽样地区=""),
            # What names its own place stays there, wherever its producer is.
            sampling_row(5, 生产企业="试验甲食品有限公司", 抽样地区="甲街道", 抽样日期="2026-03-06"),
        ],
        day="2026-06-01",
    )
    ledger.lifts(
        "lifts.csv",
        [
            lift_row("T1", 使用单位="试验甲食品有限公司"),
            lift_row("T2", 使用单位="试验乙食品有限公司"),
            lift_row("T3", 使用单位="试验无处食品有限公司"),
        ],
        day="2026-06-02",
    )
    project(placed)
    return placed


def of(lake: Lake, area: str, name: str, **words: Any) -> Figure:
    """One figure of an area."""
    asked = {"as_of": DAY, "known_on": DAY, **words}
    return figures(lake, lake.book, area=area, names=[name], **asked)[0]


@pytest.mark.slow
def test_没写地点的按使用单位所在街道计(filled: Lake) -> None:
    assert (of(filled, DISTRICT, "lifts_in_use").value, of(filled, DISTRICT, "lifts_in_use").unplaced_beneath) == (3, 1)
    for street in (JIA, YI):
        figure = of(filled, street, "lifts_in_use")
        assert (figure.value, figure.zh, figure.unplaced_above) == (1, "1", 1)


def test_一条也分不到的街道不写零_写未分到街道几条(ledger: Ledger, placed: Lake) -> None:
    ledger.lifts("lifts.csv", [lift_row("T1"), lift_row("T2")], day="2026-06-02")
    project(placed)
    figure = of(placed, YI, "lifts_in_use")
    assert (figure.value, figure.zh, figure.en) == (None, "未分到街道 2 条", "2 not placed in a sub-district")
    assert (of(placed, CITY, "lifts_in_use").zh, of(placed, DISTRICT, "lifts_in_use").zh) == ("2", "2")


def test_都分到了别的街道_这里的零是真的零(ledger: Ledger, placed: Lake) -> None:
    ledger.samples("a.csv", [sampling_row(1)], day="2026-06-01")
    project(placed)
    figure = of(placed, YI, "samples")
    assert (figure.value, figure.zh, figure.unplaced_above) == (0, "0", 0)


@pytest.mark.slow
def test_率的分母分不到街道时不写百分之百(filled: Lake) -> None:
    assert of(filled, DISTRICT, "pass_rate").facts == 5
    assert of(filled, YI, "pass_rate").unplaced_above == 1
    assert of(filled, YI, "pass_rate").facts == 2


def test_自己写了街道的不因生产企业在别处而改变(ledger: Ledger, placed: Lake) -> None:
    ledger.samples("a.csv", [sampling_row(1, 抽样地区="甲街道", 抽样日期="2026-01-05")], day="2026-06-01")
    ledger.samples("b.csv", [sampling_row(1, 抽样地区="乙街道", 抽样日期="2026-03-05")], day="2026-06-02")
    project(placed)
    assert (of(placed, JIA, "samples").value, of(placed, YI, "samples").value) == (1, 1)


@pytest.mark.slow
def test_按当时所知_所在地还没有报来时未分到街道(filled: Lake) -> None:
    before = dt.date(2026, 5, 31)
    assert of(filled, JIA, "lifts_in_use", known_on=before).value == 0
    later = of(filled, JIA, "lifts_in_use", as_of=dt.date(2026, 3, 1))
    # On that day no sample had told where anybody is.
    assert (later.value, later.zh) == (None, "未分到街道 3 条")


@pytest.mark.slow
def test_所在地更正之后跟着更正走(ledger: Ledger, filled: Lake) -> None:
    for fact in Fact.objects.filter(record="sampling_check", body__contains="试验甲食品有限公司"):
        correct(
            fact.id, {"division": "乙街道"}, reason="地区录错", call=Call(SYSTEM, ledger.book, NOON), unit="test_market"
        )
    project(filled)
    known = NOON.date()
    found = {street: of(filled, street, "lifts_in_use", known_on=known, as_of=max(known, DAY)) for street in (JIA, YI)}
    assert (found[JIA].value, found[YI].value) == (None, 2)


@pytest.mark.slow
def test_每个指标各街道与未分到的合起来恰是全区_没有一条算两次(filled: Lake) -> None:
    every = {
        area: {f.indicator: f for f in found}
        for area, found in every_area(filled, filled.book, as_of=DAY, known_on=DAY)
    }
    asked: dict[str, Any] = {"as_of": DAY, "known_on": DAY}
    for name in filled.book[INDICATORS]:
        for area in (CITY, DISTRICT):
            whole = every[area][name]
            parts = [every[child.code][name] for child in filled.book[BOOK_DISTRICT].children(area)]
            assert whole.facts == whole.unplaced_beneath + sum(part.facts for part in parts), name
            assert all(part.unplaced_above == whole.unplaced_above + whole.unplaced_beneath for part in parts), name
            told = [
                facts_behind(filled, filled.book, name, area=child.code, **asked)
                for child in filled.book[BOOK_DISTRICT].children(area)
            ]
            told.append(facts_behind(filled, filled.book, name, area=area, group={"area": area}, **asked))
            listed = [fact for facts in told for fact in facts]
            assert sorted(listed) == list(facts_behind(filled, filled.book, name, area=area, **asked)), name
            assert len(set(listed)) == len(listed), name
        for area, found in every.items():
            assert found[name] == of(filled, area, name), (area, name)


@pytest.mark.slow
def test_按下级区域拆_最后一行是未分到街道的(filled: Lake) -> None:
    found = split(filled, filled.book, "lifts_in_use", area=DISTRICT, as_of=DAY, known_on=DAY, by="area")
    assert [(row.value, row.cells[0] and row.cells[0].zh) for row in found.rows] == [
        (JIA, "1"),
        (YI, "1"),
        (DISTRICT, "1"),
    ]
    months = split(filled, filled.book, "samples", area=DISTRICT, as_of=DAY, known_on=DAY, by="area", period="month")
    assert [row.value for row in months.rows] == [JIA, YI, DISTRICT]
    assert sum(int(cell.numerator or 0) for row in months.rows for cell in row.cells if cell) == 5


def test_新收到的记录也算到街道_列出的就是计的那些(filled: Lake) -> None:
    asked: dict[str, Any] = {"after": dt.date(2026, 5, 31), "until": DAY}
    counted = {}
    for street in (JIA, YI):
        areas = frozenset({street})
        counted[street] = learned(filled, areas=areas, **asked)["lift_register"].facts
        assert len(list(facts_learned(filled, areas=areas, records=["lift_register"], **asked))) == counted[street]
    assert counted == {JIA: 1, YI: 1}
    assert learned(filled, areas=frozenset({DISTRICT, JIA, YI}), **asked)["lift_register"].facts == 3
