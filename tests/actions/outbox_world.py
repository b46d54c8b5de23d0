"""Officers of the small place who are reminded, a real mail server on the loopback, and a gateway of text messages."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.desk.officers import officer
from zhiheng.actions.messages import deliver, remind
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.models import Message, MessageRecipient
from zhiheng.people.models import Account, ContactAddress
from zhiheng.projections.models import Owed

# A Wednesday.
DUE = "2026-06-24"


def at(text: str) -> dt.datetime:
    """A moment at the place: ``2026-06-25T09:00``."""
    return dt.datetime.fromisoformat(f"{text}:00+08:00")


def owed(unit: str = "test_market", due: str = DUE, record: str = "sampling_check") -> Owed:
    """Something that a unit hands in every month."""
    day = dt.date.fromisoformat(due)
    return Owed.objects.create(
        unit=unit, record=record, cadence="monthly", first=day.replace(day=1), last=day, due_on=day, area="990901"
    )


def reached_by(account: Account, channel: str, address: str) -> ContactAddress:
    """An address that the account has confirmed."""
    return ContactAddress.objects.create(
        account=account, channel=channel, address=address, confirmed_at=at("2026-01-05T09:00")
    )


class People:
    """A hand, the head of its unit and somebody of the quality office, each with an e-mail address."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.hand = officer("clerk", name="经办甲")
        self.head = officer("keeper", name="负责乙")
        self.office = officer("watcher", unit="jia_office", area="990901", name="质强丙")
        for account, name in ((self.hand, "hand"), (self.head, "head"), (self.office, "office")):
            reached_by(account, "email", f"{name}@office.example")

    def call(self, moment: str) -> Call:
        """The system at a moment."""
        return Call(SYSTEM, self.book, at(moment))

    def remind(self, moment: str) -> remind.Reminded:
        """What the worker does in the morning."""
        return remind.remind_all(call=self.call(moment))

    def climb(self, moment: str) -> remind.Reminded:
        """What it does when something was not read."""
        return remind.climb_unread(call=self.call(moment))

    def deliver(self, moment: str) -> deliver.Letters:
        """What it does when something is to be sent."""
        return deliver.deliver(call=self.call(moment))


def told(channel: str = "in_app") -> list[tuple[str, str]]:
    """(rung, whom) of every message, in the order in which they were written."""
    names = dict(Account.objects.values_list("pk", "name"))
    rows = MessageRecipient.objects.filter(channel=channel).select_related("message").order_by("id")
    return [(row.message.rung, names[row.account]) for row in rows]


def states(channel: str = "email") -> list[str]:
    """The states of what goes over a channel."""
    return list(MessageRecipient.objects.filter(channel=channel).order_by("id").values_list("state", flat=True))


def rungs() -> list[tuple[str, bool]]:
    """(rung, early) of every message."""
    return list(Message.objects.order_by("id").values_list("rung", "early"))


class MailServer:
    """What a mail server does: takes, refuses, defers, falls silent, breaks off; by address."""

    def __init__(self) -> None:
        self.came: list[EmailMessage] = []
        self.to: list[str] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the address, or answer what was said of it."""
        answer = self.answers.get(address, "")
        if answer[:1] in ("4", "5"):
            return answer
        if answer == "silent":
            await asyncio.sleep(30)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the letter; and die before that is said, where it was said so."""
        assert isinstance(envelope.content, bytes)
        answer = self.answers.get(envelope.rcpt_tos[0], "")
        if answer == "dies before":
            server.transport.abort()
            return "250 OK"
        self.came.append(message_from_bytes(envelope.content, policy=policy.default))
        self.to += envelope.rcpt_tos
        if answer == "dies after":
            server.transport.abort()
        return "250 OK"


def free_port() -> int:
    """A port of the loopback that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def aim(settings: Any, port: int) -> None:
    """Mails go to a port of the loopback."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.DEFAULT_FROM_EMAIL, settings.MAIL_READY = "质衡 <zhiheng@district.example>", True


@contextmanager
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A real one, as long as it is needed."""
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    aim(settings, controller.port)
    try:
        yield handler
    finally:
        controller.stop()
