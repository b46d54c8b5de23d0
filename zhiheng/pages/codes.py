"""Codes on paper, as they are typed into a form: one answer for every door that takes them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from zhiheng.actions.enterprises import accept_invitation as accepting
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.refused import beside
from zhiheng.pages.words import say
from zhiheng.people import adapters


@door("public")
def code(request: PageRequest) -> HttpResponse:
    """Set the password of an account that one has already: the door to which a slip with a log-in code leads."""
    elsewhere = say(
        "这是企业邀请信上的邀请码，不在这里用；请点下面的“我有企业邀请信”，在那里填账号和姓名。",
        "This is the code of a letter of invitation and is not used here; choose “I have a letter of invitation” "
        "below, where account and name are asked.",
    )
    return take_up(request, "pages/code.html", say("登录码", "Code"), elsewhere)


def take_up(request: PageRequest, template: str, called: str, elsewhere: str = "") -> HttpResponse:
    """The form for a code on paper, in the words of a door; whoever gives a right code is led on to the sign-in.

    ``called`` is the name that the door gives to the code: over its field, and beside what is wrong with it.
    ``elsewhere`` is what a door that asks neither account nor name says to a code for which both are needed.
    """
    typed = {name: request.POST.get(name, "").strip()[:120] for name in ("code", "login", "name")}
    errors: list[dict[str, str]] = []
    guessing = request.method == "POST" and not adapters.may_try_code(request)
    if guessing:
        told = say(
            "这里试过的次数太多，请过十分钟再试；仍不行，请发码单位重发。",
            "Too many tries from here; wait ten minutes. If it does not work then, ask who gave it to you for a new "
            "one.",
        )
        errors = [{"field": "code", "label": called, "text": told}]
    elif request.method == "POST":
        password, again = request.POST.get("password", "")[:200], request.POST.get("again", "")[:200]
        if password != again:
            errors = [
                {
                    "field": "again",
                    "label": say("再输一次密码", "Password again"),
                    "text": say("两次输入的密码不一样。", "The two passwords differ."),
                }
            ]
        else:
            try:
                account = accepting.accept_invitation(
                    typed["code"], password=password, login=typed["login"], name=typed["name"], call=call_of(request)
                )
            except Refused as refused:
                errors = beside(
                    refused,
                    {
                        "code": called,
                        "login": say("账号", "Account"),
                        "name": say("姓名", "Name"),
                        "password": say("密码", "Password"),
                    },
                )
                if elsewhere and {"login", "name"} & {error["field"] for error in errors}:
                    errors = [{"field": "code", "label": called, "text": elsewhere}]
            else:
                answer = adapters.sign_in_by_code(request, account)
                if request.user.is_authenticated:
                    messages.success(request, say("账号已启用。", "Your account is ready."))
                else:
                    messages.info(
                        request,
                        say(
                            "密码已设好；这个账号有双重验证，请接着完成。",
                            "The password is set; this account has a second factor: give it now.",
                        ),
                    )
                return answer
    wrong = {error["field"]: error["text"] for error in errors}
    return render(
        request,
        template,
        {"typed": typed, "errors": errors, "wrong": wrong, "called": called},
        status=429 if guessing else 422 if errors else 200,
    )
