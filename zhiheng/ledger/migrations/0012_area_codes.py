"""Codes of areas may be longer than the twelve digits of a village: a grid below it, another country's codes."""

from typing import ClassVar

from django.db import migrations, models

from zhiheng.database.widen import WidenText


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0011_delivery_first_fact")]
    operations: ClassVar = [
        WidenText("fact", "area", models.CharField(max_length=32)),
    ]
