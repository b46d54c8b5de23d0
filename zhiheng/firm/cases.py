"""Cases in the corner: those that the enterprise knows of, what it can do in each and until when, what was served.

What an act asks for is filled in as at the desk; who may, and what the case allows, is asked by the same action.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhiheng.actions.cases import act_in_case
from zhiheng.engines.workflow.standing import Clock
from zhiheng.firm.firm_page import firm_page
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.grammar.chapters.workflow_pages import LegalPeriod
from zhiheng.kernel.media_types import MEDIA_TYPES, PAPERS
from zhiheng.kernel.reasons import Refused
from zhiheng.office.cases import CaseDocument
from zhiheng.pages import named, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.act_form import HAPPENED, act_form
from zhiheng.pages.attaching import PHOTOGRAPHS, TAKEN
from zhiheng.pages.deadlines import DueWords
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.queries import party_cases as reading
from zhiheng.queries.refusals import case_act_absent, case_document_absent


@door("firm.answer")
def cases(request: PageRequest) -> HttpResponse:
    """The cases that we know of."""
    page = reading.own_cases(after=paging.place_asked(request), call=call_of(request))
    return firm_page(request, "cases", {"rows": [_row(one) for one in page.rows], "next": page.next})


def _row(one: reading.OwnCase) -> dict[str, Any]:
    row, todo = one.row, one.todo
    return {
        "url": reverse("firm:case", args=[row.case.pk]),
        "number": row.case.number,
        "workflow": label(row.workflow),
        "state": label(row.states[0]) if row.states else "",
        "final": row.row.final,
        "unit": label(row.unit),
        "opened_on": row.row.opened_on,
        "due": todo.due if todo is not None else None,
        "due_at": todo.due_at if todo is not None else None,
        "late": todo is not None and todo.due is not None and todo.due < today(),
    }


@door("firm.answer")
def case(request: PageRequest, number: int) -> HttpResponse:
    """One case: how it stands, what we can do, our days, what we did and were told, documents."""
    found = reading.party_sheet(number, call=call_of(request))
    sheet = found.sheet
    words = {
        "sheet": sheet,
        "workflow": label(sheet.label),
        "states": [label(each) for each in sheet.states],
        "final": sheet.row.final,
        "unit": label(sheet.unit),
        "acts": [
            {"url": reverse("firm:case_act", args=[number, each.key]), "label": label(each.label)}
            for each in found.acts
        ],
        "clocks": [_clock(each, found) for each in found.own_clocks],
        "office": [_clock(each, found) for each in found.office_clocks],
        "lines": [
            {
                "label": label(line.label),
                "happened": line.happened,
                "own": own,
                "struck": line.struck_by.entered_at if line.struck_by is not None else None,
                "said": [{"label": label(each.label), "text": label(each.text)} for each in line.said] if own else [],
            }
            for line, own in found.lines
        ],
        "papers": [_paper(each) for each in found.papers],
    }
    return firm_page(request, "case", words)


def _clock(one: Clock, found: reading.PartySheet) -> dict[str, Any]:
    period = found.sheet.workflow.page.periods[one.period]
    why = tuple(label(each) for each in one.why)
    moves = (say("日期可能变动", "the day may still move"),) if one.provisional else ()
    cited = say(*one.cited)
    return {
        "label": say(*one.label),
        "kind": _kind(period),
        "due": one.day,
        "moment": one.moment,
        "left": say(*one.left),
        "law": cited,
        "state": "late" if one.is_late else "soon" if (one.day - today()).days <= 5 else "",
        "counted": DueWords(cited, why, moves),
    }


def _kind(period: LegalPeriod) -> str:
    if period.duty:
        return say("应当", "must")
    return say("可以", "may") if period.right else say("期满方可", "only after")


def _paper(one: CaseDocument) -> dict[str, Any]:
    entry = book()[CASE_DOCUMENTS].get(one.document)
    return {
        "title": label(entry.page.label) if entry is not None else one.document,
        "number": one.number,
        "unit": named.unit(one.unit) if one.unit else "",
        "at": one.at,
        "pdf": reverse("firm:case_paper", args=[one.pk, "pdf"]),
        "docx": reverse("firm:case_paper", args=[one.pk, "docx"]),
    }


@door("firm.answer")
def act(request: PageRequest, number: int, act: str) -> HttpResponse:
    """The form of an act that the workflow gives to us, and the act."""
    call = call_of(request)
    found = reading.party_sheet(number, call=call)
    chosen = next((each for each in found.acts if each.key == act), None)
    if chosen is None:
        raise Refused(case_act_absent(act))
    form = act_form(request, chosen, people=[], units=[], begins={HAPPENED: call.today})
    if request.method == "POST" and form.is_valid():
        with form.refusals(PHOTOGRAPHS):
            act_in_case.act_in_case(
                number,
                act,
                form.given,
                call=call,
                files=form.keep(call),
                place=form.seen,
                happened=form.cleaned_data.get(HAPPENED) or None,
            )
            messages.success(request, say("“{act}”已提交。", "{act}: submitted.", act=label(chosen.label)))
            return redirect("firm:case", number)
    words = {
        "sheet": found.sheet,
        "workflow": label(found.sheet.label),
        "act": label(chosen.label),
        "form": form,
        "place": form.place_to_carry(found.sheet.place),
        "asked": [form[name] for name in form.names],
        "day": form[HAPPENED] if HAPPENED in form.fields else None,
        "kept": form.kept_before(call),
        "takes": TAKEN,
        "errors": form.problems,
    }
    return firm_page(request, "case_act", words, form.status)


@door("firm.answer")
def paper(request: PageRequest, number: int, kind: str) -> HttpResponse:
    """A document that was served on us, as PDF or DOCX."""
    if kind not in PAPERS:
        raise Refused(case_document_absent())
    file = reading.party_paper(
        number,
        form="docx" if kind == "docx" else "pdf",
        verify_at=request.build_absolute_uri(reverse("portal:verify")),
        call=call_of(request),
    )
    return download(file.content, file.name, MEDIA_TYPES[kind])
