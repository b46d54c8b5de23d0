"""What sheets of .xls and .ods show beside their values: hidden, filtered and struck rows, number formats, comments.

The same marks as ``sheet_marks`` finds in .xlsx, so that one rule holds of every workbook. Of an old workbook (MS-XLS)
only the records with these marks are read; of an OpenDocument sheet its one part is read as a stream. What can't be
understood gives no marks, and is noted in the delivery.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from zhiheng.reading.sheet_marks import PERCENT_IDS, Marks, NumberFormat, Styles, column_letters, format_of

_MOST_ROWS = 1_100_000
_END_OF_CHAIN = 0xFFFFFFFA
_CELLS = {0x0201, 0x0203, 0x027E, 0x0204, 0x00FD, 0x0006, 0x0205, 0x00D6}


@dataclass(slots=True)
class SheetFacts:
    """The marks of one sheet, and the cells that have a comment."""

    marks: Marks = field(default_factory=Marks)
    comments: list[str] = field(default_factory=list)


@dataclass(slots=True)
class BookFacts:
    """Sheet name -> what it shows, and whether its days count from 1904."""

    sheets: dict[str, SheetFacts] = field(default_factory=dict)
    epoch1904: bool = False


# -- MS-XLS ------------------------------------------------------------------------------------------------------------


def marks_of_xls(path: Path) -> BookFacts:
    """The marks of an old workbook; none of any sheet where its records can't be followed."""
    try:
        return _xls(_stream(path.read_bytes()))
    except (struct.error, LookupError, ValueError):
        return BookFacts()


def _stream(content: bytes) -> bytes:
    """The stream of the workbook inside its compound file ([MS-CFB])."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    small = 1 << struct.unpack_from("<H", content, 32)[0]
    count, first_folder = struct.unpack_from("<II", content, 44)
    cutoff, first_small = struct.unpack_from("<II", content, 56)
    more = struct.unpack_from("<I", content, 68)[0]
    tables = [each for each in struct.unpack_from("<109I", content, 76) if each < _END_OF_CHAIN]
    seen = 0
    while more < _END_OF_CHAIN and seen < len(content) // size:
        *found, more = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
        tables += [each for each in found if each < _END_OF_CHAIN]
        seen += 1
    fat: list[int] = []
    for table in tables[: max(count, 1)]:
        fat += struct.unpack_from(f"<{size // 4}I", content, (table + 1) * size)

    def chained(first: int, table: list[int], read: bytes, unit: int, before: int) -> bytes:
        pieces: list[bytes] = []
        at = first
        while at < _END_OF_CHAIN and len(pieces) <= len(table):
            pieces.append(read[(at + before) * unit : (at + before + 1) * unit])
            at = table[at]
        return b"".join(pieces)

    folder = chained(first_folder, fat, content, size, 1)
    entries = [folder[at : at + 128] for at in range(0, len(folder), 128)]
    by_name = {
        entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le"): entry for entry in entries
    }
    entry = by_name.get("Workbook") or by_name["Book"]
    first, length = struct.unpack_from("<II", entry, 116)
    if length >= cutoff:
        return chained(first, fat, content, size, 1)[:length]
    minor = list(struct.iter_unpack("<I", chained(first_small, fat, content, size, 1)))
    inner = chained(struct.unpack_from("<I", entries[0], 116)[0], fat, content, size, 1)
    return chained(first, [each for (each,) in minor], inner, small, 0)[:length]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """(kind, place of its content, length) of the records from a place to the end of that part."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        at += 4
        if kind == 0x0809:
            depth += 1
        elif kind == 0x000A:
            depth -= 1
            if depth <= 0:
                return
        yield kind, at, length
        at += length


def _xls(stream: bytes) -> BookFacts:
    book, styles = BookFacts(), Styles()
    fonts: list[bool] = []
    cells: list[tuple[int, int]] = []
    codes: dict[int, str] = {}
    sheets: list[tuple[int, str]] = []
    wide = True
    for kind, at, _ in _records(stream, 0):
        if kind == 0x0809:
            wide = struct.unpack_from("<H", stream, at)[0] == 0x0600
        elif kind == 0x002F:
            return BookFacts()
        elif kind == 0x0022:
            book.epoch1904 = struct.unpack_from("<H", stream, at)[0] == 1
        elif kind == 0x0031:
            fonts.append(bool(struct.unpack_from("<H", stream, at + 2)[0] & 0x0008))
        elif kind == 0x00E0:
            cells.append(struct.unpack_from("<HH", stream, at))
        elif kind == 0x041E and wide:
            codes[struct.unpack_from("<H", stream, at)[0]] = _text(stream, at + 2, wide=True)
        elif kind == 0x0085:
            place = struct.unpack_from("<I", stream, at)[0]
            if stream[at + 5] == 0:
                name = _text(stream, at + 6, wide=wide, short=True) if wide else ""
                sheets.append((place, name))
    for number, (font, code) in enumerate(cells):
        # The fifth font of the file is number 5: there is none with the number 4.
        place = font if font < 4 else font - 1
        if place < len(fonts) and fonts[place]:
            styles.struck.add(number)
        shown = NumberFormat(percent=True) if code in PERCENT_IDS else format_of(codes[code]) if code in codes else None
        if shown is not None:
            styles.shown[number] = shown
    for place, name in sheets:
        book.sheets[name] = _xls_sheet(stream, place, styles)
    return book


