"""What every template knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django_htmx.middleware import HtmxDetails

from zhiheng.pages import form_recovery
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import rail
from zhiheng.pages.words import chinese

THEMES = ("light", "dark")


def page(request: PageRequest) -> dict[str, Any]:
    """Who acts, the language and the theme of the page, and in which frame the content of a side sheet stands."""
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    in_sheet = htmx is not None and bool(htmx) and htmx.target == "sheet" and not htmx.history_restore_request
    door = request.resolver_match.namespace if request.resolver_match else ""
    return {
        "actor": getattr(request, "actor", None),
        "chinese": chinese(),
        "theme": theme if theme in THEMES else "",
        "in_sheet": in_sheet,
        "sheet_base": "pages/sheet_part.html"
        if in_sheet
        else "pages/sheet_firm.html"
        if door == "firm"
        else "pages/sheet_page.html",
        "rail_groups": lambda: rail(request),
        "here_again": _here_again(request),
    }


def _here_again(request: PageRequest) -> Callable[[], str]:
    """Where a switch of language or look leads back to: this page; a form that was sent and not accepted comes back as
    it was typed.
    """

    @cache
    def address() -> str:
        return (form_recovery.keep(request, "switch") if request.method == "POST" else "") or request.get_full_path()

    return address
