"""Where somebody begins after signing in: at the first room that they may enter. Only this room knows all the doors."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from zhiheng.kernel.reasons import Refused
from zhiheng.pages.doors import book, today
from zhiheng.pages.navigation import GROUPS
from zhiheng.people import access, adapters
from zhiheng.people.actors import actor_of


class Accounts(adapters.Accounts):
    """The framework's sign-in, with the rooms of this house."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """An officer's first area of the desk (an auditor has no cockpit); the corner of an enterprise; the portal for others."""
        home = super().get_login_redirect_url(request)
        if getattr(request.user, "kind", "") != "officer":
            return home
        actor = actor_of(request.user)
        for area in (area for group in GROUPS for area in group):
            try:
                access.require_somewhere(actor, area.act, book=book(), today=today())
                return reverse(area.route)
            except (NoReverseMatch, Refused):
                continue
        try:
            return reverse("desk:me")
        except NoReverseMatch:
            # An installation that serves no desk.
            return home
