"""What an address can be asked for: the names that its code really reads, and the ways that pages lead to it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.http import QueryDict

from tests.access.html_pieces import tell

# Attributes that hold an address: a browser or the pages' own scripts go there.
_LEADS = ("href", "src", "action", "hx-get")
_READ = re.compile(r"""GET(?:\.get|\.getlist)?[(\[]\s*["']([\w.-]+)["']""")


@contextmanager
def reading() -> Iterator[set[str]]:
    """The names that are looked up in any query while this lasts."""
    read: set[str] = set()

    def noting(method: str) -> Callable[..., Any]:
        plain = getattr(QueryDict, method)

        def noted(self: QueryDict, key: Any, *words: Any, **more: Any) -> Any:
            if isinstance(key, str):
                read.add(key)
            return plain(self, key, *words, **more)

        return noted

    with (
        patch.object(QueryDict, "__getitem__", noting("__getitem__")),
        patch.object(QueryDict, "__contains__", noting("__contains__")),
        patch.object(QueryDict, "get", noting("get")),
        patch.object(QueryDict, "getlist", noting("getlist")),
    ):
        yield read


def named_in(view: Callable[..., Any]) -> set[str]:
    """The names that a view spells out: also those that it reads only now and then."""
    return set(_READ.findall(inspect.getsource(inspect.unwrap(view))))


class _Ways:
    """Told what comes in a page, piece by piece (``tests.access.html_pieces``)."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.ways: list[tuple[str, str, str]] = []
        self.onward: list[str] = []
        self._form = ""
        self._select = ""

    def _lead(self, address: str) -> None:
        parts = urlsplit(urljoin(self.page, address))
        if parts.netloc in ("", "testserver") and parts.scheme in ("", "http"):
            self.ways += [(parts.path, name, value) for name, value in parse_qsl(parts.query, True) or [("", "")]]

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """A tag begins."""
        for name in _LEADS:
            if name in given and not (tag == "form" and given.get("method", "get").lower() == "post"):
                self._lead(given[name])
        if tag == "form":
            own = given.get("hx-get") or given.get("action") or self.page
            self._form = (
                "" if given.get("method", "get").lower() == "post" or "hx-post" in given else urljoin(self.page, own)
            )
        if given.get("rel") == "next" and "href" in given:
            self.onward.append(given["href"])
        if self._form and tag in ("input", "button") and given.get("name"):
            self.ways.append((urlsplit(self._form).path, given["name"], given.get("value", "")))
        elif self._form and tag == "select":
            self._select = given.get("name", "")
        elif self._form and self._select and tag == "option" and given.get("value"):
            self.ways.append((urlsplit(self._form).path, self._select, given["value"]))

    def data(self, data: str) -> None:
        """A text says nothing of where a page leads."""

    def end(self, tag: str) -> None:
        """A tag ends."""
        if tag == "form":
            self._form = ""
        elif tag == "select":
            self._select = ""


def ways_of(html: str, page: str) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Where a page leads: (path, name, value) of every link and of every form that asks; and the links to the next page
    of a list.
    """
    found = _Ways(page)
    tell(html, found)
    return found.ways, found.onward
