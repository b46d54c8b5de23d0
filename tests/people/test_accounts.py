"""Accounts, roles, loans of roles, codes on paper: who may make them, and what the trail keeps of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import Any

import orjson
import pytest
from django.db import IntegrityError, transaction

from tests.calls import noon
from tests.factories import GrantFactory
from tests.people.places import PASSWORD, People, code_of
from tests.places import Ledger, sampling_row
from zhiheng.actions.accounts.act_for import switch_acting
from zhiheng.actions.accounts.close_account import close_account
from zhiheng.actions.accounts.create_account import create_account
from zhiheng.actions.accounts.delegate_role import delegate_role, lenders
from zhiheng.actions.accounts.end_role import end_role
from zhiheng.actions.accounts.give_role import give_role
from zhiheng.actions.accounts.issue_code import issue_code
from zhiheng.actions.accounts.issue_token import issue_token
from zhiheng.actions.accounts.revoke_token import revoke_token
from zhiheng.actions.enterprises.accept_invitation import accept_invitation, open_invitation
from zhiheng.actions.enterprises.invite_enterprise import invite_enterprise
from zhiheng.actions.enterprises.withdraw_invitation import withdraw_invitation
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import PUBLIC, SYSTEM, operator
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger.models import Alias
from zhiheng.people import access, codes, tokens
from zhiheng.people.models import Account, ApiToken, Grant, Invitation
from zhiheng.queries import people as people_queries

pytestmark = pytest.mark.slow

TODAY = dt.date(2026, 7, 1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def keeper(people: People) -> Account:
    """Who looks after the accounts of the district."""
    return people.holding("keeper", "keeper", area="990901")


@pytest.fixture
def enterprise(ledger: Ledger) -> int:
    """An enterprise of 甲街道 (990901001) that the ledger knows."""
    ledger.samples("样.csv", [sampling_row(1)])
    return int(Alias.objects.filter(kind="enterprise").order_by("id").values_list("subject_id", flat=True)[0])


# -- accounts ----------------------------------------------------------------------------------------------------------


def test_管理员建的账号没有角色_什么也不能做(people: People, keeper: Account) -> None:
    made = create_account(
        "xu.lan", name="许 岚", kind="officer", unit="jia_office", **people.words(people.actor(keeper))
    )
    assert (made.login, made.unit, made.has_usable_password()) == ("xu.lan", "jia_office", False)
    assert (
        code_of(lambda: access.require_somewhere(Call(people.actor(made), people.book, noon(TODAY)), "desk.open"))
        == "access.role"
    )
    (line,) = people.trail("account.create")[-1:]
    assert (line.actor, line.about) == (f"account:{keeper.pk}", f"account:{made.pk}")
    assert orjson.loads(line.detail) == {"login": "xu.lan", "kind": "officer", "unit": "jia_office", "subject": None}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"login": "A b"}, "account.login"),
        ({"login": "ab"}, "account.login"),
        ({"login": "x" * 61}, "account.login"),
        ({"login": "<script>"}, "account.login"),
        ({"name": ""}, "account.name"),
        ({"name": "甲" * 61}, "account.name"),
        ({"name": "甲\x00乙"}, "account.name"),
        ({"name": "甲\u202e乙"}, "account.name"),
        ({"kind": "robot"}, "account.kind"),
        ({"unit": "no_such_unit"}, "unit.unknown"),
        ({"kind": "enterprise", "unit": ""}, "account.subject"),
        ({"kind": "bank", "unit": "no_bank"}, "unit.unknown"),
        ({"password": "short"}, "password.password_too_short"),
        ({"password": "1234567890123"}, "password.password_too_common"),
        ({"password": "3141592653589793"}, "password.password_entirely_numeric"),
        ({"password": "wang.xiaoyu-wang"}, "password.password_too_similar"),
        ({"login": "taken"}, "account.taken"),
        ({"outside_id": "sso-1"}, "account.outside_taken"),
    ],
)
def test_不合要求的账号连同理由退回_什么也没有建(people: People, words: dict[str, Any], code: str) -> None:
    people.account("taken", outside_id="sso-1")
    told = {"login": "wang.xiaoyu", "name": "王晓雨", "kind": "officer", "unit": "test_market"} | words
    login = told.pop("login")
    assert code_of(lambda: create_account(login, **told, **people.words())) == code
    assert Account.objects.count() == 1


def test_管理员只能在自己的区域里建账号(people: People) -> None:
    small = people.holding("jia.keeper", "keeper", unit="jia_office", area="990901001", of={"unit": "jia_office"})
    words = people.words(people.actor(small))
    create_account("jia.officer", name="甲", kind="officer", unit="jia_office", **words)
    assert (
        code_of(lambda: create_account("market.officer", name="乙", kind="officer", unit="test_market", **words))
        == "access.area"
    )


@pytest.mark.parametrize("role", ["clerk", "watcher"])
def test_不是管理员的建不了账号(people: People, role: str) -> None:
    words = people.words(people.actor(people.holding("somebody", role)))
    assert (
        code_of(lambda: create_account("other", name="甲", kind="officer", unit="test_market", **words))
        == "access.role"
    )


def test_停用账号后会话结束_邀请码失效_角色不再有用(people: People, keeper: Account, client: Any) -> None:
    officer = people.holding("leaving")
    code = issue_code(officer.pk, **people.words(people.actor(keeper))).code
    client.force_login(officer)
    assert client.get("/account/sessions/").status_code == 200
    close_account(officer.pk, reason="调离", **people.words(people.actor(keeper)))
    assert client.get("/account/sessions/").status_code == 302
    assert code_of(lambda: open_invitation(code, call=Call(PUBLIC, people.book, people.now))) == "invitation.wrong"
    assert people.trail("account.close")[0].purpose == "调离"


def test_不能停用自己_也不能给自己角色(people: People, keeper: Account) -> None:
    words = people.words(people.actor(keeper))
    assert code_of(lambda: close_account(keeper.pk, reason="走", **words)) == "account.own"
    assert code_of(lambda: give_role(keeper.pk, "clerk", **words)) == "role.own"


# -- roles -------------------------------------------------------------------------------------------------------------


def test_角色从起始日到截止日有效_终止当天即失效(people: People, keeper: Account) -> None:
    officer = people.account("officer")
    words = people.words(people.actor(keeper))
    grant = give_role(officer.pk, "clerk", first_day=TODAY, last_day=TODAY, reason="试用", **people.words())
    assert [(h.role, h.unit, h.area) for h in people.actor(officer).holdings] == [("clerk", "test_market", "990901")]
    end_role(grant.pk, reason="试用结束", **words)
    actor = people.actor(officer)
    assert actor.holdings == ()
    refusal = access.may(Call(actor, people.book, noon(TODAY)), "fact.read", unit="test_market")
    assert refusal is not None
    assert refusal.code == "access.ended"
    assert [line.verb for line in people.trail()][-2:] == ["role.give", "role.end"]
    assert code_of(lambda: end_role(grant.pk, reason="再终止", **words)) == "role.ended"


@pytest.mark.parametrize(
    ("role", "words", "code"),
    [
        ("no_such_role", {}, "role.unknown"),
        ("owner", {}, "role.unknown"),
        ("clerk", {"unit": "no_such_unit"}, "unit.unknown"),
        ("clerk", {"area": "110000"}, "area.unknown"),
        ("clerk", {"quality": "beauty"}, "quality.unknown"),
        ("clerk", {"first_day": TODAY, "last_day": TODAY - DAY}, "role.days"),
    ],
)
def test_给不出的角色连同理由退回(people: People, role: str, words: dict[str, Any], code: str) -> None:
    officer = people.account("officer")
    assert code_of(lambda: people.give(officer, role, **words)) == code
    assert not Grant.objects.exists()


def test_管理员给不出比自己管的更远的角色(people: People) -> None:
    small = people.holding("jia.keeper", "keeper", unit="jia_office", area="990901001", of={"unit": "jia_office"})
    officer = people.account("jia.officer", unit="jia_office")
    words = people.words(people.actor(small))
    give_role(officer.pk, "clerk", **words)
    for reach in ({"area": "990901"}, {"unit": "test_market", "area": "990901001"}, {"unit": "test_market"}):
        assert code_of(lambda reach=reach: give_role(officer.pk, "clerk", **reach, **words)) == "access.area"
    # It verifies the whole ledger, so only somebody who manages everything gives it.
    assert code_of(lambda: give_role(officer.pk, "watcher", **words)) == "access.area"
    assert Grant.objects.filter(account=officer).count() == 1


def test_数据库自己也不收先止后起的角色和没有期限的委托(people: People) -> None:
    officer = people.account("officer")
    common = {"account": officer, "role": "clerk", "given_by": "x"}
    grant = GrantFactory(first_day=TODAY, **common)
    wrong: list[dict[str, Any]] = [
        {"first_day": TODAY, "last_day": TODAY - DAY},
        {"first_day": TODAY, "lent_from": grant, "delegated_by": officer},
        {"first_day": TODAY, "last_day": TODAY, "lent_from": grant},
    ]
    for words in wrong:
        with pytest.raises(IntegrityError), transaction.atomic(using=Grant.objects.db):
            GrantFactory(**common, **words)


# -- loans and acting for somebody -------------------------------------------------------------------------------------


def lend(people: People, lender: Account, to: Account, **words: Any) -> Grant:
    """A loan of the lender's only role for ten days."""
    told = {"first_day": TODAY, "last_day": TODAY + 9 * DAY, "reason": "休假"} | words
    grant = Grant.objects.get(account=lender, lent_from=None)
    return delegate_role(grant.pk, to.pk, **told, **people.words(people.actor(lender)))


