"""Give an account a role of the book, at a place, from a day to a day. One that shows facts waits until a second person
of the unit confirms it (``confirm_role.py``).
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.create_account import institutions
from zhiheng.actions.accounts.issue_code import account_for
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES, Role
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access
from zhiheng.people.models import Account, Confirmation, Grant
from zhiheng.queries.second_person import alone
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
    """Give a role of the book to an account.

    Args:
        role: a role of the account's kind.
        unit, area: the account's own where none is given.
        quality: one of the four that limits the role; '' for all of them.
        first_day, last_day: today and without end where none is given.

    Returns:
        The new grant.

    Raises:
        Refused: for oneself, for a role that reaches further than what the actor manages, for days that are past, and
            where role, unit, area or quality do not fit together.
    """
    account = account_for(account_id, call)
    page = role_of(role, account.kind, call.book)
    if call.actor.account == account.pk:
        raise Refused(refusals.giving_oneself_a_role())
    unit = unit or account.unit
    area = area or call.book[DISTRICT].area_of_unit.get(unit, "")
    first_day = first_day or call.today
    if wrong := _wrong(page, unit, area, quality, first_day, last_day, call.book):
        raise Refused(*wrong)
    require_for(call, page, unit=unit, area=area, subject=account.subject)
    wrong = []
    if last_day is not None and first_day <= last_day < call.today:
        wrong.append(refusals.last_day_past(last_day))
    if first_day < call.today:
        wrong.append(refusals.first_day_past(first_day))
    if wrong:
        raise Refused(*wrong)
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
        if page.shows and not alone(call) and account.kind != Account.Kind.ENTERPRISE:
            Confirmation.objects.create(grant=grant, asked_at=call.now)
    return grant


def require_for(call: Call, role: Role | None, *, unit: str, area: str, subject: int | None) -> None:
    """Raise Refused unless the actor manages all that the role reaches: the unit, the area, the enterprise's place.

    A role that reaches everywhere, and one of a bank, which stands in no area, are given and ended only by
    administrators of all areas.
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
        raise Refused(refusals.role_unknown(role, able))
    return page


def _wrong(
    role: Role, unit: str, area: str, quality: str, first_day: dt.date, last_day: dt.date | None, book: Book
) -> list[Refusal]:
    found = []
    reaches = {clause.reach for clause in role.may}
    if unit and unit not in (institutions(book) if role.kind == "bank" else book[DISTRICT].area_of_unit):
        found.append(refusals.unit_unknown(unit))
    if (area and area not in book[DISTRICT].areas_below) or ("area" in reaches and not area):
        found.append(refusals.area_unknown(area))
    if quality and quality not in QUALITIES:
        found.append(refusals.quality_unknown(quality))
    if last_day is not None and last_day < first_day:
        found.append(refusals.last_day_before_first())
    return found
