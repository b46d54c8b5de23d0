"""The forms of a page as a browser sees them: where they are sent, their fields, what stands in them, what is said
beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from tests.access.html_pieces import tell


@dataclass
class Field:
    """A field of a form: its kind, what stands in it, its choices."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)

    @property
    def typed(self) -> bool:
        """Whether people write into it."""
        return self.kind in ("text", "textarea", "search", "date", "number", "email", "url", "tel", "month")


@dataclass
class Form:
    """A form that is sent by POST; a fragment's form as well."""

    action: str
    fields: dict[str, Field] = field(default_factory=dict)
    shown: bool = True

    @property
    def path(self) -> str:
        """Its address without what was asked for."""
        return self.action.partition("?")[0]

    def filled(self, *, last: bool = False) -> dict[str, list[str]]:
        """What a browser sends where somebody filled in every field: what stands there, the first choice (or the last),
        a word.
        """
        choice = slice(-1, None) if last else slice(1)
        given = {}
        for one in self.fields.values():
            if one.kind == "file":
                continue
            given[one.name] = one.values or one.choices[choice] or [EXAMPLES.get(one.kind, "试一试看看")]
        return given


EXAMPLES = {
    "date": "2026-12-01",
    "number": "1",
    "email": "a@example.org",
    "url": "https://example.org/",
    "month": "2026-11",
}


class _Reading:
    """Told what comes in a page, piece by piece (``tests.access.html_pieces``)."""

    def __init__(self, page: str) -> None:
        self.page, self.forms = page, list[Form]()
        self.inside: Form | None = None
        self.open: Field | None = None
        self.option: list[str] | None = None
        self.chosen = False

    def _field(self, name: str, kind: str) -> Field | None:
        return None if self.inside is None or not name else self.inside.fields.setdefault(name, Field(name, kind))

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag begins."""
        if tag == "form":
            post = "hx-post" in attributes or attributes.get("method", "get").lower() == "post"
            self.inside = Form(urljoin(self.page, attributes.get("hx-post") or attributes.get("action") or ""))
            if post:
                self.forms.append(self.inside)
        elif tag == "input" or (tag == "button" and attributes.get("name")):
            kind = attributes.get("type", "text" if tag == "input" else "submit").lower()
            one = self._field(attributes.get("name", ""), kind)
            if one is not None and kind in ("checkbox", "radio", "submit"):
                one.choices.append(attributes.get("value", "on"))
                if "checked" in attributes:
                    one.values.append(attributes.get("value", "on"))
            elif one is not None:
                one.values += [attributes["value"]] if attributes.get("value") else []
        elif tag == "select":
            self.open = self._field(attributes.get("name", ""), "select")
        elif tag == "option" and self.open is not None:
            if attributes.get("value"):
                self.open.choices.append(attributes["value"])
            if "selected" in attributes and attributes.get("value"):
                self.open.values.append(attributes["value"])
        elif tag == "textarea":
            self.open = self._field(attributes.get("name", ""), "textarea")

    def data(self, data: str) -> None:
        """A text, or a piece of one."""
        if self.open is not None and self.open.kind == "textarea":
            # The parser takes the line break after the tag, which browsers leave out, with the text.
            self.open.values = ["".join([*self.open.values, data])]

    def end(self, tag: str) -> None:
        """A tag ends."""
        if tag in ("select", "textarea"):
            self.open = None
        elif tag == "form":
            self.inside = None


def forms_of(html: str, page: str) -> list[Form]:
    """The forms of a page at this address that are sent by POST."""
    reading = _Reading(page)
    tell(html, reading)
    return reading.forms
