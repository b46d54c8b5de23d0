"""What enterprises object to: a case with a receipt, a due day by law, and an answer.

An objection is a case of the workflow that the corner of the book names. What stands here follows from the log of that
case (``office/objection_rows.py``), so that lists, holds of publication and marks ask it in SQL.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiheng.database.homes import Home
from zhiheng.database.scope_sql import ScopedTable, column
from zhiheng.kernel import area_code
from zhiheng.kernel.actor import Scope


class Objection(models.Model):
    """An objection to a fact or to something published, as the log of its case tells it: made anew with its standing.

    Without a ``case`` it is of before objections were cases, and is carried over by ``actions/objections/carry_over``.
    """

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        OPEN = "open", "待答复 open"
        UPHELD = "upheld", "成立 upheld"
        REJECTED = "rejected", "不成立 rejected"
        WITHDRAWN = "withdrawn", "已撤回 withdrawn"

    id = models.BigAutoField(primary_key=True)
    case = models.OneToOneField("office.Case", on_delete=models.PROTECT, null=True, related_name="objection")
    receipt = models.CharField("回执编号 number of the receipt", max_length=24, unique=True)
    subject = models.BigIntegerField("企业 enterprise")
    fact = models.BigIntegerField("所涉事实 fact", null=True)
    entry = models.CharField("所涉公示 public id of an entry", max_length=24, blank=True)
    record = models.CharField("记录类型 record", max_length=60)
    unit = models.CharField("报送单位 unit that said it", max_length=60)
    area = models.CharField("企业所在区划 area of the enterprise", max_length=area_code.LONGEST, blank=True)
    ground = models.CharField("理由类别 ground", max_length=60)
    reason = models.TextField("理由 reason")
    files = models.JSONField("附件 attachments: name, digest, size", default=list)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    at = models.DateTimeField("提出时间 raised at")
    by = models.CharField("提出人 who raised it", max_length=160)
    by_name = models.CharField(max_length=60, blank=True)
    due_on = models.DateField("答复期限 to be answered by")
    due_basis = models.JSONField("期限依据 why until then, zh and en", default=dict)
    answer = models.TextField("答复 answer", blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=160, blank=True)
    remedy = models.CharField("处理 what was done: corrected, withdrawn, taken_down, none", max_length=12, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "due_on", "id"], name="objection_due"),
            models.Index(fields=["subject", "-id"], name="objection_subject"),
            models.Index(fields=["fact"], name="objection_fact", condition=models.Q(fact__isnull=False)),
        ]
        constraints: ClassVar = [
            # One open objection of an enterprise to a fact: a double click, or a second thought, is the same one.
            models.UniqueConstraint(
                "subject", "fact", name="objection_open_once", condition=models.Q(state="open", fact__isnull=False)
            ),
        ]


_OBJECTIONS = ScopedTable[None, Q](
    "objections",
    Q,
    records=column("record"),
    areas=column("area"),
    units=column("unit"),
    subjects=column("subject"),
    workflows=ScopedTable.LIMITS_NOTHING,
)


def objections_within(scope: Scope) -> Q:
    """The objections that a scope shows."""
    return _OBJECTIONS.within(scope, None)
