"""Acts of a case at the desk: the form of an act, and the small acts that every workflow has."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.cases import (
    act_in_case,
    assign_case,
    comment_on_case,
    link_cases,
    restrict_case,
    save_draft,
    strike_line,
)
from zhiheng.desk.cases import words
from zhiheng.desk.cases.forms import (
    AssignForm,
    CommentForm,
    LinkForm,
    RestrictForm,
    SignProposalForm,
)
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.types import Label
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.act_form import HAPPENED, ActForm, act_form
from zhiheng.pages.attaching import PHOTOGRAPHS, TAKEN
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import InputForm, ReasonForm
from zhiheng.pages.refused import tried
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.queries import cases as reading
from zhiheng.queries.case_facts import offered_in
from zhiheng.queries.case_people import officers_of
from zhiheng.queries.cases import ActOfCase, ActToChoose, SentAct


def units() -> list[tuple[str, str]]:
    """The units of the district, as a choice."""
    return [(unit.id, label(unit.name)) for unit in book()[DISTRICT].units]


def units_that_open(workflow: str, call: Call) -> list[tuple[str, str]]:
    """The units for which somebody may open a case of a workflow, as a choice."""
    quality = book()[WORKFLOWS][workflow].page.quality
    return [
        (unit, word)
        for unit, word in units()
        if access.may(call, "case.open", unit=unit, quality=quality, workflow=workflow) is None
    ]


def people(unit: str) -> list[tuple[Any, str]]:
    """The officers of the unit that holds a case, as its fields name them."""
    return [(f"account:{number}", name) for number, name in officers_of(unit)]


def _form_of(request: PageRequest, act: ActToChoose | SentAct, unit: str) -> ActForm:
    """The form of an act of a case that ``unit`` holds; officers and units are read where a field names them."""
    kinds = {each.field.type for each in act.fields}
    return act_form(
        request,
        act,
        people=people(unit) if kinds & {"person", "persons"} else [],
        units=units() if kinds & {"unit", "units"} else [],
    )


@door("case.read")
def act(request: PageRequest, number: int, act: str) -> HttpResponse:
    """The form of an act, and the act."""
    call = call_of(request)
    if request.method != "POST":
        sheet = reading.act_of_case(number, act, call=call)
        return _form(request, sheet, _form_of(request, sheet.chosen, sheet.unit))
    # What was sent is read and asked without the page around it; that is made where the form is shown again.
    sent = reading.sent_act(number, act, call=call)
    form = _form_of(request, sent, sent.unit)
    if form.is_valid():
        if form.cleaned_data["draft"]:
            remind_on = form.cleaned_data["remind_on"]
            with form.refusals():
                save_draft.save_draft(sent.case.workflow, act, form.given, call=call, case=number, remind_on=remind_on)
                messages.success(request, say("草稿已保存，列在“案件 → 草稿”。", "The draft was saved."))
                return redirect("desk:case", number)
            return _form(request, reading.act_of_case(number, act, call=call), form)
        with form.refusals(PHOTOGRAPHS):
            done = act_in_case.act_in_case(
                number,
                act,
                form.given,
                call=call,
                files=form.keep(call),
                place=form.seen,
                happened=form.cleaned_data.get(HAPPENED) or None,
            )
            _told(request, sent.label, done)
            return redirect("desk:case", number)
    return _form(request, reading.act_of_case(number, act, call=call), form)


def _offered(sheet: ActOfCase, call: Call) -> dict[str, Any]:
    """What a later fact fills in of this act: it is typed for the officer, who checks it."""
    offers = [one for one in offered_in(sheet.case.pk, call=call) if one.act == sheet.chosen.name]
    return {HAPPENED: offers[-1].row.day, **offers[-1].fields} if offers else {}


def _told(request: PageRequest, word: Label, done: act_in_case.ActDone) -> None:
    if done.proposal is not None:
        left = done.proposal.needs - len(done.proposal.signed)
        messages.success(
            request,
            say(
                "“{act}”已提出，还须 {left} 人签署。",
                "{act}: proposed; {left} more have to sign.",
                act=label(word),
                left=left,
            ),
        )
    else:
        messages.success(request, say("“{act}”已记录。", "{act}: recorded.", act=label(word)))
    for hint in done.hints:
        messages.info(request, say("提示：{text}", "Note: {text}", text=label(hint)))
    if done.opened:
        messages.info(request, say("同时开立 {n} 件关联案件。", "{n} further cases were opened.", n=len(done.opened)))


def _form(request: PageRequest, sheet: ActOfCase, form: ActForm) -> HttpResponse:
    chosen = sheet.chosen
    form.initial.update(
        {
            HAPPENED: call_of(request).today,
            **_offered(sheet, call_of(request)),
            **(sheet.draft.typed if sheet.draft is not None else {}),
        }
    )
    shown = {
        "sheet": sheet,
        "chosen": words.act(chosen, sheet.case.pk),
        "form": form,
        "place": form.place_to_carry(sheet.place),
        "asked": [form[name] for name in form.names],
        "day": form[HAPPENED] if HAPPENED in form.fields else None,
        "states": [label(each) for each in sheet.states],
        "as_whom": label(chosen.as_whom) if chosen.as_whom is not None else "",
        "answers": words.answers(sheet.answers),
        "kept": form.kept_before(call_of(request)),
        "takes": TAKEN,
        "errors": form.problems,
    }
    return render(request, "desk/cases/act.html", shown, status=form.status)


def _small(request: PageRequest, number: int, form: InputForm, act: Any, said: str) -> HttpResponse:
    """A small act of a button on the case's page; access comes before what was typed."""
    reading.require_readable(number, call=call_of(request))
    return tried(request, act, said, reverse("desk:case", args=[number]), form)


