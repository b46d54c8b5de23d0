"""Withdraw an unused code on paper."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts.create_account import require_over
from zhiheng.actions.enterprises import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.models import Invitation


def withdraw_invitation(invitation_id: int, *, call: Call) -> None:
    """Withdraw an invitation: its code no longer works.

    Raises:
        Refused: where it is absent, used, or managed by another administrator.
    """
    access.require_somewhere(call, "enterprise.invite")
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        found = Invitation.objects.select_for_update().filter(pk=invitation_id, accepted_at=None, withdrawn_at=None)
        invitation = found.select_related(None).first()
        if invitation is None:
            raise Refused(refusals.invitation_absent(invitation_id))
        if invitation.subject is not None:
            require_over(call, kind="enterprise", unit="", subject=invitation.subject, act="enterprise.invite")
        else:
            account = invitation.account
            assert account is not None, "an invitation is to an enterprise or to an account"
            require_over(call, kind=account.kind, unit=account.unit, subject=account.subject)
        invitation.withdrawn_at = call.now
        invitation.save(update_fields=["withdrawn_at"])
        audit.write(call, "invitation.withdraw", f"invitation:{invitation_id}")
