"""What was published is never edited and never deleted: triggers hold it on both databases.

An entry may only change its state and gain a successor; a tombstone may learn what took the entry's place and since when bulk files
are without it; a form changes in nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

WHY = "published: it is never edited; take it down, or let a corrected entry take its place"
# Table -> the columns that may change.
OPEN = {
    "publishedentry": frozenset({"state", "state_at", "successor_id"}),
    "withdrawal": frozenset({"files_at", "successor"}),
    "form": frozenset(),
}


def fixed(apps: Any, table: str) -> list[str]:
    """The columns of a table that never change."""
    model = apps.get_model("published", table)
    return [field.column for field in model._meta.local_concrete_fields if field.column not in OPEN[table]]


def protect(apps: Any, schema_editor: Any) -> None:
    """Triggers in the words of the database at hand."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(
            "CREATE FUNCTION published_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '% is {WHY}', TG_TABLE_NAME; END $$",
            params=None,
        )
    for table in OPEN:
        columns = ", ".join(f'"{name}"' for name in fixed(apps, table))
        name = f"published_{table}"
        if postgresql:
            schema_editor.execute(
                f"CREATE TRIGGER {name}_fixed BEFORE UPDATE OF {columns} OR DELETE ON {name} "
                "FOR EACH ROW EXECUTE FUNCTION published_refuse_change()"
            )
            continue
        for verb in (f"UPDATE OF {columns}", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER {name}_no_{verb.split()[0].lower()} BEFORE {verb} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is {WHY}'); END"
            )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("published", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(protect, migrations.RunPython.noop)]