def test_委托来的角色只在代人行事时有用_审计写两个人(people: People) -> None:
    chief, deputy = people.holding("chief"), people.account("deputy")
    lend(people, chief, deputy)
    assert people.actor(deputy).holdings == ()
    assert [a.pk for a in lenders(deputy, TODAY)] == [chief.pk]
    assert switch_acting(chief.pk, **people.words(people.actor(deputy))) == chief.pk
    acting = people.actor(deputy, chief.pk)
    assert str(acting) == f"account:{deputy.pk} for account:{chief.pk}"
    assert [h.role for h in acting.holdings] == ["clerk"]
    assert access.may(Call(acting, people.book, noon(TODAY)), "fact.correct", unit="test_market") is None
    assert people.trail("acting.begin")[0].about == f"account:{chief.pk}"
    assert switch_acting(None, **people.words(acting)) is None
    assert people.trail("acting.end")[0].actor == str(acting)


def test_没有委托就不能代人行事(people: People) -> None:
    chief, other = people.holding("chief"), people.holding("other")
    assert code_of(lambda: switch_acting(chief.pk, **people.words(people.actor(other)))) == "acting.none"
    assert people.actor(other, chief.pk).acting_for == ""
    assert (
        code_of(lambda: switch_acting(None, **people.words(replace(SYSTEM, id="public", kind="public"))))
        == "access.stranger"
    )


