"""The two ways out of the house: e-mail over SMTP, text messages over the gateway of the place.

A message may go out twice (a worker may die between sending and writing that down), never not at all. So each has an id
that stays the same (Message-ID, ``webhook-id``), and one that may be the second says so.

The adapter for text messages is one request: POST to ``ZHIHENG_SMS_URL`` with ``{"id", "to", "text"}``, signed as
Standard Webhooks say. 2xx means taken; 408, 429 and 5xx mean later; anything else means never.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from zhiheng.actions.webhooks.deliver_webhooks import standard_headers
from zhiheng.actions.webhooks.safe_http import (
    TOTAL_SECONDS,
    CallConnections,
    HttpAnswer,
    Watch,
    place_of,
    post,
    unwatched,
    within,
)
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out to one address. ``batch`` tells it from every other; ``unsure``: it may have arrived before."""

    batch: UUID
    to: str
    title: str
    text: str
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """How an attempt went.

    Attributes:
        code: why it failed, a key of ``FAILURES``; "" where it was taken.
        status: what the other side answered, where it answered.
        for_good: no further attempt would help.
        line: nothing can be sent over this channel now, whoever it is for.
        unsure: it may have arrived all the same.
    """

    code: str = ""
    status: int | None = None
    for_good: bool = False
    line: bool = False
    unsure: bool = False


class OutgoingLine(Protocol):
    """An open way out."""

    def send(self, letter: Letter) -> Sent:
        """Try to send a letter; never raises for what the other side does."""

    def close(self) -> None:
        """End it."""


def ready(channel: str) -> bool:
    """Whether a way out is set up here."""
    return {"in_app": True, "email": bool(settings.MAIL_READY), "sms": bool(settings.SMS_URL)}[channel]


def line_of(channel: str, now: dt.datetime, watch: Watch = unwatched) -> OutgoingLine:
    """A way out; it connects when it first sends. ``watch`` may raise while somebody else is waited for."""
    return MailLine() if channel == "email" else TextLine(now, watch)


class MailLine:
    """One connection to the mail server for many letters, each of them to one address: who is refused stops nobody."""

    def __init__(self) -> None:
        self._backend: Any = None

    def send(self, letter: Letter) -> Sent:
        """See OutgoingLine."""
        if self._backend is None and (failed := self._open()) is not None:
            return failed
        domain = str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].rstrip("> ")
        headers = {"Message-ID": f"<{letter.batch}@{domain}>", "Auto-Submitted": "auto-generated"}
        if letter.unsure:
            headers["X-Zhiheng-Again"] = "yes"
        mail = EmailMessage(letter.title, letter.text, to=[letter.to], headers=headers)
        try:
            self._backend.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as refused:
            return self._answered(next(iter(refused.recipients.values()))[0])
        except smtplib.SMTPSenderRefused as refused:
            self.close()
            return Sent("smtp.sender" if refused.smtp_code >= 500 else "smtp.later", refused.smtp_code, line=True)
        except smtplib.SMTPResponseException as refused:
            return self._answered(refused.smtp_code)
        except OSError as error:
            # Broken off: before the letter was taken, or after. SMTPException is one of these too.
            self.close()
            return Sent("smtp.timeout" if _is_silence(error) else "smtp.broken", unsure=True)
        return Sent()

    def close(self) -> None:
        """See OutgoingLine."""
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

    def _open(self) -> Sent | None:
        backend = get_connection()
        try:
            backend.open()
        except smtplib.SMTPAuthenticationError as refused:
            return Sent("smtp.login", refused.smtp_code, line=True)
        except smtplib.SMTPResponseException as refused:
            return Sent("smtp.unreachable", refused.smtp_code, line=True)
        except (ssl.SSLError, smtplib.SMTPNotSupportedError):
            return Sent("smtp.tls", line=True)
        except OSError as error:
            return Sent("smtp.timeout" if _is_silence(error) else "smtp.unreachable", line=True)
        self._backend = backend
        return None

    def _answered(self, status: int) -> Sent:
        if status == 421:
            # 'Closing': the connection is over, for this letter as for all others.
            self.close()
            return Sent("smtp.later", status, line=True)
        if status >= 500:
            return Sent("smtp.refused", status, for_good=True)
        return Sent("smtp.later", status)


def _is_silence(error: OSError) -> bool:
    """Whether nothing came in time: the library tells that as a connection that was closed, the cause behind it."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


class TextLine:
    """The gateway of text messages. Its address is the operator's own, so it may stand in an inner network."""

    def __init__(self, now: dt.datetime, watch: Watch) -> None:
        self._seconds, self._watch = int(now.timestamp()), watch

    def send(self, letter: Letter) -> Sent:
        """See OutgoingLine."""
        told = {"id": str(letter.batch), "to": letter.to, "text": letter.text}
        body = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        key = b64decode(str(settings.SMS_SECRET).removeprefix("whsec_")).hex()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "zhiheng-sms/1",
            **standard_headers(key, f"msg_{letter.batch}", self._seconds, body),
        }
        answer = within(TOTAL_SECONDS, _posting(str(settings.SMS_URL), body, headers), watch=self._watch)
        if not answer.error:
            return Sent(status=answer.status)
        if answer.status is None:
            # What broke after the connection stood may have arrived.
            return Sent(
                "sms.unreachable", line=True, unsure=answer.error not in ("address.unknown", "NewConnectionError")
            )
        if answer.status in (408, 429) or answer.status >= 500:
            return Sent("sms.later", answer.status, unsure=answer.status >= 500)
        return Sent("sms.refused", answer.status, for_good=True)

    def close(self) -> None:
        """See OutgoingLine."""


def _posting(url: str, body: bytes, headers: dict[str, str]) -> Callable[[CallConnections], HttpAnswer]:
    def attempt(line: CallConnections) -> HttpAnswer:
        try:
            place = place_of(url, plain=True, inner=True)
        except Refused as refused:
            return HttpAnswer(None, refused.refusals[0].code)
        return post(place, body, headers, line)

    return attempt
