"""What a book may say of the enterprise corner: every name in it exists, every blank can be filled in, every period is
counted.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.book_once import book_once
from tests.places import SMALL
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.corner import CORNER, Corner
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused

ROOT = Path(__file__).parents[2]
FLOW = "workflows/fact_objection/workflow.yaml"


@pytest.fixture(scope="module")
def small() -> Book:
    return book_once(SMALL)


def corner_of(book: Book) -> Corner:
    corner = book[CORNER]
    assert corner is not None
    return corner


def changed(tmp_path: Path, old: str, new: str) -> str:
    """Load the small book with one text of its corner changed; what the check says."""
    folder = tmp_path / "book"
    shutil.copytree(SMALL, folder)
    page = folder / "corner.yaml"
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BookRefused) as caught:
        _ = load(folder)[CORNER]
    return str(caught.value)


def test_an_enterprise_speaks_through_the_unit_nearest_above_it(small: Book) -> None:
    assert corner_of(small).unit_for("990901002", small[DISTRICT]) == "test_enterprises"
    assert corner_of(small).unit_for("990901", small[DISTRICT]) == "test_enterprises"


@pytest.mark.parametrize("area", ["", "990900", "110000"])
def test_an_enterprise_outside_of_every_such_place_has_no_unit(small: Book, area: str) -> None:
    assert corner_of(small).unit_for(area, small[DISTRICT]) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("units: [test_enterprises]", "units: [nobody]", "没有代号为“nobody”的单位"),
        ("{sampling_check: producer}", "{no_such: producer}", "没有叫“no_such”的记录类型"),
        ("{sampling_check: producer}", "{sampling_check: maker}", "没有必填的当事人字段“maker”"),
        ("{sampling_check: producer}", "{sampling_check: sampled}", "没有必填的当事人字段“sampled”"),
        ("{sampling_check: producer}", "{sampling_check: product}", "没有必填的当事人字段“product”"),
        ("record: office_visit", "record: no_visit", "没有叫“no_visit”的记录类型"),
        ("record: office_visit", "record: office_visit\n    source: nowhere", "没有来源“nowhere”"),
        ("row: {日期:", "row: {日子:", "没有“日子”这一列"),
        ("end: {情况:", "end: {状态:", "没有“状态”这一列"),
        ("{sampling_check: checked}", "{no_check: checked}", "没有叫“no_check”的记录类型"),
        ("workflow: fact_objection", "workflow: Fact-Objection", "objections.workflow"),
        ('签署人：{signer}。"', '签署人：{somebody}。"', "{somebody} can't be filled in"),
        ("optional: [position]", "optional: [rank]", "rank is not among asks"),
        ("months: 12", "months: 0", "months"),
    ],
)
def test_a_mistake_in_the_corner_is_named_with_what_to_write(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in changed(tmp_path, old, new)


@pytest.mark.parametrize(
    ("page", "old", "new", "said"),
    [
        ("corner.yaml", "workflow: fact_objection", "workflow: no_flow", "没有叫“no_flow”的工作流"),
        ("corner.yaml", "sampling_check: checked", "sampling_check: settled", "没有行为“object.settled”"),
        ("corner.yaml", "otherwise: other", "otherwise: any", "没有行为“object.any”"),
        (
            FLOW,
            "  other: {label: {zh: 答复, en: Answer}, in: other",
            "  late: {label: {zh: 答复, en: Answer}, in: checked",
            "没有开始答复期限",
        ),
        (FLOW, "  take_back: {label", "  give_up: {label", "没有行为“take_back”"),
        (FLOW, "begins: [taken_back]", "begins: [rejected]", "没有终结状态“take_back: begins [taken_back]”"),
        (
            FLOW,
            "  other: {label: {zh: 其他异议",
            "  lapsed: {label: {zh: 失效, en: lapsed}, final: true}\n  other: {label: {zh: 其他异议",
            "以“lapsed”终结",
        ),
        (FLOW, "materials", "papers", "没有字段“materials”"),
    ],
)
def test_异议的工作流缺了页面要用的_规则书检查会指出(tmp_path: Path, page: str, old: str, new: str, said: str) -> None:
    folder = tmp_path / "book"
    shutil.copytree(SMALL, folder)
    text = (folder / page).read_text(encoding="utf-8")
    assert old in text
    (folder / page).write_text(text.replace(old, new), encoding="utf-8")
    assert CORNER.checks is not None
    assert said in "\n".join(each.zh for each in CORNER.checks(load(folder)))


def test_small_and_default_books_pass_the_check_of_objections(small: Book, book_root: Path) -> None:
    assert CORNER.checks is not None
    for book in (small, book_once(book_root)):
        assert list(CORNER.checks(book)) == []


def test_a_book_without_a_corner_has_none(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    shutil.copytree(SMALL, folder)
    (folder / "corner.yaml").unlink()
    assert load(folder)[CORNER] is None


def test_the_default_book_lets_every_district_of_its_own_speak(book_root: Path) -> None:
    book = book_once(book_root)
    own = corner_of(book)
    districts = [area.code for area in book[DISTRICT].areas if area.kind == "district"]
    assert districts
    assert [code for code in districts if own.unit_for(code, book[DISTRICT]) is None] == []
