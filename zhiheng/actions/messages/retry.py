"""What could not be sent: try it again, or say why it need not be sent."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.messages import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.outbox import STUCK, MessageRecipient
from zhiheng.people import access

State = MessageRecipient.State


def retry(recipient: int, *, call: Call) -> MessageRecipient:
    """The message to somebody, waiting once more with all its attempts before it."""
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        row = _stuck(recipient, call)
        row.state, row.attempts, row.next_at = State.WAITING, 0, call.now
        row.save(update_fields=["state", "attempts", "next_at"])
        audit.write(call, "message.retry", f"recipient:{row.pk}", detail={"channel": row.channel})
    return row


def give_up(recipient: int, *, reason: str, call: Call) -> MessageRecipient:
    """The message to somebody, no longer tried over this channel; in-app it stays."""
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        row = _stuck(recipient, call)
        if not (said := one_line(reason)[:500]):
            raise Refused(refusals.reason())
        row.state = State.GIVEN_UP
        row.save(update_fields=["state"])
        audit.write(call, "message.give_up", f"recipient:{row.pk}", purpose=said, detail={"channel": row.channel})
    return row


def _stuck(number: int, call: Call) -> MessageRecipient:
    row = MessageRecipient.objects.select_for_update().filter(pk=number).first()
    access.require(call, "message.manage", unit=row.unit if row is not None else "")
    if row is None:
        raise Refused(refusals.absent(number))
    if row.state not in STUCK or row.claimed_at is not None:
        raise Refused(refusals.not_stuck())
    return row
