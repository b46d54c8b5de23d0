"""The aliases that each delivery brought, with a Merkle root over whom they were linked to then."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns that may be empty: no row of the append-only table is written anew, on either database."""

    dependencies: ClassVar = [("ledger", "0004_waiting_pairs")]

    operations: ClassVar = [
        migrations.AddField("delivery", "first_alias", models.BigIntegerField("首个新名称 first new alias", null=True)),
        migrations.AddField("delivery", "alias_count", models.IntegerField("新名称数 new aliases", null=True)),
        migrations.AddField(
            "delivery", "alias_root",
            models.CharField("新名称默克尔根 Merkle root of the new aliases", max_length=64, null=True),
        ),
    ]
