"""The public part of the interface: no key, reads only what is published, and says when that changed last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from zhiheng.api import refusals
from zhiheng.api.answers import AreaCode, Cursor, Limit, Problems, Text, Word, WordsOut, cursor_in, cursor_out
from zhiheng.api.keys import Strangers
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import book, today
from zhiheng.pages.asking import choice, understood
from zhiheng.published import (
    entry_query,
    reading,
)
from zhiheng.published.entry_text import text_of
from zhiheng.published.models import PublishedEnterprise, PublishedEntry

router = Router(tags=["public"], throttle=[Strangers()])
WRONG: dict[int, Any] = dict.fromkeys((400, 422, 429, 503), Problems)
ABSENT: dict[int, Any] = {**WRONG, 404: Problems}
PublicId = Annotated[str, StringConstraints(pattern=r"^[2-9a-z]{1,24}$")]
# A client that asks twice within a minute has the same answer in its own store; what was taken back is gone after it.
FRESH_SECONDS = 60


def open_to_all() -> dict[str, Any]:
    """What an operation says of itself: no key, and no act that anybody is asked for."""
    return {"auth": None, "openapi_extra": {"x-act": "public"}}


class ListOut(Schema):
    """A list of the portal."""

    list: str
    label: WordsOut
    shown: int
    changed_at: dt.datetime | None


class Lists(Schema):
    """Every list, and when something was published or taken back last."""

    lists: list[ListOut]
    last_updated: dt.datetime | None


@router.get("/lists", response={200: Lists, **WRONG}, summary="公示栏目 / the lists", **open_to_all())
def lists(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """What is published, how much of it, since when."""
    found = reading.shelves()
    _fresh(response, found)
    page = book()[PUBLICATION]
    shown = reading.on_display(found, today())
    return {
        "lists": [
            {
                "list": name,
                "label": WordsOut.of(one.label).dict(),
                "shown": shown[name],
                "changed_at": found.lists[name].changed_at if name in found.lists else None,
            }
            for name, one in (page.portal.lists.items() if page else ())
        ],
        "last_updated": found.changed_at,
    }


class EnterpriseOut(Schema):
    """An enterprise of which something is published."""

    id: str
    name: str
    other_names: list[str]
    code: str
    area: str
    entries: int
    deregistered: bool


class EnterprisePage(Schema):
    """Enterprises that were found."""

    enterprises: list[EnterpriseOut]
    next: str
    last_updated: dt.datetime | None


@router.get(
    "/enterprises", response={200: EnterprisePage, **WRONG}, summary="查企业 / look for enterprises", **open_to_all()
)
def enterprises(
    request: HttpRequest, response: HttpResponse, q: Text, cursor: Cursor = "", limit: Limit = 50
) -> dict[str, Any]:
    """By any part of a name, or by the credit code."""
    of = f"public-enterprises:{q}"
    found = reading.search(q, after=cursor_in(of, cursor), limit=limit)
    shelves = reading.shelves()
    _fresh(response, shelves)
    rows = [*found.exact, *found.enterprises]
    return {
        "enterprises": [_enterprise(one) for one in rows],
        "next": cursor_out(of, found.next),
        "last_updated": shelves.changed_at,
    }


@router.get(
    "/enterprises/{public_id}",
    response={200: EnterpriseOut, **ABSENT},
    summary="一家企业 / one enterprise",
    **open_to_all(),
)
def enterprise(request: HttpRequest, public_id: PublicId) -> dict[str, Any]:
    """Its entries are at ``/public/entries?enterprise=``."""
    found = reading.enterprise(public_id)
    if found is None:
        raise Refused(refusals.enterprise_absent())
    return _enterprise(found.merged_into or found)


class PartyOut(Schema):
    """An enterprise in its role."""

    role: str
    id: str
    name: str


class FieldOut(Schema):
    """A field as it is published; ``masked`` where something was left out."""

    name: str
    label: WordsOut
    zh: str
    en: str
    masked: bool


class EntryOut(Schema):
    """Something that is published."""

    id: str
    list: str
    record: str
    title: WordsOut
    outcome: str
    quality: str
    kind: str
    area: str
    source: str
    occurred_on: dt.date
    published_at: dt.datetime
    show_until: dt.date | None = Field(None, description="the last day on which it may be shown and passed on")
    objection: str = Field(
        "", description="open: an enterprise objects; upheld: it was found to stand, stop using the entry"
    )
    basis: WordsOut
    fields: Sequence[FieldOut]
    enterprises: Sequence[PartyOut]


class EntryPageOut(Schema):
    """Entries in a stable order."""

    entries: list[EntryOut]
    next: str
    last_updated: dt.datetime | None


class Gone(Problems):
    """What was published here is no longer shown; what took its place, where something did."""

    since: dt.datetime | None = None
    successor: str = ""


class EntryFilters(Schema):
    """What entries are narrowed by; everything given must hold."""

    list: Word = ""
    record: Word = ""
    kind: Word = ""
    outcome: Literal["", "pass", "fail", "neutral"] = ""
    quality: Literal["", "product", "project", "service", "environment"] = ""
    area: AreaCode = Field("", description="with all areas beneath")
    enterprise: Annotated[str, StringConstraints(pattern=r"^[2-9a-z]{0,24}$")] = ""
    first: dt.date | None = None
    last: dt.date | None = None
    published_since: dt.date | None = None

    def question(self) -> entry_query.EntryQuestion:
        """The same for the published tables."""
        areas = book()[DISTRICT].areas_below.get(self.area, frozenset({self.area})) if self.area else ()
        return entry_query.EntryQuestion(
            self.list,
            self.record,
            self.kind,
            self.outcome,
            self.quality,
            areas,
            self.enterprise,
            self.first,
            self.last,
            self.published_since,
        )


@router.get("/entries", response={200: EntryPageOut, **WRONG}, summary="公示条目 / entries", **open_to_all())
def entries(
    request: HttpRequest,
    response: HttpResponse,
    asked: Query[EntryFilters],
    sort: entry_query.Sort = "-occurred_on",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Page after page without a depth; entries that are taken back meanwhile are left out, none is shown twice."""
    page = book()[PUBLICATION]
    understood(request, book(), today())
    choice(request, "list", page.portal.lists if page else ())
    of = f"entries:{asked.dict()}:{sort}"
    found = entry_query.entries(asked.question(), sort=sort, after=cursor_in(of, cursor), limit=limit, today=today())
    shelves = reading.shelves()
    _fresh(response, shelves)
    return {
        "entries": [_entry(one) for one in found.rows],
        "next": cursor_out(of, found.next),
        "last_updated": shelves.changed_at,
    }


