"""A monthly table that says its month only in its title, sheet or file is read as of that month, and says so. All is
fictional.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import orjson
import pytest
import xlsxwriter

from tests.book_once import book_once
from tests.places import Ledger
from zhiheng.actions.facts.correct_fact import correct
from zhiheng.actions.intake.receive_delivery import TableResult
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.ledger.verify import verify

# The raw table of 12315: seventeen columns, and the month in none of them.
RAW = [
    "类别",
    "受理量",
    "办结量",
    "调解成功量",
    "挽回经济损失（万元）",
    "质量",
    "安全",
    "计量",
    "合同",
    "售后服务",
    "人格尊严",
    "广告",
    "商标",
    "价格",
    "假冒",
    "虚假宣传",
    "其他",
]
ROW = ["食品", "12", "10", "8", "1.2", "3", "1", "0", "2", "1", "0", "1", "0", "2", "1", "1", "0"]


@pytest.fixture(scope="module")
def whole_book() -> Book:
    """The book itself."""
    return book_once(Path(__file__).resolve().parents[2] / "book")


@pytest.fixture
def place(ledger: Ledger, whole_book: Book) -> Ledger:
    """A ledger with the book itself."""
    return Ledger(whole_book, ledger.folder)


def received(
    place: Ledger, file: str, sheet: str, *above: str, headings: list[str] = RAW, row: list[str] = ROW
) -> TableResult:
    """The table with lines above it, received in December 2026."""
    path = place.folder / file
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for number, line in enumerate([*([text] for text in above), headings, row]):
            page.write_row(number, 0, line)
    (result,) = place.receive(path, unit="liyuan_market", day="2026-12-01")
    return result


@pytest.mark.parametrize(
    ("file", "sheet", "above"),
    [
        ("a.xlsx", "Sheet1", ["云澜市砺原区2026年10月投诉举报统计表"]),
        ("a.xlsx", "Sheet1", ["投诉举报统计表", "统计期：2026年10月", "填报日期：2026年11月3日"]),
        ("a.xlsx", "2026年10月", []),
        ("12315_2026年10月.xlsx", "Sheet1", []),
        ("12315_202610.xlsx", "Sheet1", ["制表时间：2026年11月3日"]),
        ("2026年投诉.xlsx", "10月", []),
    ],
)
def test_月份写在标题_工作表名或文件名里都算_并且说明依据(
    place: Ledger, file: str, sheet: str, above: list[str]
) -> None:
    result = received(place, file, sheet, *above)
    assert (result.state, result.facts, result.record) == ("accepted", 1, "complaint_statistics")
    fact = Fact.objects.get()
    assert str(fact.occurred_on) == "2026-10-01"
    (told,) = [flag for flag in result.remarks if flag.code == "period.read"]
    assert "2026-10-01" in told.zh
    assert "period.read" in Delivery.objects.get().notes


@pytest.mark.parametrize(
    ("file", "sheet", "above"),
    [
        ("a.xlsx", "Sheet1", ["投诉举报统计表"]),
        ("a.xlsx", "Sheet1", ["填报日期：2026年11月3日"]),
        ("a.xlsx", "10月", []),
        ("a.xlsx", "9月", ["2026年10月投诉举报统计表"]),
        ("a.xlsx", "Sheet1", ["2026年三季度投诉举报统计表"]),
        ("导出20261103.xlsx", "Sheet1", []),
    ],
)
def test_没有写明或写了两个月份的_退回并说可以写在标题里(
    place: Ledger, file: str, sheet: str, above: list[str]
) -> None:
    result = received(place, file, sheet, *above)
    assert result.refusal is not None
    assert result.refusal.code == "table.columns"
    assert "统计月份" in result.refusal.zh
    assert "标题" in result.refusal.zh


def test_有月份一列的_以列为准(place: Ledger) -> None:
    headings, row = ["统计月份", *RAW], ["2026-09", *ROW]
    result = received(place, "a.xlsx", "Sheet1", "2026年10月报出的统计表", headings=headings, row=row)
    assert result.facts == 1
    assert str(Fact.objects.get().occurred_on) == "2026-09-01"


@pytest.mark.slow
def test_更正别的字段_月份不变_再交一次是重复(place: Ledger) -> None:
    assert received(place, "a.xlsx", "Sheet1", "2026年10月投诉举报统计表").facts == 1
    assert received(place, "b.xlsx", "Sheet1", "2026年10月投诉举报统计表").duplicates == 1
    correct(
        Fact.objects.earliest("id").id,
        {"handled": "11"},
        reason="少数了一件",
        call=Call(SYSTEM, place.book, dt.datetime(2026, 12, 2, tzinfo=dt.UTC)),
        unit="liyuan_market",
    )
    latest = Fact.objects.latest("id")
    assert (str(latest.occurred_on), orjson.loads(latest.body)["handled"]) == ("2026-10-01", 11)
    assert verify().findings == []


def test_按期末统计的记录取期末(place: Ledger, whole_book: Book) -> None:
    entry = whole_book[RECORDS]["energy_use"]
    headings = [
        each
        for each in entry.sources["standard"].columns
        if "period_end" not in entry.sources["standard"].targets(each)
    ]
    example = next(one for one in _examples("energy_use") if one.get("source", "standard") == "standard")
    row = [example["row"].get(each, "") for each in headings]
    result = received(place, "a.xlsx", "数据", "2026年第三季度能源消费统计", headings=headings, row=row)
    assert result.facts == 1, result.refusal
    assert str(Fact.objects.get().occurred_on) == "2026-09-30"


def _examples(record: str) -> list[dict[str, dict[str, str]]]:
    from ruamel.yaml import YAML

    found = next(Path(__file__).resolve().parents[2].glob(f"book/records/*/{record}/examples.yaml"))
    accepted: list[dict[str, dict[str, str]]] = YAML(typ="safe").load(found.read_text("utf-8"))["accepted"]
    return accepted
