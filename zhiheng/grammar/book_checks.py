"""The chapters of a book that the loader of records does not read, and what is asked of all of them together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from zhiheng.grammar.chapters.calendars import CalendarYear, load_calendar
from zhiheng.grammar.chapters.cards import CardPage
from zhiheng.grammar.chapters.cockpit import Cockpit
from zhiheng.grammar.chapters.codes import IndustryPage
from zhiheng.grammar.chapters.corner import Corner
from zhiheng.grammar.chapters.credit import CreditExtract
from zhiheng.grammar.chapters.district import District
from zhiheng.grammar.chapters.documents import DocumentText
from zhiheng.grammar.chapters.glossary import Glossary, load_glossary
from zhiheng.grammar.chapters.headings import HeadingPage
from zhiheng.grammar.chapters.indicators import Indicator
from zhiheng.grammar.chapters.law import LawTopic, load_topics
from zhiheng.grammar.chapters.parties import PartyPage
from zhiheng.grammar.chapters.publication import Portal, PublicationRule, example_errors
from zhiheng.grammar.chapters.record_pages import Examples, Record, Source
from zhiheng.grammar.chapters.roles import ACTS, Role, unallowed
from zhiheng.grammar.chapters.targets import Goals
from zhiheng.grammar.chapters.texts import PAGE, TextPage, TextRegister
from zhiheng.grammar.chapters.workflow_pages import Stories, WorkflowPage, WorkflowPart
from zhiheng.grammar.loader import Book
from zhiheng.grammar.types import Citation
from zhiheng.grammar.yaml import BookError, BookRefused
from zhiheng.kernel.law import Instrument, Law, LawKey, stale


def models() -> Mapping[str, type[BaseModel]]:
    """The model of every kind of page, for editors' JSON Schemas."""
    return {
        "record": Record,
        "source": Source,
        "examples": Examples,
        "indicator": Indicator,
        "district": District,
        "law": LawTopic,
        "texts": TextPage,
        "calendar": CalendarYear,
        "codes": IndustryPage,
        "glossary": Glossary,
        "target": Goals,
        "cockpit": Cockpit,
        "document": DocumentText,
        "role": Role,
        "card": CardPage,
        "credit": CreditExtract,
        "corner": Corner,
        "publication": PublicationRule,
        "portal": Portal,
        "parties": PartyPage,
        "headings": HeadingPage,
        "workflow": WorkflowPage,
        "workflow_part": WorkflowPart,
        "stories": Stories,
    }


def check_rest(book: Book) -> Mapping[str, int]:
    """Read law, calendars and glossary, and check what records say of them; how many entries each has.

    Raises BookRefused with every mistake found.
    """
    root = book.root
    topics, register = load_topics(root / "law", root=root)
    law = Law(value for topic in topics.values() for value in topic.values(register.texts))
    calendar = load_calendar(root / "calendars", root=root)
    glossary = load_glossary(root / "glossary.yaml", root=root)
    errors = [*example_errors(book), *_unnamed_words(topics, glossary), *_unused_texts(book, topics, register)]
    for entry in book.records.values():
        until = entry.record.publication.until
        if until:
            key = LawKey.parse(until)
            if key.topic not in law.topics() or key.parameter not in law.names(key.topic):
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
        "law_parameters": sum(1 for _ in law.rules()),
        "calendar_years": years,
        "terms": len(glossary.terms),
        "documents": len(book.documents),
        "credit_extracts": len(book.credit),
        "publications": len(book.publications.rules) if book.publications else 0,
        "workflows": len(book.workflows),
        "stories": sum(len(entry.stories) for entry in book.workflows.values()),
        "undertakings": len(book.corner.undertakings) if book.corner else 0,
    }


