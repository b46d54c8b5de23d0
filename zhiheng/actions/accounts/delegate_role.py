"""Lend a role for a time, during leave: a colleague acts on behalf of the lender, and the trail names both."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel import days
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account, Grant

LONGEST_MONTHS = 6


def delegate_role(grant_id: int, to: int, *, first_day: dt.date, last_day: dt.date, reason: str, call: Call) -> Grant:
    """Lend a role that the actor holds to a colleague.

    Args:
        grant_id: the actor's own grant. A borrowed role can't be lent again.
        to: an open account of the same unit.
        first_day, last_day: both included; at most half a year, and no longer than the role itself.

    Returns:
        The grant of the borrower. It ends with the role that it is lent from.

    Raises:
        Refused: with every reason found.
    """
    grant: Grant | None = Grant.objects.filter(pk=grant_id).first()
    access.require(call, "grant.delegate", unit=grant.unit if grant is not None else "")
    receiver: Account | None = Account.objects.filter(pk=to, is_active=True).first()
    if wrong := _wrong(grant, receiver, first_day, last_day, reason, call):
        raise Refused(*wrong)
    assert grant is not None
    assert receiver is not None
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        loan: Grant = Grant.objects.create(
            account=receiver,
            role=grant.role,
            unit=grant.unit,
            area=grant.area,
            quality=grant.quality,
            subject=grant.subject,
            first_day=first_day,
            last_day=last_day,
            delegated_by_id=grant.account_id,
            lent_from=grant,
            given_by=str(call.actor)[:160],
            given_at=call.now,
            reason=reason.strip(),
        )
        detail = {
            "grant": loan.pk,
            "from": grant.pk,
            "role": grant.role,
            "first_day": str(first_day),
            "last_day": str(last_day),
        }
        audit.write(call, "role.lend", f"account:{receiver.pk}", purpose=reason.strip(), detail=detail)
    return loan


def _wrong(
    grant: Grant | None, receiver: Account | None, first_day: dt.date, last_day: dt.date, reason: str, call: Call
) -> list[Refusal]:
    if (
        grant is None
        or grant.account_id != call.actor.account
        or call.actor.acting_for
        or grant.lent_from_id is not None
    ):
        return [refusals.lent_role_lent_again()]
    found = []
    role = call.book[ROLES].get(grant.role)
    if role is None or not role.delegable:
        found.append(
            refusals.role_not_to_be_lent(
                role.label.zh if role else grant.role, en=role.label.en if role else grant.role
            )
        )
    if receiver is None or receiver.pk == grant.account_id:
        found.append(refusals.receiver_missing())
    elif receiver.kind != Account.Kind.OFFICER or receiver.unit != grant.unit:
        found.append(refusals.receiver_of_another_unit(receiver.name))
    last = min(
        day for day in (grant.last_day, grant.ended_on, days.last_day_of(first_day, LONGEST_MONTHS)) if day is not None
    )
    if not call.today <= first_day <= last_day <= last or first_day < grant.first_day:
        found.append(refusals.loan_days_wrong(last))
    if not reason.strip():
        found.append(refusals.loan_needs_reason())
    return found


def lenders(account: Account, today: dt.date) -> list[Account]:
    """Those in whose place an account may act today."""
    ids = account.grants.exclude(delegated_by=None).values_list("delegated_by", flat=True).distinct()
    found = Account.objects.filter(pk__in=ids, is_active=True).order_by("pk")
    return [lender for lender in found if actor_of(account, lender.pk).acting_for]