@pytest.mark.parametrize("how", ["loan over", "role ended", "role over", "lender closed", "taken back", "given back"])
def test_委托随期限_角色和委托人一起结束(people: People, keeper: Account, how: str) -> None:
    chief, deputy = people.account("chief"), people.account("deputy")
    grant = people.give(chief, "clerk", last_day=TODAY + 20 * DAY)
    loan = lend(people, chief, deputy)
    assert people.actor(deputy, chief.pk).acting_for
    manages = people.words(people.actor(keeper))
    if how == "loan over":
        Grant.objects.filter(pk=loan.pk).update(last_day=TODAY - DAY, first_day=TODAY - 2 * DAY)
    elif how == "role ended":
        end_role(grant.pk, reason="换岗", **manages)
        loan.refresh_from_db()
        assert loan.ended_on == TODAY
    elif how == "role over":
        Grant.objects.filter(pk=grant.pk).update(first_day=TODAY - 2 * DAY, last_day=TODAY - DAY)
    elif how == "lender closed":
        close_account(chief.pk, reason="调离", **manages)
    elif how == "taken back":
        end_role(loan.pk, reason="提前回来", **people.words(people.actor(chief)))
    else:
        end_role(loan.pk, reason="不便代办", **people.words(people.actor(deputy)))
    assert people.actor(deputy, chief.pk).holdings == ()
    assert people.actor(deputy, chief.pk).acting_for == ""
    assert lenders(deputy, TODAY) == []


