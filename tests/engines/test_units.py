"""In which unit a column counts is told by everything around the numbers; what contradicts or can't be understood is
asked.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.book_once import book_once
from zhiheng.engines.recognise import Layout
from zhiheng.engines.units import Units, line_units, units_of
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.fields.measures import bare_heading
from zhiheng.kernel.reasons import Refusal


@pytest.fixture(scope="module")
def book() -> Book:
    """The book itself: its fines count 元 in one source and 万元 in another, its capital 万元."""
    return book_once(Path(__file__).resolve().parents[2] / "book")


def asked(
    book: Book,
    record: str,
    headings: list[str],
    *,
    source: str = "standard",
    row: str = "",
    lines: tuple[str, ...] = (),
) -> dict[str, str] | str:
    """Field -> unit, or the code of the question."""
    found = _answer(book, record, headings, source=source, row=row, lines=lines)
    return found.code if isinstance(found, Refusal) else dict(found.of)


def _answer(
    book: Book,
    record: str,
    headings: list[str],
    *,
    source: str = "standard",
    row: str = "",
    lines: tuple[str, ...] = (),
) -> Units | Refusal:
    entry = book[RECORDS][record]
    layout = Layout.of(record, entry.record, source, entry.sources[source], entry.words)
    return units_of(layout, entry.types[source], headings, row=[row] * len(headings), lines=lines)


@pytest.mark.parametrize(
    ("heading", "row", "lines", "given"),
    [
        ("罚款金额", "", (), {}),
        ("罚款金额", "元", (), {}),
        ("罚款金额", "万元", (), {"fine": "万元"}),
        ("罚款金额", "", ("单位：万元",), {"fine": "万元"}),
        ("罚款金额", "", ("行政处罚情况表（单位：万元）",), {"fine": "万元"}),
        ("罚款金额", "", ("一季度台账(万元)",), {"fine": "万元"}),
        ("罚款金额", "", ("单位：人民币万元",), {"fine": "万元"}),
        ("罚款金额", "", ("（人民币：万元）",), {"fine": "万元"}),
        ("罚款金额", "", ("单位：RMB万元",), {"fine": "万元"}),
        ("罚款金额", "", ("单位：百元",), {"fine": "百元"}),
        ("罚款金额", "", ("行政处罚情况表 单位 万元",), {"fine": "万元"}),
        ("罚款金额", "", ("处罚_万元",), {"fine": "万元"}),
        ("罚款金额", "", ("行政处罚情况表 万元",), {"fine": "万元"}),
        ("罚款金额", "", ("全年罚款共 12.5 万元",), {}),
        ("罚款金额", "", ("Unit: yuan",), {}),
        ("罚款金额", "", ("单位 某某局",), {}),
        ("罚款金额", "", ("单位万元",), {"fine": "万元"}),
        ("罚款金额", "", ("被抽样单位名称",), {}),
        ("罚款金额", "", ("单位：万元、吨",), {"fine": "万元"}),
        ("罚款金额", "", ("金额单位为亿元。",), {"fine": "亿元"}),
        ("罚款金额（万元）", "", (), {"fine": "万元"}),
        ("罚款金额（万元）", "万元", ("单位：万元",), {"fine": "万元"}),
        # The heading speaks for its column; the line above for those that say nothing.
        ("罚款金额（万元）", "", ("单位：元",), {"fine": "万元"}),
        ("罚款金额", "元", ("单位：万元",), {}),
        ("罚款金额", "", ("填报单位：某局", "报送单位：万元户公司"), {}),
        ("罚款金额", "", ("单位：某某局",), {}),
        ("罚款金额", "", ("单位：件",), {}),
        # Doubt is a question.
        ("罚款金额（万元）", "元", (), "units.contradict"),
        ("罚款金额", "", ("单位：万元", "金额单位：元"), "units.contradict"),
        ("罚款金额", "", ("单位：元、万元",), "units.contradict"),
        ("罚款金额", "吨", (), "units.other"),
        ("罚款金额", "", ("单位：万美元",), "units.unknown"),
        ("罚款金额", "", ("金额单位：某某",), "units.unknown"),
        ("罚款金额", "", ("单位：万",), "units.unknown"),
        ("罚款金额", "", ("Unit: RMB 10,000",), "units.unknown"),
        ("罚款金额", "", ("Unit: 10,000 yuan",), "units.unknown"),
        ("罚款金额（美元）", "", (), "units.other"),
    ],
)
def test_罚款按哪个单位读(
    book: Book, heading: str, row: str, lines: tuple[str, ...], given: dict[str, str] | str
) -> None:
    assert asked(book, "administrative_penalty", [heading], row=row, lines=lines) == given


@pytest.mark.parametrize(
    ("heading", "row", "lines", "given"),
    [
        ("注册资本", "", (), {}),
        ("注册资本", "元", (), {"registered_capital": "元"}),
        ("注册资本", "", ("单位：元",), {"registered_capital": "元"}),
        ("注册资本(万元)", "元", (), "units.contradict"),
        ("注册资本（元）", "", (), {"registered_capital": "元"}),
        ("注册资本(万元)", "", ("单位：元",), {}),
    ],
)
def test_规则书里按万元读的注册资本(
    book: Book, heading: str, row: str, lines: tuple[str, ...], given: dict[str, str] | str
) -> None:
    assert asked(book, "enterprise_register", [heading], row=row, lines=lines) == given


@pytest.mark.parametrize(
    ("record", "unit", "line", "offered"),
    [
        ("emission", "吨", "计量单位：某某", "克、千克或吨"),
        ("emission", "吨", "单位：万标准吨", "克、千克或吨"),
        ("emission", "吨", "单位：万", "克、千克或吨"),
        ("energy_use", "吨标准煤", "计量单位：标煤当量", "吨标准煤或万吨标准煤"),
    ],
)
def test_看不懂的单位_问的时候说这一列可用的单位(book: Book, record: str, unit: str, line: str, offered: str) -> None:
    refusal = _answer(book, record, [bare_heading(_label(book, record, unit))], lines=(line,))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "units.unknown"
    assert offered in refusal.zh
    assert "万元" not in refusal.zh


def test_只说金额的单位与重量无关(book: Book) -> None:
    bare = bare_heading(_label(book, "emission", "吨"))
    assert asked(book, "emission", [bare], lines=("金额单位：某某",)) == {}
    assert asked(book, "emission", [bare], lines=("单位：万美元",)) == {}


def test_标题自带单位的列不受表上方单位影响_没有的才受(book: Book) -> None:
    headings = ["罚款金额", "没收金额（元）"]
    entry = book[RECORDS]["administrative_penalty"]
    label = entry.record.fields["confiscated"].label.zh
    headings[1] = f"{label}（元）"
    assert asked(book, "administrative_penalty", headings, lines=("单位：万元",)) == {"fine": "万元"}


def test_质量面积和份额也一样(book: Book) -> None:
    area = _field(book, "agricultural_certificate", "亩")
    bare = bare_heading(_label(book, "agricultural_certificate", "亩"))
    assert asked(book, "agricultural_certificate", [f"{bare}（公顷）"]) == {area: "公顷"}
    assert asked(book, "agricultural_certificate", [f"{bare}（平方米）"]) == {area: "平方米"}
    name, label = _field(book, "emission", "吨"), _label(book, "emission", "吨")
    assert asked(book, "emission", [label], lines=("单位：千克",)) == {}, "its heading says 吨"
    assert asked(book, "emission", [f"{bare_heading(label)}（千克）"]) == {name: "千克"}
    assert asked(book, "emission", [f"{bare_heading(label)}（万元）"]) == "units.other"
    assert asked(book, "emission", [label], row="千克") == "units.contradict"


def _field(book: Book, record: str, unit: str) -> str:
    fields = book[RECORDS][record].record.fields
    return next(name for name, field in fields.items() if field.options.get("unit") == unit)


def _label(book: Book, record: str, unit: str) -> str:
    return book[RECORDS][record].record.fields[_field(book, record, unit)].label.zh


def test_读出的单位要告诉人_依据也要说(book: Book) -> None:
    entry = book[RECORDS]["administrative_penalty"]
    layout = Layout.of("administrative_penalty", entry.record, "standard", entry.sources["standard"], entry.words)
    found = units_of(layout, entry.types["standard"], ["罚款金额"], lines=["单位：万元"])
    assert isinstance(found, Units)
    (said,) = found.remarks
    assert said.zh == "“罚款金额”一列的数按“万元”读取，依据表旁的“单位：万元”。"
    assert "万元" in said.en


@pytest.mark.parametrize("text", ["单" * 5000, "单位：" * 3000, "（万元" * 3000, "单位：" + "、" * 9000, " " * 9000])
def test_再长的说明也很快看完(text: str) -> None:
    line_units(text)
