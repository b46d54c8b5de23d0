"""A stored due day in words of the page: by what rule, how it was counted, and what of it may still move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from zhiheng.pages.words import label


class DueWords(NamedTuple):
    """The rule ('15个工作日（《…》第十四条）'), the steps of the count, and why the day is provisional (empty: it is
    settled).
    """

    law: str = ""
    why: tuple[str, ...] = ()
    provisional: tuple[str, ...] = ()


def due_words(basis: Mapping[str, Any]) -> DueWords:
    """What is kept beside a due day (``Deadline.basis``); of days that were stored before it was kept there is nothing
    to say.
    """
    if not basis:
        return DueWords()
    still_open = tuple(label(each) for each in basis.get("provisional", ()))
    counted = tuple(label(each) for each in basis.get("why", ()))
    return DueWords(label(basis), tuple(each for each in counted if each not in still_open), still_open)
