"""Indicators at the desk, in words: what each counts, and which goals it has."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from zhiheng.desk.page_registry import PageTab, page
from zhiheng.desk.rulebook.chapters import SYSTEMS, absent, book_page, cited_with_topic, shelf
from zhiheng.engines import definition
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.targets import BOUND_SIGNS, TARGETS, Goal
from zhiheng.pages.access import call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.people import access


@page("book/indicators/", "book_indicators", tab=PageTab("book", 50, "indicators", "指标", "Indicators"))
@door("book.read")
def indicators(request: PageRequest) -> HttpResponse:
    """All indicators with their definitions, by the system they serve."""
    found = shelf().book
    groups: dict[str, list[Any]] = {}
    for name, indicator in found[INDICATORS].items():
        groups.setdefault(indicator.systems[0][0], []).append((name, indicator))
    return book_page(
        request, "indicators", groups=[(SYSTEMS[letter], groups[letter]) for letter in SYSTEMS if letter in groups]
    )


@page("book/indicators/<str:name>/", "book_indicator")
@door("book.read")
def indicator(request: PageRequest, name: str) -> HttpResponse:
    """The definition of an indicator in words, its law, plan and targets."""
    found = shelf().book
    if name not in found[INDICATORS]:
        raise absent()
    said = found[INDICATORS][name]
    goals = found[TARGETS].get(name)
    return book_page(
        request,
        "indicator",
        name=name,
        indicator=said,
        sides=definition.in_words(found, name, today()),
        law=[cited_with_topic(citation) for citation in said.law],
        goals=[_goal(found, goal) for goal in goals.goals] if goals else (),
        splits=[definition.dimension_label(found, said, each) for each in said.per],
        edition=found[INDICATORS][name].edition,
        may_read=bool(access.scope(call_of(request), "indicator.read").ways),
    )


def _goal(found: Book, goal: Goal) -> dict[str, Any]:
    """A goal in words: where it is asked, what it asks; a bound read from target letters by the name of its
    indicator.
    """
    areas = [area.name for area in found[DISTRICT].areas if area.code in goal.areas]
    where = areas or [level.several for level in found[DISTRICT].levels if level.id in goal.kinds]
    bounds = []
    for name, bound in goal.bounds():
        label = found[INDICATORS][bound].label if isinstance(bound, str) else {"zh": f"{bound:f}", "en": f"{bound:f}"}
        bounds.append({"sign": BOUND_SIGNS[name], "label": label, "indicator": bound if isinstance(bound, str) else ""})
    return {"goal": goal, "where": where, "bounds": bounds}
