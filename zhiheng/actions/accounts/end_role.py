"""End a role at once, with everything that was lent from it. The grant stays readable."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.give_role import require_for
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.models import Grant


def end_role(grant_id: int, *, reason: str, call: Call) -> Grant:
    """End a role. A role that was lent may also be taken back by the lender, or given back by the borrower.

    Returns:
        The ended grant.

    Raises:
        Refused: without a reason, where it has ended, or where the actor may not end it.
    """
    grant: Grant | None = Grant.objects.select_related("account").filter(pk=grant_id).first()
    mine = grant is not None and grant.lent_from_id is not None and call.actor.account is not None
    if grant is not None and mine and call.actor.account in (grant.delegated_by_id, grant.account_id):
        access.require(call, "grant.act_for")
    else:
        access.require_somewhere(call, "people.manage")
        if grant is not None:
            require_for(call, call.book[ROLES].get(grant.role), unit=grant.unit, area=grant.area, subject=grant.subject)
    if grant is None or grant.ended_on is not None:
        raise Refused(refusals.role_ended(grant_id))
    if not reason.strip():
        raise Refused(refusals.ending_role_needs_reason())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        for one in [grant, *grant.loans.filter(ended_on=None)]:
            one.ended_on, one.ended_by, one.end_reason = call.today, str(call.actor)[:160], reason.strip()
            one.save(update_fields=["ended_on", "ended_by", "end_reason"])
            detail = {"grant": one.pk, "role": one.role}
            audit.write(call, "role.end", f"account:{one.account_id}", purpose=reason.strip(), detail=detail)
    return grant
