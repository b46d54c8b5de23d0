"""Who acts, what a page may load, and how a refusal is shown."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from zhiheng.kernel.actor import PUBLIC
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import errors
from zhiheng.pages.access import one_book
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import beginning
from zhiheng.people import adapters, session_times
from zhiheng.people.actors import actor_of

Next = Callable[[PageRequest], HttpResponse]

log = logging.getLogger(__name__)


def policy() -> str:
    """What a page may load: its own, nothing inline. A form may also lead to the single sign-on of this
    installation.
    """
    signs_on = [
        "{0.scheme}://{0.netloc}".format(urlsplit(app["settings"]["server_url"]))
        for provider in getattr(settings, "SOCIALACCOUNT_PROVIDERS", {}).values()
        for app in provider.get("APPS", [])
        if app.get("settings", {}).get("server_url")
    ]
    signs_on += getattr(settings, "SIGN_ON_ORIGINS", ())
    targets = " ".join(["'self'", *dict.fromkeys(signs_on)])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src "
        f"'self'; form-action {targets}; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    )


class ContentSecurity:
    """No page loads anything from elsewhere, and nothing inline; no answer is stored on its way but what says that it
    may be (published pages, files and figures).
    """

    def __init__(self, next_: Next) -> None:
        self.next = next_
        self.policy = policy()

    def __call__(self, request: PageRequest) -> HttpResponse:
        response = self.next(request)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = response.headers.get("Allow", "")
            response = errors.page(request, errors.METHOD)
            response.headers["Allow"] = allowed
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # The same address is a whole page or a fragment, in the language and theme of the reader.
            patch_vary_headers(response, ("Cookie", "Accept-Language", "HX-Request", "HX-Target"))
        return response


class NewSessions:
    """A session that begins without an account is counted by the address it comes from: whatever page begins it, a
    stranger can't fill the table of sessions. Sessions that were there, and those of a sign-in, are not asked about.
    """

    def __init__(self, next_: Next) -> None:
        self.next = next_

    def __call__(self, request: PageRequest) -> HttpResponse:
        response = self.next(request)
        session = request.session
        # In this order: who is signed in is read from the session, which most pages of strangers never ask for.
        begins = session.modified and session.session_key is None and not session.is_empty()
        if begins and not request.user.is_authenticated and not adapters.may_begin_session(request):
            session.modified = False
            return errors.page(request, errors.OFTEN)
        return response


class EndsOfSessions:
    """A session that is over (``people.session_times``) ends here; what was asked goes on as a stranger's, so that the
    page leads to the sign-in, and a form that was sent is kept for who typed it.
    """

    def __init__(self, next_: Next) -> None:
        self.next = next_

    def __call__(self, request: PageRequest) -> HttpResponse:
        if request.user.is_authenticated and (why := session_times.use(request.session, time.time())):
            adapters.end_session(request, why)
        return self.next(request)


class WhoActs:
    """``request.actor``: the account with the roles it holds today, or the public."""

    def __init__(self, next_: Next) -> None:
        self.next = next_

    def __call__(self, request: PageRequest) -> HttpResponse:
        user = request.user
        request.actor = actor_of(user, request.session.get("acting_for")) if user.is_authenticated else PUBLIC
        with one_book():
            return self.next(request)


class Refusals:
    """A Refused that reaches the door becomes a page with its sentences."""

    def __init__(self, next_: Next) -> None:
        self.next = next_

    def __call__(self, request: PageRequest) -> HttpResponse:
        return self.next(request)

    def process_exception(self, request: PageRequest, error: Exception) -> HttpResponse | None:
        """403 where access was denied, 404 where a thing is absent, else 422; a full disk and a busy database in their
        own words.
        """
        if not isinstance(error, Refused):
            trouble = errors.of(error)
            if trouble is not None:
                log.warning("%s %s: %s", request.method, request.path, error)
                return errors.page(request, trouble)
            return None
        code = error.refusals[0].code
        status = 403 if code.startswith("access.") else 404 if code.endswith(".absent") else 422
        first = beginning(request.actor)
        # The way back never leads to where somebody was just refused.
        words = {
            "refusals": error.refusals,
            "status": status,
            "home": None if first.url == request.path else first,
            "without": _without(request, error),
        }
        return render(request, "pages/refused.html", words, status=status)


def _without(request: PageRequest, refused: Refused) -> str:
    """The same address without the words that were not understood; '' where that was not the trouble."""
    names = {refusal.field for refusal in refused.refusals if refusal.code.startswith("asked.")}
    if not names or request.method not in ("GET", "HEAD"):
        return ""
    left = request.GET.copy()
    for name in names:
        left.pop(name, None)
    return f"{request.path}?{left.urlencode()}" if left else request.path
