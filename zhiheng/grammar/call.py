"""Who asks, by which book, and when: what every action and every query is given, in one value."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zhiheng.kernel.actor import Actor

if TYPE_CHECKING:
    # A page of help makes no call, and should not wait for the grammar.
    from zhiheng.grammar.book import Book


@dataclass(frozen=True, slots=True)
class Call:
    """The asker, the book in force and the moment, which is an aware one in the place's own time.

    The moment is a value and is never asked of the clock further in: a call can be replayed, and everything that it
    does happens at one time.
    """

    actor: Actor
    book: Book
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The day of the place on which the call is made."""
        return self.now.date()

    def by(self, actor: Actor) -> Call:
        """The same call made by another actor."""
        return replace(self, actor=actor)
