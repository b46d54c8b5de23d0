"""Whether reminders leave the house: the mail server and the gateway of text messages."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.messages import MESSAGES
from zhiheng.site.deploy_checks.finding import DeployFinding

_LOCAL = ("localhost", "127.0.0.1", "::1")
_FEWEST_BYTES = 24


def of_mail(book: Book) -> Iterator[DeployFinding]:
    """Whether mails can be sent, and nobody on the way reads them."""
    wanted = any("email" in kind.channels for kind in book[MESSAGES].kinds.values())
    if not settings.MAIL_READY:
        if wanted:
            yield DeployFinding(
                "mail",
                "advice",
                "没有设置邮件服务器，提醒只在站内出现；请设 ZHIHENG_SMTP_URL 和 ZHIHENG_MAIL_FROM。",
                "No mail server is set up, so reminders appear in-app only; set ZHIHENG_SMTP_URL and "
                "ZHIHENG_MAIL_FROM.",
            )
    elif not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL) and settings.EMAIL_HOST not in _LOCAL:
        yield DeployFinding(
            "mail",
            "unsafe",
            f"到邮件服务器 {settings.EMAIL_HOST} 的连接不加密，密码和邮件会明文传输；"
            "请去掉 ZHIHENG_SMTP_URL 里的 tls=none。",
            f"The connection to the mail server {settings.EMAIL_HOST} is not encrypted: the password and the mails "
            "travel in the open; take tls=none out of ZHIHENG_SMTP_URL.",
        )
    else:
        yield DeployFinding(
            "mail",
            "ok",
            f"邮件经 {settings.EMAIL_HOST} 发出。",
            f"Mails go out by {settings.EMAIL_HOST}.",
        )


def of_text_messages(_book: Book) -> Iterator[DeployFinding]:
    """Whether the gateway can tell that a text message is ours, and nobody on the way reads numbers."""
    if not settings.SMS_URL:
        return
    try:
        key = b64decode(str(settings.SMS_SECRET).removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    parts = urlsplit(settings.SMS_URL)
    if len(key) < _FEWEST_BYTES:
        yield DeployFinding(
            "text_messages",
            "unsafe",
            "ZHIHENG_SMS_SECRET 不是 whsec_ 加至少 24 字节的 base64，短信网关分不出请求是不是平台发的；"
            "请生成一个并两边都填。",
            "ZHIHENG_SMS_SECRET is not whsec_ and the base64 of at least 24 bytes, so the gateway can't tell what is "
            "ours; make one and give it to both sides.",
        )
    if parts.scheme != "https" and parts.hostname not in _LOCAL:
        yield DeployFinding(
            "text_messages",
            "unsafe",
            "短信网关的地址不是 https，手机号会明文传输；请改用 HTTPS 地址。",
            "The gateway of text messages is not reached by https: numbers travel in the open; use its HTTPS address.",
        )


CHECKS = (of_mail, of_text_messages)
