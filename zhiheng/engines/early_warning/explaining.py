"""Which alarms explain others: a street's alarm that of its district, of the same weeks and the same goods.

Series stand in a tree: an area counts with all beneath it, and a series without a group counts all values of it. Where
a series and one beneath it alarm for the same days, the one beneath is the news. What it has beyond its own past is
taken off the series above: where what is left is within that one's bound, the alarm above is explained whole. Nothing
is dropped for it; pages say so (Yekutieli 2008, J. Amer. Statist. Assoc. 103, 309-316, looks at trees in this order).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhiheng.grammar.chapters.early_warning import AREA


@dataclass(frozen=True)
class SeriesAlarm:
    """An alarm of a series: which one (``key``: group -> value, the area among them), of which days, and its numbers;
    None where its method has none.
    """

    number: int
    key: Mapping[str, str]
    first: dt.date
    last: dt.date
    observed: float
    expected: float | None
    bound: float | None

    @property
    def excess(self) -> float | None:
        """How much more there was than the past let expect; None where that is not known."""
        return None if self.expected is None else max(0.0, self.observed - self.expected)


@dataclass(frozen=True)
class Explained:
    """What explains an alarm: the alarms next beneath it, the greatest excess first.

    ``rest`` is what is left of its count without their excess, None where that of one is not known; ``whole``: the rest
    is within its bound.
    """

    by: tuple[int, ...]
    rest: float | None
    whole: bool


def explained(alarms: Iterable[SeriesAlarm], areas_above: Mapping[str, Sequence[str]]) -> dict[int, Explained]:
    """Alarm -> what explains it, of those that something explains.

    Args:
        alarms: of one warning; those of other days explain nothing.
        areas_above: area -> the areas around it.
    """
    by_days: dict[tuple[dt.date, dt.date], list[SeriesAlarm]] = {}
    for alarm in alarms:
        by_days.setdefault((alarm.first, alarm.last), []).append(alarm)
    found = {}
    for some in by_days.values():
        for alarm in some:
            beneath = [one for one in some if _beneath(one, alarm, areas_above)]
            next_ones = [one for one in beneath if not any(_beneath(one, other, areas_above) for other in beneath)]
            if next_ones:
                found[alarm.number] = _explained(alarm, next_ones, areas_above)
    return found


def _beneath(one: SeriesAlarm, other: SeriesAlarm, areas_above: Mapping[str, Sequence[str]]) -> bool:
    """Whether everything that one series counts is counted by the other too, which counts more."""
    if dict(one.key) == dict(other.key):
        return False
    for name, value in other.key.items():
        own = one.key.get(name)
        if own != value and not (name == AREA and own is not None and value in areas_above.get(own, ())):
            return False
    return True


def _overlap(one: SeriesAlarm, other: SeriesAlarm, areas_above: Mapping[str, Sequence[str]]) -> bool:
    """Whether a fact may be counted by both."""
    for name in {*one.key} & {*other.key}:
        a, b = one.key[name], other.key[name]
        nested = name == AREA and (a in areas_above.get(b, ()) or b in areas_above.get(a, ()))
        if a != b and not nested:
            return False
    return True


def _explained(
    alarm: SeriesAlarm, beneath: Sequence[SeriesAlarm], areas_above: Mapping[str, Sequence[str]]
) -> Explained:
    ordered = sorted(beneath, key=lambda one: (-(one.excess or 0.0), one.number))
    rest: float | None = alarm.observed
    counted: list[SeriesAlarm] = []
    for one in ordered:
        # A fact that two of them count is taken off once.
        if any(_overlap(one, other, areas_above) for other in counted):
            continue
        counted.append(one)
        rest = None if rest is None or one.excess is None else rest - one.excess
    whole = rest is not None and alarm.bound is not None and rest <= alarm.bound
    return Explained(tuple(one.number for one in ordered), rest, whole)
