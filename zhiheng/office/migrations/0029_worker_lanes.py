"""A worker says which lanes of the queue it serves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("office", "0028_warning_signal")]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="lanes",
            field=models.TextField(default="", verbose_name="负责哪几条队列 the lanes that it serves"),
        ),
    ]
