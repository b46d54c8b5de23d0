"""What was typed into a form whose session had ended: kept for the person who typed it, and put back after the log-in.

Only a form that was made for a certain account (``{% once %}``) is kept, and only that account gets it back: neither a
stranger nor the next person at the same desk can. A form of a page that is open to all is made for nobody, and so is
never kept: else everybody could fill the table of sessions. Passwords and files are never kept. It works without a
script: the page that the form stood on is asked again, and the values are written into its fields on the way out.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import escape

from zhiheng.kernel.actor import PUBLIC
from zhiheng.pages.forms import EDITION, TOKEN, file_names, made
from zhiheng.pages.http import PageRequest
from zhiheng.people import adapters

KEY = "kept"
LIVES = 4 * 3600
MOST_FORMS = 5
MOST_CHARACTERS = 200_000
# The password once more, and the code on paper, are as secret as a password.
NEVER = {TOKEN, EDITION, "csrfmiddlewaretoken", "credential", "again", "code"}
SECRET_WORDS = ("password", "passphrase", "secret", "otp")

Values = dict[str, list[str]]


def keep(request: PageRequest, why: str = "session") -> str:
    """Keep what was typed; the address of the form with what brings it back, or '' where nothing may be kept."""
    form = made(request)
    if form is None or form.actor == PUBLIC.id:
        return ""
    if request.actor.kind != "public" and request.actor.id != form.actor:
        return ""
    values = {
        name: texts
        for name, texts in request.POST.lists()
        if name not in NEVER and not any(word in name.lower() for word in SECRET_WORDS)
    }
    if sum(len(text) for texts in values.values() for text in texts) > MOST_CHARACTERS:
        return ""
    if request.actor.kind == "public" and not adapters.may_keep_form(request, form.number):
        return ""
    now = time.time()
    forms = {key: one for key, one in request.session.get(KEY, {}).items() if one["at"] > now - LIVES}
    while len(forms) >= MOST_FORMS:
        del forms[min(forms, key=lambda key: forms[key]["at"])]
    key = secrets.token_urlsafe(9)
    forms[key] = {
        "at": now,
        "actor": form.actor,
        "action": request.get_full_path(),
        "values": values,
        "files": file_names(request),
        "why": why,
    }
    request.session[KEY] = forms
    return _with(form.page, key)


def _without(address: str) -> str:
    """The address without the word that brings a form back."""
    parts = urlsplit(address)
    query = [part for part in parts.query.split("&") if part and not part.startswith(f"{KEY}=")]
    return parts._replace(query="&".join(query)).geturl()


def _with(page: str, key: str) -> str:
    parts = urlsplit(_without(page))
    return parts._replace(query="&".join([*filter(None, [parts.query]), urlencode({KEY: key})])).geturl()


def brought_back(request: PageRequest) -> dict[str, Any] | None:
    """The kept form that the address asks for, where it is this person's."""
    key = request.GET.get(KEY, "")
    one = request.session.get(KEY, {}).get(key) if key and request.method == "GET" else None
    return one if one and one["actor"] == request.actor.id and one["at"] > time.time() - LIVES else None


def forget(request: PageRequest) -> None:
    """Called when a form was accepted: what had been kept of it is no longer needed."""
    form = made(request)
    kept = request.session.get(KEY) if form and f"{KEY}=" in form.page else None
    if form and kept:
        key = form.page.partition(f"{KEY}=")[2].partition("&")[0]
        if kept.pop(key, None):
            request.session[KEY] = kept


def refill(request: PageRequest, response: HttpResponseBase, one: dict[str, Any]) -> HttpResponseBase:
    """The page with the values back in their fields."""
    if (
        response.status_code == 200
        and isinstance(response, HttpResponse)
        and response.headers.get("Content-Type", "").startswith("text/html")
    ):
        text = response.content.decode(response.charset)
        response.content = filled(text, page=request.get_full_path(), action=one["action"], values=one["values"])
    return response


def filled(html: str, *, page: str, action: str, values: Values) -> str:
    """The markup with the values written into the form that is sent to ``action``; without such a form, as it was."""
    # A form without an action is sent to the page's own address, which now says which form is brought back.
    reading = _Forms(html, _without(page))
    forms = [form for form in reading.forms if form["action"] == _without(action) and form["method"] == "post"]
    if not forms:
        return html
    best = max(forms, key=lambda form: sum(name in values for name in form["names"]))
    text = html
    # From the end to the beginning, so that the places of what comes before stay right.
    for start, end, new in sorted(_edits(best, values), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _edits(form: dict[str, Any], values: Values) -> Iterable[tuple[int, int, str]]:
    yield form["start"], form["end"], _tag("form", form["attributes"] | {"data-filled": None})
    for field in form["fields"]:
        given, attributes = values.get(field["name"]), dict(field["attributes"])
        if field["kind"] in ("checkbox", "radio"):
            attributes.pop("checked", None)
            if given and attributes.get("value", "on") in given:
                attributes["checked"] = None
        elif field["kind"] == "option":
            attributes.pop("selected", None)
            if given and (attributes["value"] if "value" in attributes else field["text"]) in given:
                attributes["selected"] = None
        elif given is None:
            continue
        elif field["kind"] == "textarea":
            yield field["start"], field["end"], escape(given[0])
            continue
        else:
            attributes["value"] = given[0]
        tag = "option" if field["kind"] == "option" else "input"
        yield field["start"], field["end"], _tag(tag, attributes)


def _tag(name: str, attributes: dict[str, str | None]) -> str:
    return (
        f"<{name}" + "".join(f" {key}" if v is None else f' {key}="{escape(v)}"' for key, v in attributes.items()) + ">"
    )


class _Forms(HTMLParser):
    """Where the forms of a page and their fields stand in its text."""

    def __init__(self, html: str, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, Any]] = []
        self._page = page
        self._inside: dict[str, Any] | None = None
        self._select = ""
        self._open: dict[str, Any] | None = None
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(html)

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start, attributes = self._here(), dict(attrs)
        end = start + len(self.get_starttag_text() or "")
        if tag == "form":
            action = urljoin(self._page, attributes.get("action") or attributes.get("hx-post") or "")
            method = "post" if "hx-post" in attributes else (attributes.get("method") or "get").lower()
            self._inside = {
                "start": start,
                "end": end,
                "attributes": attributes,
                "fields": [],
                "names": set(),
                "action": action,
                "method": method,
            }
            self.forms.append(self._inside)
        if self._inside is None:
            return
        name = attributes.get("name") or ""
        if tag == "select":
            self._select = name
        kind = (attributes.get("type") or "text").lower() if tag == "input" else tag
        field = {"kind": kind, "name": name, "attributes": attributes, "start": start, "end": end, "text": ""}
        if (
            tag == "input" and name and kind not in ("hidden", "password", "file", "submit", "button", "image", "reset")
        ) or tag == "option":
            field["name"] = name or self._select
            self._inside["fields"].append(field)
            if tag == "option":
                self._open = field
        elif tag == "textarea" and name:
            field["start"] = end
            self._open = field
        if field["name"]:
            self._inside["names"].add(field["name"])

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._open["kind"] == "option":
            self._open["text"] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if self._inside is None:
            return
        if tag == "textarea" and self._open is not None and self._open["kind"] == "textarea":
            self._open["end"] = self._here()
            self._inside["fields"].append(self._open)
        if tag in ("textarea", "option"):
            self._open = None
        if tag == "select":
            self._select = ""
        if tag == "form":
            self._inside = None
