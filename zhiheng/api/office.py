"""The part of the interface for systems of departments and of banks: each with a key that says what it may."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.urls import reverse
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from zhiheng.actions.exports.make_credit_report import make_credit_report
from zhiheng.actions.intake.upload_delivery import upload_delivery
from zhiheng.actions.intake.withdraw_delivery import withdraw_from_upload
from zhiheng.actions.webhooks import end_webhook as ending
from zhiheng.actions.webhooks import register_webhook as registering
from zhiheng.api import refusals
from zhiheng.api.answers import (
    AreaCode,
    Cursor,
    Limit,
    Number,
    OriginOut,
    ProblemOut,
    Problems,
    Text,
    Word,
    WordsOut,
    cursor_in,
    cursor_out,
)
from zhiheng.api.keys import Key, ProgramRequest, Programs, call_of
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.types import OUTCOMES
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import book, now, today
from zhiheng.pages.asking import choice, understood
from zhiheng.pages.blank_forms import blank_form_file
from zhiheng.pages.downloads import download
from zhiheng.quality_file.fact_lines import FileLine, ShownField
from zhiheng.quality_file.file_view import TimelineFilters as LineFilters
from zhiheng.queries import credit, uploads
from zhiheng.queries import for_programs as reading
from zhiheng.queries.figures import AreaFigures, open_figures
from zhiheng.queries.for_programs import SearchFilters
from zhiheng.queries.quality_files import FileNumbers
from zhiheng.queries.ratings import open_ratings, rating_asked

router = Router(tags=["office"], throttle=[Programs()])
# 401 no key or a dead one, 403 not within its reach, 404 not there, 409 changed meanwhile, 413 too large, 422 wrong,
# 429 too often,
# 503 the store is busy.
WRONG: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429, 503), Problems)
DELIVERED_BYTES = 200 << 20
ROWS_AT_ONCE = 10_000
_ROW_CHARACTERS = 20_000

Cell = Annotated[str, Field(max_length=5_000)]


def asks(act: str) -> dict[str, Any]:
    """What an operation says of itself: the key it needs and the act that its role must have."""
    return {"auth": Key(act), "openapi_extra": {"x-act": act}}


# -- who am I ----------------------------------------------------------------------------------------------------------


class Me(Schema):
    """What a key is and reaches."""

    id: str
    name: str
    acts: list[str]
    roles: list[str]
    unit: str
    last_day: dt.date


@router.get(
    "/me",
    response={200: Me, **WRONG},
    summary="这个令牌是谁的、能做什么 / whose key this is and what it may",
    **asks("api.read"),
)
def me(request: ProgramRequest) -> dict[str, Any]:
    """The token as the platform knows it."""
    actor = request.auth
    (holding,) = actor.holdings
    return {
        "id": actor.id,
        "name": actor.name,
        "acts": sorted(actor.only or ()),
        "roles": [holding.role],
        "unit": holding.unit,
        "last_day": holding.last,
    }


# -- deliveries --------------------------------------------------------------------------------------------------------


class HandedOut(Schema):
    """A file was taken; what becomes of it is told at ``status``."""

    upload: int
    status: str
    before: bool = Field(description="the same file was handed in before; this is that upload")


class TableOut(Schema):
    """What became of one table of the file."""

    origin: str
    table: str
    state: str = Field(description="accepted, held, refused, or skipped (nothing was expected of it: a cover sheet)")
    record: str
    source: str
    deliveries: list[int]
    rows: int
    facts: int
    duplicates: int
    refused: int
    skipped: int = Field(default=0, description="rows that are no data: totals, remarks, headings printed again")
    flagged: int
    refusal: ProblemOut | None = None
    remarks: list[ProblemOut] = Field(default_factory=list, description="how the table was read")


class UploadOut(Schema):
    """An upload and its tables; rows = facts + duplicates + refused + skipped."""

    upload: int
    state: str = Field(description="waiting, running, done or failed")
    name: str
    unit: str
    at: dt.datetime
    finished_at: dt.datetime | None = None
    tables: list[TableOut] = Field(default_factory=list)
    failure: ProblemOut | None = None


class FileIn(Schema):
    """What the sender says of a file: for which unit, and what it is where that is known."""

    unit: Word
    record: Word = ""
    source: Word = ""


class RowsIn(Schema):
    """Rows as texts under the sender's own headings, as they would stand in a spreadsheet."""

    unit: Word
    record: Word
    source: Word = ""
    headings: list[Cell] = Field(min_length=1, max_length=200)
    rows: list[list[Cell]] = Field(min_length=1, max_length=ROWS_AT_ONCE)


