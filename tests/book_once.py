"""The books that tests only read, each read once in a process and the same that pages read: a book never changes once
it is read.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from zhiheng.grammar.loader import Book, current


@cache
def book_once(root: Path) -> Book:
    """The book in a folder that no test writes into."""
    root = root.resolve()
    return current(root, root / "nothing-added")
