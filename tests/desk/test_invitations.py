"""Inviting an enterprise by what people call it, slips with codes, and roles whose days make sense."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.calls import noon
from tests.desk.files_of import FIRM, NOW, OTHER, clock, place, subject_of
from tests.desk.officers import officer, signed_in
from tests.factories import GrantFactory
from tests.places import Ledger, credit_code
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Holding
from zhiheng.people import access
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account, Grant, Invitation

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = NOW.date()


@pytest.fixture
def keeper(place: Ledger) -> Client:
    """Who looks after accounts of the district."""
    return signed_in(officer("keeper", name="管理员甲"))


def send(browser: Client, which: str, *args: Any, **typed: Any) -> Any:
    """Send a form."""
    return browser.post(reverse(f"desk:{which}", args=args), typed)


@pytest.mark.parametrize(
    "text", [FIRM, "试验甲食品", credit_code(1), credit_code(1).lower(), "９１９９０９０１MAABC0001F"]
)
def test_按名称_代码找到企业_先显示是哪一家再发码(keeper: Client, text: str) -> None:
    answer = send(keeper, "invite", enterprise=text)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert FIRM in page
    assert credit_code(1) in page
    assert not Invitation.objects.exists()
    letter = send(keeper, "invite", subject=subject_of(), role="owner", name="某负责人")
    assert "邀请信" in letter.content.decode()
    assert "请使用以下邀请码启用账号" in letter.content.decode()
    assert FIRM in letter.content.decode()
    assert Invitation.objects.get().subject == subject_of()


def test_找不到_写明怎么办_填过的还在(keeper: Client) -> None:
    answer = send(keeper, "invite", enterprise="没有的公司")
    assert answer.status_code == 422
    assert "您的范围内没有找到“没有的公司”" in answer.content.decode()
    assert 'value="没有的公司"' in answer.content.decode()
    assert "请填企业名称或统一社会信用代码" in send(keeper, "invite", enterprise="").content.decode()
    absent = send(keeper, "invite", subject="99999999", role="owner")
    assert absent.status_code == 404
    assert "没有编号为 99999999 的企业" in absent.content.decode()


def test_别处的企业找不到(place: Ledger) -> None:
    elsewhere = signed_in(officer("keeper", unit="jia_office", area="990901001"))
    assert OTHER not in send(elsewhere, "invite", enterprise=OTHER).content.decode().partition("没有找到")[0]


def test_登录码通知单写账号名_单位_日期_姓名只写一次(keeper: Client) -> None:
    account = officer(name="测试员")
    page = send(keeper, "issue_code", account.pk).content.decode()
    assert "登录码通知单" in page
    assert f"（账号：{account.login}）" in page
    assert "试验区市场监督管理局 测试员：" in " ".join(page.split())
    assert "测试员测试员" not in page
    assert "邀请信" not in page
    assert "7月15日" in page


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"first_day": "2020-01-01", "last_day": "2020-02-01"}, "已经过去"),
        ({"first_day": "2026-07-14"}, "授予从今天或以后开始"),
    ],
)
def test_过去的日期不能授予角色(keeper: Client, days: dict[str, str], said: str) -> None:
    account = officer(name="新同事")
    answer = send(keeper, "give_role", account.pk, role="clerk", reason="试验", **days)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Grant.objects.filter(account=account).count() == 1


def test_没有生效就终止的角色_写未生效即终止(keeper: Client) -> None:
    account = officer(name="新同事")
    GrantFactory(
        account=account, role="clerk", unit="test_market", area="990901", first_day=dt.date(2027, 1, 1), ended_on=TODAY
    )
    page = keeper.get(reverse("desk:person", args=[account.pk])).content.decode()
    assert "未生效即终止" in page
    assert not re.search(r"2027-01-01</td>\s*<td[^>]*>2026", page)


def test_刚终止的角色_说的是它的日期_不是多年前的那次(place: Ledger) -> None:
    account = officer("clerk")
    Grant.objects.filter(account=account).update(ended_on=TODAY)
    GrantFactory(
        account=account,
        role="clerk",
        unit="test_market",
        first_day=dt.date(2019, 1, 1),
        last_day=dt.date(2020, 2, 1),
        given_by="t",
    )
    refusal = access.may(Call(actor_of(Account.objects.get(pk=account.pk)), place.book, noon(TODAY)), "file.read")
    assert refusal is not None
    assert "有效期到 2026-07-14 为止" in refusal.zh
    assert Holding("clerk").on(TODAY)


def test_不选单位_只说请选择_没有配置文件的名字(keeper: Client) -> None:
    text = send(keeper, "person_new", login="somebody", name="某人", kind="officer", unit="").content.decode()
    assert "请选择单位。" in text
    assert "district.yaml" not in text


def test_填错后切换语言_填写的内容还在(keeper: Client) -> None:
    page = keeper.get(reverse("desk:person_new")).content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    wrong = send(
        keeper, "person_new", form_token=token[1], login="somebody", name="写到一半的人", kind="officer", unit=""
    )
    assert wrong.status_code == 422
    onward = re.search(
        r'action="/preferences/language/">\s*<input type="hidden"\s+name="next"\s+value="([^"]+)"',
        wrong.content.decode(),
    )
    assert onward is not None
    assert "kept=" in onward[1]
    switched = keeper.post(
        "/preferences/language/", {"language": "en", "next": onward[1].replace("&amp;", "&")}, follow=True
    )
    text = switched.content.decode()
    assert 'value="写到一半的人"' in text
    assert 'lang="en"' in text


def test_密码规则称您(keeper: Client) -> None:
    text = keeper.get("/account/password/change/").content.decode()
    assert "你的" not in text


def test_找图标的地址不是404(client: Client) -> None:
    assert client.get("/favicon.ico").status_code == 302
