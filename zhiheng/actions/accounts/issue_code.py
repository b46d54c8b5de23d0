"""Issue a code on paper with which the holder of an account sets the password, the first time or when it was forgotten.

Only the holder ever knows the password, and no e-mail is needed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.create_account import require_over
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access, codes
from zhiheng.people.codes import BOTH_WITHIN
from zhiheng.people.models import Account, Invitation, TrailLine

DAYS = 7


@dataclass(frozen=True)
class IssuedCode:
    """An invitation and its code, which is nowhere stored and shown this once."""

    invitation: Invitation
    code: str


def issue_code(account_id: int, *, call: Call, days: int = DAYS) -> IssuedCode:
    """Issue a code for an account; an earlier unused one no longer works.

    Args:
        days: how long the code can be used.

    Returns:
        The code, which is shown this once.

    Raises:
        Refused: where the account is absent, closed or managed by another administrator, or where the actor reset its
            second factor within a day (two people are needed for both).
    """
    account = account_for(account_id, call)
    if call.actor.kind not in access.UNLIMITED and _took_the_factor(account, call.actor, call.now):
        raise Refused(refusals.needs_two_administrators())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        secret = codes.new_secret()
        earlier = Invitation.objects.filter(account=account, accepted_at=None, withdrawn_at=None)
        earlier.update(withdrawn_at=call.now)
        invitation = Invitation.objects.create(
            pk=codes.new_number(),
            account=account,
            name=account.name,
            code_hash=make_password(secret),
            made_at=call.now,
            made_by=str(call.actor)[:160],
            expires_at=call.now + dt.timedelta(days=days),
        )
        audit.write(call, "invitation.issue", f"account:{account.pk}", detail={"invitation": invitation.pk})
    return IssuedCode(invitation, codes.written(invitation.pk, secret))


def _took_the_factor(account: Account, actor: Actor, now: dt.datetime) -> bool:
    taken = TrailLine.objects.filter(
        verb="account.factor_reset", about=f"account:{account.pk}", at__gt=now - BOTH_WITHIN
    )
    return bool(taken.filter(actor=str(actor)[:160]).exists())


def account_for(account_id: int, call: Call) -> Account:
    """An account that the actor manages. Raises Refused where it is absent, closed, or belongs elsewhere."""
    account: Account | None = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise Refused(refusals.account_absent(account_id))
    require_over(call, kind=account.kind, unit=account.unit, subject=account.subject)
    if not account.is_active:
        raise Refused(refusals.account_closed(account.login))
    return account
