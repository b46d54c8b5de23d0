"""Confirm a delivery that was held for its volume: the reason is written down and its receiving put in the queue."""

from __future__ import annotations

from zhiheng.actions import audit
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger.models import Delivery
from zhiheng.office import leases, task_queue
from zhiheng.people import access

TASK = "receive_held"


def confirm_held(delivery_id: int, *, reason: str, call: Call) -> Delivery:
    """Say that a held delivery is right as it is; it is received in the background. Raises Refused where there is
    nothing to confirm, or somebody was faster.
    """
    held: Delivery | None = Delivery.objects.filter(id=delivery_id, state=Delivery.State.HELD).first()
    access.require(call, "delivery.confirm", unit=held.unit if held else "", record=held.record if held else "")
    if held is None:
        raise Refused(
            Refusal(
                "delivery.not_held",
                f"报送 {delivery_id} 没有在等待确认；请刷新清单。",
                f"Delivery {delivery_id} does not wait to be confirmed; refresh the list.",
            )
        )
    if not reason.strip():
        raise Refused(
            Refusal(
                "reason.needed",
                "确认接收要写明理由，例如“全年一次报送，已与去年核对”；请补写。",
                "Confirming needs a reason, such as 'the whole year at once, compared with last year'; write one.",
                "reason",
            )
        )
    with leases.alone():
        if already_confirmed(delivery_id):
            raise Refused(
                Refusal(
                    "delivery.confirmed",
                    f"报送 {delivery_id} 已有人确认接收；您写的理由没有记录，结果见该报送页面。",
                    f"Somebody has confirmed delivery {delivery_id} already; your reason was not written down, the "
                    "result is on its page.",
                )
            )
        task_queue.put(TASK, delivery_id, task_queue.packed(call.actor))
        audit.write(call, "delivery.confirm", f"delivery:{delivery_id}", purpose=reason.strip())
    return held


def already_confirmed(delivery_id: int) -> bool:
    """Whether the delivery was accepted, or is about to be."""
    return (
        any(arguments[0] == delivery_id for arguments in task_queue.arguments_under_way(TASK))
        or Delivery.objects.filter(answers_id=delivery_id).exists()
    )
