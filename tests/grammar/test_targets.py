"""目标：谁的、哪天的、几个界限，写错了说清楚。"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.book_once import book_once
from zhiheng.grammar.chapters.district import DISTRICT as BOOK_DISTRICT
from zhiheng.grammar.chapters.district import District
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.targets import TARGETS, Goals, reached, written
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused, read_text, validated

LETTER = {"zh": "责任书", "en": "Letter"}
DISTRICT = District.model_validate(
    {
        "name": {"zh": "市", "en": "City"},
        "levels": [
            {"id": kind, "name": {"zh": zh, "en": kind}, "several": {"zh": f"各{zh}", "en": f"all of kind {kind}"}}
            for kind, zh in (("city", "市"), ("district", "区"), ("sub_district", "街道"))
        ],
        "areas": [
            {"code": "990900", "name": {"zh": "市", "en": "City"}, "kind": "city"},
            {"code": "990901", "name": {"zh": "甲区", "en": "A"}, "kind": "district", "parent": "990900"},
            {"code": "990901001", "name": {"zh": "甲一街道", "en": "A1"}, "kind": "sub_district", "parent": "990901"},
            {"code": "990902", "name": {"zh": "乙区", "en": "B"}, "kind": "district", "parent": "990900"},
        ],
        "units": [{"id": "office", "name": {"zh": "办", "en": "Office"}, "area": "990900"}],
    }
)
DAY = dt.date(2026, 6, 1)


def goals(*said: dict[str, Any]) -> Goals:
    return Goals.model_validate({"goals": [{"from": "2026-01-01", "set_by": LETTER, **one} for one in said]})


def bound(page: Goals, area: str, day: dt.date = DAY) -> Any:
    goal = page.at(DISTRICT, area, day)
    return None if goal is None else dict(goal.bounds())


def test_点名的区域先于层级() -> None:
    page = goals({"kinds": ["district"], "at_least": 90}, {"areas": ["990901"], "at_least": 98})
    assert bound(page, "990901") == {"at_least": Decimal(98)}
    assert bound(page, "990902") == {"at_least": Decimal(90)}
    assert bound(page, "990900") is None


def test_下级没有自己的目标时跟最近的上级() -> None:
    page = goals(
        {"kinds": ["city"], "beneath": True, "at_least": 80}, {"areas": ["990901"], "at_least": 98, "beneath": True}
    )
    assert bound(page, "990901001") == {"at_least": Decimal(98)}
    assert bound(page, "990902") == {"at_least": Decimal(80)}


def test_不含下级的目标不往下传() -> None:
    assert bound(goals({"areas": ["990901"], "at_least": 98}), "990901001") is None


def test_目标只在起止之间有效_首尾两天都算() -> None:
    page = goals({"areas": ["990901"], "from": "2026-01-01", "until": "2026-12-31", "at_least": 1})
    first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    one = dt.timedelta(days=1)
    assert [bound(page, "990901", day) is not None for day in (first - one, first, last, last + one)] == [
        False,
        True,
        True,
        False,
    ]


def test_同一区域同一天的两个目标会被发现() -> None:
    twice = goals(
        {"areas": ["990901"], "at_least": 1}, {"areas": ["990901", "990902"], "from": "2026-06-01", "at_least": 2}
    )
    assert list(twice.twice(DISTRICT)) == [(0, 1, "990901")]
    after = goals(
        {"areas": ["990901"], "until": "2026-05-31", "at_least": 1},
        {"areas": ["990901"], "from": "2026-06-01", "at_least": 2},
    )
    assert list(after.twice(DISTRICT)) == []
    # One by its code and one by its kind is no contradiction: the code wins.
    assert (
        list(goals({"kinds": ["district"], "at_least": 1}, {"areas": ["990901"], "at_least": 2}).twice(DISTRICT)) == []
    )


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("{at_least: 1}", "areas"),
        ('{areas: ["990901"], kinds: [district], at_least: 1}', "areas"),
        ('{areas: ["990901"]}', "界限"),
        ('{areas: ["990901"], at_least: 1, more_than: 2}', "界限"),
        ('{areas: ["990901"], at_least: 1, until: 2025-01-01}', "until"),
    ],
)
def test_写错的目标说明该怎么写(said: str, word: str) -> None:
    text = f"goals:\n  - {said[:-1]}, from: 2026-01-01, set_by: {{zh: 书, en: L}}}}\n"
    with pytest.raises(BookRefused) as refused:
        validated(Goals, read_text(text, file="targets/x.yaml"))
    assert word in refused.value.errors[0].zh
    assert refused.value.errors[0].line == 2


def test_区间写上下两个界限() -> None:
    page = goals({"areas": ["990901"], "at_least": 3, "at_most": 5})
    assert written(dict(page.goals[0].bounds())) == "3–5"
    assert [reached(Decimal(v), {"at_least": Decimal(3), "at_most": Decimal(5)}) for v in (2, 3, 5, 6)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("name", "below", "at", "above", "sign"),
    [
        ("at_least", False, True, True, "≥ 98"),
        ("more_than", False, False, True, "> 98"),
        ("at_most", True, True, False, "≤ 98"),
        ("less_than", True, False, False, "< 98"),
    ],
)
def test_恰好等于界限时各说各的(name: Any, below: bool, at: bool, above: bool, sign: str) -> None:
    bounds = {name: Decimal("98")}
    assert [reached(Decimal(v), bounds) for v in ("97.9", "98.0", "98.1")] == [below, at, above]
    assert written(bounds) == sign


def test_不知道的数既不算达到也不算未达() -> None:
    assert reached(None, {"at_least": Decimal(1)}) is None
    assert reached(Decimal(1), {"at_least": None}) is None
    assert reached(Decimal(1), {}) is None
    assert written({"more_than": None}) == "> ？"


@given(st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2))
def test_不低于与低于恰好相反(value: Decimal, limit: Decimal) -> None:
    assert reached(value, {"at_least": limit}) is not reached(value, {"less_than": limit})
    assert reached(value, {"at_most": limit}) is not reached(value, {"more_than": limit})


def test_规则书里的每个目标都指向真实的指标和区域(book_root: Path) -> None:
    book = book_once(book_root)
    assert book[TARGETS]
    for name, page in book[TARGETS].items():
        assert name in book[INDICATORS]
        assert list(page.twice(book[BOOK_DISTRICT])) == []


def book_with(root: Path, name: str, text: str, book_root: Path) -> list[tuple[str, str]]:
    """The mistakes of the small book with one more page."""
    import shutil

    small = Path(__file__).resolve().parents[1] / "books" / "small"
    shutil.copytree(small, root, dirs_exist_ok=True)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, "utf-8")
    try:
        load(root)
    except BookRefused as refused:
        return [(error.file, error.zh) for error in refused.errors]
    return []


def test_没有的指标和区域指出是哪一页(tmp_path: Path, book_root: Path) -> None:
    text = 'goals:\n  - {areas: ["123456"], from: 2026-01-01, at_least: nothing_such, set_by: {zh: 书, en: L}}\n'
    indicator = "label: {zh: 抽样, en: Samples}\nsystems: [B2]\nquality: product\nkind: number\nunit: count\nmeasure: {record: sampling_check, count: facts}\n"
    (tmp_path / "indicators").mkdir()
    (tmp_path / "indicators" / "samples.yaml").write_text(indicator, "utf-8")
    found = book_with(tmp_path, "targets/sample.yaml", text, book_root)
    assert {file for file, _ in found} == {"targets/sample.yaml"}
    told = "".join(zh for _, zh in found)
    assert "sample" in told
    assert "是不是“samples”" in told
    assert "nothing_such" in told
    assert "123456" in told
