"""A view says which act it is; without one it does not exist (default deny, held by a test over every URL)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.loader import current
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.data_folder import inside
from zhiheng.office import clock as office_clock
from zhiheng.pages import (
    asking,
    form_recovery,
    forms,
)
from zhiheng.pages.http import PageRequest
from zhiheng.pages.second_factor import to_be_set_up
from zhiheng.pages.words import say
from zhiheng.people import access

View = Callable[..., HttpResponseBase]


# What the answer of this thread has opened: one at most.
_opened: ContextVar[list[Book] | None] = ContextVar("_opened", default=None)


def book() -> Book:
    """The book of this installation, with the headings that were accepted here; the same throughout an answer."""
    opened = _opened.get()
    if opened:
        return opened[0]
    found = current(Path(settings.BOOK), inside(settings.DATA, "book-additions"))
    if opened is not None:
        opened.append(found)
    return found


@contextmanager
def one_book() -> Iterator[None]:
    """One answer: the book is looked for when it is asked for first, and not for each of its names."""
    before = _opened.set([])
    try:
        yield
    finally:
        _opened.reset(before)


# Asked each time, so that a test that sets it sets it for every page, whoever has imported what from here.
clock = timezone.localtime


def now() -> dt.datetime:
    """The only place where pages read the clock."""
    return clock()


def today() -> dt.date:
    """The day at the office."""
    return now().date()


def call_by(actor: Actor) -> Call:
    """The call of an actor at a door: with the book in force and this moment."""
    return Call(actor, book(), now())


def call_at(request: HttpRequest, actor: Actor) -> Call:
    """What a request asks with, of a page or of a program, in the name of an actor. Raises Refused where something is
    to be written under the day of a clock that has jumped.
    """
    call = call_by(actor)
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        office_clock.require_steady(call.now)
    return call


def call_of(request: PageRequest) -> Call:
    """What a page's request asks with, as ``call_at`` says."""
    return call_at(request, request.actor)


def stranger(request: PageRequest) -> HttpResponse:
    """To the log-in and back to where they were; what was typed into a form of theirs is kept."""
    target = request.get_full_path()
    if request.method != "GET":
        page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/"
        ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
        parts = urlsplit(page)
        target = form_recovery.keep(request) or (parts._replace(scheme="", netloc="").geturl() if ours else "/")
    elif request.htmx:
        target = request.htmx.current_url_abs_path or "/"
    response = redirect_to_login(target)
    if request.htmx:
        # A log-in form inside a fragment of a page would help nobody: the whole page goes there.
        away = HttpResponse(status=204)
        away.headers["HX-Redirect"] = response.headers["Location"]
        return away
    return response


def _tell_what_came_back(request: PageRequest, one: dict[str, Any]) -> None:
    if one.get("why") == "switch" and not one["files"]:
        # A reader who only switched the language or the look sees the form as it was; there is nothing to tell.
        return
    told = (
        say("您填写的内容已经放回表格。", "What you typed is back in the form.")
        if one.get("why") == "switch"
        else say(
            "登录曾经中断，您填写的内容已经放回表格，请核对后再提交。",
            "Your session had ended. What you typed is back in the form; check it and send it again.",
        )
    )
    if one["files"]:
        told += say("文件需要重新选择：{names}。", " Choose the files again: {names}.", names="、".join(one["files"]))
    messages.warning(request, told)


def door(act: str) -> Callable[[View], View]:
    """Declare the act of a view. An actor without any role that has the act is refused here, the rest inside the
    action.

    ``public``: open to all. A stranger is sent to the log-in and comes back. A form is accepted once, and is shown
    again where the session had ended or where its contents changed meanwhile (``zhiheng.pages.forms``,
    ``zhiheng.pages.form_recovery``).
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: PageRequest, *args: Any, **words: Any) -> HttpResponseBase:
            if act != "public":
                if request.actor.kind == "public":
                    return stranger(request)
                call = call_of(request)
                if (first := to_be_set_up(request, act, call)) is not None:
                    return first
                access.require_somewhere(call, act)
            forms.printable(request)
            asking.understood(request, book(), today())
            if request.method == "POST":
                try:
                    response = forms.sent_once(request, lambda: view(request, *args, **words))
                except forms.StaleForm as error:
                    return forms.stale_page(request, error)
                if response.status_code in (302, 303):
                    form_recovery.forget(request)
                return response
            one = form_recovery.brought_back(request) if form_recovery.KEY in request.GET else None
            if one is None:
                return view(request, *args, **words)
            _tell_what_came_back(request, one)
            return form_recovery.refill(request, view(request, *args, **words), one)

        checked.act = act  # type: ignore[attr-defined]  # functions have no such attribute; the test of all addresses reads it
        return checked

    return wrap
