"""Small files for the tests of this room, made as departments make them. All names in them are fictional."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from zhiheng.reading.limits import DEFAULT, Limits
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table, Unreadable, rows_of

HEADINGS = ["企业名称", "统一社会信用代码", "产品名称", "检验结果", "抽样日期"]
ROWS = [
    ["虚构甲食品厂", "码0001", "酱油", "合格", "2025-03-01"],
    ["虚构乙饮料有限公司", "码0002", "苹果汁", "不合格", "2025-03-02"],
    ["虚构丙粮油店", "码0003", "大米", "合格", "2025-03-03"],
]


def known(headings: Sequence[str]) -> float:
    """A book that knows the headings above."""
    words = {*HEADINGS, "检验结果/项目", "检验结果/单位", "序号"}
    return sum(heading in words for heading in headings) / len(headings)


def csv_text(rows: Sequence[Sequence[str]], *, delimiter: str = ",", end: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def write_csv(path: Path, rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    path.write_bytes(csv_text(rows, delimiter=delimiter).encode(encoding))
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[str]], *, sheet: str = "数据") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell)
    return path


def opened(path: Path, *, limits: Limits = DEFAULT, book: bool = True) -> list[Table | Unreadable]:
    return list(open_path(path, known_headings=known if book else None, limits=limits))


def only_table(path: Path, *, limits: Limits = DEFAULT, book: bool = True) -> Table:
    found = opened(path, limits=limits, book=book)
    assert [type(one) for one in found] == [Table], found
    table = found[0]
    assert isinstance(table, Table)
    return table


def only_code(path: Path, *, limits: Limits = DEFAULT) -> str:
    """The code of the refusal of a file that gives nothing else; its sentences must be whole ones."""
    found = opened(path, limits=limits)
    assert [type(one) for one in found] == [Unreadable], found
    refused = found[0]
    assert isinstance(refused, Unreadable)
    assert refused.refusal.zh.endswith(("。", "）"))
    assert refused.refusal.en.endswith((".", ")"))
    return refused.refusal.code


def rows(table: Table, size: int = 50_000) -> list[list[str]]:
    return [list(row) for chunk in table.chunks(size) for _, row in rows_of(chunk)]


def numbers(table: Table) -> list[int]:
    return [number for chunk in table.chunks() for number in chunk.row_numbers]


def broken(table: Table) -> list[tuple[int, str]]:
    return [(number, why.code) for chunk in table.chunks() for number, _, why in chunk.broken]


def skipped(table: Table) -> list[tuple[int, str]]:
    return [(one.row_number, one.why.code) for chunk in table.chunks() for one in chunk.skipped]


def flags(table: Table) -> list[tuple[int, str, str]]:
    return [(number, flag.code, flag.field) for chunk in table.chunks() for number, flag in chunk.flags]


def remarks(table: Table) -> list[str]:
    return [said.code for said in table.layout.remarks]
