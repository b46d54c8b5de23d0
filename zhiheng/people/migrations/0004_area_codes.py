"""Codes of areas may be longer than the twelve digits of a village: a grid below it, another country's codes."""

from typing import ClassVar

from django.db import migrations, models

from zhiheng.database.widen import WidenText


class Migration(migrations.Migration):
    dependencies: ClassVar = [("people", "0003_append_only")]
    operations: ClassVar = [
        WidenText("apitoken", "area", models.CharField(blank=True, max_length=32, verbose_name="区域 area")),
        WidenText("grant", "area", models.CharField(blank=True, max_length=32, verbose_name="区域 area")),
    ]
