"""Invitations at the desk: codes on paper with which an enterprise opens its corner."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.enterprises import invite_enterprise as inviting
from zhiheng.actions.enterprises import withdraw_invitation as withdrawing
from zhiheng.desk.staff import letters, people
from zhiheng.desk.staff.forms import InviteForm
from zhiheng.kernel.text_input import one_line
from zhiheng.pages import asking, named, paging
from zhiheng.pages.access import call_of, door, now
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import LINE
from zhiheng.pages.refused import tried
from zhiheng.pages.words import say
from zhiheng.queries import people as reading


@door("enterprise.invite")
def invitations(request: PageRequest) -> HttpResponse:
    """Codes on paper that are out, and a form for a new one; led here from a file, the enterprise is chosen already."""
    return _invitations(request, InviteForm(initial={"enterprise": asking.text(request, "subject", 120)}))


def _invitations(request: PageRequest, form: InviteForm) -> HttpResponse:
    page = reading.invitations(after=paging.place_asked(request), call=call_of(request))
    moment = now()
    rows = [
        {
            "one": one,
            "name": name,
            "role": named.role(one.role),
            "state": "accepted"
            if one.accepted_at
            else "withdrawn"
            if one.withdrawn_at
            else "expired"
            if one.expires_at <= moment
            else "open",
        }
        for one, name in page.rows
    ]
    meant = reading.invitable(one_line(form["enterprise"].shown)[:LINE], call=call_of(request))
    form.offer(role=people.roles_of("enterprise"))
    words = {
        "rows": rows,
        "next": page.next,
        "tabs": people.tabs(request, "invitations"),
        "form": form,
        "meant": [{"one": each, "area": named.area(each.area) if each.area else ""} for each in meant],
        "errors": form.problems,
    }
    return render(request, "desk/invitations.html", words, status=form.status)


@require_POST
@door("enterprise.invite")
def invite(request: PageRequest) -> HttpResponse:
    """A letter to an enterprise with a code that is shown this once: first which one is meant, then the letter."""
    form = InviteForm.of(request)
    if not form.is_valid():
        return _invitations(request, form)
    typed = form.cleaned_data
    chosen = typed["subject"]
    if chosen is None:
        meant = reading.invitable(typed["enterprise"], call=call_of(request))
        if meant:
            return _invitations(request, form)
        told = say("请填企业名称或统一社会信用代码。", "Give the name or the credit code of the enterprise.")
        if typed["enterprise"]:
            told = say(
                "您的范围内没有找到“{text}”；请核对名称或代码，名称可以只写连续的一部分。",
                "Within your reach nothing is called “{text}”; check the name or the code. A part of the name will do.",
                text=typed["enterprise"],
            )
        form.add_error("enterprise", told)
        return _invitations(request, form)
    with form.refusals():
        issued = inviting.invite_enterprise(chosen, role=typed["role"], name=typed["name"], call=call_of(request))
        return letters.letter(request, issued, reading.name_of(chosen))
    return _invitations(request, form)


@require_POST
@door("enterprise.invite")
def withdraw_invitation(request: PageRequest, number: int) -> HttpResponse:
    """The code on that paper works no more."""
    return tried(
        request,
        lambda: withdrawing.withdraw_invitation(number, call=call_of(request)),
        say("邀请已收回。", "The invitation was withdrawn."),
        reverse("desk:invitations"),
    )
