"""Codes of areas may be longer than the twelve digits of a village: a grid below it, another country's codes."""

from typing import ClassVar

from django.db import migrations, models

from zhiheng.database.widen import WidenText


class Migration(migrations.Migration):
    dependencies: ClassVar = [("projections", "0007_tallies")]
    operations: ClassVar = [
        WidenText("card", "area", models.CharField(default="", max_length=32, verbose_name="区划 area")),
        WidenText("owed", "area", models.CharField(max_length=32, verbose_name="单位所在区划 area of the unit")),
        WidenText("storedfigure", "area", models.CharField(max_length=32, verbose_name="区划 area")),
    ]
