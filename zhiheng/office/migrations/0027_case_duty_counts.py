"""Duties say in a column of their own whether they are for named persons only, so that the numbers of the inbox are
counted in an index.
"""

from typing import Any

from django.db import migrations, models


def tell_named(apps: Any, schema_editor: Any) -> None:
    """Mark the duties that name persons."""
    duties = apps.get_model("office", "CaseDuty").objects.using(schema_editor.connection.alias)
    duties.exclude(persons="").update(named=True)


class Migration(migrations.Migration):
    dependencies = [("office", "0026_measurements")]

    operations = [
        migrations.AddField(
            model_name="caseduty",
            name="named",
            field=models.BooleanField(default=False, verbose_name="只限指定的人 for persons named only"),
        ),
        migrations.RunPython(tell_named, migrations.RunPython.noop, hints={"model_name": "caseduty"}),
        migrations.RemoveIndex(model_name="caseduty", name="caseduty_unit"),
        migrations.AddIndex(
            model_name="caseduty",
            index=models.Index(
                fields=[
                    *("unit", "kind", "waits_for", "ends_at", "at", "takes", "due", "due_at", "missed"),
                    *("named", "workflow", "case", "area", "quality"),
                ],
                name="caseduty_counts",
            ),
        ),
        migrations.AddIndex(
            model_name="caseduty",
            index=models.Index(fields=["at", "area", "kind", "ends_at"], name="caseduty_above"),
        ),
    ]
