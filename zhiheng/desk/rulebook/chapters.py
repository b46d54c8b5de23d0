"""What the pages of the book share: the frame with the tabs of its chapters, and how a citation is shown."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from zhiheng.desk.page_registry import tabs_of
from zhiheng.grammar.book_index import Library, freshness, library
from zhiheng.grammar.types import Citation
from zhiheng.kernel.memo import once_for
from zhiheng.pages.access import book, today
from zhiheng.pages.http import PageRequest

# The groups in which people look for an indicator: the letters of the systems it serves.
SYSTEMS = {
    "A": {"zh": "质量档案与信息平台", "en": "Quality files and information"},
    "B": {"zh": "监管", "en": "Supervision"},
    "C": {"zh": "风险", "en": "Risk"},
    "D": {"zh": "信用", "en": "Credit"},
    "E": {"zh": "社会共治", "en": "Public participation"},
    "F": {"zh": "品牌与质量奖", "en": "Brands and awards"},
    "G": {"zh": "组织与目标", "en": "Organisation and targets"},
    "H": {"zh": "药品质量", "en": "Quality of drugs"},
    "N": {"zh": "平台能力", "en": "What the platform adds"},
}


# Made anew when something was added to the book.
_library = once_for(1)(library)


def shelf() -> Library:
    """The book of this installation with all its chapters."""
    return _library(book())


def book_page(request: PageRequest, template: str, **context: Any) -> HttpResponse:
    """A page of the book, with the tabs of its chapters."""
    return render(request, f"desk/book/{template}.html", {"rail": "book", "tabs": tabs_of(request, "book"), **context})


def absent() -> Http404:
    return Http404("the book has no such page")


def cited_with_topic(citation: Citation) -> dict[str, Any]:
    return {
        "citation": citation,
        "topic": shelf().topic_of(citation),
        "fresh": freshness(citation.checked, today()),
    }


def worst_freshness(citations: tuple[Citation, ...]) -> str:
    found = {freshness(citation.checked, today()) for citation in citations}
    return next((word for word in ("never", "old") if word in found), "checked")
