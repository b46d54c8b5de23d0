"""The page of an account that has nothing to begin with: no role yet, none any more, or one that begins later."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.pages.access import book, call_of, door, now
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import beginning
from zhiheng.pages.words import label
from zhiheng.queries.people import who_gives_roles


@door("account.begin")
def begin(request: PageRequest) -> HttpResponse:
    """Redirect to where the account begins its day; without a role today, show past and future roles, and whom to
    ask.
    """
    first = beginning(request.actor).url
    if first != reverse("pages:begin"):
        return redirect(first)
    roles = [
        {
            "label": label(book()[ROLES][held.role].label),
            "first": held.first,
            "last": held.last,
            "later": held.first > now().date(),
        }
        for held in (*request.actor.past, *request.actor.holdings)
        if held.role in book()[ROLES]
    ]
    words = {"roles": roles, "ask": who_gives_roles(call=call_of(request))}
    return render(request, "pages/begin.html", words)
