"""What opening and declining share: the request that waits for the other side, and its decision."""

from __future__ import annotations

from zhiheng.actions.custody import refusals
from zhiheng.actions.custody.lapse_openings import lapse_openings
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.sealed import Custodian, SealOpening
from zhiheng.people import access


def waiting(opening: int, own: Custodian, call: Call) -> SealOpening:
    """The request, which somebody else of the other unit asked for. Raises Refused for every other."""
    access.require(call, "case.read_sealed", unit=own.unit)
    lapse_openings(call=call)
    asked = SealOpening.objects.filter(pk=opening).select_related("asked_by").first()
    if asked is None or own.unit not in (asked.other_unit, asked.asking_unit):
        raise Refused(refusals.no_opening())
    if asked.state == SealOpening.State.LAPSED:
        raise Refused(refusals.lapsed())
    if asked.state != SealOpening.State.WAITING:
        raise Refused(refusals.no_opening())
    if own.unit == asked.asking_unit or own.account == asked.asked_by.account:
        raise Refused(refusals.same_person())
    return asked


def decide(asked: SealOpening, state: SealOpening.State, own: Custodian, said: str, call: Call) -> None:
    """Write down what became of it, once: of two who decide at the same time the second is refused."""
    access.require(call, "case.read_sealed", unit=own.unit)
    changed = SealOpening.objects.filter(pk=asked.pk, state=SealOpening.State.WAITING).update(
        state=state, boxes={}, done_by=own, done_at=call.now, said=said
    )
    if not changed:
        raise Refused(refusals.no_opening())
    asked.refresh_from_db()
