"""Objections of an enterprise: to which fact, until when they are answered, and the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.objections import raise_objection as objecting
from zhiheng.actions.objections.as_case import term_of
from zhiheng.engines.naming import REMEDIES
from zhiheng.firm.firm_page import firm_page, may
from zhiheng.firm.forms import ObjectionForm
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.deadlines import left_of
from zhiheng.kernel.reasons import Refused
from zhiheng.office.objections import Objection
from zhiheng.pages import asking, named
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.deadlines import due_words
from zhiheng.pages.http import PageRequest
from zhiheng.pages.refused import of_what_was_typed
from zhiheng.pages.states import OBJECTIONS, badge
from zhiheng.pages.words import label, say
from zhiheng.queries import own_file as reading
from zhiheng.queries.objections import ground_of, grounds


def objection_row(one: Any) -> dict[str, Any]:
    record = book()[RECORDS].get(one.record)
    return {
        "one": one,
        "badge": badge(OBJECTIONS, one.state),
        "ground": label(ground_of(book(), one.ground)),
        "record": label(record.record.label) if record else one.record,
        "unit": named.unit(one.unit),
        "left": left_of(one.due_basis, one.due_on, today(), book()[CALENDAR])
        if one.state == Objection.State.OPEN
        else None,
        "basis": due_words(one.due_basis),
        "remedy": label(REMEDIES[one.remedy]) if one.remedy in REMEDIES else "",
    }


def answered_rows(found: Any) -> list[dict[str, Any]]:
    """Objections with the unit that answered each."""
    units = reading.answering_units(found)
    return [{**objection_row(one), "answered_by": named.unit(units[one.id])} for one in found]


@door("firm.open")
def objections(request: PageRequest) -> HttpResponse:
    """What we have objected to, and where it stands."""
    found = reading.objections(call=call_of(request))
    return firm_page(request, "objections", {"rows": [objection_row(one) for one in found]})


@door("firm.object")
def new_objection(request: PageRequest, number: int) -> HttpResponse:
    """Object to a fact: what is wrong, how it should be, with papers."""
    subject = reading.subject_of(request.actor)
    sheet = reading.own_fact(number, subject, call=call_of(request))
    form = ObjectionForm.of(request, entry=asking.text(request, "entry", 24))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            made = objecting.raise_objection(
                subject,
                fact=number,
                ground=typed["ground"],
                reason=typed["reason"],
                files=[objecting.Attachment(one.name or "", one.chunks()) for one in typed["files"]],
                entry=typed["entry"] or asking.text(request, "entry", 24),
                call=call_of(request),
            )
            return redirect("firm:objection", made.receipt)
    term = term_of(sheet.record, book(), today())
    form.offer(
        ground=[
            ("", say("请选择", "Choose")),
            *((name, label(word)) for name, word in grounds(book()).items()),
        ]
    )
    words = {
        "sheet": sheet,
        "label": label(sheet.label),
        "unit": named.unit(sheet.unit),
        "form": form,
        "errors": form.problems,
        "term": term,
        "counted": due_words(term.basis()),
    }
    return firm_page(request, "objection_new", words, form.status)


@door("firm.open")
def objection(request: PageRequest, receipt: str) -> HttpResponse:
    """The receipt: number, what was said, until when it is answered, the answer."""
    one = reading.objection(receipt, call=call_of(request))
    corner = book()[CORNER]
    words = {
        "row": answered_rows([one])[0],
        "one": one,
        "review": label(corner.objections.review) if corner else "",
        "address": request.build_absolute_uri(reverse("firm:objection", args=[receipt])),
        "may_object": may(request, "firm.object"),
    }
    return firm_page(request, "objection", words)


@require_POST
@door("firm.object")
def withdraw_objection(request: PageRequest, receipt: str) -> HttpResponse:
    """Take it back before it was answered."""
    try:
        objecting.withdraw_objection(receipt, call=call_of(request))
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        messages.error(request, label(refused.refusals[0]))
    else:
        messages.success(request, say("异议已撤回。", "The objection was withdrawn."))
    return redirect("firm:objection", receipt)
