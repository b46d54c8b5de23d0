"""What units, institutions, areas and roles of the book are called, in the language of the page: one home for every
page.
"""

from __future__ import annotations

from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.pages.access import book
from zhiheng.pages.words import label


def unit(name: str) -> str:
    """A unit of the place, or the institution of a bank's clerk; what the book does not know keeps its code."""
    found = book()[DISTRICT].names.get(name) or next(
        (reader.name for extract in book()[CREDIT].values() for reader in extract.readers if reader.id == name), None
    )
    return label(found) if found else name


def area(code: str) -> str:
    """An area of the place; what the book does not know keeps its code."""
    found = book()[DISTRICT].names.get(code)
    return label(found) if found else code


def record(name: str) -> str:
    """A kind of record; one that was taken out of the book keeps its name."""
    entry = book()[RECORDS].get(name)
    return label(entry.record.label) if entry else name


def source(record: str, name: str) -> str:
    """A source of a record; what the book does not know keeps its name."""
    entry = book()[RECORDS].get(record)
    return label(entry.sources[name].label) if entry and name in entry.sources else name


def role(name: str) -> str:
    """A role of the book; one that was taken out of it keeps its name."""
    found = book()[ROLES].get(name)
    return label(found.label) if found else name
