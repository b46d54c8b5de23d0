"""Who comes with a key, and how often anybody may come."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from typing import Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from zhiheng.api.answers import take_body
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.pages.access import call_at, call_by, now
from zhiheng.pages.http import PageRequest
from zhiheng.people import access, adapters
from zhiheng.people.tokens import actor_of_key


class ProgramRequest(HttpRequest):
    """A request of an operation that asks for a key: with who came with it."""

    auth: Actor


def call_of(request: ProgramRequest) -> Call:
    """What a program's request asks with."""
    return call_by(request.auth)


class Key(HttpBearer):
    """``Authorization: Bearer zhiheng_...``; the roles of the token say the rest."""

    def __init__(self, act: str) -> None:
        super().__init__()
        self.act = act

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Who comes with the key, if its role has the act anywhere at all; raises Refused, also where something is to
        be written under the day of a clock that has jumped: no operation has to ask for itself.
        """
        found = actor_of_key(token, now())
        if isinstance(found, Refusal):
            raise Refused(found)
        access.require_somewhere(call_at(request, found), self.act)
        # Our own pages ask for the actor here.
        cast(PageRequest, request).actor = found
        take_body(request)
        return found


class PerMinute(BaseThrottle, ABC):
    """At most so many requests in any minute from one caller, counted in the memory of this process.

    A count in the database would make every read of open data a write. Each caller may so come ``most`` times at every
    web process: with ``zhiheng serve --web 4`` up to four times as often, never less often than promised.
    """

    SECONDS = 60.0
    # Callers that are remembered; those who have not come for a minute are forgotten first.
    CALLERS = 20_000

    def __init__(self, most: int) -> None:
        self.num_requests = most
        self._taken: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        # Several threads ask one throttle, and each asks afterwards how long it has to wait.
        self._waits = threading.local()

    def clock(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    @abstractmethod
    def caller(self, request: HttpRequest) -> str | None:
        """Who is counted; None where nobody is."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the request, unless there were too many; what is refused does not count."""
        caller = self.caller(request)
        if caller is None:
            return True
        at = self.clock()
        with self._lock:
            taken = self._taken.setdefault(caller, deque())
            while taken and taken[0] <= at - self.SECONDS:
                taken.popleft()
            allowed = len(taken) < self.num_requests
            if allowed:
                taken.append(at)
                if len(self._taken) > self.CALLERS:
                    self._forget(at)
            else:
                self._waits.seconds = taken[0] + self.SECONDS - at
        return allowed

    def _forget(self, at: float) -> None:
        self._taken = {who: taken for who, taken in self._taken.items() if taken and taken[-1] > at - self.SECONDS}
        if len(self._taken) > self.CALLERS:
            # A flood of addresses: the counts begin anew rather than grow without end.
            self._taken.clear()

    def wait(self) -> float | None:
        """Seconds until it may be tried again."""
        seconds: float | None = getattr(self._waits, "seconds", None)
        return seconds

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._taken.clear()


class Strangers(PerMinute):
    """Everybody without a key, by their address: the one that the proxies of this installation vouch for
    (ZHIHENG_PROXIES).
    """

    def __init__(self) -> None:
        super().__init__(120)

    def caller(self, request: HttpRequest) -> str | None:
        """One count per address."""
        return adapters.address_of(request) if getattr(request, "auth", None) is None else None


class Programs(PerMinute):
    """Each token by itself."""

    def __init__(self) -> None:
        super().__init__(1200)

    def caller(self, request: HttpRequest) -> str | None:
        """One count per token."""
        who: Any = getattr(request, "auth", None)
        return who.id if isinstance(who, Actor) else None
