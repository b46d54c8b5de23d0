"""Make the accounts of the demo by the acts that an administrator uses, so that every role of the book can be tried;
what an enterprise's account consents to is given, and a custodian's key is made, by the act that they use
themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.hashers import make_password

from zhiheng.actions.accounts import refusals
from zhiheng.actions.accounts.create_account import create_account
from zhiheng.actions.accounts.give_role import give_role
from zhiheng.actions.custody.make_custody_key import make_custody_key
from zhiheng.actions.enterprises import give_consent
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.demo_accounts import DemoAccount
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel import days
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.people import access
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account

# Known to everybody who reads this: an installation with it is for trying only, and check-deploy says so.
PASSWORD = "zhiheng-demo-2026"  # noqa: S105 - the demo's, on purpose


@dataclass(frozen=True)
class DemoAccountMade:
    """An account of the demo: new, there before, or left out because its enterprise is not in the ledger."""

    account: DemoAccount
    state: str


def make_demo_accounts(
    accounts: Sequence[DemoAccount], *, call: Call, officers_since: dt.datetime | None = None
) -> list[DemoAccountMade]:
    """Create the demo's accounts that do not exist yet.

    ``officers_since``: officers have their accounts and roles since then, so that they can have acted before the demo
    was made.

    Returns:
        Every account of the demo, whether new or not.

    Raises:
        Refused: where the book is of a real place, which must have no account with a published password.
    """
    access.require(call, "people.manage")
    if not call.book[DISTRICT].fictional:
        raise Refused(refusals.demo_accounts_in_real_place())
    before = replace(call, now=officers_since or call.now)
    made = [
        DemoAccountMade(one, _make(one, before if Account.Kind(one.kind) is Account.Kind.OFFICER else call))
        for one in accounts
    ]
    new = [each.account.login for each in made if each.state == "new"]
    # One hash for all: it takes as long as it should, and guards nothing, since everybody knows the password.
    Account.objects.filter(login__in=new).update(password=make_password(PASSWORD))
    return made


def _make(told: DemoAccount, call: Call) -> str:
    if Account.objects.filter(login=told.login).exists():
        return "before"
    subject = None
    if told.enterprise:
        found = Alias.objects.filter(name=told.enterprise, kind="enterprise").order_by("-code", "id").first()
        if found is None:
            return "absent"
        subject = found.subject_id
    account = create_account(told.login, name=told.name, kind=told.kind, unit=told.unit, subject=subject, call=call)
    give_role(account.pk, told.role, area=told.area, reason="演示 demo", call=call)
    if told.passphrase:
        make_custody_key(told.unit, told.passphrase, call=call.by(actor_of(account)))
    for consent in told.consents:
        assert subject is not None, "only an enterprise consents"
        give_consent.give(
            subject,
            extract=consent.extract,
            reader=consent.reader,
            purpose=consent.purpose,
            last=days.last_day_of(call.today, consent.months),
            call=call.by(actor_of(account)),
        )
    return "new"
