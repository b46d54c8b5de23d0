"""A unit beside the numbers counts, wherever it stands, and stays with them when a fact is corrected. Everything is
fictional.
"""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import xlsxwriter

from tests.book_once import book_once
from tests.places import NOON, Ledger, credit_code
from zhiheng.actions.facts.correct_fact import correct
from zhiheng.actions.intake.receive_delivery import TableResult
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Delivery, Fact, RefusedRow
from zhiheng.ledger.verify import verify

HEADINGS = ["处罚决定书文号", "当事人", "统一社会信用代码", "违法行为类型", "处罚种类", "罚款金额", "处罚决定日期"]


@pytest.fixture(scope="module")
def whole_book() -> Book:
    """The book itself."""
    return book_once(Path(__file__).resolve().parents[2] / "book")


@pytest.fixture
def place(ledger: Ledger, whole_book: Book) -> Ledger:
    """A ledger with the book itself."""
    return Ledger(whole_book, ledger.folder)


def fine_row(number: int, fine: str) -> list[str]:
    """A decision with a fine; all invented."""
    name = f"云澜市虚构{number}号机械有限公司"
    return [f"砺市监罚〔2026〕{number}号", name, credit_code(number), "生产不合格产品", "罚款", fine, "2026-03-05"]


def received(place: Ledger, rows: list[list[str]], *, sheet: str = "数据", unit: str = "liyuan_market") -> TableResult:
    """The rows as a workbook, received."""
    path = place.folder / f"{len(list(place.folder.iterdir()))}.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell)
    (result,) = place.receive(path, unit=unit)
    return result


def fines() -> list[str]:
    """The fines in the ledger, in yuan."""
    return [orjson.loads(fact.body)["fine"] for fact in Fact.objects.order_by("id")]


@pytest.mark.parametrize("where", ["heading", "row", "line", "sheet", "below", "total"])
def test_万元写在哪里都一样算(place: Ledger, where: str) -> None:
    headings = [h + "（万元）" if h == "罚款金额" and where == "heading" else h for h in HEADINGS]
    rows = [["行政处罚情况表"], headings, fine_row(1, "1.2"), fine_row(2, "3000元")]
    if where == "row":
        rows.insert(2, ["", "", "", "", "", "万元", ""])
    if where == "line":
        rows.insert(1, ["", "", "", "", "", "单位：万元", ""])
    if where == "below":
        rows.append(["注：1.数据为虚构；2.金额单位为万元。"])
    if where == "total":
        rows.append(["合计（万元）", "", "", "", "", "1.5", ""])
    result = received(place, rows, sheet="处罚（单位：万元）" if where == "sheet" else "数据")
    assert (result.state, result.facts) == ("accepted", 2)
    assert fines() == ["12000", "3000"]
    told = [said.zh for said in result.remarks if said.code == "units.read"]
    assert bool(told) == (where != "heading")
    kept = orjson.loads(Delivery.objects.get().notes)
    assert [note[1] for note in kept if note[0] == "units.read"] == told
    assert verify().whole


@pytest.mark.parametrize(
    ("line", "fine"),
    [
        ("单位：百元", "120"),
        ("单位：人民币万元", "12000"),
        ("（人民币：万元）", "12000"),
        ("情况表/单位/万元", "12000"),
    ],
)
def test_人民币_百元_没有冒号_都照样算(place: Ledger, line: str, fine: str) -> None:
    received(place, [line.split("/"), HEADINGS, fine_row(1, "1.2")])
    assert fines() == [fine]


def test_工作表名以万元结尾也算(place: Ledger) -> None:
    received(place, [HEADINGS, fine_row(1, "1.2")], sheet="处罚_万元")
    assert fines() == ["12000"]


@pytest.mark.parametrize("line", ["单位：万", "Unit: RMB 10,000"])
def test_只写倍数的单位要问(place: Ledger, line: str) -> None:
    result = received(place, [[line], HEADINGS, fine_row(1, "1.2")])
    assert result.refusal is not None
    assert result.refusal.code == "units.unknown"


@pytest.mark.slow
def test_单位自相矛盾的表整张退回_问清楚再收(place: Ledger) -> None:
    headings = [h + "（万元）" if h == "罚款金额" else h for h in HEADINGS]
    result = received(place, [headings, ["", "", "", "", "", "元", ""], fine_row(1, "1.2")])
    assert result.state == "refused"
    assert result.refusal is not None
    assert result.refusal.code == "units.contradict"
    assert "万元" in result.refusal.zh
    again = received(place, [["单位：万元"], HEADINGS, fine_row(1, "1.2"), ["注：金额单位为元。"]])
    assert again.refusal is not None
    assert again.refusal.code == "units.contradict"
    assert Fact.objects.count() == 0


