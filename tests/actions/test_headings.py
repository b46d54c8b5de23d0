"""Headings of the real world: known, decorated, harmless, or asked about; labels of parties; several values in one
cell.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.book_once import book_once
from tests.places import SAMPLING, SMALL, Ledger, sampling_row, write_csv
from zhiheng.actions.intake.receive_delivery import TableResult, receive
from zhiheng.engines.recognise import Layout, recognise
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.headings import TABLE_WORDS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.loader import load
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refusal
from zhiheng.ledger.models import Delivery, Fact, RefusedRow
from zhiheng.people.access import EVERYTHING
from zhiheng.quality_file.deliveries import recognition
from zhiheng.quality_file.fact_detail import fact_sheet

ROOT = Path(__file__).resolve().parents[2]
ROW = sampling_row(1)


@pytest.fixture(scope="session")
def real_book() -> Book:
    """The default book."""
    return book_once(ROOT / "book")


def sent(ledger: Ledger, headings: list[str], *rows: list[str]) -> TableResult:
    """A table with other headings than the book's, received."""
    (result,) = ledger.receive(write_csv(ledger.folder / "t.csv", headings, rows))
    return result


def with_column(heading: str, cell: str = "某内容") -> tuple[list[str], list[str]]:
    """The usual table with one more column."""
    return [*SAMPLING, heading], [*ROW, cell]


@pytest.mark.parametrize(
    "heading",
    [
        *["公告网址链接", "链接", "内部编号", "录入时间", "备注说明", "填报人", "附件"],
        *[
            "内部流水编号",
            "本局内部流水编号",
            "编号（内部）",
            "流水单号",
            "数据库主键",
            "系统生成编号",
            "Internal ref. no.",
        ],
    ],
)
def test_一列无关的列不挡整张表_原样保存并点名(ledger: Ledger, heading: str) -> None:
    result = sent(ledger, *with_column(heading, "13800001234"))
    assert (result.state, result.facts) == ("accepted", 1)
    assert any(heading in remark.zh for remark in result.remarks)
    (delivery,) = Delivery.objects.all()
    ((code, zh, _),) = orjson.loads(delivery.notes)
    assert code == "heading.kept"
    assert heading in zh
    assert "13800001234" in Fact.objects.get().row
    sheet = fact_sheet(Fact.objects.get().id, book=ledger.book, scope=EVERYTHING)
    assert sheet is not None
    (cell,) = [cell for cell in sheet.cells if cell.heading == heading]
    assert cell.masked
    assert "1380000" not in cell.text


@pytest.mark.parametrize("heading", ["统一编号", "企业编号", "设备出厂号", "内部处罚金额", "体系证书代号"])
def test_不只是自己系统里的编号_仍要问(ledger: Ledger, heading: str) -> None:
    result = sent(ledger, *with_column(heading))
    assert (result.state, result.refusal is not None and heading in result.refusal.zh) == ("refused", True)


@pytest.mark.parametrize(
    ("heading", "meant"),
    [("抽样單号", "抽样单号"), ("生产企业代碼", "生产企业代码"), ("检验结論", "检验结论"), ("样品的名称", "样品名称")],
)
def test_写错的表头要问_并说像哪一列(ledger: Ledger, heading: str, meant: str) -> None:
    headings = [heading if each == meant else each for each in SAMPLING]
    result = sent(ledger, headings, ROW)
    assert result.state == "refused"
    assert result.refusal is not None
    assert result.refusal.code == "table.columns"
    assert f"“{heading}”（是不是“{meant}”？）" in result.refusal.zh
    assert "sources" not in result.refusal.zh


@pytest.mark.parametrize(
    "decorate",
    [
        "*{}",
        "{}*",
        "★{}",
        "{}（必填）",
        "{}(必填项)",
        "{}【必填】",
        "{}[选填]",
        "{} 必填",
        "{}（格式：2026-01-01）",
        "{}（下拉选择）",
        "{}（请填写全称）",
        "1、{}",
        "（1）{}",
        "①{}",
        "{}：",
        " {} ",
        "*{}（必填）",
        "{}（yyyy-mm-dd）",
        "● {}",
        "{}\n（选填）",
        "{}(*)",
        "{}（※）",
        "{}。",
        "{} ↓",
        "【{}】",
        "“{}”",
        "（{}）",
    ],
)
def test_表头上的装饰不影响辨认(ledger: Ledger, decorate: str) -> None:
    result = sent(ledger, [decorate.format(each) for each in SAMPLING], ROW)
    assert (result.state, result.facts, result.remarks) == ("accepted", 1, []), result.refusal
    # Whoever reads the fact later reads every column as it was read then.
    sheet = fact_sheet(Fact.objects.get().id, book=ledger.book, scope=EVERYTHING)
    assert sheet is not None
    assert all(cell.fields for cell in sheet.cells)


