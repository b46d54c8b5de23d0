"""Every value type by its name, in the order of the names: the list that the grammar offers to a book.

A type is a class of a module beside this one that has a name of its own; to add one is to add its class.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from zhiheng.kernel import fields
from zhiheng.kernel.fields.base import FieldType


def _types() -> Iterator[type[FieldType]]:
    """The types that the modules of this folder define."""
    for each in pkgutil.iter_modules(fields.__path__, f"{fields.__name__}."):
        if each.name != __name__:
            for found in vars(import_module(each.name)).values():
                if isinstance(found, type) and issubclass(found, FieldType) and found.__module__ == each.name:
                    yield found


BY_NAME: dict[str, type[FieldType]] = {
    kind.name: kind for kind in sorted((t for t in _types() if "name" in vars(t)), key=lambda t: t.name)
}
