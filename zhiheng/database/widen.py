"""A migration that lets a column of texts hold longer ones, without writing the table anew."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TRIGGERS = (
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal "
    "ORDER BY tgname"
)


class WidenText(migrations.AlterField):
    """A CharField gets a larger ``max_length``.

    PostgreSQL changes the column's type in its catalogue; it does so only while no trigger names the column, so the
    table's triggers are taken off and put on again as they were, within the migration's one transaction. SQLite holds
    no text to a length, so there is nothing to do: Django's own way would copy the table row by row, and drop the
    triggers that keep the ledger append-only.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Widen the column where the database knows lengths."""
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            return
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        quote = schema_editor.quote_name
        with connection.cursor() as cursor:
            cursor.execute(_TRIGGERS, [quote(table)])
            triggers = cursor.fetchall()
        for name, _ in triggers:
            schema_editor.execute(f"DROP TRIGGER {quote(name)} ON {quote(table)}", None)
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        for _, definition in triggers:
            schema_editor.execute(definition, None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Narrow it again; PostgreSQL refuses that where a longer text stands by now."""
        self.database_forwards(app_label, schema_editor, from_state, to_state)
