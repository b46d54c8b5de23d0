"""Deliveries over the interface: hand in files or rows, read what became of them, take them back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from zhiheng.actions.intake.upload_delivery import upload_delivery
from zhiheng.actions.intake.withdraw_delivery import withdraw_from_upload
from zhiheng.api import refusals
from zhiheng.api.answers import Cursor, Limit, Number, ProblemOut, Text, Word, cursor_in, cursor_out
from zhiheng.api.keys import ProgramRequest, call_of
from zhiheng.api.office.operation import WRONG, asks, problem, router
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import book, now
from zhiheng.pages.blank_forms import blank_form_file
from zhiheng.queries import uploads

DELIVERED_BYTES = 200 << 20


ROWS_AT_ONCE = 10_000


_ROW_CHARACTERS = 20_000


Cell = Annotated[str, Field(max_length=5_000)]


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
        "failure": problem(found.failure),
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
                "reasons": [problem(r) for r in row.reasons],
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
            {"delivery": delivery, "row": row.number, "cells": row.cells, "reason": problem(row.reason)}
            for row in told.rows
        ],
    }
