"""Bulk reading and writing of the ledger's tables on SQLite and PostgreSQL.

The object layer is for single rows; a delivery has up to millions. Everything here runs inside the caller's transaction, and
the caller holds the writing lock (``lock``), so ids are consecutive.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from numpy.typing import NDArray

from zhiheng.engines.batch_preparation import Prepared
from zhiheng.engines.coded import Coded

FACT_COLUMNS = (
    "id",
    "delivery_id",
    "row_number",
    "record",
    "unit",
    "kind",
    "concerns",
    "key",
    "thing",
    "leaf",
    "occurred_on",
    "valid_until",
    "outcome",
    "area",
    "flags",
    "body",
    "row",
)
LINK_COLUMNS = ("alias_id", "fact_id", "role")
ALIAS_COLUMNS = ("id", "key", "subject_id", "kind", "name", "code", "code_kind", "address", "place", "part", "spelling")

# Any number will do, as long as every process of this system asks for the same lock.
_LOCK = 0x5A48
_WORTH_A_LOOK = 1_000
# Several rows in a statement: to begin and end one costs more than a row of two or three numbers.
_ROWS_A_STATEMENT = 50
_ROWS_AT_ONCE = 10_000
_NULL = struct.pack(">i", -1)
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
Ids = NDArray[np.int64]


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
                for table in ("fact", "factkey", "factparty", "alias", "subject"):
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


def append_facts(rows: Iterable[Sequence[Any]]) -> None:
    """Append facts that were made one by one (``FACT_COLUMNS``), and the keys under which they are found."""
    facts = list(rows)
    insert("fact", FACT_COLUMNS, facts)
    at = FACT_COLUMNS.index("key")
    insert_keys(np.array([fact[at] for fact in facts], np.int64), np.array([fact[0] for fact in facts], np.int64))


def insert_facts(
    chunk: Prepared, first: int, keys: Sequence[int], leaves: Sequence[bytes], *, delivery: int, record: str, unit: str
) -> None:
    """Append the statements of a prepared chunk, numbered from ``first``; binary COPY on PostgreSQL, executemany on SQLite.

    Their keys are the caller's to write (``insert_keys``), of many chunks together.
    """
    count = len(keys)
    same = {"delivery_id": delivery, "record": record, "unit": unit, "kind": "statement"}
    few: dict[str, Coded[Any]] = {
        "occurred_on": chunk.occurred_on,
        "valid_until": chunk.valid_until,
        "outcome": chunk.outcome,
        "area": chunk.area,
    }
    if connection.vendor == "postgresql":
        _copy(
            "fact",
            {
                "id": np.arange(first, first + count),
                "row_number": chunk.row_numbers,
                "key": np.array(keys, np.int64),
                "thing": None if chunk.things is None else pa.array(chunk.things, pa.int64()),
                "leaf": pa.array(leaves, pa.large_binary()),
                "body": chunk.bodies,
                "row": chunk.rows,
                "flags": "" if chunk.flags is None else chunk.flags.texts(""),
                "concerns": None,
                **{name: column.texts() for name, column in few.items() if name in ("outcome", "area")},
                **{
                    name: column.texts().cast(pa.date32())
                    for name, column in few.items()
                    if name in ("occurred_on", "valid_until")
                },
                **same,
            },
            count,
        )
        return
    few["flags"] = Coded([""], None, count) if chunk.flags is None else chunk.flags
    few["thing"] = Coded([None], None, count) if chunk.things is None else Coded(chunk.things, np.arange(count), count)
    connection.ensure_connection()
    driver = connection.connection
    # A value that every row has is written into the statement once: handing it over costs as much as storing it. SQLite itself
    # writes it as a literal of its language (a text with a NUL has none).
    same |= {
        name: column.values[0]
        for name, column in few.items()
        if len(column.values) == 1 and "\0" not in str(column.values[0])
    }
    written = [driver.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in same.values()]
    varying: dict[str, Iterable[Any]] = {
        "id": range(first, first + count),
        "row_number": chunk.row_numbers.tolist(),
        "key": keys,
        "leaf": leaves,
        **{name: column.rows() for name, column in few.items() if name not in same},
        # Handed over as the bytes they are, which spares making a text of each and taking it apart again.
        "body": chunk.bodies.cast(pa.large_binary()).to_pylist(),
        "row": chunk.rows.cast(pa.large_binary()).to_pylist(),
    }
    names = ", ".join(f'"{name}"' for name in (*same, *varying))
    marks = ("CAST(? AS TEXT)" if name in ("body", "row") else "?" for name in varying)
    driver.executemany(
        f"INSERT INTO ledger_fact ({names}) VALUES ({', '.join((*written, *marks))})",
        zip(*varying.values(), strict=True),
    )


def insert_keys(keys: Ids, facts: Ids) -> None:
    """Note which fact each statement key belongs to, in the order of their table. A key that is taken is the database's error."""
    order = np.argsort(keys)
    _insert_pairs("factkey", {"key": keys[order], "fact_id": facts[order]})


