"""On whose behalf a file came: the enterprise, where it was handed in under the unit in whose name enterprises speak."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that may be empty: no row of the append-only table is written anew, on either database."""

    dependencies: ClassVar = [("ledger", "0002_append_only")]

    operations: ClassVar = [
        migrations.AddField(
            "delivery", "subject",
            models.BigIntegerField("自报的企业 enterprise that handed in its own", null=True),
        ),
    ]
