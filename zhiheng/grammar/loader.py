"""Opens a book: reads the chapters without which nothing works, and tells every mistake in them at once.

Nothing imports the book: its folder is read. What a record's ``clean.py`` defines is called, never imported by name.
"""

from __future__ import annotations

import functools
from pathlib import Path

from zhiheng.grammar import additions
from zhiheng.grammar.book import Book
from zhiheng.grammar.registry import in_order_of_needs, registered
from zhiheng.kernel.collecting import without_collecting


def current(root: Path, added: Path) -> Book:
    """The book of an installation with what was added to it here, read once per process and again when something is
    added.

    Where nothing is added it is the book of the folder, whichever installation asks.
    """
    mark = additions.mark(added)
    return _current(root, added if mark else None, mark)


@functools.lru_cache(maxsize=4)
def _current(root: Path, added: Path | None, _mark: tuple[str, ...]) -> Book:
    return load(root, added)


def load(root: Path, added: Path | None = None) -> Book:
    """The book in a folder, with the headings that an installation keeps in ``added``. Raises BookRefused with every
    mistake in the chapters that are read at once; the others are read when they are asked for.
    """
    book = Book(root, added)
    with without_collecting():
        book.read(*in_order_of_needs(chapter for chapter in registered() if chapter.at_once))
    return book
