"""Web hooks: addresses of other systems that subscribed to events, and each attempt to deliver a message."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home


class WebHook(models.Model):
    """An address that is called after events. Its signing key is derived from the system's key and ``salt``, never
    stored.
    """

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    owner = models.CharField("登记人 who registered it", max_length=160)
    unit = models.CharField("单位 unit", max_length=60, blank=True)
    url = models.URLField("地址 address", max_length=500)
    events = models.JSONField("事件 events", default=list)
    salt = models.CharField(max_length=64)
    at = models.DateTimeField("登记时间 registered at")
    failures = models.IntegerField("连续失败次数 failures in a row", default=0)
    # Attempts in a row that were not taken; after some the address is left alone for a while, each time longer.
    misses = models.IntegerField("连续未应答次数 attempts not taken in a row", default=0)
    paused_until = models.DateTimeField("暂停至 paused until", null=True)
    ended_at = models.DateTimeField("停用时间 ended at", null=True)
    ended_why = models.TextField("停用原因 why it ended", blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "-id"], name="webhook_owner")]


class WebHookCall(models.Model):
    """One message to one address: tried until it is taken, or until the last attempt has failed."""

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        WAITING = "waiting", "待发送 waiting"
        TAKEN = "taken", "已送达 taken"
        GIVEN_UP = "given_up", "已放弃 given up"

    id = models.BigAutoField(primary_key=True)
    hook = models.ForeignKey(WebHook, on_delete=models.PROTECT, related_name="calls")
    event = models.CharField("事件 event", max_length=60)
    # What the message is about: the same event about the same thing is told once.
    key = models.CharField(max_length=120)
    body = models.TextField("内容 body as JSON")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.IntegerField("尝试次数 attempts", default=0)
    next_at = models.DateTimeField("下次尝试 next attempt at")
    status = models.IntegerField("应答状态 status of the answer", null=True)
    error = models.TextField("失败原因 why the last attempt failed", blank=True)
    at = models.DateTimeField("发生时间 happened at")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["hook", "event", "key"], name="webhook_told_once")]
        indexes: ClassVar = [models.Index(fields=["state", "next_at"], name="webhook_waiting")]
