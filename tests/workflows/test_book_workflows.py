"""The workflows of the default book: their courses are sound, their stories come true, and almost no line could be lost
unnoticed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.book_once import book_once
from zhiheng.engines.workflow.book_check import workflow_failures
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.untested import untested
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflows import WORKFLOWS

WANTED = 0.95


@pytest.fixture(scope="module")
def book(book_root: Path) -> Book:
    """The default book."""
    return book_once(book_root)


@pytest.mark.slow
def test_走得到头_故事都成立(book: Book) -> None:
    assert list(workflow_failures(book)) == []


@pytest.mark.slow
def test_去掉任一行_九成五以上有故事发觉(book: Book) -> None:
    time = LegalTime(book[LAW], book[CALENDAR])
    seen = {name: untested(book[WORKFLOWS], name, time) for name in book[WORKFLOWS]}
    lost = {name: list(map(str, each.unnoticed)) for name, each in seen.items() if each.share_noticed < WANTED}
    assert lost == {}


def test_由另一单位办的_书里写明是哪个单位(book: Book) -> None:
    for entry in book[WORKFLOWS].values():
        moves = any(act.moves_to for act in entry.page.acts.values())
        for name, hand in entry.page.hands.items():
            assert hand.at != "other" or hand.unit is not None or moves, f"{entry.id} {name}"
