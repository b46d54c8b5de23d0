from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projections", "0008_area_codes")]

    operations = [
        migrations.AddField(
            model_name="owed",
            name="due_basis",
            field=models.JSONField(default=dict, verbose_name="应报日依据 by what rule, how counted, what is provisional"),
        ),
    ]
