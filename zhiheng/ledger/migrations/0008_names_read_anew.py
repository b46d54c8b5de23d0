"""Names that are read in a new way are found by new keys, too.

Numbers inside a name, marks that no eye sees, a place in another position, a former name told in other words, 总厂 beside 厂: since
their keys differ from those that were stored, an enterprise of before would not meet its next spelling.
"""

from importlib import import_module
from typing import Any, ClassVar

from django.db import migrations

_key_anew: Any = import_module("zhiheng.ledger.migrations.0006_identity_parts").key_anew


class Migration(migrations.Migration):
    """Keys are only added: what an old one leads to is compared before anything is decided."""

    dependencies: ClassVar = [("ledger", "0007_skipped_rows")]

    operations: ClassVar = [migrations.RunPython(_key_anew, migrations.RunPython.noop)]
