"""Invitations at the desk: codes on paper with which an enterprise opens its corner."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.enterprises import invite_enterprise as inviting
from zhiheng.actions.enterprises import withdraw_invitation as withdrawing
from zhiheng.desk.staff import letters, people
from zhiheng.kernel.parse_params import number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import named, paging
from zhiheng.pages.access import call_of, door, now
from zhiheng.pages.http import PageRequest
from zhiheng.pages.refused import beside, of_what_was_typed, tried
from zhiheng.pages.words import say
from zhiheng.queries import people as reading


@door("enterprise.invite")
def invitations(request: PageRequest) -> HttpResponse:
    """Codes on paper that are out, and a form for a new one; led here from a file, the enterprise is chosen already."""
    return _invitations(request, typed={"enterprise": request.GET.get("subject", "")[:120]})


def _invitations(
    request: PageRequest, *, typed: dict[str, str], errors: Iterable[dict[str, str]] = (), status: int = 200
) -> HttpResponse:
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
    meant = reading.invitable(typed.get("enterprise", ""), call=call_of(request))
    words = {
        "rows": rows,
        "next": page.next,
        "tabs": people.tabs(request, "invitations"),
        "roles": people.roles_of("enterprise"),
        "typed": typed,
        "meant": [{"one": each, "area": named.area(each.area) if each.area else ""} for each in meant],
        "errors": list(errors),
        "wrong": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/invitations.html", words, status=status)


@require_POST
@door("enterprise.invite")
def invite(request: PageRequest) -> HttpResponse:
    """A letter to an enterprise with a code that is shown this once: first which one is meant, then the letter."""
    typed = {name: request.POST.get(name, "").strip()[:120] for name in ("enterprise", "subject", "role", "name")}
    chosen = number_in(typed["subject"])
    if chosen is None:
        meant = reading.invitable(typed["enterprise"], call=call_of(request))
        if meant:
            return _invitations(request, typed=typed)
        told = say("请填企业名称或统一社会信用代码。", "Give the name or the credit code of the enterprise.")
        if typed["enterprise"]:
            told = say(
                "您的范围内没有找到“{text}”；请核对名称或代码，名称可以只写连续的一部分。",
                "Within your reach nothing is called “{text}”; check the name or the code. A part of the name will do.",
                text=typed["enterprise"],
            )
        error = {"field": "enterprise", "label": say("企业", "Enterprise"), "text": told}
        return _invitations(request, typed=typed, errors=[error], status=422)
    try:
        issued = inviting.invite_enterprise(chosen, role=typed["role"], name=typed["name"][:60], call=call_of(request))
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        return _invitations(request, typed=typed, errors=beside(refused, people.labels()), status=422)
    return letters.letter(request, issued, reading.name_of(chosen))


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
