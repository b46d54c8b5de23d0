"""Which cases wait for an answer to their sender. The worker makes the rows of those with a receipt anew."""

from typing import Any

from django.db import migrations, models


def make_anew(apps: Any, schema_editor: Any) -> None:
    """An edition of no book is one that has changed."""
    rows = apps.get_model("office", "CaseStandingRow").objects.using(schema_editor.connection.alias)
    rows.filter(case__receipt_digest__isnull=False).update(edition="")


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0024_case_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="casestandingrow",
            name="unheard",
            field=models.BigIntegerField(
                null=True, verbose_name="来件人的新话 line of the sender that nobody has answered"
            ),
        ),
        migrations.AddIndex(
            model_name="casestandingrow",
            index=models.Index(
                condition=models.Q(("unheard__isnull", False)),
                fields=["unit", "unheard"],
                name="casestanding_unheard",
            ),
        ),
        migrations.RunPython(make_anew, migrations.RunPython.noop, hints={"model_name": "casestandingrow"}),
    ]
