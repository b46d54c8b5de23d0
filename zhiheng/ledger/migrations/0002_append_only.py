"""Append-only by trigger, on both databases, and the two clustered tables.

A table that tells what was said may only grow. Whoever opens the database file by hand is stopped by the trigger, and whoever
drops the trigger first is found by ``zhiheng ledger verify``.
"""

from typing import Any, ClassVar

from django.db import migrations

FROZEN = (
    "definition",
    "delivery",
    "fact",
    "factparty",
    "refusedrow",
    "identityact",
    "subject",
    "aliaskey",
    "auditline",
)
ALIAS_FIXED = ("id", "key", "kind", "name", "code", "code_kind", "address", "place")
LIKELY_FIXED = ("id", "alias_id", "other_id", "score", "reasons")
WHY = "append-only: write a correction or a withdrawal instead"


def clustered(schema: Any) -> None:
    """SQLite: the two widest indexes are the tables themselves (WITHOUT ROWID)."""
    schema.execute("DROP TABLE ledger_factparty")
    schema.execute(
        "CREATE TABLE ledger_factparty (alias_id bigint NOT NULL, fact_id bigint NOT NULL, role varchar(20) NOT NULL, "
        "PRIMARY KEY (alias_id, fact_id, role)) WITHOUT ROWID"
    )
    schema.execute("DROP TABLE ledger_aliaskey")
    schema.execute(
        "CREATE TABLE ledger_aliaskey (key bigint NOT NULL, alias_id bigint NOT NULL, "
        "PRIMARY KEY (key, alias_id)) WITHOUT ROWID"
    )


def protect_sqlite(schema: Any) -> None:
    """Triggers that refuse every change but those that an action may make."""
    for table in FROZEN:
        for verb in ("UPDATE", "DELETE"):
            schema.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON ledger_{table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is {WHY}'); END"
            )
    for table, fixed in (("alias", ALIAS_FIXED), ("likelymatch", LIKELY_FIXED)):
        schema.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {', '.join(fixed)} ON ledger_{table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is {WHY}'); END"
        )
        schema.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON ledger_{table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is {WHY}'); END"
        )
    schema.execute(
        "CREATE TRIGGER likelymatch_once BEFORE UPDATE ON ledger_likelymatch WHEN OLD.decision <> '' "
        f"BEGIN SELECT RAISE(ABORT, 'likelymatch is {WHY}'); END"
    )


def protect_postgresql(schema: Any) -> None:
    """The same, with one function; TRUNCATE is refused too."""
    schema.execute(
        "CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '% is {WHY}', TG_TABLE_NAME; END $$",
        # None, not (): the percent sign is PL/pgSQL's own, no parameter is to be put in its place.
        params=None,
    )
    for table in FROZEN:
        schema.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON ledger_{table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
        )
    for table, fixed in (("alias", ALIAS_FIXED), ("likelymatch", LIKELY_FIXED)):
        columns = ", ".join(f'"{name}"' for name in fixed)
        schema.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {columns} OR DELETE ON ledger_{table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
        )
    schema.execute(
        "CREATE TRIGGER likelymatch_once BEFORE UPDATE ON ledger_likelymatch FOR EACH ROW WHEN (OLD.decision <> '') "
        "EXECUTE FUNCTION ledger_refuse_change()"
    )
    for table in (*FROZEN, "alias", "likelymatch"):
        schema.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON ledger_{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
        )


def protect(apps: Any, schema_editor: Any) -> None:
    """Run what the database at hand needs."""
    if schema_editor.connection.vendor == "sqlite":
        clustered(schema_editor)
        protect_sqlite(schema_editor)
    else:
        protect_postgresql(schema_editor)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(protect, migrations.RunPython.noop)]
