"""Order a key for a program, confirm it, take it: three hands, so that who gives keys never holds one.

An administrator orders it for a person of the unit; where it shows facts, a second person of the unit confirms it; that
holder takes it, and then the key is made and shown this once.
"""

from __future__ import annotations

import orjson
from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.issue_token import IssuedToken, KeyTerms, checked_key, make_token
from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.models import Account, KeyOrder
from zhiheng.queries.second_person import alone, may_confirm_key


def order_key(terms: KeyTerms, *, holder: str, call: Call) -> KeyOrder:
    """Order a key for a unit's program, as ``issue_token`` would make it.

    Args:
        holder: the account name of an open account of the unit, who will take the key and look after it.

    Raises:
        Refused: with every reason found; where the holder is oneself.
    """
    terms = checked_key(terms, call=call)
    taker = Account.objects.filter(login=holder.strip().lower(), unit=terms.unit, is_active=True).first()
    if taker is None:
        raise Refused(refusals.holder_of_key_unknown(holder.strip()))
    if taker.pk == call.actor.account or taker.name == call.actor.name:
        raise Refused(refusals.holder_of_key_is_who_orders())
    waits = not alone(call) and any(ACTS[act].shows for act in terms.scopes)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        order: KeyOrder = KeyOrder.objects.create(
            **terms.columns(),
            holder=taker,
            state=KeyOrder.State.WAITING if waits else KeyOrder.State.CONFIRMED,
            asked_at=call.now,
            asked_by=str(call.actor)[:160],
        )
        detail = {
            "number": order.pk,
            "name": terms.name,
            "unit": terms.unit,
            "area": terms.area,
            "scopes": terms.scopes,
        }
        audit.write(call, "token.order", f"account:{taker.pk}", detail=detail)
    return order


def confirm_key(number: int, *, call: Call) -> KeyOrder:
    """Confirm a key that shows facts, as the second person of its unit. Raises Refused where none waits, or the actor
    is not that person.
    """
    return _decide(number, KeyOrder.State.CONFIRMED, "token.confirm", "", call)


def decline_key(number: int, *, reason: str, call: Call) -> KeyOrder:
    """Decline a key: it is never made. Raises Refused as ``confirm_key`` does, and without a reason."""
    if not reason.strip():
        raise Refused(refusals.declining_needs_reason())
    return _decide(number, KeyOrder.State.DECLINED, "token.decline", reason.strip(), call)


def take_key(number: int, *, call: Call) -> IssuedToken:
    """Take a key that was ordered for oneself: it is made now, and shown this once.

    Raises Refused where none is there to be taken, its last day is over, or it is somebody else's.
    """
    access.require(call, "token.take")
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        order = (
            KeyOrder.objects.select_for_update()
            .filter(pk=number, holder=call.actor.account, state=KeyOrder.State.CONFIRMED)
            .first()
        )
        if order is None or call.actor.acting_for or order.last_day <= call.today:
            raise Refused(refusals.no_key_to_take())
        scopes = orjson.loads(order.scopes)
        terms = KeyTerms(order.name, order.unit, scopes, order.last_day, order.role, order.area, order.quality)
        issued = make_token(terms, call=call)
        order.state, order.token = KeyOrder.State.TAKEN, issued.token
        order.save(update_fields=["state", "token"])
    return issued


def _decide(number: int, state: KeyOrder.State, verb: str, reason: str, call: Call) -> KeyOrder:
    access.require_somewhere(call, "grant.confirm")
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        rows = KeyOrder.objects.select_for_update(of=("self",)).select_related("holder")
        order: KeyOrder | None = rows.filter(pk=number, state=KeyOrder.State.WAITING).first()
        if order is None:
            raise Refused(refusals.nothing_to_confirm(number))
        wrong = may_confirm_key(order, call=call)
        if wrong is not None:
            raise Refused(wrong)
        order.state, order.decided_at, order.decided_by = state, call.now, str(call.actor)[:160]
        order.save(update_fields=["state", "decided_at", "decided_by"])
        detail = {"number": order.pk, "name": order.name, "unit": order.unit}
        audit.write(call, verb, f"account:{order.holder_id}", purpose=reason, detail=detail)
    return order
