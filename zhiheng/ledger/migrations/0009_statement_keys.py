"""Statement keys get a table of their own, in their own order, so that a delivery touches each of its pages once.

The index of the facts' column is gone with it: on a ledger of many millions of facts every new key went to another page of it.
"""

from typing import Any, ClassVar

from django.db import migrations, models

from zhiheng.ledger.models import AssignedId

WHY = "append-only: write a correction or a withdrawal instead"
KEY = "陈述键 statement key"


def protect(apps: Any, schema_editor: Any) -> None:
    """The new table may only grow, as its neighbours (migration 0002)."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER factkey_no_{verb.lower()} BEFORE {verb} ON ledger_factkey "
                f"BEGIN SELECT RAISE(ABORT, 'factkey is {WHY}'); END"
            )
        return
    schema_editor.execute(
        "CREATE TRIGGER factkey_frozen BEFORE UPDATE OR DELETE ON ledger_factkey "
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
    )
    schema_editor.execute(
        "CREATE TRIGGER factkey_no_truncate BEFORE TRUNCATE ON ledger_factkey "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
    )


def without_index(apps: Any, schema_editor: Any) -> None:
    """Drop the index of ``fact.key``."""
    _indexed(apps, schema_editor, before=True, after=False)


def with_index(apps: Any, schema_editor: Any) -> None:
    """Take that back."""
    _indexed(apps, schema_editor, before=False, after=True)


def _indexed(apps: Any, schema_editor: Any, *, before: bool, after: bool) -> None:
    """SQLite writes the table anew for it, and with the old one its triggers would go."""
    fact = apps.get_model("ledger", "Fact")
    triggers = []
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_fact'")
            triggers = [sql for (sql,) in cursor.fetchall()]
    old, new = (models.BigIntegerField(KEY, unique=unique) for unique in (before, after))
    for field in (old, new):
        field.set_attributes_from_name("key")
        field.model = fact
    schema_editor.alter_field(fact, old, new)
    for sql in triggers:
        schema_editor.execute(sql)


class Migration(migrations.Migration):
    """Every fact keeps its key in its row, which verification reads; whether something was said before is asked of the new table."""

    dependencies: ClassVar = [("ledger", "0008_names_read_anew")]

    operations: ClassVar = [
        migrations.CreateModel(
            "FactKey",
            fields=[("key", AssignedId(KEY, primary_key=True, serialize=False)), ("fact_id", models.BigIntegerField())],
        ),
        migrations.RunSQL(
            "INSERT INTO ledger_factkey (key, fact_id) SELECT key, id FROM ledger_fact ORDER BY key",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(without_index, with_index)],
            state_operations=[migrations.AlterField("fact", "key", models.BigIntegerField(KEY))],
        ),
    ]
