"""The area at the end of the indexes that hold a part of the cards, and an index of what has ended."""

from typing import ClassVar

from django.db import migrations, models

PARTS = {
    "card_expiry": (["next_expiry", "subject"], ("next_expiry__isnull", False)),
    "card_open": (["-open_problems", "-subject"], ("open_problems__gt", 0)),
    "card_listed": (["-last_on", "-subject"], ("listed", True)),
    "card_wrong": (["-last_on", "-subject"], ("open_problems__gt", 0)),
    "card_product": (["-last_on", "-subject"], ("product_open__gt", 0)),
    "card_project": (["-last_on", "-subject"], ("project_open__gt", 0)),
    "card_service": (["-last_on", "-subject"], ("service_open__gt", 0)),
    "card_environment": (["-last_on", "-subject"], ("environment_open__gt", 0)),
    "card_expired": (["-last_on", "-subject"], ("expired__gt", 0)),
}


class Migration(migrations.Migration):
    """Cards are derived: whatever happens here, ``zhiheng refresh`` makes them anew."""

    dependencies: ClassVar = [("projections", "0002_search")]

    operations: ClassVar = [
        *(migrations.RemoveIndex("card", name) for name in PARTS if name != "card_expired"),
        *(
            migrations.AddIndex("card", models.Index(fields=[*fields, "area"], name=name, condition=models.Q(condition)))
            for name, (fields, condition) in PARTS.items()
        ),
    ]
