"""The small place of ``tests/places.py`` for the tests of this room."""

from tests.desk.files_of import handed_in
from tests.places import ledger, small_book

__all__ = ["handed_in", "ledger", "small_book"]
