"""The demo, written and read once for all tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.book_once import book_once
from tests.demo.received import Received
from zhiheng.demo import DemoManifest, write
from zhiheng.grammar.book import Book

# Small enough for a test, and every share comes out exactly at any scale.
SCALE = 0.01


@pytest.fixture(scope="session")
def book(book_root: Path) -> Book:
    """The default book."""
    return book_once(book_root)


@pytest.fixture(scope="session")
def manifest(book: Book, tmp_path_factory: pytest.TempPathFactory) -> DemoManifest:
    """A thinned-out demo, written to a folder."""
    return write(book, tmp_path_factory.mktemp("demo"), scale=SCALE)


@pytest.fixture(scope="session")
def received(book: Book, manifest: DemoManifest) -> Received:
    """The same demo, read and taken in."""
    return Received(book, manifest)
