"""Facts because of which cases are opened, and the decisions not to: these are append-only by trigger on both databases."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

WHY = "casefactdecision is append-only: take the fact up instead"


def protect(apps: Any, schema_editor: Any) -> None:
    """No update, no delete; on PostgreSQL no TRUNCATE either."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER casefactdecision_no_{verb.lower()} BEFORE {verb} ON office_casefactdecision "
                f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION office_refuse_casefactdecision() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$",
        params=None,
    )
    for verb, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        name = "frozen" if each == "ROW" else "no_truncate"
        schema_editor.execute(
            f"CREATE TRIGGER casefactdecision_{name} BEFORE {verb} ON office_casefactdecision "
            f"FOR EACH {each} EXECUTE FUNCTION office_refuse_casefactdecision()"
        )


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0023_stored_grade'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseFactWatch',
            fields=[
                ('name', models.CharField(max_length=160, primary_key=True, serialize=False, verbose_name='行为 act')),
                ('digest', models.CharField(max_length=32, verbose_name='规则摘要 digest')),
                ('fact', models.BigIntegerField(default=0, verbose_name='看到哪条事实 last fact')),
            ],
        ),
        migrations.CreateModel(
            name='CaseFact',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('workflow', models.CharField(max_length=60, verbose_name='工作流 workflow')),
                ('act', models.CharField(max_length=60, verbose_name='行为 act')),
                ('opens', models.BooleanField(default=True, verbose_name='立案 opens a case')),
                ('fact', models.BigIntegerField(verbose_name='事实 fact')),
                ('now', models.BigIntegerField(verbose_name='现行的事实 what holds of it')),
                ('record', models.CharField(max_length=60, verbose_name='记录类型 record')),
                ('unit', models.CharField(max_length=60, verbose_name='单位 unit that may open')),
                ('area', models.CharField(blank=True, max_length=32, verbose_name='区划 area')),
                ('quality', models.CharField(max_length=12)),
                ('key', models.BigIntegerField(verbose_name='同案标识 key of facts of one case')),
                ('number', models.CharField(max_length=120, null=True, verbose_name='来件编号 number of the sender')),
                ('said', models.CharField(blank=True, max_length=32, verbose_name='来件摘要 digest of what was said')),
                ('kind', models.CharField(blank=True, max_length=60, verbose_name='来件种类 kind of submission')),
                ('day', models.DateField(verbose_name='发生之日 day of the act')),
                ('shows_on', models.DateField(verbose_name='自何日起 proposed from')),
                ('due', models.DateField(null=True, verbose_name='立案期限 to be opened by')),
                ('state', models.CharField(choices=[('waiting', '待立案 waiting'), ('taken', '已立案 taken up'), ('declined', '不立案 declined'), ('lapsed', '不再符合 holds no longer')], default='waiting', max_length=8)),
                ('line', models.BigIntegerField(null=True, verbose_name='办理记录 line that took it up')),
                ('seen_at', models.DateTimeField(verbose_name='发现时间 found at')),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='taken_facts', to='office.case')),
            ],
        ),
        migrations.CreateModel(
            name='CaseFactDecision',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('by', models.CharField(max_length=160, verbose_name='何人 who')),
                ('name', models.CharField(max_length=120, verbose_name='姓名 name')),
                ('at', models.DateTimeField(verbose_name='时间 at')),
                ('reason', models.TextField(verbose_name='理由 reason')),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='office.casefact')),
            ],
        ),
        migrations.AddIndex(
            model_name='casefact',
            index=models.Index(fields=['unit', 'state', 'day', 'id'], name='casefact_unit'),
        ),
        migrations.AddIndex(
            model_name='casefact',
            index=models.Index(fields=['key'], name='casefact_key'),
        ),
        migrations.AddIndex(
            model_name='casefact',
            index=models.Index(fields=['now'], name='casefact_now'),
        ),
        migrations.AddIndex(
            model_name='casefact',
            index=models.Index(condition=models.Q(('case__isnull', False)), fields=['case'], name='casefact_case'),
        ),
        migrations.AddConstraint(
            model_name='casefact',
            constraint=models.UniqueConstraint(models.F('workflow'), models.F('opens'), models.F('fact'), name='casefact_once'),
        ),
        migrations.AddConstraint(
            model_name='casefact',
            constraint=models.UniqueConstraint(models.F('record'), models.F('number'), condition=models.Q(('number__isnull', False)), name='casefact_number_once'),
        ),
        migrations.RunPython(protect, migrations.RunPython.noop, hints={"model_name": "casefactdecision"}),
    ]
