"""No administrator alone reaches facts: a role or a key that shows them waits for another person of the unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.calls import noon
from tests.people.places import People, people
from tests.places import NOON
from zhiheng.actions.accounts.confirm_role import confirm_role, decline_role
from zhiheng.actions.accounts.delegate_role import delegate_role
from zhiheng.actions.accounts.give_role import give_role
from zhiheng.actions.accounts.issue_code import issue_code
from zhiheng.actions.accounts.issue_token import KeyTerms
from zhiheng.actions.accounts.take_key import confirm_key, decline_key, order_key, take_key
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor, operator
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access, tokens
from zhiheng.people.models import Account, ApiToken, Grant, KeyOrder

__all__ = ["people"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAY, TODAY = dt.timedelta(days=1), NOON.date()


def code_of(act: Callable[[], object]) -> str:
    """The code of the refusal."""
    with pytest.raises(Refused) as told:
        act()
    return told.value.refusals[0].code


@pytest.fixture
def keeper(people: People) -> Actor:
    """Who looks after accounts."""
    return people.actor(people.holding("keeper", "keeper", area="990900"))


def sees(people: People, account: Account) -> bool:
    """Whether an account may read facts of its unit."""
    call = Call(people.actor(account), people.book, people.now)
    return access.may(call, "fact.read", unit="test_market") is None


def given(people: People, keeper: Actor, login: str = "newcomer", **words: Any) -> tuple[Account, Grant]:
    """A new account with a role that an administrator gives."""
    account = people.account(login, **words)
    return account, give_role(account.pk, "clerk", reason="新到任", **people.words(keeper))


def test_管理员给的看得到事实的角色_另一个人确认以后才生效(people: People, keeper: Actor) -> None:
    head = people.holding("head")
    account, grant = given(people, keeper)
    assert not sees(people, account)
    assert code_of(lambda: confirm_role(grant.pk, **people.words(keeper))) == "access.role"
    confirm_role(grant.pk, **people.words(people.actor(head)))
    assert sees(people, account)
    assert [line.verb for line in people.trail()][-2:] == ["role.give", "role.confirm"]
    assert code_of(lambda: confirm_role(grant.pk, **people.words(people.actor(head)))) == "confirmation.absent"


def test_不予确认的_从来没有生效(people: People, keeper: Actor) -> None:
    head = people.actor(people.holding("head"))
    account, grant = given(people, keeper)
    assert code_of(lambda: decline_role(grant.pk, reason=" ", **people.words(head))) == "reason.needed"
    decline_role(grant.pk, reason="没有这个人", **people.words(head))
    assert not sees(people, account)
    assert people.trail("role.decline")[-1].purpose == "没有这个人"


def test_管理员自己建的另一个账号确认不了(people: People, keeper: Actor) -> None:
    people.holding("head")
    made, first = given(people, keeper, "made.up")
    _, grant = given(people, keeper)
    assert code_of(lambda: confirm_role(grant.pk, **people.words(people.actor(made)))) == "access.role"
    assert code_of(lambda: confirm_role(first.pk, **people.words(people.actor(made)))) == "access.role"


def test_得到的人_同名的另一个账号_刚从提请人手里拿了码的人_别的单位的人_都确认不了(
    people: People, keeper: Actor
) -> None:
    head = people.holding("head")
    account, grant = given(people, keeper)
    people.give(account)
    words = people.words(people.actor(account))
    assert code_of(lambda: confirm_role(grant.pk, **words)) == "confirmation.own"
    twin = people.holding("twin", of={"name": keeper.name})
    assert code_of(lambda: confirm_role(grant.pk, **people.words(people.actor(twin)))) == "confirmation.same_person"
    far = people.holding("far", unit="jia_office", area="990901001", of={"unit": "jia_office"})
    assert code_of(lambda: confirm_role(grant.pk, **people.words(people.actor(far)))).startswith("access.")
    issue_code(head.pk, **people.words(keeper))
    assert code_of(lambda: confirm_role(grant.pk, **people.words(people.actor(head)))) == "confirmation.code"
    people.now += 2 * DAY
    confirm_role(grant.pk, **people.words(people.actor(head)))


def test_单位里还没有能确认的人_由上级区域的人或服务器上的操作员确认(people: People, keeper: Actor) -> None:
    above = people.holding("above", area="990900")
    first = people.account("first.there", unit="jia_office")
    grant = give_role(first.pk, "clerk", **people.words(keeper))
    confirm_role(grant.pk, **people.words(people.actor(above)))
    second = people.account("second.there", unit="jia_office")
    later = give_role(second.pk, "clerk", **people.words(keeper))
    assert code_of(lambda: confirm_role(later.pk, **people.words(people.actor(above)))).startswith("access.")
    confirm_role(later.pk, **people.words(operator("root")))
    assert people.trail("role.confirm")[-1].actor == "cli:root"


def test_没有确认的角色借不出去_借出的也不生效(people: People, keeper: Actor) -> None:
    account, grant = given(people, keeper)
    other = people.holding("other")
    lend = {"first_day": TODAY, "last_day": TODAY, "reason": "休假"}
    assert code_of(lambda: delegate_role(grant.pk, other.pk, **lend, **people.words(people.actor(account))))
    assert access.may(Call(people.actor(account), people.book, noon(TODAY)), "grant.delegate") is not None


def test_看不到事实的角色和服务器上给的角色_不用确认(people: People, keeper: Actor) -> None:
    account = people.account("second.keeper")
    give_role(account.pk, "keeper", **people.words(keeper))
    assert access.may(Call(people.actor(account), people.book, people.now), "people.manage", unit="test_market") is None
    assert sees(people, people.holding("by.operator"))


# -- keys --------------------------------------------------------------------------------------------------------------


def ordered(people: People, keeper: Actor, *scopes: str, holder: str = "holder") -> KeyOrder:
    """A key that an administrator orders."""
    until = people.now.date() + 30 * DAY
    terms = KeyTerms("抽检系统", "test_market", scopes or ("api.read",), until)
    return order_key(terms, holder=holder, **people.words(keeper))


def test_看得到事实的令牌_本单位另一人确认_领取人自己领取一次(people: People, keeper: Actor) -> None:
    holder, head = people.holding("holder"), people.actor(people.holding("head"))
    order = ordered(people, keeper)
    mine = people.words(people.actor(holder))
    assert code_of(lambda: take_key(order.pk, **mine)) == "token.absent"
    confirm_key(order.pk, **people.words(head))
    assert code_of(lambda: take_key(order.pk, **people.words(head))) == "token.absent"
    issued = take_key(order.pk, **mine)
    assert tokens.digest_of(issued.key) == ApiToken.objects.get().digest
    assert people.trail("token.issue")[-1].actor == f"account:{holder.pk}"
    assert code_of(lambda: take_key(order.pk, **mine)) == "token.absent"


def test_提请的人确认不了也领取不了_看不到事实的令牌直接领取(people: People, keeper: Actor) -> None:
    holder = people.holding("holder")
    order = ordered(people, keeper)
    assert code_of(lambda: confirm_key(order.pk, **people.words(keeper))) == "access.role"
    assert code_of(lambda: ordered(people, keeper, holder="keeper")) == "token.holder"
    assert code_of(lambda: ordered(people, keeper, holder="nobody")) == "token.holder"
    delivering = ordered(people, keeper, "api.deliver")
    assert take_key(delivering.pk, **people.words(people.actor(holder))).key


def test_不予确认的令牌不会签发_领取人可以是第二个人(people: People, keeper: Actor) -> None:
    holder = people.actor(people.holding("holder"))
    declined, wanted = ordered(people, keeper), ordered(people, keeper)
    decline_key(declined.pk, reason="不需要", **people.words(holder))
    assert code_of(lambda: take_key(declined.pk, **people.words(holder))) == "token.absent"
    confirm_key(wanted.pk, **people.words(holder))
    assert take_key(wanted.pk, **people.words(holder)).key
