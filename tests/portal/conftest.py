"""The district of tests/published for the pages of the public, and a reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.published.places import NOON, default_book, place
from zhiheng.portal import names
from zhiheng.portal.caching import PAGES

__all__ = ["default_book", "place"]


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages read the day of the tests; nothing is kept from one test to the next."""
    for room in ("front", "lists", "data", "caching"):
        if hasattr(__import__(f"zhiheng.portal.{room}", fromlist=["today"]), "today"):
            monkeypatch.setattr(f"zhiheng.portal.{room}.today", lambda: NOON.date())
    names._areas.cache_clear()
    names._units.cache_clear()
    PAGES.forget()
    yield
    PAGES.forget()
