"""Cases under legal clocks: the log of acts of each, and what is derived of it for lists.

``CaseEvent`` is the truth: append-only by trigger, one sequence of numbers over all cases, chained. ``CasePartyRow``,
``CaseLink``, ``CaseStandingRow`` and ``CaseDuty`` follow from it and are made anew by ``case_standings.py``;
``CaseProposal`` and ``CaseDraft`` hold what is not yet an act.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from zhiheng.database.homes import Home
from zhiheng.database.ids import AssignedId
from zhiheng.kernel import area_code

# A period without a day ends after all others.
NO_END = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)


def end_of(due: dt.date | None, due_at: dt.datetime | None) -> dt.datetime:
    """When a period ends: at its moment, or with the last day (by the clock of the place)."""
    if due_at is not None:
        return due_at
    if due is None:
        return NO_END
    return timezone.make_aware(dt.datetime.combine(due + dt.timedelta(days=1), dt.time()))


class Case(models.Model):
    """A case: its workflow, number and first day. What changes with its course stands in ``CaseStandingRow``."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    workflow = models.CharField("工作流 workflow of the book", max_length=60)
    year = models.IntegerField("年 year of the number")
    serial = models.IntegerField("序号 serial of the number")
    number = models.CharField("案号 number", max_length=80)
    # Under which party the case that opened it opened this one; the name of the child where there is no party.
    party = models.TextField("为谁而开 for whom it was opened", blank=True)
    opened_on = models.DateField("立案之日 opened on")
    opened_at = models.DateTimeField("登记时间 entered at")
    unit = models.CharField("登记单位 unit that opened it", max_length=60)
    # SHA-256 of the receipt by which somebody without an account follows the case; the receipt itself is never stored.
    receipt_digest = models.CharField("回执摘要 digest of the receipt", max_length=64, null=True, unique=True)
    # The same form sent twice is one case: a key that the form carries.
    once = models.CharField("提交标识 key of the form that opened it", max_length=64, null=True, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workflow", "year", "serial", name="case_number_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["number"], name="case_number")]


