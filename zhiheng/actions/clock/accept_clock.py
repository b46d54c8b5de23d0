"""Say that the clock is right after it jumped: from here on what is done counts under its days again."""

from __future__ import annotations

from zhiheng.actions import audit
from zhiheng.actions.clock import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office import clock
from zhiheng.people import access


def accept_clock(*, reason: str, call: Call) -> clock.Jump:
    """Accept the clock as it stands, for a reason that stays in the trail.

    Returns:
        The jump that was accepted.

    Raises:
        Refused: without a reason, where the clock has not jumped, or the actor may not.
    """
    access.require(call, "ledger.verify")
    jump = clock.jump(call.now)
    if jump is None:
        raise Refused(refusals.clock_steady())
    if not reason.strip():
        raise Refused(refusals.clock_needs_reason())
    told = {"from": jump.last.isoformat(), "to": jump.now.isoformat(), "reason": reason.strip()}
    audit.write(call, "clock.accept", "clock", detail=told)
    clock.set_to(call.now)
    return jump