def test_不认识的列给出规则书里该加的那一行(ledger: Ledger, tmp_path: Path) -> None:
    headings = ["抽样單号" if each == "抽样单号" else each for each in SAMPLING]
    assert sent(ledger, headings, ROW).state == "refused"
    told = recognition(Delivery.objects.get(), ledger.book, clear=True)
    (unknown,) = [heading for heading in told.headings if heading.kind == "unknown"]
    right = unknown.proposals[0]
    assert (right.word, right.page) == ("抽样单号", "records/market/sampling_check/sources/standard.yaml")
    assert right.line == 'columns: {"抽样單号": sample_number}'
    assert unknown.proposals[-1].line == 'ignored: {"抽样單号": secret}'
    # Put into the book, the line does what it says: the same table is received.
    copy = tmp_path / "book"
    shutil.copytree(SMALL, copy)
    page = copy / right.page
    page.write_text(
        page.read_text("utf-8").replace("columns:\n", 'columns:\n  "抽样單号": sample_number\n', 1), "utf-8"
    )
    ledger.book = load(copy)
    assert sent(ledger, headings, ROW).state == "accepted"
    # To whom the table is not their own, what stands in an unrecognised row of headings is not shown.
    assert not any(
        h.proposals
        for h in recognition(Delivery.objects.order_by("id")[0], ledger.book).headings
        if h.kind == "unknown"
    )


def test_缺少的列按来文的叫法列出(ledger: Ledger, real_book: Book) -> None:
    headings = ["抽样编号", "样品名称", "标称生产企业", "检验结论"]
    layouts = [
        Layout.of("food_sampling", e.record, s, said, e.words)
        for e in [real_book[RECORDS]["food_sampling"]]
        for s, said in e.sources.items()
        if s == "standard"
    ]
    answer = recognise(layouts, headings)
    assert isinstance(answer, Refusal)
    assert "抽样日期" in answer.zh
    assert "统计日期" not in answer.zh


def test_括号里是单位或内容的不是装饰(real_book: Book) -> None:
    words = real_book[TABLE_WORDS].headings
    assert words.undecorated("罚款金额（万元）") == "罚款金额(万元)"
    assert words.undecorated("行政相对人代码_1（统一社会信用代码）") == "行政相对人代码_1(统一社会信用代码)"
    assert words.undecorated("成立日期（格式：2026/01/01）") == "成立日期"


def test_不认识的两列不悄悄放过(ledger: Ledger) -> None:
    result = sent(ledger, [*SAMPLING, "神秘列"], [*ROW, "1"])
    assert result.state == "refused"
    assert "神秘列" in str(result.refusal)


def test_缺的列按来文的叫法说(ledger: Ledger) -> None:
    headings = [each for each in SAMPLING if each != "抽样日期"]
    row = [cell for each, cell in zip(SAMPLING, ROW, strict=True) if each != "抽样日期"]
    assert "抽样日期" in str(sent(ledger, headings, row).refusal)


def test_真实公告的表头规则书都认识(real_book: Book) -> None:
    from ruamel.yaml import YAML

    facts: dict[str, list[str]] = YAML(typ="safe").load(
        (ROOT / "tests" / "book" / "headings_of_notices.yaml").read_text("utf-8")
    )
    unknown = {}
    for record, headings in facts.items():
        entry = real_book[RECORDS][record]
        layouts = [
            Layout.of(record, entry.record, name, source, real_book[TABLE_WORDS])
            for name, source in entry.sources.items()
        ]
        unknown[record] = [h for h in headings if all(layout.understood(str(h)) is None for layout in layouts)]
    assert unknown == {record: [] for record in facts}


CASES = {
    "blocked/district_notice_item_result_standard_value_apart.csv": ("liyuan_market", 1),
    "blocked/heading_with_two_bars_instead_of_box_bar.csv": ("liyuan_market", 1),
    "blocked/passed_food_template_with_link_column.xlsx": ("liyuan_market", 1),
    "blocked/decorated_template_headings__no_table_rc0.xlsx": ("liyuan_market", 1),
    "blocked/double_publicity_several_penalties_17zerosX_other.xlsx": ("liyuan_market", 6),
    "blocked/verdict_words_of_real_notices.csv": ("liyuan_market", 13),
    "silent_wrong/entrusted_maker_label_lost_or_wrong_role.csv": ("liyuan_market", 6),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(CASES))
def test_挡住过的表收得下来(db: None, settings: Any, tmp_path: Path, shared: Path, real_book: Book, name: str) -> None:
    import datetime as dt

    settings.DATA = tmp_path
    unit, facts = CASES[name]
    (result,) = receive(
        shared / "cases" / "receiving" / name,
        call=Call(SYSTEM, real_book, dt.datetime(2026, 7, 1, tzinfo=dt.UTC)),
        unit=unit,
    )
    reasons = [orjson.loads(row.reasons) for row in RefusedRow.objects.all()]
    assert (result.state, result.facts, reasons) == ("accepted", facts, []), result.refusal
