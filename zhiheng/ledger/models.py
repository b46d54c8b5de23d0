"""Tables of the ledger: columns, constraints and indexes; verbs are in ``actions``.

What was delivered never changes: triggers of migration 0002 refuse UPDATE and DELETE on Definition, Delivery, Fact,
FactKey, FactParty, RefusedRow, SkippedRow, IdentityAct, and everything on Alias but the subject it is linked to.
Parties of a fact point to an *alias* (what was delivered), never to a subject, so merging and splitting subjects
touches no fact.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.ids import AssignedId
from zhiheng.kernel import area_code


class Definition(models.Model):
    """An edition of a record's definition, as it was when something was received with it."""

    edition = models.CharField("版本摘要 edition", max_length=64, primary_key=True)
    record = models.CharField("记录类型 record", max_length=60)
    source = models.CharField("来源 source", max_length=60)
    text = models.TextField("定义全文 definition as canonical JSON")


class Delivery(models.Model):
    """A table that was handed in (or a part of a very long one): one transaction, one Merkle root, one link of the
    chain.
    """

    class State(models.TextChoices):
        ACCEPTED = "accepted", "已接收 accepted"
        HELD = "held", "待确认 held"
        REFUSED = "refused", "已退回 refused"

    id = AssignedId(primary_key=True)
    state = models.CharField(max_length=10, choices=State)
    unit = models.CharField("报送单位 unit", max_length=60)
    record = models.CharField("记录类型 record", max_length=60, blank=True)
    source = models.CharField("来源 source", max_length=60, blank=True)
    edition = models.CharField(max_length=64, blank=True)
    file_name = models.TextField("文件名 file")
    file_digest = models.CharField("文件摘要 SHA-256 of the file", max_length=64)
    table_name = models.TextField("工作表 sheet", blank=True)
    part = models.IntegerField("分段 part", default=1)
    headings = models.TextField("表头 headings as JSON")
    learned_on = models.DateField("接收日期 received on")
    row_count = models.BigIntegerField("行数 rows in")
    fact_count = models.BigIntegerField("事实 facts")
    duplicate_count = models.BigIntegerField("重复 duplicates")
    refused_count = models.BigIntegerField("退回 refused")
    flagged_count = models.BigIntegerField("存疑 flagged")
    first_fact = models.BigIntegerField(null=True)
    notes = models.TextField("说明 notes as JSON", default="[]")
    root = models.CharField("默克尔根 Merkle root of the facts", max_length=64)
    refused_root = models.CharField("退回行默克尔根 Merkle root of the refused rows", max_length=64)
    link = models.CharField("链 link of the chain", max_length=64, unique=True)
    answers = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the held delivery that this one confirms",
    )
    # Under the unit in whose name enterprises speak of themselves: which of them did. Nobody else's rows were taken
    # from the file.
    subject = models.BigIntegerField("自报的企业 enterprise that handed in its own", null=True)

    # The spellings that came with it for the first time, and a Merkle root over whom each was linked to then.
    first_alias = models.BigIntegerField("首个新名称 first new alias", null=True)
    alias_count = models.IntegerField("新名称数 new aliases", null=True)
    alias_root = models.CharField("新名称默克尔根 Merkle root of the new aliases", max_length=64, null=True)

    # Rows that are no data (totals, remarks), each kept with what it was taken for; nothing where there was none.
    skipped_count = models.BigIntegerField("未作数据的行 rows that are no data", null=True)
    skipped_root = models.CharField("未作数据行默克尔根 Merkle root of the skipped rows", max_length=64, null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["file_digest", "unit"], name="delivery_file"),
            models.Index(fields=["unit", "record", "learned_on"], name="delivery_unit"),
            # To tell which delivery a fact came in by its number alone: facts of a delivery stand in one row.
            models.Index(
                fields=["first_fact"], name="delivery_first_fact", condition=models.Q(first_fact__isnull=False)
            ),
        ]


class Fact(models.Model):
    """A statement by a unit, with its canonical body and the row as delivered."""

    class Kind(models.TextChoices):
        STATEMENT = "statement", "陈述 statement"
        CORRECTION = "correction", "更正 correction"
        WITHDRAWAL = "withdrawal", "撤回 withdrawal"

    id = AssignedId(primary_key=True)
    # No index and no constraint: facts of a delivery are consecutive ids, and the delivery's row is written last.
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    row_number = models.BigIntegerField("行号 row")
    record = models.CharField(max_length=60)
    unit = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STATEMENT)
    concerns = models.BigIntegerField("所涉事实 the fact it corrects or withdraws", null=True)
    # FactKey has the index.
    key = models.BigIntegerField("陈述键 statement key")
    thing = models.BigIntegerField("所指之物 key of the thing a standing record speaks of", null=True)
    leaf = models.BinaryField("叶哈希 leaf hash", max_length=32)
    occurred_on = models.DateField("发生日期 true on")
    valid_until = models.DateField("有效期至 holds until", null=True)
    outcome = models.CharField(max_length=7, null=True)
    area = models.CharField(max_length=area_code.LONGEST)
    flags = models.TextField(default="")
    body = models.TextField("内容 body")
    row = models.TextField("原始行 row as delivered")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["concerns"], name="fact_concerns", condition=models.Q(concerns__isnull=False)),
            models.Index(fields=["thing", "id"], name="fact_thing", condition=models.Q(thing__isnull=False)),
        ]


class FactKey(models.Model):
    """Which fact a statement key belongs to; finds duplicates of earlier statements.

    A separate table, clustered by key and written in that order, a delivery at a time (``store.insert_keys``): keys are
    as good as random, and an index of the facts would be touched at as many places as there are new facts.
    """

    key = AssignedId("陈述键 statement key", primary_key=True)
    fact_id = models.BigIntegerField()


