"""Delimited text (CSV) in the encodings and with the delimiters that Chinese offices use.

A file is looked through once before anything is read from it: its encoding is proved over every byte, a character that
can't be, a NUL, an endless line or a last line that breaks off refuses the whole file, with line and byte.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections import Counter, deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from zhiheng.kernel.reasons import Flag, Refusal, Refused
from zhiheng.reading import refusals
from zhiheng.reading.encodings import elsewhere, in_ascii, is_garbled, western, without_mark
from zhiheng.reading.layouts import HEAD_ROWS, KnownHeadings, SheetLayout, find_layout, words_of
from zhiheng.reading.limits import Limits
from zhiheng.reading.rows import note_rows, squash
from zhiheng.reading.tables import Block, Table, Unreadable

_NEWLINE = 0x0A
DELIMITERS = (",", "\t", ";", "|")
_PIECE = 1 << 20
# Small blocks keep the row lists in the processor's cache while they are turned into columns; this nearly doubles the
# speed.
_BLOCK_ROWS = 500
_BLOCK_BYTES = 1 << 20
# After the last line the reader is fed this one; where a quote is still open it disappears into the open cell.
_END = "\ufdd0end\ufdd0"
# A quote that neither begins nor ends a cell, nor stands doubled: of a text escaped with backslashes, or of one not
# escaped at all.
_STRAY = re.compile(r'(?<=[^,\t;|\r\n"])"(?=[^,\t;|\r\n"])')


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What one look over all bytes of a text file tells."""

    encoding: str
    quotes: int
    lines: int
    whole_last_line: bool
    lone_returns: bool
    commands: bool
    stray_quotes: bool = False
    garbled: bool = False
    skip: int = 0
    western: bool = False


def open_text(
    path: Path, *, origin: str, known: KnownHeadings | None, limits: Limits, remarks: tuple[Flag, ...] = ()
) -> Table | Unreadable:
    """The table in a text file, or why there is none."""
    try:
        facts = examine(path, limits)
        delimiter, layout = _find(path, facts, known, limits)
        if layout is None:
            return Unreadable(origin, "", refusals.no_table(""), harmless=False)
        layout = replace(layout, remarks=remarks, encoding=facts.encoding, delimiter=delimiter)
        if len(layout.columns) > limits.max_columns or layout.width > limits.max_columns:
            raise Refused(refusals.too_many_columns(layout.width, limits.max_columns))
        if facts.western:
            layout = replace(layout, remarks=(*layout.remarks, refusals.western()))
        if sign := _other_quotes(path, facts, delimiter):
            raise Refused(refusals.quote_sign(sign))
        if facts.quotes % 2 and not facts.stray_quotes and _open_quote(path, facts, delimiter, limits):
            raise _open_at_end(facts)
        if not facts.whole_last_line:
            _check_last_line(path, facts, layout)
    except Refused as refused:
        return Unreadable(origin, "", refused.refusals[0])
    except OSError as error:
        return Unreadable(origin, "", refusals.unreadable(origin, error.strerror or str(error)))

    def blocks(of: SheetLayout) -> Iterator[Block]:
        return _blocks(path, facts, of, limits)

    return Table(
        origin=origin,
        sheet="",
        layout=layout,
        blocks=blocks,
        lines=facts.lines,
        command_like=facts.commands,
        garbled=facts.garbled,
        heading_words=words_of(known),
        limits=limits,
    )


