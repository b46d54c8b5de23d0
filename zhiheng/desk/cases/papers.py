"""A document of a case as a file."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse
from django.urls import reverse

from zhiheng.desk.quality_files.extracts import TYPES
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.queries import refusals
from zhiheng.queries.case_papers import case_paper


@door("case.read")
def paper(request: PageRequest, number: int, kind: str) -> HttpResponse:
    """A document as PDF or DOCX, with the QR code that leads to its verification."""
    if kind not in TYPES:
        raise Refused(refusals.case_document_absent())
    file = case_paper(
        number,
        form="docx" if kind == "docx" else "pdf",
        verify_at=request.build_absolute_uri(reverse("portal:verify")),
        call=call_of(request),
    )
    response = HttpResponse(file.content, content_type=TYPES[kind])
    response["Content-Disposition"] = (
        f"attachment; filename=\"paper-{number}.{kind}\"; filename*=UTF-8''{quote(file.name)}"
    )
    response["Cache-Control"] = "no-store"
    return response
