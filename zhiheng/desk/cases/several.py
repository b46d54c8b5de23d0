"""One act for many cases: they are ticked in a list, the act is chosen, and each case says what came of it."""

from __future__ import annotations

from typing import Any, cast, get_args

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.cases import act_in_many, refusals
from zhiheng.desk.actor_names import told
from zhiheng.desk.cases import words
from zhiheng.desk.cases.acts import units
from zhiheng.desk.cases.cases import filters_of
from zhiheng.desk.cases.forms import AssignForm, SeveralCasesForm
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.office.case_batches import CaseBatch, CaseOfBatch
from zhiheng.office.case_log import ASSIGN
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.act_form import HAPPENED, act_form
from zhiheng.pages.attaching import PHOTOGRAPHS, TAKEN
from zhiheng.pages.http import PageRequest
from zhiheng.pages.refused import of_what_was_typed
from zhiheng.pages.states import CASES_OF_BATCH, badge
from zhiheng.pages.words import label, say
from zhiheng.queries import case_batches as reading
from zhiheng.queries import cases as case_reading
from zhiheng.queries import inbox as inbox_reading
from zhiheng.queries.cases import MACHINE_LABELS

ASSIGNED = "case.assign"


@require_POST
@door("case.read")
def choose(request: PageRequest) -> HttpResponse:
    """The ticked cases of a list, or all that it finds."""
    call, form = call_of(request), SeveralCasesForm.of(request)
    if not form.is_valid():
        for problem in form.problems:
            messages.error(request, say("{label}：{text}", "{label}: {text}", **problem))
        return redirect("desk:cases")
    typed = form.cleaned_data
    try:
        numbers = _found(typed["source"], typed["query"], call) if typed["everything"] else typed["case"]
        batch = act_in_many.choose_cases(numbers, call=call)
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        for refusal in refused.refusals:
            messages.error(request, label(refusal))
        return redirect(f"{reverse('desk:' + typed['source'])}?{QueryDict(typed['query']).urlencode()}")
    return redirect("desk:case_batch", batch.pk)


def _found(source: str, query: str, call: Call) -> list[int]:
    """All cases of a list, one more at most than can be chosen, so that too many are seen."""
    get, most = QueryDict(query), act_in_many.MOST + 1
    if source == "cases":
        return case_reading.numbers_of(filters_of(get, call), most, call=call)
    part = asking.choice(get, "part", inbox_reading.PARTS, get_args(inbox_reading.InboxPart)[0])
    return inbox_reading.cases_in(cast(inbox_reading.InboxPart, part), most, call=call)


@door("case.read")
def batch(request: PageRequest, number: int) -> HttpResponse:
    """The chosen cases with the acts that they allow; once it is begun, what came of it."""
    call = call_of(request)
    found = reading.chosen(number, call=call)
    if found.state == CaseBatch.State.CHOSEN:
        return render(request, "desk/cases/batch.html", _to_choose(found, call, paging.place_asked(request)))
    shown = _outcome(request, found, call)
    part = request.htmx and request.htmx.target == "batch-state"
    return render(request, "desk/cases/_batch_state.html" if part else "desk/cases/batch_outcome.html", shown)


def _to_choose(found: CaseBatch, call: Call, after: str) -> dict[str, Any]:
    acts = reading.acts_of(found, call=call)
    page = reading.cases_of(found, after=after, call=call)
    assign = reading.assignable(found, call=call)
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in acts:
        groups.setdefault(label(one.workflow_label), []).append(
            {
                "url": reverse("desk:case_batch_act", args=[found.pk, one.workflow, one.act.key]),
                "label": label(one.act.label),
                "possible": one.possible,
                "of": one.of,
                "persons": one.act.persons,
            }
        )
    return {
        "batch": found,
        "groups": list(groups.items()),
        "cases": [_item(one) for one in page.rows],
        "next": page.next,
        "total": reading.outcome(found).total,
        "assign": assign,
        # Nobody is chosen before somebody was.
        "people": [("", say("请选择", "Choose")), *assign.people],
    }


def _item(one: reading.CaseInBatch) -> dict[str, Any]:
    return {
        "url": reverse("desk:case", args=[one.item.case_id]),
        "number": one.item.case.number,
        "workflow": label(one.workflow),
        "parties": words.named(one.parties),
        "badge": badge(CASES_OF_BATCH, one.item.state),
        "reasons": [say(each["zh"], each["en"]) for each in one.item.reasons],
    }


