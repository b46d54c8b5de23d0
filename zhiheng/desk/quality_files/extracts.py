"""Papers of a quality file: the form that asks what for, and the file that it gives."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.actions.exports.make_extract import make_extract
from zhiheng.desk.quality_files.quality_file import day_of
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label, say
from zhiheng.queries.quality_files import open_file

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@door("extract.make")
def extract(request: PageRequest, subject: int) -> HttpResponse:
    """The form; a form that was sent gives the file at once."""
    asked = request.POST if request.method == "POST" else request.GET
    language = asked.get("language", "")
    said: dict[str, Any] = {
        "form": asked.get("form", "") if asked.get("form", "") in TYPES else "pdf",
        "language": language if language in ("zh", "en") else "zh" if chinese() else "en",
        "purpose": asked.get("purpose", ""),
        "as_of": asked.get("as_of", ""),
        "known_on": asked.get("known_on", ""),
    }
    # Nobody fills in a form that will be refused; who may not see the file is told so at once.
    _, card = open_file(subject, act="extract.make", call=call_of(request))
    context = {
        "rail": "enterprises",
        "name": card.name if card is not None else "",
        "subject": subject,
        **said,
        "languages": [("zh", say("中文", "Chinese")), ("en", say("英文", "English"))],
        "forms": [
            ("pdf", say("PDF，用于打印和递交", "PDF, to print and hand in")),
            ("docx", say("DOCX，用于放进自己的文件", "DOCX, to put into a paper of your own")),
        ],
    }
    if request.method != "POST":
        return render(request, "desk/file_extract.html", context)
    try:
        made = make_extract(
            subject,
            form=said["form"],
            purpose=said["purpose"],
            verify_at=request.build_absolute_uri(reverse("portal:verify")),
            call=call_of(request),
            language=said["language"],
            as_of=day_of(said["as_of"]),
            known_on=day_of(said["known_on"]),
        )
    except Refused as refused:
        if refused.refusals[0].field != "purpose":
            raise
        return render(request, "desk/file_extract.html", context | {"error": label(refused.refusals[0])}, status=422)
    response = HttpResponse(made.content, content_type=TYPES[said["form"]])
    response["Content-Disposition"] = (
        f"attachment; filename=\"extract-{made.extract.id}.{said['form']}\"; filename*=UTF-8''{quote(made.file_name)}"
    )
    response["Cache-Control"] = "no-store"
    return response
