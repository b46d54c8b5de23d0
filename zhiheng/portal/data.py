"""Statistics with their method, open data, feeds and the map of the site for programs."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.pages import asking
from zhiheng.pages.access import book, door, now, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.portal import names, showing
from zhiheng.portal.behind import behind
from zhiheng.portal.caching import ShelvesRequest, kept
from zhiheng.published import reading
from zhiheng.published.models import OpenFile
from zhiheng.published.open_data import TAKEN_DOWN

FEED = 50
PER_MAP = 20_000


@require_safe
@door("public")
@kept
def statistics(request: PageRequest) -> HttpResponse:
    """The numbers of a place, each with what is counted, over which period, by which plan, under which law."""
    portal = names.chapter().portal
    areas = book()[DISTRICT].with_statistics()
    known = {area.code for area in areas}
    root = areas[0].code
    area = asking.choice(request, "area", known, root)
    figures = reading.figures(area, portal.statistics)
    lists = behind(figures, today())
    return render(
        request,
        "portal/statistics.html",
        {
            "figures": [(figure, lists.get(figure.indicator)) for figure in figures],
            "areas": areas,
            "area": area,
            "area_name": names.area(area),
            "here": "statistics",
        },
    )


@require_safe
@door("public")
@kept
def open_data(request: PageRequest) -> HttpResponse:
    """Which bulk files there are, how old, how long, under which terms."""
    portal = names.chapter().portal
    by_record: dict[str, list[OpenFile]] = {}
    for file in reading.files():
        by_record.setdefault(file.name.partition(".")[0], []).append(file)
    lists = []
    for name, one in portal.lists.items():
        records = [
            {"record": record, "label": book()[RECORDS][record].record.label, "files": by_record[record]}
            for record in names.chapter().of_list(name)
            if record in by_record
        ]
        if records:
            lists.append({"name": name, "list": one, "records": records})
    return render(
        request,
        "portal/open_data.html",
        {"lists": lists, "portal": portal, "taken_down": by_record.get(TAKEN_DOWN, []), "here": "open_data"},
    )


@require_safe
@door("public")
def open_file(request: PageRequest, name: str) -> HttpResponse | FileResponse:
    """A bulk file; one that holds what was taken down since is not handed out until it has been made anew."""
    file = reading.open_file(name)
    if file is None:
        raise Http404
    over = file.good_through is not None and file.good_through < today()
    path = inside(settings.DATA, "open-data") / file.path
    if file.stale or over or not path.is_file():
        response = render(request, "portal/being_made.html", {"file": file}, status=503)
        response.headers["Retry-After"] = "600"
        response.headers["Cache-Control"] = "no-store"
        return response
    answer = FileResponse(
        path.open("rb"), content_type=MEDIA_TYPES[file.format], as_attachment=True, filename=file.name
    )
    answer.headers["ETag"] = f'"{file.digest}"'
    answer.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    answer.headers["Repr-Digest"] = f"sha-256=:{_base64(file.digest)}:"
    return answer


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


# -- feeds -------------------------------------------------------------------------------------------------------------


@require_safe
@door("public")
@kept
def feed(request: ShelvesRequest, name: str) -> HttpResponse:
    """The newest entries of a list as Atom, and what was taken down (RFC 6721), so that readers remove it too."""
    of = names.list_of(name)
    here = request.build_absolute_uri(request.path)
    updated = request.shelves.lists[name].changed_at if name in request.shelves.lists else now()
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        f'xml:lang="{"zh-Hans" if names.side() == "zh" else "en"}">',
        f"<id>{escape(here)}</id><title>{escape(label(of.label))}</title><subtitle>{escape(label(of.says))}</subtitle>",
        f"<updated>{_moment(updated)}</updated>",
        f'<link rel="self" href={quoteattr(here)}/><link href={quoteattr(_absolute(request, "portal:list", name))}/>',
        f"<author><name>{escape(label(names.chapter().portal.operator))}</name></author>",
    ]
    newest = reading.newest(name, today=today(), limit=FEED)
    for entry, row in zip(newest, showing.rows(newest), strict=True):
        address = _absolute(request, "portal:entry", entry.public_id)
        between, colon = say("；", "; "), say("：", ": ")
        told = [row.kind, str(entry.occurred_on), row.outcome_word, row.contested]
        told += [f"{word}{colon}{text}" for word, text in row.cells]
        told += [f"{role}{colon}{one.name}" for role, one in row.enterprises]
        said = between.join(filter(None, [*told, names.unit(entry.unit), row.until]))
        parts.append(
            f"<entry><id>{escape(address)}</id><title>{escape(showing.title(entry))}</title><link "
            f"href={quoteattr(address)}/>"
            f"<published>{_moment(entry.published_at)}</published><updated>{_moment(entry.published_at)}</updated>"
            f"<summary>{escape(said)}</summary></entry>"
        )
    for gone in reading.tombstones(name, limit=FEED):
        address = _absolute(request, "portal:entry", gone.public_id)
        parts.append(f"<at:deleted-entry ref={quoteattr(address)} when={quoteattr(_moment(gone.at))}/>")
    parts.append("</feed>")
    return HttpResponse("\n".join(parts), content_type="application/atom+xml; charset=utf-8")


def _moment(value: dt.datetime) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds")


def _absolute(request: PageRequest, route: str, *args: Any) -> str:
    return request.build_absolute_uri(reverse(route, args=args))


# -- for programs ------------------------------------------------------------------------------------------------------


@require_safe
@door("public")
@kept
def sitemap(request: PageRequest) -> HttpResponse:
    """The index of the maps: the fixed pages, then public files by the thousand."""
    last = reading.last_enterprise()
    addresses = [_absolute(request, "portal:sitemap_part", part) for part in range(last // PER_MAP + 1)]
    body = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>" for address in addresses)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>')


@require_safe
@door("public")
@kept
def sitemap_part(request: PageRequest, part: int) -> HttpResponse:
    """The fixed pages (in the first part) and the public files of a range of numbers."""
    addresses = []
    if part == 0:
        addresses = [
            _absolute(request, f"portal:{name}")
            for name in ("home", "lists", "statistics", "open_data", "law", "about")
        ]
        addresses += [_absolute(request, "portal:list", name) for name in names.chapter().portal.lists]
    addresses += [
        _absolute(request, "portal:enterprise", public_id)
        for public_id in reading.enterprise_ids(part * PER_MAP, (part + 1) * PER_MAP)
    ]
    if not addresses:
        raise Http404
    body = "".join(f"<url><loc>{escape(address)}</loc></url>" for address in addresses)
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>')


def _xml(body: str) -> HttpResponse:
    return HttpResponse(
        f'<?xml version="1.0" encoding="utf-8"?>\n{body}', content_type="application/xml; charset=utf-8"
    )


@require_safe
@door("public")
def security(request: PageRequest) -> HttpResponse:
    """Where to report a vulnerability (RFC 9116)."""
    contact = names.chapter().portal.security_contact
    if not contact:
        raise Http404
    expires = (now() + dt.timedelta(days=180)).replace(microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: zh, en",
        f"Canonical: {_absolute(request, 'portal:security')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
