"""One delivery at the desk: its rows, what is held and confirmed, what was refused, and how it is taken back."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from zhiheng.actions.headings import propose_heading as proposing
from zhiheng.actions.intake import confirm_held as confirming
from zhiheng.actions.intake import export_refused_rows as reporting
from zhiheng.actions.intake import withdraw_delivery as withdrawing
from zhiheng.desk.intake.forms import ConfirmForm, ProposedHeadingForm, RefusedRowsForm, WithdrawDeliveryForm
from zhiheng.desk.intake.recognition import recognition_words, standing_proposals
from zhiheng.engines.naming import FACT_KINDS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking, named, paging, states
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.states import badge
from zhiheng.pages.words import chinese, label, say
from zhiheng.queries import deliveries as reading
from zhiheng.queries.deliveries import balanced
from zhiheng.queries.refused_rows import EXAMPLE


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
        "recognition": recognition_words(
            shown.recognition, standing_proposals([shown.recognition]), may_propose=shown.may_propose, typed=typed
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
