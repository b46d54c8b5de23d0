"""Facts because of which cases are to be opened, and what the hotlines sent: lists, one of them, what is decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhiheng.actions.cases.taken_facts import decline_fact, join_case
from zhiheng.actions.submissions.open_delivered import Confirmed, open_delivered
from zhiheng.desk.cases.acts import units, units_that_open
from zhiheng.desk.cases.forms import ConfirmDeliveredForm
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.submissions import SUBMISSIONS
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import InputForm, ReasonForm
from zhiheng.pages.navigation import opened
from zhiheng.pages.refused import tried
from zhiheng.pages.words import label, say
from zhiheng.queries import case_facts as reading
from zhiheng.queries.case_facts import FactPart, FactToOpen
from zhiheng.queries.delivered import feeds_of


def part_words(part: FactPart) -> str:
    """What a part of the list is called."""
    return {
        "waiting": say("应立案的事实", "Facts for cases"),
        "submissions": say("热线来件", "From the hotlines"),
        "declined": say("决定不立案的", "Declined"),
        "lapsed": say("不再符合的", "Holding no longer"),
    }[part]


@never_cache
@door("case.open")
def facts(request: PageRequest) -> HttpResponse:
    """The facts of one part, the oldest first."""
    call = call_of(request)
    counts = reading.counts(call=call)
    first: FactPart = "waiting" if counts.waiting or not counts.submissions else "submissions"
    chosen = asking.choice(request, "part", reading.PARTS, first)
    part = next(each for each in reading.PARTS if each == chosen)
    known = book()[WORKFLOWS]
    workflow = asking.choice(request, "workflow", known)
    page = reading.facts_to_open(
        part, after=paging.place_asked(request), call=call, workflow=workflow, total=getattr(counts, part)
    )
    here = reverse("desk:case_facts")
    tabs = [
        {
            "url": f"{here}?part={each}",
            "label": part_words(each),
            "here": each == part,
            "count": getattr(counts, each),
        }
        for each in reading.PARTS
    ]
    shown = {
        "rows": [_row(each, request, call) for each in page.rows],
        "next": page.next,
        "total": page.total,
        "tabs": tabs,
        "part": part,
        "answers": any(each.spec.answers for each in feeds_of(book())),
        "fields": [
            {
                "name": "workflow",
                "label": say("事项", "Procedure"),
                "value": workflow,
                "type": "select",
                "options": [
                    ("", say("全部事项", "All")),
                    *((name, label(one.page.label)) for name, one in known.items()),
                ],
            }
        ],
        "keep": [("part", part)],
        "asked": bool(workflow),
    }
    return render(request, "desk/cases/facts.html", shown)


def _row(one: FactToOpen, request: PageRequest, call: Call) -> dict[str, Any]:
    """A fact as a line of the list."""
    row, submissions = one.row, book()[SUBMISSIONS]
    kinds = submissions.kinds if submissions is not None else {}
    found: dict[str, Any] = {
        "pk": row.pk,
        "url": reverse("desk:case_fact", args=[row.pk]),
        "workflow": label(one.workflow),
        "act": label(one.act),
        "record": label(one.record),
        "unit": label(one.unit),
        "parties": "、".join(one.parties),
        "day": row.day,
        "age": one.age,
        "due": row.due,
        "left": label(one.left) if one.left is not None else "",
        "late": one.is_late,
        "article": one.article,
        "joins": one.joins,
        "joins_url": reverse("desk:case", args=[one.joins.pk]) if one.joins is not None else "",
        "fact_url": opened(request.actor, "desk:fact", row.now),
        "number": row.number,
        "state": row.state,
        "decided": one.decided,
    }
    if one.sent is not None:
        weighed = kinds.get(one.sent.weighed or "")
        found |= {
            "text": one.sent.text,
            "kind": row.kind,
            "kind_word": label(one.kind) if one.kind is not None else "",
            "kinds": [(name, label(kind.label)) for name, kind in kinds.items()],
            "weighed": label(weighed.label) if weighed is not None and one.sent.weighed != row.kind else "",
            "unit_id": row.unit,
            "units": units_that_open(row.workflow, call) or units(),
        }
    return found


@never_cache
@door("case.open")
def fact(request: PageRequest, number: int) -> HttpResponse:
    """One fact: what it fills in, and what can be decided."""
    call = call_of(request)
    found = reading.fact_to_open(number, call=call)
    row = found.shown.row
    page = book()[WORKFLOWS][row.workflow].page
    shown = {
        "one": _row(found.shown, request, call),
        "fields": [(label(page.fields[name].label), text) for name, text in found.fields.items()],
        "parties": [(label(page.parties[name].label), alias.name) for name, alias in found.parties.items()],
        "several": len(found.facts),
        "open_url": f"{reverse('desk:case_open', args=[row.workflow])}?fact={row.pk}" if not row.number else "",
        "taken": row.state == row.State.TAKEN,
        "case_url": reverse("desk:case", args=[row.case_id]) if row.case_id is not None else "",
        "declining": ReasonForm(),
    }
    return render(request, "desk/cases/fact.html", shown)


@require_POST
@door("case.open")
def decline(request: PageRequest, number: int) -> HttpResponse:
    """No case because of it, with the reason."""
    form = ReasonForm.of(request)
    return tried(
        request,
        lambda: decline_fact(number, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("已记下不立案的理由；以后仍可以立案。", "The reason is on record; it can be taken up later all the same."),
        reverse("desk:case_fact", args=[number]) if not form.is_valid() else reverse("desk:case_facts"),
        form,
    )


@require_POST
@door("case.open")
def join(request: PageRequest, number: int) -> HttpResponse:
    """Into the running case of the same sample or party."""
    return tried(
        request,
        lambda: join_case(number, call=call_of(request)),
        say("已并入案件，案件里有记录。", "It is in the case now, and the case says so."),
        reverse("desk:case_facts"),
        InputForm.of(request),
    )


@require_POST
@door("case.open")
def confirm(request: PageRequest) -> HttpResponse:
    """Open the cases of what was ticked of the hotlines, each as the officer says it is and whose."""
    form = ConfirmDeliveredForm.of(request)
    form.ask()
    back = f"{reverse('desk:case_facts')}?part=submissions"
    if not form.is_valid():
        for problem in form.problems:
            messages.error(request, say("{label}：{text}", "{label}: {text}", **problem))
        return redirect(back)
    chosen = [Confirmed(number, *form.said_of(number)) for number in form.cleaned_data["source"]]
    if not chosen:
        messages.error(request, say("请勾选要立案的来件。", "Tick what is to be opened."))
        return redirect(back)
    done = open_delivered(chosen, call=call_of(request))
    if done.opened:
        numbers = "、".join(case.number for case in done.opened[:10])
        messages.success(
            request,
            say("已立案 {n} 件：{numbers}", "{n} opened: {numbers}", n=len(done.opened), numbers=numbers),
        )
    for _, refusals in done.refused[:10]:
        for refusal in refusals:
            messages.error(request, label(refusal))
    return redirect(back)
