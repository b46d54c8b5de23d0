"""The small place of ``tests/places.py`` for the tests of this room."""

from tests.places import ledger, small_book

__all__ = ["ledger", "small_book"]
