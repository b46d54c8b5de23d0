"""Addresses that people gave and confirmed, and how many messages they have not read."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_area_codes'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='unread',
            field=models.IntegerField(db_default=0, default=0, verbose_name='未读消息 unread messages'),
        ),
        migrations.CreateModel(
            name='ContactAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', '电子邮件 e-mail'), ('sms', '短信 text message')], max_length=6)),
                ('address', models.CharField(max_length=254, verbose_name='地址或号码 address or number')),
                ('wanted', models.BooleanField(default=True, verbose_name='愿意接收 wants messages there')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认 confirmed at')),
                ('code_hash', models.CharField(blank=True, max_length=128, verbose_name='确认码的摘要 hash of the code')),
                ('code_until', models.DateTimeField(null=True, verbose_name='确认码有效期至 code expires')),
                ('tries', models.IntegerField(default=0, verbose_name='错误次数 wrong tries')),
                ('codes_on', models.DateField(null=True, verbose_name='发码日 day of the codes')),
                ('codes', models.IntegerField(default=0, verbose_name='当日发码次数 codes sent that day')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'channel'), name='contact_once')],
            },
        ),
    ]
