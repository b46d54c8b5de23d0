"""Tables of people: columns and constraints only; verbs are in ``actions``, the answer to 'may they?' in ``access``.

Nothing here is ever deleted: an account is closed, a role ends, a token is revoked. The trail is append-only by trigger
(migration 0003). No password, token or code stands anywhere but as a hash.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q

from zhiheng.kernel import area_code
from zhiheng.people.accounts import AccountManager


class Account(AbstractBaseUser):
    """A person who signs in: an officer of a unit, a person of an enterprise, a bank's clerk."""

    class Kind(models.TextChoices):
        OFFICER = "officer", "工作人员 officer"
        ENTERPRISE = "enterprise", "企业人员 enterprise"
        BANK = "bank", "金融机构人员 bank"

    login = models.CharField("账号 account", max_length=60, unique=True)
    name = models.CharField("姓名 name", max_length=60)
    email = models.EmailField("电子邮箱 e-mail", blank=True)
    kind = models.CharField("种类 kind", max_length=10, choices=Kind)
    unit = models.CharField("单位 unit", max_length=60, blank=True)
    subject = models.BigIntegerField("企业 enterprise", null=True, blank=True)
    outside_id = models.CharField(
        "统一认证编号 number at the single sign-on", max_length=255, null=True, blank=True, unique=True
    )
    is_active = models.BooleanField("启用 active", default=True)
    language = models.CharField("语言 language", max_length=7, blank=True)
    made_at = models.DateTimeField("建立 made", null=True, blank=True)
    made_by = models.CharField("建立人 made by", max_length=160, blank=True)
    # Counted anew with every message and every reading, so that no page asks for it.
    unread = models.IntegerField("未读消息 unread messages", default=0, db_default=0)

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = AccountManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit"], name="account_unit", condition=~Q(unit="")),
            models.Index(fields=["subject"], name="account_subject", condition=Q(subject__isnull=False)),
        ]


class ContactAddress(models.Model):
    """Where somebody wants to be told: an e-mail address or a mobile number that they gave themselves and confirmed by
    a code. Nobody else is shown it whole; it is removed with the account, and whenever its owner wants.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "电子邮件 e-mail"
        SMS = "sms", "短信 text message"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contacts")
    channel = models.CharField(max_length=6, choices=Channel)
    address = models.CharField("地址或号码 address or number", max_length=254)
    wanted = models.BooleanField("愿意接收 wants messages there", default=True)
    confirmed_at = models.DateTimeField("确认 confirmed at", null=True)
    code_hash = models.CharField("确认码的摘要 hash of the code", max_length=128, blank=True)
    code_until = models.DateTimeField("确认码有效期至 code expires", null=True)
    tries = models.IntegerField("错误次数 wrong tries", default=0)
    codes_on = models.DateField("发码日 day of the codes", null=True)
    codes = models.IntegerField("当日发码次数 codes sent that day", default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "channel"], name="contact_once")]


class Grant(models.Model):
    """A role given to an account, from a day to a day; one that is lent names the grant that it is lent from.

    ``ended_on`` is the first day on which it no longer holds.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField("角色 role", max_length=60)
    unit = models.CharField("单位 unit", max_length=60, blank=True)
    area = models.CharField("区域 area", max_length=area_code.LONGEST, blank=True)
    quality = models.CharField("质量 quality", max_length=12, blank=True)
    subject = models.BigIntegerField("企业 enterprise", null=True)
    first_day = models.DateField("自 from")
    last_day = models.DateField("至 to", null=True)
    delegated_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    lent_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="loans")
    given_by = models.CharField("授予人 given by", max_length=160)
    given_at = models.DateTimeField("授予 given", null=True)
    reason = models.TextField("理由 reason", blank=True)
    ended_on = models.DateField("终止 ended", null=True)
    ended_by = models.CharField("终止人 ended by", max_length=160, blank=True)
    end_reason = models.TextField("终止理由 reason of the end", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")), name="grant_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(lent_from__isnull=True, delegated_by__isnull=True)
                | Q(lent_from__isnull=False, delegated_by__isnull=False, last_day__isnull=False),
                name="grant_loan_has_an_end",
            ),
        ]