def examine(path: Path, limits: Limits) -> TextFacts:
    """Proves the encoding of a text file over all its bytes, or raises Refused, which names line and byte."""
    with path.open("rb") as file:
        head = file.read(_PIECE)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Refused(refusals.encoding_elsewhere("UTF-32"))
    if head.isascii() and (name := in_ascii(head)):
        raise Refused(refusals.encoding_elsewhere(name))
    marked = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else ""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        marked = "utf-16"
    elif not marked and b"\0" in head:
        marked = without_mark(head)
    if marked:
        try:
            return _decode_all(path, marked, limits)
        except _Undecodable as error:
            if marked != "utf-8-sig":
                raise _said(error) from None
            try:
                # Some programs put the mark of UTF-8 before a text in GB18030.
                return _decode_all(path, "gb18030", limits, skip=3)
            except _Undecodable:
                raise _said(error) from None
    try:
        return _decode_all(path, "utf-8", limits)
    except _Undecodable as not_utf8:
        if not_utf8.at_end:
            # All but the last character is UTF-8: the file was cut off in the middle of a character.
            raise _said(not_utf8) from None
        try:
            facts = _decode_all(path, "gb18030", limits)
        except _Undecodable as not_gb:
            if name := elsewhere(_high_lines(path)):
                raise Refused(refusals.encoding_elsewhere(name)) from None
            if western(_high_lines(path)):
                with contextlib.suppress(_Undecodable):
                    return replace(_decode_all(path, "cp1252", limits), western=True)
            # The encoding that reads furthest is the one that was meant.
            raise _said(max(not_utf8, not_gb, key=lambda error: error.offset)) from None
        return _settled(path, facts, limits)


def _settled(path: Path, facts: TextFacts, limits: Limits) -> TextFacts:
    """The encoding of a text that is valid GB18030: that, or the letters of Western Europe; a question where it can't
    be told.
    """
    lines = _high_lines(path)
    if name := elsewhere(lines):
        raise Refused(refusals.encoding_elsewhere(name))
    found = western(lines)
    if found is None:
        line = next((line for line in lines.splitlines() if not line.isascii()), b"")
        raise Refused(refusals.encoding_doubtful(line.decode("gb18030", "replace"), line.decode("cp1252", "replace")))
    return replace(_decode_all(path, "cp1252", limits), western=True) if found else facts


def _high_lines(path: Path) -> bytes:
    """The first lines of a text that hold more than ASCII, some megabytes at most."""
    lines, size = [], 0
    with path.open("rb") as file:
        for line in islice(file, 2_000_000):
            if not line.isascii():
                lines.append(line)
                size += len(line)
                if size > 4 * _PIECE:
                    break
    return b"".join(lines)


class _Undecodable(Refused):
    def __init__(self, line: int, offset: int, byte: int, at_end: bool) -> None:
        super().__init__(refusals.encoding(line, offset, byte))
        self.line, self.offset, self.byte, self.at_end = line, offset, byte, at_end


def _said(error: _Undecodable) -> Refused:
    if error.at_end:
        return Refused(refusals.truncated(error.line, "末尾的字只有一半", "ends in half a character"))
    return Refused(*error.refusals)


class _Look(NamedTuple):
    quotes: int
    lines: int
    lone_returns: int
    after_newline: int
    nul: int
    lines_before_nul: int


def _look(piece: bytes | str) -> _Look:
    """Counts what matters in a piece; ``after_newline`` and ``nul`` are -1 where there is no line end, no NUL."""
    if isinstance(piece, bytes):
        # Most files have no such sign at all, and to look for one costs less than to count or to look from the end.
        returns = piece.count(b"\r") if b"\r" in piece else 0
        nul, end = piece.find(b"\0"), max(piece.rfind(b"\n"), piece.rfind(b"\r") if returns else -1)
        quotes = piece.count(b'"') if b'"' in piece else 0
        lines = int(np.count_nonzero(np.frombuffer(piece, np.uint8) == _NEWLINE))
        before = piece.count(b"\n", 0, nul) if nul >= 0 else 0
        # A line end cut in two by the end of the piece counts as a lone return: that costs speed, not correctness.
        lone = returns - piece.count(b"\r\n") if returns else 0
    else:
        nul, end = piece.find("\0"), max(piece.rfind("\n"), piece.rfind("\r"))
        quotes, lines = piece.count('"'), piece.count("\n")
        before = piece.count("\n", 0, nul) if nul >= 0 else 0
        lone = piece.count("\r") - piece.count("\r\n")
    return _Look(quotes, lines, lone, len(piece) - 1 - end if end >= 0 else -1, nul, before)