@require_POST
@door("case.read")
def comment(request: PageRequest, number: int) -> HttpResponse:
    """A remark."""
    form = CommentForm.of(request)
    return _small(
        request,
        number,
        form,
        lambda: comment_on_case.comment_on_case(
            number,
            form.cleaned_data["text"],
            to_sender=bool(form.cleaned_data["to_sender"]),
            call=call_of(request),
            files=form.keep(call_of(request)),
        ),
        say("备注已记录。", "The comment was recorded."),
    )


@require_POST
@door("case.assign")
def assign(request: PageRequest, number: int) -> HttpResponse:
    """Assign the case to an officer of the unit."""
    form = AssignForm.of(request)
    return _small(
        request,
        number,
        form,
        lambda: assign_case.assign_case(number, form.cleaned_data["account"], call=call_of(request)),
        say("已指派承办人。", "The case was assigned."),
    )


@require_POST
@door("case.handle")
def link(request: PageRequest, number: int) -> HttpResponse:
    """Link another case, or mark this one as a duplicate of it."""
    form = LinkForm.of(request)
    reading.require_readable(number, call=call_of(request))
    if form.is_valid():
        other = reading.find_case(form.cleaned_data["other"])
        verb = link_cases.mark_duplicate if form.cleaned_data["relation"] == "duplicate" else link_cases.link_cases
        return _small(
            request,
            number,
            form,
            lambda: verb(number, other or 0, call=call_of(request)),
            say("已关联。", "The cases were linked."),
        )
    return _small(request, number, form, lambda: None, "")


@require_POST
@door("case.restrict")
def restrict(request: PageRequest, number: int) -> HttpResponse:
    """Restrict who reads the case, or end that."""
    form = RestrictForm.of(request)
    form.is_valid()
    restricted = not form.cleaned_data["ends"]
    return _small(
        request,
        number,
        form,
        lambda: restrict_case.restrict_case(
            number, restricted=restricted, reason=form.cleaned_data["reason"], call=call_of(request)
        ),
        say("已限制查阅。", "Reading was restricted.") if restricted else say("已解除限制。", "The restriction ended."),
    )


@require_POST
@door("case.strike")
def strike(request: PageRequest, number: int, line: int) -> HttpResponse:
    """Strike a line, with a reason; another person's line only."""
    form = ReasonForm.of(request)
    return _small(
        request,
        number,
        form,
        lambda: strike_line.strike_line(line, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("这条记录已撤销，原文保留。", "The line was struck; it stays readable."),
    )


@require_POST
@door("case.read")
def sign(request: PageRequest, number: int, proposal: int) -> HttpResponse:
    """Sign a proposed act."""
    form = SignProposalForm.of(request)
    return _small(
        request,
        number,
        form,
        lambda: act_in_case.sign_proposal(proposal, digest=form.cleaned_data["digest"], call=call_of(request)),
        say("已签署。", "Signed."),
    )


@require_POST
@door("case.read")
def decline(request: PageRequest, number: int, proposal: int) -> HttpResponse:
    """Decline to sign a proposed act, with a reason."""
    form = ReasonForm.of(request)
    return _small(
        request,
        number,
        form,
        lambda: act_in_case.decline_proposal(proposal, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("已退回，不予签署。", "Declined."),
    )
