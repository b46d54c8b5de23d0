"""The chapters that a book can have. Each registers itself where it is defined; nothing here names one.

A chapter is a module of ``zhiheng/grammar/chapters``. To add one is to add that module: the loader, the check of a
book, its index, the schemas for editors and the page of all chapters walk through this list.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from zhiheng.grammar import chapters
from zhiheng.grammar.book import Chapter

T = TypeVar("T")
_REGISTERED: dict[str, Chapter[Any]] = {}


def register(chapter: Chapter[T]) -> Chapter[T]:
    """Make a chapter one of every book. Its needs are registered before it, so no two can need each other."""
    if chapter.name in _REGISTERED:
        raise ValueError(f"there is a chapter {chapter.name!r} already; choose another name")
    for needed in chapter.needs:
        if _REGISTERED.get(needed.name) is not needed:
            raise ValueError(f"chapter {chapter.name!r} needs {needed.name!r}, which is not registered")
    _REGISTERED[chapter.name] = chapter
    return chapter


def withdraw(chapter: Chapter[Any]) -> None:
    """Take a chapter out again."""
    del _REGISTERED[chapter.name]


def registered() -> tuple[Chapter[Any], ...]:
    """Every chapter, in the order in which people read of them."""
    _import_chapters()
    return tuple(sorted(_REGISTERED.values(), key=lambda chapter: (chapter.order, chapter.name)))


def in_order_of_needs(some: Iterable[Chapter[Any]]) -> tuple[Chapter[Any], ...]:
    """Some chapters, each after those of them that it needs."""
    wanted = tuple(some)
    found: dict[Chapter[Any], None] = {}

    def add(chapter: Chapter[Any]) -> None:
        for needed in chapter.needs:
            add(needed)
        if chapter in wanted:
            found[chapter] = None

    for chapter in wanted:
        add(chapter)
    return tuple(found)


@cache
def _import_chapters() -> None:
    for module in pkgutil.iter_modules(chapters.__path__, f"{chapters.__name__}."):
        import_module(module.name)
