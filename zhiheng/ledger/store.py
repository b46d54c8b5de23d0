"""Bulk reading and writing of the ledger's tables on SQLite and PostgreSQL.

The object layer is for single rows; a delivery has up to millions. Everything here runs inside the caller's transaction, and
the caller holds the writing lock (``lock``), so ids are consecutive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection

FACT_COLUMNS = (
    "id", "delivery_id", "row_number", "record", "unit", "kind", "concerns", "key", "thing", "leaf", "occurred_on",
    "valid_until", "outcome", "area", "flags", "body", "row",
)  # fmt: skip
LINK_COLUMNS = ("alias_id", "fact_id", "role")
ALIAS_COLUMNS = ("id", "key", "subject_id", "kind", "name", "code", "code_kind", "address", "place", "part", "spelling")

# Any number will do, as long as every process of this system asks for the same lock.
_LOCK = 0x5A48
_WORTH_A_LOOK = 1_000


def lock() -> None:
    """Become the only writer until the transaction ends (SQLite's immediate transactions are so already)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def note_statistics(facts: int) -> None:
    """Let PostgreSQL look at its tables after so many new facts, where these are a good part of all.

    It looks by itself some minutes later; until then it would plan for what was there before, and a page could take as long.
    """
    if connection.vendor == "postgresql" and facts >= _WORTH_A_LOOK:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'ledger_fact'::regclass")
            if facts * 5 > cursor.fetchone()[0]:
                for table in ("fact", "factparty", "alias", "subject"):
                    cursor.execute(f"ANALYZE (SKIP_LOCKED) ledger_{table}")


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


def insert_columns(table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Append rows that are given as columns of equal length.

    On SQLite a value that every row has is written into the statement once: handing it over costs as much as storing it.
    """
    if connection.vendor == "postgresql":
        insert(table, list(columns), zip(*columns.values(), strict=True))
        return
    same = {name: column[0] for name, column in columns.items() if _is_one_value(column)}
    varying = {name: column for name, column in columns.items() if name not in same}
    connection.ensure_connection()
    driver = connection.connection
    # SQLite itself writes the values as literals of its language.
    written = [driver.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in same.values()]
    names = ", ".join(f'"{name}"' for name in (*same, *varying))
    values = ", ".join((*written, *("?" * len(varying))))
    driver.executemany(f"INSERT INTO ledger_{table} ({names}) VALUES ({values})", zip(*varying.values(), strict=True))


def _is_one_value(column: Sequence[Any]) -> bool:
    """Whether all rows have one value, and there are several; a text with a NUL has no literal in SQLite."""
    first = column[0] if column else None
    return len(column) > 1 and column.count(first) == len(column) and not (isinstance(first, str) and "\0" in first)


def matching(select: str, column: str, keys: Sequence[int], *, at_most: int | None = None) -> Iterator[tuple[Any, ...]]:
    """Rows of ``select`` (a query without WHERE, of one table with an alias) whose column is one of the keys.

    Keys that more than ``at_most`` rows have are left out, and no more of their rows are read than it takes to know.
    """
    if not keys:
        return
    head, table = select.rsplit(" FROM ", 1)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql, wanted = f"{select} WHERE {column} = ANY(%s)", list(keys)
            if at_most is not None:
                sql = (
                    f"{head} FROM unnest(%s::bigint[]) AS wanted(value) CROSS JOIN LATERAL (SELECT *, COUNT(*) OVER () AS many "
                    f"FROM (SELECT * FROM {table} WHERE {column} = wanted.value LIMIT {at_most + 1}) few) "
                    f"{column.split('.')[0]} WHERE many <= {at_most}"
                )
            cursor.execute(sql, [wanted])
        else:
            # CROSS JOIN keeps SQLite from scanning the table: the list is read first, then the index is sought.
            sql = f"{head} FROM json_each(%s) AS wanted CROSS JOIN {table} ON {column} = wanted.value"
            if at_most is not None:
                few = f"SELECT 1 FROM {table} WHERE {column} = wanted.value LIMIT {at_most + 1}"
                sql += f" WHERE (SELECT COUNT(*) FROM ({few})) <= {at_most}"
            cursor.execute(sql, [orjson.dumps(list(keys)).decode()])
        while rows := cursor.fetchmany(10_000):
            yield from rows


def withdrawn(facts: Sequence[int]) -> set[int]:
    """Those of the facts that no longer stand because they, or the correction that took their place, were withdrawn."""
    select = "SELECT f.concerns, f.id, f.kind FROM ledger_fact f"
    found: set[int] = set()
    # Correction -> the fact at the beginning of its chain.
    origin = {number: number for number in facts}
    while origin:
        later: dict[int, int] = {}
        for concerns, number, kind in matching(select, "f.concerns", sorted(origin)):
            if kind == "withdrawal":
                found.add(origin[concerns])
            else:
                later[number] = origin[concerns]
        origin = later
    return found


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
