"""Accounts at the desk: made, closed, given a code on paper, freed of a lost second factor."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.accounts import close_account as closing
from zhiheng.actions.accounts import create_account as creating
from zhiheng.actions.accounts import issue_code as coding
from zhiheng.actions.accounts import reset_second_factor as resetting
from zhiheng.desk.staff import letters, people
from zhiheng.desk.staff.forms import AccountForm
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import ReasonForm
from zhiheng.pages.refused import tried
from zhiheng.pages.words import say
from zhiheng.people.models import Account


@door("people.manage")
def new_account(request: PageRequest) -> HttpResponse:
    """An account for a colleague; they set their password with a code on paper."""
    form = AccountForm.of(request)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            account = creating.create_account(
                typed["login"],
                name=typed["name"],
                kind=typed["kind"] or Account.Kind.OFFICER,
                unit=typed["unit"],
                email=typed["email"],
                call=call_of(request),
            )
            messages.success(
                request,
                say(
                    "账号已建立。请授予角色，再打印首次登录码。",
                    "The account is made. Give it a role, then print the first code.",
                ),
            )
            return redirect("desk:person", account.pk)
    # A bank stands in no area: only who looks after the whole place makes accounts for its clerks.
    banks = people.institutions_for(request, "people.manage")
    form.offer(
        unit=[("", say("请选择", "Choose")), *people.units_for(request, "people.manage"), *banks],
        kind=[(name, say(*people.KINDS[name])) for name in (("officer", "bank") if banks else ("officer",))],
    )
    words = {"form": form, "errors": form.problems, "banks": banks}
    return render(request, "desk/person_new.html", words, status=form.status)


@require_POST
@door("people.manage")
def close_account(request: PageRequest, number: int) -> HttpResponse:
    """Close an account, so that it can't sign in."""
    form = ReasonForm.of(request)
    return tried(
        request,
        lambda: closing.close_account(number, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("账号已停用。", "The account was closed."),
        reverse("desk:person", args=[number]),
        form,
    )


@require_POST
@door("people.manage")
def reset_factor(request: PageRequest, number: int) -> HttpResponse:
    """Take a lost second factor away."""
    form = ReasonForm.of(request)
    return tried(
        request,
        lambda: resetting.reset_second_factor(number, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("双重验证已重置，该账号已退出登录。", "The second factor was reset and the account signed out."),
        reverse("desk:person", args=[number]),
        form,
    )


@require_POST
@door("people.manage")
def issue_code(request: PageRequest, number: int) -> HttpResponse:
    """A code with which a person sets a password: shown now and never again."""
    issued = coding.issue_code(number, call=call_of(request))
    return letters.letter(request, issued, "")
