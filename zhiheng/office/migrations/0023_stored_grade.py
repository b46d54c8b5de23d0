"""Stored grades of ratings; a row may never change, by trigger on both databases: what was decided is replayed, not mended."""

from typing import Any

from django.db import migrations, models

WHY = "a stored grade is never changed: decide anew, as of another day or by another edition"


def protect(apps: Any, schema_editor: Any) -> None:
    """Triggers that refuse every change of a row; on PostgreSQL TRUNCATE too."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER grade_no_{verb.lower()} BEFORE {verb} ON office_storedgrade "
                f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION office_refuse_grade_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$",
        params=None,
    )
    schema_editor.execute(
        "CREATE TRIGGER grade_frozen BEFORE UPDATE OR DELETE ON office_storedgrade "
        "FOR EACH ROW EXECUTE FUNCTION office_refuse_grade_change()"
    )
    schema_editor.execute(
        "CREATE TRIGGER grade_no_truncate BEFORE TRUNCATE ON office_storedgrade "
        "FOR EACH STATEMENT EXECUTE FUNCTION office_refuse_grade_change()"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0022_case_duty_ends'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredGrade',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.BigIntegerField(verbose_name='企业 enterprise')),
                ('rating', models.CharField(max_length=60, verbose_name='评价 rating')),
                ('edition', models.CharField(max_length=64, verbose_name='版本指纹 digest of the edition')),
                ('as_of', models.DateField(verbose_name='截至 as of')),
                ('known_on', models.DateField(verbose_name='所知 as known on')),
                ('score', models.BigIntegerField(verbose_name='得分（单位） score in units')),
                ('band', models.CharField(blank=True, max_length=4, verbose_name='等级 grade')),
                ('evidence', models.IntegerField(verbose_name='证据条数 facts that count as evidence')),
                ('seen', models.CharField(max_length=64, verbose_name='所见摘要 SHA-256 of what it saw')),
                ('counted', models.TextField(verbose_name='计入的事实 what was counted: item, fact, units, as JSON')),
                ('decided_by', models.CharField(max_length=120, verbose_name='由谁 decided by')),
                ('decided_at', models.DateTimeField(verbose_name='何时 decided at')),
            ],
            options={
                'indexes': [models.Index(fields=['subject', 'rating', '-as_of'], name='grade_of_subject')],
                'constraints': [models.UniqueConstraint(fields=('rating', 'subject', 'as_of', 'known_on', 'edition'), name='grade_once')],
            },
        ),
        # The router places a step by the table that it names.
        migrations.RunPython(protect, migrations.RunPython.noop, hints={"model_name": "storedgrade"}),
    ]
