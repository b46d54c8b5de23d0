"""Cases: their logs, append-only by trigger on both databases, and what is derived of them."""

from typing import Any

import django.db.models.deletion
import zhiheng.database.ids
from django.db import migrations, models

WHY = "caseevent is append-only: strike the line with a reason instead"


def protect(apps: Any, schema_editor: Any) -> None:
    """Triggers that refuse every change of a line; on PostgreSQL TRUNCATE too."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER caseevent_no_{verb.lower()} BEFORE {verb} ON office_caseevent "
                f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION office_refuse_case_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$",
        params=None,
    )
    schema_editor.execute(
        "CREATE TRIGGER caseevent_frozen BEFORE UPDATE OR DELETE ON office_caseevent "
        "FOR EACH ROW EXECUTE FUNCTION office_refuse_case_change()"
    )
    schema_editor.execute(
        "CREATE TRIGGER caseevent_no_truncate BEFORE TRUNCATE ON office_caseevent "
        "FOR EACH STATEMENT EXECUTE FUNCTION office_refuse_case_change()"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0013_area_codes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('workflow', models.CharField(max_length=60, verbose_name='工作流 workflow of the book')),
                ('year', models.IntegerField(verbose_name='年 year of the number')),
                ('serial', models.IntegerField(verbose_name='序号 serial of the number')),
                ('number', models.CharField(max_length=80, verbose_name='案号 number')),
                ('party', models.TextField(blank=True, verbose_name='为谁而开 for whom it was opened')),
                ('opened_on', models.DateField(verbose_name='立案之日 opened on')),
                ('opened_at', models.DateTimeField(verbose_name='登记时间 entered at')),
                ('unit', models.CharField(max_length=60, verbose_name='登记单位 unit that opened it')),
                ('receipt_digest', models.CharField(max_length=64, null=True, unique=True, verbose_name='回执摘要 digest of the receipt')),
                ('once', models.CharField(max_length=64, null=True, unique=True, verbose_name='提交标识 key of the form that opened it')),
            ],
        ),
        migrations.CreateModel(
            name='CaseDocument',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('document', models.CharField(max_length=60, verbose_name='文书 document of the book')),
                ('at', models.DateTimeField(verbose_name='签发时间 issued at')),
                ('number', models.CharField(blank=True, max_length=80, verbose_name='文号 number')),
                ('file_digest', models.CharField(blank=True, max_length=64, verbose_name='文件摘要 SHA-256 of the file')),
                ('made_at', models.DateTimeField(null=True, verbose_name='制作时间 made at')),
            ],
        ),
        migrations.CreateModel(
            name='CaseDraft',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('workflow', models.CharField(max_length=60, verbose_name='工作流 workflow, for a case that is not opened yet')),
                ('act', models.CharField(max_length=121, verbose_name='行为 act with its outcome')),
                ('account', models.BigIntegerField(verbose_name='账号 whose draft')),
                ('typed', models.JSONField(default=dict, verbose_name='已填 what was typed')),
                ('at', models.DateTimeField(verbose_name='保存时间 saved at')),
                ('remind_on', models.DateField(null=True, verbose_name='提醒之日 remind on')),
            ],
        ),
        migrations.CreateModel(
            name='CaseDuty',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('duty', '应当 must'), ('right', '可以 may'), ('wait', '满期方可 not before'), ('signature', '待签署 to be signed')], max_length=9)),
                ('period', models.CharField(max_length=60, verbose_name='期限 period of the page')),
                ('acts', models.JSONField(default=list, verbose_name='行为 acts that it is about')),
                ('hand', models.CharField(max_length=60, verbose_name='由谁 hand or party')),
                ('takes', models.CharField(blank=True, max_length=40, verbose_name='权限 right of the hand')),
                ('at', models.CharField(max_length=6, verbose_name='何级 own, other, above or party')),
                ('unit', models.CharField(blank=True, max_length=60, verbose_name='单位 unit that has to act')),
                ('area', models.CharField(blank=True, max_length=32, verbose_name='区划 area of the unit that holds the case')),
                ('quality', models.CharField(max_length=12)),
                ('workflow', models.CharField(max_length=60)),
                ('persons', models.TextField(blank=True, verbose_name='指定的人 persons named')),
                ('starts', models.DateField(verbose_name='起算之日 since')),
                ('due', models.DateField(null=True, verbose_name='最后一日 last day')),
                ('due_at', models.DateTimeField(null=True, verbose_name='最后时刻 last moment')),
                ('provisional', models.BooleanField(default=False, verbose_name='日期可能变动 may still move')),
                ('missed', models.IntegerField(default=0, verbose_name='漏办次数 times not done')),
                ('waits_for', models.CharField(blank=True, max_length=60, verbose_name='等待 who is waited for')),
                ('proposal', models.BigIntegerField(null=True, verbose_name='待签署的提议 proposal')),
            ],
        ),
        migrations.CreateModel(
            name='CaseEvent',
            fields=[
                ('id', zhiheng.database.ids.AssignedId(primary_key=True, serialize=False)),
                ('place', models.IntegerField(verbose_name='序号 place in the case')),
                ('act', models.CharField(max_length=60, verbose_name='行为 act')),
                ('outcome', models.CharField(blank=True, max_length=60, verbose_name='结果 outcome')),
                ('happened_on', models.DateField(verbose_name='发生之日 day on which it happened')),
                ('happened_at', models.DateTimeField(null=True, verbose_name='发生时刻 moment, where it is known')),
                ('entered_at', models.DateTimeField(verbose_name='登记时间 entered at')),
                ('people', models.TextField(verbose_name='办理人 who acted, as which hand')),
                ('entered_for', models.CharField(blank=True, max_length=60, verbose_name='代谁登记 party for whom an officer entered it')),
                ('data', models.TextField(verbose_name='内容 what was said')),
                ('seen', models.TextField(default='{}', verbose_name='依据 what it relied on')),
                ('form', models.CharField(max_length=64, verbose_name='表单版次 digest of the form')),
                ('page', models.CharField(max_length=64, verbose_name='工作流版次 digest of the page')),
                ('law', models.CharField(max_length=64, verbose_name='法规版次 digest of the law')),
                ('documents', models.TextField(default='[]', verbose_name='文书 documents that it issues')),
                ('batch', models.CharField(blank=True, max_length=32, verbose_name='批办编号 batch')),
                ('before', models.CharField(blank=True, max_length=64, verbose_name='本案上一链接 link of the line of the case before')),
                ('link', models.CharField(max_length=64, verbose_name='链接 link')),
            ],
        ),
        migrations.CreateModel(
            name='CaseLink',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('relation', models.CharField(max_length=60, verbose_name='关系 relation')),
                ('line', models.BigIntegerField(verbose_name='办理记录 line that made it')),
            ],
        ),
        migrations.CreateModel(
            name='CasePartyRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('line', models.BigIntegerField(verbose_name='办理记录 line that named them')),
                ('role', models.CharField(max_length=60, verbose_name='当事人 party of the page')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='名称 name')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='代码 code')),
                ('alias', models.BigIntegerField(null=True, verbose_name='名称编号 alias of the ledger')),
                ('subject', models.BigIntegerField(null=True, verbose_name='主体 subject of the ledger when it was named')),
                ('unit', models.CharField(blank=True, max_length=60, verbose_name='单位 unit')),
                ('sealed', models.CharField(blank=True, max_length=64, verbose_name='密封编号 sealed reference')),
            ],
        ),
        migrations.CreateModel(
            name='CaseProposal',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('act', models.CharField(max_length=121, verbose_name='行为 act with its outcome')),
                ('happened', models.CharField(blank=True, max_length=40, verbose_name='发生时间 stated day or moment')),
                ('entered_for', models.CharField(blank=True, max_length=60, verbose_name='代谁登记 party for whom it is entered')),
                ('data', models.TextField(verbose_name='内容 what is to be said, canonical JSON')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要 digest of what is signed')),
                ('place', models.IntegerField(verbose_name='提出时的序号 last place of the case when it was proposed')),
                ('needs', models.IntegerField(verbose_name='须几人 how many have to sign')),
                ('signed', models.JSONField(default=list, verbose_name='签署 signatures')),
                ('state', models.CharField(choices=[('waiting', '待共同签署 waiting'), ('done', '已办成 done'), ('declined', '不予签署 declined')], default='waiting', max_length=8)),
                ('at', models.DateTimeField(verbose_name='提出时间 proposed at')),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.CharField(blank=True, max_length=160)),
                ('reason', models.TextField(blank=True, verbose_name='不予签署的理由 why it was declined')),
                ('line', models.BigIntegerField(null=True, verbose_name='办理记录 line that it became')),
            ],
        ),
        migrations.CreateModel(
            name='CaseStandingRow',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='standing', serialize=False, to='office.case')),
                ('workflow', models.CharField(max_length=60)),
                ('quality', models.CharField(max_length=12, verbose_name='质量 quality')),
                ('unit', models.CharField(max_length=60, verbose_name='持有单位 unit that holds it')),
                ('area', models.CharField(blank=True, max_length=32, verbose_name='区划 area')),
                ('states', models.JSONField(default=list, verbose_name='状态 states that hold')),
                ('state', models.CharField(blank=True, max_length=60, verbose_name='首要状态 first state')),
                ('final', models.BooleanField(default=False, verbose_name='已终结 ended')),
                ('waits_for', models.CharField(blank=True, max_length=60, verbose_name='等待 who is waited for')),
                ('irregular', models.IntegerField(default=0, verbose_name='不合规定的记录数 irregular lines')),
                ('handler', models.CharField(blank=True, max_length=160, verbose_name='承办人 account that it was assigned to')),
                ('restricted', models.BooleanField(default=False, verbose_name='限制查阅 restricted')),
                ('duplicate_of', models.BigIntegerField(null=True, verbose_name='重复于 duplicate of case')),
                ('opened_on', models.DateField()),
                ('ended_on', models.DateField(null=True)),
                ('last_on', models.DateField(verbose_name='最近办理之日 day of the last line')),
                ('place', models.IntegerField(verbose_name='最后序号 last place')),
                ('line', models.BigIntegerField(verbose_name='最后一条记录 last line')),
                ('changes_at', models.DateTimeField(null=True, verbose_name='下次变化 differs next at')),
                ('due', models.DateField(null=True, verbose_name='最近到期 next day by which something must be done')),
                ('edition', models.CharField(max_length=64, verbose_name='规则版次 digest of page, law and calendar')),
            ],
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['number'], name='case_number'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(models.F('workflow'), models.F('year'), models.F('serial'), name='case_number_once'),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='office.case'),
        ),
        migrations.AddField(
            model_name='casedraft',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='office.case'),
        ),
        migrations.AddField(
            model_name='caseduty',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='office.case'),
        ),
        migrations.CreateModel(
            name='CaseHandIn',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='handed_in', serialize=False, to='office.caseevent')),
                ('record', models.CharField(max_length=60, verbose_name='记录类型 record')),
                ('unit', models.CharField(max_length=60, verbose_name='报送单位 unit')),
                ('upload', models.BigIntegerField(verbose_name='报送文件 upload')),
                ('digest', models.CharField(max_length=64, verbose_name='文件摘要 SHA-256 of the file')),
                ('struck_by', models.BigIntegerField(null=True, verbose_name='撤销该记录的记录 line that struck it')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='事实撤回时间 fact withdrawn at')),
            ],
        ),
        migrations.AddField(
            model_name='caseevent',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='office.case'),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issued', to='office.caseevent'),
        ),
        migrations.AddField(
            model_name='caselink',
            name='child',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parents', to='office.case'),
        ),
        migrations.AddField(
            model_name='caselink',
            name='parent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='children', to='office.case'),
        ),
        migrations.AddField(
            model_name='casepartyrow',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='office.case'),
        ),
        migrations.AddField(
            model_name='caseproposal',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='office.case'),
        ),
        migrations.AddIndex(
            model_name='casestandingrow',
            index=models.Index(condition=models.Q(('changes_at__isnull', False)), fields=['changes_at'], name='casestanding_changes'),
        ),
        migrations.AddIndex(
            model_name='casestandingrow',
            index=models.Index(fields=['unit', 'final', 'due', 'case'], name='casestanding_unit'),
        ),
        migrations.AddIndex(
            model_name='casestandingrow',
            index=models.Index(fields=['workflow', 'final', '-opened_on'], name='casestanding_workflow'),
        ),
        migrations.AddIndex(
            model_name='casestandingrow',
            index=models.Index(fields=['workflow', 'edition'], name='casestanding_edition'),
        ),
        migrations.AddConstraint(
            model_name='casedraft',
            constraint=models.UniqueConstraint(models.F('account'), models.F('case'), models.F('act'), condition=models.Q(('case__isnull', False)), name='casedraft_once'),
        ),
        migrations.AddConstraint(
            model_name='casedraft',
            constraint=models.UniqueConstraint(models.F('account'), models.F('workflow'), models.F('act'), condition=models.Q(('case__isnull', True)), name='casedraft_new_once'),
        ),
        migrations.AddIndex(
            model_name='caseduty',
            index=models.Index(fields=['unit', 'hand', 'due'], name='caseduty_unit'),
        ),
        migrations.AddIndex(
            model_name='caseduty',
            index=models.Index(fields=['due', 'id'], name='caseduty_due'),
        ),
        migrations.AddIndex(
            model_name='casehandin',
            index=models.Index(condition=models.Q(('struck_by__isnull', False), ('withdrawn_at__isnull', True)), fields=['upload'], name='casehandin_to_withdraw'),
        ),
        migrations.AddConstraint(
            model_name='caseevent',
            constraint=models.UniqueConstraint(models.F('case'), models.F('place'), name='case_line_place'),
        ),
        migrations.AddIndex(
            model_name='casedocument',
            index=models.Index(condition=models.Q(('made_at__isnull', True)), fields=['id'], name='casedocument_to_make'),
        ),
        migrations.AddConstraint(
            model_name='casedocument',
            constraint=models.UniqueConstraint(models.F('line'), models.F('document'), name='casedocument_once'),
        ),
        migrations.AddConstraint(
            model_name='caselink',
            constraint=models.UniqueConstraint(models.F('parent'), models.F('relation'), models.F('child'), name='caselink_once'),
        ),
        migrations.AddIndex(
            model_name='casepartyrow',
            index=models.Index(condition=models.Q(('subject__isnull', False)), fields=['subject', 'case'], name='caseparty_subject'),
        ),
        migrations.AddIndex(
            model_name='casepartyrow',
            index=models.Index(condition=models.Q(('alias__isnull', False)), fields=['alias', 'case'], name='caseparty_alias'),
        ),
        migrations.AddConstraint(
            model_name='caseproposal',
            constraint=models.UniqueConstraint(models.F('case'), models.F('act'), condition=models.Q(('state', 'waiting')), name='caseproposal_once'),
        ),
        # The router places a step by the table that it names.
        migrations.RunPython(protect, migrations.RunPython.noop, hints={"model_name": "caseevent"}),
    ]
