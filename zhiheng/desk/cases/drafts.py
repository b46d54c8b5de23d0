"""The own drafts of an officer: what is half written, when it is reminded of, the way on, and throwing one away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.cases.save_draft import drop_draft
from zhiheng.pages import paging
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.queries import case_drafts


@door("case.read")
def drafts(request: PageRequest) -> HttpResponse:
    """What the officer has half written, the latest first."""
    page = case_drafts.own_drafts(after=paging.place_asked(request), call=call_of(request))
    rows = [
        {
            "draft": one.draft,
            "workflow": label(one.workflow),
            "act": label(one.act),
            "url": reverse("desk:case_act", args=[one.draft.case_id, one.draft.act]) if one.open else "",
        }
        for one in page.rows
    ]
    return render(request, "desk/cases/drafts.html", {"rail": "cases", "rows": rows, "next": page.next})


@require_POST
@door("case.read")
def drop(request: PageRequest, number: int) -> HttpResponse:
    """Throw a draft away."""
    drop_draft(number, call=call_of(request))
    messages.success(request, say("草稿已删除。", "The draft is thrown away."))
    return redirect("desk:case_drafts")
