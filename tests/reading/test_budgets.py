"""No file takes more of the machine than its budget: of a cell, a row, a sheet, a file, and of what is handed on at a
time. What is larger goes back with a sentence; reading costs in proportion to what is read.
"""

from __future__ import annotations

import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import xlsxwriter
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
    remarks,
    rows,
    skipped,
    write_csv,
    write_xlsx,
)
from zhiheng.kernel.reasons import Refused
from zhiheng.reading import limits as budgets
from zhiheng.reading import sheet_process
from zhiheng.reading.kinds import FileKind, kind_of
from zhiheng.reading.limits import DEFAULT, GIB, MIB, Limits, share_of_memory
from zhiheng.reading.tables import Table


@pytest.mark.parametrize(("machine", "share"), [(1, 512), (4, 682), (8, 1365), (64, 2048)])
def test_读工作簿的进程_占机器内存的六分之一_四GB的机器上不到七百兆(
    monkeypatch: pytest.MonkeyPatch, machine: int, share: int
) -> None:
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": machine * GIB // 4096}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__)
    assert share_of_memory() // MIB == share
    assert Limits().memory // MIB == share


def test_问不出内存有多大_按四GB算(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: str) -> int:
        raise ValueError

    monkeypatch.setattr(budgets.os, "sysconf", unknown)
    assert share_of_memory() == 4 * GIB // 6


