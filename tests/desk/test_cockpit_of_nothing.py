"""还没有任何数据的驾驶舱。"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.desk.cockpit_place import cockpit_book, cockpit_root, first_of_july
from tests.desk.test_cockpit import clerk, cockpit, page
from tests.places import Ledger, _ledger
from zhiheng.grammar.book import Book

__all__ = ["cockpit_book", "cockpit_root", "first_of_july"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def place(db: None, settings: Any, tmp_path: Path, cockpit_root: Path, cockpit_book: Book) -> Ledger:
    """An empty ledger of the place, open to pages, on the first of July 2026."""
    settings.BOOK = cockpit_root
    return _ledger(settings, tmp_path, cockpit_book)


def test_没有数据的区域不是空白_而是证据不足(place: Ledger) -> None:
    text = page(clerk(), cockpit())
    assert "证据不足" in text
    assert "均无本辖区的报送和记录" in text
