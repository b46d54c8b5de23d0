"""Files as departments really make them: title rows, two-line headings, notes beneath, several sheets, old encodings.

Everything is written row by row from an iterator; the same rows give the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

Cell = str | int | float | dt.date
Line = Sequence[Cell]

# The day on which all the demo's workbooks were 'made': a clock in them would give other bytes each time.
MADE = dt.datetime(2026, 11, 2, 9, 0, 0)
_EPOCH = dt.date(1899, 12, 30)
_ZIP_TIME = (2026, 11, 2, 9, 0, 0)


@dataclass(frozen=True, slots=True)
class Band:
    """A merged heading over several columns: 'producer' over name, code and address."""

    text: str
    columns: int


@dataclass(slots=True)
class DemoSheet:
    """One sheet or one CSV: what stands above the headings, the headings, the rows, what stands below."""

    headings: Sequence[str]
    rows: Iterable[Line]
    name: str = "Sheet1"
    titles: Sequence[str] = ()
    bands: Sequence[Band] = ()
    notes: Sequence[str] = ()


def serial(day: dt.date) -> int:
    """The number that a spreadsheet keeps for a day (1900 system)."""
    return (day - _EPOCH).days


def write_csv(path: Path, table: DemoSheet, *, encoding: str = "utf-8", delimiter: str = ",") -> None:
    """Write a table as text; ``encoding`` may be utf-8, utf-8-sig or gb18030, ``delimiter`` a comma or a tab."""
    with path.open("w", encoding=encoding, newline="") as stream:
        _lines(stream, table, delimiter)


def write_zip(path: Path, members: Iterable[tuple[str, DemoSheet]], *, encoding: str = "utf-8-sig") -> None:
    """Write several tables as CSV files of one archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, table in members:
            text = io.StringIO(newline="")
            _lines(text, table, ",")
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.getvalue().encode(encoding))


def write_xlsx(path: Path, tables: Sequence[DemoSheet], *, streaming: bool = False) -> None:
    """Write a workbook; ``streaming`` keeps one row in memory and therefore allows no two-line headings."""
    options = {
        "constant_memory": streaming,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": MADE})
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        title = book.add_format({"bold": True, "align": "center", "font_size": 16})
        bold = book.add_format({"bold": True, "align": "center", "border": 1})
        for table in tables:
            if table.bands and streaming:
                raise ValueError("a streaming workbook can't merge cells over two lines")
            sheet = book.add_worksheet(table.name)
            width = len(table.headings)
            at = 0
            for text in table.titles:
                if width > 1:
                    sheet.merge_range(at, 0, at, width - 1, text, title)
                else:
                    sheet.write_string(at, 0, text, title)
                at += 1
            at = _headings(sheet, table, at, bold)
            for row in table.rows:
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        if cell:
                            sheet.write_string(at, column, cell)
                    elif isinstance(cell, dt.date):
                        sheet.write_number(at, column, serial(cell), date)
                    else:
                        sheet.write_number(at, column, cell)
                at += 1
            for note in table.notes:
                sheet.write_string(at, 0, note)
                at += 1


def _headings(sheet: xlsxwriter.worksheet.Worksheet, table: DemoSheet, at: int, bold: object) -> int:
    if not table.bands:
        for column, heading in enumerate(table.headings):
            sheet.write_string(at, column, heading, bold)
        return at + 1
    if sum(band.columns for band in table.bands) != len(table.headings):
        raise ValueError("the bands of a heading cover exactly its columns")
    column = 0
    for band in table.bands:
        last = column + band.columns - 1
        if not band.text:
            for single in range(column, last + 1):
                sheet.merge_range(at, single, at + 1, single, table.headings[single], bold)
        else:
            if band.columns > 1:
                sheet.merge_range(at, column, at, last, band.text, bold)
            else:
                sheet.write_string(at, column, band.text, bold)
            for single in range(column, last + 1):
                sheet.write_string(at + 1, single, table.headings[single], bold)
        column = last + 1
    return at + 2


def _lines(stream: io.TextIOBase, table: DemoSheet, delimiter: str) -> None:
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    width = len(table.headings)
    for text in table.titles:
        writer.writerow([text, *[""] * (width - 1)])
    writer.writerow(table.headings)
    writer.writerows(_texts(table.rows))
    for note in table.notes:
        writer.writerow([note, *[""] * (width - 1)])


def _texts(rows: Iterable[Line]) -> Iterator[Line]:
    """Rows as text files spell them: csv writes an ISO day for a date, which is what such exports hold too."""
    return iter(rows)
