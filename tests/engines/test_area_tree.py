"""区划的树任意长：代码可以是任何写法，按层级分组的数等于照树数出来的数，各下级加起来恰是上级。"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.engines.test_indicator import DAY, World, count, rate
from tests.examples import examples
from zhiheng.engines import indicator as engine
from zhiheng.engines.places import levels_of
from zhiheng.engines.rating_subjects import areas_rated, is_chosen
from zhiheng.grammar.chapters.district import District
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.kernel.reasons import Refused

LEVELS = ("nation", "shire", "ward", "grid")
# Letters, digits, dots and dashes, of any length; nothing in a code says what the area lies in.
CODES = st.from_regex(r"[0-9A-Za-z]{1,6}([._-][0-9A-Za-z]{1,5}){0,3}", fullmatch=True).filter(
    lambda code: len(code) <= 32
)


def district(areas: list[tuple[str, str, str | None]]) -> District:
    """A place of which only the tree matters: (code, level, parent)."""
    called = {"zh": "某", "en": "Some"}
    return District.model_validate(
        {
            "name": called,
            "levels": [{"id": level, "name": called, "several": called, "also": [f"old-{level}"]} for level in LEVELS],
            "areas": [{"code": code, "name": called, "kind": kind, "parent": parent} for code, kind, parent in areas],
            "units": [{"id": "office", "name": called, "area": areas[0][0]}],
        }
    )


@st.composite
def trees(draw: st.DrawFn) -> District:
    """A tree or several, of levels in any order, whose codes have nothing in common with those of their parents."""
    codes = draw(st.lists(CODES, min_size=1, max_size=9, unique=True))
    areas: list[tuple[str, str, str | None]] = []
    for number, code in enumerate(codes):
        parent = draw(st.none() | st.sampled_from(codes[:number])) if number else None
        areas.append((code, draw(st.sampled_from(LEVELS)), parent))
    return district(draw(st.permutations(areas)))


def by_hand(tree: District, code: str, level: str) -> str | None:
    """The nearest area of a level, step by step up the tree."""
    nodes = {area.code: area for area in tree.areas}
    step: str | None = code
    while step is not None:
        if nodes[step].kind == level:
            return step
        step = nodes[step].parent
    return None


@settings(max_examples=examples(24), deadline=None)
@given(trees(), st.data())
def test_任意的树_按层级分组等于照树数_下级合计等于上级(tree: District, data: st.DataObject) -> None:
    told = data.draw(st.lists(st.sampled_from([area.code for area in tree.areas]), max_size=12))
    world = World(levels=levels_of(tree))
    for code in told:
        world.add(area=code)
    words: dict[str, Any] = {"as_of": DAY, "known_on": DAY, "levels": LEVELS}
    for level in LEVELS:
        split = f"area:{level}"
        table = engine.compile(count(), world.tables(), by=[split], **words).numerator
        found = {row["by0"]: row["value"] for row in world.run(table)}
        assert found == dict(Counter(by_hand(tree, code, level) for code in told)), level
        for value, number in found.items():
            behind = engine.compile(count(), world.tables(), group={split: value}, **words).facts
            assert len(world.run(behind)) == number

    def total(code: str) -> int:
        (row,) = world.run(engine.compile(count(), world.tables(), areas=tree.below(code), **words).numerator)
        return int(row["value"])

    for area in tree.areas:
        children = tree.children(area.code)
        assert total(area.code) == told.count(area.code) + sum(total(child.code) for child in children)


def test_率按层级分组_分子分母各归各的_只写到上级的另列() -> None:
    tree = district([("GB", "nation", None), ("LND", "shire", "GB"), ("x-1", "ward", "LND"), ("77", "ward", "LND")])
    world = World(levels=levels_of(tree))
    for area, outcome in (("x-1", "pass"), ("x-1", "fail"), ("77", "pass"), ("GB", "pass"), ("LND", "fail")):
        world.add(area=area, outcome=outcome)
    of_rate = rate({"outcome": "pass"})
    asked: dict[str, Any] = {"as_of": DAY, "known_on": DAY, "levels": LEVELS, "by": ["area:ward"]}
    compiled = engine.compile(of_rate, world.tables(), **asked)
    assert compiled.denominator is not None
    over = {row["by0"]: row["value"] for row in world.run(compiled.numerator)}
    under = {row["by0"]: row["value"] for row in world.run(compiled.denominator)}
    assert over == {"x-1": 1, "77": 1, None: 1}
    assert under == {"x-1": 2, "77": 1, None: 2}


def test_按层级和季度一起分组() -> None:
    tree = district([("990100", "nation", None), ("7", "shire", "990100"), ("990102002", "ward", "7")])
    world = World(levels=levels_of(tree))
    world.add(area="990102002", occurred_on=dt.date(2026, 2, 1))
    table = engine.compile(
        count(), world.tables(), as_of=DAY, known_on=DAY, by=["area:shire", "quarter"], levels=LEVELS
    ).numerator
    assert world.run(table) == [{"by0": "7", "by1": "2026-Q1", "value": 1}]


def test_规则书没有的层级_说出有哪些() -> None:
    with pytest.raises(Refused) as refused:
        engine.compile(count(), World().tables(), as_of=DAY, known_on=DAY, by=["area:planet"], levels=LEVELS)
    assert "area:ward" in refused.value.refusals[0].zh


@settings(max_examples=examples(60), deadline=None)
@given(trees())
def test_每个区域的每一层都是照树走出来的(tree: District) -> None:
    rows = {(code, level): within for code, level, within in levels_of(tree)}
    for area in tree.areas:
        for level in LEVELS:
            assert rows.get((area.code, level)) == by_hand(tree, area.code, level)


def test_层级从前的叫法还认得() -> None:
    tree = district([("GB", "nation", None)])
    assert tree.dimension("area:old-ward") == "area:ward"
    assert [tree.dimension(said) for said in ("area", "area:ward", "unit", "verdict", "area:6")] == [
        "area",
        "area:ward",
        "unit",
        "verdict",
        "area:6",
    ]


def test_评价对象写的区划_连同树里在它下面的一并评(book_root: Path) -> None:
    tree = district([("GB", "nation", None), ("LND", "shire", "GB"), ("x-1", "ward", "LND"), ("LND-2", "shire", "GB")])
    edition = book_once(book_root)[RATINGS]["credit_supervision"].editions[0]
    edition = edition.model_copy(update={"who": {"area": ("LND",)}})
    assert areas_rated(edition, tree) == ("LND", "x-1")
    known = ibis.memtable({"area": ["LND", "x-1", "LND-2", "GB", None]}, schema={"area": "string"})
    told = known.mutate(rated=is_chosen(edition, known, tree)).execute()
    assert told["rated"].tolist() == [True, True, False, False, False]