class CountOut(Schema):
    """How many entries have a value."""

    value: str
    count: int


class Counts(Schema):
    """Counts by a field, the most frequent first."""

    by: str
    total: int
    counts: list[CountOut]
    last_updated: dt.datetime | None


@router.get("/counts", response={200: Counts, **WRONG}, summary="按字段计数 / counts by field", **open_to_all())
def counts(
    request: HttpRequest, response: HttpResponse, asked: Query[EntryFilters], by: entry_query.By = "list"
) -> dict[str, Any]:
    """Of the same entries as ``/public/entries`` with the same conditions."""
    found = entry_query.counts(asked.question(), by, today=today())
    shelves = reading.shelves()
    _fresh(response, shelves)
    return {
        "by": by,
        "total": sum(n for _, n in found),
        "counts": [{"value": value, "count": n} for value, n in found],
        "last_updated": shelves.changed_at,
    }


@router.get(
    "/entries/{public_id}",
    response={200: EntryOut, 410: Gone, **ABSENT},
    summary="一条公示 / one entry",
    **open_to_all(),
)
def entry(request: HttpRequest, public_id: PublicId) -> dict[str, Any] | Status[dict[str, Any]]:
    """410 where it was taken back: then pass it on no further."""
    found = reading.entry(public_id)
    over = found is not None and (
        found.state != PublishedEntry.State.SHOWN or (found.show_until or dt.date.max) < today()
    )
    stone = reading.tombstone(public_id) if found is None or over else None
    if over or stone is not None:
        told = refusals.entry_gone()
        return Status(
            410,
            {
                "problems": [{"code": told.code, "zh": told.zh, "en": told.en, "field": ""}],
                "since": stone.at if stone else found.state_at if found else None,
                "successor": stone.successor
                if stone
                else found.successor.public_id
                if found and found.successor
                else "",
            },
        )
    if found is None:
        raise Refused(refusals.entry_absent())
    return _entry(found)


