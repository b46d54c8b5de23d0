"""Messages to people, and what became of each by recipient and channel."""

from __future__ import annotations

from types import MappingProxyType
from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiheng.database.homes import Home


class Message(models.Model):
    """A reminder of a duty at one rung of its ladder, as it was worded when it was written; once for a duty, its due
    day and the rung, and once where the rung came early. It names no person and no enterprise.
    """

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField("种类 kind, a page of book/messages", max_length=60)
    # What it is about: ``owed:<unit>:<due day>``, ``case:<number>:<duty>``.
    key = models.CharField("事由 what it is about", max_length=160)
    due_on = models.DateField("到期日 due day")
    rung = models.CharField("级 rung of the ladder", max_length=60)
    early = models.BooleanField("因未读提前升级 climbed because nobody read the rung below", default=False)
    unit = models.CharField("责任单位 unit whose duty it is", max_length=60)
    title_zh = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    text_zh = models.TextField()
    text_en = models.TextField()
    urgent = models.BooleanField("急 passes quiet hours", default=False)
    nobody = models.BooleanField("没有收件人 nobody holds a role that it is for", default=False)
    at = models.DateTimeField("发出 written at")
    climbs_at = models.DateTimeField("未读升级 when it climbs if nobody has read it", null=True)
    settled_at = models.DateTimeField("办结 when the duty was found done", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key", "due_on", "rung", "early"], name="message_once_a_rung")
        ]
        indexes: ClassVar = [
            models.Index(fields=["climbs_at"], name="message_climbs", condition=Q(climbs_at__isnull=False)),
            models.Index(fields=["kind", "key"], name="message_open", condition=Q(settled_at__isnull=True)),
            models.Index(fields=["unit", "-id"], name="message_unit"),
        ]


class MessageRecipient(models.Model):
    """A message to one account over one channel.

    ``unsure``: an attempt may have arrived without our knowing (a worker died, a server fell silent); what is sent then
    says that it may be the second time, and has the same ``batch`` as its Message-ID.
    """

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        WAITING = "waiting", "待发送 waiting"
        HELD = "held", "静默时段暂缓 held in quiet hours"
        SENT = "sent", "已发出 sent"
        READ = "read", "已读 read"
        FAILED = "failed", "未成功，稍后再试 failed, to be tried again"
        GIVEN_UP = "given_up", "已放弃 given up"

    class Channel(models.TextChoices):
        IN_APP = "in_app", "站内消息 in-app message"
        EMAIL = "email", "电子邮件 e-mail"
        SMS = "sms", "短信 text message"

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="recipients")
    account = models.BigIntegerField("账号 account")
    unit = models.CharField("单位 unit of the account", max_length=60, blank=True)
    channel = models.CharField(max_length=6, choices=Channel)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    in_summary = models.BooleanField("并入汇总 goes out with the summary", default=False)
    attempts = models.IntegerField("尝试次数 attempts", default=0)
    next_at = models.DateTimeField("下次尝试 next attempt at", null=True)
    claimed_at = models.DateTimeField("正在发送 being sent since", null=True)
    batch = models.UUIDField("同一封 what went out together", null=True)
    unsure = models.BooleanField("可能已送达 may have arrived already", default=False)
    error = models.CharField("失败原因 code of why the last attempt failed", max_length=40, blank=True)
    status = models.IntegerField("应答码 what the other side answered", null=True)
    at = models.DateTimeField("写入 written at")
    sent_at = models.DateTimeField("发出 sent at", null=True)
    read_at = models.DateTimeField("阅读 read at", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "account", "channel"], name="recipient_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], name="recipient_due", condition=Q(state__in=["waiting", "held", "failed"])
            ),
            models.Index(fields=["account", "channel", "-id"], name="recipient_own"),
            models.Index(fields=["-id"], name="recipient_stuck", condition=Q(state__in=["failed", "given_up"])),
            models.Index(fields=["batch"], name="recipient_batch", condition=Q(batch__isnull=False)),
        ]


TO_SEND = (MessageRecipient.State.WAITING, MessageRecipient.State.HELD, MessageRecipient.State.FAILED)
STUCK = (MessageRecipient.State.FAILED, MessageRecipient.State.GIVEN_UP)

# Why an attempt failed, in words: codes are kept, never what the other side wrote, which may name a person.
FAILURES = MappingProxyType(
    {
        "contact.absent": ("账号没有确认过的地址或号码", "the account has no confirmed address or number"),
        "account.closed": ("账号已停用", "the account is closed"),
        "channel.absent": ("平台没有开通这个渠道", "this channel is not set up"),
        "too.old": ("七天没有发出", "could not be sent for seven days"),
        "worker.died": ("发送进程中断", "the worker died while it was sent"),
        "smtp.unreachable": ("连不上邮件服务器", "the mail server can't be reached"),
        "smtp.timeout": ("邮件服务器没有应答", "the mail server did not answer in time"),
        "smtp.tls": ("与邮件服务器的加密连接没有建立", "no encrypted connection to the mail server"),
        "smtp.login": ("邮件服务器不接受平台的账号", "the mail server does not take our account"),
        "smtp.sender": ("邮件服务器不接受平台的发件地址", "the mail server does not take our own address"),
        "smtp.later": ("邮件服务器暂时不收", "the mail server does not take it now"),
        "smtp.refused": (
            "邮件服务器拒收（地址不存在或被拒）",
            "the mail server refuses it: no such address",
        ),
        "smtp.broken": ("发送途中邮件服务器断开", "the mail server broke off in the middle"),
        "sms.unreachable": ("连不上短信网关", "the gateway of text messages can't be reached"),
        "sms.later": ("短信网关暂时不收", "the gateway of text messages does not take it now"),
        "sms.refused": (
            "短信网关拒收（号码不对或未开通）",
            "the gateway of text messages refuses it: a wrong number, or barred",
        ),
    }
)
