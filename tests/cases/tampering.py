"""What somebody with the rights of the database's owner does first: the triggers of a table go."""

from __future__ import annotations

from django.conf import settings
from django.db import connections


def without_triggers(table: str) -> None:
    """Take the triggers off a table that stands beside the queue."""
    connection = connections[settings.PEOPLE_DATABASE]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # PostgreSQL touches no trigger of a table while checks of its rows are still waiting.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")