def _decode_all(path: Path, encoding: str, limits: Limits, *, skip: int = 0) -> TextFacts:
    """``skip``: bytes of a mark that belongs to another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    wide = encoding.startswith("utf-16")
    offset = quotes = lines = returns = since_newline = 0
    commands = whole = stray = spoilt = False
    seen_wide_character = False
    last = ""
    with path.open("rb") as file:
        file.seek(skip)
        while True:
            piece = file.read(_PIECE)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                at = max(0, offset - pending + error.start)
                line = lines + 1 + error.object[: error.start].count(b"\n")
                # Only a file that showed many-byte characters before can be said to end in half of one.
                at_end = not piece and (seen_wide_character or wide)
                raise _Undecodable(line, at, error.object[error.start], at_end) from None
            if not piece:
                break
            seen = _look(text) if wide else _look(piece)
            if seen.nul >= 0:
                raise Refused(refusals.nul(lines + 1 + seen.lines_before_nul, offset + seen.nul * (2 if wide else 1)))
            seen_wide_character = seen_wide_character or not piece.isascii()
            quotes += seen.quotes
            lines += seen.lines
            returns += seen.lone_returns
            since_newline = seen.after_newline if seen.after_newline >= 0 else since_newline + len(piece)
            if since_newline > limits.max_line_bytes:
                raise Refused(refusals.line_too_long(lines + 1, limits.max_line_bytes))
            # A formula that starts a program needs both marks; they seldom meet in honest data, so most files skip the
            # look at each cell.
            commands = commands or (b"|" in piece and b"!" in piece)
            stray = stray or (seen.quotes > 0 and _STRAY.search(text) is not None)
            spoilt = spoilt or (not text.isascii() and is_garbled(text))
            offset += len(piece)
            last = text[-1:] or last
    whole = last in "\r\n"
    return TextFacts(encoding, quotes, lines + (not whole), whole, returns > 0, commands, stray, spoilt, skip)


def _open(path: Path, encoding: str, skip: int = 0) -> io.TextIOWrapper:
    file = path.open("rb")
    file.seek(skip)
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def _reader(lines: Iterator[str], delimiter: str, limits: Limits) -> Iterator[list[str]]:
    # The limit belongs to the whole process in this library, so it is set again before each reading.
    csv.field_size_limit(limits.max_cell_chars)
    return csv.reader(lines, delimiter=delimiter)


def _head(path: Path, facts: TextFacts, delimiter: str, limits: Limits) -> list[list[str]]:
    rows: list[list[str]] = []
    with _open(path, facts.encoding, facts.skip) as file:
        reader = _reader(file, delimiter, limits)
        try:
            for row in reader:
                rows.append(row)
                if len(row) > limits.max_columns * 4 or len(rows) == HEAD_ROWS:
                    break
        except csv.Error:
            # A cell is too long with this delimiter; the rows so far still tell whether it is the right one.
            return rows
    return rows


def _find(path: Path, facts: TextFacts, known: KnownHeadings | None, limits: Limits) -> tuple[str, SheetLayout | None]:
    """The delimiter under which the first rows make the best table, and the layout."""
    best: tuple[tuple[float, float, int], str, list[list[str]]] | None = None
    directive = ""
    with _open(path, facts.encoding, facts.skip) as file:
        first = file.readline(256).strip()
        if first[:4] == "sep=" and len(first) == 5:
            directive = first[4]
    for delimiter in (directive,) if directive else DELIMITERS:
        rows = _head(path, facts, delimiter, limits)
        widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        share = times / widths.total() if width > 1 else 0.0
        book = 0.0
        if known is not None:
            book = max(
                (known(said) * len(said) for row in rows if (said := [squash(c) for c in row if c.strip()])),
                default=0.0,
            )
        rank = (round(book, 6), round(share, 1), width)
        if best is None or rank > best[0]:
            best = (rank, delimiter, rows)
    if best is None:
        return ",", None
    _, delimiter, rows = best
    widest = max(len(row) for row in rows)
    if widest > limits.max_columns:
        raise Refused(refusals.too_many_columns(widest, limits.max_columns))
    layout = find_layout(rows, known=known)
    if layout is None:
        return delimiter, None
    # A stray cell in one of the first rows must not widen the table: its width is that of the headings.
    width = max(max(len(rows[number - 1]) for number in layout.header_rows), layout.columns[-1] + 1)
    return delimiter, replace(
        layout,
        width=width,
        raw_headers=tuple(header[:width] for header in layout.raw_headers),
    )


# Signs that stand around every cell in some exports, instead of the quotes that a text with commas in it needs.
_OTHER_QUOTES = ("''", "``", "‘’", "“”", "＂＂", "’’", "””", "´´")


def _other_quotes(path: Path, facts: TextFacts, delimiter: str) -> str:
    """The sign in which half of the first lines put each of their cells, where it is no quote; '' where there is none.

    Headings alone may stand in such signs, as they stand in brackets: the reading of headings knows them.
    """
    with _open(path, facts.encoding, facts.skip) as file:
        lines = [line.strip() for line in islice(file, HEAD_ROWS) if line.strip()]
    for first, last in map(tuple, _OTHER_QUOTES):
        between = f"{last}{delimiter}{first}"
        inside = [line for line in lines if line.startswith(first) and line.endswith(last) and between in line]
        if any(line is not lines[0] for line in inside) and 2 * len(inside) >= len(lines):
            return first if first == last else first + last
    return ""


def _open_quote(path: Path, facts: TextFacts, delimiter: str, limits: Limits) -> bool:
    """Whether the file ends inside a quoted cell. Asked only where its quotes are odd in number."""
    last: deque[list[str]] = deque(maxlen=1)
    with _open(path, facts.encoding, facts.skip) as file:
        try:
            last.extend(_reader(chain(file, (_END,)), delimiter, limits))
        except csv.Error:
            # A cell longer than a cell can be: the open quote has swallowed the rest.
            return True
    return last[-1] != [_END]


def _check_last_line(path: Path, facts: TextFacts, layout: SheetLayout) -> None:
    """Refuses a file that breaks off in the middle of its last row."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _PIECE))
        tail = file.read()
    order = "utf-16-be" if facts.encoding == "utf-16" and _big_endian(path) else "utf-16-le"
    encoding = order if facts.encoding == "utf-16" else facts.encoding
    # The first of these bytes may be the second half of a character; that spoils one character far before the last
    # line.
    _, newline, line = tail.decode(encoding, "replace").replace("\r", "\n").rpartition("\n")
    if '"' in line or not line.strip() or (not newline and len(tail) < size):
        return
    _refuse_short(line.split(layout.delimiter), facts, layout)


