"""Delimited text: encodings, delimiters, rows that are not whole, files that are not whole."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.reading.files import (
    HEADINGS,
    ROWS,
    broken,
    csv_text,
    flags,
    numbers,
    only_code,
    only_table,
    opened,
    rows,
    skipped,
    write_csv,
)
from zhiheng.kernel.reasons import Refused
from zhiheng.reading.encodings import is_garbled
from zhiheng.reading.limits import DEFAULT
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table, rows_of

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "gb18030"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_各种编码和分隔符都读成同样的格(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = write_csv(tmp_path / "报表.csv", [HEADINGS, *ROWS], encoding=encoding, delimiter=delimiter)
    for book in (True, False):
        table = only_table(path, book=book)
        assert table.layout.headings == tuple(HEADINGS)
        assert (table.layout.header_rows, table.layout.first_row) == ((1,), 2)
        assert (table.layout.encoding, table.layout.delimiter) == (encoding, delimiter)
        assert rows(table) == ROWS
        assert numbers(table) == [2, 3, 4]


_cell = st.text(
    alphabet=st.one_of(
        st.sampled_from("企业厂酱油（）αé×²\"',;|\t\n =0 8.2"), st.characters(codec="gb18030", exclude_categories=["C"])
    ),
    max_size=12,
).filter(
    # What looks like the remains of a wrong encoding goes back, and is tried elsewhere.
    lambda text: not text.strip().startswith(("合计", "总计", "小计", "备注", "注")) and not is_garbled(text)
)


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.lists(st.lists(_cell, min_size=4, max_size=4), min_size=1, max_size=30),
    encoding=st.sampled_from(ENCODINGS),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    size=st.integers(1, 40),
)
def test_写成文件再读回来一格不差(
    tmp_path: Path, body: list[list[str]], encoding: str, delimiter: str, end: str, quoting: int, size: int
) -> None:
    # A first cell that is always filled keeps empty rows and repeated headings out of this test.
    body = [[f"行{number}", *row] for number, row in enumerate(body)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([HEADINGS, *body])
    path = tmp_path / "往返.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    table = only_table(path)
    assert rows(table, size) == body
    assert table.layout.delimiter == delimiter


def test_分多少块读都一样而且行号对得上(tmp_path: Path) -> None:
    body = [[f"虚构厂{i}", f"码{i}", '引"号\n换行' if i % 7 == 0 else "糖", "合格", "2025-01-01"] for i in range(2_345)]
    table = only_table(write_csv(tmp_path / "多行.csv", [HEADINGS, *body]))
    whole = rows(table, 1_000_000)
    assert whole == body
    for size in (1, 7, 500, 999):
        chunks = list(table.chunks(size))
        assert [row for chunk in chunks for _, row in rows_of(chunk)] == [tuple(row) for row in body]
        assert [n for chunk in chunks for n in chunk.row_numbers] == list(range(2, 2_347))
        assert all(chunk.first_row_number == chunk.row_numbers[0] for chunk in chunks)
        assert max(len(chunk.row_numbers) for chunk in chunks) <= size + size // 10


def test_快慢两条路读出同样的行(tmp_path: Path) -> None:
    body = [[f'虚构"{i}"厂', f"码{i}", "甲,乙\r\n丙" if i % 3 else "", "合格", ""] for i in range(900)]
    plain = csv_text([HEADINGS, *body])
    quoted = io.StringIO()
    csv.writer(quoted, quoting=csv.QUOTE_ALL).writerows([HEADINGS, *body])
    # Plain text is split, text with a quote around each cell or with old line ends goes through the library.
    for name, text in (("拆分", plain), ("全引号", quoted.getvalue()), ("回车", plain.replace("\r\n", "\r"))):
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8", newline="")
        assert rows(only_table(path)) == list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_表头上方的标题和单位写进说明_表尾的合计和签名不当数据(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "月报.csv",
        [
            ["虚构区监督抽查月报表", "", "", "", ""],
            ["填报单位：虚构局", "", "", "2025年3月", ""],
            [],
            HEADINGS,
            *ROWS,
            [],
            ["合  计", "", "3", "", ""],
            ["填报人：张某", "", "审核人：李某", "", ""],
            ["备注：本表数据为虚构", "", "", "", ""],
        ],
    )
    for book in (True, False):
        table = only_table(path, book=book)
        assert table.layout.notes[:2] == ("虚构区监督抽查月报表", "填报单位：虚构局 2025年3月")
        assert rows(table) == ROWS
        assert numbers(table) == [5, 6, 7]
        assert skipped(table) == [(9, "row.total"), (10, "row.note"), (11, "row.note")]


def test_分页打印时重复的标题行跳过并报告(tmp_path: Path) -> None:
    body = [["抽查表", "", "", "", ""], HEADINGS, ROWS[0], ["抽查表", "", "", "", ""], HEADINGS, ROWS[1]]
    table = only_table(write_csv(tmp_path / "分页.csv", body))
    assert rows(table) == ROWS[:2]
    assert skipped(table) == [(4, "row.repeated_heading"), (5, "row.repeated_heading")]


def test_两行表头没有合并信息也能接起来(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "两行.csv",
        [
            ["序号", "企业名称", "检验结果", "", "抽样日期"],
            ["", "", "项目", "单位", ""],
            ["1", "虚构甲厂", "铅", "mg/kg", "2025-01-01"],
        ],
    )
    for book in (True, False):
        table = only_table(path, book=book)
        assert table.layout.headings == ("序号", "企业名称", "检验结果/项目", "检验结果/单位", "抽样日期")
        assert (table.layout.header_rows, table.layout.first_row) == ((1, 2), 3)
        assert len(rows(table)) == 1


def test_单位行和栏号行属于表头(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "单位.csv",
        [
            ["企业名称", "产品名称", "产值"],
            ["甲", "乙", "1"],
            ["", "", "（万元）"],
            ["虚构甲厂", "酱油", "12.5"],
            ["虚构乙厂", "醋", "3"],
        ],
    )
    table = only_table(path, book=False)
    assert table.layout.units == ("", "", "万元")
    assert table.layout.header_rows == (1, 2, 3)
    assert rows(table) == [["虚构甲厂", "酱油", "12.5"], ["虚构乙厂", "醋", "3"]]


def test_长短不齐的行逐行处理(tmp_path: Path) -> None:
    body = [
        [*ROWS[0], "", ""],
        ROWS[1][:3],
        [*ROWS[2], "多出来的"],
        ["虚构丁厂", "码4", "糖", "合格", "2025-01-01"],
    ]
    table = only_table(write_csv(tmp_path / "不齐.csv", [HEADINGS, *body]))
    assert rows(table) == [ROWS[0], [*ROWS[1][:3], "", ""], body[3]]
    assert broken(table) == [(4, "row.longer")]


def test_被换行断开的一行退回而不是拼凑(tmp_path: Path) -> None:
    text = (
        csv_text([HEADINGS, ROWS[0]])
        + "虚构\n戊厂,码5,糖,合格,2025-01-01\n虚构己厂,码6,\n盐,合格,2025-01-02\n"
        + csv_text([ROWS[1]])
    )
    (tmp_path / "断.csv").write_text(text, encoding="utf-8")
    table = only_table(tmp_path / "断.csv")
    # A name that begins in the line before is half a name: neither half is taken.
    assert [row[1] for row in rows(table)] == ["码0001", "码0002"]
    assert broken(table) == [(3, "row.split"), (4, "row.split"), (5, "row.split"), (6, "row.split")]


def test_没有成对的引号吞掉几行时这些行退回(tmp_path: Path) -> None:
    text = (
        csv_text([HEADINGS, ROWS[0]])
        + '虚构庚厂,码7,"糖,合格,2025-01-01\n'
        + csv_text([ROWS[1]])
        + '虚构辛厂,码8,盐",合格,2025-01-01\n'
    )
    (tmp_path / "引号.csv").write_text(text + csv_text([ROWS[2]]), encoding="utf-8", newline="")
    table = only_table(tmp_path / "引号.csv")
    assert rows(table) == [ROWS[0], ROWS[2]]
    assert broken(table) == [(3, "row.swallowed")]


def test_标题之外有内容的行退回_没有标题的整列另起名字(tmp_path: Path) -> None:
    body = [[str(i), *row] for i, row in enumerate(ROWS)]
    table = only_table(write_csv(tmp_path / "序.csv", [["", *HEADINGS], *body]))
    assert table.layout.headings[0] == "（A 列无标题）"
    assert rows(table) == body
    stray = [[*row, "旁注" if i == 1 else ""] for i, row in enumerate(ROWS)]
    table = only_table(write_csv(tmp_path / "旁注.csv", [[*HEADINGS, ""], *stray]))
    assert table.layout.headings == tuple(HEADINGS)
    assert rows(table) == [ROWS[0], ROWS[2]]
    assert broken(table) == [(3, "row.outside")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (csv_text([HEADINGS, *ROWS]).encode() + "虚构壬厂,码9,".encode(), "text.truncated"),
        (csv_text([HEADINGS, *ROWS]).encode("utf-16") + "虚构壬厂,码9,".encode("utf-16-le"), "text.truncated"),
        (csv_text([HEADINGS, *ROWS]).encode() + '虚构壬厂,码9,"糖'.encode(), "text.truncated"),
        (csv_text([HEADINGS, *ROWS]).encode() + "虚构壬厂,码9,糖,合格,二月".encode()[:-1], "text.truncated"),
        (csv_text([HEADINGS, *ROWS]).encode("gb18030") + "虚构壬厂".encode("gb18030")[:-1], "text.truncated"),
        (csv_text([HEADINGS, ROWS[0]]).encode() + b"a,b\0,c,d,e\n", "text.nul"),
        (csv_text([HEADINGS, ROWS[0]]).encode("utf-16") + "a,b\0,c,d,e\n".encode("utf-16-le"), "text.nul"),
        ("只有一句话，没有表格。\n第二句话。\n".encode(), "sheet.no_table"),
    ],
)
def test_不完整或不是表格的文本整个退回(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "坏.csv").write_bytes(content)
    assert only_code(tmp_path / "坏.csv") == code


def test_没有换行但完整的最后一行照收(tmp_path: Path) -> None:
    (tmp_path / "末行.csv").write_text(csv_text([HEADINGS, *ROWS]).rstrip("\r\n"), encoding="utf-8", newline="")
    assert rows(only_table(tmp_path / "末行.csv")) == ROWS
    note = csv_text([HEADINGS, *ROWS]) + "填报人：张某"
    (tmp_path / "末注.csv").write_text(note, encoding="utf-8", newline="")
    assert skipped(only_table(tmp_path / "末注.csv")) == [(5, "row.note")]


def test_引号为偶数的断尾在读到末尾时退回(tmp_path: Path) -> None:
    text = csv_text([HEADINGS, *ROWS]) + '虚构5"厂,码9,"糖,合格'
    (tmp_path / "偶.csv").write_text(text, encoding="utf-8", newline="")
    table = only_table(tmp_path / "偶.csv")
    with pytest.raises(Refused) as refused:
        rows(table)
    assert refused.value.refusals[0].code == "text.truncated"


def test_认不出的字节说出在第几行第几字节(tmp_path: Path) -> None:
    good = csv_text([HEADINGS, ROWS[0]]).encode()
    (tmp_path / "乱.csv").write_bytes(good + b"\xff\xfe\xff,1,2,3,4\r\n")
    found = opened(tmp_path / "乱.csv")[0]
    assert not isinstance(found, Table)
    assert found.refusal.code == "text.encoding"
    assert "第 3 行" in found.refusal.zh
    assert f"{len(good):,} 字节" in found.refusal.zh


def test_超长的行和超长的格有界退回(tmp_path: Path) -> None:
    limits = replace(DEFAULT, max_columns=10, max_cell_chars=1_000)
    path = tmp_path / "长.csv"
    path.write_bytes(csv_text([HEADINGS, ROWS[0]]).encode() + b"x" * 3_000_000)
    assert only_code(path, limits=limits) == "text.line_too_long"
    for text in ("x" * 1_001, '"' + "x\n" * 600 + '"'):
        path.write_text(csv_text([HEADINGS, ROWS[0]]) + f"{text},1,2,3,4\n", encoding="utf-8")
        with pytest.raises(Refused) as refused:
            rows(only_table(path, limits=limits))
        assert refused.value.refusals[0].code == "cell.too_long"


def test_列数行数超限退回(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "宽.csv", [[f"列{i}" for i in range(1_500)], ["1"] * 1_500])
    assert only_code(path) == "table.too_many_columns"
    (tmp_path / "百万列.csv").write_text("a," * 1_000_000 + "\n", encoding="utf-8")
    assert only_code(tmp_path / "百万列.csv") == "table.too_many_columns"
    path = write_csv(tmp_path / "高.csv", [HEADINGS, *ROWS])
    with pytest.raises(Refused) as refused:
        rows(only_table(path, limits=replace(DEFAULT, max_rows=2)))
    assert refused.value.refusals[0].code == "table.too_many_rows"
    assert only_code(path, limits=replace(DEFAULT, max_bytes=10)) == "file.too_large"


def test_像公式的文字原样保留_像命令的加提示(tmp_path: Path) -> None:
    body = [["=1+1", "+86", "-5", "@某", "2025-01-01"], ["=cmd|'/c calc'!A1", "码2", "糖", "合格", "2025-01-01"]]
    table = only_table(write_csv(tmp_path / "公式.csv", [HEADINGS, *body]))
    assert rows(table) == body
    assert flags(table) == [(3, "cell.command_like", "企业名称")]


def test_指定分隔符的首行和全空的行列不算数据(tmp_path: Path) -> None:
    text = "sep=;\n" + csv_text(
        [[*HEADINGS, ""], *[[*row, ""] for row in ROWS], ["", "", "", "", "", ""]], delimiter=";"
    )
    (tmp_path / "空.csv").write_text(text, encoding="utf-8-sig", newline="")
    table = only_table(tmp_path / "空.csv")
    assert rows(table) == ROWS
    assert table.layout.columns == (0, 1, 2, 3, 4)


@pytest.mark.shared
def test_真实抽检文件的行数与标准库一致(shared: Path) -> None:
    files = sorted((shared / "data" / "cn-food-sampling").glob("*.csv"))
    assert len(files) == 5
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            expected = list(csv.reader(file))
        table = next(iter(open_path(path)))
        assert isinstance(table, Table)
        assert table.layout.headings == tuple(expected[0])
        assert rows(table) == expected[1:]
