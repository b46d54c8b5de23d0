"""What a book says in Python (``clean.py`` of a record, ``rule.py`` of a workflow), read from its file: nothing imports
the book.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType


def executed(path: Path) -> ModuleType:
    """The module in a file, run. Whatever its code raises is raised: to the caller a mistake of the book."""
    spec = importlib.util.spec_from_file_location(f"book_{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
