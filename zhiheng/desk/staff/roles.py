"""Roles at the desk: given and ended by an administrator, lent to a colleague, and used in somebody's place."""

from __future__ import annotations

from collections.abc import Iterable

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
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel.parse_params import day_in, number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import named
from zhiheng.pages.access import book, call_of, door, now, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import beginning
from zhiheng.pages.refused import beside, of_what_was_typed, tried
from zhiheng.pages.words import label, say
from zhiheng.queries import people as reading


@require_POST
@door("people.manage")
def give_role(request: PageRequest, number: int) -> HttpResponse:
    """Give a role: where, over which quality, from when until when, why."""
    typed = {
        name: request.POST.get(name, "").strip()[:500]
        for name in ("role", "unit", "area", "quality", "first_day", "last_day", "reason")
    }
    try:
        giving.give_role(
            number,
            typed["role"],
            unit=typed["unit"],
            area=typed["area"],
            quality=typed["quality"],
            first_day=day_in(typed["first_day"]),
            last_day=day_in(typed["last_day"]),
            reason=typed["reason"],
            call=call_of(request),
        )
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        return people.page_of(request, number, errors=beside(refused, people.labels()), typed=typed, status=422)
    messages.success(request, say("已授予角色。", "The role was given."))
    return redirect("desk:person", number)


@require_POST
@door("desk.open")
def end_role(request: PageRequest, grant: int) -> HttpResponse:
    """End a role: an administrator, the lender of a loan, or who holds it."""
    back = request.POST.get("back", "")
    account = number_in(back)
    page = reverse("desk:people") if account is None else reverse("desk:person", args=[account])
    return tried(
        request,
        lambda: ending.end_role(grant, reason=request.POST.get("reason", "").strip()[:500], call=call_of(request)),
        say("角色已终止。", "The role was ended."),
        reverse("desk:me") if back == "me" else page,
    )


@door("account.begin")
def me(request: PageRequest) -> HttpResponse:
    """One's own roles, loans, and in whose place one may act: also for an officer who has no role of their own."""
    if request.actor.kind != "officer":
        return redirect(beginning(request.actor).url)
    return _me(request)


def _me(
    request: PageRequest,
    *,
    errors: Iterable[dict[str, str]] = (),
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    account, grants, colleagues = reading.own(actor=request.actor, now=now())
    own = [g for g in grants if g.account_id == account.pk]
    words = {
        "account": account,
        "unit": named.unit(account.unit),
        "grants": [people.grant_told(g) for g in own],
        "lent": [people.grant_told(g) for g in grants if g.account_id != account.pk],
        "lendable": [
            (g.pk, f"{named.role(g.role)}（{named.unit(g.unit)}）")
            for g in own
            if g.lent_from_id is None and g.role in book()[ROLES] and book()[ROLES][g.role].delegable
        ],
        "colleagues": [("", say("请选择", "Choose")), *((a.pk, f"{a.name}（{a.login}）") for a in colleagues)],
        "lenders": lending.lenders(account, today()),
        "errors": list(errors),
        "typed": typed or {},
        "today": today().isoformat(),
    }
    return render(request, "desk/me.html", words, status=status)


@require_POST
@door("grant.delegate")
def delegate(request: PageRequest) -> HttpResponse:
    """Lend a role to a colleague for some days."""
    typed = {
        name: request.POST.get(name, "").strip()[:500] for name in ("grant", "to", "first_day", "last_day", "reason")
    }
    labels = {"to": say("受托人", "To whom"), **people.labels()}
    first, last = day_in(typed["first_day"]), day_in(typed["last_day"])
    grant, to = number_in(typed["grant"]), number_in(typed["to"])
    missing = [
        {"field": name, "label": labels.get(name, name), "text": said}
        for name, right, said in (
            ("grant", grant is not None, say("请选择角色。", "Choose a role.")),
            ("to", to is not None, say("请选择受托人。", "Choose somebody.")),
            (
                "first_day",
                first is not None,
                say("请填起始日期，如 2026-03-31。", "Give the first day, such as 2026-03-31."),
            ),
            (
                "last_day",
                last is not None,
                say("请填截止日期，如 2026-04-30。", "Give the last day, such as 2026-04-30."),
            ),
        )
        if not right
    ]
    if missing or first is None or last is None or grant is None or to is None:
        return _me(request, errors=missing, typed=typed, status=422)
    try:
        lending.delegate_role(grant, to, first_day=first, last_day=last, reason=typed["reason"], call=call_of(request))
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        return _me(request, errors=beside(refused, labels), typed=typed, status=422)
    messages.success(request, say("角色已委托。", "The role was lent."))
    return redirect("desk:me")


@require_POST
@door("grant.act_for")
def act_for(request: PageRequest) -> HttpResponse:
    """Act in somebody's place, or be oneself again; every page says so, and the trail names both."""
    lender = request.POST.get("lender", "")
    try:
        chosen = acting.switch_acting(number_in(lender), call=call_of(request))
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
