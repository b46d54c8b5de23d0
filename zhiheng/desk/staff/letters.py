"""The printable letter with a code: for a colleague's first log-in, or for an enterprise."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.pages import named
from zhiheng.pages.access import book, today
from zhiheng.pages.http import PageRequest
from zhiheng.queries import people as reading


def letter(request: PageRequest, issued: Any, enterprise: str) -> HttpResponse:
    """The printable letter. It is never stored and never shown a second time."""
    invitation = issued.invitation
    words = {
        "code": issued.code,
        "invitation": invitation,
        "enterprise": enterprise,
        "role": named.role(invitation.role) if invitation.role else "",
        "address": request.build_absolute_uri(reverse("pages:code" if invitation.account_id else "firm:join")),
        "today": today(),
        "from_unit": reading.unit_of(request.actor, book()),
        "account_unit": named.unit(invitation.account.unit)
        if invitation.account_id and invitation.account.unit
        else "",
    }
    response = render(request, "desk/invitation_letter.html", words)
    response.headers["Cache-Control"] = "no-store"
    return response
