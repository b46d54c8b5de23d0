"""A heading that was accepted and taken back has a state of its own; before, its reason began with Chinese words that said so."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

SAID = "采用后收回："


def _state_of_its_own(apps: Any, schema_editor: Any) -> None:
    proposals = apps.get_model("office", "HeadingProposal").objects.using(schema_editor.connection.alias)
    for found in proposals.filter(state="rejected", decision__startswith=SAID):
        proposals.filter(pk=found.pk).update(state="recalled", decision=found.decision.removeprefix(SAID))


def _back(apps: Any, schema_editor: Any) -> None:
    proposals = apps.get_model("office", "HeadingProposal").objects.using(schema_editor.connection.alias)
    for found in proposals.filter(state="recalled"):
        proposals.filter(pk=found.pk).update(state="rejected", decision=SAID + found.decision)


class Migration(migrations.Migration):
    dependencies = [("office", "0008_heading_proposal")]

    operations = [
        migrations.AlterField(
            model_name="headingproposal",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "待决定 open"),
                    ("accepted", "已采用 accepted"),
                    ("rejected", "未采用 rejected"),
                    ("recalled", "采用后收回 taken back"),
                ],
                default="open",
                max_length=8,
            ),
        ),
        migrations.RunPython(_state_of_its_own, _back, hints={"model_name": "headingproposal"}),
    ]
