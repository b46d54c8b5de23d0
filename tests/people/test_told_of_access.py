"""Who gets a role, a key or a code is told, and so are the auditors of the place: by a message without any secret."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from tests.book_once import book_once, with_chapters
from tests.people.places import People, people
from tests.places import ROOT
from zhiheng.actions.accounts.confirm_role import confirm_role, decline_role
from zhiheng.actions.accounts.end_role import end_role
from zhiheng.actions.accounts.give_role import give_role
from zhiheng.actions.accounts.issue_code import issue_code
from zhiheng.actions.accounts.issue_token import KeyTerms
from zhiheng.actions.accounts.revoke_token import revoke_token
from zhiheng.actions.accounts.take_key import confirm_key, order_key, take_key
from zhiheng.actions.messages import remind
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.messages import MESSAGES, Messages
from zhiheng.kernel.actor import SYSTEM, Actor
from zhiheng.office.outbox import Message, MessageRecipient
from zhiheng.people.models import Account
from zhiheng.queries.access_acts import access_is_untold

__all__ = ["people"]
pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def place(people: People) -> People:
    """The small place, told in the words of the default book; its watcher is the auditor."""
    kind = book_once(ROOT / "book")[MESSAGES].kinds["access_changed"]
    ladder = tuple(
        rung if rung.to == "hands" else rung.model_copy(update={"roles": ("watcher",)}) for rung in kind.ladder
    )
    told = Messages(kinds={"access_changed": kind.model_copy(update={"ladder": ladder})})
    people.book = with_chapters(people.book, {MESSAGES: told})
    people.holding("auditor", "watcher", area="990901", of={"unit": "jia_office"})
    people.holding("head")
    people.holding("keeper", "keeper", area="990900")
    tell(people)
    people.now += dt.timedelta(days=2)
    return people


def tell(place: People) -> list[str]:
    """What the worker does; the titles of what was written, in their order."""
    before = set(Message.objects.values_list("pk", flat=True))
    remind.tell_of_access(call=Call(SYSTEM, place.book, place.now))
    return [one.title_zh for one in Message.objects.exclude(pk__in=before).order_by("pk")]


def told(login: str) -> list[str]:
    """What stands in somebody's list of messages."""
    account = Account.objects.get(login=login)
    own = MessageRecipient.objects.filter(account=account.pk).order_by("pk").select_related("message")
    return [one.message.title_zh for one in own]


def actor(place: People, login: str) -> Actor:
    return place.actor(Account.objects.get(login=login))


def test_a_role_that_is_given_confirmed_and_ended_is_told_to_its_holder_and_to_the_auditor(place: People) -> None:
    account = place.account("newcomer")
    grant = give_role(account.pk, "clerk", reason="新到任", **place.words(actor(place, "keeper")))
    assert access_is_untold(call=Call(SYSTEM, place.book, place.now))
    tell(place)
    assert not access_is_untold(call=Call(SYSTEM, place.book, place.now))
    confirm_role(grant.pk, **place.words(actor(place, "head")))
    end_role(grant.pk, reason="调离", **place.words(actor(place, "keeper")))
    tell(place)
    said = [title.partition("：")[2] for title in told("newcomer")]
    assert [each.partition("“")[0] for each in said] == ["授予角色", "确认角色", "终止角色"]
    auditor = told("auditor")[-3:]
    assert [each.partition("：")[2].partition("“")[0] for each in auditor] == ["授予角色", "确认角色", "终止角色"]
    assert all(f"账号 {account.pk}：" in each for each in auditor)
    assert Account.objects.get(login="newcomer").unread == 3


def test_nothing_is_told_twice_and_the_round_of_the_morning_finds_nothing_left(place: People) -> None:
    account = place.account("newcomer")
    give_role(account.pk, "clerk", reason="新到任", **place.words(actor(place, "keeper")))
    assert len(tell(place)) == 2
    assert tell(place) == []
    assert remind.remind_all(call=Call(SYSTEM, place.book, place.now)).written == 0


def test_a_role_that_was_declined_is_told_too(place: People) -> None:
    account = place.account("newcomer")
    grant = give_role(account.pk, "clerk", reason="新到任", **place.words(actor(place, "keeper")))
    decline_role(grant.pk, reason="没有这个人", **place.words(actor(place, "head")))
    tell(place)
    assert any("不予确认角色" in title for title in told("newcomer"))


def test_of_a_code_it_is_told_that_it_was_given_never_the_code(place: People) -> None:
    account = place.account("newcomer")
    issued = issue_code(account.pk, **place.words(actor(place, "keeper")))
    tell(place)
    (title,) = told("newcomer")
    assert "发出邀请码或登录码" in title
    lines = Message.objects.order_by("-pk")[:2]
    words = [" ".join((m.title_zh, m.title_en, m.text_zh, m.text_en)) for m in lines]
    parts = [part for part in issued.code.replace(" ", "-").split("-") if len(part) > 3]
    assert parts
    assert not [part for part in parts for said in words if part in said]
    assert not [said for said in words if account.name in said or account.login in said]


def test_a_key_is_told_to_who_takes_it_and_who_takes_it_is_not_told_of_the_own_act(place: People) -> None:
    place.holding("taker")
    tell(place)
    before = len(told("taker"))
    terms = KeyTerms("试验系统", "test_market", ["api.read", "fact.read"], (place.now + dt.timedelta(days=30)).date())
    order = order_key(replace(terms, role="program"), holder="taker", **place.words(actor(place, "keeper")))
    confirm_key(order.pk, **place.words(actor(place, "head")))
    tell(place)
    assert [title.partition("：")[2] for title in told("taker")[before:]] == ["提请签发接口令牌", "确认接口令牌"]
    issued = take_key(order.pk, **place.words(actor(place, "taker")))
    tell(place)
    assert len(told("taker")) == before + 2
    assert "签发接口令牌" in told("auditor")[-1]
    revoke_token(issued.token.pk, reason="泄露", **place.words(actor(place, "keeper")))
    tell(place)
    assert "吊销接口令牌" in told("taker")[-1]


def test_a_message_of_a_month_ago_no_longer_counts_as_unread(place: People) -> None:
    account = place.account("newcomer")
    give_role(account.pk, "clerk", reason="新到任", **place.words(actor(place, "keeper")))
    tell(place)
    assert Account.objects.get(login="newcomer").unread == 1
    place.now += dt.timedelta(days=31)
    remind.settle_done(call=Call(SYSTEM, place.book, place.now))
    assert Account.objects.get(login="newcomer").unread == 0


def test_a_book_without_such_a_page_tells_nothing(place: People) -> None:
    place.book = with_chapters(place.book, {MESSAGES: Messages()})
    account = place.account("newcomer")
    give_role(account.pk, "clerk", reason="新到任", **place.words(actor(place, "keeper")))
    assert not access_is_untold(call=Call(SYSTEM, place.book, place.now))
    assert tell(place) == []
