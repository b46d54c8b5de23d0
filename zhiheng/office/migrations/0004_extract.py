"""Extracts that were handed out; a row may never change, by trigger on both databases: what a paper says of itself is final."""

from typing import Any

from django.db import migrations, models

WHY = "an extract is never changed: make a new one"


def protect(apps: Any, schema_editor: Any) -> None:
    """Triggers that refuse every change of a row; on PostgreSQL TRUNCATE too."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER extract_no_{verb.lower()} BEFORE {verb} ON office_extract "
                f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION office_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$",
        params=None,
    )
    schema_editor.execute(
        "CREATE TRIGGER extract_frozen BEFORE UPDATE OR DELETE ON office_extract "
        "FOR EACH ROW EXECUTE FUNCTION office_refuse_change()"
    )
    schema_editor.execute(
        "CREATE TRIGGER extract_no_truncate BEFORE TRUNCATE ON office_extract "
        "FOR EACH STATEMENT EXECUTE FUNCTION office_refuse_change()"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0003_hooks_and_consents'),
    ]

    operations = [
        migrations.CreateModel(
            name='Extract',
            fields=[
                ('id', models.CharField(max_length=24, primary_key=True, serialize=False, verbose_name='核验编号 number for verification')),
                ('document', models.CharField(max_length=60, verbose_name='文书 document of the book')),
                ('subject', models.BigIntegerField(verbose_name='企业 enterprise')),
                ('name', models.TextField(verbose_name='企业名称 its name on the paper')),
                ('code', models.CharField(blank=True, max_length=64, verbose_name='统一社会信用代码 its code on the paper')),
                ('form', models.CharField(choices=[('pdf', 'PDF'), ('docx', 'DOCX')], max_length=4)),
                ('as_of', models.DateField(verbose_name='截至 facts up to')),
                ('known_on', models.DateField(verbose_name='所知 as known on')),
                ('file_digest', models.CharField(max_length=64, verbose_name='文件摘要 SHA-256 of the file')),
                ('content_digest', models.CharField(max_length=64, verbose_name='内容摘要 SHA-256 of the content')),
                ('facts', models.BigIntegerField(verbose_name='事实 facts of the file at that time')),
                ('last_fact', models.BigIntegerField(verbose_name='最后一条事实 last fact of the ledger at that time')),
                ('last_delivery', models.BigIntegerField(verbose_name='最后一次报送 last delivery of the chain at that time')),
                ('link', models.CharField(max_length=64, verbose_name='链 link of the chain at that time')),
                ('at', models.DateTimeField(verbose_name='出具时间 made at')),
                ('actor', models.CharField(max_length=160)),
                ('actor_name', models.CharField(blank=True, max_length=60)),
                ('unit', models.CharField(blank=True, max_length=60, verbose_name='出具单位 unit')),
                ('purpose', models.TextField(verbose_name='用途 purpose')),
            ],
            options={
                'indexes': [models.Index(fields=['subject', 'at'], name='extract_subject')],
            },
        ),
        # The router places a step by the table that it names.
        migrations.RunPython(protect, migrations.RunPython.noop, hints={"model_name": "extract"}),
    ]
