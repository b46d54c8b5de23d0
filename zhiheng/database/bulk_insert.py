"""Appending many rows: the object layer is for single ones, and a delivery or a list may have millions.

Everything here runs inside the caller's transaction. Only the rooms whose tables they are write with it
(``ledger.bulk``, ``published.store``, ``projections.store``); no door may import it.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from numpy.typing import NDArray

from zhiheng.database import dialect

# Several rows in a statement: to begin and end one costs more than a row of two or three numbers.
_ROWS_A_STATEMENT = 50
ROWS_AT_ONCE = 10_000
_NULL = struct.pack(">i", -1)
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows of plain values; COPY on PostgreSQL, executemany on SQLite."""
    if dialect.is_postgresql():
        with _copying(f"COPY {table} ({_names(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    with dialect.driver() as driver:
        driver.executemany(f"INSERT INTO {table} ({_names(columns)}) VALUES ({marks})", rows)


@contextmanager
def _copying(statement: str) -> Iterator[Any]:
    """A COPY of PostgreSQL. Its errors are raised as Django's: the cursor's own wrapper does not know it."""
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def has_literal(value: Any) -> bool:
    """Whether SQLite can write the value as a literal of its language; a text with a NUL has none."""
    return "\0" not in str(value)


def insert_columns(
    table: str, same: Mapping[str, Any], varying: Mapping[str, Iterable[Any]], utf8: Collection[str] = ()
) -> None:
    """Append rows on SQLite, given by columns: the values that every row has (``has_literal``), and those that differ.

    A value that every row has is written into the statement once: handing it over costs as much as storing it. Columns
    of ``utf8`` are texts handed over as bytes, which spares making a text of each and taking it apart again.
    """
    with dialect.driver() as driver:
        # SQLite itself writes the literals.
        written = [driver.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in same.values()]
        marks = ("CAST(? AS TEXT)" if name in utf8 else "?" for name in varying)
        driver.executemany(
            f"INSERT INTO {table} ({_names((*same, *varying))}) VALUES ({', '.join((*written, *marks))})",
            zip(*varying.values(), strict=True),
        )


def insert_numbers(table: str, columns: Mapping[str, NDArray[np.int64]]) -> None:
    """Append rows of whole numbers, given by columns; binary COPY on PostgreSQL, many rows in a statement on SQLite."""
    count = len(next(iter(columns.values())))
    for start in range(0, count, ROWS_AT_ONCE):
        some = {name: column[start : start + ROWS_AT_ONCE] for name, column in columns.items()}
        if dialect.is_postgresql():
            copy_columns(table, some, min(ROWS_AT_ONCE, count - start))
        else:
            insert_short(table, list(some), [column.tolist() for column in some.values()])


def insert_short(table: str, names: Sequence[str], columns: Sequence[list[Any]]) -> None:
    """Append short rows on SQLite, given by columns, many in a statement."""
    count, width = len(columns[0]), len(columns)
    flat: list[Any] = [None] * (width * count)
    for at, column in enumerate(columns):
        flat[at::width] = column
    head, one = f"INSERT INTO {table} ({', '.join(names)}) VALUES ", f"({', '.join('?' * width)})"
    many = width * _ROWS_A_STATEMENT
    whole = len(flat) // many * many
    with dialect.driver() as driver:
        driver.executemany(
            head + ", ".join([one] * _ROWS_A_STATEMENT), (flat[at : at + many] for at in range(0, whole, many))
        )
        driver.executemany(head + one, (flat[at : at + width] for at in range(whole, len(flat), width)))


def copy_columns(table: str, columns: Mapping[str, Any], count: int) -> None:
    """COPY in PostgreSQL's binary format: NumPy's numbers, Arrow arrays, one text or number for all, or None.

    Of each value its length in bytes and its bytes in network order, -1 where there is none; before each row how many
    values it has.
    """
    binary = pa.large_binary()
    parts: list[Any] = [pa.scalar(struct.pack(">h", len(columns)), binary)]
    for column in columns.values():
        if column is None:
            parts.append(pa.scalar(_NULL, binary))
        elif isinstance(column, str):
            said = column.encode()
            parts.append(pa.scalar(struct.pack(">i", len(said)) + said, binary))
        elif isinstance(column, int):
            parts.append(pa.scalar(struct.pack(">iq", 8, column), binary))
        else:
            parts += _binary(column)
    rows = pc.binary_join_element_wise(*parts, pa.scalar(b"", binary))
    _, ends, data = rows.buffers()
    begin, end = np.frombuffer(ends, np.int64)[[rows.offset, rows.offset + len(rows)]] if count else (0, 0)
    with _copying(f"COPY {table} ({_names(columns)}) FROM STDIN WITH (FORMAT BINARY)") as copy:
        copy.write(_SIGNATURE)
        copy.write(memoryview(data)[begin:end] if count else b"")
        copy.write(struct.pack(">h", -1))


def _binary(column: Any) -> tuple[Any, Any]:
    """The lengths and the bytes of a column's values."""
    array = pa.array(column) if isinstance(column, np.ndarray) else column
    if pa.types.is_date32(array.type):
        # Days since 2000.
        days = (pc.fill_null(array.cast(pa.int32()), 0).to_numpy(zero_copy_only=False) - 10_957).astype(">i4")
        said = pa.Array.from_buffers(pa.binary(4), len(array), [None, pa.py_buffer(days)]).cast(pa.large_binary())
        sizes = np.full(len(array), 4, ">i4")
    elif pa.types.is_integer(array.type):
        numbers = pc.fill_null(array.cast(pa.int64()), 0).to_numpy(zero_copy_only=False).astype(">i8")
        said = pa.Array.from_buffers(pa.binary(8), len(array), [None, pa.py_buffer(numbers)]).cast(pa.large_binary())
        sizes = np.full(len(array), 8, ">i4")
    else:
        said = pc.fill_null(array.cast(pa.large_binary()), b"")
        sizes = pc.binary_length(said).to_numpy(zero_copy_only=False).astype(">i4")
    lengths = pa.Array.from_buffers(pa.binary(4), len(array), [None, pa.py_buffer(sizes)]).cast(pa.large_binary())
    if array.null_count:
        none = array.is_null()
        lengths = pc.if_else(none, pa.scalar(_NULL, pa.large_binary()), lengths)
        said = pc.if_else(none, pa.scalar(b"", pa.large_binary()), said)
    return lengths, said
