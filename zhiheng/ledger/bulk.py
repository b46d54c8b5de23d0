"""Bulk writing of the ledger's tables, by their short names (``fact``, ``alias``); how it is done is in
``zhiheng.database``.

Everything here runs inside the caller's transaction, and the caller holds the writing lock (``lock``), so ids are
consecutive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhiheng.database import bulk_insert, dialect, ids, statistics
from zhiheng.database.locks import Lock, hold
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

Ids = NDArray[np.int64]


def lock() -> None:
    """Become the only writer until the transaction ends."""
    hold(Lock.LEDGER)


def note_statistics(facts: int) -> None:
    """Let PostgreSQL look at the ledger's tables after so many new facts, where these are a good part of all."""
    others = (f"ledger_{table}" for table in ("factkey", "factparty", "alias", "subject"))
    statistics.analyze_after(facts, "ledger_fact", others)


def next_id(table: str) -> int:
    """The first free id of a table with assigned ids; the caller holds the writing lock."""
    return ids.next_id(f"ledger_{table}")


def insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows of plain values."""
    bulk_insert.insert_rows(f"ledger_{table}", columns, rows)


def append_facts(rows: Iterable[Sequence[Any]]) -> None:
    """Append facts that were made one by one (``FACT_COLUMNS``), and the keys under which they are found."""
    facts = list(rows)
    insert("fact", FACT_COLUMNS, facts)
    at = FACT_COLUMNS.index("key")
    insert_keys(np.array([fact[at] for fact in facts], np.int64), np.array([fact[0] for fact in facts], np.int64))


def insert_facts(
    chunk: Prepared, first: int, keys: Sequence[int], leaves: Sequence[bytes], *, delivery: int, record: str, unit: str
) -> None:
    """Append the statements of a prepared chunk, numbered from ``first``; binary COPY on PostgreSQL, executemany on
    SQLite.

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
    if dialect.is_postgresql():
        bulk_insert.copy_columns(
            "ledger_fact",
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
    same |= {
        name: column.values[0]
        for name, column in few.items()
        if len(column.values) == 1 and bulk_insert.has_literal(column.values[0])
    }
    varying: dict[str, Iterable[Any]] = {
        "id": range(first, first + count),
        "row_number": chunk.row_numbers.tolist(),
        "key": keys,
        "leaf": leaves,
        **{name: column.rows() for name, column in few.items() if name not in same},
        "body": chunk.bodies.cast(pa.large_binary()).to_pylist(),
        "row": chunk.rows.cast(pa.large_binary()).to_pylist(),
    }
    bulk_insert.insert_columns("ledger_fact", same, varying, utf8=("body", "row"))


def insert_keys(keys: Ids, facts: Ids) -> None:
    """Note which fact each statement key belongs to, in the order of their table. A key that is taken is the database's
    error.
    """
    order = np.argsort(keys)
    bulk_insert.insert_numbers("ledger_factkey", {"key": keys[order], "fact_id": facts[order]})


def insert_alias_keys(keys: Sequence[int], aliases: Sequence[int]) -> None:
    """Let aliases be found by keys (each pair once), in the order of their table."""
    of_key, of_alias = np.array(keys, np.int64), np.array(aliases, np.int64)
    order = np.lexsort((of_alias, of_key))
    bulk_insert.insert_numbers("ledger_aliaskey", {"key": of_key[order], "alias_id": of_alias[order]})


def insert_links(alias: Ids, fact: Ids, role: NDArray[np.int8], roles: Sequence[str]) -> None:
    """Append links in the order of their table; ``role`` numbers ``roles``."""
    words = pa.array(roles, pa.large_string())
    for start in range(0, len(alias), bulk_insert.ROWS_AT_ONCE):
        some = slice(start, start + bulk_insert.ROWS_AT_ONCE)
        if dialect.is_postgresql():
            told = {"alias_id": alias[some], "fact_id": fact[some], "role": words.take(pa.array(role[some]))}
            bulk_insert.copy_columns("ledger_factparty", told, len(told["alias_id"]))
        else:
            said = list(map(roles.__getitem__, role[some].tolist()))
            bulk_insert.insert_short(
                "ledger_factparty", LINK_COLUMNS, (alias[some].tolist(), fact[some].tolist(), said)
            )
