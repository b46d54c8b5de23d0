"""A document of a case as a file, and what was attached to it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.actions.cases.export_decision import export_decision
from zhiheng.desk.actor_names import told
from zhiheng.kernel.media_types import MEDIA_TYPES, PAPERS
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import paging
from zhiheng.pages.access import call_of, door
from zhiheng.pages.downloads import download, zip_download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label
from zhiheng.queries import refusals
from zhiheng.queries.case_attachments import attachment_custody, case_attachment
from zhiheng.queries.case_papers import case_paper


@door("case.read")
def paper(request: PageRequest, number: int, kind: str) -> HttpResponse:
    """A document as PDF or DOCX, with the QR code that leads to its verification."""
    if kind not in PAPERS:
        raise Refused(refusals.case_document_absent())
    file = case_paper(
        number,
        form="docx" if kind == "docx" else "pdf",
        verify_at=request.build_absolute_uri(reverse("portal:verify")),
        call=call_of(request),
    )
    return download(file.content, file.name, MEDIA_TYPES[kind])


@door("case.read")
def proof(request: PageRequest, number: int) -> HttpResponse:
    """The proof bundle of a document, which an outsider checks without the platform."""
    call = call_of(request)
    return zip_download(f"zhiheng-decision-{number}.zip", lambda out: export_decision(out, document=number, call=call))


_PICTURES = ("jpg", "png")


@door("case.read")
def attachment(request: PageRequest, number: int) -> HttpResponse:
    """The file of an attachment; pictures, which were encoded anew, open in the browser."""
    file = case_attachment(number, call=call_of(request))
    media_type = MEDIA_TYPES[file.kind]
    return download(file.content, file.name, media_type, inline=file.kind in _PICTURES)


@door("case.read")
def custody(request: PageRequest, number: int) -> HttpResponse:
    """From whose hands an attachment came, with which digests, and who has taken it since."""
    found = attachment_custody(number, after=paging.place_asked(request), call=call_of(request))
    names = told([found.given_by, *(one.who for one in found.taken.rows)])
    shown = {
        "file": found.attachment,
        "case": found.attachment.case,
        "line": label(found.line),
        "given_by": names[found.given_by],
        "struck": found.struck,
        "whole": found.whole,
        "rows": [{"name": names[one.who], "at": one.at} for one in found.taken.rows],
        "next": found.taken.next,
    }
    return render(request, "desk/cases/attachment.html", shown)
