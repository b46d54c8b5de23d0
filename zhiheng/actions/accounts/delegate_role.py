"""Lend a role for a time: during leave somebody else acts in one's place, and the trail names both."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel import days
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account, Grant

LONGEST_MONTHS = 6


def delegate_role(grant_id: int, to: int, *, first_day: dt.date, last_day: dt.date, reason: str, call: Call) -> Grant:
    """The loan of a role that the actor holds, to an account of the same unit, for at most half a year.

    Only what one was given oneself can be lent, so there is no chain. It ends with the role that it is lent from.
    """
    grant: Grant | None = Grant.objects.filter(pk=grant_id).first()
    access.require(call, "grant.delegate", unit=grant.unit if grant is not None else "")
    receiver: Account | None = Account.objects.filter(pk=to, is_active=True).first()
    if refusals := _wrong(grant, receiver, first_day, last_day, reason, call):
        raise Refused(*refusals)
    assert grant is not None
    assert receiver is not None
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        loan: Grant = Grant.objects.create(
            account=receiver,
            role=grant.role,
            unit=grant.unit,
            area=grant.area,
            quality=grant.quality,
            subject=grant.subject,
            first_day=first_day,
            last_day=last_day,
            delegated_by_id=grant.account_id,
            lent_from=grant,
            given_by=str(call.actor)[:160],
            given_at=call.now,
            reason=reason.strip(),
        )
        detail = {
            "grant": loan.pk,
            "from": grant.pk,
            "role": grant.role,
            "first_day": str(first_day),
            "last_day": str(last_day),
        }
        audit.write(call, "role.lend", f"account:{receiver.pk}", purpose=reason.strip(), detail=detail)
    return loan


def _wrong(
    grant: Grant | None, receiver: Account | None, first_day: dt.date, last_day: dt.date, reason: str, call: Call
) -> list[Refusal]:
    if (
        grant is None
        or grant.account_id != call.actor.account
        or call.actor.acting_for
        or grant.lent_from_id is not None
    ):
        return [
            Refusal(
                "delegation.not_own",
                "只能委托自己名下的角色，别人委托来的不能再转；请选自己的角色。",
                "Only a role of one's own can be lent, not one that was lent; choose a role of yours.",
            )
        ]
    found = []
    role = call.book[ROLES].get(grant.role)
    if role is None or not role.delegable:
        found.append(
            Refusal(
                "delegation.role",
                f"角色“{role.label.zh if role else grant.role}”不能委托；请找系统管理员另行授予。",
                f"The role {role.label.en if role else grant.role} can't be lent; ask an administrator to give it.",
                "role",
            )
        )
    if receiver is None or receiver.pk == grant.account_id:
        found.append(
            Refusal("delegation.receiver", "请选另一位在用的账号。", "Choose another account that is in use.", "to")
        )
    elif receiver.kind != Account.Kind.OFFICER or receiver.unit != grant.unit:
        found.append(
            Refusal(
                "delegation.unit",
                f"“{receiver.name}”不是本单位的人；请选同一单位的人，跨单位请找系统管理员授予。",
                f"{receiver.name} is not of your unit; choose somebody of it, or ask an administrator.",
                "to",
            )
        )
    last = min(
        day for day in (grant.last_day, grant.ended_on, days.last_day_of(first_day, LONGEST_MONTHS)) if day is not None
    )
    if not call.today <= first_day <= last_day <= last or first_day < grant.first_day:
        found.append(
            Refusal(
                "delegation.days",
                f"委托要从今天或以后开始，到 {last} 为止（不超过半年，也不长于角色本身）；请改日期。",
                f"A loan begins today or later and lasts until {last} at most (half a year, and no longer than the "
                "role); correct the days.",
                "last_day",
            )
        )
    if not reason.strip():
        found.append(
            Refusal(
                "reason.needed",
                "委托要写明理由，例如休假；请补写。",
                "A loan needs a reason, such as leave; write one.",
                "reason",
            )
        )
    return found


def lenders(account: Account, today: dt.date) -> list[Account]:
    """Those in whose place an account may act today."""
    ids = account.grants.exclude(delegated_by=None).values_list("delegated_by", flat=True).distinct()
    found = Account.objects.filter(pk__in=ids, is_active=True).order_by("pk")
    return [lender for lender in found if actor_of(account, lender.pk).acting_for]