class Confirmation(models.Model):
    """That a role which shows facts waits for a second person, or what that person said. A grant without one holds by
    itself: it shows no facts, was given at the terminal, or is from before there were confirmations.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待确认 waiting"
        CONFIRMED = "confirmed", "已确认 confirmed"
        DECLINED = "declined", "未予确认 declined"

    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, primary_key=True, related_name="confirmation")
    state = models.CharField("状态 state", max_length=9, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField("提请 asked")
    decided_at = models.DateTimeField("决定 decided", null=True)
    decided_by = models.CharField("决定人 decided by", max_length=160, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], name="confirmation_waits", condition=Q(state="waiting")),
        ]


class KeyOrder(models.Model):
    """A key for a program that an administrator ordered. It is made when its holder, a person of the unit, takes it:
    who ordered it never sees it. One that shows facts waits for a second person of the unit before.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待确认 waiting for a second person"
        CONFIRMED = "confirmed", "待领取 to be taken"
        TAKEN = "taken", "已领取 taken"
        DECLINED = "declined", "未予确认 declined"

    # Neither taken nor declined.
    OPEN: ClassVar[Q] = Q(state__in=(State.WAITING.value, State.CONFIRMED.value))

    name = models.CharField("用途 what it is for", max_length=120)
    role = models.CharField("角色 role", max_length=60)
    unit = models.CharField("单位 unit", max_length=60)
    area = models.CharField("区域 area", max_length=area_code.LONGEST, blank=True)
    quality = models.CharField("质量 quality", max_length=12, blank=True)
    scopes = models.TextField("范围 scopes as JSON")
    last_day = models.DateField("有效期至 last day")
    holder = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="key_orders")
    state = models.CharField("状态 state", max_length=9, choices=State)
    asked_at = models.DateTimeField("提请 asked")
    asked_by = models.CharField("提请人 asked by", max_length=160)
    decided_at = models.DateTimeField("决定 decided", null=True)
    decided_by = models.CharField("决定人 decided by", max_length=160, blank=True)
    token = models.OneToOneField(
        "ApiToken", null=True, on_delete=models.PROTECT, related_name="order", verbose_name="令牌 key"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit"], name="key_order_open", condition=Q(state__in=("waiting", "confirmed"))),
        ]


class Invitation(models.Model):
    """A code on paper: for a person of one enterprise without an account, or for an account that sets a password with
    it.
    """

    subject = models.BigIntegerField("企业 enterprise", null=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField("角色 role", max_length=60, blank=True)
    name = models.CharField("写给 for whom", max_length=60, blank=True)
    code_hash = models.CharField("邀请码的摘要 hash of the code", max_length=128)
    made_at = models.DateTimeField("发出 made")
    made_by = models.CharField("发出人 made by", max_length=160)
    expires_at = models.DateTimeField("有效期至 expires")
    tries = models.IntegerField("错误次数 wrong tries", default=0)
    accepted_at = models.DateTimeField("启用 accepted", null=True)
    accepted_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField("收回 withdrawn", null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject"], name="invitation_subject")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(subject__isnull=False, account__isnull=True)
                | Q(subject__isnull=True, account__isnull=False),
                name="invitation_for_one",
            ),
        ]


class ApiToken(models.Model):
    """A program's key: only its digest is kept; it has a part of what its role may do, until a day."""

    name = models.CharField("用途 what it is for", max_length=120)
    role = models.CharField("角色 role", max_length=60)
    unit = models.CharField("单位 unit", max_length=60, blank=True)
    area = models.CharField("区域 area", max_length=area_code.LONGEST, blank=True)
    quality = models.CharField("质量 quality", max_length=12, blank=True)
    subject = models.BigIntegerField("企业 enterprise", null=True)
    scopes = models.TextField("范围 scopes as JSON")
    digest = models.CharField("摘要 SHA-256", max_length=64, unique=True)
    made_at = models.DateTimeField("签发 made")
    made_by = models.CharField("签发人 made by", max_length=160)
    last_day = models.DateField("有效期至 last day")
    revoked_at = models.DateTimeField("吊销 revoked", null=True)
    revoked_by = models.CharField("吊销人 revoked by", max_length=160, blank=True)
    last_used_at = models.DateTimeField("最近使用 last used", null=True)


class SavedSearch(models.Model):
    """A search saved under a name; ``query`` is the query string of its page."""

    owner = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField("名称 name", max_length=60)
    query = models.TextField("条件 query")
    saved_at = models.DateTimeField("保存 saved", null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="saved_search_once")]


class TrailLine(models.Model):
    """Who read, searched, exported or changed what among people; append-only, outlives what it tells of."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("时间 at")
    actor = models.CharField("谁 who", max_length=160)
    verb = models.CharField("做了什么 what", max_length=60)
    about = models.TextField("对什么 about")
    purpose = models.TextField("目的 purpose", default="")
    detail = models.TextField("详情 detail as JSON", default="{}")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["actor", "at"], name="trail_actor"),
            models.Index(fields=["at"], name="trail_at"),
            models.Index(fields=["about", "at"], name="trail_about"),
        ]
