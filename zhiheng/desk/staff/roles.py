"""Roles at the desk: given and ended by an administrator, lent to a colleague, used on behalf of the lender."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.accounts import act_for as acting
from zhiheng.actions.accounts import delegate_role as lending
from zhiheng.actions.accounts import end_role as ending
from zhiheng.actions.accounts import give_role as giving
from zhiheng.desk.staff import people
from zhiheng.desk.staff.forms import ActForForm, EndRoleForm, GiveRoleForm, LendRoleForm
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel.parse_params import number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import named
from zhiheng.pages.access import book, call_of, door, now, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import beginning
from zhiheng.pages.refused import of_what_was_typed, tried
from zhiheng.pages.words import label, say
from zhiheng.people.actors import waits
from zhiheng.queries import people as reading


@require_POST
@door("people.manage")
def give_role(request: PageRequest, number: int) -> HttpResponse:
    """Give a role: where, over which quality, from when until when, why."""
    form = GiveRoleForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            grant = giving.give_role(
                number,
                typed["role"],
                unit=typed["unit"],
                area=typed["area"],
                quality=typed["quality"],
                first_day=typed["first_day"],
                last_day=typed["last_day"],
                reason=typed["reason"],
                call=call_of(request),
            )
            messages.success(
                request,
                say(
                    "已提请。这个角色看得到事实，由本单位另一人确认后生效。",
                    "The role shows facts, so it holds once another person of the unit confirms it.",
                )
                if waits(grant)
                else say("已授予角色。", "The role was given."),
            )
            return redirect("desk:person", number)
    return people.page_of(request, number, form)


@require_POST
@door("desk.open")
def end_role(request: PageRequest, grant: int) -> HttpResponse:
    """End a role: an administrator, the lender of a loan, or who holds it."""
    form = EndRoleForm.of(request)
    form.is_valid()
    back = form.cleaned_data["back"]
    account = number_in(back)
    page = reverse("desk:people") if account is None else reverse("desk:person", args=[account])
    return tried(
        request,
        lambda: ending.end_role(grant, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("角色已终止。", "The role was ended."),
        reverse("desk:me") if back == "me" else page,
        form,
    )


@door("account.begin")
def me(request: PageRequest) -> HttpResponse:
    """One's own roles, loans, and the lenders one may act for; also for an officer without a role."""
    if request.actor.kind != "officer":
        return redirect(beginning(request.actor).url)
    return _me(request)


def _me(request: PageRequest, form: LendRoleForm | None = None) -> HttpResponse:
    account, grants, colleagues = reading.own(actor=request.actor, now=now())
    own = [g for g in grants if g.account_id == account.pk]
    form = form or LendRoleForm(initial={"first_day": today()})
    lendable = [
        (g.pk, f"{named.role(g.role)}（{named.unit(g.unit)}）")
        for g in own
        if g.lent_from_id is None and g.role in book()[ROLES] and book()[ROLES][g.role].delegable
    ]
    form.offer(
        grant=lendable, to=[("", say("请选择", "Choose")), *((a.pk, f"{a.name}（{a.login}）") for a in colleagues)]
    )
    words = {
        "account": account,
        "unit": named.unit(account.unit),
        "grants": [people.grant_told(g) for g in own],
        "lent": [people.grant_told(g) for g in grants if g.account_id != account.pk],
        "lendable": lendable,
        "lenders": lending.lenders(account, today()),
        "form": form,
        "errors": form.problems,
    }
    return render(request, "desk/me.html", words, status=form.status)


@require_POST
@door("grant.delegate")
def delegate(request: PageRequest) -> HttpResponse:
    """Lend a role to a colleague for some days."""
    form = LendRoleForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            lending.delegate_role(
                typed["grant"],
                typed["to"],
                first_day=typed["first_day"],
                last_day=typed["last_day"],
                reason=typed["reason"],
                call=call_of(request),
            )
            messages.success(request, say("角色已委托。", "The role was lent."))
            return redirect("desk:me")
    return _me(request, form)


@require_POST
@door("grant.act_for")
def act_for(request: PageRequest) -> HttpResponse:
    """Act on behalf of a lender, or in one's own name again; every page says so, and the trail names both."""
    form = ActForForm.of(request)
    lender = form.cleaned_data["lender"] if form.is_valid() else None
    try:
        chosen = acting.switch_acting(lender, call=call_of(request))
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        messages.error(request, label(refused.refusals[0]))
        return redirect("desk:me")
    if chosen is None:
        request.session.pop("acting_for", None)
        messages.success(request, say("现在以本人身份办理。", "You act for yourself again."))
    else:
        request.session["acting_for"] = chosen
        messages.success(
            request,
            say(
                "现在代他人办理，每一步都记两个人的名字。", "You act in somebody's place; every step names both of you."
            ),
        )
    return redirect("desk:me")
