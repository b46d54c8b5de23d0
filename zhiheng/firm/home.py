"""The first page of the enterprise corner: what is about us, what expires, what is asked of us."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from zhiheng.engines.naming import LATELY, OPEN
from zhiheng.firm.firm_page import fact_line, firm_page, may
from zhiheng.firm.objections import answered_rows, objection_row
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel import days
from zhiheng.pages import named
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.restrictions import shown_listings
from zhiheng.pages.states import UPLOADS, badge
from zhiheng.pages.words import label
from zhiheng.queries import own_file as reading
from zhiheng.queries.restrictions import own_restrictions


@door("firm.open")
def home(request: PageRequest) -> HttpResponse:
    """What is about us, what expires, what is asked of us."""
    found = reading.home(call=call_of(request))
    soon = today() + dt.timedelta(days=reading.SOON_DAYS)
    # What has ended and was not told again is the first to be looked at.
    expiring = [
        *found.urgent.ended,
        *(line for line in found.urgent.ending if line.valid_until and line.valid_until <= soon),
    ]
    corner = book()[CORNER]
    signed = {one.undertaking for one in found.signatures}
    unsigned = [
        {"id": name, "label": label(page.label), "says": label(page.says)}
        for name, page in (corner.undertakings.items() if corner else ())
        if name not in signed
    ]
    words = {
        "found": found,
        "name": found.card.name if found.card else found.head.names[0],
        "area": named.area(found.card.area) if found.card else "",
        "expiring": [
            {**fact_line(line), "left": days.left(today(), line.valid_until, "d", book()[CALENDAR])}
            for line in expiring
            if line.valid_until
        ],
        "problems": [fact_line(line) for line in found.urgent.problems],
        "listings": shown_listings(
            own_restrictions(call=call_of(request)), lambda fact: reverse("firm:fact", args=[fact])
        ),
        "further": found.urgent.open_in_all - len(found.urgent.problems),
        "facts": found.card.facts
        if found.card and found.counts is None
        else sum(one.facts for one in (found.counts or {}).values()),
        "standing": [
            {
                "quality": quality,
                "url": f"{reverse('firm:file')}?quality={quality}",
                "open_url": f"{reverse('firm:file')}?{urlencode({'quality': quality, 'fails': OPEN})}",
                "fails_url": f"{reverse('firm:file')}?{urlencode({'quality': quality, 'fails': LATELY})}",
                **_standing(found, quality),
            }
            for quality in QUALITIES
        ],
        "latest": [fact_line(line) for line in found.latest.rows],
        "unsigned": unsigned if may(request, "firm.commit") else [],
        "may_deliver": may(request, "firm.deliver"),
        "answered": answered_rows(found.answered),
        "objections": [objection_row(one) for one in found.objections],
        "uploads": [{"upload": one, "badge": badge(UPLOADS, one.state)} for one in found.uploads],
    }
    return firm_page(request, "home", words)


def _standing(found: reading.OwnFileHome, quality: str) -> dict[str, Any]:
    """How the enterprise stands in a quality: by its card, or counted among the facts that the reader's role may
    see.
    """
    if found.counts is None:
        return dict(found.card.standing_of.get(quality, {})) if found.card else {}
    counted = found.counts.get(quality)
    return {"facts": counted.facts, "fails": counted.fails} if counted else {}
