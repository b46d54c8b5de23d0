"""What an enterprise lets a bank read, for what and until when; and each reading, which the enterprise sees."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home
from zhiheng.kernel.actor import Actor


class Consent(models.Model):
    """An enterprise lets one financial institution read its credit-relevant file. Ended early by a withdrawal, or by a
    newer one for the same purpose; never changed.
    """

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    subject = models.BigIntegerField("企业 enterprise")
    extract = models.CharField("查询内容 page of book/credit", max_length=60)
    reader = models.CharField("金融机构 the institution that may read", max_length=60)
    purpose = models.CharField("用途 purpose", max_length=60)
    text = models.TextField("同意书全文 what was agreed to, word by word")
    digest = models.CharField("同意书摘要 SHA-256 of the text", max_length=64)
    first_day = models.DateField("起 from")
    last_day = models.DateField("止 until")
    given_by = models.CharField("同意人 who gave it", max_length=160)
    at = models.DateTimeField("同意时间 given at")
    withdrawn_at = models.DateTimeField("撤回时间 withdrawn at", null=True)
    withdrawn_by = models.CharField(max_length=160, blank=True)
    replaced_at = models.DateTimeField("被新授权替代 a newer one took its place at", null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "reader", "last_day"], name="consent_live")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject", "reader", "purpose"],
                name="consent_one",
                condition=models.Q(withdrawn_at__isnull=True, replaced_at__isnull=True),
            ),
        ]


class CreditRead(models.Model):
    """A bank read the file: who, when, under which consent, for what; shown to the enterprise."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="reads")
    actor = models.CharField("读取人 who read", max_length=160)
    purpose = models.TextField("用途 purpose")
    entries = models.IntegerField("条数 entries read")
    at = models.DateTimeField("读取时间 read at")

    @classmethod
    def note(cls, consent: Consent, actor: Actor, entries: int, at: dt.datetime) -> None:
        """Add the line of a reading of ``entries`` facts, which the enterprise sees."""
        cls.objects.create(consent=consent, actor=str(actor), purpose=consent.purpose, entries=entries, at=at)
