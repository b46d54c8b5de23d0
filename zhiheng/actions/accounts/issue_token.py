"""Give a program of a unit a key. The key is shown once; only its digest is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.create_account import institutions
from zhiheng.actions.accounts.give_role import role_of
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import Role
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel import days
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access, tokens
from zhiheng.people.models import ApiToken

LONGEST_MONTHS = 12


@dataclass(frozen=True)
class IssuedToken:
    """A token and its key, which is nowhere stored and shown this once."""

    token: ApiToken
    key: str


def for_institutions(role: Role) -> bool:
    """Whether a role of programs is one of banks' systems, which see what enterprises consent to and stand in no
    area.
    """
    return {clause.reach for clause in role.may} == {"consent"}


def issue_token(
    name: str,
    *,
    unit: str,
    scopes: Collection[str],
    last_day: dt.date,
    role: str = "program",
    area: str = "",
    quality: str = "",
    call: Call,
) -> IssuedToken:
    """Issue a token for a unit's program at once, as the operator of the machine and the installation itself may; an
    administrator orders one for a person of the unit, who takes it (``take_key.py``).

    Args:
        scopes: the acts that it may do, each of which its role must have.
        last_day: at most a year from today.
        role: a role of programs.
        area, quality: limits of the role, as in ``give_role``.

    Returns:
        The token and its secret, which is shown this once.

    Raises:
        Refused: with every reason found; to an administrator.
    """
    area = checked_key(
        name, unit=unit, scopes=scopes, last_day=last_day, role=role, area=area, quality=quality, call=call
    )
    if call.actor.kind not in access.UNLIMITED:
        raise Refused(refusals.keys_are_ordered())
    return make_token(
        name, unit=unit, scopes=scopes, last_day=last_day, role=role, area=area, quality=quality, call=call
    )


def checked_key(
    name: str,
    *,
    unit: str,
    scopes: Collection[str],
    last_day: dt.date,
    role: str,
    area: str,
    quality: str,
    call: Call,
) -> str:
    """The area of a key that may be given; raises Refused with every reason found why it may not."""
    access.require_somewhere(call, "token.manage")
    page = role_of(role, "program", call.book)
    # A bank stands in no area: only who looks after all areas gives its systems a key.
    bank = for_institutions(page)
    area = "" if bank else area or call.book[DISTRICT].area_of_unit.get(unit, "")
    access.require(call, "token.manage", unit="" if bank else unit)
    if area:
        access.require(call, "token.manage", area=area)
    able = {act for clause in page.may for act in clause.acts}
    found = []
    known = (
        unit in institutions(call.book)
        if bank
        else unit in call.book[DISTRICT].area_of_unit and area in call.book[DISTRICT].areas_below
    )
    if not known:
        found.append(refusals.unit_unfit_for_key(page.label, bank))
    if not name.strip() or len(name) > 120:
        found.append(refusals.purpose_of_key_missing())
    wrong = sorted(set(scopes) - able)
    if not scopes or wrong:
        found.append(refusals.scopes_outside_role(page.label, able=able, wrong=wrong))
    if quality and quality not in QUALITIES:
        found.append(refusals.quality_unknown(quality))
    latest = days.last_day_of(call.today, LONGEST_MONTHS)
    if not call.today < last_day <= latest:
        found.append(refusals.key_days_wrong(latest))
    if found:
        raise Refused(*found)
    return area


def make_token(
    name: str,
    *,
    unit: str,
    scopes: Collection[str],
    last_day: dt.date,
    role: str,
    area: str,
    quality: str,
    call: Call,
) -> IssuedToken:
    """Make a key that was checked, with its line in the trail; the caller has asked whether it may be made."""
    key = tokens.new_key()
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        token: ApiToken = ApiToken.objects.create(
            name=name.strip(),
            role=role,
            unit=unit,
            area=area,
            quality=quality,
            scopes=canonical(sorted(set(scopes))),
            digest=tokens.digest_of(key),
            made_at=call.now,
            made_by=str(call.actor)[:160],
            last_day=last_day,
        )
        detail = {
            "name": token.name,
            "unit": unit,
            "area": area,
            "scopes": sorted(set(scopes)),
            "last_day": str(last_day),
        }
        audit.write(call, "token.issue", f"token:{token.pk}", detail=detail)
    return IssuedToken(token, key)