def test_更正别的字段时_罚款仍按表上的单位(place: Ledger) -> None:
    received(place, [["单位：万元"], HEADINGS, fine_row(1, "1.2")])
    number = correct(
        1, {"violation_kind": "虚假宣传"}, reason="笔误", call=Call(SYSTEM, place.book, NOON), unit="liyuan_market"
    )
    body = orjson.loads(Fact.objects.get(id=number).body)
    assert (body["fine"], body["violation_kind"]) == ("12000", "虚假宣传")


@pytest.mark.slow
def test_同一文件再交一次是重复(place: Ledger) -> None:
    rows = [["单位：万元"], HEADINGS, fine_row(1, "1.2"), ["合计", "", "", "", "", "1.2", ""]]
    received(place, rows)
    again = received(place, rows)
    assert (again.facts, again.duplicates, again.skipped) == (0, 1, 1)


def test_一格里的一个问题只说一次(place: Ledger) -> None:
    headings = ["企业名称", "统一社会信用代码", "法定代表人", "注册资本(万元)", "成立日期", "核准日期", "登记状态"]
    received(
        place, [headings, ["云澜市虚构机械有限公司", "9.133E+17", "王某", "500", "2015-06-01", "2026-03-01", "存续"]]
    )
    (refused,) = RefusedRow.objects.all()
    assert [why["code"] for why in orjson.loads(refused.reasons)] == ["code.shortened"]


def test_横着填的表说清楚怎么改_没有列名的表也说(place: Ledger) -> None:
    sideways = [
        list(row) for row in zip(HEADINGS, fine_row(1, "5000"), fine_row(2, "5000"), fine_row(3, "1"), strict=True)
    ]
    result = received(place, sideways)
    assert result.refusal is not None
    assert result.refusal.code == "table.transposed"
    assert "转置" in result.refusal.zh


@pytest.mark.slow
def test_什么也没读到的工作簿是退回的报送(place: Ledger) -> None:
    result = received(place, [["封面"], ["", "虚构区市场监管局"]])
    assert result.state == "refused"
    assert Delivery.objects.get(id=result.deliveries[0]).state == "refused"
    assert received(place, [fine_row(1, "5000"), fine_row(2, "1")]).state == "refused"
    assert Fact.objects.count() == 0


@pytest.mark.parametrize(
    "between",
    [
        [["—", "—", "—", "—", "—", "万元", "—"]],
        [["单位", "", "", "", "", "万元", ""]],
        [["计量单位：", "/", "/", "/", "/", "人民币万元", "/"]],
        [["", "", "", "", "", "万元（人民币）", ""]],
        [["", "", "", "", "", "金额：万元", ""]],
        [["单位：万元", "", "", "", "", "", ""]],
        [[""] * 7, ["", "", "", "", "", "（万元）", ""]],
        [["示例：1号", "某某公司", "", "", "罚款", "1", "2026-01-01"], ["", "", "", "", "", "萬元", ""]],
        [["文本", "文本", "文本", "文本", "文本", "数值（万元）", "日期"]],
    ],
)
def test_标题下的单位行_怎样写都算数(place: Ledger, between: list[list[str]]) -> None:
    result = received(place, [HEADINGS, *between, fine_row(1, "1.2")])
    assert (result.state, result.facts, result.refused) == ("accepted", 1, 0)
    assert result.rows == 1 + sum(any(row) for row in between)
    assert fines() == ["12000"]


@pytest.mark.parametrize(
    ("line", "fine"),
    [
        ("填报单位：云澜市某局    单位：万元", "12000"),
        ("单位（盖章）：云澜市某局  金额单位万元", "12000"),
        ("注：本表金额以万元列示", "12000"),
        ("單位：萬元", "12000"),
        ("一季度 涉案金额：12.5万元", "1.2"),
        ("填报单位：云澜市某局", "1.2"),
    ],
)
def test_表上方一行里的单位_和别的话写在一起也算(place: Ledger, line: str, fine: str) -> None:
    received(place, [[line], HEADINGS, fine_row(1, "1.2")])
    assert fines() == [fine]


@pytest.mark.parametrize(
    "heading", ["罚款金额（万元，保留两位小数）", "罚款金额（万元）必填", "*罚款金额（单位:万元）"]
)
def test_标题括号里除了单位还有填写要求(place: Ledger, heading: str) -> None:
    received(place, [[*HEADINGS[:5], heading, HEADINGS[6]], fine_row(1, "1.2")])
    assert fines() == ["12000"]


@pytest.mark.slow
def test_工作表名里的元也算_万元连着别的字要问(place: Ledger) -> None:
    headings = ["企业名称", "统一社会信用代码", "法定代表人", "注册资本", "成立日期", "核准日期", "登记状态"]
    row = ["云澜市虚构机械有限公司", credit_code(1), "王某", "5000000", "2015-06-01", "2026-03-01", "存续"]
    for at, sheet in enumerate(("登记-元", "登记（单位_元）")):
        received(place, [headings, [*row[:5], f"2026-03-0{at + 1}", row[6]]], sheet=sheet)
    assert [orjson.loads(fact.body)["registered_capital"] for fact in Fact.objects.all()] == ["5000000"] * 2
    result = received(place, [HEADINGS, fine_row(1, "1.2")], sheet="处罚万元")
    assert result.refusal is not None
    assert result.refusal.code == "units.doubtful"


