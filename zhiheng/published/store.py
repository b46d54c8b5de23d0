"""Bulk writing of the published tables: a list may have millions of entries, and the object layer is for single rows.

Everything here runs inside the caller's transaction, and the caller holds the writing lock, so assigned ids are
consecutive.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import connection, models

from zhiheng.database import bulk_insert, dialect, ids, statistics

# What goes into a row as it is.
_PLAIN = frozenset({int, str, bool, type(None)})


def next_id(model: type[models.Model]) -> int:
    """The first free id of a table with assigned ids; the caller holds the writing lock."""
    return ids.next_id(model._meta.db_table)


def append(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Append rows whose values are numbers, texts (as such, or all of a column as UTF-8), days, moments or nothing."""
    if not rows:
        return
    table = model._meta.db_table
    if dialect.is_postgresql():
        texts = ([value.decode() if value.__class__ is bytes else value for value in row] for row in rows)
        bulk_insert.insert_rows(table, columns, texts)
        return
    same: dict[str, Any] = {}
    varying: dict[str, Sequence[Any]] = {}
    utf8 = set()
    for name, column in zip(columns, zip(*rows, strict=True), strict=True):
        first, few = column[0], len(rows) > 1 and column.count(column[0]) == len(rows)
        if first.__class__ is bytes:
            utf8.add(name)
            varying[name] = column
        elif few and bulk_insert.has_literal(first):
            same[name] = _kept(first)
        else:
            # Days as SQLite keeps them: half of the time would go into rewriting values one by one.
            varying[name] = (
                column if first.__class__ in _PLAIN and set(map(type, column)) <= _PLAIN else _all_kept(column)
            )
    bulk_insert.insert_columns(table, same, varying or {columns[0]: [same.pop(columns[0])] * len(rows)}, utf8)


def add_missing(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows of plain values, passing over those that are there already."""
    if rows:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows
            )


def set_one(model: type[models.Model], column: str, values: Mapping[int, int]) -> None:
    """Set one column of many rows: id -> value."""
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(
                f'UPDATE {model._meta.db_table} SET "{column}" = %s WHERE id = %s',
                [(value, number) for number, value in values.items()],
            )


def note_statistics() -> None:
    """Let PostgreSQL look at what it holds now: after very many rows at once it would take the wrong index until it
    finds out by itself.
    """
    statistics.analyze(model._meta.db_table for model in apps.get_app_config("published").get_models())


def _all_kept(column: Sequence[Any]) -> list[Any]:
    """A column as SQLite keeps it; each distinct day or moment is written once."""
    kept = {value: _kept(value) for value in dict.fromkeys(column)}
    return list(map(kept.__getitem__, column))


def _kept(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.isoformat() if isinstance(value, dt.date) else value
