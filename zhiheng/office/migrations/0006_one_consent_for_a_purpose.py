"""One consent for an institution and a purpose: of several that stand side by side the one given last stays."""

from django.db import migrations, models


def keep_the_latest(apps, schema_editor):
    Consent = apps.get_model("office", "Consent")
    alias = schema_editor.connection.alias
    later = {}
    for one in Consent.objects.using(alias).filter(withdrawn_at=None).order_by("-id").iterator():
        key = (one.subject, one.reader, one.purpose)
        if key in later:
            Consent.objects.using(alias).filter(pk=one.pk).update(replaced_at=later[key])
        else:
            later[key] = one.at


class Migration(migrations.Migration):
    dependencies = [("office", "0005_corner")]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="replaced_at",
            field=models.DateTimeField(null=True, verbose_name="被新授权替代 a newer one took its place at"),
        ),
        migrations.RunPython(keep_the_latest, migrations.RunPython.noop, hints={"model_name": "consent"}),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(replaced_at__isnull=True, withdrawn_at__isnull=True),
                fields=("subject", "reader", "purpose"),
                name="consent_one",
            ),
        ),
    ]
