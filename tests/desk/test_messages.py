"""One's own messages and channels on pages: for officers and for others, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.actions.outbox_world import MailServer, People, aim, free_port, mail_server, owed, states
from tests.desk.files_of import clock, place
from tests.desk.number_doors import open_every_door
from tests.desk.officers import officer, said_on, signed_in
from tests.places import Ledger
from zhiheng.actions.messages import contacts
from zhiheng.office.models import MessageRecipient
from zhiheng.people.models import Account, ContactAddress, TrailLine
from zhiheng.projections.models import Owed

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def people(place: Ledger) -> People:
    """The hand has a reminder that is late, and so has the head."""
    Owed.objects.all().delete()
    owed()
    found = People(place.book)
    found.remind("2026-06-26T06:30")
    return found


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server(settings) as found:
        yield found


def page(browser: Client, name: str = "pages:messages", **query: str) -> str:
    answer = browser.get(reverse(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_消息页列出提醒_每页顶上有未读数_读了就没有(people: People) -> None:
    browser = signed_in(people.hand)
    text = page(browser)
    assert "1 项逾期" in said_on(text)
    assert "逾期 2 天" in said_on(text)
    assert 'data-unread="1"' in page(browser, "desk:deliveries")
    assert open_every_door(browser, [reverse("pages:messages")], deep=0).wrong == []
    number = MessageRecipient.objects.get(account=people.hand.pk, channel="in_app").message_id
    answer = browser.post(reverse("pages:message_read", args=[number]), {"go": "1"})
    assert answer.headers["Location"].startswith(reverse("desk:exchange"))
    assert "data-unread" not in page(browser, "desk:deliveries")
    assert "没有未读的消息" in page(browser, unread="1")
    read = open_every_door(browser, [reverse("pages:messages")], deep=0)
    assert (read.opened, read.wrong) == (1, [])


def test_英文页上是英文的消息(people: People) -> None:
    browser = signed_in(people.hand)
    browser.cookies["django_language"] = "en"
    assert "1 overdue" in said_on(page(browser))


def test_别人的消息看不见_也标不成已读(people: People) -> None:
    browser = signed_in(people.office)
    assert "1 项逾期" not in said_on(page(browser))
    number = MessageRecipient.objects.get(account=people.hand.pk, channel="in_app").message_id
    assert browser.post(reverse("pages:message_read", args=[number])).status_code == 404
    assert not MessageRecipient.objects.filter(state="read").exists()


def test_企业的人也有这一页_不进工作台(people: People) -> None:
    owner = Account.objects.create_user("owner", None, name="企业人", kind="enterprise", subject=1)
    text = page(signed_in(owner))
    assert "还没有消息" in text
    assert 'class="rail"' not in text


def test_没有登录的先登录() -> None:
    assert Client().get(reverse("pages:messages")).status_code == 302


# -- channels ----------------------------------------------------------------------------------------------------------


def code_in(server: MailServer) -> str:
    """The six digits of the last mail."""
    found = re.search(r"\d{6}", server.came[-1].get_content())
    assert found
    return found[0]


def test_填邮箱_收到确认码_填上才生效_留痕里没有地址(people: People, server: MailServer) -> None:
    ContactAddress.objects.all().delete()
    browser = signed_in(people.hand)
    give, confirm = (reverse(f"pages:contact_{act}", args=["email"]) for act in ("give", "confirm"))
    browser.post(give, {"address": "jia@office.example"})
    assert server.to == ["jia@office.example"]
    assert ContactAddress.objects.get().confirmed_at is None
    assert "还可以试 4 次" in browser.post(confirm, {"typed": "abcdef"}).content.decode()
    assert browser.post(confirm, {"typed": code_in(server)}).status_code == 302
    assert ContactAddress.objects.get().confirmed_at is not None
    assert "jia@" in page(browser, "pages:channels")
    assert "jia@" not in str(list(TrailLine.objects.values()))
    assert code_in(server) not in str(list(ContactAddress.objects.values()))


def test_确认码试五次作废_一天最多发五次(people: People, server: MailServer) -> None:
    browser = signed_in(people.hand)
    give, confirm = (reverse(f"pages:contact_{act}", args=["email"]) for act in ("give", "confirm"))
    browser.post(give, {"address": "jia@office.example"})
    for _ in range(contacts.TRIES):
        browser.post(confirm, {"typed": "abcdef"})
    assert "重新获取" in browser.post(confirm, {"typed": code_in(server)}).content.decode()
    for _ in range(contacts.CODES_A_DAY):
        answer = browser.post(give, {"address": "jia@office.example"})
    assert "今天已发过 5 次" in answer.content.decode()
    assert len(server.came) == contacts.CODES_A_DAY


@pytest.mark.parametrize(
    ("channel", "address", "said"),
    [("email", "jia", "邮箱地址写法不对"), ("email", "jia@a.example\r\nBcc: x@y.example", "邮箱地址写法不对")],
)
def test_写错的地址退回(people: People, server: MailServer, channel: str, address: str, said: str) -> None:
    answer = signed_in(people.hand).post(reverse("pages:contact_give", args=[channel]), {"address": address})
    assert said in answer.content.decode()
    assert server.came == []


def test_邮件服务器不通的_说明没有发出(people: People, settings: Any) -> None:
    aim(settings, free_port())
    answer = signed_in(people.hand).post(
        reverse("pages:contact_give", args=["email"]), {"address": "jia@office.example"}
    )
    assert "确认码没有发出：连不上邮件服务器" in answer.content.decode()


def test_暂停和删去(people: People, server: MailServer) -> None:
    browser = signed_in(people.hand)
    browser.post(reverse("pages:contact_choose", args=["email"]), {"wanted": "0"})
    assert not ContactAddress.objects.get(account=people.hand).wanted
    browser.post(reverse("pages:contact_remove", args=["email"]))
    assert not ContactAddress.objects.filter(account=people.hand).exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 0000-0000", "+8613800000000"),
        ("+86 13800000000", "+8613800000000"),
        ("+852 91234567", "+85291234567"),
        ("12345", ""),
        ("+86 12345", ""),
    ],
)
def test_手机号怎么写都行_不是手机号的退回(typed: str, kept: str) -> None:
    if kept:
        assert contacts._mobile(typed) == kept
    else:
        with pytest.raises(contacts.Refused):
            contacts._mobile(typed)


# -- the office --------------------------------------------------------------------------------------------------------


def test_发送情况列出没有发出的和为什么_可以重发(people: People, server: MailServer) -> None:
    Owed.objects.update(due_on="2026-06-25")
    people.remind("2026-06-27T06:30")
    server.answers["hand@office.example"] = "550 5.1.1 no such user"
    people.deliver("2026-06-29T08:30")
    keeper = signed_in(people.head)
    text = said_on(page(keeper, "desk:sending"))
    assert "邮件服务器拒收（地址不存在或被拒） 550" in text
    assert "经办甲" in text
    assert "hand@office.example" not in text
    number = MessageRecipient.objects.filter(state="given_up").values_list("pk", flat=True)[0]
    keeper.post(reverse("desk:sending_retry", args=[number]))
    assert "waiting" in states()
    assert signed_in(people.hand).get(reverse("desk:sending")).status_code == 403


def test_没有账号的单位_列在发送情况里(people: People) -> None:
    owed(unit="test_environment", record="discharge_fine")
    people.remind("2026-06-26T06:30")
    keeper = officer("keeper", unit="jia_office", area="990901", name="管理员")
    text = said_on(page(signed_in(keeper), "desk:sending"))
    assert "没有人可以提醒" in text
    assert "试验区生态环境局" in text


def test_催报单下面写明提醒过谁_何时已读_是否升级(people: People) -> None:
    browser = signed_in(people.office)
    text = said_on(page(browser, "desk:reminders"))
    assert "经办甲 未读" in text
    number = MessageRecipient.objects.get(account=people.hand.pk, channel="in_app").message_id
    signed_in(people.hand).post(reverse("pages:message_read", args=[number]))
    assert re.search(r"经办甲 \S+ \S+ 已读", said_on(page(browser, "desk:reminders")))
