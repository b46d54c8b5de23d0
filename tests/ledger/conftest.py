"""The small place of ``tests/places.py`` for the tests of this room, and a ledger that a module of tests fills once, by
its own ``fill(ledger)``, and that each of its tests has to itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.places import Ledger, installation, ledger, new_installation, own_copy, small_book, standing_ledger
from zhiheng.grammar.book import Book

__all__ = ["filled", "installation", "ledger", "made", "new_installation", "small_book"]


@pytest.fixture(scope="module")
def made(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
    small_book: Book,
) -> Iterator[Path]:
    """The data folder of the ledger as the module fills it."""
    fill = request.module.fill
    with standing_ledger(django_db_blocker, tmp_path_factory.mktemp("made"), small_book, fill) as data:
        yield data


@pytest.fixture
def filled(made: Path, ledger: Ledger) -> Ledger:
    """That ledger, made once, with files of the test's own."""
    return own_copy(made, ledger)
