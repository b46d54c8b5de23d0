"""The law and the calendar as cases ask them: values of a day, how last days roll, when a period ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from zhiheng.grammar.chapters.workflow_pages import POLICIES
from zhiheng.grammar.types import Label
from zhiheng.kernel import deadlines
from zhiheng.kernel.days import Calendar, Due, Period, Suspension
from zhiheng.kernel.deadlines import Extension, Purpose
from zhiheng.kernel.law import Law, LawKey, Parameter
from zhiheng.kernel.reasons import Refused

_MOST_ENDS: Final = 1 << 16


class LegalTime:
    """Law and calendar, each question answered once."""

    def __init__(
        self,
        law: Law,
        calendar: Calendar,
        *,
        policy: str = "",
        words: Callable[[str], Mapping[str, Label]] = lambda _topic: {},
    ) -> None:
        """``policy`` stands instead of what the book says of running periods (to try one). ``words``: what the words
        among the values of a topic are called; without it they are called by themselves.
        """
        self.law, self.calendar, self._policy = law, calendar, policy
        self._words = lru_cache(1 << 8)(words)
        self.at = lru_cache(1 << 14)(self._at)
        self.policy = lru_cache(1 << 10)(self._policy_on)
        self.changes = lru_cache(1 << 14)(self._changes)
        # (start, amount, unit, parameter, purpose) -> end. A parameter is one object as long as the law lives.
        self._ends: dict[tuple[dt.date, int, str, int, Purpose], Due] = {}

    def value(self, name: str, day: dt.date) -> Parameter:
        """The parameter ``topic.parameter`` (a row after it is not looked at) of a day. Raises Refused where the book
        has none.
        """
        return self.law.of(LawKey.parse(name), day)

    def word(self, name: str, value: object) -> Label:
        """What a word among the values of ``topic.parameter`` is called."""
        word = str(value)
        return self._words(LawKey.parse(name).topic).get(word) or Label(zh=word, en=word)

    def end(
        self,
        start: dt.date,
        period: Period,
        by: Parameter | None,
        suspended: Sequence[Suspension] = (),
        purpose: Purpose = "act",
    ) -> Due:
        """When a period ends that began on a day, or at a moment; ``by`` is the parameter that gives it, None where a
        district does. ``purpose``: what it is for, which says whether a last day on a holiday moves on.
        """
        key = (start, period.amount, period.unit, id(by), purpose)
        if suspended or key not in self._ends:
            found = deadlines.ends(self.law, self.calendar, start, period, by=by, purpose=purpose, suspended=suspended)
            if suspended:
                return found
            if len(self._ends) >= _MOST_ENDS:
                self._ends.clear()
            self._ends[key] = found
        return self._ends[key]

    def extended(
        self, before: Due, extension: Extension, suspended: Sequence[Suspension] = (), purpose: Purpose = "act"
    ) -> Due:
        """The end of a period once it is extended."""
        return deadlines.extended(before, extension, lambda on, more, by: self.end(on, more, by, suspended, purpose))

    def _at(self, key: LawKey, day: dt.date) -> Parameter | None:
        """The value of a day; None where the rule was repealed without a successor, or did not exist yet. A gap in the
        book is refused.
        """
        try:
            return self.law.of(key, day)
        except Refused as refused:
            if refused.refusals[0].code in ("law.repealed", "law.not_yet"):
                return None
            raise

    def _policy_on(self, name: str | None, day: dt.date) -> str:
        if self._policy:
            return self._policy
        return str(self.value(name, day).value) if name else POLICIES[0]

    def _changes(self, key: LawKey, day: dt.date) -> tuple[Parameter, ...]:
        """Later values that say another thing; a new text with the same period changes nothing."""
        now = self.law.of(key, day)
        return tuple(
            value
            for value in self.law.values(key.topic, key.parameter)
            if (value.begins or value.since) > day and (value.value, value.unit) != (now.value, now.unit)
        )


def day_of(on: dt.date) -> dt.date:
    """The day of a day or a moment."""
    return on.date() if isinstance(on, dt.datetime) else on


def moment_of(on: dt.date) -> dt.datetime:
    """A moment, or the first moment of a day."""
    return on if isinstance(on, dt.datetime) else dt.datetime.combine(on, dt.time())
