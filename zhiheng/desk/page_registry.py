"""Pages of the desk that say where they are written at which address they stand, and which tab leads there.

``@page(...)`` stands above ``@door(...)``: a page is one function and its template. ``addresses`` gives the patterns of
all pages of a folder; ``tabs_of`` the row of tabs of a group, as far as the reader may open what they lead to.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from django.urls import URLPattern, path, reverse

from zhiheng.pages.access import View
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import say


def _to_everybody(request: PageRequest) -> bool:
    return True


@dataclass(frozen=True)
class PageTab:
    """A tab that leads to a page: in the row of which ``group``, at which ``place`` (the lowest first), under which
    ``key`` its template calls itself, and what it is called. ``shown``: to whom, where not to everybody who sees the
    row.
    """

    group: str
    place: int
    key: str
    zh: str
    en: str
    shown: Callable[[PageRequest], bool] = _to_everybody


@dataclass(frozen=True)
class DeskPage:
    """A registered page: its address below the desk's, its name for ``reverse``, its view, its tab if it has one."""

    address: str
    name: str
    view: View
    tab: PageTab | None


_PAGES: dict[str, DeskPage] = {}


def page(address: str, name: str, *, tab: PageTab | None = None) -> Callable[[View], View]:
    """The view stands at an address of the desk; several may be given, one above the other.

    Raises ValueError for a name that is taken, and for a view without a door: nobody would be asked for.
    """

    def register(view: View) -> View:
        if name in _PAGES:
            raise ValueError(f"there is a page {name!r} already: {_PAGES[name].address}")
        if not hasattr(view, "act"):
            raise ValueError(f"the page {name!r} has no door: put @door below @page")
        _PAGES[name] = DeskPage(address, name, view, tab)
        return view

    return register


def addresses(folder: ModuleType) -> list[URLPattern]:
    """The patterns of the pages that the modules of a folder register."""
    modules = {f"{folder.__name__}.{each.name}" for each in pkgutil.iter_modules(folder.__path__)}
    for module in sorted(modules):
        import_module(module)
    return [path(each.address, each.view, name=each.name) for each in _PAGES.values() if _home_of(each.view) in modules]


def _home_of(view: Any) -> str:
    return str(view.__module__)


def tabs_of(request: PageRequest, group: str) -> list[dict[str, str]]:
    """The tabs of a row, in their order: key, address, word."""
    found = [(each.name, each.tab) for each in _PAGES.values() if each.tab is not None and each.tab.group == group]
    return [
        {"key": tab.key, "url": reverse(f"desk:{name}"), "label": say(tab.zh, tab.en)}
        for name, tab in sorted(found, key=lambda one: one[1].place)
        if tab.shown(request)
    ]
