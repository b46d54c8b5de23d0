"""End a web hook; its messages stay readable."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.webhooks import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.webhooks import WebHook, WebHookCall
from zhiheng.people import access

# What is written down where nobody gave a reason of their own: like every sentence that a machine leaves behind for
# readers of either
# language, in both, whatever the language of the one who ends it.
BY_OWNER = "由登记人停用 / ended by its owner"
BY_ADMINISTRATOR = "由管理员停用 / ended by an administrator"


def end(hook_id: int, *, why: str, call: Call) -> None:
    """End a web hook; ending it again changes nothing.

    Args:
        why: the reason that its owner reads.

    Raises:
        Refused: where it is absent or not the actor's to end.
    """
    hook = WebHook.objects.filter(pk=hook_id).first()
    if hook is None:
        raise Refused(refusals.webhook_absent(hook_id))
    access.require(call, "webhook.manage", unit=hook.unit)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if not WebHook.objects.filter(pk=hook_id, ended_at=None).update(ended_at=call.now, ended_why=why):
            return
        WebHookCall.objects.filter(hook_id=hook_id, state=WebHookCall.State.WAITING).update(
            state=WebHookCall.State.GIVEN_UP, error=why, done_at=call.now
        )
        audit.write(call, "webhook.end", f"webhook:{hook_id}", purpose=why)
