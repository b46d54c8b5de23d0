"""The trail may only grow, by trigger on both databases; and the table in which attempts are counted for all processes.

As in the ledger: whoever opens the database by hand is stopped by the trigger.
"""

from typing import Any, ClassVar

from django.core.management import call_command
from django.db import migrations

WHY = "the trail is append-only: it outlives what it tells of"


def protect(apps: Any, schema_editor: Any) -> None:
    """Triggers that refuse every change of a line; on PostgreSQL TRUNCATE too."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER trailline_no_{verb.lower()} BEFORE {verb} ON people_trailline "
                f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION people_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$",
        params=None,
    )
    schema_editor.execute(
        "CREATE TRIGGER trailline_frozen BEFORE UPDATE OR DELETE ON people_trailline "
        "FOR EACH ROW EXECUTE FUNCTION people_refuse_change()"
    )
    schema_editor.execute(
        "CREATE TRIGGER trailline_no_truncate BEFORE TRUNCATE ON people_trailline "
        "FOR EACH STATEMENT EXECUTE FUNCTION people_refuse_change()"
    )


def count_attempts(apps: Any, schema_editor: Any) -> None:
    """The table of the cache that the settings name."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("people", "0002_accounts_and_access")]
    operations: ClassVar = [
        migrations.RunPython(protect, migrations.RunPython.noop),
        migrations.RunPython(count_attempts, migrations.RunPython.noop),
    ]
