"""The fictional city: a tree of areas, units with duties, four professional groups in every district."""

from __future__ import annotations

from collections import Counter

from zhiheng.demo.scenes import AS_OF
from zhiheng.demo.settings import DISTRICTS, REGION_CODE
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT


def test_区划树以云澜市为根且标明虚构(book: Book) -> None:
    district = book[DISTRICT]
    assert district.fictional
    assert [area.code for area in district.areas if area.parent is None] == ["990100"]
    assert all(area.code.startswith("9901") for area in district.areas)
    assert district.below("990100") == tuple(area.code for area in district.areas)


def test_五个地方各有下级(book: Book) -> None:
    for setting in DISTRICTS:
        assert 5 <= len(book[DISTRICT].below(setting.code)) <= 9
    kinds = Counter(area.kind for area in book[DISTRICT].areas if area.code in book[DISTRICT].below(REGION_CODE))
    assert kinds == {"region": 1, "district": 4, "sub_district": 8}


def test_每个区有四个专业组且牵头单位在本区(book: Book) -> None:
    areas = {unit.id: unit.area for unit in book[DISTRICT].units}
    for setting in DISTRICTS:
        below = book[DISTRICT].below(setting.code)
        groups = [group for group in book[DISTRICT].groups if areas[group.lead] in below]
        assert Counter(group.quality for group in groups) == {
            "product": 1,
            "project": 1,
            "service": 1,
            "environment": 1,
        }
        assert all(areas[member] in below for group in groups for member in group.members)


def test_演示数据止于统计日(book: Book) -> None:
    assert AS_OF.isoformat() == "2026-10-31"
    assert all(unit.area in {area.code for area in book[DISTRICT].areas} for unit in book[DISTRICT].units)
