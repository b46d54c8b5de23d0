"""The procedures of the book at the desk: each as a picture, its periods and acts by the law of a day."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.safestring import mark_safe

from zhiheng.desk.page_registry import PageTab, page
from zhiheng.desk.rulebook.chapters import SYSTEMS, absent, book_page, cited_with_topic
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.described import acts_in_words, periods_in_words
from zhiheng.engines.workflow.drawing import draw
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.stories import compiled
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.memo import once_for
from zhiheng.pages import asking
from zhiheng.pages.access import book, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese


@once_for(1)
def _compiled(found: Book) -> tuple[dict[str, Workflow], LegalTime]:
    return compiled(found[WORKFLOWS]), LegalTime(found[LAW], found[CALENDAR])


@page("book/workflows/", "book_workflows", tab=PageTab("book", 40, "workflows", "办事程序", "Procedures"))
@door("book.read")
def workflows(request: PageRequest) -> HttpResponse:
    """All procedures of the book, by the system that each serves first."""
    groups: dict[str, list[tuple[str, object]]] = {}
    for name, entry in book()[WORKFLOWS].items():
        groups.setdefault((*entry.page.systems, "N1")[0][0], []).append((name, entry))
    return book_page(
        request, "workflows", groups=[(SYSTEMS[letter], groups[letter]) for letter in SYSTEMS if letter in groups]
    )


@page("book/workflows/<str:name>/", "book_workflow")
@door("book.read")
def workflow(request: PageRequest, name: str) -> HttpResponse:
    """A procedure by the law of a day: its picture, its periods, its acts, the stories that it is tested by."""
    found = book()
    entry = found[WORKFLOWS].get(name)
    if entry is None:
        raise absent()
    day = asking.day(request, "on") or today()
    all_of, time = _compiled(found)
    page = all_of[name]
    # What is drawn is made of the book's own texts, each escaped.
    picture = mark_safe(draw(page, time, day, language="zh" if chinese() else "en"))  # noqa: S308
    return book_page(
        request,
        "workflow",
        name=name,
        page=entry.page,
        day=day,
        is_today=day == today(),
        picture=picture,
        periods=periods_in_words(page, time, day),
        acts=acts_in_words(page, time, day),
        stories=entry.stories,
        law=[cited_with_topic(citation) for citation in entry.page.law],
        children=[(child.workflow, child.label) for child in entry.page.children.values()],
        parents=[
            (other, each.page.label)
            for other, each in found[WORKFLOWS].items()
            if any(child.workflow == name for child in each.page.children.values())
        ],
    )
