"""Names that the book gives to places, units and lists, in the language of the page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import Http404

from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.publication import PUBLICATION, Publications
from zhiheng.grammar.chapters.publication_pages import PortalList
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.pages.access import book
from zhiheng.pages.words import chinese, label, say
from zhiheng.published.entry_text import Side

GROUPS = {
    "warnings": Label(zh="风险与处理", en="Risks and measures"),
    "results": Label(zh="检查与监测结果", en="Results"),
    "honours": Label(zh="质量荣誉与承诺", en="Honours and commitments"),
    "registers": Label(zh="登记与许可", en="Registers and licences"),
}


def chapter() -> Publications:
    """What the book publishes; where it publishes nothing there is no portal."""
    found = book()[PUBLICATION]
    if found is None:
        raise Http404
    return found


def side() -> Side:
    """The language of the page, as values are kept in it."""
    return "zh" if chinese() else "en"


@cache
def _areas() -> dict[str, Label]:
    return {area.code: area.name for area in book()[DISTRICT].areas}


@cache
def _units() -> dict[str, Label]:
    return {unit.id: unit.name for unit in book()[DISTRICT].units}


def area(code: str) -> str:
    """The name of an area."""
    return label(_areas()[code]) if code in _areas() else code


def unit(name: str) -> str:
    """The name of a unit that handed something in."""
    return label(_units()[name]) if name in _units() else say("有关部门", "a department")


def list_of(name: str) -> PortalList:
    """A list of the portal, or a page that says that there is none."""
    found = chapter().portal.lists.get(name)
    if found is None:
        raise Http404
    return found


def choices(record: str, field: str) -> list[tuple[str, str]]:
    """The choices of a field of a record: (value, word)."""
    entry = book()[RECORDS][record]
    kind: Any = next(iter(entry.types.values()))[field]
    return [(code, kind.show(code, lang=side())) for code in kind.choices]
