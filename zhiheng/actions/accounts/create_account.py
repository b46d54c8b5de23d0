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
    """The new account. ``outside_id`` is the person's number at the single sign-on.

    Without a password nobody can sign in with one: give the person a code on paper (``issue_code``), so that only they
    know it. Raises Refused with every reason found.
    """
    require_over(call, kind=kind, unit=unit, subject=subject)
    login, name = login.strip().lower(), " ".join(name.split())
    refusals = [*_wrong(login, name, kind, unit, subject, call.book)]
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
    refusals += password_refusals(password, account) if password else []
    if refusals:
        raise Refused(*refusals)
    account.set_password(password or None)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if Account.objects.filter(login=login).exists():
            raise Refused(taken(login))
        if account.outside_id and Account.objects.filter(outside_id=account.outside_id).exists():
            raise Refused(
                Refusal(
                    "account.outside_taken",
                    "这个统一认证编号已属于另一个账号；请核对编号。",
                    "This number at the single sign-on belongs to another account; check it.",
                    "outside_id",
                )
            )
        account.save(force_insert=True)
        detail = {"login": login, "kind": kind, "unit": unit, "subject": subject}
        audit.write(call, "account.create", f"account:{account.pk}", detail=detail)
    return account


def require_over(call: Call, *, kind: str, unit: str, subject: int | None, act: str = "people.manage") -> None:
    """Raise Refused unless the actor manages the place where the people belong: their unit, or where their enterprise
    lies.

    A bank belongs to no area, so only somebody who manages all areas looks after its clerks.
    """
    if kind == "enterprise" and subject is not None:
        access.require(call, act, area=areas_of([subject])[subject], subject=subject)
    else:
        access.require(call, act, unit=unit if kind == "officer" else "")


def institutions(book: Book) -> frozenset[str]:
    """The banks and others that have an agreement, by their id in the book."""
    return frozenset(reader.id for extract in book[CREDIT].values() for reader in extract.readers)


def password_refusals(password: str, account: Account) -> list[Refusal]:
    """Why a password is too weak, told by the validators of the settings."""
    try:
        validate_password(password, account)
    except ValidationError as cause:
        return [
            Refusal(f"password.{e.code or 'weak'}", zh, en, "password")
            for e in cause.error_list
            for zh, en in [_PASSWORD.get(str(e.code), (str(e.messages[0]), str(e.messages[0])))]
        ]
    return []


_PASSWORD = {
    "password_too_short": (
        "密码太短；至少 12 个字符，可以用一句话。",
        "The password is too short; use 12 characters or more, a sentence will do.",
    ),
    "password_too_common": (
        "这个密码太常见；请换一个别人想不到的。",
        "This password is too common; choose one that others do not think of.",
    ),
    "password_entirely_numeric": ("密码不能全是数字；请加入文字。", "A password can't be all digits; add letters."),
    "password_too_similar": (
        "密码与账号或姓名太像；请换一个。",
        "The password is too much like the account or the name; choose another.",
    ),
}


def taken(login: str) -> Refusal:
    """The login belongs to somebody."""
    return Refusal(
        "account.taken",
        f"账号“{login}”已有人使用；请换一个。",
        f"The account {login!r} is taken; choose another.",
        "login",
    )


def login_refusals(login: str, name: str) -> list[Refusal]:
    """Why a login or a name can't be used."""
    found = []
    if not LOGIN.match(login):
        found.append(
            Refusal(
                "account.login",
                "账号要 3 至 60 个字符，只用小写字母、数字和 . _ -，以字母或数字开头；请改写。",
                "An account has 3 to 60 characters: small letters, digits and . _ -, beginning with a letter or digit.",
                "login",
            )
        )
    if not 1 <= len(name) <= 60 or any(not c.isprintable() for c in name):
        found.append(
            Refusal(
                "account.name",
                "姓名要 1 至 60 个字符，不含控制字符；请改写。",
                "A name has 1 to 60 characters and no control characters; write it again.",
                "name",
            )
        )
    return found


def _wrong(login: str, name: str, kind: str, unit: str, subject: int | None, book: Book) -> list[Refusal]:
    found = login_refusals(login, name)
    if kind not in Account.Kind.values:
        found.append(
            Refusal(
                "account.kind",
                f"没有“{kind}”这种账号；请选 officer、enterprise 或 bank。",
                f"There is no kind of account {kind!r}; choose officer, enterprise or bank.",
                "kind",
            )
        )
    if kind == "officer" and unit not in book[DISTRICT].area_of_unit:
        found.append(
            Refusal(
                "unit.unknown",
                f"没有代号为“{unit}”的单位；请从单位名单中选择。" if unit else "请选择单位。",
                f"There is no unit {unit!r}; choose one of the list of units." if unit else "Choose a unit.",
                "unit",
            )
        )
    if kind == "bank" and unit not in institutions(book):
        found.append(
            Refusal(
                "unit.unknown",
                f"规则书里没有签有协议的机构“{unit}”；请先写进 credit 目录。",
                f"The book names no institution {unit!r} that has an agreement; add it in the folder credit first.",
                "unit",
            )
        )
    if kind == "enterprise" and subject is None:
        found.append(
            Refusal(
                "account.subject",
                "企业账号要写明是哪家企业（主体编号）；请补上。",
                "An account of an enterprise names the enterprise (number of the subject); add it.",
                "subject",
            )
        )
    return found
