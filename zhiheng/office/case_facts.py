"""Facts of the ledger because of which a case is to be opened, or something done in a running one: what is proposed,
what was taken up, what was declined and why. Made by ``actions/cases/watch_facts.py``, decided by officers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiheng.database.homes import Home
from zhiheng.database.scope_sql import ScopedTable, column
from zhiheng.kernel import area_code
from zhiheng.kernel.actor import Scope
from zhiheng.office.case_scope import of_qualities
from zhiheng.office.cases import Case


class CaseFact(models.Model):
    """A fact and the act that it proposes. No text of the fact is kept here: pages read it in the ledger.

    ``fact`` is the statement, ``now`` what holds of it: itself, or its last correction. ``key`` is shared by the facts
    of one case. ``case``: that took it up, or in which it proposes an act. ``number``: under which the sender knows it
    (the national hotline), never twice. ``said``: digest of what was said under that number.
    """

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        WAITING = "waiting", "待立案 waiting"
        TAKEN = "taken", "已立案 taken up"
        DECLINED = "declined", "不立案 declined"
        LAPSED = "lapsed", "不再符合 holds no longer"

    id = models.BigAutoField(primary_key=True)
    workflow = models.CharField("工作流 workflow", max_length=60)
    act = models.CharField("行为 act", max_length=60)
    opens = models.BooleanField("立案 opens a case", default=True)
    fact = models.BigIntegerField("事实 fact")
    now = models.BigIntegerField("现行的事实 what holds of it")
    record = models.CharField("记录类型 record", max_length=60)
    unit = models.CharField("单位 unit that may open", max_length=60)
    area = models.CharField("区划 area", max_length=area_code.LONGEST, blank=True)
    quality = models.CharField(max_length=12)
    key = models.BigIntegerField("同案标识 key of facts of one case")
    number = models.CharField("来件编号 number of the sender", max_length=120, null=True)
    said = models.CharField("来件摘要 digest of what was said", max_length=32, blank=True)
    kind = models.CharField("来件种类 kind of submission", max_length=60, blank=True)
    day = models.DateField("发生之日 day of the act")
    shows_on = models.DateField("自何日起 proposed from")
    due = models.DateField("立案期限 to be opened by", null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="taken_facts")
    line = models.BigIntegerField("办理记录 line that took it up", null=True)
    seen_at = models.DateTimeField("发现时间 found at")

    class Meta:
        constraints: ClassVar = [
            # A fact is taken up once.
            models.UniqueConstraint("workflow", "opens", "fact", name="casefact_once"),
            models.UniqueConstraint("record", "number", name="casefact_number_once", condition=Q(number__isnull=False)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "state", "day", "id"], name="casefact_unit"),
            models.Index(fields=["key"], name="casefact_key"),
            models.Index(fields=["now"], name="casefact_now"),
            models.Index(fields=["case"], name="casefact_case", condition=Q(case__isnull=False)),
        ]


class CaseFactDecision(models.Model):
    """That somebody opened no case because of a fact, and why. Never changed, never deleted (by trigger)."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(CaseFact, on_delete=models.PROTECT, related_name="decisions")
    by = models.CharField("何人 who", max_length=160)
    name = models.CharField("姓名 name", max_length=120)
    at = models.DateTimeField("时间 at")
    reason = models.TextField("理由 reason")


class CaseFactWatch(models.Model):
    """How far the facts of the ledger were looked through for one act; ``digest``: of what the book said then."""

    home: ClassVar = Home.QUEUE

    name = models.CharField("行为 act", max_length=160, primary_key=True)
    digest = models.CharField("规则摘要 digest", max_length=32)
    fact = models.BigIntegerField("看到哪条事实 last fact", default=0)


_FACTS = ScopedTable[Mapping[str, str], Q](
    "facts for cases",
    Q,
    records=of_qualities,
    areas=column("area"),
    units=column("unit"),
    subjects=ScopedTable.HIDES,
    workflows=column("workflow"),
)


def case_facts_within(scope: Scope, quality_of: Mapping[str, str]) -> Q:
    """The condition on ``CaseFact`` that a scope shows it; ``quality_of`` is record -> quality, of the book."""
    return _FACTS.within(scope, quality_of)