def test_委托来的不能再委托_也不能在代人行事时委托(people: People) -> None:
    chief, deputy, third = people.holding("chief"), people.account("deputy"), people.account("third")
    loan = lend(people, chief, deputy)
    words = {"first_day": TODAY, "last_day": TODAY + DAY, "reason": "转托"}
    acting = people.actor(deputy, chief.pk)
    assert code_of(lambda: delegate_role(loan.pk, third.pk, **words, **people.words(acting))) == "delegation.not_own"
    own = Grant.objects.get(account=chief)
    assert code_of(lambda: delegate_role(own.pk, third.pk, **words, **people.words(acting))) == "delegation.not_own"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"first_day": TODAY - DAY}, "delegation.days"),
        ({"last_day": TODAY - DAY}, "delegation.days"),
        ({"last_day": TODAY + 200 * DAY}, "delegation.days"),
        ({"reason": "  "}, "reason.needed"),
    ],
)
def test_委托要有今后的期限和理由(people: People, words: dict[str, Any], code: str) -> None:
    chief, deputy = people.holding("chief"), people.account("deputy")
    assert code_of(lambda: lend(people, chief, deputy, **words)) == code


def test_委托不长于角色本身_只给本单位在用的人_不给自己(people: People, keeper: Account) -> None:
    chief, deputy = people.account("chief"), people.account("deputy")
    people.give(chief, "clerk", last_day=TODAY + 3 * DAY)
    assert code_of(lambda: lend(people, chief, deputy)) == "delegation.days"
    short = {"last_day": TODAY + 3 * DAY}
    assert code_of(lambda: lend(people, chief, chief, **short)) == "delegation.receiver"
    elsewhere = people.account("elsewhere", unit="jia_office")
    assert code_of(lambda: lend(people, chief, elsewhere, **short)) == "delegation.unit"
    close_account(deputy.pk, reason="走", **people.words(people.actor(keeper)))
    assert code_of(lambda: lend(people, chief, deputy, **short)) == "delegation.receiver"


def test_不可委托的角色委托不出去(people: People, keeper: Account) -> None:
    clerk = people.holding("clerk")
    watching = people.give(clerk, "watcher")
    words = {"first_day": TODAY, "last_day": TODAY, "reason": "休假"} | people.words(people.actor(clerk))
    assert code_of(lambda: delegate_role(watching.pk, people.account("second").pk, **words)) == "delegation.role"
    assert (
        code_of(lambda: delegate_role(Grant.objects.get(account=keeper).pk, clerk.pk, **words)) == "delegation.not_own"
    )


# -- codes on paper ----------------------------------------------------------------------------------------------------


def test_企业凭码开户_只得这家企业的这个角色_码只用一次(people: People, enterprise: int, client: Any) -> None:
    clerk = people.holding("clerk")
    issued = invite_enterprise(enterprise, role="owner", name="厂长", **people.words(people.actor(clerk)))
    assert issued.code not in Invitation.objects.get().code_hash
    account = accept_invitation(
        issued.code, login="owner.one", name="赵 厂长", password=PASSWORD, call=Call(PUBLIC, people.book, people.now)
    )
    actor = people.actor(account)
    assert [(h.role, h.subject, h.area, h.unit) for h in actor.holdings] == [("owner", enterprise, "", "")]
    assert access.may(Call(actor, people.book, noon(TODAY)), "firm.open", subject=enterprise) is None
    assert access.may(Call(actor, people.book, noon(TODAY)), "firm.open", subject=enterprise + 1) is not None
    again = lambda: accept_invitation(  # noqa: E731
        issued.code, login="thief", name="贼", password=PASSWORD, call=Call(PUBLIC, people.book, people.now)
    )
    assert code_of(again) == "invitation.wrong"
    assert client.login(username="owner.one", password=PASSWORD)
    assert [line.verb for line in people.trail()][-3:] == [
        "invitation.issue",
        "invitation.accept",
        "invitation.refused",
    ]


def test_码不分大小写和连字符_印错的字不算(people: People) -> None:
    assert codes.read(" 27-acde fghj-KMNP ") == (27, "ACDEFGHJKMNP")
    assert codes.read("27ACDEFGHJKMNP") == (27, "ACDEFGHJKMNP")
    assert codes.read("２７—ＡＣＤＥ") is None
    for wrong in (
        "",
        "27",
        "27-ACDE",
        "27-ACDE-FGHJ-KMNO",
        "x-ACDE-FGHJ-KMNP",
        "9" * 30 + "-ACDE-FGHJ-KMNP",
        "27-" + "A" * 10_000,
    ):
        assert codes.read(wrong) is None, wrong
    assert len({codes.new_secret() for _ in range(1000)}) == 1000


