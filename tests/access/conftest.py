"""The small place of ``tests/places.py`` and its people; the samples of every address, in the default book."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from tests.access.addresses import World, made
from tests.book_once import book_once
from tests.people.places import people
from tests.places import installation, ledger, new_installation, small_book, standing

__all__ = ["installation", "ledger", "new_installation", "people", "small_book"]


@pytest.fixture(scope="module")
def samples(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, book_root: Path
) -> Iterator[tuple[World, Path]]:
    """The samples, in the default book, and the data folder that goes with them: made once for the tests of a
    module.
    """
    folder = tmp_path_factory.mktemp("samples")
    with standing(django_db_blocker):
        with django_db_blocker.unblock(), override_settings(DATA=folder / "data"):
            world = made(book_once(book_root), folder / "handed-in", timezone.localtime())
        yield world, folder / "data"


@pytest.fixture
def world(samples: tuple[World, Path], db: None, settings: Any, tmp_path: Path) -> World:
    """The samples, with files of the test's own."""
    world, data = samples
    settings.DATA = tmp_path / "data"
    shutil.copytree(data, settings.DATA)
    return world
