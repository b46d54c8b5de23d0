"""What a sheet shows beside its values: what is hidden, struck out, shown as per cent or without a result is told or
asked.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.reading.files import HEADINGS, ROWS, broken, numbers, only_table, remarks, rows, skipped
from tests.reading.test_workbooks import repacked
from zhiheng.reading.sheet_marks import NumberFormat, format_of


def made(path: Path, draw: Any, *, options: dict[str, Any] | None = None) -> Path:
    """A workbook with the usual headings and rows, on which ``draw(book, sheet)`` draws."""
    with xlsxwriter.Workbook(str(path), options or {}) as book:
        sheet = book.add_worksheet("数据")
        for number, row in enumerate([HEADINGS, *ROWS]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        draw(book, sheet)
    return path


def test_隐藏的行要问_不当数据也不丢(tmp_path: Path) -> None:
    table = only_table(made(tmp_path / "藏.xlsx", lambda _, sheet: sheet.set_row(2, None, None, {"hidden": True})))
    assert broken(table) == [(3, "row.hidden")]
    assert numbers(table) == [2, 4]


def test_被筛选隐藏的行要问(tmp_path: Path) -> None:
    def draw(_: Any, sheet: Any) -> None:
        sheet.autofilter(0, 0, 3, 4)
        sheet.filter_column(3, "x == 合格")
        sheet.set_row(2, None, None, {"hidden": True})

    assert broken(only_table(made(tmp_path / "筛.xlsx", draw))) == [(3, "row.filtered")]


def test_划掉的行要问_说出是哪几格(tmp_path: Path) -> None:
    def draw(book: Any, sheet: Any) -> None:
        gone = book.add_format({"font_strikeout": True})
        for column, cell in enumerate(ROWS[0]):
            sheet.write_string(1, column, cell, gone)
        sheet.write_rich_string(2, 2, "苹", gone, "梨汁")
        sheet.write_blank(3, 3, None, gone)

    table = only_table(made(tmp_path / "划.xlsx", draw))
    assert broken(table) == [(2, "row.struck"), (3, "row.struck")]
    why = [refusal for chunk in table.chunks() for _, _, refusal in chunk.broken]
    assert "A2、B2" in why[0].zh
    assert "C3" in why[1].zh


def test_没有内容的隐藏行和隐藏的合计行不问(tmp_path: Path) -> None:
    def draw(_: Any, sheet: Any) -> None:
        sheet.write_string(4, 0, "合计")
        for row in (4, 6):
            sheet.set_row(row, None, None, {"hidden": True})

    table = only_table(made(tmp_path / "空.xlsx", draw))
    assert (broken(table), skipped(table), rows(table)) == ([], [(5, "row.total")], ROWS)


def test_隐藏的列_批注_上下合并的格都告诉人(tmp_path: Path) -> None:
    def draw(book: Any, sheet: Any) -> None:
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.write_comment(1, 0, "已搬走")
        sheet.merge_range(1, 2, 2, 2, "酱油", book.add_format({"bold": True}))

    table = only_table(made(tmp_path / "注.xlsx", draw))
    assert remarks(table) == ["sheet.hidden_columns", "sheet.comments", "sheet.merged"]
    said = " ".join(one.zh for one in table.layout.remarks)
    assert "B 列" in said
    assert "A2 有批注" in said
    assert "C2:C3" in said
    assert [row[2] for row in rows(table)] == ["酱油", "酱油", "大米"]


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("0.0%", 0.964, "96.4%"),
        ("0%", 1, "100%"),
        ("0.00", 0.5, "0.5"),
        ('0.00"万元"', 1.2, "1.2万元"),
        ("000000", 123, "000123"),
        ('0"家"', 3, "3"),
        ("[$$-409]#,##0", 5, "$5"),
        ("¥#,##0.00", 5, "5"),
        ("General", 5, "5"),
        ("#,##0.00_);(#,##0.00)", 5, "5"),
    ],
)
def test_数按表上显示的样子读_一位不少(tmp_path: Path, code: str, number: float, text: str) -> None:
    def draw(book: Any, sheet: Any) -> None:
        sheet.write_number(1, 3, number, book.add_format({"num_format": code}))

    assert rows(only_table(made(tmp_path / "式.xlsx", draw)))[0][3] == text


def test_显示成缩小了的数要问(tmp_path: Path) -> None:
    def draw(book: Any, sheet: Any) -> None:
        sheet.write_number(1, 3, 12_000, book.add_format({"num_format": '0!.0,"万"'}))
        sheet.write_number(2, 3, 12_000, book.add_format({"num_format": "#,##0,"}))

    assert broken(only_table(made(tmp_path / "缩.xlsx", draw))) == [(2, "row.scaled"), (3, "row.scaled")]


@pytest.mark.parametrize(
    "code", ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "General", "@", "0.00_ ", "[红色]0.00", "", "[", '"', "0" * 400]
)
def test_日期和普通格式不另外解释(code: str) -> None:
    assert format_of(code) in (None, NumberFormat(digits=255))


def test_没算过的公式按格说出来_所在的行退回(tmp_path: Path) -> None:
    def draw(_: Any, sheet: Any) -> None:
        sheet.write_formula(1, 1, "=A1", None, 7)
        sheet.write_formula(2, 3, '=""', None, "空")

    path = made(tmp_path / "算.xlsx", draw)
    with zipfile.ZipFile(path) as archive:
        part = archive.read("xl/worksheets/sheet1.xml").decode()
    # Of a text a result may be empty; of anything else no value means that nobody has computed it.
    part = part.replace("<v>7</v>", "").replace("<v>空</v>", "<v></v>")
    table = only_table(repacked(path, tmp_path / "未算.xlsx", {"xl/worksheets/sheet1.xml": part.encode()}))
    assert broken(table) == [(2, "row.uncomputed")]
    assert "B2" in table.layout.remarks[0].zh


def test_1904日期系统的工作簿说一声(tmp_path: Path) -> None:
    table = only_table(made(tmp_path / "旧.xlsx", lambda *_: None, options={"date_1904": True}))
    assert table.layout.epoch1904
    assert remarks(table) == ["sheet.epoch1904"]


XML = """<?xml version="1.0" encoding="{encoding}"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style><Style ss:ID="x"><Font ss:StrikeThrough="1"/></Style></Styles>
<Worksheet ss:Name="数据"><Table>
<Row>{heads}</Row>
<Row><Cell><Data ss:Type="String">虚构甲食品厂</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">酱油</Data></Cell>
<Cell ss:StyleID="p"><Data ss:Type="Number">0.964</Data></Cell><Cell><Data ss:Type="DateTime">2025-03-01T00:00:00.000</Data></Cell></Row>
<Row ss:Hidden="1"><Cell><Data ss:Type="String">虚构乙厂</Data></Cell></Row>
<Row ss:Index="6"><Cell ss:StyleID="x"><Data ss:Type="String">虚构丙厂</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("encoding", ["UTF-8", "GB2312", "UTF-16"])
def test_Excel_2003_的XML表格照读(tmp_path: Path, encoding: str) -> None:
    heads = "".join(f'<Cell><Data ss:Type="String">{heading}</Data></Cell>' for heading in HEADINGS)
    path = tmp_path / "导出.xls"
    path.write_bytes(XML.format(encoding=encoding, heads=heads).encode("gb18030" if encoding == "GB2312" else encoding))
    table = only_table(path)
    assert table.sheet == "数据"
    assert rows(table) == [["虚构甲食品厂", "", "酱油", "96.4%", "2025-03-01"]]
    assert broken(table) == [(3, "row.hidden"), (6, "row.struck")]


def test_带实体声明的XML表格退回(tmp_path: Path) -> None:
    path = tmp_path / "坏.xls"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><?mso-application progid="Excel.Sheet"?><Workbook/>'
    )
    from tests.reading.files import only_code

    assert only_code(path) == "workbook.entities"
