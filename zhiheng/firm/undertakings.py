"""Undertakings in the enterprise corner: read, signed, ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from zhiheng.actions.enterprises import sign_undertaking as signing
from zhiheng.firm.firm_page import firm_page, may
from zhiheng.firm.forms import SignForm
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import BookField
from zhiheng.pages.refused import of_what_was_typed
from zhiheng.pages.words import label, say
from zhiheng.queries import own_file as reading


@door("firm.open")
def undertakings(request: PageRequest) -> HttpResponse:
    """What can be signed, and what was."""
    corner = book()[CORNER]
    signed = reading.signatures(call=call_of(request))
    pages = corner.undertakings if corner else {}
    may_sign = may(request, "firm.commit")
    # The latest first: what holds today is said where it can be signed.
    holding = [one for one in signed if one.ended_at is None and one.last_day >= today()]
    until_of = {one.undertaking: one.last_day for one in reversed(holding)}
    words = {
        "pages": [
            {"id": name, "label": label(page.label), "says": label(page.says), "until": until_of.get(name)}
            for name, page in pages.items()
        ],
        "signed": [
            {
                "one": one,
                "label": label(pages[one.undertaking].label) if one.undertaking in pages else one.undertaking,
                "over": one.ended_at is not None or one.last_day < today(),
                "can_end": may_sign and bool(one.undertaking in pages and pages[one.undertaking].end),
            }
            for one in signed
        ],
        "may_sign": may_sign,
    }
    return firm_page(request, "undertakings", words)


@door("firm.open")
def sign(request: PageRequest, name: str) -> HttpResponse:
    """Read, fill in, sign with one's own name; who may not sign reads what is to be signed."""
    corner = book()[CORNER]
    page = corner.undertakings.get(name) if corner else None
    if page is None:
        messages.error(request, say("没有这份承诺书或责任书。", "There is no such undertaking."))
        return redirect("firm:undertakings")
    subject = reading.subject_of(request.actor)
    # Longer than the action takes, so that it is the action that says so.
    asks = [
        BookField(ask, label(word), most=2 * signing.LONGEST, needed=ask not in page.optional)
        for ask, word in page.asks.items()
    ]
    form = SignForm(asks, request.POST) if request.method == "POST" else SignForm(asks)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            signed = signing.sign(
                subject,
                name,
                signer=typed["signer"],
                filled={ask: typed[ask] for ask in page.asks},
                agreed=typed["agreed"],
                call=call_of(request),
            )
            messages.success(
                request,
                say(
                    "已签署，编号 {number}；几分钟内进入本企业质量档案。",
                    "Signed as {number}; it enters your file within minutes.",
                    number=signed.number,
                ),
            )
            return redirect("firm:undertakings")
    signer, filled = form["signer"].shown, {ask: form[ask].shown for ask in page.asks}
    blanks = signing.blanks_of(subject, page, signer=signer or request.actor.name, filled=filled, today=today())
    zh, en = signing.wording(page, blanks)
    words = {
        "id": name,
        "label": label(page.label),
        "says": label(page.says),
        "zh": zh,
        "en": en,
        "agreed": signing.text_digest(page),
        "form": form,
        "asks": [form[ask] for ask in page.asks],
        "law": [c for c in page.law if c.holds(today())],
        "errors": form.problems,
        "until": blanks["until"],
        "may_sign": may(request, "firm.commit"),
    }
    return firm_page(request, "sign", words, form.status)


@require_POST
@door("firm.commit")
def end_signature(request: PageRequest, number: int) -> HttpResponse:
    """End an appointment before its day."""
    try:
        signing.end(number, call=call_of(request))
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        messages.error(request, label(refused.refusals[0]))
    else:
        messages.success(
            request, say("已终止，几分钟内写入本企业质量档案。", "Ended; it enters your file within minutes.")
        )
    return redirect("firm:undertakings")
