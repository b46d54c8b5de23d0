"""An index for the list of pairs that wait for a person, likeliest first."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Decided pairs are not in it: it stays as small as the work that waits."""

    dependencies: ClassVar = [("ledger", "0003_delivery_subject")]

    operations: ClassVar = [
        migrations.AddIndex(
            "likelymatch",
            models.Index(condition=models.Q(("decision", "")), fields=["-score", "id"], name="likely_waiting"),
        ),
    ]
