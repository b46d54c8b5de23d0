"""Who comes with a key, and how often anybody may come."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.throttling import AnonRateThrottle, SimpleRateThrottle

from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.pages.doors import book, now, today
from zhiheng.people import access
from zhiheng.people.tokens import actor_of_key


class Key(HttpBearer):
    """``Authorization: Bearer zhiheng_...``; the roles of the token say the rest."""

    def __init__(self, act: str) -> None:
        super().__init__()
        self.act = act

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Who comes with the key, if its role has the act anywhere at all; raises Refused."""
        found = actor_of_key(token, now())
        if isinstance(found, Refusal):
            raise Refused(found)
        access.require_somewhere(found, self.act, book=book(), today=today())
        request.actor = found  # type: ignore[attr-defined]
        return found


class Strangers(AnonRateThrottle):
    """Everybody without a key, by their address."""

    scope = "public"

    def __init__(self) -> None:
        super().__init__("120/m")


class Programs(SimpleRateThrottle):
    """Each token by itself."""

    scope = "program"

    def __init__(self) -> None:
        super().__init__("1200/m")

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """One count per token."""
        who: Any = getattr(request, "auth", None)
        return f"throttle_program_{who.id}" if isinstance(who, Actor) else None
