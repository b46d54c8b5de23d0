"""Where each role begins its day, and that no page of refusal leads back to a refusal."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.access.addresses import World, browser_of, officer
from tests.access.test_matrix import FIRST
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.people.models import Account, Grant
from zhiheng.people.second_factor import PROVED

pytestmark = pytest.mark.slow


def of_role(role: str, world: World) -> Account:
    """Somebody who holds a role of the book, where the samples lie."""
    kind = world.book[ROLES][role].kind
    if kind == "officer":
        return officer(f"one-{role}", (role, "liyuan_market", "990101"))
    if kind == "bank":
        return officer(f"one-{role}", (role, "yunlan_rural_bank", ""), kind="bank", unit="yunlan_rural_bank")
    return officer(f"one-{role}", (role, "", ""), kind="enterprise", unit="", subject=world.subject)


def home_of(page: str) -> list[str]:
    """The ways back that a page of refusal offers."""
    return re.findall(r'class="btn is-primary" href="([^"]+)"', page)


def test_书里每个由人担任的角色都写明从哪里开始(world: World) -> None:
    assert set(FIRST) == {name for name, role in world.book[ROLES].items() if role.kind != "program"}


@pytest.mark.parametrize("role", FIRST)
def test_登录和点徽标都到自己的工作_一步打开(world: World, role: str) -> None:
    account = of_role(role, world)
    account.set_password("正确的马电池钉书针")
    account.save()
    browser = Client()
    answer = browser.post("/account/login/", {"login": account.login, "password": "正确的马电池钉书针"})
    assert (answer.status_code, answer.headers["Location"]) == (302, FIRST[role])
    session = browser.session
    session[PROVED] = True
    session.save()
    for door in (FIRST[role], "/desk/", "/begin/"):
        answer = browser.get(door, follow=True)
        assert answer.status_code == 200, door
        assert answer.redirect_chain[-1:] == ([] if door == FIRST[role] else [(FIRST[role], 302)])


@pytest.mark.parametrize("role", FIRST)
def test_被拒绝的页面_回去的那一步总打得开(world: World, role: str) -> None:
    browser = browser_of(of_role(role, world))
    refused = 0
    for address in (
        "/desk/cockpit/",
        "/desk/people/tokens/",
        "/desk/audit/",
        "/desk/publication/",
        "/firm/",
        "/bank/",
        "/desk/nowhere/",
    ):
        answer = browser.get(address)
        if answer.status_code in (403, 404):
            refused += 1
            (home,) = home_of(answer.content.decode())
            assert browser.get(home, follow=True).status_code == 200, (address, home)
    assert refused


@pytest.mark.parametrize(("kind", "subject"), [("officer", False), ("enterprise", True), ("bank", False)])
def test_没有角色的账号_说明已开通未授予角色_该找谁(world: World, kind: str, subject: bool) -> None:
    officer("keeper", ("administrator", "yunlan_quality_office", "990100"), unit="yunlan_quality_office")
    Account.objects.filter(login="keeper").update(name="管理员甲")
    more = {"subject": world.subject} if subject else {}
    browser = browser_of(officer("fresh", kind=kind, unit="" if subject else "liyuan_market", **more))
    answer = browser.get("/desk/", follow=True)
    text = answer.content.decode()
    assert (answer.status_code, answer.redirect_chain) == (200, [("/begin/", 302)])
    assert "账号已开通，尚未授予角色" in text
    assert ("管理员甲" in text) == (kind == "officer")
    refused = browser.get("/desk/cockpit/")
    assert refused.status_code == 403
    assert home_of(refused.content.decode()) == ["/begin/"]


def test_角色过期或未生效_写明日期(world: World) -> None:
    account = of_role("auditor", world)
    Grant.objects.filter(account=account).update(last_day="2026-01-31")
    text = browser_of(account).get("/begin/").content.decode()
    assert "您的角色现在不在有效期内" in text
    assert "审计员：有效期到 2026-01-31 为止" in text
    Grant.objects.filter(account=account).update(first_day="2099-01-01", last_day=None)
    assert "审计员：2099-01-01 起生效" in browser_of(account).get("/begin/").content.decode()


def test_旧的驾驶舱地址连同条件仍然打得开(world: World) -> None:
    browser = browser_of(of_role("quality_office", world))
    answer = browser.get("/desk/?area=990101001", follow=True)
    assert answer.redirect_chain == [("/desk/cockpit/?area=990101001", 302)]
    assert answer.status_code == 200


def test_银行查询员的首页列出授权的企业_打开一次记一次(world: World) -> None:
    browser = browser_of(of_role("bank_clerk", world))
    text = browser.get("/bank/").content.decode()
    assert "云澜市砺原区磐钻石油机械有限公司" in text
    answer = browser.get(f"/bank/consents/{world.consent}/")
    assert answer.status_code == 200
    assert "本次查询已记录" in answer.content.decode()
    assert "1 次" in browser.get("/bank/").content.decode()
    other = officer("other", ("bank_clerk", "yunlan_technology_bank", ""), kind="bank", unit="yunlan_technology_bank")
    assert browser_of(other).get(f"/bank/consents/{world.consent}/").status_code == 403
    assert "磐钻" not in browser_of(other).get("/bank/").content.decode()
