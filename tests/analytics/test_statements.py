"""指标的语句按问法记住，换一个区域、换一天都不再重新编：填进去以后，与直接为这个区域这一天编出来的一字不差。"""

from __future__ import annotations

import datetime as dt

import pytest

from tests.analytics.test_lake import fill
from tests.places import Ledger, sampling_row
from zhiheng.analytics import query
from zhiheng.analytics.lake import Lake, project
from zhiheng.engines import indicator as engine
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS

DAY = dt.date(2026, 7, 1)


@pytest.fixture
def filled(ledger: Ledger, lake: Lake) -> Lake:
    """A lake with facts of every record."""
    fill(ledger)
    project(lake)
    return lake


@pytest.mark.slow
@pytest.mark.parametrize("by", [(), ("area",), ("quality",)], ids=["不拆", "按区域拆", "按质量拆"])
def test_填进区域的语句_与直接编的一字不差(filled: Lake, by: tuple[str, ...]) -> None:
    manifest, wanted = filled.manifest(), filled.book[INDICATORS]
    tables = query.tables_of(filled, manifest)
    areas = [None, *(area.code for area in filled.book[DISTRICT].areas)]
    assert len(areas) > 3
    for area in areas:
        frame = query.frame_of(filled.book, area, DAY, DAY, by)
        plain = [(query.sql_of(each.table), each.parts) for each in engine.ask(wanted, tables, frame)]
        assert query._statements(filled, manifest, wanted, frame, engine.together(wanted, frame)) == plain


# 年终、年初、闰日、基期的最后一天、很早和很晚的一天；所知的日子在前、在后、同一天。
DAYS = [
    (dt.date(2026, 12, 31), dt.date(2027, 1, 1)),
    (dt.date(2026, 1, 1), dt.date(2025, 12, 31)),
    (dt.date(2024, 2, 29), dt.date(2026, 7, 1)),
    (dt.date(2025, 12, 31), dt.date(2025, 12, 31)),
    (dt.date(1999, 9, 9), dt.date(2000, 1, 1)),
    (dt.date(2100, 6, 30), dt.date(2100, 6, 30)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("as_of", "known_on"), DAYS, ids=lambda day: str(day))
def test_填进日子的语句_与直接编的一字不差(filled: Lake, as_of: dt.date, known_on: dt.date) -> None:
    manifest, wanted = filled.manifest(), filled.book[INDICATORS]
    tables = query.tables_of(filled, manifest)
    for area, by in ((None, ("area",)), ("990901", ()), ("990901", ("year",))):
        frame = query.frame_of(filled.book, area, as_of, known_on, by)
        plain = [(query.sql_of(each.table), each.parts) for each in engine.ask(wanted, tables, frame)]
        assert query._statements(filled, manifest, wanted, frame, engine.together(wanted, frame)) == plain


@pytest.mark.slow
@pytest.mark.parametrize("group", [{}, {"area": "990901002"}], ids=["全部", "一格"])
def test_数字背后的事实也是_一字不差(filled: Lake, group: dict[str, str]) -> None:
    manifest, wanted = filled.manifest(), filled.book[INDICATORS]
    tables = query.tables_of(filled, manifest)
    for area in filled.book[DISTRICT].areas:
        frame = query.frame_of(filled.book, area.code, DAY, DAY)
        for name in ("pass_rate", "lifts_in_use"):
            words = {"as_of": DAY, "known_on": DAY, "areas": frame.areas, "whole": frame.whole, "group": group}
            plain = query.sql_of(engine.compile(wanted[name], tables, **words).facts)
            assert query._behind(filled, manifest, name, {name: wanted[name]}, frame, group) == plain


@pytest.mark.slow
def test_同样问法的区域和日子_只编一次(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, wanted, times = filled.manifest(), filled.book[INDICATORS], []
    plain = engine.question
    monkeypatch.setattr(engine, "question", lambda *given: times.append(given) or plain(*given))
    query._STATEMENTS.forget()
    leaves = [a.code for a in filled.book[DISTRICT].areas if not filled.book[DISTRICT].children(a.code)]
    assert len(leaves) > 1
    for code in leaves:
        for day in (DAY, dt.date(2026, 3, 5)):
            frame = query.frame_of(filled.book, code, day, DAY)
            statements = query._statements(filled, manifest, wanted, frame, engine.together(wanted, frame))
    assert len(times) == len(statements)


@pytest.mark.slow
@pytest.mark.parametrize("area", [None, "990901", "990901002"], ids=["全部", "区", "街道"])
@pytest.mark.parametrize("by", [(), ("area",), ("year",)], ids=["不拆", "按区域拆", "按年拆"])
def test_没有事实的记录不去问湖_说的与问了一样(
    ledger: Ledger, lake: Lake, monkeypatch: pytest.MonkeyPatch, area: str | None, by: tuple[str, ...]
) -> None:
    ledger.samples("a.csv", [sampling_row(n) for n in range(1, 4)])
    project(lake)
    manifest, groups = (
        lake.manifest(),
        engine.together(lake.book[INDICATORS], query.frame_of(lake.book, None, DAY, DAY)),
    )
    assert 0 < len(query._with_facts(manifest, groups)) < len(groups)
    asked = {"area": area, "as_of": DAY, "known_on": DAY, "by": by}
    quick = query.figures(lake, lake.book, **asked)
    monkeypatch.setattr(query, "_with_facts", lambda _manifest, groups: list(groups))
    assert query.figures(lake, lake.book, **asked) == quick
