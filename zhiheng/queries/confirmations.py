"""What waits for a second person: roles and keys that show facts, for those who may confirm them; and the keys that
were ordered for oneself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from zhiheng.grammar.call import Call
from zhiheng.people import access
from zhiheng.people.models import Confirmation, Grant, KeyOrder
from zhiheng.queries.addressees import Addressees
from zhiheng.queries.identity import names_of
from zhiheng.queries.second_person import may_confirm_key, may_confirm_role

# So many of each stand on the page, the oldest first; what was decided makes room.
MOST = 100


@dataclass(frozen=True)
class RoleToConfirm:
    """A role that waits, and the name of who gives it."""

    grant: Grant
    confirmation: Confirmation
    given_by: str


@dataclass(frozen=True)
class KeyOrdered:
    """A key that was ordered: the acts that it may do, and the name of who ordered it."""

    order: KeyOrder
    scopes: tuple[str, ...]
    asked_by: str


def to_confirm(*, call: Call) -> tuple[tuple[RoleToConfirm, ...], tuple[KeyOrdered, ...]]:
    """The roles and keys for which the actor is the second person, the oldest first."""
    access.require_somewhere(call, "grant.confirm")
    addressees = Addressees(call.book, call.today)
    rows = Confirmation.objects.filter(state=Confirmation.State.WAITING, grant__ended_on=None)
    roles = [
        row
        for row in rows.select_related("grant", "grant__account").order_by("asked_at", "pk")[: MOST * 5]
        if may_confirm_role(row, call=call, addressees=addressees) is None
    ][:MOST]
    orders = KeyOrder.objects.filter(state=KeyOrder.State.WAITING).select_related("holder").order_by("pk")
    keys = [order for order in orders[: MOST * 5] if may_confirm_key(order, call=call, addressees=addressees) is None][
        :MOST
    ]
    names = names_of({row.grant.given_by for row in roles} | {order.asked_by for order in keys})
    return (
        tuple(RoleToConfirm(row.grant, row, names.get(row.grant.given_by, row.grant.given_by)) for row in roles),
        tuple(_told(keys, names)),
    )


def own_keys(*, call: Call) -> tuple[KeyOrdered, ...]:
    """The keys that were ordered for the account that asks and that it has not taken, the oldest first."""
    access.require(call, "token.take")
    orders = list(KeyOrder.objects.filter(KeyOrder.OPEN, holder=call.actor.account).order_by("pk")[:MOST])
    return tuple(_told(orders, names_of({order.asked_by for order in orders})))


def ordered_keys(*, call: Call) -> tuple[KeyOrdered, ...]:
    """The keys ordered for units that the actor looks after which were not taken yet, the oldest first."""
    access.require_somewhere(call, "token.manage")
    units = access.units(call, "token.manage")
    orders = KeyOrder.objects.filter(KeyOrder.OPEN)
    if access.may(call, "token.manage") is not None:
        orders = orders.filter(unit__in=units)
    found = list(orders.select_related("holder").order_by("pk")[:MOST])
    return tuple(_told(found, names_of({order.asked_by for order in found})))


def _told(orders: list[KeyOrder], names: dict[str, str]) -> Iterator[KeyOrdered]:
    for order in orders:
        yield KeyOrdered(order, tuple(orjson.loads(order.scopes)), names.get(order.asked_by, order.asked_by))
