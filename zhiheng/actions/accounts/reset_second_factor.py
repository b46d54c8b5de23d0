"""Take a second factor away from an account whose holder has lost it: an act of its own, for a reason, and never half
of a take-over.

A code on paper sets a password and no more. Who could give out the code and take the factor away would be able to
become anybody, so two people do it: whoever gave the account a code does not take its factor away within a day, and the
other way round (``issue_code``).
"""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.close_account import end_sessions
from zhiheng.actions.accounts.issue_code import BOTH_WITHIN, account_for
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.models import Account, Invitation


def reset_second_factor(account_id: int, *, reason: str, call: Call) -> Account:
    """The account without any second factor; its sessions end. Raises Refused for one's own, without a reason, or where
    there is none.
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
