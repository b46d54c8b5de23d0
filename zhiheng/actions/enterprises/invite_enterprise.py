"""Invite a person of an enterprise by a code on paper: the letter allows one account, for this enterprise only."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts.create_account import require_over
from zhiheng.actions.accounts.give_role import role_of
from zhiheng.actions.accounts.issue_code import IssuedCode
from zhiheng.actions.enterprises import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Subject
from zhiheng.people import codes
from zhiheng.people.models import Invitation

DAYS = 30


def invite_enterprise(subject: int, *, role: str, name: str = "", call: Call, days: int = DAYS) -> IssuedCode:
    """Issue an invitation for an enterprise.

    Args:
        role: the role of the enterprise that the new account gets.
        name: the person that the letter is for.
        days: how long the code can be used.

    Returns:
        The invitation and its code, which is shown this once.

    Raises:
        Refused: where the enterprise is absent or outside of the actor's reach, or the role is none of an enterprise.
    """
    if not Subject.objects.filter(id=subject, kind="enterprise").exists():
        raise Refused(refusals.enterprise_to_invite_absent(subject))
    require_over(call, kind="enterprise", unit="", subject=subject, act="enterprise.invite")
    role_of(role, "enterprise", call.book)
    secret = codes.new_secret()
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        invitation = Invitation.objects.create(
            pk=codes.new_number(),
            subject=subject,
            role=role,
            name=" ".join(name.split())[:60],
            code_hash=make_password(secret),
            made_at=call.now,
            made_by=str(call.actor)[:160],
            expires_at=call.now + dt.timedelta(days=days),
        )
        detail = {"invitation": invitation.pk, "role": role}
        audit.write(call, "invitation.issue", f"subject:{subject}", detail=detail)
    return IssuedCode(invitation, codes.written(invitation.pk, secret))
