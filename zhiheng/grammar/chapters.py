"""The chapters of a book that the loader of records does not read, and what is asked of all of them together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from zhiheng.grammar.calendars import CalendarYear, load_calendar
from zhiheng.grammar.cards import CardPage
from zhiheng.grammar.cockpit import Cockpit
from zhiheng.grammar.codes import IndustryPage
from zhiheng.grammar.corner import Corner
from zhiheng.grammar.credit import CreditExtract
from zhiheng.grammar.district import District
from zhiheng.grammar.documents import DocumentText
from zhiheng.grammar.glossary import Glossary, load_glossary
from zhiheng.grammar.indicators import Indicator
from zhiheng.grammar.law import LawTopic, load_law
from zhiheng.grammar.loader import Book
from zhiheng.grammar.parties import PartyPage
from zhiheng.grammar.publication import Portal, PublicationRule
from zhiheng.grammar.records import Examples, Record, Source
from zhiheng.grammar.roles import ACTS, Role, unallowed
from zhiheng.grammar.targets import Goals
from zhiheng.grammar.words import Citation
from zhiheng.grammar.yaml import BookError, BookRefused
from zhiheng.kernel.law import stale


def models() -> Mapping[str, type[BaseModel]]:
    """The model of every kind of page, for editors' JSON Schemas."""
    return {
        "record": Record, "source": Source, "examples": Examples, "indicator": Indicator, "district": District,
        "law": LawTopic, "calendar": CalendarYear, "codes": IndustryPage, "glossary": Glossary,
        "target": Goals, "cockpit": Cockpit, "document": DocumentText, "role": Role, "card": CardPage, "credit": CreditExtract, "corner": Corner,
        "publication": PublicationRule, "portal": Portal, "parties": PartyPage,
    }  # fmt: skip


def check_rest(book: Book) -> Mapping[str, int]:
    """Read law, calendars and glossary, and check what records say of them; how many entries each has.

    Raises BookRefused with every mistake found.
    """
    root = book.root
    law = load_law(root / "law", root=root)
    calendar = load_calendar(root / "calendars", root=root)
    glossary = load_glossary(root / "glossary.yaml", root=root)
    errors = []
    for entry in book.records.values():
        until = entry.record.publication.until
        if until:
            topic, _, parameter = until.partition(".")
            if topic not in law.topics() or parameter not in law.names(topic):
                errors.append(
                    BookError(
                        "book.law",
                        f"公示期限“{until}”在 law 目录中找不到；请写成 专题.参数。",
                        f"The period {until!r} is not in the folder law; write topic.parameter.",
                        "publication.until",
                        until,
                        file=(entry.folder / "record.yaml").relative_to(root).as_posix(),
                    )
                )
    errors += [
        BookError(
            "book.act",
            f"没有任何角色可以“{ACTS[act].zh}”（{act}），谁也办不了；请写进 roles 目录下的一个角色。",
            f"No role may {ACTS[act].en} ({act}), so nobody can; add it to a role in the folder roles.",
            "may",
            act,
            file="roles",
        )
        for act in unallowed(book.roles)
    ]
    if errors:
        raise BookRefused(*errors)
    years = sum(1 for path in (root / "calendars").glob("[0-9]*.yaml"))
    assert all(calendar.known(int(path.stem)) for path in (root / "calendars").glob("[0-9]*.yaml"))
    return {
        "law_parameters": len(law),
        "calendar_years": years,
        "terms": len(glossary.terms),
        "documents": len(book.documents),
        "credit_extracts": len(book.credit),
        "publications": len(book.publications.rules) if book.publications else 0,
        "undertakings": len(book.corner.undertakings) if book.corner else 0,
    }


def unchecked(book: Book, today: dt.date, months: int) -> list[tuple[str, str, str, str, str, str]]:
    """Law that nobody has checked against the text, or not for ``months``: (page, name, text, article, checked, lead)."""
    rows = []
    for finding in stale(load_law(book.root / "law", root=book.root), today, months):
        p = finding.parameter
        rows.append((f"law/{p.topic}.yaml", p.name, p.cited(), p.article, str(p.checked or "never"), p.lead))
    for page, name, citation in _citations(book):
        old = citation.checked == "never" or _months(citation.checked, today) >= months
        if old:
            rows.append((page, name, citation.text, citation.article, str(citation.checked), citation.lead))
    return rows


def _citations(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for entry in book.records.values():
        page = f"records/{entry.department}/{entry.id}/record.yaml"
        for citation in entry.record.law:
            yield page, entry.record.label.zh, citation
        if entry.record.publication.law is not None:
            yield page, f"{entry.record.label.zh}（公示）", entry.record.publication.law
    for record, rule in book.publications.rules.items() if book.publications else ():
        entry = book.records[record]
        for citation in rule.law:
            yield f"records/{entry.department}/{record}/publication.yaml", f"{entry.record.label.zh}（公示）", citation
    for name, indicator in book.indicators.items():
        for citation in indicator.law:
            yield f"indicators/{name}.yaml", indicator.label.zh, citation


def _months(checked: dt.date, today: dt.date) -> int:
    return (today.year - checked.year) * 12 + today.month - checked.month - (today.day < checked.day)
