"""Beside the day on which a request is due: by what rule, how it was counted, and what of it is provisional."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Of requests that were made before, nothing is known."""

    dependencies: ClassVar = [("office", "0011_tasks_moved")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="publicationrequest",
            name="due_basis",
            field=models.JSONField(
                default=dict, verbose_name="期限依据 by what rule, how counted, what is provisional"
            ),
        ),
    ]
