"""Take up an account with a code on paper. The code is all that is asked for: it may be tried a few times, once with
success.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts.create_account import login_refusals, password_refusals
from zhiheng.actions.accounts.give_role import role_of
from zhiheng.actions.accounts.refusals import account_taken
from zhiheng.actions.enterprises import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access, codes
from zhiheng.people.models import Account, Grant, Invitation


def open_invitation(code: str, *, call: Call) -> Invitation:
    """Look up the invitation of a code; a wrong code counts as an attempt against its invitation.

    Returns:
        The open invitation.

    Raises:
        Refused: with one and the same sentence for everything that can be wrong, so that guessing reveals nothing.
    """
    access.require(call, "account.accept")
    read = codes.read(code)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        invitation: Invitation | None = None
        if read is not None:
            invitation = Invitation.objects.select_for_update().filter(pk=read[0]).first()
        if (
            read is not None
            and invitation is not None
            and invitation.accepted_at is None
            and invitation.withdrawn_at is None
            and invitation.expires_at > call.now
            and invitation.tries < codes.TRIES
        ):
            if check_password(read[1], invitation.code_hash):
                return invitation
            invitation.tries += 1
            invitation.save(update_fields=["tries"])
        about = f"invitation:{invitation.pk}" if invitation is not None else "invitation:unknown"
        audit.write(call, "invitation.refused", about)
    # Raised only here, so that the try is counted and stands in the trail.
    raise Refused(refusals.invitation_code_wrong(codes.TRIES))


def accept_invitation(code: str, *, password: str, login: str = "", name: str = "", call: Call) -> Account:
    """Use an invitation: create the account with its role, or set the password of the account that the code is for.

    Args:
        login, name: of a new account only.

    Returns:
        The account, which can sign in from now on.

    Raises:
        Refused: with every reason found.
    """
    opened = open_invitation(code, call=call)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        # Somebody else with the same letter may have been faster.
        invitation = Invitation.objects.select_for_update().get(pk=opened.pk)
        if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
            raise Refused(refusals.invitation_code_used())
        account = invitation.account or _new(invitation, login, name, call.now)
        if wrong := password_refusals(password, account):
            raise Refused(*wrong)
        account.set_password(password)
        account.save()
        if invitation.account is None:
            role_of(invitation.role, account.kind, call.book)
            Grant.objects.create(
                account=account,
                role=invitation.role,
                subject=invitation.subject,
                first_day=call.today,
                given_by=invitation.made_by,
                given_at=call.now,
                reason=f"invitation:{invitation.pk}",
            )
        invitation.accepted_at, invitation.accepted_by = call.now, account
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        detail = {"account": account.pk, "role": invitation.role}
        audit.write(call, "invitation.accept", f"invitation:{invitation.pk}", detail=detail)
    return account


def _new(invitation: Invitation, login: str, name: str, now: dt.datetime) -> Account:
    login, name = login.strip().lower(), " ".join(name.split())
    if wrong := login_refusals(login, name):
        raise Refused(*wrong)
    if Account.objects.filter(login=login).exists():
        raise Refused(account_taken(login))
    return Account(
        login=login,
        name=name,
        kind=Account.Kind.ENTERPRISE,
        subject=invitation.subject,
        made_at=now,
        made_by=f"invitation:{invitation.pk}",
    )
