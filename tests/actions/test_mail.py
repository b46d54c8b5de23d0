"""Mails and text messages really go out: over a mail server on the loopback that refuses, defers, falls silent and
dies, and to a gateway that checks what it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.actions.outbox_world import MailServer, People, aim, at, free_port, mail_server, owed, reached_by, states
from tests.desk.officers import officer
from tests.examples import examples
from tests.places import Ledger
from zhiheng.actions.messages import deliver, retry
from zhiheng.actions.messages.channels import Letter, Sent
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.backoff import WAITS
from zhiheng.office.models import Message, MessageRecipient
from zhiheng.office.outbox import TO_SEND
from zhiheng.people.models import Account, ContactAddress
from zhiheng.site.settings import mail

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The worker is gone, as by kill -9: nothing after it runs."""


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A mail server."""
    with mail_server(settings) as found:
        yield found


@pytest.fixture
def people(ledger: Ledger, server: MailServer) -> People:
    """Three people with a mail each that is due on Friday at 8:30: the one of the hand and that of the head."""
    owed()
    found = People(ledger.book)
    found.remind("2026-06-26T06:30")
    return found


def rows() -> list[tuple[str, str, int | None, int]]:
    """(state, why, what the server answered, attempts) of each mail."""
    return list(
        MessageRecipient.objects.filter(channel="email")
        .order_by("id")
        .values_list("state", "error", "status", "attempts")
    )


def run_until_done(people: People) -> None:
    """The worker comes whenever something is due, for as long as anything waits; one that is killed comes again."""
    while (
        waiting := MessageRecipient.objects.filter(state__in=TO_SEND)
        .order_by("next_at")
        .values_list("next_at", flat=True)
    ):
        try:
            deliver.deliver(call=Call(SYSTEM, people.book, timezone.localtime(waiting[0])))
        except Killed:
            continue


def test_到了汇总时刻才发_一人一封_收件人互相看不见(people: People, server: MailServer) -> None:
    assert people.deliver("2026-06-26T08:29").sent == 0
    assert people.deliver("2026-06-26T08:30").sent == 2
    assert people.deliver("2026-06-26T08:31").sent == 0
    assert server.to == ["hand@office.example", "head@office.example"]
    first = server.came[0]
    assert first["Subject"] == "1 项逾期"
    assert first["To"] == "hand@office.example"
    assert "试验区市场监督管理局" in first.get_content()
    assert str(first["Message-ID"]).endswith("@district.example>")
    assert states() == ["sent", "sent"]


def test_同一人一天几条并成一封(people: People, server: MailServer) -> None:
    owed(due="2026-06-25", record="lift_register")
    people.remind("2026-06-26T07:00")
    assert people.deliver("2026-06-26T08:30").sent == 2
    mine = server.came[server.to.index("hand@office.example")]
    assert mine["Subject"] == "质衡：2 条提醒"
    assert "1. 1 项逾期" in mine.get_content()
    assert "2. 1 项逾期" in mine.get_content()
    assert states() == ["sent"] * 3


def test_读英文的收到英文(people: People, server: MailServer) -> None:
    Account.objects.update(language="en")
    people.deliver("2026-06-26T08:30")
    assert server.came[0]["Subject"] == "1 overdue"


def test_一个地址被拒_别的照发_被拒的不再试(people: People, server: MailServer) -> None:
    server.answers["hand@office.example"] = "550 5.1.1 no such user hand@office.example"
    assert people.deliver("2026-06-26T08:30") == deliver.Letters(sent=1, failed=1)
    assert rows() == [("given_up", "smtp.refused", 550, 1), ("sent", "", None, 1)]
    # What the server wrote may name somebody: only its number is kept.
    assert "hand@" not in str(list(MessageRecipient.objects.values()))


def test_暂时不收的_隔一阵再试_收了为止(people: People, server: MailServer) -> None:
    server.answers["hand@office.example"] = "451 4.7.1 greylisted"
    people.deliver("2026-06-26T08:30")
    assert rows()[0] == ("failed", "smtp.later", 451, 1)
    assert people.deliver("2026-06-26T08:30").sent == 0
    server.answers.clear()
    assert people.deliver("2026-06-26T08:31").sent == 1
    assert rows()[0][0] == "sent"


def test_一直不收的_试满次数放弃_管理员可以重发(people: People, server: MailServer) -> None:
    server.answers["hand@office.example"] = "452 4.2.2 mailbox full"
    run_until_done(people)
    assert rows()[0] == ("given_up", "smtp.later", 452, len(WAITS) + 1)
    server.answers.clear()
    pk = MessageRecipient.objects.filter(state="given_up").get().pk
    retry.retry(pk, call=people.call("2026-06-30T10:00"))
    assert people.deliver("2026-06-30T10:00").sent == 1


def test_途中断开的_再发一次_写明可能已收到(people: People, server: MailServer) -> None:
    server.answers["hand@office.example"] = "dies after"
    people.deliver("2026-06-26T08:30")
    assert [row[:2] for row in rows()] == [("failed", "smtp.broken"), ("sent", "")]
    server.answers.clear()
    people.deliver("2026-06-26T08:31")
    twice = [one for one, to in zip(server.came, server.to, strict=True) if to == "hand@office.example"]
    assert len(twice) == 2
    assert twice[0]["Message-ID"] == twice[1]["Message-ID"]
    assert (twice[0]["X-Zhiheng-Again"], twice[1]["X-Zhiheng-Again"]) == (None, "yes")
    assert "可能已经发过一次" in twice[1].get_content()


def test_收到以前就断开的_也不会丢(people: People, server: MailServer) -> None:
    server.answers["hand@office.example"] = "dies before"
    people.deliver("2026-06-26T08:30")
    server.answers.clear()
    people.deliver("2026-06-26T08:31")
    assert server.to.count("hand@office.example") == 1
    assert states() == ["sent", "sent"]


def test_服务器不应答的_不占住别人(people: People, server: MailServer) -> None:
    server.answers["hand@office.example"] = "silent"
    people.deliver("2026-06-26T08:30")
    assert [row[:2] for row in rows()] == [("failed", "smtp.timeout"), ("sent", "")]


def test_连不上的_整个渠道歇一阵_谁也不少一次机会(people: People, settings: Any) -> None:
    aim(settings, free_port())
    assert people.deliver("2026-06-26T08:30") == deliver.Letters(sent=0, failed=1)
    assert rows() == [("failed", "smtp.unreachable", None, 1), ("failed", "smtp.unreachable", None, 0)]
    with mail_server(settings) as up:
        assert people.deliver("2026-06-26T08:31").sent == 2
        assert len(up.came) == 2


def test_七天连不上的放弃_不再占着队列(people: People, settings: Any) -> None:
    aim(settings, free_port())
    people.deliver("2026-06-26T08:30")
    people.deliver("2026-07-06T08:30")
    assert [row[:2] for row in rows()] == [("given_up", "too.old")] * 2


def test_静默时段不发_急的照发(people: People, server: MailServer) -> None:
    MessageRecipient.objects.filter(channel="email").update(next_at=at("2026-06-26T21:40"))
    Message.objects.filter(rung="head").update(urgent=True)
    assert people.deliver("2026-06-26T21:45").sent == 1
    assert server.to == ["head@office.example"]
    # A Friday evening: the next working day is Monday.
    held = MessageRecipient.objects.get(channel="email", state="held")
    assert held.next_at == at("2026-06-29T08:00")
    assert people.deliver("2026-06-29T08:00").sent == 1


def test_账号停用的_地址删去的_写明原因(people: People, server: MailServer) -> None:
    people.hand.is_active = False
    people.hand.save()
    ContactAddress.objects.filter(account=people.head).delete()
    people.deliver("2026-06-26T08:30")
    assert [row[:2] for row in rows()] == [("given_up", "account.closed"), ("given_up", "contact.absent")]
    assert server.came == []


# -- a worker that is killed -------------------------------------------------------------------------------------------


def test_发完没来得及记下就被杀的_租期过后再发_写明可能已收到(
    people: People, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(deliver, "_note", gone)
        with pytest.raises(Killed):
            people.deliver("2026-06-26T08:30")
    assert people.deliver("2026-06-26T08:40").sent == 1, "the other mail; the first is still claimed"
    assert people.deliver("2026-06-26T09:00").sent == 1
    twice = [one for one, to in zip(server.came, server.to, strict=True) if to == "hand@office.example"]
    assert twice[0]["Message-ID"] == twice[1]["Message-ID"]
    assert twice[1]["X-Zhiheng-Again"] == "yes"
    assert states() == ["sent", "sent"]


FATES = st.sampled_from(["taken", "killed before", "killed after", "later", "broken", "down"])


@pytest.mark.slow
@given(st.lists(FATES, max_size=8), st.integers(1, 4), st.integers(1, 3))
@example(["taken", *["killed before"] * 6, "later"], 1, 2)
@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_无论何时被杀_每人每级至少收到一次_多收的同号并写明(
    ledger: Ledger, fates: list[str], persons: int, messages: int
) -> None:
    for table in (MessageRecipient, Message, ContactAddress):
        table.objects.all().delete()
    accounts = [officer(name=f"试验员{n}") for n in range(persons)]
    for account in accounts:
        reached_by(account, "email", f"a{account.pk}@office.example")
    for number in range(messages):
        message = Message.objects.create(
            kind="delivery_due",
            key=f"owed:test_market:{number}",
            due_on="2026-06-24",
            rung="late",
            unit="test_market",
            title_zh=f"第{number}条",
            title_en=f"No {number}",
            text_zh=f"内容{number}",
            text_en=f"text {number}",
            at=at("2026-06-26T06:30"),
        )
        MessageRecipient.objects.bulk_create(
            [
                MessageRecipient(
                    message=message,
                    account=account.pk,
                    channel="email",
                    in_summary=number % 2 == 0,
                    next_at=at("2026-06-26T08:30"),
                    at=at("2026-06-26T06:30"),
                )
                for account in accounts
            ]
        )
    came: list[Letter] = []
    left = list(fates)

    class Line:
        """A mail server with a fate for each letter."""

        def send(self, letter: Letter) -> Sent:
            """Take it, or not."""
            fate = left.pop(0) if left else "taken"
            if fate == "killed before":
                raise Killed
            if fate in ("taken", "killed after"):
                came.append(letter)
            if fate == "killed after":
                raise Killed
            return {
                "taken": Sent(),
                "later": Sent("smtp.later", 451),
                "broken": Sent("smtp.broken", unsure=True),
                "down": Sent("smtp.unreachable", line=True),
            }[fate]

        def close(self) -> None:
            """Nothing to end."""

    call = People.__new__(People)
    call.book = ledger.book
    ready, lines = deliver.ready, deliver.line_of
    deliver.ready, deliver.line_of = (lambda channel: True), (lambda *_: Line())
    try:
        run_until_done(call)
    finally:
        deliver.ready, deliver.line_of = ready, lines
    # What was refused or broken off at the last attempt stands on the list of what is stuck; a worker that is killed is
    # no refusal, so that there may have been more attempts.
    stuck = MessageRecipient.objects.exclude(state="sent")
    assert all(one.state == "given_up" and one.attempts > len(WAITS) for one in stuck)
    lost = {(row.account, row.message.title_zh) for row in stuck.select_related("message")}
    for account in accounts:
        mine = [one for one in came if one.to == f"a{account.pk}@office.example"]
        for number in range(messages):
            if (account.pk, f"第{number}条") not in lost:
                assert any(f"内容{number}" in one.text for one in mine), "none is lost"
        once: set[Any] = set()
        said = Counter[str]()
        for one in mine:
            if one.batch in once:
                assert one.unsure, "what comes again says so"
            else:
                said.update(f"内容{n}" for n in range(messages) if f"内容{n}" in one.text)
            once.add(one.batch)
        assert set(said.values()) <= {1}, "the same words never come under two ids"


# -- text messages -----------------------------------------------------------------------------------------------------

KEY = b"a key of thirty-two bytes, no more."


class Gateway(BaseHTTPRequestHandler):
    """The receiver as the how-to describes it: it checks the signature before it takes anything."""

    came: list[dict[str, Any]]
    answer = 200

    def do_POST(self) -> None:
        """Check as Standard Webhooks say, and take."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        mine = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        good = hmac.compare_digest(self.headers["webhook-signature"], f"v1,{mine}")
        if good and type(self).answer < 300:
            self.came.append(json.loads(body) | {"id_of_header": self.headers["webhook-id"]})
        self.send_response(type(self).answer if good else 401)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Numbers stand in no log."""


@pytest.fixture
def gateway(settings: Any) -> Iterator[type[Gateway]]:
    """A gateway on the loopback."""
    found = type("Found", (Gateway,), {"came": [], "answer": 200})
    server = HTTPServer(("127.0.0.1", 0), found)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_URL = f"http://127.0.0.1:{server.server_port}/send"
    settings.SMS_SECRET = "whsec_" + base64.b64encode(KEY).decode()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def texted(ledger: Ledger, gateway: type[Gateway]) -> People:
    """Somebody with a mobile number, who is reminded."""
    owed()
    found = People(ledger.book)
    reached_by(found.hand, "sms", "+8613800000000")
    found.remind("2026-06-25T06:30")
    return found


def test_短信经签名的接口发出_只有标题(texted: People, gateway: type[Gateway]) -> None:
    assert texted.deliver("2026-06-25T08:00").sent == 1
    (one,) = gateway.came
    assert (one["to"], one["text"]) == ("+8613800000000", "1 项逾期")
    assert one["id_of_header"] == f"msg_{one['id']}"
    assert states("sms") == ["sent"]


@pytest.mark.parametrize(("answer", "state", "code"), [(400, "given_up", "sms.refused"), (503, "failed", "sms.later")])
def test_短信网关拒收的放弃_暂时不收的再试(
    texted: People, gateway: type[Gateway], answer: int, state: str, code: str
) -> None:
    gateway.answer = answer
    texted.deliver("2026-06-25T08:00")
    (row,) = MessageRecipient.objects.filter(channel="sms")
    assert (row.state, row.error, row.status) == (state, code, answer)


def test_密钥不对的_网关不收(texted: People, gateway: type[Gateway], settings: Any) -> None:
    settings.SMS_SECRET = "whsec_" + base64.b64encode(b"another").decode()
    texted.deliver("2026-06-25T08:00")
    assert gateway.came == []
    assert states("sms") == ["given_up"]


# -- where it is set up ------------------------------------------------------------------------------------------------


def test_邮件服务器写成一个地址() -> None:
    told = mail("smtp://zh%40office:se%2Fcret@mail.example:2525", "zhiheng@district.example")
    assert (told["EMAIL_HOST"], told["EMAIL_PORT"], told["EMAIL_HOST_USER"], told["EMAIL_HOST_PASSWORD"]) == (
        "mail.example",
        2525,
        "zh@office",
        "se/cret",
    )
    assert (told["EMAIL_USE_TLS"], told["EMAIL_USE_SSL"]) == (True, False)
    whole = mail("smtps://mail.example", "zhiheng@district.example")
    assert (whole["EMAIL_PORT"], whole["EMAIL_USE_TLS"], whole["EMAIL_USE_SSL"]) == (465, False, True)
    assert mail("", "") == {}


@pytest.mark.parametrize("wrong", ["http://mail.example", "smtp://", "smtp://mail.example?tls=maybe"])
def test_写错的地址说明怎么写(wrong: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        mail(wrong, "zhiheng@district.example")
    with pytest.raises(ValueError, match="ZHIHENG_MAIL_FROM"):
        mail("smtp://mail.example", "")
