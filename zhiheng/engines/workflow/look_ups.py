"""Look-ups of an act (``sees``): what was asked of the ledger or of other cases at its moment, and what the answer was.

The answer is frozen into the line of the act; a replay takes it from there and asks nobody. What is out of reach of who
asks is said as such: a count of what they may read is never told as a count of everything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.grammar.chapters.workflow_pages import LookUp, OwnLength
from zhiheng.kernel.days import Period, months_later
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.text_input import one_line

# The facts and cases that an answer names; the count itself goes on.
MOST_NAMED: Final = 50


class Reached(StrEnum):
    """How far the answer of a look-up reaches."""

    WHOLE = "whole"
    # Some of it may not be read by who asked: it was not counted.
    PART = "part"
    # Nothing of it may be read: there is no answer.
    NONE = "none"
    # The party was not found in the ledger, so nothing could be asked.
    UNKNOWN = "unknown"
    # The figure could not be computed: too few facts.
    LACKING = "lacking"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a look-up: its value (None: there is none, ``reached`` says why), the facts and cases behind it
    (the latest first, at most ``MOST_NAMED``), and the day as of which it was asked.
    """

    value: Any
    on: dt.date
    reached: Reached = Reached.WHOLE
    facts: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()

    def stored(self) -> dict[str, Any]:
        """As it stands in the line."""
        found: dict[str, Any] = {"value": _plain(self.value), "on": self.on.isoformat(), "reached": self.reached.value}
        if self.facts:
            found["facts"] = list(self.facts)
        if self.cases:
            found["cases"] = list(self.cases)
        return found

    @classmethod
    def told(cls, said: Mapping[str, Any]) -> Answer:
        """The inverse of ``stored``."""
        return cls(
            said["value"],
            dt.date.fromisoformat(said["on"]),
            Reached(said["reached"]),
            tuple(said.get("facts", ())),
            tuple(said.get("cases", ())),
        )


def values_of(answers: Mapping[str, Answer]) -> dict[str, Any]:
    """Look-up -> the value of its answer: how guards, conditions and later acts take it."""
    return {name: each.value for name, each in answers.items()}


def nothing_found(look_up: LookUp) -> int | None:
    """What a look-up answers that found nothing."""
    return 0 if look_up.take == "count" and look_up.is_number and look_up.indicator is None else None


def since(look_up: LookUp, on: dt.date, time: LegalTime) -> dt.date | None:
    """The first day that a look-up reaches back to from the day of the act; None: however far. A length in working days
    or hours is taken as calendar days.
    """
    if look_up.within is None:
        return None
    if isinstance(look_up.within, OwnLength):
        length = Period(look_up.within.value, look_up.within.unit)
    else:
        key = LawKey.parse(look_up.within)
        length = time.value(look_up.within, on).period(key.row)
    if length.unit in ("month", "year"):
        return months_later(on, -length.amount * (12 if length.unit == "year" else 1))
    return on - dt.timedelta(days=length.amount)


def says_same(in_case: Any, in_fact: Any) -> bool:
    """Whether a field of a case says what a fact says: the same text, or one that begins with it (电热水壶 before its
    model), marks of case and width aside.
    """
    ours, theirs = (one_line(str(each or "")).casefold() for each in (in_case, in_fact))
    if not theirs:
        return False
    return ours == theirs or (ours.startswith(theirs) and not ours[len(theirs)].isalnum())


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, dt.date) else value
