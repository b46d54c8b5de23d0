"""Tables of what was released to the public. The portal, open data, feeds and the public part of the API read nothing
else.

An entry is never edited. Its texts are those that were approved, already masked: nothing secret ever stands in these
tables. ``fact``, ``thing`` and ``subject`` lead back to the ledger, for withdrawal and correction; no page and no file
shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.db import models

from zhiheng.database.ids import AssignedId
from zhiheng.kernel import area_code


class Form(models.Model):
    """What the columns of entries meant when they were published: labels in both languages, and the law that they rest
    on.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    list = models.CharField(max_length=60)
    record = models.CharField(max_length=60)
    label = models.JSONField("名称 label, zh and en")
    columns = models.JSONField("栏目 columns: target, zh, en, listed")
    law = models.JSONField("依据 law: zh, en, each checked or not")


class Product(models.Model):
    """A product's name as published; entries of the same name share it, so that products can be searched."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField(unique=True)


class PublishedEnterprise(models.Model):
    """An enterprise that something was published about: its public address, the names it may be looked up by, its wall
    code.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.CharField(max_length=24, unique=True)
    shop_code = models.CharField("店铺码 code on the wall", max_length=12, unique=True)
    subject = models.BigIntegerField("主体 subject of the ledger, never shown", unique=True)
    name = models.TextField("名称 name")
    plain = models.TextField("检索用名称 name for exact and prefix search")
    other_names = models.JSONField("曾用名和其他写法 further names", default=list)
    code = models.CharField("统一社会信用代码 code", max_length=64, blank=True)
    area = models.CharField(max_length=area_code.LONGEST, blank=True)
    shown = models.IntegerField("在公示的条数 entries shown", default=0)
    gone = models.BooleanField("已注销 deregistered", default=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    registration = models.ForeignKey(
        "PublishedEntry", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["plain", "id"], name="pub_enterprise_plain"),
            models.Index(fields=["code"], name="pub_enterprise_code"),
        ]


class PublishedEntry(models.Model):
    """Something that was published: a masked row with its law, its days and its state."""

    # In which roles which enterprises stand in it: put beside an entry where it is read (``published/reading.py``).
    enterprises: Sequence[tuple[str, PublishedEnterprise]]

    class State(models.TextChoices):
        SHOWN = "shown", "公示中 shown"
        CORRECTED = "corrected", "已更正 corrected"
        WITHDRAWN = "withdrawn", "已撤下 withdrawn"
        EXPIRED = "expired", "期满 expired"

    id = AssignedId(primary_key=True)
    public_id = models.CharField(max_length=24, unique=True)
    list = models.CharField(max_length=60)
    record = models.CharField(max_length=60)
    form = models.ForeignKey(Form, on_delete=models.PROTECT)
    title_zh = models.TextField()
    title_en = models.TextField()
    values = models.TextField("公开的内容 shown values as JSON, in the order of the form's columns")
    kind = models.CharField(max_length=60, blank=True)
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=7, blank=True)
    quality = models.CharField(max_length=12)
    person = models.BooleanField("涉及自然人 about a natural person", default=False)
    area = models.CharField(max_length=area_code.LONGEST)
    unit = models.CharField("报送单位 source", max_length=60)
    occurred_on = models.DateField("发生日期 day of the event")
    published_at = models.DateTimeField("公示时间 published at")
    first_on = models.DateField("公示期起算 counted from")
    show_until = models.DateField("公示至 shown until", null=True)
    basis_zh = models.TextField("公示期依据 why until then")
    basis_en = models.TextField()
    law_digest = models.CharField("法律版本 edition of the law", max_length=64)
    state = models.CharField(max_length=9, choices=State, default=State.SHOWN)
    state_at = models.DateTimeField("状态时间 since when", null=True)
    notice = models.JSONField("更正说明 correction notice, zh and en", default=dict)
    successor = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="predecessor")
    fact = models.BigIntegerField("事实 fact of the ledger, never shown")
    thing = models.BigIntegerField("所指之物 thing of the ledger, never shown", null=True)

    class Meta:
        constraints: ClassVar = [
            # A fact is shown at most once at a time, whoever approves twice.
            models.UniqueConstraint("fact", name="pub_fact_shown_once", condition=models.Q(state="shown")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["list", "state", "-occurred_on", "-id"], name="pub_list"),
            models.Index(fields=["list", "-id"], name="pub_feed"),
            models.Index(fields=["list", "area", "-occurred_on", "-id"], name="pub_list_area"),
            models.Index(
                fields=["product", "-occurred_on"], name="pub_product", condition=models.Q(product__isnull=False)
            ),
            models.Index(fields=["fact"], name="pub_fact"),
            models.Index(fields=["thing"], name="pub_thing", condition=models.Q(thing__isnull=False)),
            models.Index(
                fields=["show_until"], name="pub_until", condition=models.Q(state="shown", show_until__isnull=False)
            ),
        ]


