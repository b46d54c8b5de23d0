"""Codes of areas may be longer than the twelve digits of a village: a grid below it, another country's codes."""

from typing import ClassVar

from django.db import migrations, models

from zhiheng.database.widen import WidenText


class Migration(migrations.Migration):
    dependencies: ClassVar = [("office", "0012_publication_due_basis")]
    operations: ClassVar = [
        WidenText("objection", "area", models.CharField(blank=True, max_length=32, verbose_name="企业所在区划 area of the enterprise")),
        WidenText("publicationrequest", "area", models.CharField(max_length=32)),
    ]
