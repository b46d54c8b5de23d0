"""Create an account for an officer, a person of an enterprise or a bank's clerk. It may do nothing before it is given a
role.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access
from zhiheng.people.models import Account
from zhiheng.queries.subject_areas import areas_of

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}\Z")


def create_account(
    login: str,
    *,
    name: str,
    kind: str,
    unit: str = "",
    subject: int | None = None,
    email: str = "",
    outside_id: str = "",
    password: str = "",
    call: Call,
) -> Account:
    """Create an account for a person.

    Args:
        login: 3 to 60 characters: small letters, digits and ``. _ -``.
        name: the person's name.
        kind: ``officer``, ``enterprise`` or ``bank``.
        unit: the unit of an officer, the institution of a bank's clerk.
        subject: the enterprise of an account of an enterprise.
        outside_id: the person's number at the single sign-on.
        password: empty where the person sets it by a code on paper (``issue_code``), so that only they know it.

    Returns:
        The new account. It has no role yet.

    Raises:
        Refused: with every reason found.
    """
    require_over(call, kind=kind, unit=unit, subject=subject)
    login, name = login.strip().lower(), " ".join(name.split())
    wrong = [*_wrong(login, name, kind, unit, subject, call.book)]
    account = Account(
        login=login,
        name=name,
        kind=kind,
        unit=unit,
        subject=subject,
        email=email.strip(),
        outside_id=outside_id.strip() or None,
        made_at=call.now,
        made_by=str(call.actor)[:160],
    )
    wrong += password_refusals(password, account) if password else []
    if wrong:
        raise Refused(*wrong)
    account.set_password(password or None)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if Account.objects.filter(login=login).exists():
            raise Refused(refusals.account_taken(login))
        if account.outside_id and Account.objects.filter(outside_id=account.outside_id).exists():
            raise Refused(refusals.sign_on_number_taken())
        account.save(force_insert=True)
        detail = {"login": login, "kind": kind, "unit": unit, "subject": subject}
        audit.write(call, "account.create", f"account:{account.pk}", detail=detail)
    return account


def require_over(call: Call, *, kind: str, unit: str, subject: int | None, act: str = "people.manage") -> None:
    """Raise Refused unless the actor manages the place where the people belong: their unit, or the area of their
    enterprise.

    A bank belongs to no area, so its clerks are managed by an administrator of all areas.
    """
    if kind == "enterprise" and subject is not None:
        access.require(call, act, area=areas_of([subject])[subject], subject=subject)
    else:
        access.require(call, act, unit=unit if kind == "officer" else "")


def institutions(book: Book) -> frozenset[str]:
    """The banks and others that have an agreement, by their id in the book."""
    return frozenset(reader.id for extract in book[CREDIT].values() for reader in extract.readers)


def password_refusals(password: str, account: Account) -> list[Refusal]:
    """Why a password is too weak, by the validators of the settings."""
    try:
        validate_password(password, account)
    except ValidationError as cause:
        return [refusals.password_weak(e.code, str(e.messages[0])) for e in cause.error_list]
    return []


def login_refusals(login: str, name: str) -> list[Refusal]:
    """Why a login or a name can't be used."""
    found = []
    if not LOGIN.match(login):
        found.append(refusals.account_malformed())
    if not 1 <= len(name) <= 60 or any(not c.isprintable() for c in name):
        found.append(refusals.name_malformed())
    return found


def _wrong(login: str, name: str, kind: str, unit: str, subject: int | None, book: Book) -> list[Refusal]:
    found = login_refusals(login, name)
    if kind not in Account.Kind.values:
        found.append(refusals.kind_of_account_unknown(kind))
    if kind == "officer" and unit not in book[DISTRICT].area_of_unit:
        found.append(refusals.unit_unknown(unit))
    if kind == "bank" and unit not in institutions(book):
        found.append(refusals.institution_unknown(unit))
    if kind == "enterprise" and subject is None:
        found.append(refusals.enterprise_not_named())
    return found
