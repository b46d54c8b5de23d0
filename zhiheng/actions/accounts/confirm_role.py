"""Confirm or decline a role that shows facts, as the second person of its unit. Until then it holds nothing."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.models import Confirmation, Grant
from zhiheng.queries.second_person import may_confirm_role


def confirm_role(grant_id: int, *, call: Call) -> Grant:
    """Let a role hold that waits for a second person.

    Raises Refused where none waits, or the actor is not that person (``second_person.may_confirm``).
    """
    access.require_somewhere(call, "grant.confirm")
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        found = _waiting(grant_id, call)
        _decide(found, Confirmation.State.CONFIRMED, call)
        detail = {"grant": found.grant.pk, "role": found.grant.role, "unit": found.grant.unit}
        audit.write(call, "role.confirm", f"account:{found.grant.account_id}", detail=detail)
    return found.grant


def decline_role(grant_id: int, *, reason: str, call: Call) -> Grant:
    """Decline a role that waits: it ends without ever having held.

    Raises Refused where none waits, the actor is not the second person, or gives no reason.
    """
    access.require_somewhere(call, "grant.confirm")
    said = reason.strip()
    if not said:
        raise Refused(refusals.declining_needs_reason())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        found = _waiting(grant_id, call)
        _decide(found, Confirmation.State.DECLINED, call)
        grant = found.grant
        grant.ended_on, grant.ended_by, grant.end_reason = call.today, str(call.actor)[:160], said
        grant.save(update_fields=["ended_on", "ended_by", "end_reason"])
        audit.write(
            call,
            "role.decline",
            f"account:{grant.account_id}",
            purpose=said,
            detail={"grant": grant.pk, "role": grant.role},
        )
    return grant


def _waiting(grant_id: int, call: Call) -> Confirmation:
    rows = Confirmation.objects.select_for_update(of=("self",)).select_related("grant", "grant__account")
    found = rows.filter(grant=grant_id, state=Confirmation.State.WAITING, grant__ended_on=None).first()
    if found is None:
        raise Refused(refusals.nothing_to_confirm(grant_id))
    wrong = may_confirm_role(found, call=call)
    if wrong is not None:
        raise Refused(wrong)
    return found


def _decide(found: Confirmation, state: Confirmation.State, call: Call) -> None:
    found.state, found.decided_at, found.decided_by = state, call.now, str(call.actor)[:160]
    found.save(update_fields=["state", "decided_at", "decided_by"])