@pytest.mark.slow
def test_单位写在别的列下面_或者夹在数据里_整表退回来问(place: Ledger) -> None:
    unit = ["", "", "", "", "", "万元", ""]
    for rows, code in (
        ([["", "", "", "", "万元", "", ""], fine_row(1, "1.2")], "units.misplaced"),
        ([fine_row(1, "5000"), unit, fine_row(2, "1.2")], "units.astray"),
        ([fine_row(1, "1.2"), ["—", "—", "—", "—", "—", "万元", "—"]], "units.astray"),
    ):
        result = received(place, [HEADINGS, *rows])
        assert result.refusal is not None
        assert (result.refusal.code, Fact.objects.count()) == (code, 0)
    told = [*HEADINGS[:5], "罚款金额（万元）", HEADINGS[6]]
    result = received(place, [told, fine_row(1, "1.2"), unit])
    assert (result.state, result.facts, result.skipped) == ("accepted", 1, 1)


@pytest.mark.slow
def test_网页表格上方和打印页眉里的单位也算(place: Ledger) -> None:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADINGS, fine_row(1, "1.2")))
    page = place.folder / "export.xls"
    page.write_text(f"<html><body><h3>行政处罚情况</h3><p>单位：万元</p><table>{cells}</table></body></html>", "utf-8")
    place.receive(page, unit="liyuan_market")
    below = place.folder / "below.xls"
    cells = cells.replace("虚构1号", "虚构2号")
    below.write_text(f"<html><body><table>{cells}</table><div>注：金额单位为万元。</div></body></html>", "utf-8")
    place.receive(below, unit="liyuan_market")
    printed = place.folder / "printed.xlsx"
    with xlsxwriter.Workbook(str(printed)) as book:
        sheet = book.add_worksheet()
        sheet.set_header('&L行政处罚情况表&R&"宋体"&10单位：万元')
        for number, row in enumerate((HEADINGS, fine_row(3, "1.2"))):
            sheet.write_row(number, 0, row)
    place.receive(printed, unit="liyuan_market")
    assert fines() == ["12000"] * 3


def test_几乎空着的行_用一句话说清像什么_怎么办(place: Ledger) -> None:
    rows = [["流通领域"], ["", "", "", "合计", "", "5000", ""], ["云澜市某局", "", "", "", "", "", ""]]
    result = received(place, [HEADINGS, fine_row(1, "5000"), *rows])
    assert (result.facts, result.refused, dict(result.reasons)) == (1, 3, {"row.scant": 3})
    first = orjson.loads(RefusedRow.objects.order_by("row_number")[0].reasons)
    assert len(first) == 1
    assert "“流通领域”" in first[0]["zh"]
    assert "请删去这一行" in first[0]["zh"]


def emission_row(amount: str) -> list[str]:
    """An enterprise's emission of a year; invented."""
    return ["2025", "2025-12", "COD", "工业", amount, "云澜市虚构化工有限公司", "砺原区"]


EMISSION = ["年度", "统计期末", "污染物", "排放源", "排放量", "排污单位", "所属区县"]


@pytest.mark.parametrize(
    ("sheet", "amount"), [("排放量_kg", "1.2"), ("排放量-千克", "1.2"), ("排放量_万吨", "12000000")]
)
def test_工作表名以重量单位结尾也算(place: Ledger, sheet: str, amount: str) -> None:
    result = received_emission(place, [EMISSION, emission_row("1200")], sheet=sheet)
    assert [said.code for said in result.remarks] == ["units.read"]
    assert [orjson.loads(fact.body)["amount"] for fact in Fact.objects.all()] == [amount]


@pytest.mark.parametrize("sheet", ["排放量", "排放量_t", "排放量_表1", "排放量_定稿"])
def test_工作表名末尾不是单位的_不当成单位(place: Ledger, sheet: str) -> None:
    received_emission(place, [EMISSION, emission_row("1200")], sheet=sheet)
    assert [orjson.loads(fact.body)["amount"] for fact in Fact.objects.all()] == ["1200"]


@pytest.mark.slow
def test_表旁写的是浓度_列里却是重量_退回来问(place: Ledger) -> None:
    result = received_emission(place, [["单位：mg/L"], EMISSION, emission_row("1200")])
    assert result.refusal is not None
    assert result.refusal.code == "units.other"
    assert "mg/L" in result.refusal.zh
    assert "mg/L" in result.refusal.en
    assert received_emission(place, [["单位：件、万元"], EMISSION, emission_row("1200")]).facts == 1


def received_emission(place: Ledger, rows: list[list[str]], *, sheet: str = "数据") -> TableResult:
    """As ``received``, from the unit that tells of emissions."""
    return received(place, rows, sheet=sheet, unit="liyuan_environment")
