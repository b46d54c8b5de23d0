"""The period that an act begins: until when what was asked for is answered, as a deadline with its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.standing import CaseLine, Clock, replay
from zhiheng.kernel.days import Due, Sentence
from zhiheng.kernel.deadlines import Deadline


def promised(
    workflow: Workflow, lines: Sequence[CaseLine], time: LegalTime, as_of: dt.date, *, duty: str
) -> Deadline | None:
    """Until when ``duty`` (an act) must be done, as the first of ``lines`` began it; None where the law of that day
    knows no such period, or it runs no longer.
    """
    begins = workflow.states(workflow.acts[lines[0].act].begins)
    own = {name for name, period in workflow.periods if period.in_ in begins and duty in period.duty}
    found = (clock for clock in replay(workflow, lines, time, as_of).clocks() if clock.period in own)
    return next((deadline_of(clock) for clock in found), None)


def deadline_of(clock: Clock) -> Deadline | None:
    """A running period as a deadline; None where its last day was stated, not counted."""
    if clock.length is None:
        return None
    due = Due(clock.day, clock.moment, clock.provisional, clock.why, clock.doubt)
    return Deadline(due, clock.length, Sentence(*clock.cited))
