"""Messages to people, and what became of each by recipient and channel."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0015_sealed_identities'),
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=60, verbose_name='种类 kind, a page of book/messages')),
                ('key', models.CharField(max_length=160, verbose_name='事由 what it is about')),
                ('due_on', models.DateField(verbose_name='到期日 due day')),
                ('rung', models.CharField(max_length=60, verbose_name='级 rung of the ladder')),
                ('early', models.BooleanField(default=False, verbose_name='因未读提前升级 climbed because nobody read the rung below')),
                ('unit', models.CharField(max_length=60, verbose_name='责任单位 unit whose duty it is')),
                ('title_zh', models.CharField(max_length=300)),
                ('title_en', models.CharField(max_length=300)),
                ('text_zh', models.TextField()),
                ('text_en', models.TextField()),
                ('urgent', models.BooleanField(default=False, verbose_name='急 passes quiet hours')),
                ('nobody', models.BooleanField(default=False, verbose_name='没有收件人 nobody holds a role that it is for')),
                ('at', models.DateTimeField(verbose_name='发出 written at')),
                ('climbs_at', models.DateTimeField(null=True, verbose_name='未读升级 when it climbs if nobody has read it')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='办结 when the duty was found done')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('climbs_at__isnull', False)), fields=['climbs_at'], name='message_climbs'), models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['kind', 'key'], name='message_open'), models.Index(fields=['unit', '-id'], name='message_unit')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'key', 'due_on', 'rung', 'early'), name='message_once_a_rung')],
            },
        ),
        migrations.CreateModel(
            name='MessageRecipient',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('account', models.BigIntegerField(verbose_name='账号 account')),
                ('unit', models.CharField(blank=True, max_length=60, verbose_name='单位 unit of the account')),
                ('channel', models.CharField(choices=[('in_app', '站内消息 in-app message'), ('email', '电子邮件 e-mail'), ('sms', '短信 text message')], max_length=6)),
                ('state', models.CharField(choices=[('waiting', '待发送 waiting'), ('held', '静默时段暂缓 held in quiet hours'), ('sent', '已发出 sent'), ('read', '已读 read'), ('failed', '未成功，稍后再试 failed, to be tried again'), ('given_up', '已放弃 given up')], default='waiting', max_length=8)),
                ('in_summary', models.BooleanField(default=False, verbose_name='并入汇总 goes out with the summary')),
                ('attempts', models.IntegerField(default=0, verbose_name='尝试次数 attempts')),
                ('next_at', models.DateTimeField(null=True, verbose_name='下次尝试 next attempt at')),
                ('claimed_at', models.DateTimeField(null=True, verbose_name='正在发送 being sent since')),
                ('batch', models.UUIDField(null=True, verbose_name='同一封 what went out together')),
                ('unsure', models.BooleanField(default=False, verbose_name='可能已送达 may have arrived already')),
                ('error', models.CharField(blank=True, max_length=40, verbose_name='失败原因 code of why the last attempt failed')),
                ('status', models.IntegerField(null=True, verbose_name='应答码 what the other side answered')),
                ('at', models.DateTimeField(verbose_name='写入 written at')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='发出 sent at')),
                ('read_at', models.DateTimeField(null=True, verbose_name='阅读 read at')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recipients', to='office.message')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'held', 'failed'])), fields=['next_at'], name='recipient_due'), models.Index(fields=['account', 'channel', '-id'], name='recipient_own'), models.Index(condition=models.Q(('state__in', ['failed', 'given_up'])), fields=['-id'], name='recipient_stuck'), models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='recipient_batch')],
                'constraints': [models.UniqueConstraint(fields=('message', 'account', 'channel'), name='recipient_once')],
            },
        ),
    ]
