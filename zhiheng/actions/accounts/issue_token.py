"""Give a program of a unit a key. The key is shown once; only its digest is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts.create_account import institutions
from zhiheng.actions.accounts.give_role import role_of
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ACTS, Role
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel import days
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refusal, Refused
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
    """A token for a unit's program: with the acts in ``scopes``, which its role must have, until ``last_day`` (at most
    a year).
    """
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
        found.append(
            Refusal(
                "unit.unknown",
                f"“{page.label.zh}”的令牌发给{'签有协议的金融机构' if bank else '本地的单位'}；请另选单位，"
                "或另选角色。",
                f"A key of the role '{page.label.en}' is for "
                f"{'an institution that has an agreement' if bank else 'a unit of the place'}; choose another unit or "
                "another role.",
                "unit",
            )
        )
    if not name.strip() or len(name) > 120:
        found.append(
            Refusal(
                "token.name",
                "请写明令牌的用途（120 字以内）。",
                "Say what the token is for (120 characters at most).",
                "name",
            )
        )
    if not scopes or (wrong := sorted(set(scopes) - able)):
        listed = "、".join(f"{act}（{ACTS[act].zh}）" for act in sorted(able))
        found.append(
            Refusal(
                "token.scopes",
                f"范围要在角色“{page.label.zh}”之内，至少一项；可用：{listed}。",
                f"Scopes are one or more acts of the role {page.label.en}: {', '.join(sorted(able))}"
                + (f"; not {', '.join(wrong)}." if scopes and wrong else "."),
                "scopes",
            )
        )
    if quality and quality not in QUALITIES:
        found.append(
            Refusal(
                "quality.unknown",
                f"没有“{quality}”这类质量；请选 {'、'.join(QUALITIES)}，或留空。",
                f"There is no quality {quality!r}; choose {', '.join(QUALITIES)}, or leave it empty.",
                "quality",
            )
        )
    latest = days.last_day_of(call.today, LONGEST_MONTHS)
    if not call.today < last_day <= latest:
        found.append(
            Refusal(
                "token.days",
                f"有效期要在明天至 {latest} 之间；到期前换发。",
                f"The last day lies between tomorrow and {latest}; renew it before.",
                "last_day",
            )
        )
    if found:
        raise Refused(*found)
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
