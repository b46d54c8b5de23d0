"""What enterprises signed in their corner: the words, who signed, and the file by which it entered the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home


class Signature(models.Model):
    """A text of ``book/corner.yaml`` signed for an enterprise, word by word with its hash."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    number = models.CharField("编号 number", max_length=32, unique=True)
    subject = models.BigIntegerField("企业 enterprise")
    undertaking = models.CharField("文本 page of the corner", max_length=60)
    filled = models.JSONField("填写的内容 what was filled in", default=dict)
    text = models.TextField("签署的全文 what was signed, zh and en")
    digest = models.CharField("全文摘要 SHA-256 of the text", max_length=64)
    signer = models.CharField("签署人 name as signed", max_length=60)
    by = models.CharField("账号 who signed", max_length=160)
    at = models.DateTimeField("签署时间 signed at")
    first_day = models.DateField("起 from")
    last_day = models.DateField("止 until")
    upload = models.BigIntegerField("报送 file by which it entered the ledger", null=True)
    ended_at = models.DateTimeField("提前终止 ended early at", null=True)
    ended_by = models.CharField(max_length=160, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "-id"], name="signature_subject")]
