"""One act for many cases: which cases were chosen, what is to be done, and what came of it in each of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home
from zhiheng.office.cases import Case


class CaseBatch(models.Model):
    """Cases that somebody chose for one act. It is used once: pressed twice, it is done once."""

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        CHOSEN = "chosen", "已选定 chosen"
        RUNNING = "running", "办理中 being done"
        DONE = "done", "已办完 done"

    id = models.BigAutoField(primary_key=True)
    account = models.BigIntegerField("账号 whose it is")
    actor = models.CharField("何人 who chose and did it", max_length=160)
    state = models.CharField(max_length=8, choices=State, default=State.CHOSEN)
    # '' while it is only chosen; '@assign': they are assigned.
    act = models.CharField("行为 act with its outcome", max_length=121, blank=True)
    workflow = models.CharField("工作流 workflow that the act is of", max_length=60, blank=True)
    typed = models.JSONField("已填 what was typed", default=dict)
    happened = models.CharField("发生时间 stated day or moment", max_length=40, blank=True)
    # As in the data of a line: what was attached and is kept already.
    files = models.JSONField("附件 attachments", default=list)
    at = models.DateTimeField("选定时间 chosen at")
    begun_at = models.DateTimeField("开始时间 begun at", null=True)
    finished_at = models.DateTimeField("办完时间 finished at", null=True)
    task = models.UUIDField("任务 task that does it", null=True)


class CaseOfBatch(models.Model):
    """A case of a batch, and what came of it. The line and this row are written in one transaction."""

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        WAITING = "waiting", "待办 waiting"
        DONE = "done", "已办 done"
        PROPOSED = "proposed", "待共同签署 to be signed"
        REFUSED = "refused", "未办 refused"

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(CaseBatch, on_delete=models.CASCADE, related_name="cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="batches")
    # What somebody else does in the case after this is told, and the act is not done over it.
    place = models.IntegerField("选定时的序号 last place of the case when it was chosen")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    # Each {"code", "zh", "en"}.
    reasons = models.JSONField("未办的原因 why it was refused", default=list)
    line = models.BigIntegerField("办理记录 line that it became", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("batch", "case", name="caseofbatch_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "state", "id"], name="caseofbatch_state")]
