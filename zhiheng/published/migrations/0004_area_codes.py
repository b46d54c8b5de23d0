"""Codes of areas may be longer than the twelve digits of a village: a grid below it, another country's codes."""

from typing import ClassVar

from django.db import migrations, models

from zhiheng.database.widen import WidenText


class Migration(migrations.Migration):
    dependencies: ClassVar = [("published", "0003_contested")]
    operations: ClassVar = [
        WidenText("publishedenterprise", "area", models.CharField(blank=True, max_length=32)),
        WidenText("publishedentry", "area", models.CharField(max_length=32)),
        WidenText("publishedfigure", "area", models.CharField(max_length=32)),
    ]
