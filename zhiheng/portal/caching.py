"""Pages of the portal are kept for one version of what is published, and for one day.

Every request asks the database for the versions of the lists (one query of a dozen rows). A page that was made for the
same versions is sent again as it is; a browser that has it already is told so. A withdrawal raises a version in its own
transaction, so the next request of anybody sees it gone: no time passes in which an old page is sent.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import cache, wraps
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import http_date, parse_etags
from django.utils.translation import get_language

from zhiheng import __version__
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.kernel.facts import canonical
from zhiheng.pages.access import book, today
from zhiheng.pages.http import PageRequest
from zhiheng.published.reading import Shelves, shelves

View = Callable[..., HttpResponse]


class ShelvesRequest(PageRequest):
    """The request of a page that is ``kept``: with the state of what is published, read once for the whole answer."""

    shelves: Shelves


# Asked again each time, answered from memory: nobody on the way may send an old page without asking.
CONTROL = "public, max-age=0, must-revalidate"
MOST_PAGES = 1000
LARGEST_PAGE = 200_000


class Kept:
    """Pages in the memory of this process, the ones used last."""

    def __init__(self, most: int = MOST_PAGES) -> None:
        self.most = most
        self._pages: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> tuple[bytes, str] | None:
        """The page (content, type) that was made for a tag."""
        with self._lock:
            found = self._pages.get(tag)
            if found is not None:
                self._pages.move_to_end(tag)
            return found

    def put(self, tag: str, content: bytes, kind: str) -> None:
        """Keep a page, and forget the one that nobody has asked for longest."""
        if len(content) > LARGEST_PAGE:
            return
        with self._lock:
            self._pages[tag] = (content, kind)
            while len(self._pages) > self.most:
                self._pages.popitem(last=False)

    def forget(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._pages.clear()


PAGES = Kept()


@cache
def _edition(_root: str) -> str:
    """What besides the entries decides how a page looks: the program, and what the book says to the public."""
    chapter = book()[PUBLICATION]
    said = canonical([chapter.portal.model_dump(mode="json"), chapter.law.digest()]) if chapter else ""
    return hashlib.sha256(f"{__version__}\n{said}".encode()).hexdigest()[:16]


def tag_of(request: PageRequest, state: Shelves) -> str:
    """A name for the page as this reader would see it now: address, language, theme, day, version of what is
    published.
    """
    seen = (
        _edition(str(book().root)),
        request.get_full_path(),
        get_language() or "",
        request.COOKIES.get(settings.THEME_COOKIE_NAME, ""),
        request.get_host(),
        today().isoformat(),
        state.version,
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def kept(view: View) -> View:
    """The view's page is kept and answers conditional requests; ``request.shelves`` is the state of all lists.

    Only pages of visitors without an account are kept: others show a name on top.
    """

    @wraps(view)
    def wrapped(request: ShelvesRequest, *args: Any, **words: Any) -> HttpResponse:
        state = shelves()
        request.shelves = state
        if request.method not in ("GET", "HEAD") or request.actor.kind != "public":
            response = view(request, *args, **words)
            response.headers["Cache-Control"] = "private, no-store"
            return response
        tag = tag_of(request, state)
        if f'"{tag}"' in parse_etags(request.headers.get("If-None-Match", "")):
            return _marked(HttpResponseNotModified(), tag, state)
        if (found := PAGES.get(tag)) is not None:
            return _marked(HttpResponse(found[0], content_type=found[1]), tag, state)
        response = view(request, *args, **words)
        if response.status_code != 200 or response.streaming or response.cookies:
            response.headers.setdefault("Cache-Control", "no-cache")
            return response
        PAGES.put(tag, response.content, response.headers["Content-Type"])
        return _marked(response, tag, state)

    return wrapped


def _marked(response: HttpResponse, tag: str, state: Shelves) -> HttpResponse:
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = CONTROL
    # Copies in search engines would outlive a withdrawal.
    response.headers["X-Robots-Tag"] = "noarchive"
    if state.changed_at is not None:
        response.headers["Last-Modified"] = http_date(state.changed_at.timestamp())
    return response
