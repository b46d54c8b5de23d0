"""Everything that the read models of cards hold, so that two ways to the same end can be compared."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from tests.places import Ledger
from zhiheng.actions.projections.refresh_projections import Refreshed, refresh
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM

ZONE = dt.timezone(dt.timedelta(hours=8))


def at(day: str) -> dt.datetime:
    """Noon of a day at the office."""
    return dt.datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZONE)


def refreshed(ledger: Ledger, day: str = "2026-07-01", **words: Any) -> Refreshed:
    """Refresh the cards of the small place on a day."""
    return refresh(Call(SYSTEM, ledger.book, at(day)), **words)


def picture() -> dict[str, list[Any]]:
    """Cards without their watermarks, entries, and every word of the full-text index at its place."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM projections_card ORDER BY subject")
        names = [column[0] for column in cursor.description]
        found["cards"] = [
            {name: value for name, value in zip(names, row, strict=True) if name != "watermark"}
            for row in cursor.fetchall()
        ]
        cursor.execute("SELECT subject, kind, text, shown, starts FROM projections_searchentry")
        found["entries"] = sorted(map(tuple, cursor.fetchall()))
        if connection.vendor == "postgresql":
            cursor.execute("SELECT subject, words::text FROM projections_words ORDER BY subject")
        else:
            cursor.execute("CREATE VIRTUAL TABLE temp.told USING fts5vocab('main', 'projections_words', 'instance')")
            cursor.execute("SELECT doc, term, offset FROM temp.told ORDER BY doc, offset, term")
        found["words"] = cursor.fetchall()
        if connection.vendor == "sqlite":
            cursor.execute("DROP TABLE temp.told")
    return found
