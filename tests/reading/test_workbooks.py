"""Workbooks and web pages: what stands in their cells, how they are laid out, and what is refused."""

from __future__ import annotations

import datetime
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdsTable
from odf.table import TableCell, TableRow
from odf.text import P

from tests.examples import examples
from tests.reading.files import (
    HEADINGS,
    ROWS,
    broken,
    flags,
    numbers,
    only_code,
    only_table,
    opened,
    remarks,
    rows,
    skipped,
    write_xlsx,
)
from zhiheng.reading.encodings import is_garbled
from zhiheng.reading.limits import DEFAULT, MIB
from zhiheng.reading.sheet_output import cell_text, number_text
from zhiheng.reading.tables import Table, Unreadable


def write_xls(path: Path, body: list[list[str]]) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    for number, row in enumerate(body):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.save(str(path))
    return path


def write_ods(path: Path, body: list[list[str]]) -> Path:
    book = OpenDocumentSpreadsheet()
    sheet = OdsTable(name="数据")
    for row in body:
        line = TableRow()
        for cell in row:
            place = TableCell(valuetype="string")
            place.addElement(P(text=cell))
            line.addElement(place)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))
    return path


def repacked(source: Path, target: Path, parts: dict[str, bytes]) -> Path:
    """The same packed file with some parts added or replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_xlsx, write_xls, write_ods])
def test_三种工作簿读成同样的格(tmp_path: Path, write) -> None:
    path = write(tmp_path / f"表.{write.__name__[6:]}", [HEADINGS, *ROWS])
    for book in (True, False):
        table = only_table(path, book=book)
        assert table.layout.headings == tuple(HEADINGS)
        assert (table.sheet, table.layout.sheet, table.row_count) == ("数据", "数据", 3)
        assert (rows(table), numbers(table)) == (ROWS, [2, 3, 4])


@pytest.mark.slow
@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.lists(
        st.lists(
            # What looks like the remains of a wrong encoding goes back, and is tried elsewhere.
            st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=10).filter(
                lambda t: not is_garbled(t)
            ),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=15,
    )
)
def test_写成工作簿再读回来一格不差(tmp_path: Path, body: list[list[str]]) -> None:
    body = [[f"行{number}", *row, "末"] for number, row in enumerate(body)]
    assert rows(only_table(write_xlsx(tmp_path / "往返.xlsx", [HEADINGS, *body])), 4) == body


def test_日期数字是非和错误都成为文字(tmp_path: Path) -> None:
    path = tmp_path / "值.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_datetime(1, 0, datetime.datetime(2025, 3, 1), day)
        sheet.write_datetime(1, 1, datetime.datetime(2025, 3, 1, 14, 5, 9), moment)
        sheet.write_number(1, 2, 12)
        sheet.write_number(1, 3, 8.2)
        sheet.write_boolean(1, 4, True)
        sheet.write_formula(2, 0, "=NA()", None, "#N/A")
        sheet.write_formula(2, 1, "=1+1", None, 2)
        sheet.write_number(2, 2, 0.1 + 0.2)
        sheet.write_number(2, 3, 0.0000001)
        sheet.write_boolean(2, 4, False)
    assert rows(only_table(path)) == [
        ["2025-03-01", "2025-03-01 14:05:09", "12", "8.2", "是"],
        ["#N/A", "2", "0.3", "0.0000001", "否"],
    ]


def test_数字的写法() -> None:
    said = {
        1.0: "1",
        -0.5: "-0.5",
        1e14: "100000000000000",
        0.1 + 0.2: "0.3",
        1e-9: "0.000000001",
        2024.001: "2024.001",
    }
    said |= {1e21: "1" + "0" * 21, 91330100123456780.0: "91330100123456780", 123456789.123: "123456789.123", 0.0: "0"}
    assert {number: number_text(number) for number in said} == said
    assert cell_text(datetime.timedelta(hours=30, minutes=5)) == "30:05:00"
    assert cell_text(datetime.time(8, 30)) == "08:30:00"
    assert cell_text(datetime.datetime(2025, 1, 1, 7, 59, 59, 999_999)) == "2025-01-01 08:00:00"


def test_以数值存放的长号码加提示(tmp_path: Path) -> None:
    path = tmp_path / "号码.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROWS[0])
        sheet.write_row(2, 0, [*ROWS[1]])
        sheet.write_number(2, 1, 123456789012345678)
    table = only_table(path)
    assert flags(table) == [(3, "cell.digits_lost", "统一社会信用代码")]
    # The last digits in the file are not those that were typed, so none of them is shown as if it were.
    assert rows(table)[1][1] == "1.23456789012346e+17"
    assert "sheet.digits_lost" in remarks(table)


@pytest.mark.slow
def test_合并的两行表头_表上标题_表尾签名(tmp_path: Path) -> None:
    path = tmp_path / "合并.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("抽查")
        sheet.merge_range(0, 0, 0, 4, "虚构市监督抽查结果汇总表")
        sheet.write(1, 0, "填报单位：虚构局")
        for column, heading in ((0, "序号"), (1, "企业\n名称"), (4, "抽样日期")):
            sheet.merge_range(2, column, 3, column, heading)
        sheet.merge_range(2, 2, 2, 3, "检验结果")
        sheet.write_row(3, 2, ["项目", "单位"])
        sheet.merge_range(4, 1, 5, 1, "虚构甲厂")
        sheet.write_row(4, 2, ["铅", "mg/kg", "2025-01-01"])
        sheet.write_row(5, 2, ["镉", "mg/kg", "2025-01-01"])
        sheet.write(4, 0, "1")
        sheet.write(5, 0, "2")
        sheet.merge_range(6, 0, 6, 1, "合计")
        sheet.write(6, 2, "2 项")
        sheet.write(8, 0, "填报人：张某")
    for book_known in (True, False):
        table = only_table(path, book=book_known)
        assert table.layout.headings == ("序号", "企业名称", "检验结果/项目", "检验结果/单位", "抽样日期")
        assert (table.layout.header_rows, table.layout.first_row) == ((3, 4), 5)
        assert table.layout.notes == ("虚构市监督抽查结果汇总表", "填报单位：虚构局")
        # A name merged over two rows belongs to both of them.
        assert rows(table) == [
            ["1", "虚构甲厂", "铅", "mg/kg", "2025-01-01"],
            ["2", "虚构甲厂", "镉", "mg/kg", "2025-01-01"],
        ]
        assert skipped(table) == [(7, "row.total"), (9, "row.note")]


def test_表不在左上角也按表上的行号列号读(tmp_path: Path) -> None:
    path = tmp_path / "偏.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADINGS, *ROWS]):
            sheet.write_row(4 + number * 2, 2, row)
    table = only_table(path)
    assert table.layout.columns == (2, 3, 4, 5, 6)
    assert (rows(table), numbers(table)) == (ROWS, [7, 9, 11])


def test_每张表各自读出_封面说有表_隐藏的照读(tmp_path: Path) -> None:
    path = tmp_path / "多表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("封面").write(0, 0, "填表说明：请如实填写")
        for name in ("一月", "二月"):
            sheet = book.add_worksheet(name)
            for number, row in enumerate([HEADINGS, *ROWS]):
                sheet.write_row(number, 0, row)
        sheet.hide()
        book.add_worksheet("空")
    found = opened(path)
    assert [one.sheet for one in found] == ["封面", "一月", "二月", "空"]
    for one in found:
        if isinstance(one, Unreadable):
            assert (one.refusal.code, one.harmless) == ("sheet.no_table", True)
    tables = [one for one in found if isinstance(one, Table)]
    assert [table.sheet for table in tables] == ["一月", "二月"]
    assert [table.hidden for table in tables] == [False, True]
    # Two tables of one workbook may be read at the same time.
    pairs = list(zip(tables[0].chunks(1), tables[1].chunks(1), strict=True))
    assert [[column[0] for column in chunk.columns] for chunk, _ in pairs] == ROWS
    assert [[column[0] for column in chunk.columns] for _, chunk in pairs] == ROWS


def test_公式没有算过的工作簿加说明(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "原.xlsx", [HEADINGS, *ROWS])
    with zipfile.ZipFile(tmp_path / "原.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    changed = sheet.replace(b"</row></sheetData>", b'<c r="F4"><f>1+1</f><v></v></c></row></sheetData>')
    assert changed != sheet
    path = repacked(tmp_path / "原.xlsx", tmp_path / "公式.xlsx", {"xl/worksheets/sheet1.xml": changed})
    assert remarks(only_table(path)) == ["sheet.uncomputed"]


PAGE = """<html><head><meta charset="gb2312"><style>td {{color: red}}</style></head><body><table border=1>
<tr><td colspan="3">虚构抽查表</td></tr>
<tr><th rowspan=2>企业名称</th><th colspan=2>检验结果</th></tr><tr><th>项目</th><th>单位</th></tr>
<tr><td>虚构甲厂</td><td>铅</td><td>mg/kg&nbsp;</td></tr><tr><td>虚构<br>乙厂</td><td>a &lt; b</td><td></td></tr>
</table></body></html>"""


def test_其实是网页的xls按网页表格读(tmp_path: Path) -> None:
    (tmp_path / "导出.xls").write_bytes(PAGE.encode("gb18030"))
    table = only_table(tmp_path / "导出.xls", book=False)
    assert table.layout.headings == ("企业名称", "检验结果/项目", "检验结果/单位")
    assert rows(table) == [["虚构甲厂", "铅", "mg/kg"], ["虚构\n乙厂", "a < b", ""]]
    assert "内容实为网页表格" in table.layout.remarks[0].zh


def test_扩展名不对的按内容读(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "其实.xlsx", [HEADINGS, *ROWS]).rename(tmp_path / "其实.xls")
    table = only_table(tmp_path / "其实.xls")
    assert rows(table) == ROWS
    assert "XLSX" in table.layout.remarks[0].zh
    (tmp_path / "文本.xls").write_text("\t".join(HEADINGS) + "\n" + "\t".join(ROWS[0]) + "\n", encoding="gb18030")
    assert rows(only_table(tmp_path / "文本.xls")) == ROWS[:1]


@pytest.mark.slow
def test_有宏有外部链接有实体声明的工作簿退回(tmp_path: Path) -> None:
    plain = write_xlsx(tmp_path / "原.xlsx", [HEADINGS, *ROWS])
    bad = tmp_path / "坏.xlsx"
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    for parts, code in (
        ({"xl/vbaProject.bin": b"x"}, "workbook.macros"),
        ({"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}, "workbook.external_links"),
        ({"xl/custom.xml": entity}, "workbook.entities"),
        ({"xl/custom.xml": entity.decode().encode("utf-16")}, "workbook.entities"),
    ):
        repacked(plain, bad, parts)
        assert only_code(bad) == code, code


def test_加密的和旧式带宏的工作簿退回(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "旧.xls", [HEADINGS, *ROWS])
    content = path.read_bytes()
    entry = next(at for at in range(0, len(content), 128) if content[at:].startswith("Root Entry".encode("utf-16-le")))
    for name, code in (("EncryptedPackage", "file.encrypted"), ("_VBA_PROJECT_CUR", "workbook.macros")):
        # An unused place of the directory gets the name that such files have there.
        changed = bytearray(content)
        place = entry + 3 * 128
        changed[place : place + 64] = name.encode("utf-16-le").ljust(64, b"\0")
        path.write_bytes(bytes(changed))
        assert only_code(path) == code
    path.write_bytes(content[: len(content) // 2])
    assert only_code(path).startswith(("workbook.", "file."))


@pytest.mark.slow
def test_损坏的过大的过宽的工作簿退回(tmp_path: Path) -> None:
    plain = write_xlsx(tmp_path / "原.xlsx", [HEADINGS, *ROWS])
    cut = tmp_path / "断.xlsx"
    cut.write_bytes(plain.read_bytes()[:-400])
    assert only_code(cut) == "archive.damaged"
    assert only_code(plain, limits=replace(DEFAULT, max_workbook_bytes=100)) == "file.too_large"
    with xlsxwriter.Workbook(str(tmp_path / "宽.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [f"列{i}" for i in range(1_200)])
    assert only_code(tmp_path / "宽.xlsx") == "table.too_many_columns"
    with xlsxwriter.Workbook(str(tmp_path / "多.xlsx")) as book:
        for number in range(5):
            book.add_worksheet(f"表{number}")
    assert only_code(tmp_path / "多.xlsx", limits=replace(DEFAULT, max_sheets=4)) == "workbook.too_many_sheets"


@pytest.mark.slow
def test_展开后巨大的工作簿在限度内退回(tmp_path: Path) -> None:
    plain = write_xlsx(tmp_path / "原.xlsx", [HEADINGS, *ROWS])
    bomb = repacked(plain, tmp_path / "炸弹.xlsx", {"xl/media/big.bin": b"\0" * (20 * MIB)})
    assert only_code(bomb, limits=replace(DEFAULT, ratio_floor=MIB)) == "archive.bomb"
    assert only_code(bomb, limits=replace(DEFAULT, max_unzipped_bytes=MIB)) == "archive.bomb"


@pytest.mark.slow
def test_一格落在天边的工作簿不会耗尽内存(tmp_path: Path) -> None:
    path = tmp_path / "天边.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write(1_048_575, 900, "远")
    assert only_code(path, limits=replace(DEFAULT, memory=512 * MIB)) == "workbook.too_large"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(1_048_575, 16_383, "远")
        sheet.write(0, 0, "近")
    assert only_code(path, limits=replace(DEFAULT, memory=512 * MIB)) in {
        "workbook.too_large",
        "table.too_many_columns",
    }


@pytest.mark.slow
def test_一段长文字被反复引用时在限度内退回(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "放大.xlsx", [HEADINGS, *[["长" * 30_000] * 5] * 200])
    assert only_code(path, limits=replace(DEFAULT, max_spool_bytes=4 * MIB)) == "workbook.too_large"


def test_超时的工作簿退回(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "慢.xlsx", [HEADINGS, *ROWS])
    assert only_code(path, limits=replace(DEFAULT, seconds=0)) == "workbook.too_large"


def test_多余列有内容的行和整表读法一致(tmp_path: Path) -> None:
    body = [[f"虚构厂{i}", f"码{i}", "糖", "合格", "2025-01-01", "旁注" if i == 150 else ""] for i in range(450)]
    table = only_table(write_xlsx(tmp_path / "旁注.xlsx", [[*HEADINGS, ""], *body]))
    expected = [row[:5] for row in body if not row[5]]
    assert rows(table) == rows(table, 10) == expected
    assert broken(table) == [(152, "row.outside")]
