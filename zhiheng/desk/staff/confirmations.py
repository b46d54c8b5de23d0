"""The second person at the desk: roles and keys of one's unit that wait to be confirmed; and keys that were ordered for
oneself, taken once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.accounts import confirm_role as roles
from zhiheng.actions.accounts import take_key as keys
from zhiheng.grammar.acts import ACTS
from zhiheng.pages import named
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import ReasonForm
from zhiheng.pages.navigation import beginning
from zhiheng.pages.refused import tried
from zhiheng.pages.words import say
from zhiheng.queries import confirmations as reading


def keys_told(orders: Iterable[reading.KeyOrdered]) -> list[dict[str, Any]]:
    """Keys that were ordered, in words."""
    return [
        {
            "order": one.order,
            "unit": named.unit(one.order.unit),
            "role": named.role(one.order.role),
            "scopes": [say(ACTS[act].zh, ACTS[act].en) if act in ACTS else act for act in one.scopes],
            "asked_by": one.asked_by,
            "waits": one.order.state == one.order.State.WAITING,
        }
        for one in orders
    ]


@door("grant.confirm")
def confirmations(request: PageRequest) -> HttpResponse:
    """What waits for the reader as the second person, the oldest first."""
    found, orders = reading.to_confirm(call=call_of(request))
    rows = [
        {
            "grant": one.grant,
            "who": one.grant.account,
            "role": named.role(one.grant.role),
            "unit": named.unit(one.grant.unit),
            "area": named.area(one.grant.area),
            "given_by": one.given_by,
            "asked_at": one.confirmation.asked_at,
        }
        for one in found
    ]
    return render(request, "desk/confirmations.html", {"rail": "people", "roles": rows, "keys": keys_told(orders)})


def _decided(
    request: PageRequest, act: Callable[[], object], said: str, form: ReasonForm | None = None
) -> HttpResponse:
    return tried(request, act, said, reverse("desk:confirmations"), form)


@require_POST
@door("grant.confirm")
def confirm_role(request: PageRequest, grant: int) -> HttpResponse:
    """The role holds from now on."""
    return _decided(
        request,
        lambda: roles.confirm_role(grant, call=call_of(request)),
        say("角色已确认，即时生效。", "The role is confirmed and holds now."),
    )


@require_POST
@door("grant.confirm")
def decline_role(request: PageRequest, grant: int) -> HttpResponse:
    """The role ends without having held."""
    form = ReasonForm.of(request)
    return _decided(
        request,
        lambda: roles.decline_role(grant, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("没有确认，这次授予作废。", "It was declined and holds nothing."),
        form,
    )


@require_POST
@door("grant.confirm")
def confirm_key(request: PageRequest, number: int) -> HttpResponse:
    """The holder can take the key."""
    return _decided(
        request,
        lambda: keys.confirm_key(number, call=call_of(request)),
        say("令牌已确认，领取人可以领取。", "The key is confirmed; its holder can take it."),
    )


@require_POST
@door("grant.confirm")
def decline_key(request: PageRequest, number: int) -> HttpResponse:
    """The key is never made."""
    form = ReasonForm.of(request)
    return _decided(
        request,
        lambda: keys.decline_key(number, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("没有确认，这个令牌不签发。", "It was declined; the key is not made."),
        form,
    )


@door("token.take")
def own_keys(request: PageRequest) -> HttpResponse:
    """The keys that were ordered for the reader, an officer."""
    if request.actor.kind != "officer":
        return redirect(beginning(request.actor).url)
    return _own_keys(request)


def _own_keys(request: PageRequest, key: str = "") -> HttpResponse:
    words = {"rail": "", "keys": keys_told(reading.own_keys(call=call_of(request))), "key": key}
    return render(request, "desk/own_keys.html", words)


@require_POST
@door("token.take")
def take_key(request: PageRequest, number: int) -> HttpResponse:
    """The key is made, and shown on the page that answers and nowhere else."""
    return _own_keys(request, keys.take_key(number, call=call_of(request)).key)
