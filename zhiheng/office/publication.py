"""What waits to be published, corrected or taken down, who proposed it, and who decided."""

from __future__ import annotations

import builtins
from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiheng.database.homes import Home
from zhiheng.database.scope_sql import ScopedTable, column
from zhiheng.kernel import area_code
from zhiheng.kernel.actor import Scope


class PublicationRequest(models.Model):
    """A proposal about one fact: publish it, put a corrected entry in the place of one, or take one down.

    ``shown`` is what the public would see, exactly; what is approved is this and nothing else.
    """

    home: ClassVar = Home.LEDGER

    class Verb(models.TextChoices):
        PUBLISH = "publish", "公示 publish"
        REPLACE = "replace", "更新 replace by newer information"
        CORRECT = "correct", "更正 correct"
        WITHDRAW = "withdraw", "撤下 take down"

    class State(models.TextChoices):
        OPEN = "open", "待审核 open"
        BLOCKED = "blocked", "不能公示 can't be published"
        APPROVED = "approved", "已批准 approved"
        REJECTED = "rejected", "不予公示 rejected"
        LAPSED = "lapsed", "已失效 lapsed"

    # What somebody still has to decide, or to free for a decision.
    UNDECIDED: ClassVar = (State.OPEN, State.BLOCKED)

    id = models.BigAutoField(primary_key=True)
    verb = models.CharField(max_length=8, choices=Verb)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    fact = models.BigIntegerField("事实 fact")
    entry = models.BigIntegerField("在公示的条目 entry shown now", null=True)
    record = models.CharField(max_length=60)
    list = models.CharField(max_length=60)
    unit = models.CharField("报送单位 source", max_length=60)
    area = models.CharField(max_length=area_code.LONGEST)
    outcome = models.CharField(max_length=7, blank=True)
    occurred_on = models.DateField()
    title = models.TextField("标题 title, zh")
    shown = models.TextField("将公开的内容 what would be shown, as JSON", blank=True)
    digest = models.CharField("内容摘要 SHA-256 of it", max_length=64, blank=True)
    until = models.DateField("公示至 until", null=True)
    due_on = models.DateField("法定期限 to be done by", null=True)
    due_basis = models.JSONField("期限依据 by what rule, how counted, what is provisional", default=dict)
    cause = models.CharField("撤下原因 cause", max_length=20, blank=True)
    doubts = models.JSONField("疑点 doubts, and why it is blocked: zh and en", default=builtins.list)
    person = models.BooleanField("涉及自然人 about a natural person", default=False)
    proposed_by = models.CharField(max_length=160)
    proposed_at = models.DateTimeField()
    reason = models.TextField("提出理由 reason", blank=True)
    decided_by = models.CharField(max_length=160, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField("审核意见 decision in words", blank=True)

    class Meta:
        constraints: ClassVar = [
            # Proposing again finds what waits already.
            models.UniqueConstraint(
                "fact", "verb", name="publication_asked_once", condition=Q(state__in=("open", "blocked"))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "record", "id"], name="publication_queue"),
            models.Index(fields=["state", "due_on"], name="publication_due"),
            models.Index(fields=["fact"], name="publication_fact"),
            models.Index(fields=["entry"], name="publication_entry", condition=Q(entry__isnull=False)),
            # What was taken down for a doubt is looked at again once the doubt is gone.
            models.Index(fields=["fact", "state"], name="publication_doubtful", condition=Q(cause="doubtful")),
        ]


class PublicationMark(models.Model):
    """How far the search for candidates has come: the last fact and the last merge that it has looked at."""

    home: ClassVar = Home.LEDGER

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)


_PUBLICATIONS = ScopedTable[None, Q](
    "publications",
    Q,
    records=column("record"),
    areas=column("area"),
    units=column("unit"),
    # What an enterprise sees of itself it sees in its own corner.
    subjects=ScopedTable.HIDES,
    workflows=ScopedTable.LIMITS_NOTHING,
)


def within(scope: Scope) -> Q:
    """A scope as a condition on requests of publication; published entries tell its dimensions in the same words."""
    return _PUBLICATIONS.within(scope, None)
