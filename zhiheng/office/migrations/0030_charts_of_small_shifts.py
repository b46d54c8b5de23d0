from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0029_worker_lanes"),
    ]

    operations = [
        migrations.AddField(
            model_name="measurementset",
            name="target",
            field=models.FloatField(null=True, verbose_name="目标值 target"),
        ),
        migrations.AddField(
            model_name="measurementset",
            name="reference",
            field=models.FloatField(null=True, verbose_name="参考值 k of a CUSUM"),
        ),
        migrations.AddField(
            model_name="measurementset",
            name="decision",
            field=models.FloatField(null=True, verbose_name="判定值 h of a CUSUM"),
        ),
        migrations.AddField(
            model_name="measurementset",
            name="weight",
            field=models.FloatField(null=True, verbose_name="权重 lambda of an EWMA"),
        ),
        migrations.AddField(
            model_name="measurementset",
            name="width",
            field=models.FloatField(null=True, verbose_name="限宽 L of an EWMA"),
        ),
    ]
