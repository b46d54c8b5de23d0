"""What can be proved of a page without any case: every act can happen, every state can hold, from everywhere an end is
reached.

People, numbers and time are left out: they only forbid more, or happen by themselves. So this looks at states alone: a
breadth-first walk over sets of states.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.kernel.days import Sentence

# A page whose acts reach more sets of states than this has parallel courses that nobody could follow.
MOST_STANDINGS = 20_000


@dataclass(frozen=True)
class Walk:
    """Every set of states (as bits) that some order of acts reaches, with the acts that lead on from it, and the acts
    that can happen.
    """

    onward: Mapping[int, frozenset[tuple[str, int]]]
    possible: frozenset[str]

    @property
    def standings(self) -> frozenset[int]:
        """The sets of states."""
        return frozenset(self.onward)


def walk(workflow: Workflow) -> Walk:
    """All that can be reached from the acts that open a case."""
    opening = [act for act in workflow.acts.values() if act.body.opens_case]
    waiting = deque(act.begins for act in opening)
    possible = {act.key for act in opening}
    onward: dict[int, frozenset[tuple[str, int]]] = {}
    acts = [(act, _comes_in(workflow, act)) for act in workflow.acts.values() if not act.body.opens_case]
    while waiting and len(onward) <= MOST_STANDINGS:
        states = waiting.popleft()
        if states in onward:
            continue
        steps = frozenset(_steps(acts, workflow.finals, states))
        onward[states] = steps
        possible |= {act for act, _ in steps}
        waiting.extend(after for _, after in steps)
    return Walk(onward, frozenset(possible))


def _steps(acts: Sequence[tuple[CompiledAct, int]], finals: int, states: int) -> Iterator[tuple[str, int]]:
    for act, comes_in in acts:
        if act.is_stuck(states) or not (comes_in == -1 or comes_in & states):
            continue
        if not act.any_of and not act.all_of and states & finals:
            continue
        after = (states & ~act.ends) | act.begins
        if not (act.ends_case and after & ~finals):
            yield act.key, after


def _comes_in(workflow: Workflow, act: CompiledAct) -> int:
    """The states in which an act can come at all: for one by law those of the periods that end with it, for any other
    every one (-1).
    """
    if not act.by_law:
        return -1
    found = 0
    for _, period in workflow.periods:
        if period.else_ in (act.key, act.name):
            found |= -1 if period.in_ is None else workflow.bit[period.in_]
    return found


def findings(workflow: Workflow) -> tuple[Sentence, ...]:
    """What is wrong with the courses of a page; nothing: it is sound."""
    found = walk(workflow)
    if len(found.onward) > MOST_STANDINGS:
        return (
            Sentence(
                f"可达的状态组合超过 {MOST_STANDINGS} 种；请减少并行的状态。",
                f"More than {MOST_STANDINGS} sets of states can be reached; have fewer states beside each other.",
            ),
        )
    told: list[Sentence] = []
    for key, act in workflow.acts.items():
        if key not in found.possible:
            told.append(Sentence(f"行为“{act.zh}”（{key}）永远办不了。", f"The act {key} can never happen."))
    for state, bit in workflow.bit.items():
        if not any(states & bit for states in found.onward):
            label = workflow.page.states[state].label.zh
            told.append(Sentence(f"状态“{label}”（{state}）永远到不了。", f"The state {state} never holds."))
    for states in sorted(found.onward.keys() - _leading_to_an_end(workflow, found)):
        zh, en = workflow.words(states)
        told.append(
            Sentence(f"从{zh or '没有任何状态'}到不了办结。", f"From {en or 'no state at all'} no end is reached.")
        )
    told += _ends_beside(workflow, found)
    told += _never_by_law(workflow, found)
    return tuple(told)


def _ends_beside(workflow: Workflow, found: Walk) -> Iterator[Sentence]:
    """Final states that hold beside another, as when a case is opened again and its end is not ended."""
    for states in sorted(found.onward):
        if states & workflow.finals and states.bit_count() > 1:
            zh, en = workflow.words(states)
            yield Sentence(
                f"{zh}会同时成立，其中有终结状态；请让办结、重新打开的行为结束（ends）其余的状态。",
                f"{en} hold at once, and one is final; let the act that ends or reopens the case end the others.",
            )


def _never_by_law(workflow: Workflow, found: Walk) -> Iterator[Sentence]:
    """Periods that can run out where the act with which they end is forbidden by the states: time forbids itself
    nothing.
    """
    for number in workflow.expiring:
        name, period = workflow.periods[number]
        act = workflow.acts[str(period.else_)]
        for states in sorted(found.onward):
            runs = period.in_ is not None and states & workflow.bit[period.in_] and not states & workflow.pauses[number]
            if runs and act.is_stuck(states):
                zh, en = workflow.words(states)
                yield Sentence(
                    f"期限“{period.label.zh}”（{name}）会在{zh}时届满，“{act.zh}”那时却不能发生；"
                    "请改它的 while、needs、unless，或者写 not_counted_while。",
                    f"The period {name} can run out in {en}, where {act.key} can't happen; "
                    "change its while, needs or unless, or write not_counted_while.",
                )
                break


def _leading_to_an_end(workflow: Workflow, found: Walk) -> set[int]:
    before: dict[int, set[int]] = {}
    for states, steps in found.onward.items():
        for _, after in steps:
            before.setdefault(after, set()).add(states)
    good = {states for states in found.onward if states & workflow.finals}
    waiting = deque(good)
    while waiting:
        for states in before.get(waiting.popleft(), ()):
            if states not in good:
                good.add(states)
                waiting.append(states)
    return good
