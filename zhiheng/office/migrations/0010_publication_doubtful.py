"""What was taken down for a doubt is found again quickly, once the doubt is gone."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """An index over the few requests of that cause."""

    dependencies: ClassVar = [("office", "0009_heading_recalled")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="publicationrequest",
            index=models.Index(
                fields=["fact", "state"], name="publication_doubtful", condition=models.Q(cause="doubtful")
            ),
        ),
    ]
