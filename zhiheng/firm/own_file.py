"""What is said of an enterprise, as it reads it itself: file, facts, ratings, who has read it, what the public sees."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from zhiheng.engines.naming import FAILS, OUTCOMES, QUALITIES_SHORT
from zhiheng.firm.firm_page import fact_line, firm_page, may, outcome_badge
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.pages import asking, named, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.ratings import shown_rating
from zhiheng.pages.words import label, say
from zhiheng.published.entry_text import lines as shown_lines
from zhiheng.published.entry_text import outcome_of
from zhiheng.published.models import PublishedEntry
from zhiheng.quality_file.file_view import TimelineFilters
from zhiheng.queries import own_file as reading
from zhiheng.queries.ratings import own_ratings


@door("firm.open")
def file(request: PageRequest) -> HttpResponse:
    """What every department has said of us, the latest first."""
    asked = {name: asking.text(request, name, 60) for name in ("quality", "outcome", "record", "fails")}
    filters = TimelineFilters(
        quality=asked["quality"],
        outcome=asking.choice(request, "outcome", OUTCOMES),
        record=asked["record"],
        fails=asking.choice(request, "fails", FAILS),
    )
    _, found = reading.timeline(filters, after=paging.place_asked(request), call=call_of(request))
    every = say("全部", "All")
    fields: list[dict[str, Any]] = [
        {
            "name": "quality",
            "label": say("质量", "Quality"),
            "value": asked["quality"],
            "type": "select",
            "options": [
                ("", every),
                *((name, label(word)) for name, word in QUALITIES_SHORT.items()),
            ],
        },
        {
            "name": "outcome",
            "label": say("结论", "Outcome"),
            "value": asked["outcome"],
            "type": "select",
            "options": [("", every), *((name, label(word)) for name, word in OUTCOMES.items())],
        },
    ]
    chips = [
        {
            "label": f"{field['label']}：{dict(field['options']).get(asked[str(field['name'])], '')}",
            "url": "?" + urlencode({k: v for k, v in asked.items() if v and k != field["name"]}),
        }
        for field in fields
        if asked[str(field["name"])]
    ]
    if asked["fails"]:
        chips.append(
            {
                "label": label(FAILS[asked["fails"]]),
                "url": "?" + urlencode({k: v for k, v in asked.items() if v and k != "fails"}),
            }
        )
    words = {
        "rows": [fact_line(line) for line in found.rows],
        "next": found.next,
        "fields": fields,
        "chips": chips,
        "clear": reverse("firm:file"),
        "any": any(asked.values()),
        "total": found.total,
        "keep": [("fails", asked["fails"])] if asked["fails"] else [],
    }
    return firm_page(request, "file", words)


@door("firm.open")
def fact(request: PageRequest, number: int) -> HttpResponse:
    """One fact: what was delivered, by whom, under which law; and the way to object."""
    subject = reading.subject_of(request.actor)
    sheet = reading.own_fact(number, subject, call=call_of(request))
    words = {
        "sheet": sheet,
        "label": label(sheet.label),
        "unit": named.unit(sheet.unit),
        "outcome": outcome_badge(sheet.outcome, sheet.verdict),
        "fields": [{"label": label(f.label), "value": say(f.zh, f.en), "masked": f.masked} for f in sheet.fields],
        "law": sheet.law,
        "area": named.area(sheet.area),
        "may_object": may(request, "firm.object"),
    }
    return firm_page(request, "fact", words)


@door("firm.open")
def ratings(request: PageRequest) -> HttpResponse:
    """How we are rated: every point with its fact, its law and when it fades, and the way to object to each fact."""
    found = [
        shown_rating(
            each,
            lambda fact: reverse("firm:fact", args=[fact]),
            objection=lambda fact: reverse("firm:object", args=[fact]),
        )
        for each in own_ratings(call=call_of(request))
    ]
    return firm_page(request, "ratings", {"ratings": found, "may_object": may(request, "firm.object")})


@door("firm.open")
def readings(request: PageRequest) -> HttpResponse:
    """Which units have looked into our file, how often and when last."""
    found = reading.readings(call=call_of(request))
    rows = [{"one": one, "unit": named.unit(one.unit) or say("其他单位", "another unit")} for one in found]
    return firm_page(request, "readings", {"rows": rows})


@door("firm.open")
def published(request: PageRequest) -> HttpResponse:
    """What the public reads of us, until when, and under which law."""
    found = reading.published(after=paging.place_asked(request), call=call_of(request))
    side = "zh" if say("zh", "en") == "zh" else "en"
    page = book()[PUBLICATION]
    lists = page.portal.lists if page else {}
    rows = [_published(one, side, lists) for one in found.rows]
    total = reading.published_in_all(call=call_of(request))
    return firm_page(request, "published", {"rows": rows, "next": found.next, "total": total})


def _published(one: PublishedEntry, side: str, lists: Any) -> dict[str, Any]:
    return {
        "entry": one,
        "title": one.title_zh if side == "zh" else one.title_en,
        "basis": one.basis_zh if side == "zh" else one.basis_en,
        "list": label(lists[one.list].label) if one.list in lists else one.list,
        "outcome": outcome_badge(
            one.outcome, outcome_of(one.outcome, one.form.columns, one.values, book()[RECORDS].get(one.record))
        ),
        "lines": [
            line for line in shown_lines(one.form.columns, one.values, "zh" if side == "zh" else "en") if line.listed
        ],
    }
