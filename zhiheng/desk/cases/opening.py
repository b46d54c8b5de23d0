"""Open a case at the desk: first the procedure, then its form."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from zhiheng.actions.cases import refusals
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.desk.cases import words
from zhiheng.desk.cases.acts import units, units_that_open
from zhiheng.desk.cases.forms import FactAskedForm, FindPartyForm, OpenCaseForm
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.submissions import SUBMISSIONS
from zhiheng.grammar.chapters.workflow_pages import WorkflowPage
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.parse_params import number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.cases import CasePartyRow
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.act_form import HAPPENED
from zhiheng.pages.attaching import PHOTOGRAPHS, TAKEN, AttachingForm
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import TicksField
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.queries.case_facts import FactFilled, fact_to_open
from zhiheng.queries.case_parties import EnterpriseAsParty, enterprise_as_party, find_parties
from zhiheng.queries.case_people import officers_of
from zhiheng.queries.cases import ActToChoose, opening_acts
from zhiheng.queries.look_ups import before_opening


@door("case.open")
def workflows(request: PageRequest) -> HttpResponse:
    """The procedures that the officer may open a case of."""
    call = call_of(request)
    rows = [
        {
            "url": reverse("desk:case_open", args=[name]),
            "label": label(entry.page.label),
            "law": _texts_of(entry.page, call.today),
        }
        for name, entry in book()[WORKFLOWS].items()
        if opening_acts(name, call=call) and units_that_open(name, call)
    ]
    return render(request, "desk/cases/new.html", {"rows": rows, "received": book()[SUBMISSIONS] is not None})


def _texts_of(page: WorkflowPage, today: dt.date) -> list[str]:
    """The first texts of the law that a procedure follows today, each once."""
    held = (each for each in page.law if (each.from_ or today) <= today <= (each.until or today))
    return list(dict.fromkeys(each.text if isinstance(each.text, str) else label(each.text) for each in held))[:2]


def _open_parties(page: WorkflowPage) -> list[str]:
    return [name for name, party in page.parties.items() if not party.sealed]


@door("case.open")
def new_case(request: PageRequest, workflow: str) -> HttpResponse:
    """The form of a new case."""
    call = call_of(request)
    entry = book()[WORKFLOWS].get(workflow)
    acts = opening_acts(workflow, call=call) if entry is not None else ()
    if entry is None or not acts:
        raise Refused(refusals.workflow_absent(workflow))
    asked = FindPartyForm.role_in(request)
    fact = _fact(request, workflow, call)
    form = _form(request, entry.page, acts, workflow, finding=bool(asked), fact=fact)
    if request.method == "POST" and not asked and form.is_valid():
        typed = form.cleaned_data
        chosen = next((act for act in acts if act.key == typed["act"]), acts[0])
        with form.refusals(PHOTOGRAPHS):
            opened = open_case(
                workflow,
                chosen.key,
                {name: value for name, value in form.given.items() if name in {each.name for each in chosen.fields}},
                unit=typed["unit"],
                call=call,
                parties=_named(form, entry.page, call, fact),
                facts=fact.facts if fact is not None else (),
                happened=(typed.get(HAPPENED) or None) if chosen.states_day else None,
                once=typed["once_key"],
                files=form.keep(call),
            )
            messages.success(request, say("已立案：{number}", "Opened: {number}", number=opened.case.number))
            for hint in opened.hints:
                messages.info(request, say("提示：{text}", "Note: {text}", text=label(hint)))
            return redirect("desk:case", opened.case.pk)
    of = (workflow, entry.page)
    shown = {
        "page": entry.page,
        "form": form,
        "asked": [form[name] for name in form.names],
        "parties": [_party(form, name, of, fact, call, asked) for name in _open_parties(entry.page)],
        "day": form[HAPPENED] if HAPPENED in form.fields else None,
        "single": len(acts) == 1,
        "kept": form.kept_before(call),
        "takes": TAKEN,
        "fact": fact,
        "fact_parties": "、".join(fact.shown.parties) if fact is not None else "",
        "errors": form.problems,
    }
    return render(request, "desk/cases/open.html", shown, status=form.status)


def _fact(request: PageRequest, workflow: str, call: Call) -> FactFilled | None:
    """The fact because of which a case is opened, where the address or the form names one."""
    asked = FactAskedForm.asked(request)
    number = asked.cleaned_data["fact"] if asked.is_valid() else None
    found = fact_to_open(number, call=call) if number is not None else None
    return found if found is not None and found.shown.row.workflow == workflow else None


def _named(form: OpenCaseForm, page: WorkflowPage, call: Call, fact: FactFilled | None) -> list[PartyGiven]:
    """The parties of a form: enterprises that were chosen from the ledger or are those of the fact, the others as they
    were typed.
    """
    found, typed = [], form.cleaned_data
    for role in _open_parties(page):
        subject = typed[f"subject_{role}"] if page.parties[role].is_enterprise else None
        if subject is not None:
            one = enterprise_as_party(subject, call=call)
            found.append(PartyGiven(role, one.name, one.code, alias=one.alias, subject=one.subject))
        elif fact is not None and role in fact.parties and typed[f"party_{role}"] == one_line(fact.parties[role].name):
            found.append(PartyGiven(role, alias=fact.parties[role].pk))
        elif typed[f"party_{role}"]:
            found.append(PartyGiven(role, typed[f"party_{role}"], typed[f"code_{role}"]))
    return found


def _party(
    form: OpenCaseForm,
    role: str,
    of: tuple[str, WorkflowPage],
    fact: FactFilled | None,
    call: Call,
    asked: str,
) -> dict[str, Any]:
    """A party on the form: its fields, what was found of it in the ledger, which one was chosen, and what the case will
    rest on that is looked up about it.
    """
    workflow, page = of
    name, code = form[f"party_{role}"], form[f"code_{role}"]
    searched = page.parties[role].is_enterprise and not access.scope(call, "enterprise.list").nothing
    chosen = number_in(str(form[f"subject_{role}"].shown))
    found: tuple[EnterpriseAsParty, ...] = ()
    if searched and asked == role:
        wanted = str(code.shown or name.shown)
        found = find_parties(wanted, call=call)
        exact = [each for each in found if one_line(wanted) in (each.name, each.code)]
        if chosen is None and len(exact) == 1:
            # The only one that is called so is chosen beforehand; the officer may say that it is none.
            chosen = exact[0].subject
    elif searched and chosen is not None:
        found = (enterprise_as_party(chosen, call=call),)

    def before(subject: int | None, alias: int | None) -> list[dict[str, Any]]:
        party = CasePartyRow(role=role, subject=subject, alias=alias)
        said = {each: form[each].shown for each in form.names}
        unit, facts = str(form["unit"].shown or ""), fact.facts if fact is not None else ()
        told = before_opening(workflow, party, unit=unit, said=said, facts=facts, call=call)
        # Beside several enterprises only what was found stands; the line of the case says what was not.
        return words.answers(one for one in told if len(found) <= 1 or one.answer.value not in (None, 0))

    named = fact.parties.get(role) if fact is not None and not found else None
    return {
        "role": role,
        "name": name,
        "code": code,
        "searched": searched,
        "found": [(each, before(each.subject, each.alias)) for each in found],
        "chosen": chosen,
        "nothing": asked == role and not found,
        "answers": before(named.subject_id, named.pk) if named is not None else [],
    }


def _say_for_what(form: OpenCaseForm, acts: Sequence[ActToChoose]) -> None:
    """Where a case can be opened in several ways, say at each field that only some of them ask for, for which."""
    for name in {each.name for act in acts for each in act.fields}:
        asking = [act for act in acts if name in {each.name for each in act.fields}]
        if len(asking) < len(acts):
            ways = say("”“", "', '").join(label(act.label) for act in asking)
            form.fields[name].help_text = say("只在“{ways}”时填写。", "Only for '{ways}'.", ways=ways)


def _form(
    request: PageRequest,
    page: WorkflowPage,
    acts: Sequence[ActToChoose],
    workflow: str,
    *,
    finding: bool,
    fact: FactFilled | None,
) -> OpenCaseForm:
    fields = {each.name: each for act in acts for each in act.fields}
    mine = units_that_open(workflow, call_of(request))
    people = [(f"account:{number}", name) for unit, _ in mine[:1] for number, name in officers_of(unit)]
    asked = tuple(fields.values())
    sent = request.method == "POST"
    form = (
        OpenCaseForm(asked, people, units(), request.POST, request.FILES)
        if sent
        else OpenCaseForm(asked, people, units())
    )
    if any(act.states_day for act in acts):
        form.ask_day()
    _say_for_what(form, acts)
    named = [(name, page.parties[name].label) for name in _open_parties(page)]
    form.ask_parties(named)
    form.offer(
        act=[(act.key, label(act.label)) for act in acts],
        unit=[*([("", say("请选择", "Choose"))] if len(mine) > 1 else []), *mine],
    )
    form.initial.update(
        {
            "once_key": secrets.token_urlsafe(16),
            "act": acts[0].key,
            HAPPENED: call_of(request).today,
            "unit": request.actor.holdings[0].unit if request.actor.holdings else "",
        }
    )
    if fact is not None:
        row = fact.shown.row
        form.initial.update({**fact.fields, "fact": row.pk, "act": row.act, "unit": row.unit, HAPPENED: row.day})
        for role, alias in fact.parties.items():
            form.initial.update({f"party_{role}": alias.name, f"code_{role}": alias.code})
    if finding:
        # Looking for an enterprise judges nothing of the form: it comes back as it was typed, with its files.
        for name, field in form.fields.items():
            form.initial[name] = form[name].data or ([] if isinstance(field, TicksField) else "")
        files = AttachingForm(request.POST, request.FILES)
        if files.is_valid():
            with files.refusals():
                files.keep(call_of(request))
        form.kept_files = files.kept_files
    return form
