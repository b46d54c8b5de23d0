"""The command palette (Ctrl K): finds enterprises, records, law and indicators by a few letters, on every page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.desk.overview.forms import PaletteForm
from zhiheng.desk.rulebook.chapters import shelf
from zhiheng.grammar.book import BookHit
from zhiheng.grammar.book_index import abbreviates, index_groups
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import rail
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.queries.enterprises import SearchFilters, find_enterprises

FIRMS, PAGES, LEAST = 6, 5, 2


@door("desk.open")
def palette(request: PageRequest) -> HttpResponse:
    """What answers the letters: the areas of the desk without any, else everything that has them."""
    form = PaletteForm.asked(request)
    asked = form.cleaned_data["q"] if form.is_valid() else ""
    groups = (
        [*_pages(request, asked), *_enterprises(request, asked), *_book(request, asked)] if len(asked) >= LEAST else []
    )
    if not groups and not asked:
        groups = [_areas(request)]
    template = "desk/palette_results.html" if request.htmx else "desk/palette.html"
    return render(request, template, {"rail": "palette", "q": asked, "groups": groups, "short": 0 < len(asked) < LEAST})


def _enterprises(request: PageRequest, asked: str) -> list[dict[str, Any]]:
    if access.scope(call_of(request), "enterprise.list").nothing:
        return []
    found = find_enterprises(asked, SearchFilters(), order="recent", after="", call=call_of(request), limit=FIRMS)
    entries = [
        {
            "name": hit.card.name,
            "note": next((why.shown for why in hit.why if why.shown != hit.card.name), hit.card.code),
            "url": reverse("desk:file", args=[hit.card.subject]),
        }
        for hit in found.page.rows
    ]
    if not entries:
        return []
    more = f"{reverse('desk:enterprises')}?{urlencode({'q': asked})}"
    return [{"title": say("企业", "Enterprises"), "entries": entries, "more": more}]


def _book(request: PageRequest, asked: str) -> list[dict[str, Any]]:
    numbers = bool(access.scope(call_of(request), "indicator.read").ways)
    found: dict[str, list[BookHit]] = {}
    for each in shelf().search(asked):
        found.setdefault(each.chapter, []).append(each)
    titles = index_groups()
    # A number is what people look for by an indicator's name, so it leads to the number, and to its definition only for
    # those who may not read numbers.
    return [
        {
            "title": label(titles[chapter]),
            "entries": [_entry(each, numbers) for each in found[chapter][:PAGES]],
            "more": f"{reverse('desk:book_search')}?{urlencode({'q': asked})}" if len(found[chapter]) > PAGES else "",
        }
        for chapter in dict.fromkeys(("indicator", *titles))
        if chapter in found
    ]


def _entry(each: BookHit, numbers: bool) -> dict[str, Any]:
    return {"name": label(each.label), "note": label(each.note) if each.note else "", "url": _address(each, numbers)}


def _address(each: BookHit, numbers: bool) -> str:
    if each.chapter == "indicator" and not numbers:
        return reverse("desk:book_indicator", args=[each.name])
    if each.chapter == "indicator":
        return f"{reverse('desk:indicators')}?{urlencode({'indicator': each.name})}"
    if each.chapter == "record":
        return reverse("desk:book_record", args=[each.name])
    if each.chapter == "law":
        page = reverse("desk:book_topic", args=[each.name]) if each.name else reverse("desk:book_law")
        return page + (f"#{each.place}" if each.place else "")
    if each.chapter == "role":
        return f"{reverse('desk:book_roles')}#{each.name}"
    if each.chapter == "term":
        return f"{reverse('desk:book_glossary')}#{each.name}"
    # A chapter without pages of its own on the desk: where the search tells of it.
    return f"{reverse('desk:book_search')}?{urlencode({'q': each.label.zh})}"


def _pages(request: PageRequest, asked: str) -> list[dict[str, Any]]:
    """The pages of the desk whose name has the letters."""
    entries = [
        {"name": label(entry["label"]), "note": "", "url": entry["url"]}
        for group in rail(request)
        for entry in group
        if asked.casefold() in f"{entry['label']['zh']} {entry['label']['en']}".casefold()
        or abbreviates(asked, entry["label"]["zh"])
    ]
    return [{"title": say("去哪里", "Where to"), "entries": entries, "more": ""}] if entries else []


def _areas(request: PageRequest) -> dict[str, Any]:
    entries = [
        {"name": label(entry["label"]), "note": "", "url": entry["url"]} for group in rail(request) for entry in group
    ]
    return {"title": say("去哪里", "Where to"), "entries": entries, "more": ""}