class Subject(models.Model):
    """The enterprise, product or person that aliases resolve to. It has no attributes; everything known about it is
    stored as facts.
    """

    id = AssignedId(primary_key=True)
    kind = models.CharField(max_length=12)


class Alias(models.Model):
    """A party as it was delivered: one row per distinct spelling, code, address and place.

    ``part``: only a part of what was said under this spelling, ``unit:...`` what one unit said, ``facts:...`` the facts
    that a split named; ``spelling`` is then the key that the whole would have.
    """

    id = AssignedId(primary_key=True)
    key = models.BigIntegerField(unique=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12)
    name = models.TextField()
    code = models.CharField(max_length=64)
    code_kind = models.CharField(max_length=24)
    address = models.TextField()
    place = models.CharField(max_length=area_code.LONGEST)
    part = models.CharField("所指部分 part", max_length=80, null=True)
    spelling = models.BigIntegerField("写法 key of the spelling", null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["spelling"], name="alias_spelling", condition=models.Q(spelling__isnull=False))
        ]


class AliasKey(models.Model):
    """Keys by which the identity engine finds candidates; clustered by key (migration 0002)."""

    pk = models.CompositePrimaryKey("key", "alias_id")
    key = models.BigIntegerField()
    alias_id = models.BigIntegerField()


class FactParty(models.Model):
    """A party of a fact in its role; clustered by alias, so that a file of an enterprise is one range (migration
    0002).
    """

    pk = models.CompositePrimaryKey("alias_id", "fact_id", "role")
    alias_id = models.BigIntegerField()
    fact_id = models.BigIntegerField()
    role = models.CharField(max_length=20)


class RefusedRow(models.Model):
    """A row that was not accepted, with every reason; it is reported back to its sender and never lost."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT)
    row_number = models.BigIntegerField()
    cells = models.TextField("原始单元格 cells as JSON")
    reasons = models.TextField("退回原因 reasons as JSON")


class SkippedRow(models.Model):
    """A row that is no data (a total, a remark, a heading printed again), with what it was taken for; never dropped."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT)
    row_number = models.BigIntegerField()
    cells = models.TextField("原始单元格 cells as JSON")
    reason = models.TextField("跳过原因 reason as JSON")


class LikelyMatch(models.Model):
    """Two subjects that may be one: waits for a person. Only the decision may be written, once (migration 0002)."""

    id = models.BigAutoField(primary_key=True)
    alias = models.ForeignKey(Alias, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Alias, on_delete=models.PROTECT, related_name="+")
    score = models.IntegerField("相似度 0..1000")
    reasons = models.TextField("理由 reasons as JSON")
    kind = models.CharField("主要理由 kind of reason", max_length=24, null=True)
    decision = models.CharField(max_length=10, blank=True, default="")
    act = models.ForeignKey("IdentityAct", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["alias", "other"], name="likely_pair_once")]
        # The list of those that wait, likeliest first.
        indexes: ClassVar = [
            models.Index(fields=["-score", "id"], name="likely_waiting", condition=models.Q(decision="")),
            models.Index(fields=["kind", "-score", "id"], name="likely_waiting_kind", condition=models.Q(decision="")),
        ]


class IdentityAct(models.Model):
    """A merge, a split or the undoing of one: who did it, when, why, and which aliases moved from where to where."""

    class Verb(models.TextChoices):
        MERGE = "merge", "合并 merge"
        SPLIT = "split", "拆分 split"
        UNDO = "undo", "撤销 undo"

    id = models.BigAutoField(primary_key=True)
    verb = models.CharField(max_length=6, choices=Verb)
    actor = models.CharField(max_length=120)
    day = models.DateField()
    reason = models.TextField()
    moves = models.TextField("移动 moves as JSON: [[alias, from subject, to subject], ...]")
    # What a split parted of a spelling: {"of": alias, "to": alias, "unit": ...} or {..., "facts": [...]}; None where
    # whole aliases moved.
    parted = models.TextField("分出的事实 facts that were parted, as JSON", null=True)
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")


class AuditLine(models.Model):
    """One line per act: who did what, when, to what. It outlives what it tells of and is never changed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    verb = models.CharField(max_length=60)
    about = models.TextField()
    detail = models.TextField(default="{}")


class LogLeaf(models.Model):
    """An entry of the public log (``docs/decisions/0040-a-log-for-outsiders.md``): which row it is of, and the digest
    that commits to it. ``id`` is its place in the log, from 0 without a gap.
    """

    id = AssignedId(primary_key=True)
    kind = models.CharField("种类 kind of row", max_length=16)
    row = models.BigIntegerField("行 number of the row")
    name = models.CharField("名称 name of the row, where it has one", max_length=64, blank=True)
    # Never published by itself: with it, what a short row says could be tried out.
    nonce = models.BinaryField("随机数 random number", max_length=16)
    digest = models.BinaryField("摘要 digest", max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "row", "name"], name="log_row_once")]


class LogCheckpoint(models.Model):
    """A head of the log that the installation signed; it never signs another one of the same size."""

    id = models.BigAutoField(primary_key=True)
    size = models.BigIntegerField("条数 entries", unique=True)
    root = models.CharField("默克尔根 Merkle root", max_length=64)
    signed_at = models.DateTimeField("签署时间 signed at")
    note = models.TextField("检查点 signed note")
    peaks = models.TextField("子树顶 tops of complete subtrees, from which the next root follows")


class LogCosignature(models.Model):
    """What a witness signed under a checkpoint, after it saw that the log had only grown."""

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.ForeignKey(LogCheckpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.CharField("见证方 witness", max_length=120)
    at = models.DateTimeField("见证时间 said by the witness")
    line = models.TextField("签名行 line of the note")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="log_witness_once")]
