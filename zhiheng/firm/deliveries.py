"""What an enterprise hands in itself, and what became of it row by row."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhiheng.actions.enterprises import sign_undertaking as signing
from zhiheng.actions.intake import upload_delivery as uploading
from zhiheng.firm.firm_page import firm_page
from zhiheng.firm.forms import HandInForm
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.office.uploads import Upload
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.blank_forms import blank_form_file
from zhiheng.pages.http import PageRequest
from zhiheng.pages.states import UPLOADS, badge
from zhiheng.pages.words import chinese, label, say
from zhiheng.queries import own_file as reading
from zhiheng.queries import uploads as uploaded

# So many refused rows are shown on a page; all of them are in the file for mending.
REFUSED_SHOWN = 50


@door("firm.deliver")
def deliveries(request: PageRequest) -> HttpResponse:
    """What we hand in ourselves, and what became of it."""
    form = HandInForm.of(request)
    subject = reading.subject_of(request.actor)
    if request.method == "POST" and form.is_valid():
        unit = signing.unit_of(subject, book())
        if unit is None:
            form.add_error(
                "files",
                say(
                    "还不知道本企业在哪个区划，请联系属地质强办。",
                    "It is not known where the enterprise lies; ask the quality office.",
                ),
            )
        else:
            with form.refusals():
                for one in form.cleaned_data["files"]:
                    uploading.upload_delivery(
                        one.chunks(),
                        name=one.name or "",
                        unit=unit,
                        subject=subject,
                        call=call_of(request),
                        door="firm",
                    )
                messages.success(request, say("文件已提交，正在接收。", "The file was taken and is being received."))
                return redirect("firm:deliveries")
    corner, records = book()[CORNER], book()[RECORDS]
    words = {
        "rows": [
            {
                "upload": one,
                "badge": badge(UPLOADS, one.state),
                "facts": sum(t["facts"] for t in one.result),
                "refused": sum(t["refused"] for t in one.result),
            }
            for one in reading.uploads(call=call_of(request))
        ],
        "forms": [
            {
                "label": label(records[name].record.label),
                "url": reverse("firm:blank_form", args=[name]),
                "headings": list(next(iter(records[name].sources.values())).columns),
            }
            for name in (corner.hands_in if corner else ())
        ],
        "form": form,
        "errors": form.problems,
    }
    return firm_page(request, "deliveries", words, form.status)


@door("firm.deliver")
def blank_form(request: PageRequest, name: str) -> HttpResponse:
    """The blank form of a record that enterprises hand in themselves."""
    corner = book()[CORNER]
    if corner is None or name not in corner.hands_in:
        raise Http404("enterprises do not hand this in")
    return blank_form_file(book(), name)


@door("firm.deliver")
def delivery(request: PageRequest, number: int) -> HttpResponse:
    """What became of a file, table by table, refused rows with the reason."""
    found = uploaded.upload(number, call=call_of(request))
    tables = []
    for table in found.result:
        refusals = None
        if table["refused"] and table["deliveries"]:
            refusals = uploaded.refused(
                number, table["deliveries"][0], after="", limit=REFUSED_SHOWN, call=call_of(request)
            )
        tables.append(
            {
                "table": table,
                "download": table["deliveries"][0] if refusals else None,
                "further": table["refused"] > REFUSED_SHOWN,
                "refusal": label(table["refusal"]) if table["refusal"] else "",
                "headings": refusals.headings if refusals else [],
                "rows": [
                    {"number": row.number, "cells": row.cells, "reasons": [label(dict(r)) for r in row.reasons]}
                    for row in refusals.rows
                ]
                if refusals
                else [],
            }
        )
    words = {
        "upload": found,
        "badge": badge(UPLOADS, found.state),
        "tables": tables,
        "failure": label(found.failure) if found.failure else "",
        "under_way": found.state in Upload.UNDER_WAY,
        "refused_in_all": sum(table["refused"] for table in found.result),
    }
    return firm_page(request, "delivery", words)


@door("firm.deliver")
def refused_rows(request: PageRequest, number: int, delivery: int) -> FileResponse:
    """The refused rows under our own headings, with the reasons in the last column, to be mended and handed in
    again.
    """
    with tempfile.TemporaryDirectory(prefix="zhiheng-") as folder:
        out = Path(folder) / "refused.xlsx"
        uploaded.write_refused(number, delivery, out, call=call_of(request), language="zh" if chinese() else "en")
        file = out.open("rb")
    name = say("退回行-{n}.xlsx", "refused-rows-{n}.xlsx", n=delivery)
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPES["xlsx"])
