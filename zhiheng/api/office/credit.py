"""Credit over the interface: what a financial institution reads with the consent of an enterprise, signed reports."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpResponse
from django.urls import reverse
from ninja import Schema
from pydantic import Field

from zhiheng.actions.exports.make_credit_report import make_credit_report
from zhiheng.api.answers import Cursor, Limit, Word, cursor_in, cursor_out
from zhiheng.api.keys import ProgramRequest, call_of
from zhiheng.api.office.file_lines import LineOut, file_line
from zhiheng.api.office.operation import WRONG, asks, router
from zhiheng.pages.downloads import download
from zhiheng.queries import credit


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
        "facts": [file_line(line) for line in found.rows],
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
