"""Tasks that wait in the queue are found where they stand now: ``zhiheng.jobs.tasks`` became ``zhiheng.jobs.tasks``."""

from typing import Any, ClassVar

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Replace

BEFORE, NOW = "zhiheng.jobs.tasks.", "zhiheng.jobs.tasks."


def follow(apps: Any, schema_editor: Any) -> None:
    """Rename the paths of tasks, those that wait and those whose results are kept."""
    results = apps.get_model("django_tasks_database", "DBTaskResult").objects.using(schema_editor.connection.alias)
    results.filter(task_path__startswith=BEFORE).update(task_path=Replace(F("task_path"), Value(BEFORE), Value(NOW)))


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("office", "0010_publication_doubtful"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]
    operations: ClassVar = [
        migrations.RunPython(follow, migrations.RunPython.noop, hints={"model_name": "upload"}),
    ]
