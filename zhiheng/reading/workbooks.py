"""Workbooks and web pages, read by a process of their own and kept as text in a file without a name until read.

The child has ended before the first table is handed out, so a workbook that breaks in its last sheet is refused whole.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

import orjson

from zhiheng.kernel.reasons import Flag, Refusal, Refused
from zhiheng.reading import refusals, sheet_nursery
from zhiheng.reading.kinds import FileKind
from zhiheng.reading.layouts import HEAD_ROWS, KnownHeadings, Merge, SheetLayout, find_layout, words_of
from zhiheng.reading.limits import Limits
from zhiheng.reading.sheet_marks import column_letters
from zhiheng.reading.tables import Block, Table, Unreadable

_CHILD_KIND = {
    FileKind.XLSX: "packed",
    FileKind.ODS: "packed",
    FileKind.XLS: "old",
    FileKind.HTML: "html",
    FileKind.XML: "xml",
}


class _Spool:
    """A file without a name, which goes when the last table that reads from it is forgotten."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        weakref.finalize(self, self.file.close)


def open_workbook(
    path: Path,
    kind: FileKind,
    *,
    origin: str,
    known: KnownHeadings | None,
    limits: Limits,
    remarks: tuple[Flag, ...] = (),
) -> Iterator[Table | Unreadable]:
    """Each sheet of a workbook as a table, or why it is none."""
    spool = _Spool()
    try:
        sheets = _parse(path, _CHILD_KIND[kind], spool.file, limits)
    except Refused as refused:
        yield Unreadable(origin, "", refused.refusals[0])
        return
    if not sheets:
        yield Unreadable(origin, "", refusals.no_table(""))
    for sheet in sheets:
        yield _table(spool, sheet, origin=origin, known=known, limits=limits, remarks=remarks)


def _parse(path: Path, kind: str, spool: IO[bytes], limits: Limits) -> list[dict[str, Any]]:
    asked = orjson.dumps(asdict(limits)).decode("ascii")
    try:
        # What passes through the reader's hands on the disk goes with it, however it ends.
        with tempfile.TemporaryDirectory(prefix="zhiheng-") as room:
            done = sheet_nursery.run([kind, str(path.resolve()), asked, room], spool, limits.seconds)
    except sheet_nursery.ReaderTooSlow:
        raise Refused(refusals.workbook_greedy()) from None
    lines = done.said.strip().splitlines()
    if done.status != 0 or not lines:
        # A parser in another language ends the whole process when memory runs out; the system does when time does.
        if done.status < 0 or b"memory allocation" in done.said:
            raise Refused(refusals.workbook_greedy())
        raise Refused(refusals.workbook_damaged(f"exit {done.status}"))
    said = orjson.loads(lines[-1])
    if "refusal" in said:
        raise Refused(Refusal(**said["refusal"]))
    sheets: list[dict[str, Any]] = said["sheets"]
    return sheets


def _table(
    spool: _Spool,
    sheet: dict[str, Any],
    *,
    origin: str,
    known: KnownHeadings | None,
    limits: Limits,
    remarks: tuple[Flag, ...],
) -> Table | Unreadable:
    name: str = sheet["name"]
    head: list[list[str]] = []
    for block in _spooled(spool, sheet):
        head += block.as_rows()
        if len(head) >= HEAD_ROWS:
            break
    merges: list[Merge] = [(m[0], m[1], m[2], m[3]) for m in sheet["merges"]]
    layout = find_layout(head[:HEAD_ROWS], merges=merges, known=known)
    if layout is None:
        return Unreadable(origin, name, refusals.no_table(name), harmless=True)
    said = list(remarks)
    if sheet["blunted"]:
        said.append(refusals.digits_lost_in(sheet["blunted"]))
    if sheet["uncomputed"]:
        said.append(refusals.uncomputed(sheet["uncomputed"], sheet["uncomputed_cells"]))
    shown = {column for first, last in sheet["hidden_columns"] for column in layout.columns if first <= column <= last}
    if shown:
        said.append(refusals.hidden_columns([column_letters(column) for column in sorted(shown)]))
    if sheet["comments"]:
        said.append(refusals.comments(sheet["comments"]))
    if sheet["epoch1904"]:
        said.append(refusals.epoch1904())
    if sheet["marks_unseen"]:
        said.append(refusals.marks_unseen())
    tall = [m for m in merges if m[0] + 1 >= layout.first_row and m[2] > m[0] and m[1] == m[3]]
    if tall:
        said.append(
            refusals.merged([f"{column_letters(m[1])}{m[0] + 1}:{column_letters(m[3])}{m[2] + 1}" for m in tall])
        )
    layout = replace(
        layout,
        notes=tuple(dict.fromkeys((*sheet["beside"], *layout.notes))),
        sheet=name,
        remarks=tuple(said),
        width=max(layout.width, sheet["width"]),
        epoch1904=sheet["epoch1904"],
    )

    def blocks(of: SheetLayout) -> Iterator[Block]:
        return _filled(_spooled(spool, sheet), tall) if tall else _spooled(spool, sheet)

    return Table(
        origin=origin,
        sheet=name,
        layout=layout,
        blocks=blocks,
        row_count=max(0, sheet["rows"] - layout.first_row + 1),
        command_like=sheet["commands"],
        garbled=sheet["garbled"],
        hidden=sheet["hidden"],
        heading_words=words_of(known),
        limits=limits,
    )


def _spooled(spool: _Spool, sheet: dict[str, Any]) -> Iterator[Block]:
    at, first = sheet["offset"], 1
    for _ in range(sheet["batches"]):
        # Two readers may take turns on one spool, so each of them goes to its own place before it reads.
        spool.file.seek(at)
        line = spool.file.readline()
        at += len(line)
        rows, blunted, asked = orjson.loads(line)
        yield Block(
            first,
            rows,
            blunted=[(row, column) for row, column in blunted],
            asked=[(row, column, what) for row, column, what in asked],
            size=len(line),
        )
        first += len(rows)


def _filled(blocks: Iterator[Block], tall: list[Merge]) -> Iterator[Block]:
    """Cells merged over several rows of data, with their text repeated in each of these rows: that is what merging
    says.
    """
    waiting = sorted(tall)
    place = 0
    # By column: a cell belongs to one merged range, so a row costs no more than it has columns.
    open_merges: dict[int, tuple[int, str]] = {}
    for block in blocks:
        for offset, row in enumerate(block.as_rows()):
            number = block.first + offset - 1
            for column, (bottom, text) in [*open_merges.items()]:
                if bottom < number:
                    del open_merges[column]
                elif column < len(row) and not row[column]:
                    row[column] = text
            while place < len(waiting) and waiting[place][0] <= number:
                top, column, bottom, _ = waiting[place]
                place += 1
                if top == number and column < len(row) and row[column]:
                    open_merges[column] = (bottom, row[column])
        yield block
