"""Confirm a delivery that was held for its volume: the reason is written down and its receiving put in the queue."""

from __future__ import annotations

from zhiheng.actions import audit
from zhiheng.actions.intake import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Delivery
from zhiheng.office import leases, task_queue
from zhiheng.office.lanes import lane_of_sender
from zhiheng.people import access

TASK = "receive_held"


def confirm_held(delivery_id: int, *, reason: str, call: Call) -> Delivery:
    """Confirm the volume of a held delivery; it is received in the background.

    Returns:
        The delivery.

    Raises:
        Refused: without a reason, where it does not wait for a confirmation, or where another officer confirmed it
            meanwhile.
    """
    held: Delivery | None = Delivery.objects.filter(id=delivery_id, state=Delivery.State.HELD).first()
    access.require(call, "delivery.confirm", unit=held.unit if held else "", record=held.record if held else "")
    if held is None:
        raise Refused(refusals.delivery_not_waiting(delivery_id))
    if not reason.strip():
        raise Refused(refusals.confirming_needs_reason())
    with leases.alone():
        if already_confirmed(delivery_id):
            raise Refused(refusals.delivery_confirmed_by_another(delivery_id))
        task_queue.put(TASK, delivery_id, task_queue.packed(call.actor), lane=lane_of_sender(held.subject))
        audit.write(call, "delivery.confirm", f"delivery:{delivery_id}", purpose=reason.strip())
    return held


def already_confirmed(delivery_id: int) -> bool:
    """Whether the delivery was accepted, or is about to be."""
    return (
        any(arguments[0] == delivery_id for arguments in task_queue.arguments_under_way(TASK))
        or Delivery.objects.filter(answers_id=delivery_id).exists()
    )