def odd_workbook(path: Path, count: int) -> Path:
    """A sheet with everything that a sheet shows beside its values, over many rows, with gaps between them."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("数据")
        percent, struck = book.add_format({"num_format": "0.0%"}), book.add_format({"font_strikeout": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADINGS)
        sheet.set_header("&L填报单位：虚构局")
        sheet.set_column(3, 3, None, None, {"hidden": True})
        for number in range(1, count):
            if number % 37 == 0:
                continue
            sheet.write_row(number, 0, [f"虚构{number}厂", f"码{number:04d}", "共用的文字", "合格"])
            sheet.write_number(number, 2, number / 1000, percent)
            sheet.write_number(number, 4, 45_000 + number, day)
            if number % 41 == 0:
                sheet.set_row(number, None, None, {"hidden": True})
            if number % 43 == 0:
                sheet.write_string(number, 0, "划掉的厂", struck)
            if number % 47 == 0:
                sheet.write_formula(number, 3, "=NA()", None, "#N/A")
            if number % 53 == 0:
                sheet.write_number(number, 1, 123456789012345678)
            if number % 59 == 0 and (number + 1) % 37:
                sheet.merge_range(number, 0, number + 1, 0, f"合并{number}厂")
        sheet.write_comment(3, 1, "批注")
    return path


def told(table: Table) -> tuple[Any, ...]:
    """All that reading tells of a table."""
    return (
        table.layout.headings,
        table.layout.notes,
        remarks(table),
        table.row_count,
        rows(table),
        numbers(table),
        broken(table),
        skipped(table),
        flags(table),
    )


@pytest.mark.slow
@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(slice_bytes=st.integers(600, 60_000))
def test_一段一段读的大表_与整张读的一字不差(tmp_path: Path, slice_bytes: int) -> None:
    path = tmp_path / "怪.xlsx"
    if not path.exists():
        odd_workbook(path, 400)
    whole = told(only_table(path))
    assert len(whole[4]) > 200
    assert len(whole[6]) > 10
    assert {"sheet.hidden_columns", "sheet.comments", "sheet.merged", "sheet.digits_lost"} <= set(whole[2])
    assert told(only_table(path, limits=replace(DEFAULT, slice_bytes=slice_bytes))) == whole


def repacked(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A packed workbook with one part changed."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    assert part in parts
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


@pytest.mark.slow
def test_命名空间带前缀的大表照样一段一段读(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "前缀.xlsx", [HEADINGS, *ROWS * 40])
    whole = told(only_table(path))

    def prefixed(markup: bytes) -> bytes:
        for name in (b"worksheet", b"sheetData", b"row", b"c", b"v", b"dimension", b"sheetViews", b"sheetView"):
            for before in (b"<", b"</"):
                for behind in (b" ", b">", b"/>"):
                    markup = markup.replace(before + name + behind, before + b"x:" + name + behind)
        return markup.replace(b"xmlns=", b"xmlns:x=", 1)

    repacked(path, "xl/worksheets/sheet1.xml", prefixed)
    assert told(only_table(path, limits=replace(DEFAULT, slice_bytes=3_000)))[4:6] == whole[4:6]


@pytest.mark.slow
@pytest.mark.parametrize("cells", [b"", rb' r="[A-Z]+[0-9]+"'], ids=["只有行没有号", "行和格都没有号"])
def test_没有行号的大表_接着上一段数(tmp_path: Path, cells: bytes) -> None:
    path = write_xlsx(tmp_path / "无号.xlsx", [HEADINGS, *ROWS * 40])

    def without_numbers(markup: bytes) -> bytes:
        begun = b"".join(
            piece if not n else b"<row" + piece[piece.index(b">") :] for n, piece in enumerate(markup.split(b"<row"))
        )
        return re.sub(cells, b"", begun) if cells else begun

    repacked(path, "xl/worksheets/sheet1.xml", without_numbers)
    whole = told(only_table(path))
    assert whole[3] == len(ROWS) * 40
    assert told(only_table(path, limits=replace(DEFAULT, slice_bytes=3_000))) == whole


@pytest.mark.slow
def test_整张放不进内存的大表_一段一段读得完(tmp_path: Path) -> None:
    """Five million cells want some 600 MB as a whole."""
    path = tmp_path / "大.xlsx"
    count, width = 100_000, 50
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [f"列{column}" for column in range(width)])
        for number in range(1, count):
            sheet.write_row(number, 0, [number] * width)
    small = replace(DEFAULT, memory=420 * MIB)
    assert only_code(path, limits=replace(small, slice_bytes=GIB)) == "workbook.too_large"
    table = only_table(path, limits=small, book=False)
    seen = 0
    for chunk in table.chunks():
        assert list(chunk.columns[0]) == [str(number) for number in range(seen + 1, seen + 1 + len(chunk.row_numbers))]
        seen += len(chunk.row_numbers)
    assert seen == count - 1


def test_读的进程真有内存的上限(tmp_path: Path) -> None:
    code = (
        "import resource, orjson, sys; from zhiheng.reading.limits import Limits; "
        "from zhiheng.reading.sheet_process import bound; bound(Limits(**orjson.loads(sys.argv[1]))); "
        "print(resource.getrlimit(resource.RLIMIT_AS)[0])"
    )
    asked = orjson.dumps(asdict(DEFAULT)).decode()
    done = subprocess.run([sys.executable, "-c", code, asked], capture_output=True, text=True, check=True)
    assert int(done.stdout) == DEFAULT.memory <= 2 * GIB
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != DEFAULT.memory, "the process that asks is not bounded"


def test_读的进程被停下_经手的文件也不留(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_xlsx(tmp_path / "慢.xlsx", [HEADINGS, *ROWS])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "room"))
    (tmp_path / "room").mkdir()
    assert only_code(path, limits=replace(DEFAULT, seconds=0)) == "workbook.too_large"
    assert only_table(path, limits=replace(DEFAULT, slice_bytes=100)).row_count == 3
    assert [*(tmp_path / "room").iterdir()] == []


@pytest.mark.slow
def test_一行太长的_工作簿文本和数据库都退回_写明第几行(tmp_path: Path) -> None:
    limits = replace(DEFAULT, max_row_chars=5_000)
    long = ["长" * 1_500] * 5
    book = write_xlsx(tmp_path / "长.xlsx", [HEADINGS, *ROWS, long])
    assert only_code(book, limits=limits) == "row.too_long"
    (found,) = opened(book, limits=limits)
    assert "第 5 行" in found.refusal.zh
    # Of a text the length is looked at a megabyte at a time.
    text = write_csv(tmp_path / "长.csv", [HEADINGS, *ROWS, long * 150])
    assert only_code(text, limits=limits) == "text.line_too_long"
    lines = tmp_path / "换行.csv"
    # A row of many lines that goes on from one megabyte to the next.
    lines.write_text(csv_text([HEADINGS, *ROWS * 40_000, *[["一行\n" * 900] * 5] * 100]), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        rows(only_table(lines, limits=limits))
    assert refused.value.refusals[0].code == "row.too_long"


@pytest.mark.slow
def test_合并的单元格_格式_共用的文字太多的_各有一句话(tmp_path: Path) -> None:
    path = tmp_path / "合并.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for number in range(1, 40):
            sheet.write_row(number, 0, ROWS[0])
            sheet.merge_range(number * 2 + 100, 0, number * 2 + 101, 0, "甲")
    few = replace(DEFAULT, max_merges=20)
    assert only_code(path, limits=few) == "workbook.too_many_merges"
    assert only_code(path, limits=replace(few, slice_bytes=500)) == "workbook.too_many_merges"
    assert only_table(path, limits=replace(DEFAULT, max_merges=39)).row_count
    assert only_code(path, limits=replace(DEFAULT, max_formats=0)) == "workbook.too_many_formats"
    assert only_code(path, limits=replace(DEFAULT, max_shared_bytes=100)) == "workbook.too_much_text"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("jump", "rows"),
    [(45_000, 100_000), (1_500_000, DEFAULT.max_sheet_rows)],
    ids=["一次次地跳_到上限为止", "一次跳过一百多万行"],
)
def test_跳到很远的行号_不补出几千万空行(tmp_path: Path, jump: int, rows: int) -> None:
    path = tmp_path / "跳.xls"
    cell = '<Cell><Data ss:Type="String">甲</Data></Cell>'
    jumps = "".join(f'<Row ss:Index="{jump * n}">{cell}</Row>' for n in range(1, 50))
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="数据"><Table>'
        f"<Row>{cell * 3}</Row>{jumps}</Table></Worksheet></Workbook>",
        encoding="utf-8",
    )
    assert only_code(path, limits=replace(DEFAULT, max_sheet_rows=rows)) == "workbook.too_large"


class Spool:
    """Stands for standard output of the reading process."""

    def __init__(self) -> None:
        self.buffer = self
        self.lines: list[int] = []

    def write(self, piece: bytes) -> None:
        """Notes how long a line is."""
        if piece != b"\n":
            self.lines.append(len(piece))


def test_交给上一级的每一块都不大_不论一行多长(monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool()
    monkeypatch.setattr(sys, "stdout", spool)
    output = sheet_process.Output(replace(DEFAULT, block_chars=10_000))
    output.write(sheet_process.SheetSummary("表"), ((["x" * 900] * 10, [], []) for _ in range(150)))
    assert max(spool.lines) < 3 * 10_000
    assert len(spool.lines) > 50


@pytest.mark.parametrize("kind", ["csv", "quoted csv", "xlsx", "sqlite"])
def test_一批行里文字多的_分成几批交出_一行不少(tmp_path: Path, kind: str) -> None:
    body = [[f"虚构{n}厂", f"码{n}", "字" * 2_000, "合格", "2025-03-01"] for n in range(120)]
    if kind == "sqlite":
        path = tmp_path / "库.db"
        with sqlite3.connect(path) as base:
            base.execute(f"CREATE TABLE 数据 ({', '.join(HEADINGS)})")
            base.executemany("INSERT INTO 数据 VALUES (?, ?, ?, ?, ?)", body)
        base.close()
    elif kind == "xlsx":
        path = write_xlsx(tmp_path / "长.xlsx", [HEADINGS, *body])
    else:
        quoted = [[*row[:2], row[2][:1_000] + "\n" + row[2][1_000:], *row[3:]] for row in body]
        body = quoted if kind == "quoted csv" else body
        path = write_csv(tmp_path / "长.csv", [HEADINGS, *body])
    for chunk_chars in (40_000, 400_000):
        few = replace(DEFAULT, block_chars=10_000, chunk_chars=chunk_chars)
        table = only_table(path, limits=few)
        chunks = [chunk for chunk in table.chunks() if chunk.row_numbers]
        if kind in ("xlsx", "sqlite"):
            # A text file's block is a megabyte, whatever stands in it.
            sizes = [sum(map(len, map(str, column))) for chunk in chunks for column in chunk.columns[2:3]]
            assert max(sizes) <= chunk_chars + 2 * 10_000
            assert len(chunks) > 1 or chunk_chars > 300_000
        assert rows(table) == body


@pytest.mark.slow
@pytest.mark.parametrize("rows_of_it", [40])
def test_数据库的一行再长_一次也只读几行(tmp_path: Path, rows_of_it: int) -> None:
    path = tmp_path / "库.db"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE t (甲, 乙, 丙)")
        base.executemany("INSERT INTO t VALUES (?, ?, ?)", [("x" * 900_000, n, "z") for n in range(rows_of_it)])
    base.close()
    (table,) = opened(path, limits=replace(DEFAULT, block_chars=2_000_000))
    assert isinstance(table, Table)
    tracemalloc.start()
    refused = sum(len(chunk.broken) for chunk in table.chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused == rows_of_it
    assert peak < 15 * MIB < rows_of_it * 900_000


def test_认出旧式工作簿_不把它整个读进来(tmp_path: Path) -> None:
    path = tmp_path / "旧.xls"
    with path.open("wb") as file:
        file.write(bytes.fromhex("d0cf11e0a1b11ae1"))
        file.seek(128 * 100_000)
        file.write("Workbook".encode("utf-16-le").ljust(128, b"\0"))
        file.truncate(128 * 200_000)
    tracemalloc.start()
    assert kind_of(path, DEFAULT) is FileKind.XLS
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MIB < path.stat().st_size


# -- What reading costs, in steps of the interpreter -------------------------------------------------------------------


def steps(work: Callable[[], Any]) -> int:
    """How many steps the interpreter takes for some work (its instructions, in whatever function of the house)."""
    taken = 0

    def watch(frame: Any, event: str, _argument: Any) -> Any:
        nonlocal taken
        if "zhiheng" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        taken += event == "opcode"
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        work()
    finally:
        sys.settrace(before)
    return taken


UNITS: dict[str, list[list[str]]] = {
    "plain rows": ROWS,
    "a cell of many lines, each with quotes": [["甲", "乙", '""\n' * 40, "丙", "丁"]],
    "lines without quotes inside a cell": [["甲", "乙", "行\n" * 40, "丙", "丁"]],
    "short rows": [["甲", "乙"]],
    "one cell": [["甲"]],
    "empty rows": [["", "", "", "", ""]],
    "totals and notes": [["合计", "", "", "12", ""], ["填报人：某", "", "", "", ""]],
    "headings again": [HEADINGS],
    "groups": [["一、铁砧街道", "", "", "", ""], *ROWS[:1]],
    "long cells": [["甲" * 900, "乙" * 900, "(" * 900, "（" * 900, "；" * 900]],
    "too many cells": [[*ROWS[0], "多出来的"]],
    "examples": [["示例", "码", "酱油", "合格", "2025-01-01"]],
}


@pytest.mark.slow
@pytest.mark.parametrize("what", UNITS)
def test_文本表格_多一倍的行_多一倍的步数_不会更多(tmp_path: Path, what: str) -> None:
    def cost(count: int) -> int:
        path = write_csv(tmp_path / f"{count}.csv", [HEADINGS, *ROWS, *UNITS[what] * count, *ROWS])

        def read() -> None:
            for found in opened(path):
                if isinstance(found, Table):
                    for _ in found.chunks():
                        pass

        read()
        return steps(read)

    small, double, four = cost(100), cost(200), cost(400)
    # What is done once a file counts for the first; twice as much more, and then twice that.
    assert four - double <= 2.3 * max(double - small, 500)


@pytest.mark.slow
def test_一格里有许多带引号的行_步数与行数成正比(tmp_path: Path) -> None:
    def cost(lines: int) -> int:
        # Among so many plain rows that the quick way is taken, which splits lines.
        body = [HEADINGS, *ROWS * lines, ["甲", "乙", '"\n' * lines, "丙", "丁"]]
        path = write_csv(tmp_path / f"{lines}.csv", body)
        table = only_table(path)
        return steps(lambda: rows(table))

    small, double, four = cost(150), cost(300), cost(600)
    assert four - double <= 2.3 * (double - small)


def merged_blocks(count: int, columns: int) -> Iterator[Any]:
    from zhiheng.reading.tables import Block

    for number in range(count):
        yield Block(number + 1, [["甲"] * columns])


@pytest.mark.slow
def test_重叠的合并再多_步数与格子数成正比() -> None:
    """Ranges that lie over each other can't be made by hand, but written into a file."""
    from zhiheng.reading.workbooks import _filled

    def cost(count: int) -> int:
        tall = [(row, 0, count, 0) for row in range(count)]
        return steps(lambda: [*_filled(merged_blocks(count, 3), tall)])

    small, double, four = cost(100), cost(200), cost(400)
    assert four - double <= 2.3 * (double - small)


