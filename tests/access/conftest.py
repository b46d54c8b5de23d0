"""The small place of ``tests/places.py`` and its people."""

from tests.people.places import people
from tests.places import installation, ledger, new_installation, small_book

__all__ = ["installation", "ledger", "new_installation", "people", "small_book"]
