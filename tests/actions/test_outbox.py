"""Reminders of what units owe: whom they reach, in which words, when they climb, and when nobody has to read them any
more."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.actions.outbox_world import DUE, People, at, owed, reached_by, rungs, states, told
from tests.desk.officers import officer
from tests.places import Ledger
from zhiheng.actions.messages import mark_read, remind, retry
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import Message, MessageRecipient
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account, Grant, TrailLine
from zhiheng.projections.models import Owed
from zhiheng.queries.duties import OwedDeliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(ledger: Ledger) -> People:
    """Those of the small place, who owe one thing."""
    owed()
    return People(ledger.book)


def reads(account: Account, people: People, moment: str) -> None:
    """Somebody reads all they have."""
    mark_read.mark_all_read(call=Call(actor_of(account), people.book, at(moment)))


def unread(account: Account) -> int:
    """What the top of each page says."""
    account.refresh_from_db()
    return account.unread


def test_到期前提醒经办人_逾期后经办人和负责人_再到质强办(people: People) -> None:
    people.remind("2026-06-18T06:30")
    assert told() == []
    for day in ("2026-06-19", "2026-06-22", "2026-06-24"):
        people.remind(f"{day}T06:30")
    assert told() == [("soon", "经办甲")]
    people.remind("2026-06-25T06:30")
    people.remind("2026-06-26T06:30")
    people.remind("2026-06-30T06:30")
    assert told() == [("soon", "经办甲"), ("late", "经办甲"), ("head", "负责乙"), ("office", "质强丙")]


def test_写的是哪些数据_逾期几天_中英文各一份(people: People) -> None:
    owed(record="lift_register")
    people.remind("2026-06-26T06:30")
    message = Message.objects.get(rung="late")
    assert message.title_zh == "2 项逾期"
    assert message.text_zh.startswith("试验区市场监督管理局：")
    assert message.text_zh.endswith("（逾期 2 天）")
    assert message.text_en.endswith("(2 days late)")


def test_同一级只写一次_停了几天再开_同一批人只收最近一级(people: People) -> None:
    for _ in range(3):
        people.remind("2026-06-26T06:30")
    assert told() == [("late", "经办甲"), ("head", "负责乙")]


def test_报上来的_消息办结_不再算未读_也不再升级(people: People) -> None:
    people.remind("2026-06-25T06:30")
    assert unread(people.hand) == 1
    Owed.objects.update(handed_in_on="2026-06-25")
    assert remind.settle_done(call=people.call("2026-06-25T10:00")) == 1
    assert unread(people.hand) == 0
    people.climb("2026-07-30T10:00")
    people.remind("2026-07-01T06:30")
    assert told() == [("late", "经办甲")]


def test_改了期限的_旧提醒办结_新期限重新提醒(people: People) -> None:
    people.remind("2026-06-19T06:30")
    Owed.objects.update(due_on="2026-07-24")
    people.remind("2026-06-22T06:30")
    assert Message.objects.get().settled_at is not None
    people.remind("2026-07-21T06:30")
    assert [str(day) for day in Message.objects.order_by("id").values_list("due_on", flat=True)] == [DUE, "2026-07-24"]


# -- climbing ----------------------------------------------------------------------------------------------------------


def test_没人读的提醒提前升级_写明没有人读(people: People) -> None:
    people.remind("2026-06-19T06:30")
    # A Friday; two working days are Monday and Tuesday, so it climbs on Wednesday at eight.
    assert people.climb("2026-06-24T07:59").climbed == 0
    assert people.climb("2026-06-24T08:00").climbed == 1
    assert people.climb("2026-06-24T08:01").climbed == 0
    assert rungs() == [("soon", False), ("head", True)]
    assert Message.objects.get(early=True).title_zh == "1 项，经办人没有读"


def test_读过的不升级_只按天数走(people: People) -> None:
    people.remind("2026-06-19T06:30")
    reads(people.hand, people, "2026-06-23T17:00")
    assert people.climb("2026-06-24T08:00").climbed == 0
    assert unread(people.hand) == 0


def test_按小时升级的_静默的夜里不算(people: People) -> None:
    people.remind("2026-06-25T06:30")
    # Ten hours that are not quiet, from eight in the morning on.
    assert people.climb("2026-06-25T17:59").climbed == 0
    assert people.climb("2026-06-25T18:00").climbed == 1
    assert rungs() == [("late", False), ("head", True)]


def test_提前升级以后_逾期的一级到日子还是要发(people: People) -> None:
    people.remind("2026-06-25T06:30")
    people.climb("2026-06-25T18:00")
    people.remind("2026-06-26T06:30")
    assert rungs() == [("late", False), ("head", True), ("head", False)]


def test_单位里没有人的_当天就到上一级_直到有人(people: People) -> None:
    Grant.objects.filter(account__in=[people.hand, people.head]).update(ended_on=dt.date(2026, 1, 1))
    people.remind("2026-06-19T06:30")
    assert rungs() == [("soon", False), ("head", True), ("office", True)]
    assert list(Message.objects.order_by("id").values_list("nobody", flat=True)) == [True, True, False]
    assert told() == [("office", "质强丙")]


def test_委托出去的_受托人也收到(people: People) -> None:
    deputy = officer("clerk", unit="test_environment", name="受托丁")
    Grant.objects.filter(account=deputy).delete()
    lent = Grant.objects.get(account=people.hand)
    Grant.objects.create(
        account=deputy,
        role="clerk",
        unit="test_market",
        area="990901",
        first_day=dt.date(2026, 6, 1),
        last_day=dt.date(2026, 6, 30),
        lent_from=lent,
        delegated_by=people.hand,
        given_by="test",
    )
    people.remind("2026-06-19T06:30")
    assert sorted(told()) == [("soon", "受托丁"), ("soon", "经办甲")]


# -- channels ----------------------------------------------------------------------------------------------------------


def test_没有配置邮件的平台_只有站内消息(people: People) -> None:
    people.remind("2026-06-19T06:30")
    assert states("email") == []


def test_邮件并入当天汇总_自己关掉的不发_没有地址的不发(people: People, settings: Any) -> None:
    settings.MAIL_READY = True
    people.head.contacts.update(wanted=False)
    people.remind("2026-06-26T06:30")
    (row,) = MessageRecipient.objects.filter(channel="email")
    assert (row.account, row.in_summary, row.next_at) == (people.hand.pk, True, at("2026-06-26T08:30"))


def test_短信在静默时段写下来_早上再发(people: People, settings: Any) -> None:
    settings.SMS_URL = "https://sms.example/send"
    reached_by(people.hand, "sms", "+8613800000000")
    people.remind("2026-06-26T06:30")
    (row,) = MessageRecipient.objects.filter(channel="sms")
    assert (row.state, row.next_at) == ("held", at("2026-06-26T08:00"))


# -- who may -----------------------------------------------------------------------------------------------------------


def test_只能读自己的消息(people: People) -> None:
    people.remind("2026-06-19T06:30")
    message = Message.objects.get()
    stranger = Call(actor_of(people.office), people.book, at("2026-06-19T10:00"))
    with pytest.raises(Refused) as refused:
        mark_read.mark_read(message.pk, call=stranger)
    assert refused.value.refusals[0].code == "message.absent"
    assert mark_read.mark_all_read(call=stranger) == 0
    own = Call(actor_of(people.hand), people.book, at("2026-06-19T10:00"))
    mark_read.mark_read(message.pk, call=own)
    mark_read.mark_read(message.pk, call=own)
    assert MessageRecipient.objects.get().read_at == at("2026-06-19T10:00")
    assert TrailLine.objects.filter(verb="message.read").count() == 1


def test_没有权限的不能发提醒_也不能重发(people: People) -> None:
    clerk = Call(actor_of(people.hand), people.book, at("2026-06-19T10:00"))
    (duty,) = OwedDeliveries().due_between(dt.date(2026, 6, 1), dt.date(2026, 6, 30), people.call("2026-06-19T10:00"))
    for act in (
        lambda: remind.remind(duty, kind="delivery_due", call=clerk),
        lambda: remind.remind_all(call=clerk),
        lambda: retry.retry(1, call=clerk),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.refusals[0].code.startswith("access.")
    assert not Message.objects.exists()


def test_一项责任可以单独提醒_没有的种类退回(people: People) -> None:
    call = people.call("2026-06-19T10:00")
    (duty,) = OwedDeliveries().due_between(dt.date(2026, 6, 1), dt.date(2026, 6, 30), call)
    assert duty.hands == (people.hand.pk,)
    assert [one.rung for one in remind.remind(duty, kind="delivery_due", call=call)] == ["soon"]
    with pytest.raises(Refused) as refused:
        remind.remind(duty, kind="no_such_kind", call=call)
    assert refused.value.refusals[0].code == "message.kind"


def test_留痕里有发出的每一条_没有人名地址(people: People) -> None:
    people.remind("2026-06-25T06:30")
    reads(people.hand, people, "2026-06-25T10:00")
    lines = list(TrailLine.objects.values_list("verb", "about", "detail"))
    assert [verb for verb, _, _ in lines] == ["message.send", "message.read"]
    assert not any(word in str(lines) for word in ("经办甲", "office.example"))


def test_管别处的管理员不能重发这里的(people: People, settings: Any) -> None:
    settings.MAIL_READY = True
    people.remind("2026-06-25T06:30")
    row = MessageRecipient.objects.get(channel="email")
    MessageRecipient.objects.filter(pk=row.pk).update(state="given_up", attempts=6, error="smtp.refused")
    far = officer("keeper", unit="jia_office", area="990901001", name="街道管理员")
    with pytest.raises(Refused) as refused:
        retry.retry(row.pk, call=Call(actor_of(far), people.book, at("2026-06-26T10:00")))
    assert refused.value.refusals[0].code == "access.area"
    near = Call(actor_of(people.head), people.book, at("2026-06-26T10:00"))
    assert retry.retry(row.pk, call=near).state == "waiting"
    with pytest.raises(Refused) as again:
        retry.give_up(row.pk, reason="号码不用了", call=near)
    assert again.value.refusals[0].code == "message.not_stuck"
    row.refresh_from_db()
    assert (row.state, row.attempts, row.next_at) == ("waiting", 0, at("2026-06-26T10:00"))


def test_没有账号的身份没有消息(people: People) -> None:
    program = Actor("token:1", "program", "系统")
    with pytest.raises(Refused):
        mark_read.mark_all_read(call=Call(program, people.book, at("2026-06-25T10:00")))
