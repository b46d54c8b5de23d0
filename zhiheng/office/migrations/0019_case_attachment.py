"""Attachments of cases. By trigger on both databases: an attachment is never changed, a document of a case is never
deleted and never changed once it is made.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

WHY_ATTACHMENT = "caseattachment is append-only: strike the line with a reason instead"
WHY_DOCUMENT = "casedocument is append-only: a document that was made stays as it was issued"
# Until it is made, only what making it fills in may change.
CHANGED = (
    "OLD.made_at IS NOT NULL OR NEW.case_id <> OLD.case_id OR NEW.line_id <> OLD.line_id "
    "OR NEW.document <> OLD.document OR NEW.at <> OLD.at"
)


def protect_attachments(apps: Any, schema_editor: Any) -> None:
    """No update, no delete; on PostgreSQL no TRUNCATE either."""
    _protect(schema_editor, "caseattachment", WHY_ATTACHMENT, "")


def protect_documents(apps: Any, schema_editor: Any) -> None:
    """The same, but for what making a document fills in."""
    _protect(schema_editor, "casedocument", WHY_DOCUMENT, CHANGED)


def _protect(schema_editor: Any, table: str, why: str, changed: str) -> None:
    when = f" WHEN {changed}" if changed else ""
    if schema_editor.connection.vendor == "sqlite":
        for verb, only in (("UPDATE", when), ("DELETE", "")):
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON office_{table}{only} "
                f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
            )
        return
    schema_editor.execute(
        f"CREATE FUNCTION office_refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{why}'; END $$",
        params=None,
    )
    only = f" WHEN ({changed})" if changed else ""
    for name, verb, each, condition in (
        ("no_update", "UPDATE", "ROW", only),
        ("no_delete", "DELETE", "ROW", ""),
        ("no_truncate", "TRUNCATE", "STATEMENT", ""),
    ):
        schema_editor.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON office_{table} "
            f"FOR EACH {each}{condition} EXECUTE FUNCTION office_refuse_{table}()"
        )


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0018_case_document_frozen'),
    ]

    operations = [
        migrations.AddField(
            model_name='caseproposal',
            name='files',
            field=models.JSONField(default=list, verbose_name='附件 attachments'),
        ),
        migrations.CreateModel(
            name='CaseAttachment',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('field', models.CharField(blank=True, max_length=60, verbose_name='字段 field of the act')),
                ('name', models.CharField(max_length=255, verbose_name='文件名 name')),
                ('kind', models.CharField(max_length=8, verbose_name='类型 kind by content')),
                ('size', models.BigIntegerField(verbose_name='字节 bytes')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要 SHA-256 as kept')),
                ('sent_digest', models.CharField(max_length=64, verbose_name='交来时的摘要 SHA-256 as sent')),
                ('scanned', models.BooleanField(default=False, verbose_name='已查毒 looked at by a scanner for viruses')),
                ('given_by', models.CharField(max_length=160, verbose_name='交来人 who gave it')),
                ('at', models.DateTimeField(verbose_name='交来时间 given at')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='office.case')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='office.caseevent')),
            ],
            options={
                'indexes': [models.Index(fields=['digest'], name='caseattachment_digest')],
            },
        ),
        migrations.RunPython(protect_attachments, migrations.RunPython.noop, hints={"model_name": "caseattachment"}),
        migrations.RunPython(protect_documents, migrations.RunPython.noop, hints={"model_name": "casedocument"}),
    ]
