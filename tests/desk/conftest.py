"""The small place of ``tests/places.py`` for the tests of this room."""

from tests.places import installation, ledger, new_installation, small_book

__all__ = ["installation", "ledger", "new_installation", "small_book"]
