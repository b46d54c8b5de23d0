"""Which statement holds: what was corrected or withdrawn, and what a newer statement of the same thing has outdated.

The rule, once. An act (a correction or a withdrawal) takes the place of the fact that it concerns as soon as it is
known, whatever day it speaks of itself. Of the statements of one thing that are true by the day asked and that no act
took away, each is outdated by the next: by the day it is true on, then by the order of receiving. A statement of no
thing is outdated by none.

It is said here for rows (functions over what was read) and for SQL (conditions on facts); for columns it is said in
``zhiheng.engines.standing``. ``tests/ledger/test_standing.py`` holds that all three agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Container, Iterable, Sequence
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from zhiheng.database.rows import matching
from zhiheng.ledger.models import Fact

# So many numbers are asked for in one statement of the object layer.
_AT_ONCE = 900
_ACTS = "SELECT f.concerns, f.id, f.kind FROM ledger_fact f"
_OF_THINGS = "SELECT f.thing, f.id, f.kind, f.occurred_on FROM ledger_fact f"
# (thing, the day that it is true on, fact). Days are dates, or ISO texts; never both in one reading.
Statement = tuple[int, dt.date, int] | tuple[int, str, int]
# Fact -> the act that took its place, and its kind.
Acts = dict[int, tuple[int, str]]


# -- rows --------------------------------------------------------------------------------------------------------------


def next_statements(statements: Iterable[Statement], gone: Container[int] = ()) -> dict[int, int]:
    """Fact -> the next statement of the same thing, which outdates it; ``gone``: facts that an act took away."""
    told: dict[int, list[tuple[dt.date | str, int]]] = {}
    for thing, on, fact in statements:
        if fact not in gone:
            told.setdefault(thing, []).append((on, fact))
    return {earlier: later for live in told.values() for (_, earlier), (_, later) in pairwise(sorted(live))}


def holding_on(
    statements: Iterable[tuple[int, str, int]], day: str, gone: Container[int] = ()
) -> tuple[dict[int, int], dict[int, str]]:
    """Thing -> the statement of it that holds on a day (ISO text); and thing -> the first day after that from which
    another one holds, as far as that is known by now. ``gone``: facts that an act took away.
    """
    best: dict[int, tuple[str, int]] = {}
    next_days: dict[int, str] = {}
    for thing, on, fact in statements:
        if fact in gone:
            continue
        if on > day:
            next_days[thing] = min(on, next_days.get(thing, on))
        elif (on, fact) > best.get(thing, ("", 0)):
            best[thing] = (on, fact)
    return {thing: fact for thing, (_, fact) in best.items()}, next_days


# -- what is read ------------------------------------------------------------------------------------------------------


def acts_on(facts: Sequence[int], known_on: dt.date | None = None) -> dict[int, tuple[int, str]]:
    """Fact -> the correction or withdrawal that took its place, and its kind; known by the day (None: by now), of
    several the latest.

    One statement: for the facts of a page.
    """
    acts = known_by(Fact.objects.filter(concerns__in=facts), known_on)
    told = acts.order_by("id").values_list("concerns", "id", "kind")
    return {fact: (by, kind) for fact, by, kind in told if fact is not None}


def replaced(facts: Collection[int]) -> Acts:
    """``acts_on`` of any number of facts, as known by now."""
    return _last_acts(matching(_ACTS, "f.concerns", sorted(facts)))


def ends_of(facts: Iterable[int]) -> dict[int, int | None]:
    """Fact -> what stands in its place by now: itself or its last correction; None where withdrawn."""
    ends: dict[int, int | None] = {number: number for number in facts}
    # Correction -> the fact at the beginning of its chain.
    first = {number: number for number in ends}
    while first:
        later: dict[int, int] = {}
        for concerned, (number, kind) in replaced(first).items():
            withdrawn = kind == Fact.Kind.WITHDRAWAL
            ends[first[concerned]] = None if withdrawn else number
            if not withdrawn:
                later[number] = first[concerned]
        first = later
    return ends


def _last_acts(rows: Iterable[tuple[Any, ...]]) -> Acts:
    return {fact: (number, kind) for fact, number, kind in sorted(rows, key=lambda row: row[1])}


def later_than(facts: Collection[int], things: Collection[int], day: str) -> tuple[Acts, dict[int, int]]:
    """Of any number of facts that speak of some things: the act that took the place of each, with its kind, and the
    next statement of the same thing that is true by the day (ISO text); as known by now (2 statements).

    Facts in neither stand on the day.
    """
    told = [
        (thing, str(on), number)
        for thing, number, kind, on in matching(_OF_THINGS, "f.thing", sorted(things))
        if kind != Fact.Kind.WITHDRAWAL and str(on) <= day
    ]
    rows = matching(_ACTS, "f.concerns", sorted({*facts, *(number for _, _, number in told)}))
    acts = _last_acts(rows)
    return acts, next_statements(told, acts)


def all_replaced(until: int) -> set[int]:
    """Every fact that was corrected or withdrawn by a fact up to ``until``."""
    with connection.cursor() as cursor:
        # The plus keeps the planner from walking all facts: the partial index on ``concerns`` holds the few acts.
        cursor.execute("SELECT concerns FROM ledger_fact WHERE concerns IS NOT NULL AND +id <= %s", [until])
        return {concerns for (concerns,) in cursor.fetchall()}


def statements_of(
    things: Collection[int], as_of: dt.date | None = None, known_on: dt.date | None = None
) -> list[tuple[int, dt.date, int]]:
    """The statements of some things that no act took away: (thing, day, fact), true by ``as_of`` and known by
    ``known_on`` (None: whatever day). One statement for each 900 things.
    """
    found: list[tuple[int, dt.date, int]] = []
    wanted = sorted(things)
    for start in range(0, len(wanted), _AT_ONCE):
        told = Fact.objects.filter(~is_replaced(known_on), thing__in=wanted[start : start + _AT_ONCE])
        told = told.exclude(kind=Fact.Kind.WITHDRAWAL)
        if as_of is not None:
            told = told.filter(occurred_on__lte=as_of)
        lines = known_by(told, known_on).values_list("thing", "occurred_on", "id")
        found += [(thing, on, fact) for thing, on, fact in lines if thing is not None]
    return found


def latest(things: Collection[int]) -> dict[int, int]:
    """Thing -> the last statement of it, whatever day it is true on."""
    told = [(thing, on.isoformat(), fact) for thing, on, fact in statements_of(things)]
    return holding_on(told, dt.date.max.isoformat())[0]


def holds(fact: Fact) -> bool:
    """Whether the ledger still says it: not corrected, not withdrawn, not said anew of the same thing."""
    if fact.kind == Fact.Kind.WITHDRAWAL or fact.id in replaced([fact.id]):
        return False
    return fact.thing is None or latest([fact.thing]).get(fact.thing) in (None, fact.id)


# -- conditions --------------------------------------------------------------------------------------------------------


def known_by(facts: QuerySet[Fact], known_on: dt.date | None) -> QuerySet[Fact]:
    """Those of the facts that had been received by the day; None: all."""
    return facts if known_on is None else facts.filter(delivery__learned_on__lte=known_on)


def is_replaced(known_on: dt.date | None = None) -> Exists:
    """Facts that an act known by the day took away."""
    return Exists(known_by(Fact.objects.filter(concerns=OuterRef("id")), known_on))


def stands(as_of: dt.date, known_on: dt.date | None = None) -> Q:
    """Facts that no act took away and that no later statement of the same thing outdates."""
    later = Fact.objects.filter(thing=OuterRef("thing"), occurred_on__lte=as_of).exclude(kind=Fact.Kind.WITHDRAWAL)
    later = later.filter(
        Q(occurred_on__gt=OuterRef("occurred_on")) | Q(occurred_on=OuterRef("occurred_on"), id__gt=OuterRef("id"))
    )
    later = later.filter(~is_replaced(known_on))
    return Q(~is_replaced(known_on)) & Q(~Exists(known_by(later, known_on)))
