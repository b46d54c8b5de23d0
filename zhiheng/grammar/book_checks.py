"""Checks across all chapters of a book, and the report of citations of law that are due to be verified."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.law import LAW, LAW_TOPICS
from zhiheng.grammar.chapters.texts import PAGE, TEXTS
from zhiheng.grammar.registry import in_order_of_needs, registered
from zhiheng.grammar.types import Citation
from zhiheng.grammar.yaml import BookError, BookRefused
from zhiheng.kernel.law import Instrument, stale


def models() -> Mapping[str, type[BaseModel]]:
    """The model of every kind of page, for editors' JSON Schemas."""
    return {kind.name: kind.model for chapter in registered() for kind in chapter.pages if kind.model is not None}


def check(book: Book) -> Mapping[str, int]:
    """Read every chapter, and check what they say of each other; how many of what the book has.

    Raises BookRefused with every mistake found.
    """
    chapters = registered()
    book.read(*in_order_of_needs(chapters))
    errors = [error for chapter in chapters if chapter.checks is not None for error in chapter.checks(book)]
    if errors:
        raise BookRefused(*errors)
    return {name: count(book[chapter]) for chapter in chapters for name, count in chapter.counts.items()}


def hints(book: Book) -> list[BookError]:
    """What a sound book may still have forgotten; whoever answers for it decides."""
    return [hint for chapter in registered() if chapter.hints is not None for hint in chapter.hints(book)]


ReportKind = Literal["never", "old", "edition", "no_link", "absent"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A citation or value of law that is due to be verified: why, on which page, for what, and what is cited.

    ``kind``: never checked; checked too long ago (``old``); the day on which an edition came into force was not seen in
    its text (``edition``); a citation without an official page or database (``no_link``); an article that its text does
    not have (``absent``).
    """

    kind: ReportKind
    page: str
    name: str
    text: str
    article: str
    checked: str
    lead: str


def doubts(book: Book, today: dt.date, months: int) -> list[Doubt]:
    """What a book alone shows of its law that needs a look: everything but ``absent``, which needs the texts."""
    law, register = book[LAW], book[TEXTS]
    found = []
    for finding in stale(law, today, months):
        p = finding.parameter
        kind: ReportKind = "never" if p.checked is None else "old"
        found.append(
            Doubt(kind, f"law/{p.topic}.yaml", p.name, p.cited(), p.article, str(p.checked or "never"), p.lead)
        )
    for page, name, citation in citations(book):
        if citation.checked == "never" or _months(citation.checked, today) >= months:
            kind = "never" if citation.checked == "never" else "old"
            found.append(_doubt(kind, page, name, citation, citation.lead))
    for id, text in register.texts.items():
        found += [
            Doubt("edition", PAGE, id, f"《{text.title(each)}》{each.order}", "", str(each.from_ or ""), each.lead)
            for each in text.editions
            if each.lead
        ]
    for p in law.rules():
        if not p.text.url and not p.text.search:
            page = f"law/{p.topic}.yaml"
            found.append(Doubt("no_link", page, p.name, p.cited(), p.article, str(p.checked or "never"), p.lead))
    for page, name, citation in citations(book):
        text_ = register.cited(citation, today)
        if text_ is None or not (text_.url or text_.search):
            lead = "" if text_ else f"{PAGE} 中没有登记这个文件 / not in {PAGE}"
            found.append(_doubt("no_link", page, name, citation, lead or citation.lead))
    return found


def cited_places(book: Book, today: dt.date) -> Iterator[tuple[str, str, Instrument, str]]:
    """(page, name, edition of a text, article) of everything that a book cites: each value in every edition it lived
    under.
    """
    register = book[TEXTS]
    for topic in book[LAW_TOPICS].values():
        for p in topic.values(register.texts):
            yield f"law/{p.topic}.yaml", f"{p.name} {p.since}", p.text, p.article
    for page, name, citation in citations(book):
        text = register.cited(citation, today)
        if text is not None:
            yield page, name, text, citation.article


def citations(book: Book) -> Iterator[tuple[str, str, Citation]]:
    """(page, what it speaks of, citation) of every citation outside of ``law/``."""
    for chapter in registered():
        if chapter.cites is not None:
            yield from chapter.cites(book)


def _doubt(kind: ReportKind, page: str, name: str, citation: Citation, lead: str) -> Doubt:
    return Doubt(kind, page, name, citation.text, citation.article, str(citation.checked), lead)


def _months(checked: dt.date, today: dt.date) -> int:
    return (today.year - checked.year) * 12 + today.month - checked.month - (today.day < checked.day)
