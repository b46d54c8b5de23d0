"""How many facts a stored figure is a number of, and how many could not be placed in an area."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("projections", "0003_areas_in_indexes")]
    operations: ClassVar = [
        migrations.AddField(
            "storedfigure", "facts", models.BigIntegerField("事实 facts that it is a number of", default=0)
        ),
        migrations.AddField(
            "storedfigure", "unplaced_above",
            models.BigIntegerField("只写到上级区域的事实 facts told only of an area around it", default=0),
        ),
        migrations.AddField(
            "storedfigure", "unplaced_beneath",
            models.BigIntegerField("未分到下级区域的事实 its facts told of no area beneath it", default=0),
        ),
    ]
