"""What was said of an enterprise is kept counted, so that a delivery does not have all of its history read again."""

from typing import ClassVar

from django.db import migrations, models

import zhiheng.projections.models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("projections", "0006_expired")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="CardTally",
            fields=[
                ("subject", zhiheng.projections.models.AssignedId("主体 subject", primary_key=True, serialize=False)),
                ("told", models.TextField("已计入的内容 what was counted, as JSON")),
            ],
        ),
    ]
