"""Sealed identities, their custodians and openings. By trigger on both databases: a seal is never changed, an opening is never deleted,
and one that was decided, or what was said when it was asked for, is never changed.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

WHY_SEAL = "a seal is never changed: what it holds was sealed for two"
WHY_OPENING = "an opening is never deleted, and never changed once it is decided: the reporter reads it"
CHANGED = "OLD.state <> 'waiting' OR NEW.seal <> OLD.seal OR NEW.reason <> OLD.reason OR NEW.asked_at <> OLD.asked_at"


def protect_seals(apps: Any, schema_editor: Any) -> None:
    """No update of a seal; it goes as a whole when its time is over."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER caseseal_no_update BEFORE UPDATE ON office_caseseal BEGIN SELECT RAISE(ABORT, '{WHY_SEAL}'); END"
        )
        return
    schema_editor.execute(
        f"CREATE FUNCTION office_seal_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{WHY_SEAL}'; END $$",
        params=None,
    )
    schema_editor.execute(
        "CREATE TRIGGER caseseal_no_update BEFORE UPDATE ON office_caseseal FOR EACH ROW EXECUTE FUNCTION office_seal_frozen()"
    )


def protect_openings(apps: Any, schema_editor: Any) -> None:
    """No delete of an opening, no update of what was said or decided."""
    if schema_editor.connection.vendor == "sqlite":
        for name, when in (("no_delete", "DELETE ON office_sealopening"), ("decided", f"UPDATE ON office_sealopening WHEN {CHANGED}")):
            schema_editor.execute(
                f"CREATE TRIGGER sealopening_{name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{WHY_OPENING}'); END"
            )
        return
    schema_editor.execute(
        f"CREATE FUNCTION office_opening_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{WHY_OPENING}'; END $$",
        params=None,
    )
    schema_editor.execute(
        "CREATE TRIGGER sealopening_no_delete BEFORE DELETE ON office_sealopening "
        "FOR EACH ROW EXECUTE FUNCTION office_opening_kept()"
    )
    schema_editor.execute(
        "CREATE TRIGGER sealopening_decided BEFORE UPDATE ON office_sealopening "
        f"FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION office_opening_kept()"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0014_cases'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseSeal',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False, verbose_name='编号 random number')),
                ('area', models.CharField(max_length=32, verbose_name='区划 area')),
                ('first_unit', models.CharField(max_length=60, verbose_name='一方 first side')),
                ('second_unit', models.CharField(max_length=60, verbose_name='另一方 second side')),
                ('text', models.BinaryField(verbose_name='密文 sealed text')),
                ('made_at', models.DateTimeField(verbose_name='封存 sealed at')),
            ],
        ),
        migrations.CreateModel(
            name='Custodian',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('account', models.BigIntegerField(verbose_name='账号 account')),
                ('name', models.CharField(max_length=60, verbose_name='姓名 name')),
                ('unit', models.CharField(max_length=60, verbose_name='单位 unit')),
                ('public', models.BinaryField(verbose_name='公钥 public key')),
                ('locked', models.BinaryField(verbose_name='加密的私钥 private key under the passphrase')),
                ('salt', models.BinaryField(max_length=64)),
                ('passes', models.IntegerField(verbose_name='口令运算次数 passes of argon2id')),
                ('memory', models.BigIntegerField(verbose_name='口令运算内存 bytes of memory of argon2id')),
                ('made_at', models.DateTimeField(verbose_name='设立 made')),
                ('admitted_at', models.DateTimeField(null=True, verbose_name='接纳 admitted')),
                ('admitted_by', models.CharField(blank=True, max_length=160, verbose_name='接纳人 admitted by')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='终止 ended')),
                ('ended_by', models.CharField(blank=True, max_length=160, verbose_name='终止人 ended by')),
                ('ended_why', models.TextField(blank=True, verbose_name='终止理由 why it ended')),
            ],
            options={
                'indexes': [models.Index(fields=['unit', 'ended_at'], name='custodian_unit')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('account',), name='custodian_once')],
            },
        ),
        migrations.CreateModel(
            name='SealOpening',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('seal', models.CharField(db_index=True, max_length=32, verbose_name='封存编号 seal')),
                ('side', models.SmallIntegerField(verbose_name='提出的一方 side that asked')),
                ('asking_unit', models.CharField(max_length=60, verbose_name='提出单位 unit that asked')),
                ('other_unit', models.CharField(max_length=60, verbose_name='另一方单位 the other unit')),
                ('reason', models.TextField(verbose_name='理由 reason')),
                ('asked_at', models.DateTimeField(verbose_name='提出 asked at')),
                ('expires_at', models.DateTimeField(verbose_name='逾期 lapses at')),
                ('state', models.CharField(choices=[('waiting', '待另一方 waiting for the other side'), ('opened', '已拆封 opened'), ('declined', '不同意 declined'), ('lapsed', '逾期未拆 lapsed')], default='waiting', max_length=8)),
                ('boxes', models.JSONField(default=dict, verbose_name='待交份额 shares that wait')),
                ('done_at', models.DateTimeField(null=True)),
                ('said', models.TextField(blank=True, verbose_name='不同意的理由 why it was declined')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asked', to='office.custodian')),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decided', to='office.custodian')),
            ],
            options={
                'indexes': [models.Index(fields=['other_unit', 'state'], name='seal_opening_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('seal',), name='seal_opening_one')],
            },
        ),
        migrations.CreateModel(
            name='SealShare',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('side', models.SmallIntegerField(verbose_name='哪一方 side, 1 or 2')),
                ('box', models.BinaryField(verbose_name='份额 share in a box')),
                ('custodian', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='office.custodian')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='office.caseseal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('seal', 'custodian'), name='seal_share_once'), models.CheckConstraint(condition=models.Q(('side__in', (1, 2))), name='seal_share_side')],
            },
        ),
        # The router places a step by the table that it names.
        migrations.RunPython(protect_seals, migrations.RunPython.noop, hints={"model_name": "caseseal"}),
        migrations.RunPython(protect_openings, migrations.RunPython.noop, hints={"model_name": "sealopening"}),
    ]

