"""A view says which act it is; without one it does not exist (default deny, held by a test over every URL)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from zhiheng.grammar.loader import Book, load
from zhiheng.people import access

View = Callable[..., HttpResponse]


@cache
def _loaded(root: Path) -> Book:
    return load(root)


def book() -> Book:
    """The book of this installation, read once per process."""
    return _loaded(Path(settings.BOOK))


def now() -> dt.datetime:
    """The only place where pages read the clock."""
    return timezone.localtime()


def today() -> dt.date:
    """The day at the office."""
    return now().date()


def door(act: str) -> Callable[[View], View]:
    """The view does this act; somebody who holds no role that has it at all is refused here, the rest inside the action.

    ``public``: anybody may. A stranger is led to the log-in and comes back.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **words: Any) -> HttpResponse:
            if act != "public":
                if request.actor.kind == "public":
                    return redirect_to_login(request.get_full_path())
                access.require_somewhere(request.actor, act, book=book(), today=today())
            return view(request, *args, **words)

        checked.act = act  # type: ignore[attr-defined]
        return checked

    return wrap