class Contested(models.Model):
    """That an enterprise objects to an entry being shown, or that its objection was found to stand; gone once it is
    settled.
    """

    class State(models.TextChoices):
        OPEN = "open", "异议处理中 pending"
        UPHELD = "upheld", "异议成立 upheld"

    entry = models.OneToOneField(PublishedEntry, on_delete=models.CASCADE, primary_key=True, related_name="contested")
    state = models.CharField(max_length=6, choices=State)
    since = models.DateTimeField("何时起 since")


class PublishedParty(models.Model):
    """An enterprise in its role in an entry; ordered by day, so that a public file is one range."""

    id = AssignedId(primary_key=True)
    entry = models.ForeignKey(PublishedEntry, on_delete=models.CASCADE, related_name="parties")
    enterprise = models.ForeignKey(PublishedEnterprise, on_delete=models.PROTECT, related_name="roles", db_index=False)
    role = models.CharField(max_length=20)
    occurred_on = models.DateField()
    alias = models.BigIntegerField("名称记录 alias of the ledger, never shown")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["enterprise", "-occurred_on", "-entry"], name="pub_party_file"),
            models.Index(fields=["alias"], name="pub_party_alias"),
        ]


class Token(models.Model):
    """Two neighbouring characters of a name, and whose name it is: search on both databases without an extension."""

    pk = models.CompositePrimaryKey("kind", "token", "ref")
    kind = models.CharField("企业或产品 e: enterprise, p: product", max_length=1)
    token = models.CharField(max_length=4)
    ref = models.BigIntegerField()


class PublishedFigure(models.Model):
    """A statistic with its method; a newer one of the same indicator, area and day takes its place by a higher
    edition.
    """

    id = models.BigAutoField(primary_key=True)
    indicator = models.CharField(max_length=60)
    area = models.CharField(max_length=area_code.LONGEST)
    as_of = models.DateField("截至 as of")
    known_on = models.DateField("按哪日所知 as known on")
    first_on = models.DateField("起 from", null=True)
    last_on = models.DateField("止 until")
    label = models.JSONField()
    quality = models.CharField(max_length=12)
    value = models.CharField("数值 value, empty where the evidence is not sufficient", max_length=40, blank=True)
    shown = models.JSONField("显示 as printed, zh and en")
    numerator = models.CharField(max_length=40, blank=True)
    denominator = models.CharField(max_length=40, blank=True)
    plan = models.JSONField("口径 plan, zh and en", default=dict)
    method = models.JSONField("算法 method in words, zh and en")
    law = models.JSONField("依据 law", default=list)
    edition = models.CharField("定义版本 edition of the definition", max_length=64)
    published_at = models.DateTimeField()
    current = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["indicator", "area", "as_of"], name="pub_figure_once", condition=models.Q(current=True)
            )
        ]
        indexes: ClassVar = [models.Index(fields=["area", "indicator", "-as_of"], name="pub_figure_area")]


class Withdrawal(models.Model):
    """A tombstone: that something is no longer shown, since when and why, without what it said. It outlives caches and
    copies.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.CharField(max_length=24, unique=True)
    list = models.CharField(max_length=60)
    cause = models.CharField(max_length=20)
    at = models.DateTimeField("撤下时间 taken down at")
    due_on = models.DateField("法定期限 to be done by", null=True)
    by = models.CharField("操作人 who, never shown", max_length=160)
    reason = models.TextField("内部理由 reason, never shown", blank=True)
    successor = models.CharField("替代它的条目 public id of what took its place", max_length=24, blank=True)
    files_at = models.DateTimeField("批量文件更新时间 bulk files without it since", null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["list", "-at"], name="pub_withdrawal_list"),
            models.Index(fields=["files_at"], name="pub_withdrawal_files", condition=models.Q(files_at__isnull=True)),
        ]


class ListState(models.Model):
    """Of each list: its version, raised with every change in the same transaction. Cached pages and files are good for
    one version.
    """

    list = models.CharField(max_length=60, primary_key=True)
    version = models.BigIntegerField(default=0)
    shown = models.BigIntegerField("在公示的条数 entries shown", default=0)
    changed_at = models.DateTimeField()


class OpenFile(models.Model):
    """A bulk file of a list. One that holds what must no longer be shown is not handed out."""

    id = models.BigAutoField(primary_key=True)
    list = models.CharField(max_length=60)
    format = models.CharField(max_length=12)
    name = models.CharField(max_length=120, unique=True)
    path = models.CharField("文件位置 where it lies, below the folder of open data", max_length=200)
    digest = models.CharField("SHA-256", max_length=64)
    size = models.BigIntegerField("字节 bytes")
    rows = models.BigIntegerField()
    built_at = models.DateTimeField()
    version = models.BigIntegerField("清单版本 version of the list")
    good_through = models.DateField("其中最早的截止日 first day on which a row of it ends", null=True)
    stale = models.BooleanField("含有已撤下的内容 holds what was taken down", default=False)