@router.post(
    "/deliveries", response={202: HandedOut, **WRONG}, summary="报送一个文件 / hand in a file", **asks("api.deliver")
)
def deliver(request: ProgramRequest, file: File[UploadedFile], given: Form[FileIn]) -> Status[dict[str, Any]]:
    """The same receiving as at the desk: CSV, XLSX, XLS, ODS, or a ZIP of them."""
    return _handed(request, file.chunks(), file.name or "", given.unit, given.record, given.source)


@router.post(
    "/deliveries/rows", response={202: HandedOut, **WRONG}, summary="报送若干行 / hand in rows", **asks("api.deliver")
)
def deliver_rows(request: ProgramRequest, given: RowsIn) -> Status[dict[str, Any]]:
    """Rows become a CSV file and go the same way; that file is what the ledger keeps."""
    width = len(given.headings)
    for at, row in enumerate(given.rows, start=1):
        if len(row) > width or sum(map(len, row)) > _ROW_CHARACTERS:
            raise Refused(refusals.row_of_wrong_shape(at, most=_ROW_CHARACTERS))
    return _handed(request, _as_csv(given), f"api-{now():%Y%m%d-%H%M%S}.csv", given.unit, given.record, given.source)


def _as_csv(given: RowsIn) -> Iterator[bytes]:
    out = io.StringIO()
    csv.writer(out).writerows([given.headings, *given.rows])
    yield out.getvalue().encode()


def _handed(
    request: ProgramRequest, pieces: Any, name: str, unit: str, record: str, source: str
) -> Status[dict[str, Any]]:
    taken = upload_delivery(
        pieces,
        name=name,
        unit=unit,
        call=call_of(request),
        door="api",
        record=record,
        source=source,
        limit=DELIVERED_BYTES,
    )
    return Status(
        202,
        {
            "upload": taken.upload.pk,
            "status": f"/api/v1/office/deliveries/{taken.upload.pk}",
            "before": taken.before,
        },
    )


@router.get(
    "/records/{record}/blank-form",
    summary="空白表样 / the blank form of a record",
    response={200: None, **WRONG},
    **asks("api.deliver"),
)
def blank_form(request: ProgramRequest, record: str, source: str = "") -> HttpResponse:
    """An Excel workbook with the headings, drop-downs, example rows and how to fill it in; ``source`` names another
    layout.
    """
    return blank_form_file(book(), record[:80], source[:80])


@router.get(
    "/deliveries/{upload}",
    response={200: UploadOut, **WRONG},
    summary="报送的处理结果 / what became of it",
    **asks("api.deliver"),
)
def delivered(request: ProgramRequest, upload: Number) -> dict[str, Any]:
    """Ask again while it is ``waiting`` or ``running``."""
    found = uploads.upload(upload, call=call_of(request))
    name, tables = uploads.told_of(found)
    return {
        "upload": found.pk,
        "state": found.state,
        "name": name,
        "unit": found.unit,
        "at": found.at,
        "finished_at": found.finished_at,
        "tables": tables,
        "failure": _problem(found.failure),
    }


class RefusedOut(Schema):
    """A row that was not accepted, with every reason."""

    delivery: int
    row: int
    cells: list[str] = Field(description="as handed in; ＊＊＊ where it is masked")
    masked: list[int] = Field(description="which cells are masked, counted from 0; give a purpose to see them")
    reasons: list[ProblemOut]


class RefusedPage(Schema):
    """Refused rows in their order."""

    headings: list[str]
    rows: list[RefusedOut]
    next: str


