"""What tests of queries start from."""

from tests.places import ledger, small_book

__all__ = ["ledger", "small_book"]
