"""Whose turn it is: a lock that is given in the order in which it was asked for, and pauses in which other processes
come to theirs.

``threading.Lock`` promises no order, and SQLite none either: a writer that finds the database locked sleeps and tries
again, and of eight threads that write all the time one may come too late so often that its page gives up.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from django.db import connections

# A process that finds SQLite locked looks again after a tenth of a second: twice that lets one in where all are busy.
PAUSE: Final = 0.2
# So long is written without a pause.
BUSY: Final = 0.5


class Turns:
    """One holds it at a time; the others wait in line."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    def take(self, seconds: float) -> bool:
        """Wait for one's turn; False where it did not come within so many seconds."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(seconds):
            return True
        with self._guard:
            # It may have come between the end of the wait and here.
            if mine.is_set():
                return True
            self._waiting.remove(mine)
            return False

    def give(self) -> None:
        """Hand it to who has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


class WritePauses:
    """WritePauses of background work that writes one short transaction after the other.

    Between two of them SQLite is free for an instant only, in which none of those who wait is looking: to the pages of
    a site the database is locked until the whole work has ended. To be called between transactions, in none.
    PostgreSQL hands its locks on in order and needs none of this.
    """

    def __init__(
        self, alias: str, *, clock: Callable[[], float] = time.monotonic, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._needed = connections[alias].vendor == "sqlite"
        self._clock, self._wait = clock, wait
        self._since = clock()

    def between(self) -> None:
        """Pause where there was none for long enough."""
        if self._needed and self._clock() - self._since >= BUSY:
            self._wait(PAUSE)
            self._since = self._clock()
