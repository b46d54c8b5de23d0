"""One fact at the desk: what was delivered beside what was read, where it comes from, what became of it, and how to
prove it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from zhiheng.actions.facts.correct_fact import correct as correct_fact
from zhiheng.actions.facts.correct_fact import withdraw as withdraw_fact
from zhiheng.actions.facts.export_proof import export_proof
from zhiheng.actions.facts.reveal_value import read_secret
from zhiheng.desk.actor_names import told
from zhiheng.desk.quality_files.enterprises import names
from zhiheng.desk.quality_files.forms import CorrectFactForm, PurposeForm, WithdrawFactForm
from zhiheng.desk.quality_files.quality_file import delivery_url, said
from zhiheng.engines.naming import AUDIENCES, FACT_ACTS, SEVERITIES
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.doubts import DOUBTS
from zhiheng.pages import asking
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.downloads import zip_download
from zhiheng.pages.forms import unchanged
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import BookField
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.quality_file.fact_detail import Act, Cell
from zhiheng.queries.correction_form import Blank, Offer, offer_correction
from zhiheng.queries.facts import FactRead, read_fact, read_proof

# What a cell can hold, and the field beside which a refusal without one stands.
_CELL = 32_767
_REASON = {"": "reason"}


def _through(request: PageRequest) -> int | None:
    """The enterprise whose file the fact is opened through."""
    return asking.number(request, "file")


def _asked(request: PageRequest) -> dict[str, Any]:
    return {"call": call_of(request), "through": _through(request)}


@door("fact.read")
def fact(request: PageRequest, fact: int) -> HttpResponse:
    """The sheet of a fact, beside the page it was opened from or as a whole page."""
    return _sheet(request, read_fact(fact, **_asked(request)))


@door("fact.read_secret")
def secret(request: PageRequest, fact: int) -> HttpResponse:
    """Asks for a purpose; then the sheet with nothing masked, once, and kept nowhere."""
    form = PurposeForm.of(request)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            response = _sheet(request, read_secret(fact, purpose=form.cleaned_data["purpose"], **_asked(request)))
            response["Cache-Control"] = "no-store"
            return response
    status = 200 if request.htmx else form.status
    return _sheet(request, read_fact(fact, **_asked(request)), asking=form, status=status)


@door("fact.read")
def proof(request: PageRequest, fact: int) -> HttpResponse:
    """The way from the fact to the root of its delivery; a part of the sheet, and a page by itself."""
    found = read_proof(fact, **_asked(request))
    part = bool(request.htmx) and request.htmx.target == "proof"
    return render(
        request,
        "desk/fact/_proof.html" if part else "desk/fact_proof.html",
        {
            "rail": "enterprises",
            "proof": found,
            "fact": fact,
            "fact_url": _url("fact", fact, request),
        },
    )


@door("proof.export")
def bundle(request: PageRequest, fact: int) -> HttpResponse:
    """The proof bundle of one fact, to be handed to an outsider; it has the row as delivered."""
    if request.method != "POST":
        return redirect(_url("fact", fact, request))
    call = call_of(request)
    return zip_download(f"zhiheng-proof-{fact}.zip", lambda out: export_proof(out, fact=fact, call=call))


@door("fact.correct")
def correct(request: PageRequest, fact: int) -> HttpResponse:
    """The form of a correction: the texts of the row as they stand, and the reason."""
    offer = offer_correction(fact, act="fact.correct", **_asked(request))
    if request.method != "POST" and offer.latest != fact:
        messages.warning(request, _to_the_latest(fact, offer.latest))
        return redirect(_url("fact_correct", offer.latest, request))
    if request.method == "POST":
        unchanged(
            request,
            offer.shown,
            {blank.target: _blank_label(blank) for blank in offer.blanks}
            | {"latest": say("最新版本的事实编号", "number of the latest statement")},
        )
    form = _form(request, offer)
    if request.method == "POST" and form.is_valid():
        with form.refusals(_REASON, absent=True):
            number = correct_fact(
                offer.latest,
                offer.changes(form.sent),
                reason=form.cleaned_data["reason"],
                call=call_of(request),
                unit=offer.sheet.unit,
            )
            messages.success(
                request,
                say(
                    "已更正，更正后的事实编号 {n}；原记录仍可查看。",
                    "Corrected as fact {n}; what was said before stays readable.",
                    n=number,
                ),
            )
            return redirect(_url("fact", number, request))
    words = {
        "rail": "enterprises",
        "sheet": offer.sheet,
        "title": _title(offer.sheet),
        "form": form,
        "blanks": [form[blank.target] for blank in offer.blanks],
        "errors": form.problems,
        "shown": offer.shown,
        "fact_url": _url("fact", fact, request),
        "unit": names().unit(offer.sheet.unit),
    }
    return render(request, "desk/fact_correct.html", words, status=form.status)


@door("fact.withdraw")
def withdraw(request: PageRequest, fact: int) -> HttpResponse:
    """The form of a withdrawal: what is taken back, and the reason."""
    offer = offer_correction(fact, act="fact.withdraw", **_asked(request))
    if request.method != "POST" and offer.latest != fact:
        messages.warning(request, _to_the_latest(fact, offer.latest))
        return redirect(_url("fact_withdraw", offer.latest, request))
    if request.method == "POST":
        unchanged(
            request,
            {"latest": str(offer.latest)},
            {"latest": say("最新版本的事实编号", "number of the latest statement")},
        )
    form = WithdrawFactForm.of(request)
    if request.method == "POST" and form.is_valid():
        with form.refusals(_REASON, absent=True):
            withdraw_fact(
                offer.latest, reason=form.cleaned_data["reason"], call=call_of(request), unit=offer.sheet.unit
            )
            messages.success(
                request,
                say(
                    "已撤回；原记录仍可查看，并注明已撤回。",
                    "Withdrawn; what was said stays readable, marked as withdrawn.",
                ),
            )
            return redirect(_url("fact", fact, request))
    words = {
        "rail": "enterprises",
        "sheet": offer.sheet,
        "title": _title(offer.sheet),
        "fact_url": _url("fact", fact, request),
        "shown": {"latest": str(offer.latest)},
        "unit": names().unit(offer.sheet.unit),
        "form": form,
        "errors": form.loose,
    }
    return render(request, "desk/fact_withdraw.html", words, status=form.status)


def _to_the_latest(fact: int, latest: int) -> str:
    return say(
        "事实 {old} 已被更正，这里是最新的一条（事实 {new}）。",
        "Fact {old} was corrected; this is the latest one (fact {new}).",
        old=fact,
        new=latest,
    )


def _form(request: PageRequest, offer: Offer) -> CorrectFactForm:
    """The texts of the row as fields; of a secret one the text is not given out."""
    fields = [
        BookField(
            blank.target,
            _blank_label(blank),
            most=_CELL,
            needed=blank.required and not blank.secret,
            long=len(blank.text) > 60,
            verbatim=True,
            begins="" if blank.secret else blank.text,
        )
        for blank in offer.blanks
    ]
    form = CorrectFactForm(fields, request.POST) if request.method == "POST" else CorrectFactForm(fields)
    for blank in offer.blanks:
        form.fields[blank.target].help_text = _blank_hint(blank, form[blank.target].shown)
    return form


def _blank_label(blank: Blank) -> str:
    if blank.part:
        return f"{label(blank.label)}{say('的', ' ')}{PARTS.get(blank.part, lambda: blank.part)()}"
    return say("、", ", ").join(dict.fromkeys([label(blank.label), *map(label, blank.also)]))


def _blank_hint(blank: Blank, typed: str) -> str:
    if blank.secret:
        return say("已遮盖；不改就留空。", "Masked; leave it empty to keep it.")
    if blank.also:
        return say("报送表里是同一列，一并更正。", "One column of the table fed them all; they are corrected together.")
    return say("原文：{text}", "As delivered: {text}", text=blank.text) if typed != blank.text and blank.text else ""


PARTS = {
    "code": lambda: say("代码", "code"),
    "address": lambda: say("地址", "address"),
    "place": lambda: say("所在地", "place"),
    "phone": lambda: say("电话", "telephone"),
    "unit": lambda: say("单位", "unit"),
    "limit": lambda: say("限值", "limit"),
    "legal_person": lambda: say("负责人", "person in charge"),
    "former_names": lambda: say("曾用名", "former names"),
}


def _url(name: str, fact: int, request: PageRequest) -> str:
    through = _through(request)
    return reverse(f"desk:{name}", args=[fact]) + (f"?file={through}" if through is not None else "")


def _title(sheet: Any) -> str:
    return say("{what}（{day}）", "{what} ({day})", what=label(sheet.label), day=sheet.occurred_on)


def _sheet(
    request: PageRequest, read: FactRead, *, asking: PurposeForm | None = None, status: int = 200
) -> HttpResponse:
    sheet, n = read.sheet, names()
    # Only the statement that holds now can be corrected or withdrawn; an older one leads there.
    stands = not sheet.withdrawn and not sheet.replaced_by
    actors = told(act.actor for act in sheet.chain)
    opens_delivery = access.may(call_of(request), "delivery.list", unit=sheet.unit) is None
    return render(
        request,
        "desk/fact.html",
        {
            "rail": "enterprises",
            "sheet": sheet,
            "may": read.may,
            "title": _title(sheet),
            "unit": n.unit(sheet.unit),
            "area": n.area(sheet.area) if sheet.area else "",
            "outcome": label(sheet.verdict) if sheet.verdict is not None else "",
            "fields": _fields(read),
            "loose": _loose(read),
            "severity": label(SEVERITIES[sheet.severity])
            if sheet.severity in SEVERITIES and sheet.severity != "none"
            else "",
            "parties": _parties(read),
            "flags": _flags(read),
            "chain": [_act(act, sheet.record, sheet.fact, request, actors) for act in sheet.chain],
            "replaced": sheet.replaced_by,
            "replaced_url": _url("fact", sheet.replaced_by.fact, request) if sheet.replaced_by else "",
            "earlier": [_url("fact", f, request) for f in sheet.earlier[-1:]],
            "later": [_url("fact", f, request) for f in sheet.later[:1]],
            "earlier_count": len(sheet.earlier),
            "later_count": len(sheet.later),
            "law": sheet.law,
            "audience": say("{who}可见", "seen by {who}", who=label(AUDIENCES[sheet.audience])),
            "delivery_url": delivery_url(sheet.delivery) if opens_delivery else "",
            "record_url": _book_url(sheet.record),
            "origin_url": delivery_url(sheet.origin.delivery) if sheet.origin and opens_delivery else "",
            "here": _url("fact", sheet.fact, request),
            "proof_url": _url("fact_proof", sheet.fact, request),
            "bundle_url": _url("fact_bundle", sheet.fact, request),
            "correct_url": _url("fact_correct", sheet.fact, request),
            "propose_url": reverse("desk:publication_propose", args=[sheet.fact]),
            "may_propose": "publication.propose" in read.may,
            "shown_url": reverse("desk:publication_entry", args=[read.publication.entry])
            if read.publication.entry
            else "",
            "request_url": reverse("desk:publication_request", args=[read.publication.request])
            if read.publication.request
            else "",
            "withdraw_url": _url("fact_withdraw", sheet.fact, request),
            "secret_url": _url("fact_secret", sheet.fact, request),
            "may_correct": "fact.correct" in read.may and stands,
            "may_withdraw": "fact.withdraw" in read.may and stands,
            "may_unmask": "fact.read_secret" in read.may and sheet.masked,
            "may_prove": "proof.export" in read.may,
            "unmasked": sheet.has_secrets and not sheet.masked,
            "asking": asking,
            "errors": asking.loose if asking is not None else [],
            "file_url": reverse("desk:file", args=[_through(request)]) if _through(request) is not None else "",
        },
        status=status,
    )


def _fields(read: FactRead) -> list[dict[str, Any]]:
    """Each field: the value as read, beside the cells that it was read from."""
    cells = read.sheet.cells
    return [
        {
            "name": shown.name,
            "label": label(shown.label),
            "value": said(shown),
            "secret": shown.secret,
            "masked": shown.masked,
            "cells": [cell for cell in cells if _feeds(cell, shown.name) and (cell.text or len(cell.fields) == 1)],
        }
        for shown in read.sheet.fields
    ]


def _loose(read: FactRead) -> list[dict[str, Any]]:
    """The cells that no value shown was read from: parties, cells that say nothing, columns that are not used."""
    named = {shown.name for shown in read.sheet.fields}
    entry = book()[RECORDS].get(read.sheet.record)
    found = []
    for cell in read.sheet.cells:
        if any(_feeds(cell, name) for name in named):
            continue
        field, _, part = cell.fields[0].partition(".") if cell.fields else ("", "", "")
        definition = entry.record.fields.get(field) if entry is not None else None
        found.append(
            {
                "cell": cell,
                "label": label(definition.label) if definition is not None else "",
                "part": PARTS[part]() if part in PARTS else part,
                "party": definition is not None and definition.type == "party",
            }
        )
    return found


def _feeds(cell: Cell, field: str) -> bool:
    return any(target.partition(".")[0] == field for target in cell.fields)


def _parties(read: FactRead) -> list[dict[str, Any]]:
    n = names()
    return [
        {
            "role": n.role(party.role),
            "name": party.name or party.code,
            "code": party.code if party.name else "",
            "address": party.address,
            "url": reverse("desk:file", args=[party.subject])
            if party.subject is not None and party.kind == "enterprise"
            else "",
        }
        for party in read.sheet.parties
    ]


def _flags(read: FactRead) -> list[str]:
    """The doubts of the row, in the words of the rules of the book."""
    entry = book()[RECORDS].get(read.sheet.record)
    rules = {} if entry is None else {rule.code: rule.says for rule in entry.record.rules}
    if entry is not None:
        for source in entry.sources.values():
            rules |= {rule.code: rule.says for rule in source.rules}
    return [
        label(rules[flag]) if flag in rules else say(DOUBTS[flag].zh, DOUBTS[flag].en) if flag in DOUBTS else flag
        for flag in (*read.sheet.flags, *read.found)
    ]


def _act(act: Act, record: str, here: int, request: PageRequest, names_of_actors: Mapping[str, str]) -> dict[str, Any]:
    entry = book()[RECORDS].get(record)
    labels = {} if entry is None else {name: label(said_.label) for name, said_ in entry.record.fields.items()}
    return {
        "fact": act.fact,
        "kind": label(FACT_ACTS[act.kind]),
        "on": act.learned_on,
        "reason": act.reason,
        "actor": names_of_actors[act.actor],
        "here": act.fact == here,
        "url": _url("fact", act.fact, request),
        "changes": [
            {"label": _changed_label(name, labels), "value": text, "before": act.before.get(name, "")}
            for name, text in act.changes.items()
        ],
    }


def _changed_label(name: str, labels: Mapping[str, str]) -> str:
    field, _, part = name.partition(".")
    return labels.get(field, field) + (f"{say('的', ' ')}{PARTS[part]()}" if part in PARTS else "")


def _book_url(record: str) -> str:
    try:
        return reverse("desk:book_record", args=[record])
    except NoReverseMatch:
        return ""
