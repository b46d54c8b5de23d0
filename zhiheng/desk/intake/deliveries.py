"""Deliveries at the desk: hand in files, see what became of them row by row, confirm what is held, who owes what this
month.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.headings import propose_heading as proposing
from zhiheng.actions.intake import confirm_held as confirming
from zhiheng.actions.intake import export_refused_rows as reporting
from zhiheng.actions.intake import upload_delivery as uploading
from zhiheng.actions.intake import withdraw_delivery as withdrawing
from zhiheng.desk.intake.forms import (
    ConfirmForm,
    ProposedHeadingForm,
    RefusedRowsForm,
    TableKindForm,
    UploadForm,
    WithdrawDeliveryForm,
)
from zhiheng.engines.naming import CADENCES, FACT_KINDS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.formulas import as_text
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import HeadingProposal
from zhiheng.office.uploads import Upload
from zhiheng.pages import asking, named, paging, states
from zhiheng.pages.access import book, call_of, door, now, today
from zhiheng.pages.deadlines import DueWords, due_words
from zhiheng.pages.downloads import CSV, download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import opened
from zhiheng.pages.states import badge
from zhiheng.pages.words import chinese, label, say
from zhiheng.people import access
from zhiheng.quality_file.deliveries import COUNTED, Heading, Recognition, line_for, one_line
from zhiheng.queries import deliveries as reading
from zhiheng.queries import people
from zhiheng.queries.deliveries import STATES, DeliveryFilters, balanced
from zhiheng.queries.headings import standing
from zhiheng.queries.messages import reminders_of
from zhiheng.queries.refused_rows import EXAMPLE


def _units() -> dict[str, Label]:
    return {unit.id: unit.name for unit in book()[DISTRICT].units}


# -- the list ----------------------------------------------------------------------------------------------------------


@door("delivery.list")
def deliveries(request: PageRequest) -> HttpResponse:
    """Deliveries within reach, latest first; above them what is under way."""
    filters = DeliveryFilters(
        asking.choice(request, "state", (*states.DELIVERIES, COUNTED)),
        asking.text(request, "unit", 60),
        asking.text(request, "record", 60),
        asking.text(request, "name", 100),
        asking.day(request, "first"),
        asking.day(request, "last"),
        units_of(asking.text(request, "area", 40)),
    )
    listed = reading.list_deliveries(
        filters,
        paging.place_asked(request),
        call=call_of(request),
        area=_area_of(filters, asking.text(request, "area", 40)),
    )
    rows = [
        {
            "delivery": d,
            "badge": badge(states.DELIVERIES, d.state),
            "unit": named.unit(d.unit),
            "record": named.record(d.record),
            "sender": listed.senders.get(d.id),
        }
        for d in listed.page.rows
    ]
    waiting = [
        {
            "upload": w.upload,
            "progress": w.progress,
            "badge": badge(states.UPLOADS, w.upload.state),
            "unit": named.unit(w.upload.unit),
        }
        for w in listed.waiting
    ]
    mine = access.units(call_of(request), "delivery.receive")
    words: dict[str, Any] = {
        "rows": rows,
        "next": listed.page.next,
        "total": listed.page.total,
        "hidden": listed.page.hidden,
        "waiting": waiting,
        "filters": filters,
        "fields": _filter_fields(filters, access.units(call_of(request), "delivery.list")),
        "chips": _chips(request, filters),
        "clear": reverse("desk:deliveries"),
        "tabs": tabs(request, "deliveries"),
        "may_read": bool(access.areas(call_of(request), "fact.read")),
        "may_hand_in": mine,
        "owing": [
            {
                "unit": named.unit(unit),
                "count": count,
                "url": f"{reverse('desk:exchange')}?{urlencode({'state': 'late', 'unit': unit})}",
            }
            for unit, count in reading.overdue_of(mine, now=now()).items()
        ],
    }
    return render(request, "desk/deliveries.html", words)


def units_of(area: str) -> tuple[str, ...] | None:
    """The units of an area and of all beneath it; None where no area of the book is named."""
    inside = book()[DISTRICT].areas_below.get(area)
    return None if inside is None else tuple(unit.id for unit in book()[DISTRICT].units if unit.area in inside)


def _area_of(filters: DeliveryFilters, area: str) -> str:
    return area if filters.units is not None else ""


def _area_name(code: str) -> str:
    area = book()[DISTRICT].area(code)
    return label(area.name) if area is not None else ""


def _states() -> dict[str, str]:
    """The results that deliveries can be looked for by, in words."""
    found = {key: say(zh, en) for key, (_, zh, en) in states.DELIVERIES.items() if key != "skipped"}
    return found | {COUNTED: say("已接收且有新增记录", "accepted, with something new")}


def tabs(request: PageRequest, here: str) -> list[dict[str, Any]]:
    """The pages of deliveries that the reader may open, for the tabs above each of them."""
    words = {
        "deliveries": say("报送清单", "Deliveries"),
        "exchange": say("交换目录", "Exchange catalogue"),
        "ledger": say("核验账本", "Verify the ledger"),
        "data_checks": say("数据核查", "Checks of the data"),
    }
    doors = ((name, opened(request.actor, f"desk:{name}")) for name in words)
    return [{"url": url, "label": words[name], "here": name == here} for name, url in doors if url is not None]


def _filter_fields(filters: DeliveryFilters, units: Iterable[str]) -> list[dict[str, Any]]:
    """What the list can be narrowed by; ``units``: whose deliveries the reader may see, so that no choice leads to an
    empty list.
    """
    everything = say("全部", "all")
    records = [(entry.id, label(entry.record.label)) for entry in book()[RECORDS].values()]
    return [
        {
            "name": "name",
            "label": say("文件名", "File name"),
            "value": filters.name,
            "type": "search",
            "placeholder": "",
        },
        {
            "name": "state",
            "label": say("结果", "Result"),
            "value": filters.state,
            "type": "select",
            "options": [("", everything), *_states().items()],
        },
        {
            "name": "unit",
            "label": say("报送单位", "Sender"),
            "value": filters.unit,
            "type": "select",
            "options": [
                ("", everything),
                *((unit, named.unit(unit)) for unit in dict.fromkeys((*units, filters.unit)) if unit),
            ],
        },
        {
            "name": "record",
            "label": say("记录类型", "Record"),
            "value": filters.record,
            "type": "select",
            "options": [("", everything), *records],
        },
        {"name": "first", "label": say("接收自", "Received from"), "value": filters.first or "", "type": "date"},
        {"name": "last", "label": say("至", "to"), "value": filters.last or "", "type": "date"},
    ]


def _chips(request: PageRequest, filters: DeliveryFilters) -> list[dict[str, str]]:
    told = {
        "name": filters.name,
        "state": _states().get(filters.state, filters.state),
        "unit": named.unit(filters.unit) if filters.unit else "",
        "record": named.record(filters.record) if filters.record else "",
        "first": say("{day} 起", "from {day}", day=filters.first) if filters.first else "",
        "last": say("到 {day}", "to {day}", day=filters.last) if filters.last else "",
        "area": _area_name(asking.text(request, "area", 40)),
    }
    return [
        {"label": text, "url": f"?{paging.without(request.GET, name).urlencode()}"}
        for name, text in told.items()
        if text
    ]


# -- handing in --------------------------------------------------------------------------------------------------------


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
    asked = _standing(line.recognition for line in shown.lines)
    lines = [
        {
            "told": line.told,
            "badge": badge(states.DELIVERIES, line.told["state"]),
            "record": named.record(line.told["record"]),
            "source": named.source(line.told["record"], line.told["source"]),
            "recognition": _recognition(line.recognition, asked, may_propose=may_hand_in),
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


def _place(told: Recognition, heading: Heading) -> tuple[str, str, str]:
    """What a proposal for an unknown heading would be about: the record and the source that it was taken for, or that
    come nearest, and the heading.
    """
    if told.taken_for is not None:
        return *told.taken_for, one_line(heading.text)
    near = told.alternatives[0]
    return near.record, near.source, one_line(heading.text)


def _standing(several: Iterable[Recognition | None]) -> Mapping[tuple[str, str, str], HeadingProposal]:
    """What was proposed already for the unknown headings of tables, and what came of it."""
    # Of a table that was refused a heading may be known by now, just because it was accepted.
    return standing(
        [
            _place(told, h)
            for told in several
            if told is not None
            for h in told.headings
            if h.proposals or (told.alternatives and told.taken_for is None and h.kind in ("matched", "ignored"))
        ]
    )


def _asked_for(
    told: Recognition,
    heading: Heading,
    asked: Mapping[tuple[str, str, str], HeadingProposal],
    may_propose: bool,
    typed: Mapping[str, str],
) -> dict[str, Any]:
    """The form by which a unit says what a heading stands for, and how what it said before stands."""
    if not heading.proposals and (told.taken_for is not None or not told.alternatives):
        return {}
    record, source, text = _place(told, heading)
    if not heading.proposals and (record, source, text) not in asked:
        return {}
    names = proposing.targets_of(book()[RECORDS][record])
    likely = [one.target for one in heading.proposals if one.field]
    before = asked.get((record, source, text))
    mine = typed if typed.get("heading") == text else {}
    return {
        "record": record,
        "source": source,
        "heading": text,
        "error": mine.get("error", ""),
        "before": before,
        "meant": (label(names[before.target]) if before.target in names else before.target) if before else "",
        "value": mine.get("target") or (likely[0] if likely else ""),
        "options": [
            *([] if likely else [("", say("请选择", "choose"))]),
            *((target, label(names[target])) for target in dict.fromkeys([*likely, *names])),
        ],
        "may": may_propose
        and bool(heading.proposals)
        and (before is None or before.state in (HeadingProposal.State.REJECTED, HeadingProposal.State.RECALLED)),
        "line": line_for(text, before.target) if before else "",
    }


def _recognition(
    told: Recognition | None,
    asked: Mapping[tuple[str, str, str], HeadingProposal],
    *,
    may_propose: bool,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any] | None:
    if told is None:
        return None
    headings: list[dict[str, Any]] = [
        {
            "text": h.text,
            "badge": badge(states.HEADINGS, h.kind),
            "fields": [label(name) for name in h.fields],
            "proposals": [
                {"field": label(p.field) if p.field else "", "word": p.word, "page": p.page, "line": p.line}
                for p in h.proposals
            ],
            "asked": _asked_for(told, h, asked, may_propose, typed),
        }
        for h in told.headings
    ]
    alternatives = [
        {
            "value": f"{a.record}/{a.source}",
            "record": label(a.record_label),
            "source": label(a.source_label),
            "score": a.score,
            "unknown": a.unknown[:8],
            "missing": [label(m) for m in a.missing],
            "whole": a.whole,
            "id": a.record,
        }
        for a in told.alternatives
    ]
    return {
        "record": label(told.record_label) if told.record_label else "",
        "source": label(told.source_label) if told.source_label else "",
        "headings": headings,
        "alternatives": alternatives,
        "missing": [label(m) for m in told.missing],
        "unknown": sum(h.kind == "unknown" for h in told.headings),
        "matched": sum(h.kind == "matched" for h in told.headings),
        # Nobody knows them, and they did no harm: what they are is asked here.
        "kept": sum(
            told_of.kind == "ignored" and bool(shown["asked"].get("may"))
            for told_of, shown in zip(told.headings, headings, strict=True)
        ),
    }


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


# -- one delivery ------------------------------------------------------------------------------------------------------


@door("delivery.list")
def delivery(request: PageRequest, number: int) -> HttpResponse:
    """One delivery: its balance, how it was recognised, its refused rows with the reason at the cell, its Merkle
    root.
    """
    return _delivery(request, number)


@require_POST
@door("delivery.receive")
def delivery_heading(request: PageRequest, number: int) -> HttpResponse:
    """Say what an unknown heading stands for, and ask the quality office to have the book know it."""
    form = ProposedHeadingForm.of(request)
    if form.is_valid():
        given = form.cleaned_data
        try:
            proposing.propose_heading(
                number,
                record=given["record"],
                source=given["source"],
                heading=given["heading"],
                target=given["target"],
                call=call_of(request),
            )
        except Refused as refused:
            if refused.refusals[0].field != "target":
                raise
            form.take(refused.refusals)
        else:
            messages.success(
                request,
                say(
                    "已提请质量办采用；采用后再次接收这份文件即可。",
                    "The quality office is asked to have the book know it; receive the file again after that.",
                ),
            )
            return redirect("desk:delivery", number)
    typed = {name: form[name].shown for name in ("heading", "target")} | {"error": form["target"].problem}
    return _delivery(request, number, typed=typed, status=422)


def _delivery(
    request: PageRequest,
    number: int,
    *,
    confirm: ConfirmForm | None = None,
    refusals: RefusedRowsForm | None = None,
    typed: Mapping[str, str] = MappingProxyType({}),
    status: int = 200,
) -> HttpResponse:
    shown = reading.open_delivery(
        number, paging.place_asked(request), skipped_after=paging.place_asked(request, "skips"), call=call_of(request)
    )
    found = shown.delivery
    columns = [h.text for h in shown.recognition.headings]
    words = {
        "shown": shown,
        "delivery": found,
        "badge": badge(states.DELIVERIES, found.state),
        "unit": named.unit(found.unit),
        "record": named.record(found.record),
        "source": named.source(found.record, found.source),
        "known": found.record in book()[RECORDS],
        "recognition": _recognition(
            shown.recognition, _standing([shown.recognition]), may_propose=shown.may_propose, typed=typed
        ),
        "number": number,
        "columns": columns,
        "lines": [
            {"line": line, "cells": list(zip_longest(columns, *zip(*line.cells, strict=True), fillvalue=""))}
            for line in shown.refused.rows
        ],
        "elsewhere": any(line.elsewhere for line in shown.refused.rows),
        "whole": balanced(found),
        "confirm": confirm or ConfirmForm(),
        "refusals": refusals or RefusedRowsForm(initial={"purpose": label(EXAMPLE)}),
    }
    return render(request, "desk/deliveries_delivery.html", words, status=status)


@require_POST
@door("delivery.confirm")
def delivery_confirm(request: PageRequest, number: int) -> HttpResponse:
    """Accept a delivery that was held for its volume; a missing reason is said beside its field."""
    form = ConfirmForm.of(request)
    if form.is_valid():
        try:
            confirming.confirm_held(number, reason=form.cleaned_data["reason"], call=call_of(request))
        except Refused as refused:
            if refused.refusals[0].code not in ("reason.needed", "delivery.confirmed"):
                raise
            form.take(refused.refusals, {"": "reason"})
        else:
            messages.success(
                request,
                say(
                    "已确认，正在后台接收；结果会出现在报送清单。",
                    "Confirmed; it is received in the background and will stand in the list.",
                ),
            )
            return redirect("desk:delivery", number)
    return _delivery(request, number, confirm=form, status=422)


@door("fact.withdraw")
def delivery_withdraw(request: PageRequest, number: int) -> HttpResponse:
    """Take a whole delivery back: how much would go, and the reason."""
    found, standing = withdrawing.offer_withdrawal(number, call=call_of(request))
    form = WithdrawDeliveryForm.of(request)
    if request.method == "POST" and form.is_valid():
        with form.refusals({"": "reason"}, absent=True):
            done = withdrawing.withdraw_delivery(number, reason=form.cleaned_data["reason"], call=call_of(request))
            messages.success(
                request,
                say(
                    "已撤回 {facts} 条记录，撤下公示 {published} 条；更正后的文件可以重新报送。",
                    "{facts} facts were withdrawn and {published} published entries taken down; hand in the right "
                    "file.",
                    facts=done.facts,
                    published=done.published,
                ),
            )
            return redirect("desk:delivery", number)
    words = {
        "delivery": found,
        "unit": named.unit(found.unit),
        "record": named.record(found.record),
        "standing": standing,
        "rail": "deliveries",
        "form": form,
    }
    return render(request, "desk/deliveries_withdraw.html", words, status=form.status)


@require_POST
@door("delivery.report")
def delivery_refusals(request: PageRequest, number: int) -> HttpResponse | FileResponse:
    """The refused rows in the sender's own layout, with the reasons in the last column, to be mended and handed in
    again.
    """
    form = RefusedRowsForm.of(request)
    if not form.is_valid():
        return _delivery(request, number, refusals=form, status=422)
    with tempfile.TemporaryDirectory(prefix="zhiheng-") as folder:
        out = Path(folder) / "refusals.xlsx"
        try:
            reporting.report_refusals(
                number,
                out,
                call=call_of(request),
                purpose=form.cleaned_data["purpose"],
                language="zh" if chinese() else "en",
            )
        except Refused as refused:
            if refused.refusals[0].field != "purpose":
                raise
            form.take(refused.refusals)
            return _delivery(request, number, refusals=form, status=422)
        file = out.open("rb")
    return FileResponse(
        file,
        as_attachment=True,
        filename=say("退回行-{n}.xlsx", "refused-rows-{n}.xlsx", n=number),
        content_type=MEDIA_TYPES["xlsx"],
    )


@door("fact.read")
def delivery_facts(request: PageRequest, number: int) -> HttpResponse:
    """The facts of a delivery that may be read, row by row."""
    flagged = asking.choice(request, "state", ("flagged",)) == "flagged"
    found, page = reading.facts_of_delivery(number, paging.place_asked(request), call=call_of(request), flagged=flagged)
    counted = found.flagged_count if flagged else found.fact_count
    areas = {area.code: area.name for area in book()[DISTRICT].areas}
    rows = [
        {
            "fact": line,
            "kind": label(FACT_KINDS[line.kind]),
            "area": label(areas[line.area]) if line.area in areas else line.area,
            "outcome": label(line.verdict) if line.verdict is not None else "",
        }
        for line in page.rows
    ]
    words = {
        "delivery": found,
        "record": named.record(found.record),
        "unit": named.unit(found.unit),
        "rows": rows,
        "next": page.next,
        "flagged": flagged,
        "total": None if page.total is None else counted,
        "hidden": 0 if page.total is None else max(0, counted - page.total),
    }
    return render(request, "desk/deliveries_facts.html", words)


# -- the exchange catalogue --------------------------------------------------------------------------------------------


@door("delivery.list")
def exchange(request: PageRequest) -> HttpResponse:
    """Who owes what in a month: handed in, due, late."""
    month = asking.month(request, "month", today())
    state = asking.choice(request, "state", STATES)
    area, unit = asking.text(request, "area", 40), asking.text(request, "unit", 60)
    narrowed = {name: value for name, value in (("area", area), ("unit", unit)) if value}
    wanted = (unit,) if unit else units_of(area)
    of_area = "" if unit or wanted is None else area
    shown = reading.exchange(month, state, units=wanted, call=call_of(request), area=of_area)
    mine = access.units(call_of(request), "delivery.receive")
    groups = [
        {
            "unit": named.unit(unit),
            "id": unit,
            "may": unit in mine,
            "rows": [
                {
                    "due": d,
                    "record": named.record(d.owed.record),
                    "known": d.owed.record in book()[RECORDS],
                    "cadence": label(CADENCES[d.owed.cadence]),
                    "badge": badge(states.OWED, d.state),
                    "counted": _counted(d.owed.due_basis),
                }
                for d in rows
            ],
        }
        for unit, rows in shown.units
    ]
    summed = [
        {
            "state": name,
            "count": shown.counts[name],
            "badge": badge(states.OWED, name),
            "here": name == state,
            "url": "?"
            + urlencode({"month": f"{shown.first:%Y-%m}", **narrowed, **({} if name == state else {"state": name})}),
        }
        for name in STATES
    ]
    wider = f"?{paging.without(request.GET, 'area', 'unit').urlencode()}"
    words = {
        "groups": groups,
        "states": summed,
        "state": state,
        "month": shown.first,
        "tabs": tabs(request, "exchange"),
        "narrowed_unit": unit,
        "before": f"{shown.first - dt.timedelta(days=1):%Y-%m}",
        "later": f"{shown.last + dt.timedelta(days=1):%Y-%m}" if shown.reaches and shown.last < shown.reaches else "",
        # A month that the catalogue does not reach: that nothing falls due in it would be saying too much.
        "reaches": f"{shown.reaches:%Y-%m}" if shown.reaches and shown.reaches < shown.first else "",
        "all": sum(shown.counts.values()),
        "total": sum(len(rows) for _, rows in shown.units) + shown.hidden,
        "hidden": shown.hidden,
        "narrowed": [{"label": named.unit(unit) if unit else _area_name(area), "url": wider}] if narrowed else [],
        "kept": "".join(
            f"&{urlencode({name: value})}" for name, value in {**narrowed, "state": state}.items() if value
        ),
    }
    return render(request, "desk/deliveries_exchange.html", words)


@door("delivery.remind")
def reminders(request: PageRequest) -> HttpResponse:
    """Reminders of what is overdue, a sheet for each unit, to be printed and sent; and whom the system has reminded."""
    groups = _overdue(request)
    reminded = reminders_of(call=call_of(request), unit=asking.text(request, "unit", 60))
    for group in groups:
        group["reminded"] = reminded.get(group["id"], ())
    return render(
        request,
        "desk/deliveries_reminders.html",
        {"groups": groups, "today": today(), "office": people.unit_of(request.actor, book())},
    )


@door("delivery.remind")
def reminders_export(request: PageRequest) -> HttpResponse:
    """What is overdue as a table."""
    headings = (
        say("单位", "Unit"),
        say("记录类型", "Record"),
        say("频次", "How often"),
        say("所属期起", "Period from"),
        say("所属期止", "Period to"),
        say("应报日", "Due"),
        say("逾期天数", "Days late"),
    )
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(map(as_text, headings))
    for group in _overdue(request):
        for row in group["rows"]:
            owed = row["due"].owed
            table.writerow(
                [
                    *map(as_text, (group["unit"], row["record"], row["cadence"])),
                    owed.first,
                    owed.last,
                    owed.due_on,
                    row["due"].days,
                ]
            )
    return download(
        out.getvalue().encode("utf-8-sig"), say("逾期未报-{day}.csv", "overdue-{day}.csv", day=today()), CSV
    )


def _overdue(request: PageRequest) -> list[dict[str, Any]]:
    found = reading.reminders(call=call_of(request), unit=asking.text(request, "unit", 60))
    return [
        {
            "id": unit,
            "unit": named.unit(unit),
            "rows": [
                {
                    "due": d,
                    "record": named.record(d.owed.record),
                    "cadence": label(CADENCES[d.owed.cadence]),
                    "counted": _counted(d.owed.due_basis),
                }
                for d in rows
            ],
        }
        for unit, rows in found
    ]


def _counted(basis: Mapping[str, Any]) -> DueWords:
    """How a due day was counted, where that says more than the days themselves: it moved on, or may still move."""
    words = due_words(basis)
    return words if words.provisional or len(words.why) > 1 else DueWords()
