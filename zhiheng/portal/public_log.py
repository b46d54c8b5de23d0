"""The public log: its last head and who witnessed it, how to check, a feed of heads, and the files for programs."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import segno
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhiheng.engines.transparency import tiles
from zhiheng.engines.transparency.spoken import spoken
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import say
from zhiheng.portal import names
from zhiheng.portal.caching import CONTROL
from zhiheng.published import log_files

_FOR_EVER = "public, max-age=31536000, immutable"
# Heads on the page; the feed has more.
_SHOWN = 10


@require_safe
@door("public")
def public_log(request: PageRequest) -> HttpResponse:
    """The last head with its signatures, the ones before it, and how anybody checks them."""
    told = log_files.told()
    heads = [{**head, "signed_at": dt.datetime.fromisoformat(head["signed_at"])} for head in told["heads"][:_SHOWN]]
    for head in heads:
        head["witnesses"] = [{**one, "at": dt.datetime.fromisoformat(one["at"])} for one in head["witnesses"]]
    last, printed = heads[0] if heads else None, log_files.head()
    answer = render(
        request,
        "portal/public_log.html",
        {
            "note": log_files.note(),
            "last": last,
            "heads": heads[1:],
            "words": "" if printed is None else spoken(printed),
            "key": told["keys"][-1] if told["keys"] else "",
            "quorum": told["quorum"],
            "enough": last is not None and len(last["witnesses"]) >= told["quorum"],
            "address": request.build_absolute_uri(reverse("portal:log")),
            "here": "log",
        },
    )
    answer.headers["Cache-Control"] = CONTROL
    return answer


@require_safe
@door("public")
def log_square(request: PageRequest) -> HttpResponse:
    """The head as a QR code: origin, entries and root as they are signed."""
    head = log_files.head()
    if head is None:
        raise Http404
    drawing = BytesIO()
    segno.make(head.text, error="m", micro=False).save(drawing, kind="svg", scale=6, border=4, xmldecl=False)
    answer = HttpResponse(drawing.getvalue(), content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_safe
@door("public")
def log_file(request: PageRequest, name: str) -> HttpResponse | FileResponse:
    """A file of the log as C2SP tlog-tiles says: the head (asked for anew each time), a tile or a bundle (for ever)."""
    head = name == log_files.CHECKPOINT
    try:
        path = log_files.place_of(name if head else tiles.tile_at(name).address)
    except Refused as cause:
        raise Http404 from cause
    if not path.is_file():
        raise Http404
    answer = FileResponse(
        path.open("rb"), content_type="text/plain; charset=utf-8" if head else "application/octet-stream"
    )
    answer.headers["Cache-Control"] = "no-cache" if head else _FOR_EVER
    return answer


@require_safe
@door("public")
def log_feed(request: PageRequest) -> HttpResponse:
    """The heads as Atom, the newest first: who keeps them can show later that none was taken back."""
    here, told = request.build_absolute_uri(request.path), log_files.told()
    page = request.build_absolute_uri(reverse("portal:log"))
    updated = told["heads"][0]["signed_at"] if told["heads"] else "1970-01-01T00:00:00+00:00"
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{"zh-Hans" if names.side() == "zh" else "en"}">',
        f"<id>{escape(here)}</id><title>{escape(say('公开日志的检查点', 'Heads of the public log'))}</title>",
        f'<updated>{escape(updated)}</updated><link rel="self" href={quoteattr(here)}/><link href={quoteattr(page)}/>',
        f"<author><name>{escape(say('质衡', 'Zhiheng'))}</name></author>",
        *(_entry(head, page) for head in told["heads"]),
        "</feed>",
    ]
    answer = HttpResponse("\n".join(parts), content_type="application/atom+xml; charset=utf-8")
    answer.headers["Cache-Control"] = CONTROL
    return answer


def _entry(head: dict[str, Any], page: str) -> str:
    by = say("、", ", ").join(one["name"][names.side()] for one in head["witnesses"])
    said = f"{head['size']} {head['root']}" + (say(f"；见证：{by}", f"; witnessed by {by}") if by else "")
    title = say(f"{head['size']} 条", f"{head['size']} entries")
    return (
        f"<entry><id>{escape(page)}#{head['size']}</id><title>{escape(title)}</title><link href={quoteattr(page)}/>"
        f"<updated>{escape(head['signed_at'])}</updated><summary>{escape(said)}</summary></entry>"
    )
