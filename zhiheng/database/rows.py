"""Reading many rows: by a list of keys, in batches, or as one block of text. Everything here runs in the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from zhiheng.database import dialect

_ROWS_AT_ONCE = 10_000


def matching(select: str, column: str, keys: Sequence[int], *, at_most: int | None = None) -> Iterator[tuple[Any, ...]]:
    """Rows of ``select`` (a query without WHERE, of one table with an alias) whose column is one of the keys.

    Keys that more than ``at_most`` rows have are left out, and no more of their rows are read than it takes to know.
    """
    if not keys:
        return
    head, table = select.rsplit(" FROM ", 1)
    sql = f"{head} FROM {dialect.from_keys(table, column)}"
    if at_most is not None:
        if dialect.is_postgresql():
            sql = (
                f"{head} FROM unnest(%s::bigint[]) AS wanted(value) CROSS JOIN LATERAL (SELECT *, COUNT(*) OVER () AS "
                f"many FROM (SELECT * FROM {table} WHERE {column} = wanted.value LIMIT {at_most + 1}) few) "
                f"{column.split('.')[0]} WHERE many <= {at_most}"
            )
        else:
            few = f"SELECT 1 FROM {table} WHERE {column} = wanted.value LIMIT {at_most + 1}"
            sql += f" AND (SELECT COUNT(*) FROM ({few})) <= {at_most}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [dialect.keys_parameter(keys)])
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows


def number_of_each(select: str, column: str, keys: Sequence[int]) -> dict[int, int]:
    """``matching`` of a query with two columns of numbers: the first -> the second."""
    found: dict[int, int] = dict(matching(select, column, keys))
    return found


def stream(sql: str, params: Sequence[Any] = (), *, size: int = 20_000) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a long query in batches, without holding them all."""
    if dialect.is_postgresql():
        with connection.chunked_cursor() as cursor:
            cursor.itersize = size  # type: ignore[attr-defined]  # only psycopg's named cursors have it
            cursor.execute(sql, params)
            while rows := cursor.fetchmany(size):
                yield rows
        return
    # The driver's own rows: no conversion of dates, so a stored text can be compared with what was hashed.
    with dialect.driver() as driver:
        cursor = driver.execute(sql.replace("%s", "?"), tuple(params))
        while rows := cursor.fetchmany(size):
            yield rows


def lines(line: str, table: str, where: str, params: Sequence[Any]) -> bytes:
    """A line (an SQL expression) of each row as UTF-8, each with its line feed; without rows nothing.

    On SQLite the line may have parameters too, written ``?``, before those of ``where`` (written ``%s``).
    """
    if dialect.is_postgresql():
        sql = f"SELECT convert_to(string_agg({line}, E'\\n'), 'UTF8') FROM {table} WHERE {where}"
        from psycopg import Cursor

        # Binary, since a bytea in text form is twice as long; Django's own cursor knows text only.
        with dialect.driver() as driver, Cursor(driver) as cursor:
            (found,) = cursor.execute(sql, params, binary=True).fetchone() or (None,)
    else:
        sql = f"SELECT CAST(group_concat({line}, char(10)) AS BLOB) FROM {table} WHERE {where.replace('%s', '?')}"
        # The driver's own cursor: Django's would take the percent signs of printf for parameters.
        with dialect.driver() as driver:
            found = driver.execute(sql, params).fetchone()[0]
    return bytes(found) + b"\n" if found else b""
