"""A migration that lets a column of texts hold longer ones, without writing the table anew."""

from __future__ import annotations

from typing import Any

from django.db import migrations


class WidenText(migrations.AlterField):
    """A CharField gets a larger ``max_length``.

    PostgreSQL changes the column's type in its catalogue. SQLite holds no text to a length, so there is nothing to
    do: Django's own way would copy the table row by row, and drop the triggers that keep the ledger append-only.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Widen the column where the database knows lengths."""
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Narrow it again; PostgreSQL refuses that where a longer text stands by now."""
        self.database_forwards(app_label, schema_editor, from_state, to_state)
