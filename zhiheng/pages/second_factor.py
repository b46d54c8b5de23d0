"""The one place where a second factor is required: a holder of a role that asks for it comes no further than the page
on which it is set up.

``door`` asks here before each view of somebody who is signed in. What anybody may see stays open to them, and so do the
pages of their own password, factors and sessions.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.call import Call
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.people.models import Account
from zhiheng.people.second_factor import PROVED, FactorStanding, asking_roles, standing


def factor_of(request: PageRequest, call: Call) -> FactorStanding:
    """How the reader stands to the second factor; that they have one is kept in the session, so that it is looked up
    once.
    """
    account = request.user
    if not isinstance(account, Account):
        return FactorStanding.NOT_ASKED
    proved = bool(request.session.get(PROVED))
    found = standing(account, proved=proved, call=call)
    if found is FactorStanding.THERE and not proved:
        request.session[PROVED] = True
    return found


def to_be_set_up(request: PageRequest, act: str, call: Call) -> HttpResponse | None:
    """The way to the page on which a second factor is set up, where the reader has to do that first."""
    if ACTS[act].asked == "anyone" or factor_of(request, call) is not FactorStanding.MISSING:
        return None
    roles = say("、", ", ").join(label(role.label) for role in asking_roles(call))
    messages.warning(
        request,
        say(
            "您担任的角色（{roles}）要求双重验证。请先启用手机验证器或添加安全密钥，再继续。",
            "Your role ({roles}) asks for a second factor. Turn on an authenticator or add a key first.",
            roles=roles,
        ),
    )
    if request.headers.get("HX-Request"):
        away = HttpResponse(status=204)
        away.headers["HX-Redirect"] = reverse("mfa_index")
        return away
    return redirect("mfa_index")
