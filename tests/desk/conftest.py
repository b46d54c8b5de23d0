"""The small place of ``tests/places.py`` for the tests of this room."""

from tests.desk.files_of import handed_in
from tests.places import installation, ledger, new_installation, small_book

__all__ = ["handed_in", "installation", "ledger", "new_installation", "small_book"]