def test_启用信的编号猜不到_不是一封接一封(people: People) -> None:
    account = people.account("somebody")
    numbers = [issue_code(account.pk, **people.words()).invitation.pk for _ in range(6)]
    assert all(10_000_000 <= number <= 99_999_999 for number in numbers)
    assert len(set(numbers)) == 6
    assert not any(1 <= later - earlier <= 1_000 for earlier, later in pairwise(numbers))


def test_试错五次后真码也不行(people: People) -> None:
    officer = people.account("officer")
    code = issue_code(officer.pk, **people.words()).code
    number = code.split("-")[0]
    for _ in range(codes.TRIES):
        assert (
            code_of(lambda: open_invitation(f"{number}-AAAA-AAAA-AAAA", call=Call(PUBLIC, people.book, people.now)))
            == "invitation.wrong"
        )
    assert code_of(lambda: open_invitation(code, call=Call(PUBLIC, people.book, people.now))) == "invitation.wrong"
    assert Invitation.objects.get().tries == codes.TRIES
    assert len(people.trail("invitation.refused")) == codes.TRIES + 1


def test_过期_收回_重发之后旧码不能用(people: People, keeper: Account) -> None:
    officer = people.account("officer")
    words = people.words(people.actor(keeper))
    first = issue_code(officer.pk, **words)
    second = issue_code(officer.pk, **words)
    later = people.now + dt.timedelta(days=7)

    def refused(code: str, now: dt.datetime) -> str:
        return code_of(lambda: open_invitation(code, call=Call(PUBLIC, people.book, now)))

    assert refused(first.code, people.now) == "invitation.wrong"
    assert refused(second.code, later) == "invitation.wrong"
    withdraw_invitation(second.invitation.pk, **words)
    assert refused(second.code, people.now) == "invitation.wrong"
    assert code_of(lambda: withdraw_invitation(second.invitation.pk, **words)) == "invitation.absent"


def test_凭码设密码_弱密码不用掉这个码(people: People, client: Any) -> None:
    officer = people.account("officer", password="")
    code = issue_code(officer.pk, **people.words()).code
    weak = lambda: accept_invitation(code, password="123456", call=Call(PUBLIC, people.book, people.now))  # noqa: E731
    assert code_of(weak).startswith("password.")
    accept_invitation(code, password=PASSWORD, call=Call(PUBLIC, people.book, people.now))
    assert client.login(username="officer", password=PASSWORD)


def test_邀请外区的企业_或没有的企业_或用工作人员的角色都不行(people: People, enterprise: int) -> None:
    clerk = people.words(people.actor(people.holding("clerk")))
    elsewhere = people.words(people.actor(people.holding("yi.clerk", area="990901002")))
    assert code_of(lambda: invite_enterprise(enterprise, role="owner", **elsewhere)) == "access.area"
    assert code_of(lambda: invite_enterprise(enterprise + 999, role="owner", **people.words())) == "subject.absent"
    assert code_of(lambda: invite_enterprise(enterprise, role="clerk", **clerk)) == "role.unknown"


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_令牌只存摘要_只能办范围内的事_到期和吊销后不能用(people: People, keeper: Account) -> None:
    words = people.words(people.actor(keeper))
    told = {"unit": "test_market", "scopes": ["api.read", "file.read"], "last_day": TODAY + 30 * DAY}
    issued = issue_token("抽检系统", **told, **people.words())
    assert issued.key not in repr(ApiToken.objects.values())
    actor = tokens.actor_of_key(issued.key, people.now)
    assert not isinstance(actor, Refusal)
    assert (actor.id, actor.kind) == (f"token:{issued.token.pk}", "program")
    may = lambda act: access.may(Call(actor, people.book, noon(TODAY)), act, unit="test_market")  # noqa: E731
    assert may("api.read") is None
    refusal = may("api.deliver")
    assert refusal is not None
    assert refusal.code == "access.token"
    assert access.scope(Call(actor, people.book, noon(TODAY)), "api.deliver").nothing
    later = tokens.actor_of_key(issued.key, people.now + 31 * DAY)
    assert isinstance(later, Refusal)
    assert later.code == "access.token_expired"
    revoke_token(issued.token.pk, reason="系统下线", **words)
    gone = tokens.actor_of_key(issued.key, people.now)
    assert isinstance(gone, Refusal)
    assert gone.code == "access.token_revoked"
    unknown = tokens.actor_of_key(issued.key + "x", people.now)
    assert isinstance(unknown, Refusal)
    assert unknown.code == "access.token_unknown"
    assert code_of(lambda: revoke_token(issued.token.pk, reason="再来", **words)) == "token.absent"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"scopes": []}, "token.scopes"),
        ({"scopes": ["people.manage"]}, "token.scopes"),
        ({"last_day": TODAY}, "token.days"),
        ({"last_day": TODAY + 400 * DAY}, "token.days"),
        ({"name": " "}, "token.name"),
        ({"role": "clerk"}, "role.unknown"),
        ({"unit": "no_such_unit"}, "unit.unknown"),
        ({"quality": "beauty"}, "quality.unknown"),
    ],
)
def test_发不出的令牌连同理由退回(people: People, changed: dict[str, Any], code: str) -> None:
    told = {"name": "系统", "unit": "test_market", "scopes": ["api.read"], "last_day": TODAY + DAY} | changed
    assert code_of(lambda: issue_token(told.pop("name"), **told, **people.words())) == code
    assert not ApiToken.objects.exists()


