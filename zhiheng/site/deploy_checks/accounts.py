"""Passwords that everybody knows; holders of weighty roles without a second factor."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.db.models import Q

from zhiheng.actions.accounts.make_demo_accounts import PASSWORD
from zhiheng.cli.session import now
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.people.models import Account, Grant
from zhiheng.site.deploy_checks.finding import DeployFinding


def of_accounts(book: Book) -> Iterator[DeployFinding]:
    """Passwords that everybody knows, holders of roles that ask for a second factor and have none."""
    known = [
        a.login for a in Account.objects.filter(login__startswith="demo-", is_active=True) if a.check_password(PASSWORD)
    ]
    if known:
        yield DeployFinding(
            "demo_accounts",
            "unsafe",
            f"{len(known)} 个演示账号还能用公开的密码登录（{'、'.join(known[:5])}…）；请停用它们，"
            "或换用没有演示数据的目录。",
            f"{len(known)} accounts of the demo still take the password that everybody knows "
            f"({', '.join(known[:5])}…); close them, or use a data folder without the demo.",
        )
    else:
        yield DeployFinding(
            "demo_accounts", "ok", "没有使用公开密码的演示账号。", "No account takes the demo's password."
        )
    managing = {name for name, role in book[ROLES].items() if role.second_factor or any(role.clauses("people.manage"))}
    today = now().date()
    held = Grant.objects.filter(
        Q(last_day=None) | Q(last_day__gte=today),
        Q(ended_on=None) | Q(ended_on__gt=today),
        role__in=managing,
        account__is_active=True,
    )
    admins = dict(held.values_list("account_id", "account__login"))
    safe = set(
        Authenticator.objects.filter(user_id__in=admins, type__in=("totp", "webauthn")).values_list(
            "user_id", flat=True
        )
    )
    if bare := sorted(login for number, login in admins.items() if number not in safe):
        yield DeployFinding(
            "second_factor",
            "unsafe",
            f"{len(bare)} 个担任要求双重验证的角色的人还没有启用（{'、'.join(bare[:5])}）；他们登录后先要启用。",
            f"{len(bare)} people with a role that asks for a second factor have none ({', '.join(bare[:5])}); they "
            "have to set one up before anything else.",
        )
    elif admins:
        yield DeployFinding(
            "second_factor",
            "ok",
            "担任要求双重验证的角色的人都已启用。",
            "Everybody with a role that asks for a second factor has one.",
        )
    else:
        yield DeployFinding(
            "second_factor",
            "advice",
            "还没有能管理账号的人；请给管理员开通账号（zhiheng accounts create）。",
            "Nobody manages accounts yet; make an account for an administrator (zhiheng accounts create).",
        )


CHECKS = (of_accounts,)
