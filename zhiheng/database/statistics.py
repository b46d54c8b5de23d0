"""Statistics that the planner chooses indexes by.

PostgreSQL analyzes its tables by itself, but some minutes after very many new rows; until then it plans for the old
contents, and a page could take as long. SQLite analyzes only on demand.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from zhiheng.database.dialect import is_postgresql

# Fewer new rows than these change no plan.
_WORTH_A_LOOK = 1_000


def analyze(tables: Iterable[str], *, skip_locked: bool = False, on_sqlite: bool = False) -> None:
    """Analyze tables. ``skip_locked``: PostgreSQL passes over those that are being changed or analyzed."""
    if not is_postgresql() and not on_sqlite:
        return
    with connection.cursor() as cursor:
        if not is_postgresql():
            # A sample is enough, and SQLite's writing lock is held for no longer than that takes.
            cursor.execute("PRAGMA analysis_limit = 1000")
        option = " (SKIP_LOCKED)" if skip_locked and is_postgresql() else ""
        for table in tables:
            cursor.execute(f"ANALYZE{option} {table}")


def analyze_after(rows: int, table: str, others: Iterable[str] = ()) -> None:
    """Let PostgreSQL look at a table, and at the others, where the rows just written to it are a good part of all."""
    if is_postgresql() and rows >= _WORTH_A_LOOK:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
            known = cursor.fetchone()[0]
        if rows * 5 > known:
            analyze((table, *others), skip_locked=True)


def put_in_pending(index: str) -> None:
    """Put into a GIN index of PostgreSQL what came last: it is kept beside the index until then, and read whole by
    every search.
    """
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
