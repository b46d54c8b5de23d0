"""Mark messages as read: the reader says so, and a reminder that was read does not climb."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.messages import refusals
from zhiheng.actions.messages.remind import count_unread, unread_of_everybody
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.outbox import Message, MessageRecipient
from zhiheng.people import access

State = MessageRecipient.State


def mark_read(message: int, *, call: Call) -> Message:
    """The message, read by the account that asks; once read it stays so. Raises Refused where it has none such."""
    access.require(call, "message.own")
    own = MessageRecipient.objects.filter(
        message=message, account=call.actor.account or 0, channel=MessageRecipient.Channel.IN_APP
    )
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        row = own.select_related("message").first()
        if row is None:
            raise Refused(refusals.absent(message))
        if own.filter(state=State.SENT).update(state=State.READ, read_at=call.now):
            Message.objects.filter(pk=message).update(climbs_at=None)
            count_unread([row.account])
            audit.write(call, "message.read", f"message:{message}")
    return row.message


def mark_all_read(*, call: Call) -> int:
    """All that the account has not read; how many."""
    access.require(call, "message.own")
    account = call.actor.account or 0
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        rows = list(unread_of_everybody().filter(account=account).values_list("pk", "message"))
        count = MessageRecipient.objects.filter(pk__in=[pk for pk, _ in rows]).update(
            state=State.READ, read_at=call.now
        )
        Message.objects.filter(pk__in=[message for _, message in rows]).update(climbs_at=None)
        count_unread([account])
        if count:
            audit.write(call, "message.read", f"account:{account}", detail={"count": count})
    return count
