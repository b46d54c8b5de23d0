"""Extracts that were handed out: enough is kept to tell any holder of the paper whether it is genuine and still
right.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home


class Extract(models.Model):
    """One extract of a quality file: its maker, time and purpose, the digests of its file and its content, and the head
    of the ledger's chain at that moment. A row is never changed (migration) and never holds a cell of a fact.

    It stands beside the accounts (site/routers.py), so that making one does not wait for a delivery that is being
    written.
    """

    home: ClassVar = Home.QUEUE

    class Form(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "DOCX"

    id = models.CharField("核验编号 number for verification", max_length=24, primary_key=True)
    document = models.CharField("文书 document of the book", max_length=60)
    subject = models.BigIntegerField("企业 enterprise")
    name = models.TextField("企业名称 its name on the paper")
    code = models.CharField("统一社会信用代码 its code on the paper", max_length=64, blank=True)
    form = models.CharField(max_length=4, choices=Form)
    as_of = models.DateField("截至 facts up to")
    known_on = models.DateField("所知 as known on")
    file_digest = models.CharField("文件摘要 SHA-256 of the file", max_length=64)
    content_digest = models.CharField("内容摘要 SHA-256 of the content", max_length=64)
    facts = models.BigIntegerField("事实 facts of the file at that time")
    last_fact = models.BigIntegerField("最后一条事实 last fact of the ledger at that time")
    last_delivery = models.BigIntegerField("最后一次报送 last delivery of the chain at that time")
    link = models.CharField("链 link of the chain at that time", max_length=64)
    at = models.DateTimeField("出具时间 made at")
    actor = models.CharField(max_length=160)
    actor_name = models.CharField(max_length=60, blank=True)
    unit = models.CharField("出具单位 unit", max_length=60, blank=True)
    purpose = models.TextField("用途 purpose")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "at"], name="extract_subject")]
