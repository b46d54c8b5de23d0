"""Until when something must be done: a period of the law, on a day, by the calendar, with the rule on last days.

Whether a last day on a holiday moves on is said by some texts and not by others. Where the text of the period says it
(``last_day_rolls`` of its topic, under the same text), it is the law of that day; where it is silent, it is what the
district has set (``district_rules.last_day_rolls``). A display is no act that somebody must do in time: its last day
follows ``district_rules.display_last_day_rolls``. This is the one place that decides it.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from zhiheng.kernel.days import ROLLS, Calendar, Due, Period, Rolls, due
from zhiheng.kernel.law import Law, Parameter
from zhiheng.kernel.reasons import Refusal, Refused

DISTRICT: Final = "district_rules"
RULE: Final = "last_day_rolls"
DISPLAY_RULE: Final = "display_last_day_rolls"
Purpose = Literal["act", "display"]


def rolls(law: Law, day: date, *, by: Parameter | None = None, purpose: Purpose = "act") -> Rolls:
    """Which last days move on for a period that begins on ``day``; ``by`` is the parameter that gives the period.

    Raises Refused (``law.no_rolling``) where neither the text nor the district says it.
    """
    if purpose == "act" and by is not None:
        said = _at(law, by.topic, RULE, day)
        if said is not None and said.text.id == by.text.id:
            return _rolls(said)
    said = _at(law, DISTRICT, RULE if purpose == "act" else DISPLAY_RULE, day)
    if said is None:
        raise Refused(
            Refusal(
                "law.no_rolling",
                f"{day} 起算的期限，最后一日遇节假日是否顺延没有规定；请在本区规定（{DISTRICT}）中写明。",
                f"Nothing says whether the last day of a period from {day} moves on when it is a holiday; "
                f"write it in the rules of the district ({DISTRICT}).",
                field=f"{DISTRICT}.{RULE if purpose == 'act' else DISPLAY_RULE}",
                text=str(day),
            )
        )
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
) -> Due:
    """When a period that begins on ``start`` ends.

    ``law_day`` picks the law of another day than ``start``. Working days and hours end on a day that never moves, so
    nothing is asked for them. Raises Refused as ``rolls`` does.
    """
    moves: Rolls = "none"
    if period.unit in ("d", "month", "year"):
        moves = rolls(law, law_day or start, by=by, purpose=purpose)
    return due(start, period, calendar, rolls=moves)


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
        Refusal(
            "law.no_rolling",
            f"“{said.zh}”的值“{said.value}”不是一种顺延办法；请改为 {'、'.join(ROLLS)} 之一。",
            f"'{said.en}' says '{said.value}', which is no way of moving on; use one of {', '.join(ROLLS)}.",
            field=f"{said.topic}.{said.name}",
            text=str(said.value),
        )
    )
