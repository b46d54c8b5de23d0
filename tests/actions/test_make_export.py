"""导出：问用途、遮涉密、带水印、留痕；格子里的字不会被当成公式。"""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import orjson
import pytest
from python_calamine import CalamineWorkbook

from tests.places import NOON
from zhiheng.actions.exports import export_table as module
from zhiheng.actions.exports.export_table import Cell, Export, ExportColumn, ExportTable, make_export
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.people.models import TrailLine

pytestmark = pytest.mark.django_db
PURPOSE = "三季度质量分析会材料"


def said(word: str) -> Label:
    return Label(zh=word, en=f"{word} (en)")


COLUMNS = (
    ExportColumn("name", said("名称")),
    ExportColumn("phone", said("电话"), secret=True),
    ExportColumn("rate", said("合格率")),
)


def table(*rows: tuple[Cell, ...], columns: tuple[ExportColumn, ...] = COLUMNS) -> ExportTable:
    return ExportTable(said("企业名单"), "enterprises", columns, rows, (said("截至 2026-07-01"),))


def export(book: Book, made: ExportTable, actor: Actor = SYSTEM, **words: Any) -> Export:
    asked: dict[str, Any] = {"purpose": PURPOSE, "format": "csv", "area": "990901", **words}
    return make_export(made, call=Call(actor, book, NOON), **asked)


def lines(made: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))


def test_涉密的列遮盖_空的还是空的(small_book: Book) -> None:
    made = export(small_book, table(("甲厂", "0400-5550001", Decimal("98.5")), ("乙厂", "", None)))
    assert [line[:3] for line in lines(made)] == [
        ["名称", "电话", "合格率"],
        ["甲厂", "＊＊＊", "98.5"],
        ["乙厂", "", ""],
    ]
    assert made.masked == ("phone",)
    assert b"5550001" not in made.content


def test_水印写明谁何时为何和编号_并说遮了哪些列(small_book: Book) -> None:
    made = export(small_book, table(("甲厂", "1", None)))
    # One heading and one row: no further line that a pivot would count as data.
    heading, row = lines(made)
    marks = dict(each.split("：", 1) for each in heading[-1].removeprefix("水印：").split("；") if "：" in each)
    assert marks["用途"] == PURPOSE
    assert "system" in marks["导出人"]
    assert marks["时间"].startswith("2026-07-01")
    assert marks["编号"] == row[-1] == made.number
    assert marks["已遮盖的列"] == "电话"
    assert marks["说明"] == "截至 2026-07-01"


def test_工作簿另有一页水印_数是数日期是日期(small_book: Book) -> None:
    columns = (*COLUMNS, ExportColumn("on", said("日期")))
    made = export(
        small_book, table(("甲厂", "1", Decimal("98.5"), dt.date(2026, 3, 31)), columns=columns), format="xlsx"
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(made.content))
    assert book.sheet_names == ["数据", "水印"]
    data = book.get_sheet_by_name("数据").to_python()
    assert data[1] == ["甲厂", "＊＊＊", 98.5, dt.date(2026, 3, 31)]
    marks = dict(row[:2] for row in book.get_sheet_by_name("水印").to_python())
    assert marks["用途"] == PURPOSE
    assert marks["编号"] == made.number


@pytest.mark.parametrize("purpose", ["", "   ", "看看", "字" * 201])
def test_不写用途或写得太短太长都不给(small_book: Book, purpose: str) -> None:
    with pytest.raises(Refused) as refused:
        export(small_book, table(("甲厂", "1", None)), purpose=purpose)
    assert refused.value.refusals[0].field == "purpose"
    assert not TrailLine.objects.exists()


def test_每次导出都留痕_不留内容(small_book: Book) -> None:
    made = export(small_book, table(("甲厂", "0400-5550001", None)))
    line = TrailLine.objects.get()
    detail = orjson.loads(line.detail)
    assert (line.verb, line.about, line.purpose) == ("export.make", "enterprises", PURPOSE)
    assert (detail["number"], detail["rows"], detail["masked"], detail["sha256"]) == (
        made.number,
        1,
        ["phone"],
        made.digest,
    )
    assert "5550001" not in line.detail
    assert "甲厂" not in line.detail


def test_没有导出权的人得到理由_也不留下文件(small_book: Book) -> None:
    nobody = Actor("account:9", "officer", "丙", (Holding("watcher", area="990901"),))
    with pytest.raises(Refused) as refused:
        export(small_book, table(("甲厂", "1", None)), actor=nobody)
    assert refused.value.refusals[0].code.startswith("access.")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2+x", "@x", "\t=1", "=cmd|' /C calc'!A0"])
def test_像公式的字在文本里挡住_在工作簿里是文字(small_book: Book, text: str) -> None:
    columns = (ExportColumn("name", said("名称")),)
    made = export(small_book, table((text,), columns=columns))
    assert lines(made)[1][:1] == [f"'{text}"]
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(export(small_book, table((text,), columns=columns), format="xlsx").content)
    )
    assert book.get_sheet_by_name("数据").to_python()[1] == [text]


def test_负数还是数(small_book: Book) -> None:
    assert lines(export(small_book, table(("甲厂", None, Decimal("-53.0")))))[1][2] == "-53.0"


def test_行数到上限为止_多一行就请缩小范围(small_book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    rows = [(f"第{n}厂", "", None) for n in range(4)]
    assert export(small_book, table(*rows[:3])).rows == 3
    with pytest.raises(Refused, match=r"3"):
        export(small_book, table(*rows))


def test_空表也能导出(small_book: Book) -> None:
    made = export(small_book, table(), format="xlsx")
    assert made.rows == 0
    assert CalamineWorkbook.from_filelike(io.BytesIO(made.content)).sheet_names == ["数据", "水印"]


def test_英文页导出英文(small_book: Book) -> None:
    made = export(small_book, table(("A", None, None)), language="en")
    assert lines(made)[0][:3] == ["名称 (en)", "电话 (en)", "合格率 (en)"]
    assert "; Purpose: " in lines(made)[0][-1]


def test_文件名里没有路径的字符(small_book: Book) -> None:
    made = make_export(
        ExportTable(said('a/b\\c:"*?'), "x", COLUMNS, ()),
        purpose=PURPOSE,
        format="csv",
        call=Call(SYSTEM, small_book, NOON),
    )
    assert not set('\\/:*?"<>|') & set(made.name)
    assert made.name.endswith(".csv")
