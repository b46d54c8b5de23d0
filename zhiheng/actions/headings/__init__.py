"""Headings of tables that the book does not know yet: proposed, decided, taken back."""
