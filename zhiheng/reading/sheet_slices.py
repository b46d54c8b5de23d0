"""A large sheet of .xlsx, read a stretch of rows at a time.

The parser holds every cell of a sheet at once, and needs some hundred bytes for each. So it is given, for each stretch
of rows, a small workbook that has these rows, the styles and the shared texts, and nothing else: a sheet of a million
rows is read in the memory that one stretch needs, by the same parser as every other sheet.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals
from zhiheng.reading.limits import Limits
from zhiheng.reading.sheet_marks import column_index

_PIECE = 1 << 20
# The head of a part (columns, views) before its rows; what is longer is none.
_MOST_HEAD = 4 << 20
_ROWS_BEGIN = re.compile(rb"<(\w+:)?sheetData\s*>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_ROW_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
# What a workbook of one stretch does not need of the whole one.
_LEFT_OUT = ("xl/worksheets/", "xl/media/", "xl/drawings/", "xl/charts/", "xl/comments", "xl/threaded", "docprops/")

Merged = tuple[int, int, int, int]


class SheetSlices:
    """The stretches of one sheet, in their order; ``merges`` is known once all were read. Raises Refused.

    ``part`` is the part of the sheet (``xl/worksheets/sheet1.xml``), ``room`` a folder for files that pass.
    """

    def __init__(self, path: Path, part: str, sheet: str, limits: Limits, room: Path) -> None:
        self._path, self._part, self._sheet, self._limits = path, part, sheet, limits
        self._small = room / "slice.xlsx"
        self.merges: list[Merged] = []
        # The number of the last row so far, from 1 on.
        self._last = 0

    def __iter__(self) -> Iterator[tuple[bytes, Any]]:
        """The markup of each stretch, and its sheet as the parser gives it."""
        import python_calamine

        self._begin()
        with self._small.open("rb+") as kept:
            # Behind the entries stands the list of them; each stretch is written over it, and it is put back.
            with zipfile.ZipFile(kept) as empty:
                begins = empty.start_dir
            kept.seek(begins)
            listed = kept.read()
            for markup, stretch in self._stretches():
                kept.seek(begins)
                kept.truncate()
                kept.write(listed)
                kept.flush()
                with zipfile.ZipFile(self._small, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as small:
                    small.writestr(self._part, markup)
                with closing(python_calamine.CalamineWorkbook.from_path(str(self._small))) as book:
                    yield stretch, book.get_sheet_by_name(self._sheet)

    def _begin(self) -> None:
        """The workbook without any sheet's rows."""
        self._small.unlink(missing_ok=True)
        with (
            zipfile.ZipFile(self._path) as whole,
            zipfile.ZipFile(self._small, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as small,
        ):
            for entry in whole.infolist():
                if entry.filename.lower().startswith(_LEFT_OUT) or entry.is_dir():
                    continue
                with whole.open(entry) as source, small.open(entry.filename, "w", force_zip64=True) as target:
                    while piece := source.read(_PIECE):
                        target.write(piece)

    def _stretches(self) -> Iterator[tuple[bytes, bytes]]:
        """Whole parts with some rows each, and the markup of these rows alone, of the first with what stands before."""
        with zipfile.ZipFile(self._path) as whole, whole.open(self._part) as stream:
            head, prefix, rest = _head(stream)
            before = head
            row_ends, all_end = b"</" + prefix + b"row>", b"</" + prefix + b"sheetData>"
            behind = all_end + b"</" + prefix + b"worksheet>"
            waiting = bytearray(rest)
            ended = waiting.find(all_end)
            while ended < 0:
                seen = max(0, len(waiting) - len(all_end))
                if not (piece := stream.read(_PIECE)):
                    raise Refused(refusals.workbook_damaged("sheetData"))
                waiting += piece
                ended = waiting.find(all_end, seen)
                if ended < 0 and len(waiting) >= self._limits.slice_bytes:
                    cut = waiting.rfind(row_ends) + len(row_ends)
                    if cut < len(row_ends):
                        if len(waiting) > 2 * self._limits.slice_bytes:
                            raise Refused(refusals.workbook_greedy())
                        continue
                    rows = self._numbered(bytes(waiting[:cut]))
                    del waiting[:cut]
                    yield head + rows + behind, before + rows
                    before = b""
            rows, tail = self._numbered(bytes(waiting[:ended])), bytes(waiting[ended:])
            if rows.strip():
                yield head + rows + behind, before + rows
            self._read_merges(tail, stream)

    def _numbered(self, rows: bytes) -> bytes:
        """The rows, the first of which says its number: one that says none stands below the row before it."""
        first = _ROW.search(rows)
        begins = self._last + 1
        for row in _ROW.finditer(rows):
            said = _ROW_NUMBER.search(row[1])
            self._last = self._last + 1 if said is None else int(said[1])
        if first is None or _ROW_NUMBER.search(first[1]) is not None:
            return rows
        return rows[: first.start(1)] + f' r="{begins}"'.encode() + rows[first.start(1) :]

    def _read_merges(self, tail: bytes, stream: IO[bytes]) -> None:
        carry = tail
        while carry:
            for left, top, right, bottom in _MERGE.findall(carry):
                self.merges.append((int(top) - 1, column_index(left), int(bottom) - 1, column_index(right)))
            if len(self.merges) > self._limits.max_merges:
                raise Refused(refusals.too_many_merges(self._limits.max_merges))
            piece = stream.read(_PIECE)
            # A mark that the end of the piece cuts is seen with the next.
            carry = (carry[carry.rfind(b">") + 1 :][-200:] + piece) if piece else b""


def _head(stream: IO[bytes]) -> tuple[bytes, bytes, bytes]:
    """What stands before the rows, the prefix of its names, and what was read of the rows already."""
    read = b""
    while len(read) < _MOST_HEAD and (piece := stream.read(_PIECE)):
        read += piece
        if (found := _ROWS_BEGIN.search(read)) is not None:
            return read[: found.end()], found[1] or b"", read[found.end() :]
    raise Refused(refusals.workbook_damaged("sheetData"))