def _refuse_short(row: list[str], facts: TextFacts, layout: SheetLayout) -> None:
    if len(row) < layout.width and note_rows([row + [""] * (layout.width - len(row))]):
        raise Refused(
            refusals.truncated(
                facts.lines,
                f"只有 {len(row)} 列，应有 {layout.width} 列，而且没有换行结束",
                f"has {len(row)} of {layout.width} cells and no line end",
            )
        )


def _big_endian(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == codecs.BOM_UTF16_BE


def _blocks(path: Path, facts: TextFacts, layout: SheetLayout, limits: Limits) -> Iterator[Block]:
    # The limit belongs to the whole process in this library, so it is set again before each reading.
    csv.field_size_limit(limits.max_cell_chars)
    if facts.lone_returns or (facts.quotes > facts.lines and not facts.stray_quotes):
        blocks = _by_reader(path, facts, layout, limits)
    else:
        blocks = _by_splitting(path, facts, layout, limits)
    last: Block | None = None
    for block in blocks:
        yield block
        last = block
    if last is not None and not facts.whole_last_line:
        _refuse_short(last.as_rows()[-1], facts, layout)


def _open_at_end(facts: TextFacts) -> Refused:
    return Refused(
        refusals.truncated(
            facts.lines, "或之前有一个引号没有闭合", "or one before it opens a quote that is never closed"
        )
    )


def _by_reader(path: Path, facts: TextFacts, layout: SheetLayout, limits: Limits) -> Iterator[Block]:
    """The rows as the csv library reads them: for files in which most cells are quoted."""
    with _open(path, facts.encoding, facts.skip) as file:
        lines: Iterator[str] = chain(file, (_END,)) if facts.quotes else iter(file)
        reader = csv.reader(lines, delimiter=layout.delimiter)
        first, at_line, ended = 1, 0, not facts.quotes
        while True:
            try:
                rows = list(islice(reader, _BLOCK_ROWS))
            except csv.Error:
                raise Refused(refusals.cell_too_long(reader.line_num, limits.max_cell_chars)) from None
            if not rows:
                break
            doubtful: list[int] = []
            if facts.quotes and reader.line_num - at_line != len(rows):
                doubtful = [offset for offset, row in enumerate(rows) if "\n" in "".join(row)]
            at_line = reader.line_num
            if facts.quotes and rows[-1] == [_END]:
                ended = True
                rows.pop()
            if rows:
                yield Block(first, rows, doubtful, size=sum(sum(map(len, row)) for row in rows))
            first += len(rows)
        if not ended:
            raise _open_at_end(facts)


def _by_splitting(path: Path, facts: TextFacts, layout: SheetLayout, limits: Limits) -> Iterator[Block]:
    """The same rows, twice as fast: lines without quotes are split as they are, only the others go through the library.

    Quoted rows leave a line of empty cells behind while the block is split, and are put into the columns afterwards.
    """
    delimiter, width = layout.delimiter, layout.width
    blank = delimiter * (width - 1)
    first, carry, ended = 1, b"", False
    with contextlib.closing(_as_utf8(path, facts)) as pieces:
        while not ended:
            piece = next(pieces, b"")
            ended = not piece
            data = carry + piece
            cut = len(data) if ended else data.rfind(b"\n") + 1
            data, carry = data[:cut], data[cut:]
            if not data:
                continue
            if b'"' not in data and width > 1 and (read := _by_arrow(data, delimiter, width, limits)) is not None:
                yield Block(first, None, columns=read, size=len(data))
                first += len(read[0])
                continue
            text = data.decode()
            lines = text.split("\n")
            if not lines[-1]:
                lines.pop()
            quoted: dict[int, list[str]] = {}
            doubtful: list[int] = []
            refused: dict[int, Refusal] = {}
            if '"' in text:
                lines, quoted, doubtful, rest = _take_quoted(lines, delimiter, blank, first, limits, refused)
                if rest and ended:
                    raise _open_at_end(facts)
                if len(rest) > limits.max_row_chars:
                    raise Refused(refusals.row_too_long(first + len(lines), limits.max_row_chars))
                carry = rest.encode() + carry
                text = "\n".join(lines)
            if "\r" in text:
                lines = [line.removesuffix("\r") for line in lines]
            if not lines:
                continue
            if max(map(len, lines)) > limits.max_cell_chars:
                _check_cells(lines, delimiter, first, limits)
            if (
                width > 1
                and set(map(str.count, lines, repeat(delimiter))) == {width - 1}
                and not any(len(row) != width for row in quoted.values())
            ):
                flat = delimiter.join(lines).split(delimiter)
                columns = [flat[column::width] for column in range(width)]
                for offset, row in quoted.items():
                    for column, cell in zip(columns, row, strict=True):
                        column[offset] = cell
                yield Block(first, None, doubtful, refused=refused, columns=columns, size=len(data))
            else:
                rows = [
                    quoted.get(offset) or (line.split(delimiter) if line else []) for offset, line in enumerate(lines)
                ]
                yield Block(first, rows, doubtful, refused=refused, size=len(data))
            first += len(lines)


def _as_utf8(path: Path, facts: TextFacts) -> Generator[bytes, None, None]:
    """The bytes of a text whose encoding is proved, in UTF-8 and without a mark, some at a time; none is empty."""
    if facts.encoding in ("utf-8", "utf-8-sig"):
        with path.open("rb") as file:
            file.seek(len(codecs.BOM_UTF8) if facts.encoding == "utf-8-sig" else facts.skip)
            while data := file.read(_BLOCK_BYTES):
                yield data
        return
    with _open(path, facts.encoding, facts.skip) as text:
        while piece := text.read(_BLOCK_BYTES // 2):
            yield piece.encode()


def _by_arrow(data: bytes, delimiter: str, width: int, limits: Limits) -> list[Any] | None:
    """The columns of lines without quotes (in UTF-8), by Arrow's reader; None where a line is empty, too short, too
    long, or has a long cell.
    """
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE)
    lines = len(ends) + (not data.endswith(b"\n"))
    longest = int(np.diff(ends, prepend=-1, append=len(data)).max())
    if longest > limits.max_cell_chars:
        return None
    names = [str(column) for column in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, quote_char=False, newlines_in_values=False, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != lines:
        return None
    return [column.combine_chunks() if column.num_chunks != 1 else column.chunk(0) for column in table.columns]


def _take_quoted(
    lines: list[str], delimiter: str, blank: str, first: int, limits: Limits, refused: dict[int, Refusal]
) -> tuple[list[str], dict[int, list[str]], list[int], str]:
    """Reads the rows that hold quotes, and leaves ``blank`` where they stood.

    Returns the lines, the quoted rows by their place, the places of those over several lines, and the text of a row
    that these lines do not end."""
    kept: list[str] = []
    quoted: dict[int, list[str]] = {}
    doubtful: list[int] = []
    at, count = 0, len(lines)
    for index in [index for index, line in enumerate(lines) if '"' in line]:
        if index < at:
            continue
        kept += lines[at:index]
        end = index + 1
        if _STRAY.search(lines[index]) is not None:
            row = _with_stray_quotes(lines[index], delimiter, blank)
            if row is None:
                refused[len(kept)] = refusals.row_quotes(lines[index][:200])
                row = lines[index].split(delimiter)
            quoted[len(kept)] = row
            kept.append(blank)
            at = end
            continue
        # Read on from this line until the row is whole, each line once: a cell may have thousands of them.
        rest = chain((lines[line] + "\n" for line in range(index, count)), (_END,))
        reader = csv.reader(rest, delimiter=delimiter)
        try:
            row = next(reader)
        except csv.Error:
            raise Refused(refusals.cell_too_long(first + len(kept), limits.max_cell_chars)) from None
        end = index + reader.line_num
        if end > count:
            return kept, quoted, doubtful, "".join(line + "\n" for line in lines[index:])
        quoted[len(kept)] = row
        if end > index + 1:
            doubtful.append(len(kept))
        kept.append(blank)
        at = end
    kept += lines[at:]
    return kept, quoted, doubtful, ""


def _with_stray_quotes(line: str, delimiter: str, blank: str) -> list[str] | None:
    """A line with quotes inside its cells, read as its writer meant it where only one way gives a whole row; None
    else.
    """
    ways: list[dict[str, Any]] = [{"strict": True}]
    if '\\"' in line and _STRAY.search(line.replace('\\"', "")) is None:
        ways.append({"escapechar": "\\", "doublequote": False})
    for words in ways:
        try:
            (row,) = csv.reader([line], delimiter=delimiter, **words)
        except (csv.Error, ValueError):
            continue
        if len(row) == len(blank) + 1:
            return row
    return None


def _check_cells(lines: list[str], delimiter: str, first: int, limits: Limits) -> None:
    for offset, line in enumerate(lines):
        if len(line) > limits.max_cell_chars and max(map(len, line.split(delimiter))) > limits.max_cell_chars:
            raise Refused(refusals.cell_too_long(first + offset, limits.max_cell_chars))
