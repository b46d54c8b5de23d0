"""Tables of the read models: derived from the ledger by ``actions/projections/refresh_projections.py``, never the only
copy of anything.

Deleting them all and refreshing gives the same again. They refer to the ledger by number and never by key, so nothing
here holds up the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, ClassVar, get_args

import orjson
from django.db import models

from zhiheng.database.ids import AssignedId
from zhiheng.grammar.types import Quality
from zhiheng.kernel import area_code

NOTHING_TOLD = {"facts": 0, "fails": 0, "fails_before": 0, "open": 0, "last_on": "", "outcome": ""}


class Card(models.Model):
    """What is kept at hand of an enterprise: the line of a list, the head of its file. ``book/cards`` says where it
    comes from.
    """

    subject = AssignedId("主体 subject", primary_key=True)
    name = models.TextField("名称 name")
    names = models.IntegerField("曾用过的名称数 spellings of other names", default=0)
    code = models.CharField("统一社会信用代码 code", max_length=64, default="")
    kind = models.CharField("产业类别 kind", max_length=60, default="")
    area = models.CharField("区划 area", max_length=area_code.LONGEST, default="")
    industry = models.CharField("行业代码 industry", max_length=12, default="")
    status = models.CharField("登记状态 status", max_length=60, default="")
    in_business = models.BooleanField("在业 in business", null=True)
    address = models.TextField("地址 address", default="")
    legal_representative = models.TextField("法定代表人 legal representative", default="")
    established_on = models.DateField("成立日期 established on", null=True)
    facts = models.IntegerField("事实 facts", default=0)
    units = models.TextField("报送过的单位 units that spoke of it, as JSON", default="[]")
    standing = models.TextField("各质量概况 standing per quality, as JSON", default="{}")
    fails = models.IntegerField("近 12 个月不合格 fails of the last 12 months", default=0)
    product_open = models.IntegerField(default=0)
    project_open = models.IntegerField(default=0)
    service_open = models.IntegerField(default=0)
    environment_open = models.IntegerField(default=0)
    open_problems = models.IntegerField("未了结的问题 open problems", default=0)
    lists = models.TextField("列入的名单 records that list it, as JSON", default="[]")
    listed = models.BooleanField("列入名单 listed", default=False)
    next_expiry = models.DateField("最近到期日 next thing that ends", null=True)
    expiry_record = models.CharField("到期之物的记录 its record", max_length=60, default="")
    expiry_what = models.TextField("到期之物 what ends", default="")
    expired = models.IntegerField("已过期未续 ended and not renewed", default=0)
    expired_on = models.DateField("最早过期的到期日 last day of what ended longest ago", null=True)
    expired_record = models.CharField("最早过期之物的记录 its record", max_length=60, default="")
    expired_what = models.TextField("最早过期之物 what ended longest ago", default="")
    last_on = models.DateField("最近一条事实的日期 day of the last fact")
    changes_on = models.DateField("自何日起须重算 from this day on it says something else by itself", null=True)
    watermark = models.BigIntegerField("计入的最后一条事实 last fact that was counted", default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area", "-last_on", "-subject"], name="card_area"),
            models.Index(fields=["-last_on", "-subject"], name="card_last"),
            # The area stands last in those that hold a part of the cards: what lies elsewhere is passed over without
            # reading its card.
            models.Index(
                fields=["next_expiry", "subject", "area"],
                name="card_expiry",
                condition=models.Q(next_expiry__isnull=False),
            ),
            models.Index(
                fields=["-open_problems", "-subject", "area"], name="card_open", condition=models.Q(open_problems__gt=0)
            ),
            models.Index(fields=["-last_on", "-subject", "area"], name="card_listed", condition=models.Q(listed=True)),
            models.Index(
                fields=["-last_on", "-subject", "area"], name="card_expired", condition=models.Q(expired__gt=0)
            ),
            models.Index(
                fields=["-last_on", "-subject", "area"], name="card_wrong", condition=models.Q(open_problems__gt=0)
            ),
            *(
                models.Index(
                    fields=["-last_on", "-subject", "area"],
                    name=f"card_{quality}",
                    condition=models.Q((f"{quality}_open__gt", 0)),
                )
                for quality in get_args(Quality)
            ),
            models.Index(fields=["changes_on"], name="card_changes", condition=models.Q(changes_on__isnull=False)),
        ]

    @property
    def standing_of(self) -> dict[str, dict[str, Any]]:
        """Quality -> facts, fails (12 months), fails_before (the 12 months before), open, last_on (ISO text), outcome.

        All four stand in it; for a quality without any report every number is 0.
        """
        told = orjson.loads(self.standing)
        return {quality: told.get(quality, dict(NOTHING_TOLD)) for quality in get_args(Quality)}

    @property
    def units_heard(self) -> list[str]:
        """The units that have spoken of it, in the order of their ids."""
        return list(orjson.loads(self.units))

    @property
    def on_lists(self) -> list[str]:
        """The records by which it stands on a list."""
        return list(orjson.loads(self.lists))

    @property
    def last_counted_on(self) -> dt.date | None:
        """The day of the latest fact that the card counts. One that counts none stands at the day of what it leaves
        out, which is for the office alone.
        """
        return self.last_on if self.facts else None


class CardTally(models.Model):
    """What the facts about an enterprise said, counted together (``engines/cards.Tally``), so that its card follows
    from what is new.
    """

    subject = AssignedId("主体 subject", primary_key=True)
    told = models.TextField("已计入的内容 what was counted, as JSON")


class SearchEntry(models.Model):
    """A text by which a subject is found: every name it ever had, codes, licences, products, equipment.

    ``text`` is folded (``projections/tokens.py``), ``shown`` as it was delivered. Clustered by subject; an index by
    text answers 'exactly this' and 'begins with this'. Parts of a text and Pinyin are found by the full-text index
    beside it (migration 0002).
    """

    pk = models.CompositePrimaryKey("subject", "kind", "text")
    subject = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    text = models.TextField()
    shown = models.TextField()
    starts = models.BooleanField("从头即可查到 found by its beginning", default=False)


class StoredFigure(models.Model):
    """An indicator of an area as of a day, as it was computed; so that a page reads numbers and computes none."""

    id = models.BigAutoField(primary_key=True)
    area = models.CharField("区划 area", max_length=area_code.LONGEST)
    indicator = models.CharField("指标 indicator", max_length=60)
    as_of = models.DateField("截至 as of")
    known_on = models.DateField("按何日所知 as known on")
    value = models.DecimalField("数值 value", max_digits=30, decimal_places=4, null=True)
    zh = models.TextField("数值的写法 value as people read it")
    en = models.TextField()
    unit = models.CharField(max_length=30)
    decimals = models.IntegerField(default=0)
    numerator = models.DecimalField("分子 numerator", max_digits=34, decimal_places=4, null=True)
    denominator = models.DecimalField("分母 denominator", max_digits=34, decimal_places=4, null=True)
    facts = models.BigIntegerField("事实 facts that it is a number of", default=0)
    unplaced_above = models.BigIntegerField("只写到上级区域的事实 facts told only of an area around it", default=0)
    unplaced_beneath = models.BigIntegerField("未分到下级区域的事实 its facts told of no area beneath it", default=0)
    plan_zh = models.TextField(default="")
    plan_en = models.TextField(default="")
    first = models.DateField("起 first day", null=True)
    last = models.DateField("止 last day")
    explanation_zh = models.TextField(default="")
    explanation_en = models.TextField(default="")
    before_on = models.DateField("一年前 a year before", null=True)
    before = models.DecimalField("一年前的数值 value a year before", max_digits=30, decimal_places=4, null=True)
    before_zh = models.TextField(default="")
    before_en = models.TextField(default="")
    goal = models.TextField("目标 goal as people write it", default="")
    goal_by_zh = models.TextField("目标出处 paper that sets the goal", default="")
    goal_by_en = models.TextField(default="")
    goal_met = models.BooleanField("达到目标 goal met", null=True)
    edition = models.CharField("指标版本 edition of the indicator", max_length=64)
    watermark = models.BigIntegerField("计入的最后一条事实 last fact that was counted")
    computed_at = models.DateTimeField("计算时间 computed at")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["area", "as_of", "indicator"], name="figure_once")]


class OwedRows(models.QuerySet["Owed"]):
    """What is owed, narrowed."""

    def late(self, today: dt.date, units: Collection[str]) -> OwedRows:
        """What these units have not handed in although its due day is past: the one rule of every count and list of
        it.
        """
        return self.filter(handed_in_on__isnull=True, due_on__lt=today, unit__in=list(units))


class Owed(models.Model):
    """What a unit owes of a record in a period: handed in, due, late (交换目录)."""

    id = models.BigAutoField(primary_key=True)
    unit = models.CharField("报送单位 unit", max_length=60)
    area = models.CharField("单位所在区划 area of the unit", max_length=area_code.LONGEST)
    record = models.CharField("记录类型 record", max_length=60)
    cadence = models.CharField("频次 cadence", max_length=12)
    first = models.DateField("期初 first day of the period")
    last = models.DateField("期末 last day of the period")
    due_on = models.DateField("应报日 due on")
    due_basis = models.JSONField("应报日依据 by what rule, how counted, what is provisional", default=dict)
    handed_in_on = models.DateField("报送日 first handed in on", null=True)
    deliveries = models.IntegerField("报送次数 deliveries", default=0)
    facts = models.BigIntegerField("事实 facts", default=0)

    objects = OwedRows.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["unit", "record", "first"], name="owed_once")]
        indexes: ClassVar = [models.Index(fields=["due_on", "unit"], name="owed_due")]

    def state(self, today: dt.date) -> str:
        """``handed`` (in time), ``handed_late``, ``late`` or ``due``."""
        if self.handed_in_on is not None:
            return "handed" if self.handed_in_on <= self.due_on else "handed_late"
        return "late" if today > self.due_on else "due"

    def days_late(self, today: dt.date) -> int:
        """Calendar days past the due day, up to the day it was handed in; 0 where it is not late."""
        until = self.handed_in_on or today
        return max(0, (until - self.due_on).days)


class FoundDoubt(models.Model):
    """A doubt about a fact that shows only beside other facts, whichever came in first (words:
    ``kernel/doubts.py``).
    """

    fact = models.BigIntegerField("事实 fact")
    code = models.CharField("疑点 doubt", max_length=40)
    subject = models.BigIntegerField("所涉主体 the subject concerned", null=True)
    other = models.BigIntegerField("与之不符的事实 the fact that it does not go with")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["fact", "code", "other"], name="doubt_once")]
        indexes: ClassVar = [
            models.Index(fields=["subject"], name="doubt_subject", condition=models.Q(subject__isnull=False))
        ]


class Refresh(models.Model):
    """How far the read models have come: one row per part (``cards``, ``figures``, ``owed``)."""

    part = models.CharField(max_length=20, primary_key=True)
    fact = models.BigIntegerField("计入的最后一条事实 last fact that was counted", default=0)
    act = models.BigIntegerField("计入的最后一次合并拆分 last identity act that was counted", default=0)
    edition = models.CharField("定义的版本 edition of the definitions", max_length=64, default="")
    day = models.DateField("按哪天 of which day", null=True)
    next_subject = models.BigIntegerField("重建到的主体 where a whole rebuild stands", null=True)
    at = models.DateTimeField("更新时间 refreshed at", null=True)
