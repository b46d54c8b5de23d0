"""Take a code on paper back that nobody has used yet."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts.create_account import require_over
from zhiheng.grammar.book import Book
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access
from zhiheng.people.models import Invitation


def withdraw_invitation(invitation_id: int, *, book: Book, actor: Actor, now: dt.datetime) -> None:
    """The code works no more."""
    access.require_somewhere(actor, "enterprise.invite", book=book, today=now.date())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        found = Invitation.objects.select_for_update().filter(pk=invitation_id, accepted_at=None, withdrawn_at=None)
        invitation = found.select_related(None).first()
        if invitation is None:
            raise Refused(
                Refusal(
                    "invitation.absent",
                    f"邀请 {invitation_id} 不存在，或已启用、已收回；请刷新名单。",
                    f"Invitation {invitation_id} does not exist, or was used or withdrawn; reload the list.",
                )
            )
        if invitation.subject is not None:
            require_over(
                actor,
                kind="enterprise",
                unit="",
                subject=invitation.subject,
                book=book,
                now=now,
                act="enterprise.invite",
            )
        else:
            account = invitation.account
            assert account is not None, "an invitation is to an enterprise or to an account"
            require_over(actor, kind=account.kind, unit=account.unit, subject=account.subject, book=book, now=now)
        invitation.withdrawn_at = now
        invitation.save(update_fields=["withdrawn_at"])
        audit.write(actor, "invitation.withdraw", f"invitation:{invitation_id}", now)
