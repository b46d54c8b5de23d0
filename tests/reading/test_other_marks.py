"""Of .xls and .ods it is seen as of .xlsx what a sheet shows beside its values. All content is invented."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlwt
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TextProperties
from odf.table import Table as OdsTable
from odf.table import TableCell, TableColumn, TableRow
from odf.text import P

from tests.reading.files import HEADINGS, ROWS, broken, only_table, remarks, rows
from zhiheng.reading.other_marks import marks_of_xls


def write_xls(path: Path, *, hidden: int = 0, struck: int = 0, column: int = -1, epoch1904: bool = False) -> Path:
    """The usual rows; a row (1, 2, 3) is hidden, the name in another is struck out, a column is hidden."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = epoch1904
    sheet = book.add_sheet("数据")
    lined = xlwt.easyxf("font: struck_out on")
    for number, row in enumerate([HEADINGS, *ROWS]):
        for place, cell in enumerate(row):
            sheet.write(
                number, place, cell, lined if number == struck and number and not place else xlwt.Style.default_style
            )
    if hidden:
        sheet.row(hidden).hidden = True
    if column >= 0:
        sheet.col(column).hidden = True
    book.save(str(path))
    return path


def write_ods(
    path: Path, *, hidden: int = 0, struck: int = 0, column: int = -1, filtered: int = 0, note: int = 0
) -> Path:
    """The same as an OpenDocument sheet; another row is filtered away, another has a comment."""
    book = OpenDocumentSpreadsheet()
    lined = Style(name="lined", family="table-cell")
    lined.addElement(TextProperties(textlinethroughstyle="solid"))
    book.automaticstyles.addElement(lined)
    sheet = OdsTable(name="数据")
    for place in range(len(HEADINGS)):
        sheet.addElement(TableColumn(visibility="collapse" if place == column else "visible"))
    for number, row in enumerate([HEADINGS, *ROWS]):
        shown = "collapse" if number and number == hidden else "filter" if number and number == filtered else "visible"
        line = TableRow(visibility=shown)
        for place, text in enumerate(row):
            words = {"stylename": lined} if number and number == struck and not place else {}
            cell = TableCell(valuetype="string", **words)
            if number and number == note and not place:
                remark = Annotation()
                remark.addElement(P(text="待核"))
                cell.addElement(remark)
            cell.addElement(P(text=text))
            line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))
    return path


@pytest.mark.parametrize("write", [write_xls, write_ods])
def test_隐藏和划掉的行退回来问(tmp_path: Path, write) -> None:
    table = only_table(write(tmp_path / f"表.{write.__name__[6:]}", hidden=1, struck=3))
    assert rows(table) == [ROWS[1]]
    assert broken(table) == [(2, "row.hidden"), (4, "row.struck")]
    assert "sheet.marks_unseen" not in remarks(table)


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_xls, write_ods])
def test_没有这些标记的照读_隐藏的列注明(tmp_path: Path, write) -> None:
    path = tmp_path / f"表.{write.__name__[6:]}"
    plain = only_table(write(path))
    assert (rows(plain), remarks(plain)) == (ROWS, [])
    table = only_table(write(path, column=2))
    assert (rows(table), remarks(table)) == (ROWS, ["sheet.hidden_columns"])


def test_ods筛选掉的行退回来问_批注注明(tmp_path: Path) -> None:
    table = only_table(write_ods(tmp_path / "表.ods", filtered=2, note=3))
    assert broken(table) == [(3, "row.filtered")]
    assert remarks(table) == ["sheet.comments"]


def test_ods的百分数按看到的读_没有结果的公式退回(tmp_path: Path) -> None:
    book = OpenDocumentSpreadsheet()
    sheet = OdsTable(name="数据")
    for number in range(3):
        line = TableRow()
        for text in [*HEADINGS[:3], "合格率"] if not number else [f"虚构{number}食品厂", f"码{number}", "酱油"]:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=text))
            line.addElement(cell)
        if number == 1:
            line.addElement(TableCell(valuetype="percentage", value="0.964"))
        elif number == 2:
            line.addElement(TableCell(formula="of:=[.A1]"))
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(tmp_path / "表.ods"))
    table = only_table(tmp_path / "表.ods")
    assert [row[3] for row in rows(table)] == ["96.4%"]
    assert broken(table) == [(3, "row.uncomputed")]


