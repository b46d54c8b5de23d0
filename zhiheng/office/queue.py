"""What the queue of tasks does not know by itself: which workers live, how far a task is, which daily work is done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home


class Worker(models.Model):
    """A worker process; it shows every few seconds that it lives. One that stopped showing is dead, and its task is
    free.
    """

    home: ClassVar = Home.QUEUE

    id = models.CharField(max_length=64, primary_key=True)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    lanes = models.TextField("负责哪几条队列 the lanes that it serves", default="")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    stopped_at = models.DateTimeField(null=True)


class TaskProgress(models.Model):
    """How far a task is, and how often a worker has died under it."""

    home: ClassVar = Home.QUEUE

    task = models.UUIDField(primary_key=True)
    what = models.TextField("正在做什么 what is being done", blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    deaths = models.IntegerField("执行中断次数 workers that died", default=0)
    at = models.DateTimeField()


class DailyWork(models.Model):
    """The last day for which a piece of daily work was put in the queue."""

    home: ClassVar = Home.QUEUE

    name = models.CharField(max_length=60, primary_key=True)
    day = models.DateField()
    task = models.UUIDField(null=True)
