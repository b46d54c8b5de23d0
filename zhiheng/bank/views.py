"""What a clerk of a financial institution works with: who consents, and the extract under a consent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.exports.make_credit_report import make_credit_report
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel import days
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.paging import place_asked
from zhiheng.pages.words import chinese, label, say
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.queries import credit as reading

LINES = 50


def _named(request: PageRequest) -> str:
    own = reading.institution(request.actor)
    return next((label(r.name) for page in book()[CREDIT].values() for r in page.readers if r.id == own), own)


def _purpose(name: str) -> str:
    return next((label(page.purposes[name]) for page in book()[CREDIT].values() if name in page.purposes), name)


@door("credit.read")
def home(request: PageRequest) -> HttpResponse:
    """The enterprises that let the institution read today, for what and until when."""
    after = place_asked(request)
    page = reading.consenting(after=after, call=call_of(request))
    words = {
        "institution": _named(request),
        "next": page.next,
        "first_page": not after,
        "rows": [
            {"one": one, "purpose": _purpose(one.purpose), "left": days.left(today(), one.until, "d", book()[CALENDAR])}
            for one in page.rows
        ],
    }
    return render(request, "bank/home.html", words)


@door("credit.read")
def file(request: PageRequest, number: int) -> HttpResponse:
    """The extract under a consent; every opening of a page is told to the enterprise."""
    found = reading.read_under(number, after=place_asked(request), limit=LINES, call=call_of(request))
    words = {
        "institution": _named(request),
        "found": found,
        "next": found.next,
        "purpose": _purpose(found.purpose),
        "number": number,
        "only_published": [label(book()[RECORDS][name].record.label) for name in found.only_published],
        "rows": [_line(line) for line in found.rows],
    }
    return render(request, "bank/file.html", words)


@require_POST
@door("credit.read")
def report(request: PageRequest, number: int) -> HttpResponse:
    """The credit report under a consent, as PDF and signed JSON in one file; the enterprise sees that it was taken."""
    made = make_credit_report(
        number,
        verify_at=request.build_absolute_uri(reverse("portal:verify")),
        call=call_of(request),
        language="zh" if chinese() else "en",
    )
    return download(made.together(), f"{made.extract.name}-{made.extract.as_of}.zip", MEDIA_TYPES["zip"])


def _line(line: FileLine) -> dict[str, Any]:
    look, word = line.outcome or "neutral", label(line.verdict) if line.verdict is not None else ""
    unit = book()[DISTRICT].names.get(line.unit)
    return {
        "line": line,
        "label": label(line.label),
        "unit": label(unit) if unit else line.unit,
        "look": look,
        "word": word,
        "gist": [{"label": label(f.label), "value": say(f.zh, f.en)} for f in line.gist],
        "ended": line.ended(today()),
    }
