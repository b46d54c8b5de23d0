"""A page of ``book/workflows`` compiled: states become bits, periods and counted acts become numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from zhiheng.grammar.chapters.workflow_pages import BY_LAW, CaseAct, LegalPeriod, OwnLength, WorkflowPage
from zhiheng.kernel.reasons import Flag, Refusal

# A function of rule.py: it gets the case as it stands and what is being entered.
Rule = Callable[[Any, Any], Refusal | Flag | None]


@dataclass(slots=True)
class CompiledAct:
    """An act, or one outcome of it. ``begins``, ``ends``, ``any_of``, ``all_of`` and ``none_of`` are sets of states as
    bits.

    The lists of numbers are periods of the page: ``starts`` from this act, ``stops`` because the duty is done,
    ``extends`` with the parameter of the law or the field that says how far.
    """

    key: str
    name: str
    body: CaseAct
    zh: str
    en: str
    begins: int
    ends: int
    any_of: int
    all_of: int
    none_of: int
    ends_case: bool
    # States with periods or pauses that it begins or ends.
    touches: int
    counts: tuple[int, ...] = ()
    # Its hands of whom it matters who they were.
    remembered_hands: tuple[str, ...] = ()
    starts: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    extends: list[tuple[int, str]] = field(default_factory=list)
    # Its lines are needed again: by a tally, or because everybody does it once.
    is_kept: bool = False
    # It names people, opens cases or moves the case.
    is_special: bool = False
    # It may change when the next act by law happens.
    moves_expiry: bool = False

    @property
    def by_law(self) -> bool:
        """Whether only the passing of time does it."""
        return self.body.by == (BY_LAW,)

    def is_stuck(self, states: int) -> bool:
        """Whether the states that hold forbid it."""
        return bool((self.any_of and not states & self.any_of) or self.all_of & ~states or states & self.none_of)


class Workflow:
    """A compiled page. Its entries must name each other rightly: ``grammar/chapters/workflows.py`` sees to that."""

    def __init__(self, name: str, page: WorkflowPage, rules: Mapping[str, Rule] = MappingProxyType({})) -> None:
        self.name, self.page, self.rules = name, page, rules
        self.bit: dict[str, int] = {state: 1 << place for place, state in enumerate(page.states)}
        self.all_states = (1 << len(page.states)) - 1
        self.finals = self.bits(state for state, entry in page.states.items() if entry.final)
        self.periods: tuple[tuple[str, LegalPeriod], ...] = tuple(page.periods.items())
        self.running_in: dict[int, list[int]] = {}
        for number, (_, period) in enumerate(self.periods):
            if period.in_ is not None:
                self.running_in.setdefault(self.bit[period.in_], []).append(number)
        self.pauses: tuple[int, ...] = tuple(self.bits(period.not_counted_while) for _, period in self.periods)
        self.pausing = _union(self.pauses)
        self.expiring: tuple[int, ...] = tuple(
            number for number, (_, period) in enumerate(self.periods) if period.else_ is not None
        )
        # Field -> duties that recur as often as it says.
        self.recurring_by: dict[str, list[int]] = {}
        for number, (_, period) in enumerate(self.periods):
            if period.every is not None and "{" in period.every:
                self.recurring_by.setdefault(_row_field(period.every), []).append(number)
        self.watched = self.pausing | _union(self.running_in)
        self.tallied = frozenset(act for tally in page.tallies.values() for act in (*tally.act, *tally.less))
        self.assigned_hands = frozenset(hand for act in page.acts.values() for hand in act.assigns)
        self._apart = frozenset(other for hand in page.hands.values() for other in hand.apart_from)
        self.number: dict[str, int] = {}
        self.acts: dict[str, CompiledAct] = {}
        self.heard: dict[str, list[str]] = {}
        for act, body in page.acts.items():
            if not body.outcomes:
                self._add(act, act, body, body.label.zh, body.label.en)
            for outcome, more in body.outcomes.items():
                both = _joined(body, more)
                self._add(
                    f"{act}.{outcome}",
                    act,
                    both,
                    f"{body.label.zh}：{more.label.zh}",
                    f"{body.label.en}: {more.label.en}",
                )
        self._join_periods()

    def bits(self, states: Iterable[str]) -> int:
        """States as one number."""
        return _union(self.bit[state] for state in states)

    def states(self, bits: int) -> tuple[str, ...]:
        """The names of the states in a number, in the order of the page."""
        return tuple(state for state, bit in self.bit.items() if bits & bit)

    def words(self, bits: int) -> tuple[str, str]:
        """The states in a number as people read them, in both languages."""
        labels = [self.page.states[state].label for state in self.states(bits)]
        return "、".join(f"“{label.zh}”" for label in labels), ", ".join(f"'{label.en}'" for label in labels)

    def of(self, name: str) -> tuple[CompiledAct, ...]:
        """The act with a name, or all its outcomes."""
        return tuple(act for act in self.acts.values() if name in (act.key, act.name))

    def _add(self, key: str, name: str, body: CaseAct, zh: str, en: str) -> None:
        begins = self.bits(body.begins)
        ends = self.all_states & ~self.finals if body.ends == "all" else self.bits(body.ends)
        every = [each for act in self.page.acts.values() for each in act.everyone]
        self.acts[key] = CompiledAct(
            key=key,
            name=name,
            body=body,
            zh=zh,
            en=en,
            begins=begins,
            ends=ends,
            any_of=self.bits(body.while_),
            all_of=self.bits(body.needs),
            none_of=self.bits(body.unless),
            ends_case=bool(begins & self.finals),
            touches=(begins | ends) & self.watched,
            counts=tuple(self.number.setdefault(each, len(self.number)) for each in dict.fromkeys((key, name))),
            remembered_hands=tuple(hand for hand in body.by if hand in self._apart),
            is_kept=bool({key, name} & self.tallied) or body.each or name in every,
            is_special=bool(body.assigns or body.relieves or body.recuses or body.opens or body.moves_to),
        )
        for pattern in body.hears:
            self.heard.setdefault(pattern, []).append(key)

    def _join_periods(self) -> None:
        for number, (_, period) in enumerate(self.periods):
            for start in period.after:
                for act in self.of(start.act):
                    act.starts.append(number)
            for name in period.duty:
                for act in self.of(name):
                    act.stops.append(number)
            for name, how in period.extended_by.items():
                for act in self.of(name):
                    act.extends.append((number, how))
        if not self.expiring:
            return
        stirring = _union(self.pauses[number] for number in self.expiring)
        stirring |= self.bits(state for _, p in self.periods if p.else_ is not None and (state := p.in_) is not None)
        fields = {name for number in self.expiring for name in _fields_of(self.periods[number][1])}
        for act in self.acts.values():
            periods = {*act.starts, *act.stops, *(number for number, _ in act.extends)}
            act.moves_expiry = (
                bool((act.begins | act.ends) & stirring)
                or bool(periods & {*self.expiring})
                or act.ends_case
                or bool(fields & {*act.body.asks, *act.body.optional})
            )


# What an outcome adds to what its act says; everything else that it says stands instead of it.
_ADDED = ("begins", "asks", "optional", "after", "unless", "needs", "hints", "issues", "sees")
_MERGED = ("where", "at_least", "at_most", "more_than", "less_than", "among", "all_of", "assigns")


def _joined(act: CaseAct, outcome: Any) -> CaseAct:
    """An act with what one of its outcomes adds."""
    said: dict[str, Any] = {}
    for name in outcome.model_fields_set:
        ours, theirs = getattr(act, name), getattr(outcome, name)
        if name in _ADDED:
            said[name] = (*ours, *theirs)
        elif name in _MERGED:
            said[name] = {**ours, **theirs}
        elif name == "ends":
            said[name] = "all" if "all" in (ours, theirs) else (*ours, *theirs)
        else:
            said[name] = theirs
    return act.model_copy(update={**said, "outcomes": {}})


def _fields_of(period: LegalPeriod) -> Iterable[str]:
    """The fields on which the end of a period depends."""
    if period.until is not None:
        yield period.until
    if period.within is not None and not isinstance(period.within, OwnLength) and "{" in period.within:
        yield _row_field(period.within)


def _row_field(name: str) -> str:
    """The field whose value is the row of a parameter: level of food_recall.start.{level}."""
    return name.partition("{")[2].rstrip("}")


def _union(bits: Iterable[int]) -> int:
    whole = 0
    for each in bits:
        whole |= each
    return whole