def ods_with(path: Path, content: bytes) -> Path:
    """An .ods whose content is this markup between the beginning and the end of a sheet's first cell."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        with packed.open("content.xml", "w") as part:
            part.write(
                f'<office:document-content{names}><office:body><office:spreadsheet><table:table table:name="a">'.encode()
            )
            part.write(content)
            part.write(b"</table:table></office:spreadsheet></office:body></office:document-content>")
    return path


ODS_CELL = b'<table:table-cell office:value-type="string"%b><text:p>x</text:p></table:table-cell>'


def test_ods展开以后放不进内存的_没有读就退回_写明多大(tmp_path: Path) -> None:
    small = replace(DEFAULT, memory=24 * MIB)
    # 13 MB of markup in a file of some dozen kilobytes; the process that reads could not even begin in this memory.
    path = ods_with(tmp_path / "大.ods", b"<table:table-row>%b</table:table-row>" % (ODS_CELL % b"") * 120_000)
    assert path.stat().st_size < MIB
    with pytest.raises(Refused) as refused:
        sheet_process.check_parts(path, small)
    (refusal,) = refused.value.refusals
    assert refusal.code == "workbook.too_large"
    assert "超过上限 12 MB" in refusal.zh
    assert "另存为 .xlsx" in refusal.zh


@pytest.mark.slow
def test_ods里一个标记长得没有头的_很快就退回(tmp_path: Path) -> None:
    """The parser begins such a tag anew with each piece of it: of 250 MB it had not come to an end after minutes."""
    for name, before, after in (
        ("属性", b'<table:table-row><table:table-cell x="', b'"/></table:table-row>'),
        (
            "文字",
            b'<table:table-row><table:table-cell office:value-type="string"><text:p>',
            b"</text:p></table:table-cell></table:table-row>",
        ),
    ):
        path = ods_with(tmp_path / f"{name}.ods", before + os.urandom(MIB).hex().encode() + after)
        assert only_code(path) == "workbook.too_large"
        (found,) = opened(path)
        assert "没有断开" in found.refusal.zh


@pytest.mark.slow
@pytest.mark.parametrize("columns", [b"", b' table:number-columns-repeated="1000"'], ids=["行", "行和列"])
def test_ods说一行重复一百万次的_退回_不撑破内存(tmp_path: Path, columns: bytes) -> None:
    row = b'<table:table-row table:number-rows-repeated="1048576">%b</table:table-row>'
    path = ods_with(tmp_path / "重复.ods", row % ((ODS_CELL % columns) * 6))
    assert only_code(path, limits=replace(DEFAULT, memory=512 * MIB)).startswith("workbook.")


def test_xls放不进内存的_没有读就退回(tmp_path: Path) -> None:
    path = tmp_path / "旧.xls"
    with path.open("wb") as file:
        file.write(bytes.fromhex("d0cf11e0a1b11ae1"))
        file.seek(128 * 100)
        file.write("Workbook".encode("utf-16-le").ljust(128, b"\0"))
        file.truncate(9 * MIB)
    assert kind_of(path, DEFAULT) is FileKind.XLS
    with pytest.raises(Refused) as refused:
        kind_of(path, replace(DEFAULT, memory=96 * MIB))
    (refusal,) = refused.value.refusals
    assert refusal.code == "workbook.too_large"
    assert "9 MB，超过上限 8 MB" in refusal.zh
