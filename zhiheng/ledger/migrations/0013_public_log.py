"""The log that outsiders check: its entries, the heads that were signed, and what witnesses signed under them."""

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

import zhiheng.database.ids

TABLES = ("logleaf", "logcheckpoint", "logcosignature")
WHY = "append-only: the log may only grow"


def protect(apps: Any, schema_editor: Any) -> None:
    """The new tables may only grow, as their neighbours (migration 0002)."""
    for table in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON ledger_{table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is {WHY}'); END"
                )
            continue
        schema_editor.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON ledger_{table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON ledger_{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
        )


class Migration(migrations.Migration):
    """Tables only: what stands in the ledger before becomes entries when the log first grows."""

    dependencies: ClassVar = [("ledger", "0012_area_codes")]

    operations: ClassVar = [
        migrations.CreateModel(
            "LogLeaf",
            fields=[
                ("id", zhiheng.database.ids.AssignedId(primary_key=True, serialize=False)),
                ("kind", models.CharField("种类 kind of row", max_length=16)),
                ("row", models.BigIntegerField("行 number of the row")),
                ("name", models.CharField("名称 name of the row, where it has one", max_length=64, blank=True)),
                ("nonce", models.BinaryField("随机数 random number", max_length=16)),
                ("digest", models.BinaryField("摘要 digest", max_length=32)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["kind", "row", "name"], name="log_row_once")],
            },
        ),
        migrations.CreateModel(
            "LogCheckpoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField("条数 entries", unique=True)),
                ("root", models.CharField("默克尔根 Merkle root", max_length=64)),
                ("signed_at", models.DateTimeField("签署时间 signed at")),
                ("note", models.TextField("检查点 signed note")),
                ("peaks", models.TextField("子树顶 tops of complete subtrees, from which the next root follows")),
            ],
        ),
        migrations.CreateModel(
            "LogCosignature",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("witness", models.CharField("见证方 witness", max_length=120)),
                ("at", models.DateTimeField("见证时间 said by the witness")),
                ("line", models.TextField("签名行 line of the note")),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="ledger.logcheckpoint",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["checkpoint", "witness"], name="log_witness_once")
                ],
            },
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
