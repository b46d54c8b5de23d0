"""From an account or a token to who acts: the roles that it holds today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import cast

import orjson
from django.db.models import Q
from django.utils import timezone

from zhiheng.kernel.actor import Actor, ActorKind, Holding
from zhiheng.people.models import Account, ApiToken, Confirmation, Grant


def actor_of(account: Account, acting_for: int | None = None) -> Actor:
    """The actor of an account with the roles it holds today (one query).

    Borrowed roles are used only while the account acts for their lender (``acting_for``), so that the trail always
    names both. Where the loan is over, the account acts in its own name again.
    """
    today = timezone.localdate()
    own: list[Holding] = []
    lent: list[Holding] = []
    for grant in account.grants.select_related(*WITH_GRANTS).order_by("id"):
        if waits(grant):
            continue
        if grant.lent_from is None:
            own.append(_holding(grant))
        elif grant.delegated_by_id == acting_for and (holding := loan(grant)).on(today):
            lent.append(holding)
    kind = kind_of(account)
    if lent:
        return Actor(f"account:{account.pk}", kind, account.name, tuple(lent), f"account:{acting_for}")
    now = tuple(holding for holding in own if holding.on(today))
    past = tuple(holding for holding in own if not holding.on(today))
    return Actor(f"account:{account.pk}", kind, account.name, now, past=past)


def active_accounts(logins: Collection[str]) -> list[Account]:
    """Those of the accounts with these logins that can be signed in to, the oldest first."""
    return list(Account.objects.filter(login__in=logins, is_active=True).order_by("id"))


def kind_of(account: Account) -> ActorKind:
    """The kind of actor that an account is: the kinds of accounts are among them."""
    return cast(ActorKind, account.kind)


def loan(grant: Grant) -> Holding:
    """A role that was lent, as long as the lender has it: it ends with the lender's own role, and with the lender's
    account.
    """
    lender = grant.lent_from
    assert lender is not None
    mine, theirs = _holding(grant), _holding(lender)
    last = min(mine.last, theirs.last) if lender.account.is_active and not waits(lender) else dt.date.min
    return Holding(mine.role, mine.unit, mine.area, mine.quality, mine.subject, max(mine.first, theirs.first), last)


# What is read along with grants, so that whether they hold takes no further query.
WITH_GRANTS = ("confirmation", "lent_from", "lent_from__account", "lent_from__confirmation")


def waits(grant: Grant) -> bool:
    """Whether a role does not hold because the second person has not confirmed it, or declined."""
    confirmation: Confirmation | None = getattr(grant, "confirmation", None)
    return confirmation is not None and confirmation.state != Confirmation.State.CONFIRMED


# The grants of which ``waits`` is not so, as a condition of a query.
NOT_WAITING = Q(confirmation=None) | Q(confirmation__state=Confirmation.State.CONFIRMED)


def held(grant: Grant) -> Holding:
    """The days on which a grant gives its role: by itself, or as a loan; none while it waits for a second person."""
    if waits(grant):
        return replace(_holding(grant), last=dt.date.min)
    return _holding(grant) if grant.lent_from is None else loan(grant)


def actor_of_token(token: ApiToken) -> Actor:
    """A program with what its token allows; whether the token is live is asked where it is found (``tokens.py``)."""
    holding = Holding(
        token.role, token.unit, token.area, token.quality or None, token.subject, dt.date.min, token.last_day
    )
    return Actor(f"token:{token.pk}", "program", token.name, (holding,), only=frozenset(orjson.loads(token.scopes)))


def _holding(grant: Grant) -> Holding:
    """The days on which a grant holds: to its last day, and not on the day it was ended."""
    last = min(
        grant.last_day or dt.date.max,
        grant.ended_on - dt.timedelta(days=1) if grant.ended_on is not None else dt.date.max,
    )
    return Holding(grant.role, grant.unit, grant.area, grant.quality or None, grant.subject, grant.first_day, last)
