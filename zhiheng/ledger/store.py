"""Bulk reading and writing of the ledger's tables on SQLite and PostgreSQL.

The object layer is for single rows; a delivery has up to millions. Everything here runs inside the caller's transaction, and
the caller holds the writing lock (``lock``), so ids are consecutive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from django.db import connection

FACT_COLUMNS = (
    "id", "delivery_id", "row_number", "record", "unit", "kind", "concerns", "key", "thing", "leaf", "occurred_on",
    "valid_until", "outcome", "area", "flags", "body", "row",
)  # fmt: skip
LINK_COLUMNS = ("alias_id", "fact_id", "role")
ALIAS_COLUMNS = ("id", "key", "subject_id", "kind", "name", "code", "code_kind", "address", "place")

# Any number will do, as long as every process of this system asks for the same lock.
_LOCK = 0x5A48


def lock() -> None:
    """Become the only writer until the transaction ends (SQLite's immediate transactions are so already)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def next_id(table: str) -> int:
    """The first free id of a table with assigned ids."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) + 1 FROM ledger_{table}")
        return int(cursor.fetchone()[0])


def insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows; COPY on PostgreSQL, executemany on SQLite."""
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY ledger_{table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    connection.ensure_connection()
    # The driver's own cursor: Django's rewrites parameters row by row, which here costs more than SQLite itself.
    marks = ", ".join("?" * len(columns))
    connection.connection.executemany(f"INSERT INTO ledger_{table} ({names}) VALUES ({marks})", rows)


def matching(select: str, column: str, keys: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Rows of ``select`` (a query without WHERE) whose column is one of the keys."""
    if not keys:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{select} WHERE {column} = ANY(%s)", [list(keys)])
        else:
            # CROSS JOIN keeps SQLite from scanning the table: the list is read first, then the index is sought.
            head, table = select.rsplit(" FROM ", 1)
            cursor.execute(
                f"{head} FROM json_each(%s) AS wanted CROSS JOIN {table} ON {column} = wanted.value",
                [orjson.dumps(list(keys)).decode()],
            )
        while rows := cursor.fetchmany(10_000):
            yield from rows


def stream(sql: str, params: Sequence[Any] = (), *, size: int = 20_000) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a long query in batches, without holding them all."""
    if connection.vendor == "postgresql":
        with connection.chunked_cursor() as cursor:
            cursor.itersize = size
            cursor.execute(sql, params)
            while rows := cursor.fetchmany(size):
                yield rows
        return
    connection.ensure_connection()
    # The driver's own rows: no conversion of dates, so a stored text can be compared with what was hashed.
    cursor = connection.connection.execute(sql.replace("%s", "?"), tuple(params))
    while rows := cursor.fetchmany(size):
        yield rows
