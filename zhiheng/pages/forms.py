"""A form is sent once, knows which page it stood on and what that page showed.

``{% once %}`` writes a signed token: the actor that the form was made for and its page. The door
(``zhiheng.pages.access``) takes it from every POST: a second click gets the answer of the first, and what was typed
into a form whose session had ended comes back after the log-in. ``{% edition values %}`` writes what was shown;
``unchanged`` raises where it changed meanwhile.
"""

from __future__ import annotations

import secrets
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhiheng.pages.http import PageRequest

TOKEN = "form_token"  # noqa: S105 - the name of a field
EDITION = "edition"
SALT = "zhiheng.pages.forms"
# A form that was opened in the morning can be sent in the evening.
LIVES = 16 * 3600
# How long a second click waits for the answer to the first.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class FormToken:
    """What the token of a form says: for which actor it was made, on which page, and its own number."""

    actor: str
    page: str
    number: str


def page_of(request: PageRequest) -> str:
    """The address at which the page with a form can be opened again: not the one that a form is sent to, and not that
    of a fragment.
    """
    before = made(request) if request.method == "POST" else None
    if before is not None:
        return before.page
    htmx = getattr(request, "htmx", None)
    if htmx and htmx.target != "sheet" and htmx.current_url_abs_path:
        return str(htmx.current_url_abs_path)
    return str(request.get_full_path())


def once(request: PageRequest) -> SafeString:
    """The hidden field with a new token."""
    said = {"a": request.actor.id, "p": page_of(request), "n": secrets.token_urlsafe(12)}
    return format_html(
        '<input type="hidden" name="{}" value="{}">', TOKEN, signing.dumps(said, salt=SALT, compress=True)
    )


def made(request: PageRequest) -> FormToken | None:
    """The token of a form that came in, where it carries a true one."""
    try:
        said = signing.loads(request.POST.get(TOKEN, ""), salt=SALT, max_age=LIVES)
        return FormToken(said["a"], said["p"], said["n"])
    except (signing.BadSignature, KeyError, TypeError):
        return None


# What nobody types on purpose, and what could only do harm where it is stored or shown: characters that control a
# terminal, end
# a text for the database (PostgreSQL takes no zero), turn a line round or hide.
_LINES_STAY = frozenset("\t\n\r")
_NEVER_CHANGED = ("password", "again")


def printable(request: PageRequest) -> None:
    """Take the characters out of what was asked and typed that no view, no table and no page should ever meet."""
    if (asked := _printable(request.GET)) is not None:
        request.GET = asked  # type: ignore[assignment]  # a QueryDict that may no longer be changed
    if request.method == "POST" and (typed := _printable(request.POST)) is not None:
        request.POST = typed  # type: ignore[assignment]  # a QueryDict that may no longer be changed


def _printable(given: QueryDict) -> QueryDict | None:
    """The same without such characters; None where there were none."""
    if all(text.isprintable() for _, texts in given.lists() for text in texts):
        return None
    kept = QueryDict(mutable=True)
    for name, texts in given.lists():
        secret = any(word in name.lower() for word in _NEVER_CHANGED)
        kept.setlist(name, texts if secret else [_plain(text) for text in texts])
    kept._mutable = False
    return kept


def _plain(text: str) -> str:
    if text.isprintable():
        return text
    lines = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(c for c in lines if c in _LINES_STAY or unicodedata.category(c)[0] != "C")


def sent_once(request: PageRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The view's answer; for a form that was already sent, the answer that the first sending got.

    A form that was not accepted (any answer from 400 up, or the page itself again) may be sent again.
    """
    form = made(request) if request.method == "POST" else None
    if form is None:
        return view()
    key = f"form:{form.number}"
    if not cache.add(key, "under way", LIVES):
        return _second(request, key, form)
    accepted = False
    try:
        response = view()
        accepted = response.status_code < 400 and (response.status_code != 200 or bool(request.htmx))
    finally:
        if not accepted:
            cache.delete(key)
    if accepted:
        cache.set(key, response.headers.get("Location") or response.headers.get("HX-Redirect") or "done", LIVES)
    return response


def _second(request: PageRequest, key: str, form: FormToken) -> HttpResponse:
    until = time.monotonic() + PATIENCE
    while (answer := cache.get(key)) == "under way" and time.monotonic() < until:
        time.sleep(0.1)
    if answer is None:
        # The count could not be written (the cache says no, not why): nothing was sent before.
        raise OperationalError("database is locked: the form could not be noted")
    if answer.startswith("/"):
        return HttpResponseRedirect(answer)
    return render(request, "pages/already.html", {"page": form.page, "under_way": answer == "under way"}, status=409)


class StaleForm(Exception):
    """What the form showed has changed while it was being filled in."""

    def __init__(self, changes: list[dict[str, str]], now: Mapping[str, str]) -> None:
        super().__init__(", ".join(change["name"] for change in changes))
        self.changes = changes
        self.now = now


def edition(values: Mapping[str, Any]) -> str:
    """What a form shows (name of a field to its value), signed, for the hidden field ``edition``."""
    return signing.dumps({name: _text(value) for name, value in values.items()}, salt=SALT + ".edition", compress=True)


def unchanged(request: PageRequest, values: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> None:
    """Raise Stale where the values are no longer those that the form showed. ``labels`` names the fields for people."""
    now = {name: _text(value) for name, value in values.items()}
    try:
        shown = signing.loads(request.POST.get(EDITION, ""), salt=SALT + ".edition", max_age=LIVES)
    except signing.BadSignature:
        shown = {}
    changes = [
        {
            "name": name,
            "label": (labels or {}).get(name, name),
            "shown": shown.get(name, ""),
            "now": now.get(name, ""),
            "typed": request.POST.get(name, ""),
        }
        for name in (now | shown)
        if shown.get(name) != now.get(name)
    ]
    if changes:
        raise StaleForm(changes, now)


def stale_page(request: PageRequest, error: StaleForm) -> HttpResponse:
    """What changed, beside what was typed; sending again is one click, and nothing is lost."""
    form = made(request)
    again = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in (TOKEN, EDITION, "csrfmiddlewaretoken")
        for value in values
    ]
    words = {
        "changes": error.changes,
        "again": again,
        "now": error.now,
        "action": request.get_full_path(),
        "page": form.page if form else "",
        "files": file_names(request),
    }
    return render(request, "pages/stale.html", words, status=409)


def file_names(request: PageRequest) -> list[str]:
    """What the files that came with a form are called; no browser lets a page fill them in again."""
    return [file.name or "" for _, files in request.FILES.lists() for file in files]


def _text(value: Any) -> str:
    return "" if value is None else str(value)
