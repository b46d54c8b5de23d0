"""SQLite databases: every table that a user made, read so that nothing in the file is changed or run."""

from __future__ import annotations

import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from zhiheng.kernel.reasons import Flag, Refusal, Refused
from zhiheng.reading import refusals
from zhiheng.reading.layouts import SheetLayout
from zhiheng.reading.limits import MIB, Limits
from zhiheng.reading.sheet_output import number_text
from zhiheng.reading.tables import Block, Table, Unreadable

_BLOCK_ROWS = 500


def open_database(
    path: Path, *, origin: str, limits: Limits, remarks: tuple[Flag, ...] = ()
) -> Iterator[Table | Unreadable]:
    """Each table of a database, its column names as headings, rows numbered from 1 as they are stored."""
    try:
        _check_whole(path)
        with closing(_connect(path, limits)) as database:
            names = [
                name
                for name, sql in database.execute(
                    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE "
                    "'\\' "
                    "ORDER BY name"
                )
                if "virtual" not in (sql or "").lower().split()[:2]
            ]
            if len(names) > limits.max_sheets:
                raise Refused(refusals.too_many_sheets(len(names), limits.max_sheets))
            found = []
            for name in names:
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({_quoted(name)})")]
                if len(columns) > limits.max_columns:
                    raise Refused(refusals.too_many_columns(len(columns), limits.max_columns))
                count = database.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]
                found.append((name, columns, count))
    except Refused as refused:
        yield Unreadable(origin, "", refused.refusals[0])
        return
    except (sqlite3.Error, UnicodeDecodeError) as error:
        yield Unreadable(origin, "", refusals.database_damaged(str(error)))
        return
    if not found:
        yield Unreadable(origin, "", refusals.no_table(""))
    for name, columns, count in found:
        if not columns or not count:
            yield Unreadable(origin, name, refusals.no_table(name), harmless=True)
            continue
        layout = SheetLayout(
            header_rows=(),
            headings=tuple(columns),
            first_row=1,
            remarks=remarks,
            sheet=name,
            columns=tuple(range(len(columns))),
            units=("",) * len(columns),
            width=len(columns),
        )

        def blocks(of: SheetLayout, name: str = name) -> Iterator[Block]:
            return _blocks(path, name, of, limits)

        yield Table(
            origin=origin, sheet=name, layout=layout, blocks=blocks, row_count=count, remarks=False, limits=limits
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _check_whole(path: Path) -> None:
    """Refuses a database of which a part is missing, or lies in a journal beside it."""
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists() and beside.stat().st_size > 0:
            raise Refused(refusals.database_open())
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100:
        raise Refused(refusals.database_damaged("文件头不完整 / short header"))
    page = struct.unpack(">H", header[16:18])[0]
    page = 65_536 if page == 1 else page
    changed, pages = struct.unpack(">I", header[24:28])[0], struct.unpack(">I", header[28:32])[0]
    valid_for = struct.unpack(">I", header[92:96])[0]
    # The number of pages is to be trusted only where the change counter says that the same program wrote both.
    if pages and changed == valid_for and path.stat().st_size < pages * page:
        raise Refused(refusals.database_damaged("文件比其应有长度短 / shorter than it says"))


def _connect(path: Path, limits: Limits) -> sqlite3.Connection:
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    database = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.execute("PRAGMA query_only = ON")
    database.execute("PRAGMA mmap_size = 0")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MIB)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    stop_at = time.monotonic() + limits.seconds
    database.set_progress_handler(lambda: int(time.monotonic() > stop_at), 1_000_000)
    return database


def _blocks(path: Path, name: str, layout: SheetLayout, limits: Limits) -> Iterator[Block]:
    first = 1
    try:
        with closing(_connect(path, limits)) as database:
            # NOT INDEXED: rows come in the order in which they are stored, whatever indexes there are.
            columns = ", ".join(_quoted(column) for column in layout.headings)
            cursor = database.execute(f"SELECT {columns} FROM {_quoted(name)} NOT INDEXED")
            while rows := _some(cursor, limits):
                yield _block(first, rows, layout, limits)
                first += len(rows)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Refused(refusals.database_damaged(f"{name}: {error}")) from None


def _some(cursor: sqlite3.Cursor, limits: Limits) -> list[tuple[object, ...]]:
    """The next rows, fewer where they are long: each may be of a megabyte (``SQLITE_LIMIT_LENGTH``)."""
    rows: list[tuple[object, ...]] = []
    characters = 0
    while len(rows) < _BLOCK_ROWS and characters < limits.block_chars and (row := cursor.fetchone()) is not None:
        rows.append(row)
        characters += sum(len(value) for value in row if isinstance(value, str | bytes))
    return rows


def _block(first: int, rows: list[tuple[object, ...]], layout: SheetLayout, limits: Limits) -> Block:
    refused: dict[int, Refusal] = {}
    texts = []
    for offset, row in enumerate(rows):
        cells = []
        for column, value in enumerate(row):
            if isinstance(value, bytes):
                refused[offset] = refusals.row_binary(layout.headings[column])
                value = ""
            text = _text(value)
            if len(text) > limits.max_cell_chars:
                refused[offset] = refusals.cell_long(layout.headings[column], limits.max_cell_chars)
                text = ""
            cells.append(text)
        texts.append(cells)
    return Block(first, texts, refused=refused, size=sum(sum(map(len, cells)) for cells in texts))


def _text(value: object) -> str:
    if value is None:
        return ""
    return number_text(value) if isinstance(value, float) else str(value)
