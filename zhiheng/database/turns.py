"""Whose turn it is: a lock that is given in the order in which it was asked for.

``threading.Lock`` promises no order, and SQLite none either: a writer that finds the database locked sleeps and tries
again, and of eight threads that write all the time one may come too late so often that its page gives up.
"""

from __future__ import annotations

import threading
from collections import deque


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
