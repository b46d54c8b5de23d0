"""Rows that are no data, kept beside the refused ones, and counted by their delivery."""

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

WHY = "append-only: write a correction or a withdrawal instead"


def protect(apps: Any, schema_editor: Any) -> None:
    """The new table may only grow, as its neighbours (migration 0002)."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER skippedrow_no_{verb.lower()} BEFORE {verb} ON ledger_skippedrow "
                f"BEGIN SELECT RAISE(ABORT, 'skippedrow is {WHY}'); END"
            )
        return
    schema_editor.execute(
        "CREATE TRIGGER skippedrow_frozen BEFORE UPDATE OR DELETE ON ledger_skippedrow "
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
    )
    schema_editor.execute(
        "CREATE TRIGGER skippedrow_no_truncate BEFORE TRUNCATE ON ledger_skippedrow "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
    )


class Migration(migrations.Migration):
    """Columns that may be empty: no row of the append-only table is written anew, on either database."""

    dependencies: ClassVar = [("ledger", "0006_identity_parts")]

    operations: ClassVar = [
        migrations.AddField(
            "delivery", "skipped_count", models.BigIntegerField("未作数据的行 rows that are no data", null=True)
        ),
        migrations.AddField(
            "delivery", "skipped_root",
            models.CharField("未作数据行默克尔根 Merkle root of the skipped rows", max_length=64, null=True),
        ),
        migrations.CreateModel(
            "SkippedRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row_number", models.BigIntegerField()),
                ("cells", models.TextField("原始单元格 cells as JSON")),
                ("reason", models.TextField("跳过原因 reason as JSON")),
                ("delivery", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="ledger.delivery")),
            ],
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
