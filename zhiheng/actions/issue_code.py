"""Give an account a code on paper, with which its holder sets the password: the first time, or when it was forgotten.

Nobody but the holder ever knows the password, and no e-mail is needed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from zhiheng.actions.create_account import require_over
from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import codes, trail
from zhiheng.people.models import Account, Invitation

DAYS = 7


@dataclass(frozen=True)
class Issued:
    """An invitation and its code, which is nowhere stored and shown this once."""

    invitation: Invitation
    code: str


def issue_code(account_id: int, *, book: Book, actor: Actor, now: dt.datetime, days: int = DAYS) -> Issued:
    """A code for an account; an earlier one that was not used no longer works."""
    account = account_for(account_id, actor, book, now)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        secret = codes.new_secret()
        earlier = Invitation.objects.filter(account=account, accepted_at=None, withdrawn_at=None)
        earlier.update(withdrawn_at=now)
        invitation = Invitation.objects.create(
            account=account, name=account.name, code_hash=make_password(secret), made_at=now, made_by=str(actor)[:160],
            expires_at=now + dt.timedelta(days=days),
        )  # fmt: skip
        trail.note(actor, "invitation.issue", f"account:{account.pk}", now, detail={"invitation": invitation.pk})
    return Issued(invitation, codes.written(invitation.pk, secret))


def account_for(account_id: int, actor: Actor, book: Book, now: dt.datetime) -> Account:
    """An account that the actor manages. Raises Refused where it is absent, closed, or belongs elsewhere."""
    account: Account | None = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise Refused(
            Refusal(
                "account.absent",
                f"没有编号为 {account_id} 的账号；请刷新名单。",
                f"There is no account {account_id}; reload the list.",
            )
        )
    require_over(actor, kind=account.kind, unit=account.unit, subject=account.subject, book=book, now=now)
    if not account.is_active:
        raise Refused(
            Refusal(
                "account.closed",
                f"账号“{account.login}”已停用；请先恢复，或用另一个账号。",
                f"The account {account.login!r} is closed; open it again first, or use another.",
            )
        )
    return account