class CaseEvent(models.Model):
    """A line of the log of a case: an act that somebody did. Never changed, never removed.

    ``id`` runs over all cases without a gap; ``place`` counts the lines of one case from 1. ``act`` is a name of the
    page, or one of the machine's own acts, which begin with ``@`` (``@comment``, ``@strike`` …). ``people``, ``data``
    and ``seen`` are canonical JSON: who acted as which hand and in whose place; what was said, about which parties,
    which cases it opened; what was pointed out or looked up when it was done.
    """

    home: ClassVar = Home.QUEUE

    id = AssignedId(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lines", db_index=False)
    place = models.IntegerField("序号 place in the case")
    act = models.CharField("行为 act", max_length=60)
    outcome = models.CharField("结果 outcome", max_length=60, blank=True)
    happened_on = models.DateField("发生之日 day on which it happened")
    happened_at = models.DateTimeField("发生时刻 moment, where it is known", null=True)
    entered_at = models.DateTimeField("登记时间 entered at")
    people = models.TextField("办理人 who acted, as which hand")
    entered_for = models.CharField("代谁登记 party for whom an officer entered it", max_length=60, blank=True)
    data = models.TextField("内容 what was said")
    seen = models.TextField("依据 what it relied on", default="{}")
    form = models.CharField("表单版次 digest of the form", max_length=64)
    page = models.CharField("工作流版次 digest of the page", max_length=64)
    law = models.CharField("法规版次 digest of the law", max_length=64)
    documents = models.TextField("文书 documents that it issues", default="[]")
    batch = models.CharField("批办编号 batch", max_length=32, blank=True)
    before = models.CharField("本案上一链接 link of the line of the case before", max_length=64, blank=True)
    link = models.CharField("链接 link", max_length=64)

    class Meta:
        constraints: ClassVar = [
            # Two officers at once: the second is told what has changed.
            models.UniqueConstraint("case", "place", name="case_line_place"),
        ]


class CasePartyRow(models.Model):
    """Somebody whom a case is about, as a line of its log named them: an enterprise, a unit, or a sealed reference."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    line = models.BigIntegerField("办理记录 line that named them")
    role = models.CharField("当事人 party of the page", max_length=60)
    name = models.CharField("名称 name", max_length=200, blank=True)
    code = models.CharField("代码 code", max_length=40, blank=True)
    alias = models.BigIntegerField("名称编号 alias of the ledger", null=True)
    subject = models.BigIntegerField("主体 subject of the ledger when it was named", null=True)
    unit = models.CharField("单位 unit", max_length=60, blank=True)
    sealed = models.CharField("密封编号 sealed reference", max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject", "case"], name="caseparty_subject", condition=Q(subject__isnull=False)),
            models.Index(fields=["alias", "case"], name="caseparty_alias", condition=Q(alias__isnull=False)),
        ]


class CaseLink(models.Model):
    """A case opened another (``relation`` is the name of the child), or belongs to it: ``@linked``, ``@duplicate``.

    A case can have been opened by several.
    """

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    parent = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="children")
    relation = models.CharField("关系 relation", max_length=60)
    child = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parents")
    line = models.BigIntegerField("办理记录 line that made it")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("parent", "relation", "child", name="caselink_once"),
        ]


class CaseProposal(models.Model):
    """An act that needs several persons and waits until enough have signed the same words; no line of the log yet.

    ``signed`` holds the signatures: who, as which hand, when, over which digest. The last one writes the line.
    """

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        WAITING = "waiting", "待共同签署 waiting"
        DONE = "done", "已办成 done"
        DECLINED = "declined", "不予签署 declined"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals")
    act = models.CharField("行为 act with its outcome", max_length=121)
    # Day or moment as ISO text where it was stated.
    happened = models.CharField("发生时间 stated day or moment", max_length=40, blank=True)
    entered_for = models.CharField("代谁登记 party for whom it is entered", max_length=60, blank=True)
    data = models.TextField("内容 what is to be said, canonical JSON")
    digest = models.CharField("摘要 digest of what is signed", max_length=64)
    place = models.IntegerField("提出时的序号 last place of the case when it was proposed")
    needs = models.IntegerField("须几人 how many have to sign")
    signed = models.JSONField("签署 signatures", default=list)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    at = models.DateTimeField("提出时间 proposed at")
    proposed_by = models.CharField("提出人 who proposed it", max_length=160, db_index=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=160, blank=True)
    reason = models.TextField("不予签署的理由 why it was declined", blank=True)
    line = models.BigIntegerField("办理记录 line that it became", null=True)
    # As in the data of a line: what was attached and is kept already.
    files = models.JSONField("附件 attachments", default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("case", "act", name="caseproposal_once", condition=Q(state="waiting")),
        ]


class CaseDraft(models.Model):
    """What somebody has half written for an act."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="drafts", null=True)
    workflow = models.CharField("工作流 workflow, for a case that is not opened yet", max_length=60)
    act = models.CharField("行为 act with its outcome", max_length=121)
    account = models.BigIntegerField("账号 whose draft")
    typed = models.JSONField("已填 what was typed", default=dict)
    at = models.DateTimeField("保存时间 saved at")
    remind_on = models.DateField("提醒之日 remind on", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("account", "case", "act", name="casedraft_once", condition=Q(case__isnull=False)),
            models.UniqueConstraint(
                "account", "workflow", "act", name="casedraft_new_once", condition=Q(case__isnull=True)
            ),
        ]


class CaseStandingRow(models.Model):
    """How a case stands, for lists: one row a case, made anew from the log after each line and when its day comes."""

    home: ClassVar = Home.QUEUE

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="standing")
    workflow = models.CharField(max_length=60)
    quality = models.CharField("质量 quality", max_length=12)
    unit = models.CharField("持有单位 unit that holds it", max_length=60)
    area = models.CharField("区划 area", max_length=area_code.LONGEST, blank=True)
    # In the order of the page; the first is shown in lists.
    states = models.JSONField("状态 states that hold", default=list)
    state = models.CharField("首要状态 first state", max_length=60, blank=True)
    final = models.BooleanField("已终结 ended", default=False)
    waits_for = models.CharField("等待 who is waited for", max_length=60, blank=True)
    irregular = models.IntegerField("不合规定的记录数 irregular lines", default=0)
    handler = models.CharField("承办人 account that it was assigned to", max_length=160, blank=True)
    restricted = models.BooleanField("限制查阅 restricted", default=False)
    duplicate_of = models.BigIntegerField("重复于 duplicate of case", null=True)
    opened_on = models.DateField()
    ended_on = models.DateField(null=True)
    last_on = models.DateField("最近办理之日 day of the last line")
    place = models.IntegerField("最后序号 last place")
    line = models.BigIntegerField("最后一条记录 last line")
    # When it differs next without any line: a right lapses, a wait ends, an act is done by law, a slot passes.
    changes_at = models.DateTimeField("下次变化 differs next at", null=True)
    due = models.DateField("最近到期 next day by which something must be done", null=True)
    edition = models.CharField("规则版次 digest of page, law and calendar", max_length=64)
    # The first line that its sender has said since somebody of the office last wrote in it.
    unheard = models.BigIntegerField("来件人的新话 line of the sender that nobody has answered", null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "unheard"], name="casestanding_unheard", condition=Q(unheard__isnull=False)),
            models.Index(fields=["changes_at"], name="casestanding_changes", condition=Q(changes_at__isnull=False)),
            models.Index(fields=["unit", "final", "due", "case"], name="casestanding_unit"),
            models.Index(fields=["workflow", "final", "-opened_on"], name="casestanding_workflow"),
            models.Index(fields=["workflow", "edition"], name="casestanding_edition"),
        ]


