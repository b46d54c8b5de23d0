"""Statutory deadlines: a period of the law, from a day, by the calendar, with the rule on last days.

Whether a last day on a holiday moves on is said by some texts and not by others. Where the text of the period says it
(``last_day_rolls`` of its topic, under the same text), it is the law of that day; where it is silent, it is what the
district has set (``district_rules.last_day_rolls``). A display requires no act in time: its last day follows
``district_rules.display_last_day_rolls``. Nor does the end of a limit (how long a measure against a party may last, or
what danger leaves no holiday to): it follows ``district_rules.limit_last_day_rolls``. What has to be done at once (no
days at all) never moves. This is the one place that decides it.

All deadlines come from here: ``deadline`` by a key of the law, ``own_deadline`` for a period that the district has set
itself, ``ends`` and ``extended`` where the period is already at hand (workflows, which keep what they have counted).
The result says whether the day may still move, and how it was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

from zhiheng.kernel import refusals
from zhiheng.kernel.days import ROLLS, Calendar, Due, Left, Period, Rolls, Sentence, Suspension, Unit, due, left
from zhiheng.kernel.law import Law, LawKey, Parameter
from zhiheng.kernel.reasons import Refused

DISTRICT: Final = "district_rules"
RULE: Final = "last_day_rolls"
DISPLAY_RULE: Final = "display_last_day_rolls"
LIMIT_RULE: Final = "limit_last_day_rolls"
Purpose = Literal["act", "display", "limit"]

RULES: Final[Mapping[Purpose, str]] = {"act": RULE, "display": DISPLAY_RULE, "limit": LIMIT_RULE}


@dataclass(frozen=True, slots=True)
class Extension:
    """More time that was granted: a further period (``by``: the parameter that allows it), or a new last day."""

    more: Period | date
    by: Parameter | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when something must be done, how long that is, by what rule, and how it was counted.

    ``by`` is the parameter of the law that gives the period; None where the district has set it. ``cited`` names the
    rule in both languages.
    """

    due: Due
    period: Period
    cited: Sentence
    by: Parameter | None = None

    @property
    def day(self) -> date:
        """The last day on which it is in time."""
        return self.due.day

    @property
    def provisional(self) -> bool:
        """Whether the day may still move: a year's holidays are not published yet, or a suspension still runs."""
        return self.due.provisional

    @property
    def why(self) -> tuple[Sentence, ...]:
        """How it was counted, sentence by sentence."""
        return self.due.why

    @property
    def doubt(self) -> tuple[Sentence, ...]:
        """What is still open, where the day is provisional."""
        return self.due.doubt

    @property
    def said(self) -> Sentence:
        """The period and its rule: '15个工作日（《…》第十四条）'."""
        return Sentence(f"{self.period.show()}（{self.cited.zh}）", f"{self.period.show('en')} ({self.cited.en})")

    def left(self, today: date, calendar: Calendar) -> Left:
        """What is left of it, in the unit of its rule."""
        return left(today, self.due, self.period.unit, calendar)

    def basis(self) -> dict[str, Any]:
        """What is kept beside a stored day, as JSON: ``zh`` and ``en`` (period and rule), ``unit``, ``why`` (how it was
        counted) and ``provisional`` (what is still open; empty where the day is settled), both lists of zh and en."""
        said = self.said
        return {
            "zh": said.zh,
            "en": said.en,
            "unit": self.period.unit,
            "why": [each._asdict() for each in self.why],
            "provisional": [each._asdict() for each in self.doubt],
        }


def left_of(basis: Mapping[str, Any], day: date, today: date, calendar: Calendar, *, unknown: Unit = "d") -> Left:
    """What is left until a stored day, in the unit of the ``basis`` kept beside it.

    ``unknown`` is the unit of days that were stored before theirs was kept.
    """
    return left(today, day, basis.get("unit", unknown), calendar)


