"""The small place of ``tests/places.py`` and its people."""

from tests.people.places import people
from tests.places import installation, ledger, small_book

__all__ = ["installation", "ledger", "people", "small_book"]
