"""Close an account when its holder leaves. Sessions end at once; roles held and roles lent allow nothing any more."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.issue_code import account_for
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people.models import Account, ContactAddress, Invitation


def close_account(account_id: int, *, reason: str, call: Call) -> Account:
    """Close an account.

    Returns:
        The closed account.

    Raises:
        Refused: without a reason, for one's own account (the last administrator must not lock the door from outside),
            or where the account is absent, closed or managed by another administrator.
    """
    account = account_for(account_id, call)
    if call.actor.account == account.pk:
        raise Refused(refusals.closing_own_account())
    if not reason.strip():
        raise Refused(refusals.closing_needs_reason())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        account.is_active = False
        account.save(update_fields=["is_active"])
        Invitation.objects.filter(account=account, accepted_at=None, withdrawn_at=None).update(withdrawn_at=call.now)
        # Addresses were given for messages to this account alone.
        ContactAddress.objects.filter(account=account).delete()
        end_sessions(account)
        audit.write(call, "account.close", f"account:{account.pk}", purpose=reason.strip())
    return account


def end_sessions(account: Account) -> None:
    """Sign an account out wherever it is signed in."""
    open_now = UserSession.objects.filter(user=account)
    Session.objects.filter(session_key__in=list(open_now.values_list("session_key", flat=True))).delete()
    open_now.delete()
