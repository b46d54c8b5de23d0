"""What the process that reads a spreadsheet gives to its parent: rows in batches on its output, and what is known of
each sheet.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals
from zhiheng.reading.encodings import is_garbled
from zhiheng.reading.limits import Limits

BATCH = 200
# A column (-1: the whole row) and what is odd about it: hidden, filtered, struck, scaled, uncomputed.
Mark = tuple[int, str]


@dataclass(slots=True)
class SheetSummary:
    """Where the rows of a sheet stand in the output, and what is known of it. Positions count from 0."""

    name: str
    hidden: bool = False
    offset: int = 0
    batches: int = 0
    rows: int = 0
    width: int = 0
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    blunted: int = 0
    uncomputed: int = 0
    uncomputed_cells: list[str] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    epoch1904: bool = False
    marks_unseen: bool = False
    commands: bool = False
    garbled: bool = False


def number_text(value: float) -> str:
    """A number as the sheet shows it: no '.0', no exponent, and no digits beyond the 15 that a spreadsheet keeps."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    short = Decimal(repr(value))
    if not value.is_integer() and len(short.as_tuple().digits) > 15:
        short = Decimal(f"{value:.15g}")
    text = format(short, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: datetime.datetime) -> str:
    if value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat(sep=" ")


def cell_text(value: Any) -> str:
    """Any cell of a spreadsheet as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime.datetime):
        if value.microsecond:
            # A time is kept as a fraction of a day, so a whole second comes back some microseconds off.
            value = (value + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
        return _moment(value)
    if isinstance(value, datetime.date | datetime.time):
        return str(value.isoformat())
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


class Output:
    """Writes rows and remembers where each sheet begins."""

    def __init__(self, limits: Limits) -> None:
        self._out = sys.stdout.buffer
        self._limits = limits
        self._at = 0
        self.sheets: list[SheetSummary] = []

    def write(self, summary: SheetSummary, rows: Iterable[tuple[list[str], list[int], list[Mark]]]) -> None:
        """The rows of one sheet, with the columns of those numbers whose digits are lost, and what is to be asked of
        them.
        """
        if len(self.sheets) >= self._limits.max_sheets:
            raise Refused(refusals.too_many_sheets(len(self.sheets) + 1, self._limits.max_sheets))
        summary.offset = self._at
        batch: list[list[str]] = []
        blunted: list[tuple[int, int]] = []
        asked: list[tuple[int, int, str]] = []
        limits, characters = self._limits, 0
        for row, columns, marks in rows:
            blunted += [(len(batch), column) for column in columns]
            asked += [(len(batch), column, what) for column, what in marks]
            batch.append(row)
            length = sum(map(len, row))
            characters += length
            if length > limits.max_row_chars:
                raise Refused(refusals.row_too_long(summary.rows + len(batch), limits.max_row_chars))
            if len(batch) == BATCH or characters > limits.block_chars:
                self._flush(summary, batch, blunted, asked)
                batch, blunted, asked, characters = [], [], [], 0
        if batch:
            self._flush(summary, batch, blunted, asked)
        self.sheets.append(summary)

    def _flush(
        self,
        summary: SheetSummary,
        batch: list[list[str]],
        blunted: list[tuple[int, int]],
        asked: list[tuple[int, int, str]],
    ) -> None:
        line = orjson.dumps([batch, blunted, asked])
        if self._at + len(line) + 1 > self._limits.max_spool_bytes:
            raise Refused(refusals.workbook_greedy())
        if len(line) > self._limits.max_cell_chars:
            for offset, row in enumerate(batch, start=summary.rows + 1):
                if max(map(len, row), default=0) > self._limits.max_cell_chars:
                    raise Refused(refusals.cell_too_long(offset, self._limits.max_cell_chars))
        self._out.write(line)
        self._out.write(b"\n")
        self._at += len(line) + 1
        summary.batches += 1
        summary.rows += len(batch)
        if summary.rows > (most := min(self._limits.max_rows, self._limits.max_sheet_rows)):
            raise Refused(refusals.too_many_rows(most))
        summary.width = max(summary.width, max(map(len, batch)))
        summary.blunted += len(blunted)
        if b"|" in line and b"!" in line:
            summary.commands = True
        if not line.isascii() and not summary.garbled:
            summary.garbled = is_garbled(line.decode("utf-8"))
