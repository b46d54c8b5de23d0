"""Where SQLite and PostgreSQL say the same thing differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connections


def is_postgresql(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether the database of this name is PostgreSQL; otherwise it is SQLite."""
    return bool(connections[using].vendor == "postgresql")


@contextmanager
def driver() -> Iterator[Any]:
    """The driver's own connection to the ledger's database (``sqlite3.Connection`` or ``psycopg.Connection``), opened
    if need be; its errors inside are raised as Django's, which everybody above knows.

    For statements where Django's cursor would rewrite parameters or values one by one: on SQLite that costs more than
    the database.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    with connection.wrap_database_errors:
        yield connection.connection


def among(column: str) -> str:
    """The condition that a column has one of the keys of one parameter (``keys_parameter``)."""
    return f"{column} = ANY(%s)" if is_postgresql() else f"{column} IN (SELECT value FROM json_each(%s))"


def from_keys(table: str, column: str, then: str = "") -> str:
    """FROM and WHERE of the rows whose column is one of the keys of one parameter (``keys_parameter``); more may follow
    after AND.

    ``table``: a table with its alias; ``then``: a second one to be joined to it, with its alias and ON.
    """
    if is_postgresql():
        joined = f" JOIN {then}" if then else ""
        return f"{table}{joined} WHERE {column} = ANY(%s)"
    # CROSS JOIN keeps SQLite to this order: the list, the rows of each key by the index, what is joined to them.
    # Without it, it may
    # scan the whole table.
    joined = f" CROSS JOIN {then}" if then else ""
    return f"json_each(%s) AS wanted CROSS JOIN {table}{joined} WHERE {column} = wanted.value"


def keys_parameter(keys: Sequence[int]) -> list[int] | str:
    """Whole numbers as one parameter: an array for PostgreSQL, a JSON list for SQLite."""
    return list(keys) if is_postgresql() else orjson.dumps(list(keys)).decode()


def holds(column: str) -> str:
    """The condition that a text has the parameter in it; with LIKE the underscore of a name would stand for any
    character.
    """
    return f"strpos({column}, %s) > 0" if is_postgresql() else f"instr({column}, %s) > 0"


def without_index(column: str) -> str:
    """A column that SQLite's planner takes no index of; PostgreSQL, which keeps statistics of values, is left free."""
    return column if is_postgresql() else f"+{column}"


def line_feed() -> str:
    """A line feed as an expression."""
    return "chr(10)" if is_postgresql() else "char(10)"


def json_object(columns: Mapping[str, str]) -> str:
    """A JSON object as text, of names and the expressions of their values."""
    pairs = ", ".join(f"'{name}', {value}" for name, value in columns.items())
    return f"json_build_object({pairs})::text" if is_postgresql() else f"json_object({pairs})"
