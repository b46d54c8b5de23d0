"""The book at the desk as a whole: its table of contents, the search over it, and the word table."""

from __future__ import annotations

from django.http import HttpResponse

from zhiheng.desk.page_registry import PageTab, page
from zhiheng.desk.rulebook.chapters import book_page, shelf
from zhiheng.grammar.book import BookHit
from zhiheng.grammar.book_index import index_groups
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.pages import asking
from zhiheng.pages.access import door, today
from zhiheng.pages.http import PageRequest


@page("book/", "book", tab=PageTab("book", 10, "contents", "目录", "Contents"))
@door("book.read")
def contents(request: PageRequest) -> HttpResponse:
    """The chapters of the book, and the citations of law that are due to be checked."""
    shelf_, day = shelf(), today()
    stale = [
        {"name": name, "label": topic.label, "count": count}
        for name, topic in shelf_.topics.items()
        if (count := shelf_.stale_in(name, day))
    ]
    counts = {
        "records": len(shelf_.book[RECORDS]),
        "indicators": len(shelf_.book[INDICATORS]),
        "roles": len(shelf_.book[ROLES]),
    }
    return book_page(request, "contents", shelf=shelf_, counts=counts, stale=stale)


@page("book/search/", "book_search")
@door("book.read")
def search(request: PageRequest) -> HttpResponse:
    """Pages of the book that have the words."""
    asked = asking.text(request, "q", 200)
    found: dict[str, list[BookHit]] = {}
    for each in shelf().search(asked):
        found.setdefault(each.chapter, []).append(each)
    groups = [(title, found[chapter]) for chapter, title in index_groups().items() if chapter in found]
    return book_page(request, "search", q=asked, groups=groups, total=sum(map(len, found.values())))


@page("book/terms/", "book_glossary", tab=PageTab("book", 80, "glossary", "术语", "Terms"))
@door("book.read")
def glossary(request: PageRequest) -> HttpResponse:
    """The word table."""
    return book_page(request, "glossary", terms=shelf().glossary.terms)