def insert_alias_keys(keys: Sequence[int], aliases: Sequence[int]) -> None:
    """Let aliases be found by keys (each pair once), in the order of their table."""
    of_key, of_alias = np.array(keys, np.int64), np.array(aliases, np.int64)
    order = np.lexsort((of_alias, of_key))
    _insert_pairs("aliaskey", {"key": of_key[order], "alias_id": of_alias[order]})


def _insert_pairs(table: str, columns: Mapping[str, Ids]) -> None:
    count = len(next(iter(columns.values())))
    for start in range(0, count, _ROWS_AT_ONCE):
        some = {name: column[start : start + _ROWS_AT_ONCE] for name, column in columns.items()}
        if connection.vendor == "postgresql":
            _copy(table, some, min(_ROWS_AT_ONCE, count - start))
        else:
            _insert_many(table, list(some), [column.tolist() for column in some.values()])


def insert_links(alias: Ids, fact: Ids, role: NDArray[np.int8], roles: Sequence[str]) -> None:
    """Append links in the order of their table; ``role`` numbers ``roles``."""
    words = pa.array(roles, pa.large_string())
    for start in range(0, len(alias), _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        if connection.vendor == "postgresql":
            told = {"alias_id": alias[some], "fact_id": fact[some], "role": words.take(pa.array(role[some]))}
            _copy("factparty", told, len(told["alias_id"]))
        else:
            said = list(map(roles.__getitem__, role[some].tolist()))
            _insert_many("factparty", LINK_COLUMNS, (alias[some].tolist(), fact[some].tolist(), said))


def _insert_many(table: str, names: Sequence[str], columns: Sequence[list[Any]]) -> None:
    """Append short rows on SQLite, many in a statement."""
    connection.ensure_connection()
    driver = connection.connection
    count, width = len(columns[0]), len(columns)
    flat: list[Any] = [None] * (width * count)
    for at, column in enumerate(columns):
        flat[at::width] = column
    head, one = f"INSERT INTO ledger_{table} ({', '.join(names)}) VALUES ", f"({', '.join('?' * width)})"
    many = width * _ROWS_A_STATEMENT
    whole = len(flat) // many * many
    driver.executemany(
        head + ", ".join([one] * _ROWS_A_STATEMENT), (flat[at : at + many] for at in range(0, whole, many))
    )
    driver.executemany(head + one, (flat[at : at + width] for at in range(whole, len(flat), width)))


def _copy(table: str, columns: Mapping[str, Any], count: int) -> None:
    """COPY in PostgreSQL's binary format: NumPy's numbers, Arrow arrays, one text or number for all, or None.

    Of each value its length in bytes and its bytes in network order, -1 where there is none; before each row how many values it has.
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
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ledger_{table} ({names}) FROM STDIN WITH (FORMAT BINARY)") as copy,
    ):
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
