"""The district of ``places.py`` for the tests of this room."""

from tests.published.places import default_book, place

__all__ = ["default_book", "place"]