class CaseDuty(models.Model):
    """A period that runs for a hand: what must, may or can't yet be done until when. Made anew with its standing."""

    home: ClassVar = Home.QUEUE

    class Kind(models.TextChoices):
        DUTY = "duty", "应当 must"
        RIGHT = "right", "可以 may"
        WAIT = "wait", "满期方可 not before"
        SIGNATURE = "signature", "待签署 to be signed"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="duties")
    kind = models.CharField(max_length=9, choices=Kind)
    period = models.CharField("期限 period of the page", max_length=60)
    acts = models.JSONField("行为 acts that it is about", default=list)
    hand = models.CharField("由谁 hand or party", max_length=60)
    # The right that the hand takes; none: it is for a party.
    takes = models.CharField("权限 right of the hand", max_length=40, blank=True)
    at = models.CharField("何级 own, other, above or party", max_length=6)
    unit = models.CharField("单位 unit that has to act", max_length=60, blank=True)
    area = models.CharField("区划 area of the unit that holds the case", max_length=area_code.LONGEST, blank=True)
    quality = models.CharField(max_length=12)
    workflow = models.CharField(max_length=60)
    # Accounts that alone may act, where the case named them; as |account:3|account:7| so that one is found in SQL.
    persons = models.TextField("指定的人 persons named", blank=True)
    named = models.BooleanField("只限指定的人 for persons named only", default=False)
    starts = models.DateField("起算之日 since")
    due = models.DateField("最后一日 last day", null=True)
    due_at = models.DateTimeField("最后时刻 last moment", null=True)
    # What lists are ordered by: the moment, or the end of the last day; what has no day comes last.
    ends_at = models.DateTimeField("结束时刻 moment at which it ends", default=NO_END)
    provisional = models.BooleanField("日期可能变动 may still move", default=False)
    counted_in = models.CharField("计算单位 in what the law counts: wd, d, hour, month, year", max_length=5, blank=True)
    missed = models.IntegerField("漏办次数 times not done", default=0)
    waits_for = models.CharField("等待 who is waited for", max_length=60, blank=True)
    proposal = models.BigIntegerField("待签署的提议 proposal", null=True)

    class Meta:
        indexes: ClassVar = [
            # All that the numbers of the inbox ask: they are counted in the index, and a row is read only where the
            # case names persons.
            models.Index(
                fields=[
                    *("unit", "kind", "waits_for", "ends_at", "at", "takes", "due", "due_at", "missed"),
                    *("named", "workflow", "case", "area", "quality"),
                ],
                name="caseduty_counts",
            ),
            models.Index(fields=["at", "area", "kind", "ends_at"], name="caseduty_above"),
            models.Index(fields=["due", "id"], name="caseduty_due"),
            models.Index(fields=["ends_at", "id"], name="caseduty_ends"),
            models.Index(fields=["due_at"], name="caseduty_hours", condition=Q(due_at__isnull=False)),
        ]


