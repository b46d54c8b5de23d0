"""Lists are ordered by the moment at which a period ends: one in hours stands before one that has the whole day."""

import datetime as dt
from typing import Any

from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

NO_END = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)


def fill(apps: Any, schema_editor: Any) -> None:
    """The end of each row that is there: its moment, or the end of its last day."""
    duties = apps.get_model("office", "CaseDuty").objects.using(schema_editor.connection.alias)
    duties.filter(due_at__isnull=False).update(ends_at=F("due_at"))
    in_days = duties.filter(due_at=None, due__isnull=False)
    for due in list(in_days.values_list("due", flat=True).distinct().order_by("due")):
        end = timezone.make_aware(dt.datetime.combine(due + dt.timedelta(days=1), dt.time()))
        in_days.filter(due=due).update(ends_at=end)


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0021_case_batches'),
    ]

    operations = [
        migrations.AddField(
            model_name='caseduty',
            name='ends_at',
            field=models.DateTimeField(default=NO_END, verbose_name='结束时刻 moment at which it ends'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, hints={"model_name": "caseduty"}),
        migrations.AddIndex(
            model_name='caseduty',
            index=models.Index(fields=['ends_at', 'id'], name='caseduty_ends'),
        ),
        migrations.AddIndex(
            model_name='caseduty',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='caseduty_hours'),
        ),
    ]
