"""Has the clock of the machine jumped? The last moment at which it was seen stands in a file of the data folder.

What is learned, what falls due and what is taken down goes by the day of the machine. A clock that was set back would
let deliveries be learned before those that were there already, one that was set forward would end periods and take
entries down for good. So after a jump nothing is written under the new day until a person has said that it is right.
A machine that was switched off for a few days is no jump.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import orjson
from django.conf import settings

from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.whole_file import replace_whole
from zhiheng.office import refusals

# A clock that is put right by the network moves by seconds; holidays with the machine switched off last some days.
BACK: Final = dt.timedelta(minutes=10)
FORWARD: Final = dt.timedelta(days=14)
# Noted again only after so long: a command or an act of the worker writes no file each time.
_EVERY: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Jump:
    """From which moment, seen last, to which one the clock has jumped."""

    last: dt.datetime
    now: dt.datetime

    @property
    def back(self) -> bool:
        """Whether it was set back."""
        return self.now < self.last


def last_seen() -> dt.datetime | None:
    """The latest moment that was seen; None where none was noted or the note can't be read."""
    try:
        return dt.datetime.fromisoformat(orjson.loads(inside(settings.DATA, "clock.json").read_bytes())["seen"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def jump(now: dt.datetime) -> Jump | None:
    """The jump that has led to this moment, where it is one."""
    return _jump(last_seen(), now)


def _jump(last: dt.datetime | None, now: dt.datetime) -> Jump | None:
    if last is None or last - BACK <= now <= last + FORWARD:
        return None
    return Jump(last, now)


def require_steady(now: dt.datetime) -> None:
    """Raise Refused where the clock has jumped and nobody has accepted it."""
    if (found := jump(now)) is not None:
        raise Refused(refusals.clock_jumped(found.last, found.now))


def note(now: dt.datetime) -> bool:
    """Note this moment where the clock is steady; False where it has jumped. The note never goes back by itself."""
    return _noted(now) is None


def require_steady_and_note(now: dt.datetime) -> None:
    """Raise Refused where the clock has jumped and nobody has accepted it; else note this moment. The note is read
    once.
    """
    if (found := _noted(now)) is not None:
        raise Refused(refusals.clock_jumped(found.last, found.now))


def _noted(now: dt.datetime) -> Jump | None:
    """The jump that has led to this moment; without one the moment is noted."""
    last = last_seen()
    if (found := _jump(last, now)) is None and (last is None or now >= last + _EVERY):
        set_to(now)
    return found


def set_to(now: dt.datetime) -> None:
    """Note this moment, whatever stood there before: a person has said that it is right."""
    replace_whole(inside(settings.DATA, "clock.json"), orjson.dumps({"seen": now.isoformat()}))
