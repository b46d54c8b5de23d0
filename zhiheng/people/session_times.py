"""How long the session of an account lasts: until nothing was asked for a while, and a working day at the most.

A session keeps when it began and when it was last used; the last is written every few minutes, since each writing is
one of the database. Sessions from before these were kept begin with their next use.
"""

from __future__ import annotations

import enum
from collections.abc import MutableMapping
from typing import Any, Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

# Seconds after which another use is written down.
WRITTEN_EVERY: Final = 300
_BEGUN, _USED = "begun", "used"


@enum.unique
class Over(enum.StrEnum):
    """Why a session is over."""

    IDLE = "idle"
    LONG = "long"


def begin(session: SessionBase | MutableMapping[str, Any], now: float) -> None:
    """A person signed in. ``now``: seconds since 1970."""
    session[_BEGUN] = session[_USED] = int(now)


def use(session: SessionBase | MutableMapping[str, Any], now: float) -> Over | None:
    """Note that the session is used; why it is over instead, where it is."""
    begun, used = session.get(_BEGUN), session.get(_USED)
    if begun is None or used is None:
        begin(session, now)
        return None
    if now - begun > settings.SESSION_COOKIE_AGE:
        return Over.LONG
    if settings.SESSION_IDLE and now - used > settings.SESSION_IDLE:
        return Over.IDLE
    if now - used > min(WRITTEN_EVERY, settings.SESSION_IDLE / 2 or WRITTEN_EVERY):
        session[_USED] = int(now)
    return None
