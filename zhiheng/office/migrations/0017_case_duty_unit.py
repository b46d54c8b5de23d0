"""Beside the day on which something is due: in what the law counts its period; beside a proposal: whose it is."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0016_outbox'),
    ]

    operations = [
        migrations.AddField(
            model_name='caseduty',
            name='counted_in',
            field=models.CharField(blank=True, max_length=5, verbose_name='计算单位 in what the law counts: wd, d, hour, month, year'),
        ),
        migrations.AddField(
            model_name='caseproposal',
            name='proposed_by',
            field=models.CharField(db_index=True, default='', max_length=160, verbose_name='提出人 who proposed it'),
            preserve_default=False,
        ),
    ]
