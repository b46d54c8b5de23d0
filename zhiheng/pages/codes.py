"""Codes on paper, as they are typed into a form: one answer for every door that takes them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from zhiheng.actions.enterprises import accept_invitation as accepting
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import InputForm, LineField, SecretField
from zhiheng.pages.words import say, say_later
from zhiheng.people import adapters


@door("public")
def code(request: PageRequest) -> HttpResponse:
    """Set the password of an account that one has already: the door to which a slip with a log-in code leads."""
    elsewhere = say(
        "这是企业邀请信上的邀请码，不在这里用；请点下面的“我有企业邀请信”，在那里填账号和姓名。",
        "This is the code of a letter of invitation and is not used here; choose “I have a letter of invitation” "
        "below, where account and name are asked.",
    )
    return take_up(request, "pages/code.html", CodeForm.of(request), elsewhere)


class CodeForm(InputForm):
    """A code on paper, and the password that it is to set."""

    code = LineField("登录码", "Code", most=120, needed=True, autocomplete="one-time-code")
    name = LineField(
        "姓名",
        "Name",
        most=120,
        needed=None,
        autocomplete="name",
        hint=say_later(
            "用登录码重设密码的，不用填姓名和账号",
            "Leave name and account empty for a code of an account you already have",
        ),
    )
    login = LineField(
        "账号",
        "Account",
        most=120,
        needed=None,
        autocomplete="username",
        hint=say_later("以后用它登录：小写字母、数字和 . _ -", "You sign in with it: small letters, digits and . _ -"),
    )
    password = SecretField(
        "密码",
        "Password",
        needed=True,
        autocomplete="new-password",
        hint=say_later("至少 12 个字符", "At least 12 characters"),
    )
    again = SecretField("再输一次密码", "Password again", needed=True, autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same."""
        if self.cleaned_data.get("password") != self.cleaned_data.get("again") and not self.errors:
            self.add_error("again", say("两次输入的密码不一样。", "The two passwords differ."))
        return self.cleaned_data


def take_up(request: PageRequest, template: str, form: CodeForm, elsewhere: str = "") -> HttpResponse:
    """The form for a code on paper, in the words of a door; a right code leads on to the sign-in.

    ``elsewhere`` is the sentence of a door that asks neither account nor name, for a code that needs both.
    """
    guessing = request.method == "POST" and not adapters.may_try_code(request)
    if guessing:
        told = say(
            "这里试过的次数太多，请过十分钟再试；仍不行，请发码单位重发。",
            "Too many tries from here; wait ten minutes. If it does not work then, ask who gave it to you for a new "
            "one.",
        )
        form.add_error("code", told)
    elif request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            account = accepting.accept_invitation(
                typed["code"],
                password=typed["password"],
                login=typed["login"],
                name=typed["name"],
                call=call_of(request),
            )
        except Refused as refused:
            if elsewhere and {"login", "name"} & {refusal.field for refusal in refused.refusals}:
                form.add_error("code", elsewhere)
            else:
                form.take(refused.refusals)
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
    words = {"form": form, "errors": form.problems}
    return render(request, template, words, status=429 if guessing else form.status)