@router.get(
    "/deliveries/{upload}/refused/{delivery}",
    response={200: RefusedPage, **WRONG},
    summary="退回的行及原因 / refused rows and why",
    **asks("api.deliver"),
)
def refused(
    request: ProgramRequest,
    upload: Number,
    delivery: Number,
    cursor: Cursor = "",
    limit: Limit = 50,
    purpose: Text = "",
) -> dict[str, Any]:
    """Rows are never lost: mend them and hand them in again.

    Cells of secret fields, and of columns that the book does not know, are masked. A key that may take refused rows
    back (delivery.report) sees them as they were handed in where it says a purpose, which is kept in the trail.
    """
    of = f"refused:{delivery}"
    told = uploads.refused(
        upload, delivery, after=cursor_in(of, cursor), limit=limit, call=call_of(request), purpose=purpose
    )
    return {
        "headings": told.headings,
        "next": cursor_out(of, told.next),
        "rows": [
            {
                "delivery": delivery,
                "row": row.number,
                "cells": row.cells,
                "masked": row.masked,
                "reasons": [_problem(r) for r in row.reasons],
            }
            for row in told.rows
        ],
    }


class ReasonIn(Schema):
    """Why something is taken back."""

    reason: str = Field(min_length=1, max_length=2_000)


class WithdrawnOut(Schema):
    """How many facts were withdrawn, and how many published entries went with them."""

    facts: int
    published: int
    repeated: list[int] = Field(
        default_factory=list,
        description="later deliveries with rows that counted as said before: hand their files in again",
    )


@router.post(
    "/deliveries/{upload}/withdrawal/{delivery}",
    response={200: WithdrawnOut, **WRONG},
    summary="撤回整份报送 / take a delivery back",
    **asks("fact.withdraw"),
)
def withdraw(request: ProgramRequest, upload: Number, delivery: Number, given: ReasonIn) -> dict[str, Any]:
    """Every fact of it is withdrawn, and what was published of it taken down; the file and its facts stay readable."""
    done = withdraw_from_upload(upload, delivery, reason=given.reason, call=call_of(request))
    return {"facts": done.facts, "published": done.published, "repeated": [each.id for each in done.repeated]}


class SkippedOut(Schema):
    """A row that is no data, and what it was taken for."""

    delivery: int
    row: int
    cells: list[str]
    reason: ProblemOut


class SkippedPage(Schema):
    """Rows that are no data in their order."""

    headings: list[str]
    rows: list[SkippedOut]
    next: str