class PublicFigureOut(Schema):
    """A statistic with its method."""

    indicator: str
    label: WordsOut
    value: str
    shown: WordsOut
    numerator: str
    denominator: str
    plan: WordsOut
    method: WordsOut
    first: dt.date | None
    last: dt.date
    as_of: dt.date
    published_at: dt.datetime
    edition: str


class PublicFigures(Schema):
    """The published statistics of an area."""

    area: str
    figures: list[PublicFigureOut]


@router.get("/figures", response={200: PublicFigures, **WRONG}, summary="统计数字 / statistics", **open_to_all())
def figures(request: HttpRequest, area: AreaCode) -> dict[str, Any]:
    """With numerator, denominator, plan and method; an area of which none was published has none."""
    page = book()[PUBLICATION]
    found = reading.figures(area, page.portal.statistics) if page else []
    return {
        "area": area,
        "figures": [
            {
                "indicator": f.indicator,
                "label": f.label,
                "value": f.value,
                "shown": f.shown,
                "numerator": f.numerator,
                "denominator": f.denominator,
                "plan": f.plan or {"zh": "", "en": ""},
                "method": f.method,
                "first": f.first_on,
                "last": f.last_on,
                "as_of": f.as_of,
                "published_at": f.published_at,
                "edition": f.edition,
            }
            for f in found
        ],
    }


class BulkFileOut(Schema):
    """A bulk file."""

    list: str
    format: str
    name: str
    url: str
    bytes: int
    rows: int
    sha256: str
    built_at: dt.datetime


class Files(Schema):
    """Bulk files, and when something changed last; one that holds what was taken back is not listed until it is made
    anew.
    """

    files: list[BulkFileOut]
    last_updated: dt.datetime | None


@router.get("/files", response={200: Files, **WRONG}, summary="批量文件 / bulk files", **open_to_all())
def files(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """CSV, JSON, Parquet and the schema of each list."""
    shelves = reading.shelves()
    _fresh(response, shelves)
    day = today()
    return {
        "files": [
            {
                "list": f.list,
                "format": f.format,
                "name": f.name,
                "url": f"/open-data/{f.name}",
                "bytes": f.size,
                "rows": f.rows,
                "sha256": f.digest,
                "built_at": f.built_at,
            }
            for f in reading.files()
            if not f.stale and (f.good_through is None or f.good_through >= day)
        ],
        "last_updated": shelves.changed_at,
    }


# -- parts -------------------------------------------------------------------------------------------------------------


def _fresh(response: HttpResponse, shelves: reading.Shelves) -> None:
    response["Cache-Control"] = f"public, max-age={0 if settings.DEBUG else FRESH_SECONDS}"
    response["ETag"] = f'W/"{shelves.version}-{today():%Y%m%d}"'


def _enterprise(one: PublishedEnterprise) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "name": one.name,
        "other_names": list(one.other_names),
        "code": one.code,
        "area": one.area,
        "entries": one.shown,
        "deregistered": one.gone,
    }


def _entry(one: PublishedEntry) -> dict[str, Any]:
    fields = [
        {
            "name": column["target"],
            "label": {"zh": column["zh"], "en": column["en"]},
            "zh": text_of(kept, "zh")[0],
            "en": text_of(kept, "en")[0],
            "masked": text_of(kept, "zh")[1],
        }
        for column, kept in zip(one.form.columns, orjson.loads(one.values), strict=True)
        if kept is not None
    ]
    return {
        "id": one.public_id,
        "list": one.list,
        "record": one.record,
        "title": {"zh": one.title_zh, "en": one.title_en},
        "outcome": one.outcome,
        "quality": one.quality,
        "kind": one.kind,
        "area": one.area,
        "source": one.unit,
        "occurred_on": one.occurred_on,
        "published_at": one.published_at,
        "show_until": one.show_until,
        "basis": {"zh": one.basis_zh, "en": one.basis_en},
        "objection": reading.contested(one),
        "fields": fields,
        "enterprises": [{"role": role, "id": firm.public_id, "name": firm.name} for role, firm in one.enterprises],
    }
