"""区划的层级、代码和叫法都在规则书里：街道下面再分网格，或者换成外国的区划，只改 district.yaml，不改一行程序。"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.book_once import book_once, with_chapters
from tests.places import NOON, SMALL, Ledger, _ledger, sampling_row
from zhiheng.analytics.figures_by_area import levels_at_once
from zhiheng.engines.figure_words import unplaced_name
from zhiheng.engines.publication import _person_address, _step_of
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.ledger.models import Fact
from zhiheng.people import access

SHIPPED = Path(__file__).resolve().parents[2] / "book"
GRID = "990901001002017"
GRIDS = f"""
  - {{code: "{GRID}", name: {{zh: 第十七网格, en: Grid 17}}, kind: grid, parent: "990901001"}}
"""
GRID_LEVEL = (
    "  - {id: grid, name: {zh: 网格, en: grid}, several: {zh: 各网格, en: grids}, statistics: false, listed: false}\n"
)


def with_grids(text: str) -> str:
    """The small place with one level more below its streets: a line for the level, and one for each grid."""
    return text.replace("areas:\n", GRID_LEVEL + "areas:\n", 1).replace("units:\n", GRIDS.lstrip("\n") + "units:\n", 1)


def abroad(text: str) -> str:
    """The same place as another country would write it: codes of letters, levels and names of its own."""
    codes = {"990900": "NV", "990901001": "NV-12-AX", "990901002": "NV-12-BQ", "990901": "NV-12"}
    for ours, theirs in codes.items():
        text = text.replace(f'"{ours}"', f'"{theirs}"')
    kinds = {"city": "canton", "sub_district": "commune", "district": "prefecture"}
    for ours, theirs in kinds.items():
        text = text.replace(f"id: {ours},", f"id: {theirs},").replace(f"kind: {ours}", f"kind: {theirs}")
    return text.replace("zh: 街道, en: sub-district", "zh: 公社, en: commune")


def place(tmp_path: Path, settings: Any, changed: Callable[[str], str]) -> Ledger:
    """An empty ledger with a book whose district.yaml was changed, and nothing else of it."""
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    page = root / "district.yaml"
    page.write_text(changed(page.read_text("utf-8")), "utf-8")
    settings.BOOK = root
    return _ledger(settings, tmp_path, load(root))


@pytest.mark.django_db
def test_街道下面分网格_收得进_看得到_街道的账里有它(tmp_path: Path, settings: Any) -> None:
    grids = place(tmp_path, settings, with_grids)
    rows = [sampling_row(1, 抽样地区="第十七网格"), sampling_row(2, 抽样地区=GRID), sampling_row(3)]
    assert grids.samples("a.csv", rows).facts == 3
    assert list(Fact.objects.order_by("id").values_list("area", flat=True)) == [GRID, GRID, "990901001"]
    book = grids.book
    assert book[DISTRICT].areas_below["990901001"] == {"990901001", GRID}
    clerk = Actor("account:1", "officer", "甲", (Holding("clerk", unit="jia_office"),))
    refused = access.may(Call(clerk, book, NOON), "cockpit.read", area=GRID)
    assert refused is None or refused.code != "access.area"
    assert unplaced_name(book, GRID) == ("未分到网格", "not placed in a grid")
    assert [area.code for area in book[DISTRICT].with_statistics()] == ["990900", "990901"]
    assert GRID not in {area.code for area in book[DISTRICT].listed()}
    assert [len(book[DISTRICT].areas_above[code]) for code in ("990900", "990901", "990901001", GRID)] == [0, 1, 2, 3]


@pytest.mark.django_db
def test_外国的区划_代码是字母_层级是自己的(tmp_path: Path, settings: Any) -> None:
    there = place(tmp_path, settings, abroad)
    rows = [sampling_row(1, 抽样地区="nv-12-bq"), sampling_row(2, 抽样地区="甲街道")]
    assert there.samples("a.csv", rows).facts == 2
    assert list(Fact.objects.order_by("id").values_list("area", flat=True)) == ["NV-12-BQ", "NV-12-AX"]
    assert there.book[DISTRICT].areas_below["NV-12"] == {"NV-12", "NV-12-AX", "NV-12-BQ"}
    assert unplaced_name(there.book, "NV-12-AX") == ("未分到公社", "not placed in a commune")
    # What lies in what is told by the tree, not by how codes begin.
    assert [area.code for area in there.book[DISTRICT].children("NV")] == ["NV-12"]
    assert access.areas(Call(SYSTEM, there.book, NOON), "cockpit.read") == (
        "NV",
        "NV-12",
        "NV-12-AX",
        "NV-12-BQ",
    )


def test_名称的结尾写在规则书里_随书的认得的与从前程序里写的一样() -> None:
    before = "特别行政区 自治区 自治州 自治县 自治旗 开发区 高新区 街道办事处 街道 地区 林区 省 市 区 县 盟 旗 州 镇 乡 社区 村"
    district = book_once(SHIPPED)[DISTRICT]
    assert {*district.name_endings} == {*before.split()}
    assert [len(ending) for ending in district.name_endings] == sorted(map(len, before.split()), reverse=True)
    assert {*district.address_endings} == {"街道", "镇", "乡", "区", "县", "市"}


def test_个人地址公开到哪一级是规则书的_没写的整个隐去() -> None:
    book = book_once(SHIPPED)
    address = "云澜市砺原区铁砧街道第十七网格9号"
    assert shown_of(book, address) == "云澜市砺原区铁砧街道***"
    levels = tuple(level.model_copy(update={"in_addresses": level.id == "city"}) for level in book[DISTRICT].levels)
    less = with_chapters(book, {DISTRICT: book[DISTRICT].model_copy(update={"levels": levels})})
    assert shown_of(less, address) == "云澜市***"
    levels = tuple(level.model_copy(update={"in_addresses": False}) for level in levels)
    assert (
        shown_of(with_chapters(book, {DISTRICT: book[DISTRICT].model_copy(update={"levels": levels})}), address) == ""
    )


def test_随书的各区县一次算出_只有一个市和一个地区的单算() -> None:
    district = book_once(SHIPPED)[DISTRICT]
    assert {level: len(codes) for level, codes in levels_at_once(district).items()} == {"district": 8}
    assert [district.dimension(f"area:{digits}") for digits in (6, 9)] == ["area:district", "area:sub_district"]


def shown_of(book: Book, address: str) -> str:
    """What the public sees of a person's address in a place."""
    return _person_address(_step_of(book[DISTRICT].address_endings), address)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda text: text.replace("kind: city", "kind: planet"), "planet"),
        (lambda text: text.replace("areas:\n", GRID_LEVEL * 2 + "areas:\n", 1), "grid"),
        (lambda text: text.replace('"990901002"', '"990901 002"'), "code"),
        (lambda text: text[: text.index("levels:")] + text[text.index("areas:") :], "levels"),
    ],
)
def test_层级写错的_说出哪里错(tmp_path: Path, wrong: Callable[[str], str], said: str) -> None:
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    page = root / "district.yaml"
    page.write_text(wrong(page.read_text("utf-8")), "utf-8")
    with pytest.raises(BookRefused) as refused:
        load(root)
    assert said in str(refused.value), refused.value
