"""Identities that are sealed for two custodians of different units, who the custodians are, and every opening.

What stands here in the clear says nothing of a person: random bytes, numbers of custodians, units, days. Neither the
database nor a backup of it opens a seal; the two passphrases do, which stand nowhere.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiheng.database.homes import Home
from zhiheng.kernel import area_code


class Custodian(models.Model):
    """An officer who keeps one side's shares: a pair of keys, the private one under their own passphrase (argon2id).

    One who is not admitted has no shares yet: the first of a unit is so by making the key, each later one by a
    custodian of the same unit, who hands on the shares of all seals.
    """

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    account = models.BigIntegerField("账号 account")
    name = models.CharField("姓名 name", max_length=60)
    unit = models.CharField("单位 unit", max_length=60)
    public = models.BinaryField("公钥 public key")
    locked = models.BinaryField("加密的私钥 private key under the passphrase")
    salt = models.BinaryField(max_length=64)
    passes = models.IntegerField("口令运算次数 passes of argon2id")
    memory = models.BigIntegerField("口令运算内存 bytes of memory of argon2id")
    made_at = models.DateTimeField("设立 made")
    admitted_at = models.DateTimeField("接纳 admitted", null=True)
    admitted_by = models.CharField("接纳人 admitted by", max_length=160, blank=True)
    ended_at = models.DateTimeField("终止 ended", null=True)
    ended_by = models.CharField("终止人 ended by", max_length=160, blank=True)
    ended_why = models.TextField("终止理由 why it ended", blank=True)

    class Meta:
        constraints: ClassVar = [
            # One person is one pair of eyes, whatever units they work for.
            models.UniqueConstraint(fields=["account"], name="custodian_once", condition=Q(ended_at__isnull=True)),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "ended_at"], name="custodian_unit")]


class CaseSeal(models.Model):
    """One sealed identity. Never changed (by trigger); taken away as a whole when the time of keeping is over."""

    home: ClassVar = Home.QUEUE

    id = models.CharField("编号 random number", max_length=32, primary_key=True)
    area = models.CharField("区划 area", max_length=area_code.LONGEST)
    first_unit = models.CharField("一方 first side", max_length=60)
    second_unit = models.CharField("另一方 second side", max_length=60)
    text = models.BinaryField("密文 sealed text")
    made_at = models.DateTimeField("封存 sealed at")


class SealShare(models.Model):
    """One side's share of a seal, in a box for one custodian."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    seal = models.ForeignKey(CaseSeal, on_delete=models.CASCADE, related_name="shares")
    side = models.SmallIntegerField("哪一方 side, 1 or 2")
    custodian = models.ForeignKey(Custodian, on_delete=models.PROTECT, related_name="shares")
    box = models.BinaryField("份额 share in a box")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seal", "custodian"], name="seal_share_once"),
            models.CheckConstraint(condition=Q(side__in=(1, 2)), name="seal_share_side"),
        ]


class SealOpening(models.Model):
    """That somebody asked to open a seal, why, and what became of it. Never deleted (by trigger): reporters read it.

    ``boxes``: while it waits, the first side's share for each custodian of the other side, as base64 by their number;
    emptied when it is opened, declined or too late.
    """

    home: ClassVar = Home.QUEUE

    class State(models.TextChoices):
        WAITING = "waiting", "待另一方 waiting for the other side"
        OPENED = "opened", "已拆封 opened"
        DECLINED = "declined", "不同意 declined"
        LAPSED = "lapsed", "逾期未拆 lapsed"

    id = models.BigAutoField(primary_key=True)
    seal = models.CharField("封存编号 seal", max_length=32, db_index=True)
    side = models.SmallIntegerField("提出的一方 side that asked")
    asked_by = models.ForeignKey(Custodian, on_delete=models.PROTECT, related_name="asked")
    asking_unit = models.CharField("提出单位 unit that asked", max_length=60)
    other_unit = models.CharField("另一方单位 the other unit", max_length=60)
    reason = models.TextField("理由 reason")
    asked_at = models.DateTimeField("提出 asked at")
    expires_at = models.DateTimeField("逾期 lapses at")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    boxes = models.JSONField("待交份额 shares that wait", default=dict)
    done_by = models.ForeignKey(Custodian, null=True, on_delete=models.PROTECT, related_name="decided")
    done_at = models.DateTimeField(null=True)
    said = models.TextField("不同意的理由 why it was declined", blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["other_unit", "state"], name="seal_opening_waiting")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seal"], name="seal_opening_one", condition=Q(state="waiting")),
        ]