class CaseHandIn(models.Model):
    """A row that a line has handed in as a fact, and whether it has to be, or was, taken back because the line was
    struck.
    """

    home: ClassVar = Home.QUEUE

    line = models.OneToOneField(CaseEvent, on_delete=models.PROTECT, primary_key=True, related_name="handed_in")
    record = models.CharField("记录类型 record", max_length=60)
    unit = models.CharField("报送单位 unit", max_length=60)
    upload = models.BigIntegerField("报送文件 upload")
    digest = models.CharField("文件摘要 SHA-256 of the file", max_length=64)
    struck_by = models.BigIntegerField("撤销该记录的记录 line that struck it", null=True)
    withdrawn_at = models.DateTimeField("事实撤回时间 fact withdrawn at", null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["upload"],
                name="casehandin_to_withdraw",
                condition=Q(struck_by__isnull=False, withdrawn_at__isnull=True),
            ),
        ]


class CaseDocument(models.Model):
    """A document that a line issues: queued with the line, made afterwards, frozen by its digest when it is.

    ``content`` is the canonical JSON of what it says, of which every file is made; ``code`` is what its QR code leads
    to. ``why_not`` says why it could not be made; one whose line was struck before is made without number or content.
    """

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    line = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="issued")
    document = models.CharField("文书 document of the book", max_length=60)
    at = models.DateTimeField("签发时间 issued at")
    number = models.CharField("文号 number", max_length=120, blank=True)
    unit = models.CharField("出具单位 unit that issues it", max_length=60, blank=True)
    year = models.IntegerField("年 year of the number", null=True)
    serial = models.IntegerField("序号 serial of the number", null=True)
    code = models.CharField("核验编号 code for verification", max_length=24, null=True, unique=True)
    content = models.TextField("内容 what it says", blank=True)
    content_digest = models.CharField("内容摘要 SHA-256 of the content", max_length=64, blank=True)
    made_at = models.DateTimeField("制作时间 made at", null=True)
    why_not = models.TextField("未能制作的原因 why it was not made", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("line", "document", name="casedocument_once"),
            models.UniqueConstraint("document", "unit", "year", "serial", name="casedocument_number_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="casedocument_to_make", condition=Q(made_at__isnull=True)),
        ]


class CaseAttachment(models.Model):
    """A file that came with a line of a case. Never changed, never removed: it stays with a line that was struck.

    Its bytes are kept by their digest (``database.content_store.ATTACHMENTS``); the line names the digest too, so the
    chain covers it. ``sent_digest`` is that of the file as it was sent: a picture is encoded anew.
    """

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    line = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="attachments")
    # The field of the act that it fills; '': it came beside what was said.
    field = models.CharField("字段 field of the act", max_length=60, blank=True)
    name = models.CharField("文件名 name", max_length=255)
    kind = models.CharField("类型 kind by content", max_length=8)
    size = models.BigIntegerField("字节 bytes")
    digest = models.CharField("摘要 SHA-256 as kept", max_length=64)
    sent_digest = models.CharField("交来时的摘要 SHA-256 as sent", max_length=64)
    scanned = models.BooleanField("已查毒 looked at by a scanner for viruses", default=False)
    given_by = models.CharField("交来人 who gave it", max_length=160)
    at = models.DateTimeField("交来时间 given at")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["digest"], name="caseattachment_digest")]
