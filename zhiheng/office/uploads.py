"""Files handed in at a page or by a program, from the moment they are kept until every table has its result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import functions

from zhiheng.database.homes import Home
from zhiheng.office.queue import TaskProgress


class Upload(models.Model):
    """A file that waits for the worker, is being received, or has its result.

    It stands beside the queue of tasks (site/routers.py), so that the row and its task are written in one transaction
    and a page that takes a file never waits for the ledger.
    """

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        WAITING = "waiting", "等待接收 waiting"
        RUNNING = "running", "正在接收 being received"
        DONE = "done", "已处理 done"
        FAILED = "failed", "未能处理 failed"

    class Door(models.TextChoices):
        DESK = "desk", "办公端 desk"
        FIRM = "firm", "企业端 enterprise corner"
        API = "api", "接口 API"

    # What is not received to its end.
    UNDER_WAY: ClassVar = (State.WAITING, State.RUNNING)

    id = models.BigAutoField(primary_key=True)
    unit = models.CharField("报送单位 unit", max_length=60)
    subject = models.BigIntegerField("企业 enterprise that hands in its own file", null=True)
    door = models.CharField(max_length=6, choices=Door)
    actor = models.CharField("提交人 who sent it", max_length=160)
    actor_name = models.CharField(max_length=60, blank=True)
    name = models.TextField("文件名 file name, cleaned")
    digest = models.CharField("文件摘要 SHA-256", max_length=64)
    size = models.BigIntegerField("字节 bytes")
    record = models.CharField("指定的记录类型 record said by the sender", max_length=60, blank=True)
    source = models.CharField("指定的来源 source said by the sender", max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    task = models.UUIDField("后台任务 task", null=True)
    after_delivery = models.BigIntegerField(
        "首次接收前的最后一次报送 last delivery before it was first received", null=True
    )
    result = models.JSONField("逐表结果 result table by table", default=list)
    failure = models.JSONField("未能处理的原因 why it failed, zh and en", default=dict)
    at = models.DateTimeField("提交时间 handed in at")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # NULLs differ from each other in a unique constraint, so a file of an office counts as subject 0 there.
            models.UniqueConstraint(
                "digest", "unit", functions.Coalesce("subject", models.Value(0)), name="upload_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "-id"], name="upload_unit"),
            models.Index(fields=["task"], name="upload_task"),
        ]


UNFINISHED = (*Upload.UNDER_WAY, Upload.State.FAILED)


def unfinished(units: Collection[str], *, since: dt.datetime, most: int = 20) -> list[Upload]:
    """Uploads of these units that wait, are being received, or failed since a moment; latest first."""
    found = Upload.objects.filter(unit__in=units, subject=None, state__in=UNFINISHED, at__gte=since)
    return list(found.order_by("-id")[:most])


def senders(files: Collection[tuple[str, str]]) -> dict[tuple[str, str], Upload]:
    """Who handed in which file: (digest, unit) -> upload; files that came another way are left out (one query)."""
    if not files:
        return {}
    found = Upload.objects.filter(digest__in={digest for digest, _ in files}, subject=None).defer("result", "failure")
    return {(upload.digest, upload.unit): upload for upload in found}


def progress_of(uploads: Collection[Upload]) -> dict[UUID, TaskProgress]:
    """How far the tasks of uploads are (one query, none where none runs)."""
    tasks = [upload.task for upload in uploads if upload.task and upload.state == Upload.State.RUNNING]
    return {p.task: p for p in TaskProgress.objects.filter(task__in=tasks)} if tasks else {}
