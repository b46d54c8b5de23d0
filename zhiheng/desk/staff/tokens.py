"""Tokens of programs at the desk, and their web hooks."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.accounts import issue_token as issuing
from zhiheng.actions.accounts import revoke_token as revoking
from zhiheng.actions.accounts import take_key as ordering
from zhiheng.actions.webhooks import end_webhook as ending_hook
from zhiheng.desk.staff import people
from zhiheng.desk.staff.confirmations import keys_told
from zhiheng.desk.staff.forms import TokenForm
from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel import days
from zhiheng.pages import named
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import ReasonForm
from zhiheng.pages.paging import place_asked
from zhiheng.pages.refused import tried
from zhiheng.pages.words import say
from zhiheng.queries import people as reading
from zhiheng.queries.confirmations import ordered_keys


def _roles_for(request: PageRequest) -> list[tuple[str, str]]:
    """The roles of programs whose keys the actor may give: those of institutions only where they may give one to
    any.
    """
    found = people.roles_of("program")
    if people.institutions_for(request, "token.manage"):
        return found
    return [(name, word) for name, word in found if not issuing.for_institutions(book()[ROLES][name])]


@door("token.manage")
def tokens(request: PageRequest) -> HttpResponse:
    """Tokens of programs, and their web hooks."""
    return _tokens(request)


def _tokens(request: PageRequest, form: TokenForm | None = None) -> HttpResponse:
    keys, found_hooks = reading.tokens(call=call_of(request), after=place_asked(request))
    hooks = found_hooks.rows
    calls = reading.latest_calls([one.pk for one in hooks])
    acts = sorted(
        {act for role in book()[ROLES].values() if role.kind == "program" for clause in role.may for act in clause.acts}
    )
    form = form or TokenForm()
    form.offer(
        unit=[
            ("", say("请选择", "Choose")),
            *people.units_for(request, "token.manage"),
            *people.institutions_for(request, "token.manage"),
        ],
        role=_roles_for(request),
        scopes=[(act, say(ACTS[act].zh, ACTS[act].en)) for act in acts],
    )
    words = {
        "rows": [
            {
                "token": one,
                "unit": named.unit(one.unit),
                "role": named.role(one.role),
                "state": "revoked" if one.revoked_at else "expired" if one.last_day < today() else "live",
            }
            for one in keys.rows
        ],
        "page": keys,
        "hooks_in_all": found_hooks.total,
        "hooks": [{"hook": one, "unit": named.unit(one.unit), "calls": calls.get(one.pk, [])} for one in hooks],
        "broken": sum(1 for one in hooks if (one.failures or one.paused_until) and one.ended_at is None),
        "orders": keys_told(ordered_keys(call=call_of(request))),
        "form": form,
        "errors": form.problems,
        "tabs": people.tabs(request, "tokens"),
        "latest": days.last_day_of(today(), issuing.LONGEST_MONTHS).isoformat(),
    }
    return render(request, "desk/tokens.html", words, status=form.status)


@require_POST
@door("token.manage")
def issue_token(request: PageRequest) -> HttpResponse:
    """Order a key for a person of the unit, who takes it."""
    form = TokenForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            role = typed["role"] or "program"
            terms = issuing.KeyTerms(typed["name"], typed["unit"], typed["scopes"], typed["last_day"], role)
            order = ordering.order_key(terms, holder=typed["holder"], call=call_of(request))
            waits = order.state == order.State.WAITING
            messages.success(
                request,
                say(
                    "已提请。本单位另一人确认后，由领取人在“我的账号 → 待领取的令牌”领取。",
                    "Ordered. Once another person of the unit confirms it, its holder takes it under “My account”.",
                )
                if waits
                else say(
                    "已提请。由领取人在“我的账号 → 待领取的令牌”领取。",
                    "Ordered. Its holder takes it under “My account”.",
                ),
            )
            return redirect("desk:tokens")
    return _tokens(request, form)


@require_POST
@door("token.manage")
def revoke_token(request: PageRequest, number: int) -> HttpResponse:
    """From the next request on the key opens nothing."""
    form = ReasonForm.of(request)
    return tried(
        request,
        lambda: revoking.revoke_token(number, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("令牌已吊销。", "The key was revoked."),
        reverse("desk:tokens"),
        form,
    )


@require_POST
@door("webhook.manage")
def end_hook(request: PageRequest, number: int) -> HttpResponse:
    """Tell an address nothing more."""
    return tried(
        request,
        lambda: ending_hook.end(number, why=ending_hook.BY_ADMINISTRATOR, call=call_of(request)),
        say("推送地址已停用。", "The webhook was ended."),
        reverse("desk:tokens"),
    )
