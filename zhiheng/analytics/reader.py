"""What runs statements over the views of a lake: DuckDB in this process, or Spark (``analytics/spark.py``).

The same expressions are compiled for either; what stands here is all that the two are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import duckdb
import ibis
import pyarrow as pa
import sqlglot

# As Ibis calls them, and as sqlglot calls their SQL.
Engine = Literal["duckdb", "pyspark"]
_DIALECTS: dict[Engine, str] = {"duckdb": "duckdb", "pyspark": "spark"}

# DuckDB puts one SELECT inside another together by itself; that it is done here as well takes a third of the time.
ibis.options.sql.fuse_selects = False


class LakeAnswer(NamedTuple):
    """Rows with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class LakeReader(Protocol):
    """A session over the views of a lake; names that it is given are its own. ``engine``: what runs it."""

    engine: ClassVar[Engine]

    def show(self, name: str, table: pa.Table) -> None:
        """Show a table under a name."""

    def view(self, name: str, sql: str) -> None:
        """Show what a statement gives under a name."""

    def keep(self, name: str, sql: str) -> None:
        """Show what a statement gives under a name, computed once."""

    def answer(self, sql: str) -> LakeAnswer:
        """Every row of a statement."""

    def arrow(self, sql: str) -> pa.Table:
        """Every row of a statement, as columns."""

    def close(self) -> None:
        """Forget the session."""


class DuckReader:
    """DuckDB in this process, on a connection of ``Lake.open``."""

    engine: ClassVar[Engine] = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def show(self, name: str, table: pa.Table) -> None:
        """See ``LakeReader``."""
        self.connection.register(name, table)

    def view(self, name: str, sql: str) -> None:
        """See ``LakeReader``."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name_of(name)} AS {sql}")

    def keep(self, name: str, sql: str) -> None:
        """See ``LakeReader``."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name_of(name)} AS {sql}")

    def answer(self, sql: str) -> LakeAnswer:
        """See ``LakeReader``."""
        found = self.connection.execute(sql)
        return LakeAnswer(tuple(column[0] for column in found.description), found.fetchall())

    def arrow(self, sql: str) -> pa.Table:
        """See ``LakeReader``."""
        return self.connection.sql(sql).to_arrow_table()

    def close(self) -> None:
        """See ``LakeReader``."""
        self.connection.close()


def sql_of(table: ibis.Table, engine: Engine = "duckdb") -> str:
    """An expression as the SQL of an engine."""
    return str(ibis.to_sql(table, dialect=engine, pretty=False))


@cache
def ibis_type(type_: str) -> str:
    """A type of a column of the lake, as Ibis calls it."""
    if type_.endswith("[]"):
        return f"array<{ibis_type(type_[:-2])}>"
    return {"VARCHAR": "string", "BIGINT": "int64", "BOOLEAN": "boolean"}.get(type_, type_.lower())


def name_of(name: str, engine: Engine = "duckdb") -> str:
    """A name as the SQL of an engine writes it."""
    return sqlglot.to_identifier(name, quoted=True).sql(_DIALECTS[engine])


def text_of(text: str, engine: Engine = "duckdb") -> str:
    """A text as the SQL of an engine writes it."""
    if engine == "duckdb":
        # Asked for every area of every statement: sqlglot would take longer than the statements.
        return "'" + text.replace("'", "''") + "'"
    return sqlglot.exp.Literal.string(text).sql(_DIALECTS[engine])


def typed(sql: str, columns: Sequence[tuple[str, str]], engine: Engine = "duckdb") -> str:
    """A statement with its columns in an order and in types (``int64``, ``string``, ``date``)."""
    types = {"int64": "BIGINT", "string": "VARCHAR" if engine == "duckdb" else "STRING", "date": "DATE"}
    said = ", ".join(f"CAST({name_of(n, engine)} AS {types[kind]}) AS {name_of(n, engine)}" for n, kind in columns)
    return f"SELECT {said} FROM ({sql})"
