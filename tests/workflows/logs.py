"""Random logs that the states of a workflow allow: people, forms and numbers left out."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.legal_time import LegalTime, moment_of
from zhiheng.engines.workflow.standing import DAY, CaseLine, CaseStanding

LONGEST = 14


def can_follow(workflow: Workflow, act: CompiledAct, states: int) -> bool:
    """Whether the states that hold allow an act that somebody does."""
    if act.body.opens_case or not act.body.by or act.by_law or act.is_stuck(states) or not (act.any_of or act.all_of):
        return False
    after = (states & ~act.ends) | act.begins
    return not (act.ends_case and after & ~workflow.finals)


def random_log(
    workflow: Workflow,
    time: LegalTime,
    rng: random.Random,
    first_day: dt.date,
    *,
    said: Sequence[dict[str, object]] = ({},),
) -> list[CaseLine]:
    """One log from the act that opens the case to its end, or to fourteen acts, some days apart."""
    on = first_day
    opening = next(act for act in workflow.acts.values() if act.body.opens_case)
    lines = [CaseLine(on, opening.key, ("甲",), rng.choice(said), 1)]
    standing = CaseStanding(workflow, time)
    standing.apply(lines[0])
    while not standing.has_ended and len(lines) < LONGEST:
        on += DAY * rng.randrange(1, 9)
        while standing.expire(moment_of(on)):
            pass
        able = [act for act in workflow.acts.values() if can_follow(workflow, act, standing.states)]
        if not able:
            break
        lines.append(CaseLine(on, rng.choice(able).key, ("乙",), rng.choice(said), len(lines) + 1))
        standing.apply(lines[-1])
    return lines
