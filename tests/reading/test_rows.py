"""Rows around the data: each is told apart with its reason, and what may be data is data."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.reading.files import HEADINGS, ROWS, broken, numbers, only_table, rows, skipped, write_csv, write_xlsx
from zhiheng.reading.rows import _FEW_CELLS, blank_of_arrow, is_total, no_data, suspect

WIDE = ["", "", "", "", "", ""]


def code(*cells: str, width: int = 7) -> str:
    row = [*cells, *[""] * (width - len(cells))]
    why = no_data(row)
    if why is not None:
        assert suspect([[cell] for cell in row]) or not row[0], row
    return why.code if why else ""


@pytest.mark.parametrize(
    "words",
    [
        "合计",
        "合 计",
        "合  计",
        "合　计",
        "总计：",
        "小 计",
        "全区合计",
        "铁砧街道小计",
        "合计（元）",
        "共计2家",
        "平均",
        "平均值",
        "Total",
        "TOTAL:",
        "Grand total",
        "累计",
        "本页小计",
        "2026年合计",
        "3月小计",
        "共12家",
        "总 计",
        "合计:",
        "Sub-total",
        "本年累计",
        "合计10000元",
    ],
)
def test_各种写法的合计都是合计(words: str) -> None:
    assert code(words, "", "", "", "", "10000") == "row.total"
    assert code("7", words, "", "", "", "10000", "元") == "row.total"
    assert code("", words, "", "", "3家", "10000") == "row.total"


@pytest.mark.parametrize("first", ["小计", "合计", "合 计", "平均"])
def test_有文号有企业有日期的行不是合计(first: str) -> None:
    row = [first, "砺市监罚〔2026〕9号", "虚构甲有限公司", "91990101MAE1054619", "5000", "2026-03-05"]
    assert not is_total(row)
    assert no_data(row) is None


def test_名称里带合计平均字样的企业是数据() -> None:
    for name in (
        "云澜市综合计量有限公司",
        "共计分享科技有限公司",
        "平均律钢琴行",
        "汇总宝科技有限公司",
        "注塑厂",
        "说明书印刷厂",
        "例外服装店",
    ):
        assert code(name, "91990101MAE1054619", "王某", "500", "2015-06-01", "2026-03-01", "存续") == ""


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["一、铁砧街道"], "row.group"),
        (["（二）望井街道"], "row.group"),
        (["望井街道"], "row.group"),
        (["第一部分 食品"], "row.group"),
        (["A、生产环节"], "row.group"),
        (["一、铁砧街道", "12"], "row.group"),
        (["注：1.本表数据截至2026年3月31日；2.金额单位为元。"], "row.note"),
        (["填表人：李某", "", "", "审核人：王某"], "row.note"),
        (["※以上数据为虚构"], "row.note"),
        (["以下空白"], "row.note"),
        (["第 3 页"], "row.note"),
        (["单位：万元"], "row.note"),
        (
            ["示例：云澜市某某有限公司", "91990101MAHGJMHE9C", "张三", "100", "2020-01-01", "2026-01-01", "存续"],
            "row.sample",
        ),
        (["（示例）", "云澜市某某有限公司", "91990101MAHGJMHE9C"], "row.sample"),
        (["样例", "云澜市某某有限公司", "91990101MAHGJMHE9C"], "row.sample"),
        (["例：某某公司", "91990101MAHGJMHE9C", "张三"], "row.sample"),
    ],
)
def test_不是数据的行各有名目(cells: list[str], why: str) -> None:
    assert code(*cells) == why


def test_只有企业名称的行是缺项的数据_要退回而不是跳过() -> None:
    assert code("云澜市橡芷柏机械有限公司") == ""
    assert code("砺市监罚〔2026〕124号") == ""


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=9))
def test_快看说没有的_细看也没有(row: list[str]) -> None:
    """The quick look decides whether rows are looked at one by one: its no must be certain."""
    if (
        any(cell and not cell.isspace() for cell in row)
        and row[0]
        and not row[0].isspace()
        and no_data(row) is not None
    ):
        assert suspect([[cell] for cell in row])


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_表中表尾的合计和说明都点名_行号对得上(tmp_path: Path, write) -> None:
    body = [
        HEADINGS,
        ["一、甲街道", *WIDE[:4]],
        ROWS[0],
        ["小计", "", "", "1批", ""],
        ROWS[1],
        ["合 计", "", "", "2", ""],
        ["备注：虚构", *WIDE[:4]],
        ROWS[2],
    ]
    table = only_table(write(tmp_path / f"表.{write.__name__[6:]}", body))
    assert skipped(table) == [(2, "row.group"), (4, "row.total"), (6, "row.total"), (7, "row.note")]
    assert (rows(table), numbers(table), broken(table)) == (ROWS, [3, 5, 8], [])


def test_标题下的填写说明和示例不是数据_其中的单位算数(tmp_path: Path) -> None:
    guide = ["填写营业执照上的全称", "18位", "选填", "单位：万元", "格式：2026-01-01"]
    sample = ["示例：某某公司", "码0000", "酱油", "合格", "2020-01-01"]
    table = only_table(write_csv(tmp_path / "表样.csv", [HEADINGS, guide, sample, *ROWS]))
    assert skipped(table) == [(2, "row.instructions"), (3, "row.sample")]
    assert table.layout.units == ("", "", "", "万元", "")
    assert rows(table) == ROWS


def test_单位行和栏号行也算作不是数据的行(tmp_path: Path) -> None:
    table = only_table(write_csv(tmp_path / "单位.csv", [HEADINGS, ["", "", "", "千克", ""], list("12345"), *ROWS]))
    assert skipped(table) == [(2, "row.units"), (3, "row.ordinals")]


PIECES = (
    "合",
    "计",
    "总",
    "计",
    " ",
    "\u3000",
    "\xa0",
    "\x1c",
    "\x85",
    "\u2003",
    "\n",
    "\t",
    "※",
    "*",
    "（",
    "(",
    "注",
    "说明",
    "例",
    "请",
    "第",
    "共",
    "3",
    "３",
    "٣",
    "一",
    "、",
    ".",
    "．",
    "街道",
    "镇",
    "月",
    "季度",
    "：",
    ":",
    "A",
    "a",
    "Total",
    "SUBTOTAL",
    "sum",
    "mean",
    "averages",
    "mary",
    "-",
    "_",
    "甲",
    "有限公司",
    "2026",
)


@settings(max_examples=examples(500), deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=6).map("".join))
@example("总" + "\u3000" * 3 + "计")
@example("１．\u3000甲")
@example("Totals合")
@example("x" * 90 + "街道")
@example("x" * 78 + "街道" + "x" * 20)
def test_整列一起看时_凡逐格会起疑的格子都起疑(cell: str) -> None:
    column = pa.array([cell, "甲有限公司"], pa.large_string())
    # Of few cells and of many, alone and beside a column of many others.
    many = [f"甲{number}食品厂" for number in range(_FEW_CELLS)]
    others = pa.array([f"{name}乙" for name in many], pa.large_string())
    if suspect([[cell]]):
        assert suspect([column])
        assert suspect([pa.array([*many, cell], pa.large_string())])
        assert suspect([others, pa.array([*many, cell], pa.large_string())])
    assert blank_of_arrow(column) == (not cell or cell.isspace())


@pytest.mark.parametrize("cell", ["XBJ26990101001", "甲有限公司", "1.5", "summary", "2026-03-01"])
def test_平常的格子整列一起看也不起疑(cell: str) -> None:
    assert not suspect([pa.array([cell], pa.large_string())])
    assert not suspect([pa.array([cell, *(f"甲{number}食品厂" for number in range(_FEW_CELLS))], pa.large_string())])
