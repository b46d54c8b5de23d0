"""Signals by rule: clusters of facts, testers that never find anything, what ends soon, units that are silent."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhiheng.engines.early_warning.signals import FoundSignal, level_of
from zhiheng.grammar.chapters.early_warning import AREA, Cluster, Expiry, NeverFails, Silence


@dataclass(frozen=True)
class Occurrence:
    """One watched fact: its groups in the order of ``per`` without the area, and what is counted of it."""

    fact: int
    on: dt.date
    area: str
    groups: tuple[str, ...]
    counted: str


def clusters(
    name: str, watch: Cluster, found: Iterable[Occurrence], above: Mapping[str, Sequence[str]]
) -> list[FoundSignal]:
    """The clusters among occurrences, the newest first.

    A cluster is the longest run of facts of one group in which every stretch of ``within`` days that reaches the
    lowest level overlaps the next one; its number is the most that one such stretch counted, each value of ``count``
    once. ``above``: area -> itself and the areas around it, in which the fact is counted too where ``per`` names the
    area.
    """
    by_area = AREA in watch.per
    grouped: dict[tuple[str, tuple[str, ...]], list[Occurrence]] = defaultdict(list)
    for one in found:
        for area in above.get(one.area, (one.area,)) if by_area else ("",):
            grouped[area, one.groups].append(one)
    names = [each for each in watch.per if each != AREA]
    signals = []
    for (area, groups), some in grouped.items():
        some.sort(key=lambda one: (one.on, one.fact))
        for run, most in _runs(some, watch):
            level = level_of(watch.levels, most)
            assert level is not None
            key = dict(zip(names, groups, strict=True)) | ({AREA: area} if by_area else {})
            signals.append(
                FoundSignal(
                    name,
                    key,
                    area or smallest_around([one.area for one in run], above),
                    run[0].on,
                    run[-1].on,
                    level,
                    observed=most,
                    bound=min(watch.levels.values()),
                    facts=len({one.fact for one in run}),
                )
            )
    return sorted(signals, key=lambda one: (one.last, one.level.rank), reverse=True)


def _runs(some: Sequence[Occurrence], watch: Cluster) -> Iterable[tuple[Sequence[Occurrence], int]]:
    """(facts of a run, the most counted in one stretch) for facts of one group, in the order of their days."""
    least = min(watch.levels.values())
    start, begun, end, most = 0, -1, -1, 0
    inside: dict[str, int] = defaultdict(int)
    for place, one in enumerate(some):
        inside[one.counted] += 1
        while (one.on - some[start].on).days >= watch.within:
            left = some[start].counted
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
            start += 1
        if len(inside) < least:
            continue
        if begun >= 0 and start > end:
            yield some[begun : end + 1], most
            begun, most = -1, 0
        if begun < 0:
            begun = start
        end, most = place, max(most, len(inside))
    if begun >= 0:
        yield some[begun : end + 1], most


def smallest_around(areas: Sequence[str], above: Mapping[str, Sequence[str]]) -> str:
    """The smallest area that has all of these in it; "" where the book knows none."""
    around = [list(above.get(area, (area,))) for area in dict.fromkeys(areas)]
    return next((area for area in around[0] if all(area in others for others in around)), "")


@dataclass(frozen=True)
class CountedTests:
    """How many tests somebody made, and how many failed."""

    subject: int
    tests: int
    failed: int


def never_failing(
    name: str, watch: NeverFails, found: Sequence[CountedTests], area: str, last: dt.date
) -> list[FoundSignal]:
    """The testers that found nothing, and how surprising that is at the rate of all others together.

    Nothing is said where the others found nothing either, or where there are no others.
    """
    tests, failed = sum(one.tests for one in found), sum(one.failed for one in found)
    signals = []
    for one in found:
        others = tests - one.tests
        if one.failed or one.tests < watch.at_least or not others or not failed:
            continue
        rate = failed / others
        if rate >= 1:
            # All others fail always: the logarithm has no number for it, the surprise no bound.
            continue
        surprise = -one.tests * math.log10(1 - rate)
        level = level_of(watch.levels, surprise)
        if level is not None:
            signals.append(
                FoundSignal(
                    name,
                    {watch.role: str(one.subject)},
                    area,
                    last - dt.timedelta(days=watch.within - 1),
                    last,
                    level,
                    observed=0,
                    expected=one.tests * rate,
                    score=surprise,
                    p_value=10**-surprise,
                    facts=one.tests,
                    subject=one.subject,
                )
            )
    return signals


@dataclass(frozen=True)
class Ending:
    """The last of what an enterprise holds of a record, and the day on which it ends."""

    fact: int
    subject: int
    area: str
    until: dt.date


def expiring(name: str, watch: Expiry, found: Iterable[Ending], day: dt.date) -> list[FoundSignal]:
    """What ends soon or has ended, by the days that are left."""
    signals = []
    for one in found:
        left = (one.until - day).days
        level = level_of(watch.levels, left, falling=True)
        if level is not None and left >= -watch.forget_after:
            signals.append(
                FoundSignal(
                    name,
                    {watch.role: str(one.subject)},
                    one.area,
                    one.until,
                    one.until,
                    level,
                    observed=left,
                    facts=1,
                    fact=one.fact,
                    subject=one.subject,
                )
            )
    return signals


@dataclass(frozen=True)
class UndeliveredPeriod:
    """What a unit has not delivered: of which record, for which days, since when it is due."""

    unit: str
    area: str
    record: str
    first: dt.date
    last: dt.date
    due_on: dt.date


def silent(name: str, watch: Silence, owed: Iterable[UndeliveredPeriod], day: dt.date) -> list[FoundSignal]:
    """The units that are silent: for each unit and record one signal, from the oldest period that is still owed on."""
    oldest: dict[tuple[str, str], UndeliveredPeriod] = {}
    many: dict[tuple[str, str], int] = defaultdict(int)
    for one in owed:
        key = (one.unit, one.record)
        many[key] += 1
        if key not in oldest or one.due_on < oldest[key].due_on:
            oldest[key] = one
    signals = []
    for (unit, record), one in oldest.items():
        days = (day - one.due_on).days
        level = level_of(watch.levels, days)
        if level is not None:
            key_of = {"unit": unit, "record": record}
            signals.append(FoundSignal(name, key_of, one.area, one.first, day, level, days, facts=many[unit, record]))
    return signals