def _outcome(request: PageRequest, found: CaseBatch, call: Call) -> dict[str, Any]:
    told, here = reading.outcome(found), reverse("desk:case_batch", args=[found.pk])
    state = asking.choice(request, "state", CaseOfBatch.State.values)
    page = reading.cases_of(found, after=paging.place_asked(request), call=call, state=state)
    tabs = [{"url": here, "label": say("全部", "All"), "here": not state, "count": told.total}]
    tabs += [
        {
            "url": f"{here}?state={each}",
            "label": badge(CASES_OF_BATCH, each)["word"],
            "here": state == each,
            "count": getattr(told, each),
        }
        for each in CaseOfBatch.State.values
        if getattr(told, each) or state == each
    ]
    return {
        "batch": found,
        "act": label(_act_label(found)),
        "workflow": label(entry.page.label) if (entry := book()[WORKFLOWS].get(found.workflow)) is not None else "",
        "to": _assigned_to(found),
        "running": found.state == CaseBatch.State.RUNNING,
        "worked": told.total - told.waiting,
        "total": told.total,
        "told": told,
        "tabs": tabs,
        "cases": [_item(one) for one in page.rows],
        "next": page.next,
        "broken": found.state == CaseBatch.State.RUNNING and not act_in_many.is_under_way(found),
    }


def _assigned_to(found: CaseBatch) -> str:
    """Whom the cases of a batch are assigned to; '' where they are not."""
    if found.act != ASSIGN:
        return ""
    who = f"account:{found.typed.get('account', '')}"
    return told([who])[who]


def _act_label(found: CaseBatch) -> Label:
    if found.act in MACHINE_LABELS:
        return MACHINE_LABELS[found.act]
    return reading.label_of_act(found, book())


@door("case.read")
def batch_act(request: PageRequest, number: int, workflow: str, act: str) -> HttpResponse:
    """The form of an act for all chosen cases, and the act."""
    call = call_of(request)
    found = reading.chosen(number, call=call)
    if found.state != CaseBatch.State.CHOSEN:
        # A second tab, a second click: what was begun is shown.
        messages.info(
            request, say("这一批已经提交过，没有再办一次。", "This was submitted before; nothing was done twice.")
        )
        return redirect("desk:case_batch", number)
    chosen = next(
        (one for one in reading.acts_of(found, call=call) if (one.workflow, one.act.key) == (workflow, act)), None
    )
    if chosen is None:
        raise Refused(refusals.possible_in_none())
    people = [(f"account:{account}", name) for account, name in reading.officers_for(chosen)]
    form = act_form(request, chosen.act, people=people, units=units(), begins={HAPPENED: call.today})
    if request.method == "POST" and form.is_valid():
        with form.refusals(PHOTOGRAPHS):
            act_in_many.begin(
                number,
                act,
                form.given,
                workflow=workflow,
                happened=str(form.cleaned_data.get(HAPPENED) or ""),
                files=form.keep(call),
                call=call,
            )
            return redirect("desk:case_batch", number)
    shown = {
        "batch": found,
        "chosen": chosen,
        "label": label(chosen.act.label),
        "workflow": label(chosen.workflow_label),
        "form": form,
        "asked": [form[name] for name in form.names],
        "day": form[HAPPENED] if HAPPENED in form.fields else None,
        "kept": form.kept_before(call),
        "takes": TAKEN,
        "errors": form.problems,
    }
    return render(request, "desk/cases/batch_act.html", shown, status=form.status)


@require_POST
@door(ASSIGNED)
def batch_assign(request: PageRequest, number: int) -> HttpResponse:
    """Assign the chosen cases to one officer."""
    form, call = AssignForm.of(request), call_of(request)
    reading.chosen(number, call=call)
    if not form.is_valid():
        for problem in form.problems:
            messages.error(request, say("{label}：{text}", "{label}: {text}", **problem))
        return redirect("desk:case_batch", number)
    act_in_many.begin(number, ASSIGN, {"account": form.cleaned_data["account"]}, call=call)
    return redirect("desk:case_batch", number)


@require_POST
@door("case.read")
def batch_again(request: PageRequest, number: int) -> HttpResponse:
    """Do what is left of a batch that broke off."""
    act_in_many.begin_again(number, call=call_of(request))
    return redirect("desk:case_batch", number)
