"""Files handed in at the desk: the form, what becomes of each table, and what a table is whose headings left doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.intake import upload_delivery as uploading
from zhiheng.desk.intake.forms import TableKindForm, UploadForm
from zhiheng.desk.intake.recognition import recognition_words, standing_proposals
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.office.uploads import Upload
from zhiheng.pages import asking, named, states
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.states import badge
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.queries import deliveries as reading


def _units() -> dict[str, Label]:
    return {unit.id: unit.name for unit in book()[DISTRICT].units}


@door("delivery.receive")
def upload(request: PageRequest) -> HttpResponse:
    """The form for files, and what it sends: each file is kept and waits for the background."""
    units = access.units(call_of(request), "delivery.receive")
    form = UploadForm.of(request, unit=asking.text(request, "unit", 60) or (units[0] if len(units) == 1 else ""))
    if request.method != "POST":
        return _upload_form(request, units, form)
    form.is_valid()
    if not form.has_error("unit") and form.cleaned_data["unit"] not in units:
        form.add_error("unit", say("请选择您可以为之报送的单位。", "Choose a unit for which you may hand in."))
    handed, refused = _hand_in(request, form.cleaned_data) if form.is_valid() else ([], [])
    if form.errors or refused:
        return _upload_form(request, units, form, refused=refused, handed=handed)
    before = [one.upload.name for one in handed if one.before]
    if before:
        messages.info(
            request,
            say(
                "此前已交过，显示的是那一次的结果：{names}",
                "Handed in before; this is the result of that time: {names}",
                names="、".join(before),
            ),
        )
    if len(handed) == 1:
        return redirect("desk:upload_result", handed[0].upload.id)
    messages.success(
        request,
        say(
            "已交 {n} 个文件，正在后台接收。", "{n} files are handed in and received in the background.", n=len(handed)
        ),
    )
    return redirect("desk:deliveries")


def _hand_in(request: PageRequest, typed: Mapping[str, Any]) -> tuple[list[uploading.Handed], list[dict[str, str]]]:
    """Each file by itself: one that can't be taken does not keep the others out."""
    handed, refused = [], []
    record, _, source = typed["kind"].partition("/")
    for file in typed["files"]:
        try:
            handed.append(
                uploading.upload_delivery(
                    file.chunks(),
                    name=file.name or "",
                    unit=typed["unit"],
                    call=call_of(request),
                    door="desk",
                    record=record,
                    source=source,
                )
            )
        except Refused as cause:
            if cause.refusals[0].code.startswith("access."):
                raise
            refused += [
                {"field": "files", "label": uploading.clean_name(file.name or ""), "text": label(r)}
                for r in cause.refusals
            ]
    return handed, refused


def _upload_form(
    request: PageRequest,
    units: Sequence[str],
    form: UploadForm,
    *,
    refused: Sequence[dict[str, str]] = (),
    handed: Sequence[uploading.Handed] = (),
) -> HttpResponse:
    names = _units()
    duties = {u.id: u.records for u in book()[DISTRICT].units}.get(form["unit"].shown, ())
    kinds = [
        (f"{entry.id}/{source}", f"{label(entry.record.label)} · {label(entry.sources[source].label)}")
        for entry in sorted(book()[RECORDS].values(), key=lambda e: e.id not in duties)
        for source in entry.sources
    ]
    form.offer(
        unit=[("", say("请选择", "choose")), *((u, label(names[u])) for u in units)],
        kind=[("", say("自动识别（推荐）", "recognise it (recommended)")), *kinds],
    )
    words = {
        "form": form,
        "units": units,
        "errors": [*form.problems, *refused],
        "handed": handed,
        "files_error": form["files"].problem or next((each["text"] for each in refused), ""),
        "limit": f"{uploading.LIMIT >> 20:,}",
        "blank_forms": _blank_forms(duties),
    }
    return render(request, "desk/deliveries_upload.html", words, status=422 if words["errors"] else 200)


def _blank_forms(records: Sequence[str]) -> list[dict[str, str]]:
    """The blank forms of what a unit hands in."""
    return [
        {"label": label(book()[RECORDS][name].record.label), "url": reverse("desk:book_blank_form", args=[name])}
        for name in records
        if name in book()[RECORDS]
    ]


@door("delivery.list")
def upload_result(request: PageRequest, number: int) -> HttpResponse:
    """An upload under way or done; the same address gives the part that is asked again while it is under way."""
    shown = reading.open_upload(number, call=call_of(request))
    units = access.units(call_of(request), "delivery.receive")
    may_hand_in = shown.upload.unit in units
    asked = standing_proposals(line.recognition for line in shown.lines)
    lines = [
        {
            "told": line.told,
            "badge": badge(states.DELIVERIES, line.told["state"]),
            "record": named.record(line.told["record"]),
            "source": named.source(line.told["record"], line.told["source"]),
            "recognition": recognition_words(line.recognition, asked, may_propose=may_hand_in),
            "asks": line.asks,
            "accepted_by": line.accepted_by,
            "number": (line.told["deliveries"] or [None])[0],
        }
        for line in shown.lines
    ]
    under_way = shown.upload.state in Upload.UNDER_WAY
    words = {
        "upload": shown.upload,
        "progress": shown.progress,
        "under_way": under_way,
        "lines": lines,
        "sums": shown.sums,
        "badge": badge(states.UPLOADS, shown.upload.state),
        "unit": named.unit(shown.upload.unit),
        "may_hand_in": may_hand_in,
        "kinds": _all_kinds(),
        "steps": _steps(Upload.State(shown.upload.state), any(line["told"]["state"] == "accepted" for line in lines)),
    }
    part = request.htmx and request.htmx.target == "upload-state"
    return render(request, "desk/deliveries_upload_state.html" if part else "desk/deliveries_upload_result.html", words)


def _all_kinds() -> list[tuple[str, str]]:
    return [
        (f"{entry.id}/{source}", f"{label(entry.record.label)} · {label(entry.sources[source].label)}")
        for entry in book()[RECORDS].values()
        for source in entry.sources
    ]


def _steps(state: Upload.State, accepted: bool) -> list[dict[str, str]]:
    at = {Upload.State.WAITING: 1, Upload.State.RUNNING: 2, Upload.State.FAILED: 2, Upload.State.DONE: 4}[state]
    names = (
        (say("已报送", "Handed in"), ""),
        (say("排队", "In the queue"), ""),
        (say("识别与接收", "Recognised and received"), ""),
        (say("结果", "Result"), ""),
    )
    marks = ["done" if i < at else "now" if i == at else "" for i in range(len(names))]
    if state == Upload.State.FAILED or (state == Upload.State.DONE and not accepted):
        marks[2 if state == Upload.State.FAILED else 3] = "late"
    return [{"label": n, "note": note, "state": mark} for (n, note), mark in zip(names, marks, strict=True)]


@require_POST
@door("delivery.receive")
def upload_again(request: PageRequest, number: int) -> HttpResponse:
    """Receive an upload once more."""
    uploading.receive_again(number, call=call_of(request))
    return redirect("desk:upload_result", number)


@require_POST
@door("delivery.receive")
def upload_answer(request: PageRequest, number: int) -> HttpResponse:
    """Say what a table is whose headings left doubt."""
    form = TableKindForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        record, _, source = typed["kind"].partition("/")
        uploading.answer(
            number,
            origin=typed["origin"],
            table=typed["table"],
            record=record,
            source=source,
            call=call_of(request),
        )
    return redirect("desk:upload_result", number)
