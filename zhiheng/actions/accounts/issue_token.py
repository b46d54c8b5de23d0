"""Give a program of a unit a key. The key is shown once; only its digest is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

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


@dataclass(frozen=True)
class KeyTerms:
    """What a key is for, what it may do, and how far it reaches.

    Attributes:
        name: what it is for.
        scopes: the acts that it may do, each of which its role must have.
        last_day: at most a year from today.
        role: a role of programs.
        area, quality: limits of the role, as in ``give_role``.
    """

    name: str
    unit: str
    scopes: Sequence[str]
    last_day: dt.date
    role: str = "program"
    area: str = ""
    quality: str = ""

    def columns(self) -> dict[str, Any]:
        """As the tables of orders and keys have them."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"scopes": canonical(self.scopes)}


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
        name, unit, scopes, last_day, role, area, quality: see ``KeyTerms``.

    Returns:
        The token and its secret, which is shown this once.

    Raises:
        Refused: with every reason found; to an administrator.
    """
    terms = checked_key(KeyTerms(name, unit, [*scopes], last_day, role, area, quality), call=call)
    if call.actor.kind not in access.UNLIMITED:
        raise Refused(refusals.keys_are_ordered())
    return make_token(terms, call=call)


def checked_key(terms: KeyTerms, *, call: Call) -> KeyTerms:
    """The terms of a key that may be given, with the area that follows from them; raises Refused with every reason
    found why it may not.
    """
    access.require_somewhere(call, "token.manage")
    page = role_of(terms.role, "program", call.book)
    unit = terms.unit
    # A bank stands in no area: only who looks after all areas gives its systems a key.
    bank = for_institutions(page)
    area = "" if bank else terms.area or call.book[DISTRICT].area_of_unit.get(unit, "")
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
    if not terms.name.strip() or len(terms.name) > 120:
        found.append(refusals.purpose_of_key_missing())
    scopes = sorted(set(terms.scopes))
    wrong = [scope for scope in scopes if scope not in able]
    if not scopes or wrong:
        found.append(refusals.scopes_outside_role(page.label, able=able, wrong=wrong))
    if terms.quality and terms.quality not in QUALITIES:
        found.append(refusals.quality_unknown(terms.quality))
    latest = days.last_day_of(call.today, LONGEST_MONTHS)
    if not call.today < terms.last_day <= latest:
        found.append(refusals.key_days_wrong(latest))
    if found:
        raise Refused(*found)
    return replace(terms, name=terms.name.strip(), scopes=scopes, area=area)


def make_token(terms: KeyTerms, *, call: Call) -> IssuedToken:
    """Make a key that was checked, with its line in the trail; the caller has asked whether it may be made."""
    key = tokens.new_key()
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        token: ApiToken = ApiToken.objects.create(
            **terms.columns(), digest=tokens.digest_of(key), made_at=call.now, made_by=str(call.actor)[:160]
        )
        detail = {
            "name": terms.name,
            "unit": terms.unit,
            "area": terms.area,
            "scopes": terms.scopes,
            "last_day": str(terms.last_day),
        }
        audit.write(call, "token.issue", f"token:{token.pk}", detail=detail)
    return IssuedToken(token, key)
