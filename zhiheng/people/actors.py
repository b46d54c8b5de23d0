"""From an account to who acts: the roles that it holds today."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from zhiheng.kernel.actor import Actor, Holding
from zhiheng.people.models import Account


def actor_of(account: Account) -> Actor:
    """The account with the roles it holds today (one query)."""
    today = timezone.localdate()
    holdings = tuple(
        holding
        for grant in account.grants.all()
        if (holding := Holding(
            grant.role, grant.unit, grant.area, grant.quality or None, grant.subject, grant.first_day,
            grant.ended_on or grant.last_day or dt.date.max,
        )).on(today)
    )  # fmt: skip
    return Actor(f"account:{account.pk}", account.kind, account.name, holdings)
