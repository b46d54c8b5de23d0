"""What an early warning found: a signal (预警线索), which an officer confirms or dismisses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from zhiheng.grammar.chapters.early_warning import Levels, WarningLevel


@dataclass(frozen=True)
class FoundSignal:
    """One signal, with all numbers that explain it.

    Attributes:
        warning: name of the page of the book.
        key: group -> value: which series, thing, enterprise or unit it is about.
        area: code of the area where it counts.
        first, last: the days that it speaks of.
        level: the colour that its number reaches.
        observed: what was counted; days left for what expires, days late for who is silent.
        expected, bound, score: what the past let expect, from what on it is unusual, and how far beyond (1: at the
            bound); None where no statistics are behind it.
        p_value: probability of so much or more where nothing is wrong; None where the method gives none.
        facts: how many facts are behind it.
        fact: the one fact it rests on, where it is one.
        subject: the enterprise it is about, where it is about one.
        method: which statistical method with which settings spoke.
        fallback: the method could not judge (a past of nothing but zeros), a simpler one did.
        complete: share of such facts that is usually known by now; less than 1 while reports are still to come.
        kept: False where it falls under the share of false alarms that is allowed over all series together.
    """

    warning: str
    key: Mapping[str, str]
    area: str
    first: dt.date
    last: dt.date
    level: WarningLevel
    observed: float
    expected: float | None = None
    bound: float | None = None
    score: float | None = None
    p_value: float | None = None
    facts: int = 0
    subject: int | None = None
    method: str = ""
    fallback: bool = False
    complete: float = 1.0
    kept: bool = True
    fact: int | None = None


def level_of(levels: Levels, value: float, *, falling: bool = False) -> WarningLevel | None:
    """The highest level that a number reaches; None where it reaches none. ``falling``: the fewer the worse."""
    reached = [level for level, bound in levels.items() if (value <= bound if falling else value >= bound)]
    return max(reached, key=lambda level: level.rank, default=None)
