"""Who acts, what a page may load, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhiheng.kernel.actor import PUBLIC
from zhiheng.kernel.reasons import Refused
from zhiheng.people.actors import actor_of

Next = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


class ContentSecurity:
    """No page loads anything from elsewhere, and nothing inline."""

    def __init__(self, next_: Next) -> None:
        self.next = next_

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.next(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response


class WhoActs:
    """``request.actor``: the account with the roles it holds today, or the public."""

    def __init__(self, next_: Next) -> None:
        self.next = next_

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of(request.user) if request.user.is_authenticated else PUBLIC
        return self.next(request)


class Refusals:
    """A Refused that reaches the door becomes a page with its sentences."""

    def __init__(self, next_: Next) -> None:
        self.next = next_

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.next(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """403 where access was denied, 404 where a thing is absent, else 422."""
        if not isinstance(error, Refused):
            return None
        code = error.refusals[0].code
        status = 403 if code.startswith("access.") else 404 if code.endswith(".absent") else 422
        return render(request, "pages/refused.html", {"refusals": error.refusals, "status": status}, status=status)
