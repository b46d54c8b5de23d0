"""What lists show of a standing: the one function that read models are made by, so that they can be made anew, and
compared with what is stored, at any time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from zhiheng.engines.workflow.legal_time import day_of
from zhiheng.engines.workflow.standing import CaseStanding, Clock
from zhiheng.grammar.chapters.workflow_pages import BY_LAW, LegalPeriod

DutyKind = Literal["duty", "right", "wait"]
PARTY: Final = "party"


@dataclass(frozen=True, slots=True)
class ClockForHand:
    """A running period as one hand (or party) has it: what must, may or can't yet be done until when.

    ``unit`` is the unit that has to act: the one that holds the case (for what a party has to do: which waits for it),
    the one it is offered to, none for the level above. ``persons``: those alone whom the case named for the hand, where
    it names them.
    """

    kind: DutyKind
    period: str
    acts: tuple[str, ...]
    hand: str
    takes: str
    at: str
    unit: str
    persons: tuple[str, ...]
    starts: dt.date
    due: dt.date
    due_at: dt.datetime | None
    provisional: bool
    counted_in: str
    missed: int
    waits_for: str

    @property
    def must(self) -> bool:
        """Whether something has to be done by its end."""
        return self.kind == "duty"

    @property
    def only_waits(self) -> bool:
        """Whether nothing can be done before its end."""
        return self.kind == "wait"


@dataclass(frozen=True, slots=True)
class StandingForLists:
    """A standing as lists show it. ``due`` is the next day by which an officer must have done something;
    ``changes_at`` the moment from which all this is to be made anew, by the clock of the place.
    """

    states: tuple[str, ...]
    final: bool
    waits_for: str
    irregular: int
    holder: str
    ended_on: dt.date | None
    changes_at: dt.datetime | None
    due: dt.date | None
    clocks: tuple[ClockForHand, ...]


def for_lists(standing: CaseStanding, *, unit: str, begun: bool = True) -> StandingForLists:
    """What lists show of a standing; ``unit`` is the unit that opened the case, which holds it until it moves.
    ``begun``: its log has lines, be they struck.
    """
    workflow, holder = standing.workflow, standing.holder or unit
    states = standing.stands
    waits = next((word for state in states if (word := workflow.page.states[state].waits_for)), "")
    clocks = tuple(clocks_by_hand(standing, holder, waits))
    dues = [each.due for each in clocks if each.kind == "duty" and each.at != PARTY]
    return StandingForLists(
        states=states,
        # A case whose opening was struck is over as well: nothing can be done in it.
        final=standing.has_ended or (begun and not standing.is_open),
        waits_for=waits,
        irregular=len(standing.irregular),
        holder=holder,
        ended_on=day_of(standing.ended_on) if standing.has_ended and standing.ended_on is not None else None,
        changes_at=standing.changes_at(),
        due=min(dues, default=None),
        clocks=clocks,
    )


def clocks_by_hand(standing: CaseStanding, holder: str, waits: str = "") -> Iterator[ClockForHand]:
    """Every period that runs, once for each hand or party that must, may or can't yet do something by it; the one that
    ends first before the others.

    Args:
        holder: the unit that handles the case.
        waits: who is waited for, as the state says it.
    """
    periods = dict(standing.workflow.periods)
    for clock in standing.clocks():
        period = periods[clock.period]
        for kind, names in _effects(period):
            for hand, acts in _hands(standing, names).items():
                yield _for_hand(standing, clock, kind, hand, acts, holder, waits)


def _effects(period: LegalPeriod) -> Iterator[tuple[DutyKind, tuple[str, ...]]]:
    if period.duty:
        yield "duty", period.duty
    if period.right:
        yield "right", period.right
    if period.wait:
        yield "wait", period.wait


def _hands(standing: CaseStanding, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Hand or party -> the acts of these that are for it, in the order of the page."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        for hand in dict.fromkeys(hand for act in standing.workflow.of(name) for hand in act.body.by):
            if hand != BY_LAW:
                found[hand] = (*found.get(hand, ()), name)
    return found


def _for_hand(
    standing: CaseStanding,
    clock: Clock,
    kind: DutyKind,
    name: str,
    acts: tuple[str, ...],
    holder: str,
    waits: str,
) -> ClockForHand:
    workflow = standing.workflow
    hand = workflow.page.hands.get(name)
    persons: tuple[str, ...] = ()
    if hand is not None and name in workflow.assigned_hands:
        persons = standing.named_for(name)
    if hand is None:
        takes, at, unit = "", PARTY, holder
    else:
        takes, at = hand.takes, hand.at
        unit = holder if at == "own" else unit_of_hand(standing, name) if at == "other" else ""
    return ClockForHand(
        kind,
        clock.period,
        acts,
        name,
        takes,
        at,
        unit,
        persons,
        day_of(clock.start),
        clock.day,
        clock.moment,
        clock.provisional,
        clock.unit,
        clock.missed,
        # A party outside of the unit that holds the case is the one waited for, and does not wait.
        name if hand is None else waits if hand.at == "own" else "",
    )


def unit_of_hand(standing: CaseStanding, name: str) -> str:
    """The other unit whose officers act as a hand: the one that the case names for it, else the one to which the case
    was offered; '' where there is none, and then nobody acts as it.
    """
    field = standing.workflow.page.hands[name].unit
    return str(standing.values.get(field) or "") if field is not None else offered_to(standing)


def other_units(standing: CaseStanding) -> frozenset[str]:
    """The other units that have something to do in a case."""
    hands = standing.workflow.page.hands
    return frozenset(unit_of_hand(standing, name) for name, hand in hands.items() if hand.at == "other") - {""}


def offered_to(standing: CaseStanding) -> str:
    """The unit that may take the case over now: what was said last in the field by which it moves, while another unit
    can take it; '' where none can. An offer that was taken back or declined gives no sight of the case.
    """
    hands, states = standing.workflow.page.hands, standing.states
    fields = dict.fromkeys(
        act.body.moves_to
        for act in standing.workflow.acts.values()
        if act.body.moves_to
        and not act.is_stuck(states)
        and any(hands[name].at == "other" for name in act.body.by if name in hands)
    )
    said = [str(value) for field in fields if field is not None and (value := standing.values.get(field))]
    return said[0] if said else ""
