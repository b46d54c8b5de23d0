"""Signals of early warnings (预警线索): what was found, when, and what an officer did with it."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from zhiheng.database.homes import Home
from zhiheng.database.scope_sql import ScopedTable, column
from zhiheng.kernel import area_code
from zhiheng.kernel.actor import Actor, Scope


class WarningSignal(models.Model):
    """Something that a warning of the book found. A signal stays when later facts change its numbers: ``readings``
    keeps every set of numbers with the day on which it was known, the columns hold the latest.

    ``gone``: the facts that are known by now no longer reach any level; what was seen before stays readable.
    """

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        OPEN = "open", "待处理 open"
        TAKEN_UP = "taken_up", "已立案 taken up"
        SET_ASIDE = "set_aside", "不立案 set aside"

    class Level(models.TextChoices):
        BLUE = "blue", "蓝色 blue"
        YELLOW = "yellow", "黄色 yellow"
        ORANGE = "orange", "橙色 orange"
        RED = "red", "红色 red"

    id = models.BigAutoField(primary_key=True)
    warning = models.CharField("预警规则 warning of the book", max_length=60)
    edition = models.CharField("规则版次 digest of the warning's page", max_length=64)
    record = models.CharField("记录类型 record", max_length=60, blank=True)
    quality = models.CharField("质量 quality", max_length=12)
    key = models.JSONField("关于 groups: which series, thing, enterprise or unit")
    key_digest = models.CharField(max_length=64)
    area = models.CharField("区划 area", max_length=area_code.LONGEST, blank=True)
    subject = models.BigIntegerField("企业 enterprise, where it is about one", null=True)
    unit = models.CharField("单位 unit, where it is about one", max_length=60, blank=True)
    first = models.DateField("期初 first day")
    last = models.DateField("期末 last day")
    level = models.CharField("级别 level", max_length=6, choices=Level)
    rank = models.SmallIntegerField("级别序 order of the level")
    observed = models.FloatField("观察值 observed")
    expected = models.FloatField("预期值 expected", null=True)
    bound = models.FloatField("上限 bound", null=True)
    score = models.FloatField("得分 score", null=True)
    p_value = models.FloatField(null=True)
    fact = models.BigIntegerField("事实 the one fact it rests on", null=True)
    facts = models.IntegerField("事实 facts behind it", default=0)
    method = models.CharField("方法 method", max_length=120, blank=True)
    fallback = models.BooleanField("改用简单方法 a simpler method spoke", default=False)
    complete = models.FloatField("已知比例 share usually known by then", default=1.0)
    kept = models.BooleanField("计入 within the allowed share of false alarms", default=True)
    gone = models.BooleanField("后来的数据不再支持 no longer reached", default=False)
    readings = models.JSONField("各次数值 numbers as they were known", default=list)
    found_at = models.DateTimeField("发现时间 found at")
    changed_at = models.DateTimeField("变动时间 changed at")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    case = models.ForeignKey("office.Case", on_delete=models.PROTECT, null=True, related_name="signals")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=160, blank=True)
    decided_by_name = models.CharField(max_length=60, blank=True)
    reason = models.TextField("理由 why it was set aside", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("warning", "key_digest", "first", name="warningsignal_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-rank", "-last", "-id"], name="warningsignal_list"),
            models.Index(fields=["warning", "key_digest", "last"], name="warningsignal_series"),
            models.Index(fields=["subject"], name="warningsignal_subject", condition=Q(subject__isnull=False)),
        ]

    def decide(self, state: State, by: Actor, at: dt.datetime, **said: Any) -> None:
        """Write down what was decided, by whom and when; ``said``: further columns."""
        columns = {
            "state": state,
            "decided_at": at,
            "decided_by": str(by)[:160],
            "decided_by_name": by.name[:60],
            **said,
        }
        for column_, value in columns.items():
            setattr(self, column_, value)
        self.save(update_fields=[*columns])


_SIGNALS = ScopedTable[None, Q](
    "signals",
    Q,
    records=column("record"),
    areas=column("area"),
    units=column("unit"),
    subjects=column("subject"),
    workflows=ScopedTable.LIMITS_NOTHING,
)


def signals_within(scope: Scope) -> Q:
    """The signals that a scope shows."""
    return _SIGNALS.within(scope, None)
