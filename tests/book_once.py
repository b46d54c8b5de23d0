"""The books that tests only read, each read once in a process and the same that pages read: a book never changes once
it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from zhiheng.grammar.book import Book, Chapter
from zhiheng.grammar.loader import current
from zhiheng.grammar.registry import registered


@cache
def book_once(root: Path) -> Book:
    """The book in a folder that no test writes into."""
    root = root.resolve()
    return current(root, root / "nothing-added")


def with_chapters(book: Book, chapters: Mapping[Chapter[Any], Any]) -> Book:
    """The book as if some of its chapters said something else; those that are read when asked for are read beside
    them.
    """
    known = {chapter: book[chapter] for chapter in registered() if chapter.at_once}
    return Book(book.root, book.added, {**known, **chapters})
