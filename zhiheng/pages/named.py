"""What units, institutions, areas and roles of the book are called, in the language of the page: one home for every
page.
"""

from __future__ import annotations

from zhiheng.pages.access import book
from zhiheng.pages.words import label


def unit(name: str) -> str:
    """A unit of the place, or the institution of a bank's clerk; what the book does not know keeps its code."""
    found = book().names.get(name) or next(
        (reader.name for extract in book().credit.values() for reader in extract.readers if reader.id == name), None
    )
    return label(found) if found else name


def area(code: str) -> str:
    """An area of the place; what the book does not know keeps its code."""
    found = book().names.get(code)
    return label(found) if found else code


def role(name: str) -> str:
    """A role of the book; one that was taken out of it keeps its name."""
    found = book().roles.get(name)
    return label(found.label) if found else name
