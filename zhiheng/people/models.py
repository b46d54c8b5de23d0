"""Tables of people: columns and constraints only; verbs are in ``actions``, the answer to 'may they?' in ``access``."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from zhiheng.people.accounts import AccountManager


class Account(AbstractBaseUser):
    """Somebody who signs in: an officer of a unit, a person of an enterprise, a bank's clerk."""

    class Kind(models.TextChoices):
        OFFICER = "officer", "工作人员 officer"
        ENTERPRISE = "enterprise", "企业人员 enterprise"
        BANK = "bank", "金融机构人员 bank"

    login = models.CharField("账号 account", max_length=60, unique=True)
    name = models.CharField("姓名 name", max_length=60)
    email = models.EmailField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    unit = models.CharField("单位 unit", max_length=60, blank=True)
    subject = models.BigIntegerField("企业 enterprise", null=True, blank=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=7, blank=True)

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = AccountManager()


class Grant(models.Model):
    """A role given to an account, from a day to a day; a delegation names whose role is lent."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=60)
    unit = models.CharField(max_length=60, blank=True)
    area = models.CharField(max_length=12, blank=True)
    quality = models.CharField(max_length=12, blank=True)
    subject = models.BigIntegerField(null=True)
    first_day = models.DateField()
    last_day = models.DateField(null=True)
    delegated_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    given_by = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    ended_on = models.DateField(null=True)
    ended_by = models.CharField(max_length=120, blank=True)


class TrailLine(models.Model):
    """Who read, searched, exported or changed what among people; append-only, outlives what it tells of."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=160)
    verb = models.CharField(max_length=60)
    about = models.TextField()
    purpose = models.TextField(default="")
    detail = models.TextField(default="{}")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["actor", "at"], name="trail_actor"),
                             models.Index(fields=["at"], name="trail_at")]  # fmt: skip
