"""The rule of the second person: what shows facts is given by an administrator and confirmed by somebody of the unit
that it is given in, so that no administrator alone reaches facts.

Who confirms holds a role with ``grant.confirm`` in that unit, is neither who gives nor who receives, and is another
person than they: not a second account of the same name, and not one whose code on paper or lost factor who gives had in
hand within a day. Where the unit has nobody else who may (an institution, a unit whose first head is being given their
role), it is who may for the area above it. The operator at the terminal needs nobody: the machine is theirs, and the
trail names them.
"""

from __future__ import annotations

from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel.reasons import Refusal
from zhiheng.people import access
from zhiheng.people.codes import BOTH_WITHIN
from zhiheng.people.models import Account, Confirmation, Invitation, KeyOrder, TrailLine
from zhiheng.queries import refusals
from zhiheng.queries.addressees import Addressees

ACT = "grant.confirm"


def alone(call: Call) -> bool:
    """Whether who makes the call needs no second person."""
    return call.actor.kind in access.UNLIMITED


def may_confirm(
    unit: str, *, given_by: str, receiver: Account | None, call: Call, addressees: Addressees | None = None
) -> Refusal | None:
    """None where the actor is the second person for what was given in a unit, else why not.

    Args:
        unit: in which it was given.
        given_by: the actor that gave it, as the trail names them (``account:12``).
        receiver: who is to have it; None where that may be the second person.
        addressees: the officers of the day, where many are asked about.
    """
    if alone(call):
        return None
    involved = _accounts(given_by) | ({receiver.pk} if receiver is not None else set())
    mine = {number for number in (call.actor.account, *_accounts(call.actor.acting_for)) if number is not None}
    if mine & involved:
        return refusals.confirming_own()
    if (refusal := _outside(unit, involved, addressees or Addressees(call.book, call.today), call)) is not None:
        return refusal
    names = set(Account.objects.filter(pk__in=involved).values_list("name", flat=True))
    if call.actor.name in names:
        return refusals.confirming_by_the_same_person()
    return refusals.confirming_after_a_code() if _in_hand(mine, given_by, call) else None


def may_confirm_role(waiting: Confirmation, *, call: Call, addressees: Addressees | None = None) -> Refusal | None:
    """None where the actor is the second person for a role that waits, else why not."""
    grant = waiting.grant
    return may_confirm(grant.unit, given_by=grant.given_by, receiver=grant.account, call=call, addressees=addressees)


def may_confirm_key(order: KeyOrder, *, call: Call, addressees: Addressees | None = None) -> Refusal | None:
    """None where the actor is the second person for a key that was ordered, else why not: its holder may be that, since
    who ordered it is another.
    """
    receiver = order.holder if order.holder_id != call.actor.account else None
    return may_confirm(order.unit, given_by=order.asked_by, receiver=receiver, call=call, addressees=addressees)


def _accounts(actor: str) -> set[int]:
    """The numbers in ``account:5 for account:7``."""
    parts = (part.partition(":") for part in actor.split(" for "))
    return {int(number) for kind, _, number in parts if kind == "account" and number.isdecimal()}


def _outside(unit: str, involved: set[int], addressees: Addressees, call: Call) -> Refusal | None:
    """Why the actor is not of the unit; where nobody of it is left, of no area above it."""
    able = {name for name, role in call.book[ROLES].items() if any(role.clauses(ACT))}
    if any(account not in involved and holding.role in able for account, holding in addressees.of_unit(unit)):
        return access.may(call, ACT, unit=unit)
    district = call.book[DISTRICT]
    area = district.area_of_unit.get(unit, "")
    for holding in call.actor.holdings:
        below = district.areas_below.get(holding.area or district.area_of_unit.get(holding.unit, ""), frozenset())
        whole = len(below) == len(district.areas_below)
        if holding.role in able and holding.on(call.today) and (whole or (area and area in below)):
            return access.may(call, ACT, unit=holding.unit)
    return access.may(call, ACT, unit=unit) or refusals.confirming_elsewhere()


def _in_hand(mine: set[int], given_by: str, call: Call) -> bool:
    """Whether who gave it also gave the actor's account a code, or took its factor away, within a day."""
    since = call.now - BOTH_WITHIN
    codes = Invitation.objects.filter(account__in=mine, made_by=given_by, made_at__gt=since)
    abouts = [f"account:{number}" for number in mine]
    taken = TrailLine.objects.filter(verb="account.factor_reset", about__in=abouts, actor=given_by, at__gt=since)
    return codes.exists() or taken.exists()