def test_xls的百分数按看到的读_1904日期注明(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = True
    sheet = book.add_sheet("数据")
    share = xlwt.easyxf(num_format_str="0.0%")
    for place, heading in enumerate(HEADINGS):
        sheet.write(0, place, heading)
    for place, text in enumerate(ROWS[0][:3]):
        sheet.write(1, place, text)
    sheet.write(1, 3, 0.964, share)
    sheet.write(1, 4, 44620)
    book.save(str(tmp_path / "表.xls"))
    table = only_table(tmp_path / "表.xls")
    assert rows(table)[0][3] == "96.4%"
    assert table.layout.epoch1904
    assert remarks(table) == ["sheet.epoch1904"]


def test_看不懂的旧工作簿没有标记_也不出错(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "表.xls", hidden=1)
    whole = path.read_bytes()
    assert marks_of_xls(path).sheets["数据"].marks.hidden == {1}
    for cut in (0, 40, 600, len(whole) // 2):
        path.write_bytes(whole[:cut])
        marks_of_xls(path)
    path.write_bytes(whole.replace("Workbook".encode("utf-16-le"), "Workshop".encode("utf-16-le")))
    assert marks_of_xls(path).sheets == {}
    for at in range(512, len(whole), 97):
        path.write_bytes(whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4 :])
        marks_of_xls(path)


@pytest.mark.parametrize(
    ("head", "attributes", "cell", "code"),
    [
        ("", 'style="display:none"', "{}", "row.hidden"),
        ("", "hidden", "{}", "row.hidden"),
        ("", "style='height:0px;mso-height-source:userset'", "{}", "row.hidden"),
        ("<style>.off {display: none}</style>", 'class="xl1 off"', "{}", "row.hidden"),
        (
            "<style>@font-face {src:url(data:,"
            + "A" * 9000
            + ")} @media all {.a {color:red} .off {display:none}}</style>",
            'class="off"',
            "{}",
            "row.hidden",
        ),
        ("", "", "<s>{}</s>", "row.struck"),
        ("", "", "<del>{}</del>", "row.struck"),
        ("", "", '<span style="text-decoration: line-through">{}</span>', "row.struck"),
        ("<style>td.old, .gone {color:red; text-decoration:line-through;}</style>", 'class="gone"', "{}", "row.struck"),
    ],
)
def test_网页表格里隐藏和划掉的行也退回来问(tmp_path: Path, head: str, attributes: str, cell: str, code: str) -> None:
    line = "".join(f"<td>{cell.format(text)}</td>" for text in ROWS[0])
    other = "".join(f"<td>{text}</td>" for text in ROWS[1])
    top = "".join(f"<th>{text}</th>" for text in HEADINGS)
    path = tmp_path / "表.xls"
    page = f"<html><head>{head}</head><body><table><tr>{top}</tr><tr {attributes}>{line}</tr><tr>{other}</tr></table></body></html>"
    path.write_text(page, "utf-8")
    table = only_table(path)
    assert (broken(table), rows(table)) == ([(2, code)], [ROWS[1]])


def test_网页里不显示的表是隐藏的表(tmp_path: Path) -> None:
    top = "".join(f"<th>{text}</th>" for text in HEADINGS)
    line = "".join(f"<td>{text}</td>" for text in ROWS[0])
    path = tmp_path / "表.xls"
    path.write_text(f'<html><table style="display:none"><tr>{top}</tr><tr>{line}</tr></table></html>', "utf-8")
    assert only_table(path).hidden


def test_网页表格里隐藏的列注明_普通样式不误伤(tmp_path: Path) -> None:
    top = "".join(f"<th>{text}</th>" for text in HEADINGS)
    lines = "".join(
        "<tr style='height:15pt'>"
        + "".join(f"<td{' style=display:none' if at == 2 else ''}>{text}</td>" for at, text in enumerate(row))
        + "</tr>"
        for row in ROWS
    )
    path = tmp_path / "表.xls"
    path.write_text(
        f"<html><style>a {{text-decoration:none}}</style><table><tr>{top}</tr>{lines}</table></html>", "utf-8"
    )
    table = only_table(path)
    assert rows(table) == ROWS
    assert remarks(table) == ["file.misnamed", "sheet.hidden_columns"]