def deadline(
    law: Law,
    key: LawKey,
    start: date,
    calendar: Calendar,
    *,
    suspended: Sequence[Suspension] = (),
    extensions: Iterable[Extension] = (),
    purpose: Purpose = "act",
    law_day: date | None = None,
) -> Deadline:
    """When a period that the law gives under a key, and that begins on ``start``, ends.

    ``law_day`` picks the law of another day than ``start``. Raises Refused where the book has no value of that day,
    where it is no period, and as ``rolls`` does.
    """
    by = law.of(key, law_day or _day(start))
    period = by.period(key.row)
    found = ends(law, calendar, start, period, by=by, purpose=purpose, law_day=law_day, suspended=suspended)
    for each in extensions:
        found = extended(
            found,
            each,
            lambda on, more, by: ends(law, calendar, on, more, by=by, purpose=purpose, suspended=suspended),
        )
    return Deadline(found, period, Sentence(by.cited(), by.cited("en")), by)


def own_deadline(law: Law, period: Period, cited: Sentence, start: date, calendar: Calendar) -> Deadline:
    """When a period ends that the district has set itself; ``cited`` says by what. Raises Refused as ``rolls`` does."""
    return Deadline(ends(law, calendar, start, period), period, cited)


def rolls(law: Law, day: date, *, by: Parameter | None = None, purpose: Purpose = "act") -> Rolls:
    """Which last days move on for a period that begins on ``day``; ``by`` is the parameter that gives the period.

    Raises Refused (``law.no_rolling``) where neither the text nor the district says it.
    """
    if purpose == "act" and by is not None:
        said = _at(law, by.topic, RULE, day)
        if said is not None and said.text.id == by.text.id:
            return _rolls(said)
    rule = RULES[purpose]
    said = _at(law, DISTRICT, rule, day)
    if said is None:
        raise Refused(refusals.rolling_unknown(day, district=DISTRICT, rule=rule))
    return _rolls(said)


def ends(
    law: Law,
    calendar: Calendar,
    start: date,
    period: Period,
    *,
    by: Parameter | None = None,
    purpose: Purpose = "act",
    law_day: date | None = None,
    suspended: Sequence[Suspension] = (),
) -> Due:
    """When a period that begins on ``start`` (a day, or a moment) ends; ``suspended`` is not counted.

    ``law_day`` picks the law of another day than ``start``. Working days and hours end on a day that never moves, so
    nothing is asked for them. Raises Refused as ``rolls`` does.
    """
    moves: Rolls = "none"
    if period.unit in ("d", "month", "year") and period.amount:
        moves = rolls(law, law_day or _day(start), by=by, purpose=purpose)
    return due(start, period, calendar, rolls=moves, suspended=suspended)


def extended(before: Due, extension: Extension, end: Callable[[date, Period, Parameter | None], Due]) -> Due:
    """The end of a period once it is extended; the words tell both. A new last day in the decision stands as it is.

    ``end`` counts the further period from a day or moment: ``ends``, or one that keeps what it has counted. Once
    provisional it stays so: what the extension is counted from may still move.
    """
    more, by = extension.more, extension.by
    if not isinstance(more, Period):
        told = Sentence(f"经批准延长至 {more}。", f"Extended to {more}.")
        return Due(_day(more), None, before.provisional, (*before.why, told), before.doubt)
    start: date = before.moment or before.day
    if more.unit == "hour" and before.moment is None:
        # Days are over at midnight: hours that come on top of them run from there.
        start = datetime.combine(before.day + timedelta(days=1), time())
    found = end(start, more, by)
    law_zh, law_en = (f"（{by.cited()}）", f" ({by.cited('en')})") if by is not None else ("", "")
    why = [
        *before.why,
        Sentence(f"经批准延长{more.show()}{law_zh}。", f"Extended by {more.show('en')}{law_en}."),
    ]
    # The first sentence says from when it is counted, which was just told.
    why += [each for each in found.why[1:] if each not in why]
    doubt = tuple(dict.fromkeys((*before.doubt, *found.doubt)))
    return Due(found.day, found.moment, bool(doubt), tuple(why), doubt)


def _day(on: date) -> date:
    return on.date() if isinstance(on, datetime) else on


def _at(law: Law, topic: str, name: str, day: date) -> Parameter | None:
    try:
        return law.at(topic, name, day)
    except Refused:
        return None


def _rolls(said: Parameter) -> Rolls:
    for known in ROLLS:
        if said.value == known:
            return known
    raise Refused(
        refusals.rolling_misspelt((said.zh, said.en), value=said.value, rolls=ROLLS, key=f"{said.topic}.{said.name}")
    )
