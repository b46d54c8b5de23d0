"""Former names told in more words, branches with a slip, kinds of ownership in brackets: found by new keys, too."""

from importlib import import_module
from typing import Any, ClassVar

from django.db import migrations

_key_anew: Any = import_module("zhiheng.ledger.migrations.0006_identity_parts").key_anew


class Migration(migrations.Migration):
    """Keys are only added: what an old one leads to is compared before anything is decided."""

    dependencies: ClassVar = [("ledger", "0009_statement_keys")]

    operations: ClassVar = [migrations.RunPython(_key_anew, migrations.RunPython.noop)]
