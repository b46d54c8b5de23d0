"""Passwords that everybody knows; administrators without a second factor."""

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
    """Passwords that everybody knows, administrators without a second factor."""
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
    managing = {name for name, role in book[ROLES].items() if any(role.clauses("people.manage"))}
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
            f"{len(bare)} 个能管理账号的人没有双重验证（{'、'.join(bare[:5])}）；请他们在“账号安全”中设置。",
            f"{len(bare)} people who manage accounts have no second factor ({', '.join(bare[:5])}); have them set one "
            "up.",
        )
    elif admins:
        yield DeployFinding(
            "second_factor",
            "ok",
            "能管理账号的人都有双重验证。",
            "Everybody who manages accounts has a second factor.",
        )
    else:
        yield DeployFinding(
            "second_factor",
            "advice",
            "还没有能管理账号的人；请给管理员开通账号（zhiheng accounts create）。",
            "Nobody manages accounts yet; make an account for an administrator (zhiheng accounts create).",
        )


CHECKS = (of_accounts,)
