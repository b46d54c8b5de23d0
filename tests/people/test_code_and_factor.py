"""A code on paper sets a password and no more: the second factor is asked for as ever, and taking it away is an act of
its own.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.totp import shown_at
from tests.desk.officers import officer, signed_in
from tests.people.places import People, people
from zhiheng.actions.accounts.issue_code import issue_code
from zhiheng.actions.accounts.reset_second_factor import reset_second_factor
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, operator
from zhiheng.kernel.reasons import Refused
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account

__all__ = ["people"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSWORD = "河边的老榕树 since 1987"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def account(people: People, settings: Any) -> Account:
    """An officer with a telephone as second factor."""
    from tests.places import SMALL

    settings.BOOK = SMALL
    made = officer("clerk")
    TOTP.activate(made, SECRET)
    return made


def issued(people: People, account: Account, actor: Any = SYSTEM) -> str:
    """A code on paper for the account."""
    return issue_code(account.pk, call=Call(actor, people.book, timezone.localtime())).code


def join(browser: Client, code: str) -> Any:
    """Send the form of the code."""
    return browser.post(reverse("firm:join"), {"code": code, "password": PASSWORD, "again": PASSWORD})


def is_in(browser: Client) -> bool:
    """Whether the browser is signed in."""
    return "_auth_user_id" in browser.session


def test_有双重验证的账号_凭码设了密码还进不来(people: People, account: Account) -> None:
    browser = Client()
    answer = join(browser, issued(people, account))
    assert answer.headers["Location"].startswith("/account/2fa/authenticate/")
    assert not is_in(browser)
    assert browser.get("/desk/").status_code == 302
    assert people.trail("session.begin") == []
    browser.post("/account/2fa/authenticate/", {"code": "000000"})
    assert not is_in(browser)
    browser.post("/account/2fa/authenticate/", {"code": shown_at(SECRET, time.time())})
    assert is_in(browser)
    assert '"by":["code","totp"]' in people.trail("session.begin")[-1].detail


def test_没有双重验证的账号_凭码登录也记下何时登录(people: People, account: Account) -> None:
    plain = officer("clerk", name="试验员乙")
    browser = Client()
    answer = join(browser, issued(people, plain))
    assert answer.status_code == 302
    assert is_in(browser)
    line = people.trail("session.begin")[-1]
    assert (line.about, '"by":["code"]' in line.detail) == (f"account:{plain.pk}", True)


def test_凭码设密码后_别处的登录就此作废(people: People, account: Account) -> None:
    plain = officer("clerk", name="试验员乙")
    elsewhere = signed_in(plain)
    assert elsewhere.get(reverse("desk:me")).status_code == 200
    join(Client(), issued(people, plain))
    assert elsewhere.get(reverse("desk:me")).status_code == 302


def reset(people: People, account: Account, actor: Any, reason: str = "手机丢失，已当面核对工作证") -> Account:
    """Reset the second factor."""
    return reset_second_factor(account.pk, reason=reason, call=Call(actor, people.book, timezone.localtime()))


def why(act: Any) -> str:
    """The code of the refusal."""
    with pytest.raises(Refused) as told:
        act()
    return told.value.refusals[0].code


def test_重置双重验证是单独的一件事_有理由有留痕_登录随即退出(people: People, account: Account) -> None:
    keeper = actor_of(officer("keeper"))
    assert why(lambda: reset(people, account, keeper, reason=" ")) == "reason.needed"
    reset(people, account, keeper)
    assert not Authenticator.objects.filter(user=account).exists()
    line = people.trail("account.factor_reset")[-1]
    assert (line.about, line.purpose, line.detail) == (
        f"account:{account.pk}",
        "手机丢失，已当面核对工作证",
        '{"factors":["totp"]}',
    )
    assert why(lambda: reset(people, account, keeper)) == "factor.none"


def test_一个管理员不能既发码又重置_两个人才能办(people: People, account: Account) -> None:
    one, other = actor_of(officer("keeper")), actor_of(officer("keeper", name="管理员乙"))
    issued(people, account, one)
    assert why(lambda: reset(people, account, one)) == "factor.two_people"
    assert Authenticator.objects.filter(user=account).exists()
    reset(people, account, other)
    assert why(lambda: issued(people, account, other)) == "factor.two_people"
    assert issued(people, account, one)
    # A day later the two acts have nothing to do with each other.
    later = timezone.localtime() + dt.timedelta(days=1, minutes=1)
    assert issue_code(account.pk, call=Call(other, people.book, later)).code


def test_服务器上的操作员一个人可以(people: People, account: Account) -> None:
    root = operator("root")
    reset(people, account, root)
    assert issued(people, account, root)


def test_不能重置自己的_没有权限的也不能(people: People, account: Account) -> None:
    keeper = officer("keeper")
    TOTP.activate(keeper, SECRET)
    assert why(lambda: reset(people, keeper, actor_of(keeper))) == "account.own"
    assert why(lambda: reset(people, account, actor_of(officer("clerk")))).startswith("access.")


def test_在账号页上重置(people: People, account: Account) -> None:
    keeper = signed_in(officer("keeper"))
    assert "重置双重验证" in keeper.get(reverse("desk:person", args=[account.pk])).content.decode()
    answer = keeper.post(reverse("desk:reset_factor", args=[account.pk]), {"reason": "手机丢失，已核对本人"})
    assert answer.status_code == 302
    assert not Authenticator.objects.filter(user=account).exists()
