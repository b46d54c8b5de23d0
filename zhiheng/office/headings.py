"""What units want the book to know: a heading of their tables that no source has, and what it stands for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home


class HeadingProposal(models.Model):
    """A unit's proposal for what an unknown heading of its table stands for. It is decided once; an accepted one can be
    taken back.
    """

    home: ClassVar = Home.LEDGER

    class State(models.TextChoices):
        OPEN = "open", "待决定 open"
        ACCEPTED = "accepted", "已采用 accepted"
        REJECTED = "rejected", "未采用 rejected"
        RECALLED = "recalled", "采用后收回 taken back"

    id = models.BigAutoField(primary_key=True)
    delivery = models.BigIntegerField("报送 delivery in which it was met")
    unit = models.CharField("报送单位 unit whose table it was", max_length=60)
    record = models.CharField("记录类型 record", max_length=60)
    source = models.CharField("表样 source", max_length=60)
    heading = models.CharField("表头 heading as written, blanks put together", max_length=300)
    target = models.CharField("对应 field or field.part; ignored: plain, ignored: secret", max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    proposed_by = models.CharField("提请人 who proposed it", max_length=160)
    at = models.DateTimeField("提请时间 proposed at")
    reason = models.TextField("说明 why", blank=True)
    decided_by = models.CharField("决定人 who decided it", max_length=160, blank=True)
    decided_at = models.DateTimeField("决定时间 decided at", null=True)
    decision = models.TextField("意见 why it was decided so", blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="heading_state"),
            models.Index(fields=["record", "source", "heading"], name="heading_of_source"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "record", "source", "heading", name="heading_open_once", condition=models.Q(state="open")
            ),
        ]
