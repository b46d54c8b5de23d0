"""Papers of a quality file: the form that asks what for, and the file that it gives."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.actions.exports.make_extract import make_extract
from zhiheng.desk.quality_files.forms import ExtractForm
from zhiheng.desk.quality_files.quality_file import day_of
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.pages import asking
from zhiheng.pages.access import call_of, door
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, say
from zhiheng.queries.quality_files import open_file


@door("extract.make")
def extract(request: PageRequest, subject: int) -> HttpResponse:
    """The form; a form that was sent gives the file at once."""
    form = ExtractForm.of(
        request,
        form="pdf",
        language="zh" if chinese() else "en",
        as_of=asking.text(request, "as_of", 10),
        known_on=asking.text(request, "known_on", 10),
    ).offer(
        form=[
            ("pdf", say("PDF，用于打印和递交", "PDF, to print and hand in")),
            ("docx", say("DOCX，用于放进自己的文件", "DOCX, to put into a paper of your own")),
        ],
        language=[("zh", say("中文", "Chinese")), ("en", say("英文", "English"))],
    )
    # Nobody fills in a form that will be refused; who may not see the file is told so at once.
    _, card = open_file(subject, act="extract.make", call=call_of(request))
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            return _made(request, subject, form.cleaned_data)
    context = {
        "rail": "enterprises",
        "name": card.name if card is not None else "",
        "subject": subject,
        "form": form,
        "errors": form.loose,
    }
    return render(request, "desk/file_extract.html", context, status=form.status)


def _made(request: PageRequest, subject: int, typed: dict[str, Any]) -> HttpResponse:
    kind: Literal["pdf", "docx"] = typed["form"] or "pdf"
    made = make_extract(
        subject,
        form=kind,
        purpose=typed["purpose"],
        verify_at=request.build_absolute_uri(reverse("portal:verify")),
        call=call_of(request),
        language=typed["language"] or ("zh" if chinese() else "en"),
        as_of=day_of(typed["as_of"]),
        known_on=day_of(typed["known_on"]),
    )
    return download(made.content, made.file_name, MEDIA_TYPES[kind])
