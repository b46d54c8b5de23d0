"""What a reminder is about: a duty, and where duties of a kind are found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Label


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that a unit has to do by a day.

    Attributes:
        key: which duty it is, always the same: ``owed:<unit>:<due day>``.
        unit: whose it is, by its id in the book.
        due: its last day.
        hands: the numbers of the accounts that have to do it.
        words: what the blanks of the texts are filled with (``BLANKS`` of the chapter, without ``days``); neither a
            person nor an enterprise is named.
        due_at: the moment, where it is due at one; ``due`` is its day.
        hands_only: nobody but the hands is told, on whatever rung.
    """

    key: str
    unit: str
    due: dt.date
    hands: tuple[int, ...]
    words: Mapping[str, Label]
    hands_only: bool = False
    due_at: dt.datetime | None = None


class DutySource(Protocol):
    """Where duties of a kind are found. ``call`` is that of the system: who is told what is said by the ladder."""

    def due_between(self, first: dt.date, last: dt.date, call: Call) -> Iterable[Duty]:
        """The open duties that are due between two days, both included."""

    def named(self, duties: Collection[tuple[str, dt.date]], call: Call) -> Iterable[Duty]:
        """Those of some (key, due day) that are still open, as they stand now."""
