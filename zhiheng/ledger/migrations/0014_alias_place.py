"""The code of a party's place may be longer than the twelve digits of a village, as that of a fact may."""

from typing import ClassVar

from django.db import migrations, models

from zhiheng.database.widen import WidenText


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0013_public_log")]
    operations: ClassVar = [WidenText("alias", "place", models.CharField(max_length=32))]