@router.get(
    "/deliveries/{upload}/skipped/{delivery}",
    response={200: SkippedPage, **WRONG},
    summary="不是数据的行及原因 / rows that are no data and why",
    **asks("api.deliver"),
)
def skipped(
    request: ProgramRequest,
    upload: Number,
    delivery: Number,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Totals, remarks and the like: counted and kept, so that nothing is dropped without a word."""
    of = f"skipped:{delivery}"
    told = uploads.skipped(upload, delivery, after=cursor_in(of, cursor), limit=limit, call=call_of(request))
    return {
        "headings": told.headings,
        "next": cursor_out(of, told.next),
        "rows": [
            {"delivery": delivery, "row": row.number, "cells": row.cells, "reason": _problem(row.reason)}
            for row in told.rows
        ],
    }


# -- enterprises -------------------------------------------------------------------------------------------------------


class CardOut(Schema):
    """An enterprise in one line."""

    subject: int
    name: str
    code: str
    area: str
    industry: str
    status: str
    established_on: dt.date | None
    facts: int | None = Field(description="null, with the four below it, where the key opens only a part of them")
    open_problems: int | None
    lists: list[str] | None
    next_expiry: dt.date | None
    last_on: dt.date | None


class OfficeEnterprisePage(Schema):
    """Enterprises in a stable order."""

    enterprises: list[CardOut]
    next: str


@router.get(
    "/enterprises",
    response={200: OfficeEnterprisePage, **WRONG},
    summary="查找企业 / look for enterprises",
    **asks("enterprise.list"),
)
def enterprises(
    request: ProgramRequest,
    q: Text = "",
    area: AreaCode = "",
    industry: Word = "",
    listed: bool | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """By any name it ever had, Pinyin initials, code, licence, product or equipment; and by filters."""
    understood(request, book(), today())
    within = tuple(sorted(book()[DISTRICT].areas_below.get(area, frozenset({area})))) if area else ()
    filters = SearchFilters(
        areas=within, industry=industry, listed="" if listed is None else "any" if listed else "none"
    )
    of = f"enterprises:{q}:{area}:{industry}:{listed}"
    page = reading.find(q, filters, after=cursor_in(of, cursor), limit=limit, call=call_of(request))
    return {
        "enterprises": [_card(hit.card) | ({} if hit.counted else _NOT_TOLD) for hit in page.rows],
        "next": cursor_out(of, page.next),
    }


class ShownOut(Schema):
    """A field as people read it; a secret one is masked."""

    name: str
    label: WordsOut
    zh: str
    en: str
    masked: bool


class LineOut(Schema):
    """A fact in one line."""

    fact: int
    record: str
    label: WordsOut
    quality: str
    roles: list[str]
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    kind: str
    replaced_by: int | None
    withdrawn: bool
    outdated_by: int | None
    gist: list[ShownOut]
    origin: OriginOut


class GroupOut(Schema):
    """What holds now of one group."""

    id: str
    label: WordsOut
    total: int
    lines: list[LineOut]


class FileOut(Schema):
    """The quality file: who it is and what holds today."""

    subject: int
    names: list[str]
    codes: list[str]
    addresses: list[str]
    card: CardOut | None = Field(None, description="absent where the key reaches only part of the file")
    standing: list[GroupOut]


@router.get(
    "/enterprises/{subject}",
    response={200: FileOut, **WRONG},
    summary="质量档案 / the quality file",
    **asks("file.read"),
)
def file(request: ProgramRequest, subject: Number) -> dict[str, Any]:
    """The read is noted."""
    found = reading.file(subject, call=call_of(request))
    return {
        "subject": subject,
        "names": list(found.head.names),
        "codes": list(found.head.codes),
        "addresses": list(found.head.addresses),
        "card": _card(found.card) | _numbers(found.numbers) if found.card and found.numbers else None,
        "standing": [
            {
                "id": g.id,
                "label": WordsOut.of(g.label).dict(),
                "total": g.total,
                "lines": [_line(one) for one in g.lines],
            }
            for g in found.page.current
        ],
    }


class LinePage(Schema):
    """Facts, the latest first."""

    facts: list[LineOut]
    next: str


@router.get(
    "/enterprises/{subject}/facts",
    response={200: LinePage, **WRONG},
    summary="企业的全部事实 / all facts",
    **asks("file.read"),
)
def facts(
    request: ProgramRequest,
    subject: Number,
    quality: Word = "",
    record: Word = "",
    unit: Word = "",
    outcome: Word = "",
    as_of: dt.date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """The timeline of an enterprise from all departments, as far as the key reaches."""
    understood(request, book(), today())
    of = f"facts:{subject}:{quality}:{record}:{unit}:{outcome}:{as_of}"
    choice(request, "outcome", OUTCOMES)
    filters = LineFilters(quality=quality, outcome=outcome, unit=unit, record=record)
    found = reading.facts(
        subject, filters, as_of=as_of or today(), after=cursor_in(of, cursor), limit=limit, call=call_of(request)
    )
    return {"facts": [_line(line) for line in found.rows], "next": cursor_out(of, found.next)}


class CellOut(Schema):
    """A cell of the row as delivered."""

    heading: str
    text: str
    masked: bool


class FactOut(Schema):
    """A fact whole: what was read from it beside what was delivered."""

    fact: int
    record: str
    label: WordsOut
    law: list[str]
    kind: str
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    flags: list[str]
    fields: list[ShownOut]
    cells: list[CellOut]
    replaced_by: int | None
    origin: OriginOut
    leaf: str
    root: str
    link: str


@router.get("/facts/{number}", response={200: FactOut, **WRONG}, summary="一条事实 / one fact", **asks("fact.read"))
def fact(request: ProgramRequest, number: Number) -> dict[str, Any]:
    """With the original row, the law, and the hashes by which it can be checked."""
    found = reading.fact(number, call=call_of(request))
    after = found.replaced_by
    return {
        "fact": found.fact,
        "record": found.record,
        "label": WordsOut.of(found.label).dict(),
        "kind": found.kind,
        "law": [f"{c.text}{c.article}" for c in found.law],
        "occurred_on": found.occurred_on,
        "valid_until": found.valid_until,
        "outcome": found.outcome,
        "flags": list(found.flags),
        "fields": [_shown(f) for f in found.fields],
        "cells": [{"heading": c.heading, "text": c.text, "masked": c.masked} for c in found.cells],
        "replaced_by": after.fact if after else None,
        "leaf": found.leaf,
        "root": found.root,
        "link": found.link,
        "origin": {
            "unit": found.unit,
            "delivery": found.delivery,
            "row": found.row_number,
            "learned_on": found.learned_on,
        },
    }


# -- indicators --------------------------------------------------------------------------------------------------------


class FigureOut(Schema):
    """A number with everything that says what it is; numbers are texts, so that no digit is lost.

    `facts`: how many facts it is a number of. `unplaced_above`: as many again name only an area around this one and may
    belong here; they are not counted, and where there is nothing else there is no value (never 0). `unplaced_beneath`:
    so many of its facts name no area beneath it; with them the numbers of those areas add up to it.
    """

    indicator: str
    label: WordsOut
    area: str
    value: str | None
    unit: str
    shown: WordsOut
    numerator: str | None
    denominator: str | None
    plan: WordsOut
    first: dt.date | None
    last: dt.date
    as_of: dt.date
    known_on: dt.date
    facts: int
    unplaced_above: int
    unplaced_beneath: int
    edition: str


class FigureList(Schema):
    """The figures of an area."""

    figures: list[FigureOut]


@router.get(
    "/indicators",
    response={200: FigureList, **WRONG},
    summary="一个地区的指标 / the indicators of an area",
    **asks("indicator.read"),
)
def indicators(
    request: ProgramRequest,
    area: AreaCode,
    only: Query[list[Word]] = [],  # noqa: B006
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
) -> dict[str, Any]:
    """As of a day and as known on a day; without days, of today."""
    understood(request, book(), today())
    found = _figures(request, area, as_of, known_on).computed(only or None)
    return {
        "figures": [
            {
                "indicator": f.indicator,
                "label": {"zh": f.label_zh, "en": f.label_en},
                "area": area,
                "value": _number(f.value),
                "unit": f.unit,
                "shown": {"zh": f.zh, "en": f.en},
                "numerator": _number(f.numerator),
                "denominator": _number(f.denominator),
                "plan": {"zh": f.plan_zh, "en": f.plan_en},
                "first": f.first,
                "last": f.last,
                "as_of": f.as_of,
                "known_on": f.known_on,
                "facts": f.facts,
                "unplaced_above": f.unplaced_above,
                "unplaced_beneath": f.unplaced_beneath,
                "edition": f.edition,
            }
            for f in found
        ]
    }


def _figures(request: ProgramRequest, area: str, as_of: dt.date | None, known_on: dt.date | None) -> AreaFigures:
    return open_figures(area, as_of=as_of or today(), known_on=known_on, call=call_of(request))


class FactIds(Schema):
    """Numbers of facts, ascending."""

    facts: list[int]
    next: str


@router.get(
    "/indicators/{name}/facts",
    response={200: FactIds, **WRONG},
    summary="指标的明细记录 / the facts behind a figure",
    **asks("indicator.read"),
)
def behind(
    request: ProgramRequest,
    name: Word,
    area: AreaCode,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    cursor: Cursor = "",
    limit: Limit = 200,
) -> dict[str, Any]:
    """By the same conditions that count them."""
    understood(request, book(), today())
    of = f"behind:{name}:{area}:{as_of}:{known_on}"
    figures = _figures(request, area, as_of, known_on)
    page = figures.fact_page(name, after=cursor_in(of, cursor), limit=limit)
    return {"facts": page.rows, "next": cursor_out(of, page.next)}


# -- web hooks ---------------------------------------------------------------------------------------------------------


class HookIn(Schema):
    """Where to call, after what."""

    url: Annotated[str, Field(max_length=500)]
    events: list[Word] = Field(min_length=1, max_length=20)


class HookNew(Schema):
    """The hook and its signing key, shown this once."""

    hook: int
    key: str
    secret: str


class HookOut(Schema):
    """A hook as it stands."""

    hook: int
    url: str
    events: list[str]
    at: dt.datetime
    failures: int
    paused_until: dt.datetime | None
    ended_at: dt.datetime | None
    ended_why: str


class HookList(Schema):
    """The hooks that this key has registered."""

    hooks: list[HookOut]


@router.post(
    "/webhooks", response={201: HookNew, **WRONG}, summary="登记推送地址 / register a webhook", **asks("webhook.manage")
)
def register_hook(request: ProgramRequest, given: HookIn) -> Status[dict[str, Any]]:
    """HTTPS only, and no address of an inner network."""
    actor = request.auth
    done = registering.register(given.url, given.events, unit=actor.holdings[0].unit, call=call_of(request))
    return Status(201, {"hook": done.hook, "key": done.key, "secret": done.secret})


@router.get(
    "/webhooks", response={200: HookList, **WRONG}, summary="已登记的推送地址 / the webhooks", **asks("webhook.manage")
)
def hooks(request: ProgramRequest) -> dict[str, Any]:
    """Those that were ended stand there too, with why."""
    found = registering.of_owner(request.auth)
    return {
        "hooks": [
            {
                "hook": h.pk,
                "url": h.url,
                "events": h.events,
                "at": h.at,
                "failures": h.failures,
                "paused_until": h.paused_until,
                "ended_at": h.ended_at,
                "ended_why": h.ended_why,
            }
            for h in found
        ]
    }


@router.delete(
    "/webhooks/{hook}", response={204: None, **WRONG}, summary="停用推送地址 / end a webhook", **asks("webhook.manage")
)
def end_hook(request: ProgramRequest, hook: Number) -> Status[None]:
    """From now on nothing is sent there."""
    ending.end(hook, why=ending.BY_OWNER, call=call_of(request))
    return Status(204, None)


# -- banks -------------------------------------------------------------------------------------------------------------


class CreditOut(Schema):
    """The quality-credit extract of an enterprise, under its consent."""

    subject: int
    name: str
    consent: int
    purpose: str
    until: dt.date
    facts: list[LineOut]
    next: str


@router.get(
    "/credit/{code}",
    response={200: CreditOut, **WRONG},
    summary="经企业同意的信用查询 / a credit read with consent",
    **asks("credit.read"),
)
def credit_file(
    request: ProgramRequest, code: Word, purpose: Word, cursor: Cursor = "", limit: Limit = 50
) -> dict[str, Any]:
    """Only while the enterprise consents to this purpose; each read is shown to it."""
    of = f"credit:{code}:{purpose}"
    found = credit.read(code, purpose=purpose, after=cursor_in(of, cursor), limit=limit, call=call_of(request))
    return {
        "subject": found.subject,
        "name": found.name,
        "consent": found.consent,
        "purpose": found.purpose,
        "until": found.until,
        "facts": [_line(line) for line in found.rows],
        "next": cursor_out(of, found.next),
    }


class SignatureOut(Schema):
    """An Ed25519 signature of the canonical JSON of the report (keys sorted, no spaces, UTF-8)."""

    algorithm: str
    key: str = Field(description="which of the keys at /verify/keys.json")
    public_key: str
    value: str


class CreditReportBody(Schema):
    """What is signed. ``data`` holds the grades with their points, the lists, the restrictions and what is on show."""

    format: str
    number: str = Field(description="under which the portal says whether it is genuine")
    issued_at: dt.datetime
    issued_by: str
    verify_at: str
    as_of: dt.date
    known_on: dt.date
    content: dict[str, Any] = Field(description="the report as it is printed")
    content_sha256: str
    pdf_sha256: str = Field(description="of the PDF that goes with it")
    data: dict[str, Any]


class CreditReportOut(Schema):
    """A credit report with its signature."""

    report: CreditReportBody
    signature: SignatureOut


@router.post(
    "/credit/{code}/report",
    response={201: CreditReportOut, **WRONG},
    summary="经企业同意出具信用报告 / a signed credit report with consent",
    **asks("credit.read"),
)
def credit_report(
    request: ProgramRequest,
    code: Word,
    purpose: Word,
    form: Literal["json", "zip"] = "json",
    language: Literal["zh", "en"] = "zh",
) -> HttpResponse:
    """The same report as on the institution's page, made anew and numbered: signed JSON, or (``form=zip``) with the PDF
    that says the same. Only while the enterprise consents to this purpose; it sees each report that was taken.
    """
    call = call_of(request)
    consent, _ = credit.opened_for(code, purpose=purpose, call=call)
    verify_at = request.build_absolute_uri(reverse("portal:verify"))
    made = make_credit_report(consent.pk, verify_at=verify_at, call=call, language=language)
    content, kind = (made.together(), "application/zip") if form == "zip" else (made.json, "application/json")
    response = download(content, f"credit-report-{made.extract.id}.{form}", kind)
    response.status_code = 201
    return response


# -- ratings -----------------------------------------------------------------------------------------------------------


class RatedPointOut(Schema):
    """A fact that gives or takes points; numbers are texts, so that no digit is lost."""

    fact: int | None = Field(None, description="absent where the key does not reach the fact")
    item: str
    item_en: str
    occurred_on: dt.date
    points: str
    without_cap: str
    changes_on: dt.date | None
    changes_to: str | None
    limits_to: str | None
    law: list[str]


class AxisLevelOut(Schema):
    """A level of an axis of a risk matrix, counted from 1, the least, and the points that reach it."""

    points: str
    level: int
    of: int
    label: str
    label_en: str


class MatrixCellOut(Schema):
    """A cell of a risk matrix, and the class that it is."""

    likelihood: AxisLevelOut
    consequence: AxisLevelOut
    band: str
    law: list[str]


class RatingOut(Schema):
    """A rating of an enterprise with every point. ``band`` is absent where the evidence is too thin (未评)."""

    rating: str
    edition: str
    in_force_from: dt.date
    subject: int
    as_of: dt.date
    known_on: dt.date
    rated: bool
    band: str | None
    score: str | None
    begins_with: str
    evidence: int
    evidence_needed: int
    limited_to: str | None
    saw: str
    cell: MatrixCellOut | None = Field(None, description="where it stands in the matrix of a risk list")
    points: list[RatedPointOut]


@router.get(
    "/enterprises/{subject}/ratings/{rating}",
    response={200: RatingOut, **WRONG},
    summary="一家企业的评价和每一分 / the rating of an enterprise, point by point",
    **asks("file.read"),
)
def enterprise_rating(
    request: ProgramRequest,
    subject: Number,
    rating: Word,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    edition: Word = "",
) -> dict[str, Any]:
    """As of a day, as known on a day, in the edition of that day or in the one named.

    The numbers are those of the desk; the read is noted.
    """
    understood(request, book(), today())
    found = reading.rating(rating, subject, as_of=as_of, known_on=known_on, edition=edition, call=call_of(request))
    return found.as_json()


class RatedLineOut(Schema):
    """An enterprise in a list of grades; ``band`` absent: 未评, and ``score`` then says nothing."""

    subject: int
    name: str
    area: str
    band: str | None
    score: str
    evidence: int
    likelihood: int | None = Field(None, description="level in the matrix of a risk list, from 1")
    consequence: int | None = Field(None, description="level in the matrix of a risk list, from 1")


class BandCountOut(Schema):
    """How many enterprises have a grade; absent: 未评."""

    band: str | None
    enterprises: int


class RatedPage(Schema):
    """Enterprises of an area by grade: the lowest score first, of a risk list the riskiest."""

    rating: str
    edition: str
    area: str
    as_of: dt.date
    known_on: dt.date
    counts: list[BandCountOut]
    enterprises: list[RatedLineOut]
    next: str


@router.get(
    "/ratings/{rating}",
    response={200: RatedPage, **WRONG},
    summary="一个地区各等级的企业 / the enterprises of an area by grade",
    **asks("enterprise.list"),
)
def rated_enterprises(
    request: ProgramRequest,
    rating: Word,
    area: AreaCode = "",
    band: Word = "",
    cell: Word = "",
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Those of one band, or with ``band=none`` those not graded; of a risk list also those of one ``cell``, as ``3-2``.

    Of an area with all beneath it; where none is named, of the highest in reach.
    """
    understood(request, book(), today())
    call = call_of(request)
    asked = rating_asked(book(), rating, as_of=as_of or today(), known_on=known_on, today=today())
    opened = open_ratings(asked, area or None, call=call)
    of = f"ratings:{rating}:{opened.area}:{band}:{cell}:{asked.as_of}:{asked.known_on}"
    page = opened.page(band, cell=cell, after=cursor_in(of, cursor), limit=limit)
    return {
        "rating": rating,
        "edition": asked.edition.edition,
        "area": opened.area,
        "as_of": asked.as_of,
        "known_on": asked.known_on,
        "counts": [{"band": name, "enterprises": number} for name, number in opened.counts().items()],
        "enterprises": [
            {
                "subject": line.grade.subject_id,
                "name": line.name,
                "area": line.grade.area or "",
                "band": line.band.name if line.band is not None else None,
                "score": str(line.score),
                "evidence": line.grade.evidence,
                "likelihood": None if line.grade.likelihood is None else line.grade.likelihood + 1,
                "consequence": None if line.grade.consequence is None else line.grade.consequence + 1,
            }
            for line in page.rows
        ],
        "next": cursor_out(of, page.next),
    }


# -- parts -------------------------------------------------------------------------------------------------------------


def _problem(told: Any) -> dict[str, Any] | None:
    if not told:
        return None
    return {"code": told["code"], "zh": told["zh"], "en": told["en"], "field": told.get("field", "")}


def _number(value: Any) -> str | None:
    return None if value is None else str(value)


def _card(card: Any) -> dict[str, Any]:
    return {
        "subject": card.subject,
        "name": card.name,
        "code": card.code,
        "area": card.area,
        "industry": card.industry,
        "status": card.status,
        "established_on": card.established_on,
        "facts": card.facts,
        "open_problems": card.open_problems,
        "lists": card.on_lists,
        "next_expiry": card.next_expiry,
        "last_on": card.last_counted_on,
    }


_NOT_TOLD = dict.fromkeys(("facts", "open_problems", "lists", "next_expiry", "last_on"))


def _numbers(told: FileNumbers) -> dict[str, Any]:
    """The numbers of a file in the place of its card's: of what the key can open."""
    return {
        "facts": told.facts,
        "open_problems": told.open_problems,
        "lists": list(told.lists),
        "next_expiry": told.next_expiry,
        "last_on": told.last_on,
    }


def _shown(field: ShownField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": WordsOut.of(field.label).dict(),
        "zh": field.zh,
        "en": field.en,
        "masked": field.masked,
    }


def _line(line: FileLine) -> dict[str, Any]:
    return {
        "fact": line.fact,
        "record": line.record,
        "label": WordsOut.of(line.label).dict(),
        "quality": line.quality,
        "roles": list(line.roles),
        "occurred_on": line.occurred_on,
        "valid_until": line.valid_until,
        "outcome": line.outcome,
        "kind": line.kind,
        "replaced_by": line.replaced_by,
        "withdrawn": line.withdrawn,
        "outdated_by": line.outdated_by,
        "gist": [_shown(field) for field in line.gist],
        "origin": {"unit": line.unit, "delivery": line.delivery, "row": line.row_number, "learned_on": line.learned_on},
    }