def _unused_texts(book: Book, topics: Mapping[str, LawTopic], register: TextRegister) -> Iterator[BookError]:
    """Texts of the register that nothing in the book cites."""
    used = {id for topic in topics.values() for id in topic.cited()}
    used |= {id for _, _, citation in citations(book) for id in register.ids(citation.text)}
    for id in register.texts:
        if id not in used:
            yield BookError(
                "book.text",
                f"没有任何一处引用《{register.texts[id].zh}》；请删去，或改正引用它的名称。",
                f"Nothing cites {register.texts[id].en!r}; remove it, or correct the title where it is cited.",
                f"texts.{id}",
                id,
                file=PAGE,
            )


def _unnamed_words(topics: Mapping[str, LawTopic], glossary: Glossary) -> Iterator[BookError]:
    """Words among the values of the law that have no name for people."""
    known = {term.id for term in glossary.terms}
    for topic in topics.values():
        for name, parameter in topic.parameters.items():
            missing = sorted({w for v in parameter.values for w in v.words()} - known - set(topic.words))
            if missing:
                yield BookError(
                    "book.word",
                    f"“{'、'.join(missing)}”没有给人看的名称；请写进本页的 words。",
                    f"{', '.join(missing)} has no name for people; add it to words of the page.",
                    f"parameters.{name}",
                    missing[0],
                    file=f"law/{topic.topic}.yaml",
                )


ReportKind = Literal["never", "old", "edition", "no_link", "absent"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something of the law in a book that somebody should look up: why, on which page, for what, and what is cited.

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
    topics, register = load_topics(book.root / "law", root=book.root)
    law = Law(value for topic in topics.values() for value in topic.values(register.texts))
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
    topics, register = load_topics(book.root / "law", root=book.root)
    for topic in topics.values():
        for p in topic.values(register.texts):
            yield f"law/{p.topic}.yaml", f"{p.name} {p.since}", p.text, p.article
    for page, name, citation in citations(book):
        text = register.cited(citation, today)
        if text is not None:
            yield page, name, text, citation.article


def citations(book: Book) -> Iterator[tuple[str, str, Citation]]:
    """(page, what it speaks of, citation) of every citation outside of ``law/``."""
    for entry in book.records.values():
        folder = f"records/{entry.department}/{entry.id}"
        for citation in cited_in(entry.record):
            yield f"{folder}/record.yaml", entry.record.label.zh, citation
        rule = book.publications.rules.get(entry.id) if book.publications else None
        for citation in cited_in(rule):
            yield f"{folder}/publication.yaml", f"{entry.record.label.zh}（公示）", citation
    for name, indicator in book.indicators.items():
        for citation in cited_in(indicator):
            yield f"indicators/{name}.yaml", indicator.label.zh, citation
    for name, goals in book.targets.items():
        for citation in cited_in(goals):
            yield f"targets/{name}.yaml", name, citation
    for name, workflow in book.workflows.items():
        for citation in (*workflow.page.law, *workflow.page.articles()):
            yield f"workflows/{name}/workflow.yaml", workflow.page.label.zh, citation
    for citation in cited_in(book.corner):
        yield "corner.yaml", "企业之窗", citation
    for name, extract in book.credit.items():
        for citation in cited_in(extract):
            yield f"credit/{name}.yaml", name, citation


def cited_in(page: object) -> Iterator[Citation]:
    """Every citation in a page of the book, wherever its grammar has one."""
    if isinstance(page, Citation):
        yield page
    elif isinstance(page, BaseModel):
        for name in type(page).model_fields:
            yield from cited_in(getattr(page, name))
    elif isinstance(page, Mapping):
        for each in page.values():
            yield from cited_in(each)
    elif isinstance(page, tuple | list):
        for each in page:
            yield from cited_in(each)


def _doubt(kind: ReportKind, page: str, name: str, citation: Citation, lead: str) -> Doubt:
    return Doubt(kind, page, name, citation.text, citation.article, str(citation.checked), lead)


def _months(checked: dt.date, today: dt.date) -> int:
    return (today.year - checked.year) * 12 + today.month - checked.month - (today.day < checked.day)
