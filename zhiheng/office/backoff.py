"""How long to wait before something that another system did not take is tried again: one rule for web hooks and
messages.
"""

from __future__ import annotations

import datetime as dt

# Minutes until the next attempt: six tries within about a day.
WAITS = (1, 5, 30, 180, 1_200)


def next_try(attempts: int, now: dt.datetime) -> dt.datetime | None:
    """When to try again after so many attempts (1, 2 …) that failed; None: no more."""
    return now + dt.timedelta(minutes=WAITS[attempts - 1]) if attempts <= len(WAITS) else None
