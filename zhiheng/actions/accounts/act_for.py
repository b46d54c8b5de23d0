"""Begin or end acting on behalf of another account that lent a role. The door keeps the answer in the session; each
request then checks whether the loan still holds (``people/actors.py``).
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account


def switch_acting(lender: int | None, *, call: Call) -> int | None:
    """Choose on whose behalf the account acts from now on.

    Args:
        lender: the account that lent a role; None to act in one's own name again.

    Returns:
        What the session keeps under ``acting_for``: the lender, or None.

    Raises:
        Refused: where that account lent no role that holds today.
    """
    access.require(call, "grant.act_for")
    account = Account.objects.filter(pk=call.actor.account).first() if call.actor.account is not None else None
    if lender is not None and (account is None or not actor_of(account, lender).acting_for):
        raise Refused(refusals.nobody_lent_a_role())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        verb = "acting.begin" if lender is not None else "acting.end"
        audit.write(call, verb, f"account:{lender}" if lender is not None else (call.actor.acting_for or call.actor.id))
    return lender
