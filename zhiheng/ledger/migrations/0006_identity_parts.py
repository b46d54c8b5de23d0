"""Aliases that stand for a part of what was said under a spelling, and why a pair waits.

A generic name without code or address is somebody else with every sender; and facts under one spelling can be parted by a person.
Both are aliases of their own, with the same spelling and a ``part`` that says which facts are theirs; a link of a fact may be moved
between aliases of one spelling, and nowhere else.
"""

import re
from typing import Any, ClassVar

from django.db import migrations, models

WHY = "append-only: write a correction or a withdrawal instead"
SPELLING = ("kind", "name", "code", "code_kind", "address", "place")
SAME = " AND ".join(f"a.{column} = b.{column}" for column in SPELLING)
MAY = (
    "OLD.alias_id <> NEW.alias_id AND OLD.fact_id = NEW.fact_id AND OLD.role = NEW.role AND EXISTS (SELECT 1 FROM ledger_alias a JOIN ledger_alias b "
    f"ON {SAME} WHERE a.id = OLD.alias_id AND b.id = NEW.alias_id)"
)
FIXED = (("alias", ("part", "spelling")), ("likelymatch", ("kind",)))

# The beginning of a stored reason -> its code.
KINDS = (
    ("名称一致但代码不同", "code.differs"), ("名称一致，但其中一个统一", "code.invalid"), ("代码相同，但一方是分支", "branch.code"),
    ("同一代码已有两份", "code.twice"), ("名称相同但过于普通", "name.vague"), ("名称相同，组织形式", "form.differs"),
    ("组织形式书写", "form.slip"), ("名称相同，行政区划一方", "place.within"), ("名称相同，行政区划有", "place.open"),
    ("名称相同，一方缺少", "place.missing"), ("行政区划书写", "place.slip"), ("名称与地址一致，行政", "place.differs"),
    ("括号内的说明", "note.differs"), ("字号相同，行业", "line.differs"), ("一方名称包含", "name.longer"), ("姓名与所在单位", "person.same"),
    ("名称与地址一致", "address.same"), ("名称（规范化后）", "name.same"), ("一字之差", "name.character"), ("一方少一个", "name.missing"),
    ("两字音同", "name.two"),
)
ENDS = (("音同字异", "name.sound"), ("字形相近", "name.sight"), ("字序颠倒", "name.order"))


def kind_of(reasons: str) -> str:
    """The code of the first of some stored reasons."""
    found = re.search(r'^\[\["([^"]*)"', reasons)
    text = found[1] if found else ""
    for start, code in KINDS:
        if text.startswith(start):
            return code
    return next((code for part, code in ENDS if part in text), "")


def name_kinds(apps: Any, schema_editor: Any) -> None:
    """Say of every pair that stands why it does."""
    pairs = apps.get_model("ledger", "LikelyMatch").objects
    open_ones = pairs.filter(decision="").values_list("id", "reasons")
    by_kind: dict[str, list[int]] = {}
    for number, reasons in open_ones.iterator():
        by_kind.setdefault(kind_of(reasons), []).append(number)
    for kind, numbers in by_kind.items():
        for start in range(0, len(numbers), 500):
            pairs.filter(id__in=numbers[start : start + 500]).update(kind=kind)


def key_anew(apps: Any, schema_editor: Any) -> None:
    """Names that are read in a new way (in Latin letters, of a division known by its shape) are found by new keys, too.

    Keys are only added: what an old one leads to is compared before anything is decided.
    """
    from zhiheng.engines.identity import Mention, keys_of

    columns = ("id", "kind", "name", "code", "code_kind", "address", "place")
    aliases = apps.get_model("ledger", "Alias").objects.filter(kind="enterprise").order_by("id").values_list(*columns)
    with schema_editor.connection.cursor() as cursor:
        wanted: list[tuple[int, int]] = []
        for number, *said in aliases.iterator(chunk_size=5_000):
            wanted += [(key, number) for key in keys_of(Mention(*said))]
            if len(wanted) > 50_000:
                _add_keys(cursor, wanted)
                wanted = []
        _add_keys(cursor, wanted)


def _add_keys(cursor: Any, wanted: list[tuple[int, int]]) -> None:
    if wanted:
        cursor.executemany(
            "INSERT INTO ledger_aliaskey (key, alias_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", wanted
        )


def protect(apps: Any, schema_editor: Any) -> None:
    """Triggers: the new columns never change, and a link moves between aliases of one spelling only."""
    execute = schema_editor.execute
    if schema_editor.connection.vendor == "sqlite":
        for table, fixed in FIXED:
            execute(
                f"CREATE TRIGGER {table}_fixed_too BEFORE UPDATE OF {', '.join(fixed)} ON ledger_{table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is {WHY}'); END"
            )
        execute("DROP TRIGGER factparty_no_update")
        execute(
            f"CREATE TRIGGER factparty_no_update BEFORE UPDATE ON ledger_factparty WHEN NOT ({MAY}) "
            f"BEGIN SELECT RAISE(ABORT, 'factparty is {WHY}'); END"
        )
        return
    for table, fixed in FIXED:
        execute(
            f"CREATE TRIGGER {table}_fixed_too BEFORE UPDATE OF {', '.join(fixed)} ON ledger_{table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
        )
    execute(
        "CREATE FUNCTION ledger_refuse_other_spelling() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {MAY} THEN RETURN NEW; END IF; RAISE EXCEPTION '% is {WHY}', TG_TABLE_NAME; END $$",
        params=None,
    )
    execute("DROP TRIGGER factparty_frozen ON ledger_factparty")
    execute(
        "CREATE TRIGGER factparty_no_delete BEFORE DELETE ON ledger_factparty FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
    )
    execute(
        "CREATE TRIGGER factparty_moves BEFORE UPDATE ON ledger_factparty FOR EACH ROW "
        "EXECUTE FUNCTION ledger_refuse_other_spelling()"
    )


class Migration(migrations.Migration):
    """Columns that may be empty: no row of an append-only table is written anew, on either database."""

    dependencies: ClassVar = [("ledger", "0005_first_subjects")]

    operations: ClassVar = [
        migrations.AddField("alias", "part", models.CharField("所指部分 part", max_length=80, null=True)),
        migrations.AddField("alias", "spelling", models.BigIntegerField("写法 key of the spelling", null=True)),
        migrations.AddIndex(
            "alias",
            models.Index(condition=models.Q(("spelling__isnull", False)), fields=["spelling"], name="alias_spelling"),
        ),
        migrations.AddField(
            "identityact", "parted", models.TextField("分出的事实 facts that were parted, as JSON", null=True)
        ),
        migrations.AddField("likelymatch", "kind", models.CharField("主要理由 kind of reason", max_length=24, null=True)),
        migrations.RunPython(name_kinds, migrations.RunPython.noop),
        migrations.AddIndex(
            "likelymatch",
            models.Index(
                condition=models.Q(("decision", "")), fields=["kind", "-score", "id"], name="likely_waiting_kind"
            ),
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
        migrations.RunPython(key_anew, migrations.RunPython.noop),
    ]
