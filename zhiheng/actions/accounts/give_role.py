"""Give an account a role of the book, at a place, from a day to a day."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts.create_account import institutions
from zhiheng.actions.accounts.issue_code import account_for
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES, Role
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access
from zhiheng.people.models import Grant
from zhiheng.queries.subject_areas import areas_of


def give_role(
    account_id: int,
    role: str,
    *,
    unit: str = "",
    area: str = "",
    quality: str = "",
    first_day: dt.date | None = None,
    last_day: dt.date | None = None,
    reason: str = "",
    call: Call,
) -> Grant:
    """The grant. Unit and area are the account's own where none is given; ``quality`` limits it to one of the four.

    Nobody gives a role to themselves, and nobody gives one that reaches further than what they manage.
    """
    account = account_for(account_id, call)
    page = role_of(role, account.kind, call.book)
    if call.actor.account == account.pk:
        raise Refused(
            Refusal(
                "role.own",
                "不能给自己授予角色；请另一位管理员办理。",
                "Nobody gives a role to themselves; ask another administrator.",
            )
        )
    unit = unit or account.unit
    area = area or call.book[DISTRICT].area_of_unit.get(unit, "")
    first_day = first_day or call.today
    if refusals := _wrong(page, unit, area, quality, first_day, last_day, call.book):
        raise Refused(*refusals)
    require_for(call, page, unit=unit, area=area, subject=account.subject)
    refusals = []
    if last_day is not None and first_day <= last_day < call.today:
        refusals.append(
            Refusal(
                "role.over",
                f"截止日期 {last_day} 已经过去，授予后也用不了；请选今天或以后的日期，或留空表示长期。",
                f"The last day {last_day} is past, so the role would never hold; choose today or later, or leave it "
                "empty.",
                "last_day",
            )
        )
    if first_day < call.today:
        refusals.append(
            Refusal(
                "role.past",
                f"起始日期 {first_day} 已经过去；授予从今天或以后开始，请改日期。",
                f"The first day {first_day} is past; a role begins today or later. Correct the day.",
                "first_day",
            )
        )
    if refusals:
        raise Refused(*refusals)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        grant: Grant = Grant.objects.create(
            account=account,
            role=role,
            unit=unit,
            area=area,
            quality=quality,
            subject=account.subject,
            first_day=first_day,
            last_day=last_day,
            given_by=str(call.actor)[:160],
            given_at=call.now,
            reason=reason.strip(),
        )
        detail = {
            "grant": grant.pk,
            "role": role,
            "unit": unit,
            "area": area,
            "quality": quality,
            "subject": account.subject,
            "first_day": str(first_day),
            "last_day": str(last_day or ""),
        }
        audit.write(call, "role.give", f"account:{account.pk}", purpose=reason.strip(), detail=detail)
    return grant


def require_for(call: Call, role: Role | None, *, unit: str, area: str, subject: int | None) -> None:
    """Raise Refused unless the actor manages all that the role reaches there: the unit, the area, the enterprise's
    place.

    A role that reaches everywhere, and one of a bank, which stands in no area, are given and ended only by somebody who
    manages everywhere.
    """
    if (role is not None and role.far) or (subject is None and unit not in call.book[DISTRICT].area_of_unit):
        access.require(call, "people.manage")
    if subject is not None:
        access.require(call, "people.manage", area=areas_of([subject])[subject])
    if unit in call.book[DISTRICT].area_of_unit:
        access.require(call, "people.manage", unit=unit)
    if area:
        access.require(call, "people.manage", area=area)


def role_of(role: str, kind: str, book: Book) -> Role:
    """The role's page; raises Refused where the book has none, or it is for another kind of account."""
    page = book[ROLES].get(role)
    if page is None or page.kind != kind:
        able = [f"{name}（{other.label.zh}）" for name, other in book[ROLES].items() if other.kind == kind]
        raise Refused(
            Refusal(
                "role.unknown",
                f"规则书里没有适合这种账号的角色“{role}”；可用：{'、'.join(able) or '（无）'}。",
                f"The book has no role {role!r} for this kind of account; use one of: {', '.join(able) or '(none)'}.",
                "role",
            )
        )
    return page


def _wrong(
    role: Role, unit: str, area: str, quality: str, first_day: dt.date, last_day: dt.date | None, book: Book
) -> list[Refusal]:
    found = []
    reaches = {clause.reach for clause in role.may}
    if unit and unit not in (institutions(book) if role.kind == "bank" else book[DISTRICT].area_of_unit):
        found.append(
            Refusal(
                "unit.unknown",
                f"没有代号为“{unit}”的单位；请从单位名单中选择。" if unit else "请选择单位。",
                f"There is no unit {unit!r}; choose one of the list of units." if unit else "Choose a unit.",
                "unit",
            )
        )
    if (area and area not in book[DISTRICT].areas_below) or ("area" in reaches and not area):
        found.append(
            Refusal(
                "area.unknown",
                f"没有区划代码为“{area}”的地区；请从地区名单中选择。" if area else "请选择地区。",
                f"There is no area {area!r}; choose one of the list of areas." if area else "Choose an area.",
                "area",
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
    if last_day is not None and last_day < first_day:
        found.append(
            Refusal(
                "role.days",
                "截止日期早于起始日期；请改正。",
                "The last day lies before the first; correct it.",
                "last_day",
            )
        )
    return found
