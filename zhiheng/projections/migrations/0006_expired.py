"""What ended longest ago and was not renewed stands on the card, so that a list can say which it is and for how long."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("projections", "0005_found_doubts")]
    operations: ClassVar = [
        migrations.AddField(
            "card", "expired_on", models.DateField("最早过期的到期日 last day of what ended longest ago", null=True)
        ),
        migrations.AddField(
            "card", "expired_record", models.CharField("最早过期之物的记录 its record", max_length=60, default="")
        ),
        migrations.AddField("card", "expired_what", models.TextField("最早过期之物 what ended longest ago", default="")),
    ]
