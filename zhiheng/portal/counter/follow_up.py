"""A complaint or a report by its receipt: how it stands, what comes next and by when, what was said on both sides, what
can be answered.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from zhiheng.actions.submissions.talk import answer_in_case, say_in_case
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import PUBLIC
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.kernel.receipts import in_groups, receipt_in
from zhiheng.pages.access import call_at, call_by, door
from zhiheng.pages.deadlines import DueWords
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.proof_of_work import spend
from zhiheng.pages.words import label, say
from zhiheng.portal.counter import receipt_cookie
from zhiheng.portal.counter.forms import FollowForm, TalkForm
from zhiheng.portal.counter.submissions import frame, worked
from zhiheng.queries.case_papers import case_paper
from zhiheng.queries.submissions import FollowedCase, case_of_receipt, followed


@never_cache
@door("public")
def follow(request: PageRequest) -> HttpResponse:
    """The form for the receipt; the case where it was shown within the last half hour."""
    call = call_by(PUBLIC)
    if request.method == "POST":
        return _asked(request, call)
    held = receipt_cookie.remembered(request)
    if not held:
        return _form(request, FollowForm())
    return _case(request, held, followed(held, call=call), TalkForm(), call)


def _asked(request: PageRequest, call: Call) -> HttpResponse:
    form = FollowForm.of(request)
    if form.is_valid():
        with form.refusals():
            typed = form.cleaned_data
            # Where the check digit is wrong nothing is looked up, and no work is asked for.
            if receipt_in(typed["receipt"]):
                spend(typed["solution"], call.now)
            case_of_receipt(typed["receipt"], call=call)
            return receipt_cookie.remember(redirect("portal:follow"), receipt_in(typed["receipt"]), request)
    return _form(request, form)


def _form(request: PageRequest, form: FollowForm) -> HttpResponse:
    shown = frame(
        form=form,
        work=worked(),
        errors=form.problems if form.is_bound else [],
    )
    return render(request, "portal/follow.html", shown, status=form.status if form.is_bound else 200)


def _case(request: PageRequest, receipt: str, found: FollowedCase, form: TalkForm, call: Call) -> HttpResponse:
    shown = frame(
        found=found,
        stands=[label(one) for one in found.stands],
        unit=label(found.unit),
        kind=label(found.kind),
        receipt=in_groups(receipt),
        clocks=[
            {
                "label": say(*one.label),
                "due": one.day,
                "left": say(*one.left),
                "law": say(*one.cited),
                "state": "late" if one.is_late else "",
                "counted": DueWords(
                    say(*one.cited),
                    tuple(label(each) for each in one.why),
                    (say("日期可能变动", "the day may still move"),) if one.provisional else (),
                ),
            }
            for one in found.clocks
        ],
        lines=[_line(one) for one in found.lines],
        form=form,
        errors=form.problems if form.is_bound else [],
        work=worked(),
        openings=[
            {"one": one, "asking": label(one.asking_unit), "other": label(one.other_unit), "state": one.state.label}
            for one in found.openings
        ],
    )
    return render(request, "portal/followed.html", shown, status=form.status if form.is_bound else 200)


def _line(one: Any) -> dict[str, Any]:
    return {
        "label": label(one.label),
        "on": one.on,
        "mine": one.mine,
        "message": one.message,
        "said": [{"label": label(each.label), "text": label(each.text)} for each in one.said],
        "text": one.text,
        "photographs": one.photographs,
        "papers": [
            {"label": label(word), "number": paper.number, "url": reverse("portal:follow_paper", args=[paper.pk])}
            for word, paper in one.papers
        ],
    }


@never_cache
@require_POST
@door("public")
def say_something(request: PageRequest) -> HttpResponse:
    """A message, photographs, new facts or an answer of the sender."""
    call, held = call_by(PUBLIC), receipt_cookie.remembered(request)
    if not held:
        return redirect("portal:follow")
    found = followed(held, call=call)
    form = TalkForm.of(request)
    if not form.is_valid():
        return _case(request, held, found, form, call)
    typed = form.cleaned_data
    known = {one.act for one in (found.supplement, *found.asks) if one is not None}
    with form.refusals({"effect_told": "text", "new_facts": "text"}):
        call = call_at(request, PUBLIC)
        # What was sent twice has nothing to spend the second time.
        spend(typed["solution"], call.now)
        photographs = [file.read() for file in typed["photographs"]]
        if typed["act"] in known:
            answer_in_case(found.case.pk, typed["act"], typed["text"], receipt=held, call=call, photographs=photographs)
        else:
            say_in_case(found.case.pk, typed["text"], receipt=held, call=call, photographs=photographs)
        messages.success(request, say("已经送到承办单位。", "The handling unit has it now."))
        return redirect("portal:follow")
    return _case(request, held, found, form, call)


@never_cache
@require_POST
@door("public")
def leave(request: PageRequest) -> HttpResponse:
    """Forget the receipt in this browser, which may be a shared one."""
    return receipt_cookie.forget(redirect("portal:complain"))


@never_cache
@require_safe
@door("public")
def paper(request: PageRequest, number: int) -> HttpResponse:
    """A document that is meant for the sender, as PDF."""
    call, held = call_by(PUBLIC), receipt_cookie.remembered(request)
    if not held:
        return redirect("portal:follow")
    found = followed(held, call=call)
    told = {paper.pk for line in found.lines for _, paper in line.papers}
    file = case_paper(
        number,
        form="pdf",
        verify_at=request.build_absolute_uri(reverse("portal:verify")),
        call=call,
        told_in=found.case.pk if number in told else 0,
    )
    return download(file.content, file.name, MEDIA_TYPES["pdf"])