def test_管理员给不出别处的令牌(people: People) -> None:
    small = people.holding("jia.keeper", "keeper", unit="jia_office", area="990901001", of={"unit": "jia_office"})
    words = people.words(people.actor(small), scopes=["api.read"], last_day=TODAY + DAY)
    assert code_of(lambda: issue_token("甲", unit="jia_office", **words)) == "token.order", (
        "nobody sees a key they give"
    )
    assert code_of(lambda: issue_token("乙", unit="test_market", **words)) == "access.area"
    assert code_of(lambda: issue_token("丙", unit="test_market", area="990901001", **words)) == "access.area"
    assert code_of(lambda: issue_token("丁", unit="jia_office", area="990901", **words)) == "access.area"


def test_令牌最近使用的时间不是每次都写(people: People, django_assert_num_queries: Any) -> None:
    issued = issue_token("系统", unit="test_market", scopes=["api.read"], last_day=TODAY + DAY, **people.words())
    tokens.actor_of_key(issued.key, people.now)
    from django.conf import settings

    with django_assert_num_queries(1, using=settings.PEOPLE_DATABASE):
        tokens.actor_of_key(issued.key, people.now + dt.timedelta(minutes=4))
    with django_assert_num_queries(2, using=settings.PEOPLE_DATABASE):
        tokens.actor_of_key(issued.key, people.now + dt.timedelta(minutes=5))


# -- one transaction ---------------------------------------------------------------------------------------------------


def test_写不了审计就什么也没有发生(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = people.account("officer")
    grant = people.give(officer)

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("zhiheng.people.trail.TrailLine.objects.create", fails)
    acts = (
        lambda: people.account("other"),
        lambda: people.give(officer, "watcher"),
        lambda: end_role(grant.pk, reason="走", **people.words()),
        lambda: issue_code(officer.pk, **people.words()),
        lambda: issue_token("系统", unit="test_market", scopes=["api.read"], last_day=TODAY + DAY, **people.words()),
        lambda: close_account(officer.pk, reason="走", **people.words()),
    )
    for act in acts:
        with pytest.raises(RuntimeError):
            act()
    assert Account.objects.get() == officer
    assert Account.objects.get().is_active
    assert list(Grant.objects.values_list("ended_on", flat=True)) == [None]
    assert not Invitation.objects.exists()
    assert not ApiToken.objects.exists()


def test_终端上的操作员什么都能办_名字写进审计(people: People) -> None:
    made = create_account(
        "first", name="首位管理员", kind="officer", unit="test_market", **people.words(operator("root"))
    )
    give_role(made.pk, "keeper", area="990900", **people.words(operator("root")))
    assert {line.actor for line in people.trail()} == {"cli:root"}
    with pytest.raises(Refused):
        give_role(made.pk, "keeper", **people.words(people.actor(made)))


def test_令牌一页页列出_一个不少_总数也说(people: People) -> None:
    last_day = people.now.date() + dt.timedelta(days=30)
    for number in range(5):
        issue_token(f"系统{number}", unit="test_market", scopes=["api.read"], last_day=last_day, **people.words())
    call, found, after = Call(SYSTEM, people.book, people.now), [], ""
    while True:
        keys, hooks = people_queries.tokens(call=call, after=after, limit=2)
        assert (keys.total, hooks.total) == (5, 0)
        found += [one.name for one in keys.rows]
        if not keys.next:
            break
        after = keys.next
    assert found == [f"系统{number}" for number in reversed(range(5))]
