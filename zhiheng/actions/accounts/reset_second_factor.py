"""Remove the second factor of an account whose holder has lost it, as a separate act with a reason, so that one
administrator alone can never take an account over.

A code on paper sets a password and no more. An administrator who could issue the code and also remove the factor could
impersonate any holder, so two people are needed: after issuing a code one may not remove the factor within a day, and
the other way round (``issue_code``).
"""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.close_account import end_sessions
from zhiheng.actions.accounts.issue_code import account_for
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.codes import BOTH_WITHIN
from zhiheng.people.models import Account, Invitation


def reset_second_factor(account_id: int, *, reason: str, call: Call) -> Account:
    """Remove every second factor of an account and end its sessions.

    Returns:
        The account.

    Raises:
        Refused: for one's own account, without a reason, where there is no second factor, or where the actor issued its
            code within a day.
    """
    account = account_for(account_id, call)
    if call.actor.account == account.pk:
        raise Refused(refusals.resetting_own_second_factor())
    if not reason.strip():
        raise Refused(refusals.reset_needs_reason())
    if call.actor.kind not in access.UNLIMITED and _gave_a_code(account, call.actor, call.now):
        raise Refused(refusals.needs_two_administrators())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        factors = Authenticator.objects.filter(user=account)
        kinds = sorted(set(factors.values_list("type", flat=True)))
        if not kinds:
            raise Refused(refusals.no_second_factor(account.login))
        factors.delete()
        end_sessions(account)
        audit.write(
            call, "account.factor_reset", f"account:{account.pk}", purpose=reason.strip(), detail={"factors": kinds}
        )
    return account


def _gave_a_code(account: Account, actor: Actor, now: dt.datetime) -> bool:
    given = Invitation.objects.filter(account=account, made_by=str(actor)[:160], made_at__gt=now - BOTH_WITHIN)
    return bool(given.exists())