def _text(stream: bytes, at: int, *, wide: bool, short: bool = False) -> str:
    count = stream[at] if short else struct.unpack_from("<H", stream, at)[0]
    at += 1 if short else 2
    if stream[at] & 1:
        return stream[at + 1 : at + 1 + 2 * count].decode("utf-16-le")
    return stream[at + 1 : at + 1 + count].decode("latin-1")


def _xls_sheet(stream: bytes, place: int, styles: Styles) -> SheetFacts:
    facts = SheetFacts()
    marks, styled = facts.marks, bool(styles.struck or styles.shown)
    for kind, at, length in _records(stream, place):
        if kind == 0x0208:
            row, _, _, height = struct.unpack_from("<HHHH", stream, at)
            if struct.unpack_from("<H", stream, at + 12)[0] & 0x0020 or height & 0x7FFF == 0:
                marks.hidden.add(row)
        elif kind == 0x007D:
            first, last, _, _, flags = struct.unpack_from("<5H", stream, at)
            if flags & 1 and len(marks.hidden_columns) < 1000:
                marks.hidden_columns.append((first, min(last, 255)))
        elif kind == 0x009B:
            marks.filtered = True
        elif kind == 0x001C:
            row, column = struct.unpack_from("<HH", stream, at)
            facts.comments.append(f"{column_letters(column)}{row + 1}")
        elif styled and kind in _CELLS:
            row, column, style = struct.unpack_from("<HHH", stream, at)
            marks.styled(row, column, style, styles)
        elif styled and kind == 0x00BD:
            row, first = struct.unpack_from("<HH", stream, at)
            for nth in range((length - 6) // 6):
                marks.styled(row, first + nth, struct.unpack_from("<H", stream, at + 4 + 6 * nth)[0], styles)
    return facts


# -- OpenDocument ------------------------------------------------------------------------------------------------------

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_T, _O, _S, _X = (_NS % each for each in ("table", "office", "style", "text"))


def marks_of_ods(path: Path) -> BookFacts:
    """The marks of an OpenDocument workbook, whose parts declare no entity; none where its part can't be understood."""
    book = BookFacts()
    struck: set[str] = set()
    try:
        with zipfile.ZipFile(path) as archive:
            for part in ("styles.xml", "content.xml"):
                if part in archive.namelist():
                    with archive.open(part) as stream:
                        _ods(stream, book, struck)
    except (ElementTree.ParseError, zipfile.BadZipFile, KeyError, ValueError, OSError):
        return BookFacts()
    return book


def _many(element: ElementTree.Element, name: str) -> int:
    said = element.get(f"{_T}{name}", "1")
    return int(said) if said.isdigit() and len(said) < 8 else 1


def _ods(stream: IO[bytes], book: BookFacts, struck: set[str]) -> None:
    facts, row, column, groups = SheetFacts(), 0, 0, 0
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314
        tag = element.tag
        if event == "start":
            if tag == f"{_T}table":
                facts, row, column = SheetFacts(), 0, 0
                book.sheets[element.get(f"{_T}name", "")] = facts
            elif tag == f"{_T}table-row-group" and element.get(f"{_T}display") == "false":
                groups += 1
            continue
        if tag == f"{_T}table-row-group" and element.get(f"{_T}display") == "false":
            groups -= 1
        elif tag == f"{_S}style":
            for text in element.iter(f"{_S}text-properties"):
                lined = text.get(f"{_S}text-line-through-style") or text.get(f"{_S}text-line-through-type") or "none"
                if lined != "none":
                    struck.add(element.get(f"{_S}name", ""))
        elif tag == f"{_O}null-date" or tag == f"{_T}null-date":
            book.epoch1904 = element.get(f"{_T}date-value", "").startswith("1904")
        elif tag == f"{_T}table-column":
            many = _many(element, "number-columns-repeated")
            if element.get(f"{_T}visibility", "visible") != "visible":
                facts.marks.hidden_columns.append((column, column + many - 1))
            column += many
        elif tag == f"{_T}table-row":
            many = _many(element, "number-rows-repeated")
            shown = element.get(f"{_T}visibility", "visible")
            if shown != "visible" or groups:
                facts.marks.hidden |= set(range(row, min(row + many, _MOST_ROWS)))
                facts.marks.filtered = facts.marks.filtered or shown == "filter"
            if row < _MOST_ROWS:
                _ods_cells(element, row, many, facts, struck)
            row += many
            element.clear()


def _ods_cells(line: ElementTree.Element, row: int, many: int, facts: SheetFacts, struck: set[str]) -> None:
    column = 0
    for cell in line:
        if not cell.tag.startswith(f"{_T}") or not cell.tag.endswith("table-cell"):
            continue
        wide = _many(cell, "number-columns-repeated")
        rows = range(row, min(row + many, row + 1000))
        kind, texts = cell.get(f"{_O}value-type", ""), list(cell.iter(f"{_X}p"))
        if texts or kind or cell.get(f"{_T}formula"):
            spans = {span.get(f"{_X}style-name", "") for span in cell.iter(f"{_X}span")}
            for at in rows:
                for place in range(column, min(column + wide, column + 1000)):
                    if cell.get(f"{_T}style-name", "") in struck or not struck.isdisjoint(spans):
                        facts.marks.struck.setdefault(at, set()).add(place)
                    if kind == "percentage":
                        facts.marks.shown[at, place] = NumberFormat(percent=True)
                    if cell.get(f"{_T}formula") and not kind:
                        facts.marks.note_uncomputed(at, place)
        if cell.find(f"{_O}annotation") is not None:
            facts.comments.append(f"{column_letters(column)}{row + 1}")
        column += wide
