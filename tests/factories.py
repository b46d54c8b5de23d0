"""Rows of tables as tests need them, with fictional values for what a test does not say.

A factory stands for a row that somebody else wrote (a consent given, a delivery owed, an entry shown). What a test is
about is done by the action itself, never by a factory.
"""

from __future__ import annotations

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from zhiheng.ledger.models import Alias, LikelyMatch, Subject
from zhiheng.office.consents import Consent
from zhiheng.office.objections import Objection
from zhiheng.office.warnings import WarningSignal
from zhiheng.office.webhooks import WebHook, WebHookCall
from zhiheng.people.models import ApiToken, Grant, TrailLine
from zhiheng.projections.models import Owed
from zhiheng.published.models import Form, PublishedEnterprise, PublishedEntry
from zhiheng.published.tokens import plain

LONG_AGO = dt.date(2020, 1, 1)
UNIT, DISTRICT = "test_market", "990901"


class GrantFactory(DjangoModelFactory):
    """A role of the small book that holds since long and for ever."""

    class Meta:
        model = Grant

    first_day = LONG_AGO
    given_by = "test"


class ApiTokenFactory(DjangoModelFactory):
    """A program's token that is good for a month."""

    class Meta:
        model = ApiToken

    name = "试验系统"
    role = "program"
    unit = UNIT
    area = DISTRICT
    scopes = "[]"
    made_at = factory.LazyFunction(timezone.now)
    made_by = "test"
    last_day = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=30))


class TrailLineFactory(DjangoModelFactory):
    """Something that was read or done just now."""

    class Meta:
        model = TrailLine

    at = factory.LazyFunction(timezone.now)


class SubjectFactory(DjangoModelFactory):
    """An enterprise."""

    class Meta:
        model = Subject

    id = factory.Sequence(lambda n: 90_001 + n)
    kind = "enterprise"


class AliasFactory(DjangoModelFactory):
    """A spelling of its own subject."""

    class Meta:
        model = Alias

    id = factory.Sequence(lambda n: 90_001 + n)
    key = factory.SelfAttribute("id")
    subject = factory.SubFactory(SubjectFactory)
    kind = "enterprise"
    code = ""
    code_kind = factory.LazyAttribute(lambda alias: "uscc" if alias.code else "")
    address = ""
    place = ""


class LikelyMatchFactory(DjangoModelFactory):
    """Two spellings that may be one enterprise, and wait for an officer."""

    class Meta:
        model = LikelyMatch

    score = 900
    reasons = "[]"


class ConsentFactory(DjangoModelFactory):
    """An enterprise lets a bank read its extract for a month."""

    class Meta:
        model = Consent

    extract = "extract"
    reader = "test_bank"
    purpose = "loan"
    text = "-"
    digest = "-"
    first_day = factory.LazyFunction(timezone.localdate)
    last_day = factory.LazyAttribute(lambda consent: consent.first_day + dt.timedelta(days=30))
    given_by = "account:1"
    at = factory.LazyFunction(timezone.now)


class ObjectionFactory(DjangoModelFactory):
    """An enterprise objects to a fact."""

    class Meta:
        model = Objection

    receipt = factory.Sequence(lambda n: f"YY2026{n + 1:04}")
    unit = UNIT
    area = DISTRICT
    ground = "wrong_content"
    reason = "内容与事实不符，见所附材料。"
    at = factory.LazyFunction(timezone.now)
    by = "account:77"


class WarningSignalFactory(DjangoModelFactory):
    """Something that an early warning found: one item failed at several makers."""

    class Meta:
        model = WarningSignal

    warning = "same_item_several_makers"
    edition = "0" * 64
    record = "food_sampling"
    quality = "product"
    key = factory.Dict({"item": "菌落总数"})
    key_digest = factory.Sequence(lambda n: f"{n:064}")
    area = DISTRICT
    first = dt.date(2026, 11, 2)
    last = dt.date(2026, 11, 29)
    level = "blue"
    rank = 0
    observed = 3
    bound = 3
    facts = 4
    found_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)


class WebHookFactory(DjangoModelFactory):
    """An address at which a program is told of accepted deliveries."""

    class Meta:
        model = WebHook

    owner = "token:1"
    unit = UNIT
    url = "https://hooks.example/in"
    events = factory.List(["delivery.accepted"])
    at = factory.LazyFunction(timezone.now)


class GivenUpCallFactory(DjangoModelFactory):
    """A message to such an address that was tried six times in vain."""

    class Meta:
        model = WebHookCall

    event = "delivery.accepted"
    key = factory.Sequence(lambda n: f"delivery:{n}")
    body = "{}"
    attempts = 6
    state = "given_up"
    next_at = factory.LazyFunction(timezone.now)
    at = factory.SelfAttribute("next_at")
    done_at = factory.SelfAttribute("next_at")


class OwedFactory(DjangoModelFactory):
    """What a unit owes of a record for a period that ends on the due day, unless a test says otherwise."""

    class Meta:
        model = Owed

    unit = UNIT
    area = DISTRICT
    record = "sampling_check"
    cadence = "monthly"
    first = factory.LazyAttribute(lambda owed: owed.due_on.replace(day=1))
    last = factory.SelfAttribute("due_on")


class FormFactory(DjangoModelFactory):
    """What the columns of published sampling entries mean."""

    class Meta:
        model = Form

    digest = "f" * 64
    list = "sampling"
    record = "sampling_check"
    label = factory.Dict({"zh": "抽检", "en": "Sampling"})
    law = factory.List([])


class PublishedEnterpriseFactory(DjangoModelFactory):
    """An enterprise of which one entry is shown."""

    class Meta:
        model = PublishedEnterprise

    public_id = factory.Sequence(lambda n: f"enterprise{n:06}")
    shop_code = factory.Sequence(lambda n: f"shop{n:06}")
    subject = 1
    name = "试验甲食品有限公司"
    plain = factory.LazyAttribute(lambda enterprise: plain(enterprise.name))
    area = DISTRICT
    shown = 1


class PublishedEntryFactory(DjangoModelFactory):
    """A failed sample that is shown."""

    class Meta:
        model = PublishedEntry

    public_id = factory.Sequence(lambda n: f"entry{n:06}")
    list = "sampling"
    record = "sampling_check"
    title_zh = "试验挂面不合格"
    title_en = "Noodles failed"
    values = "[]"
    quality = "product"
    area = DISTRICT
    unit = UNIT
    occurred_on = dt.date(2026, 5, 5)
    published_at = factory.LazyFunction(timezone.now)
    first_on = factory.SelfAttribute("occurred_on")
    basis_zh = "试验办法第一条"
    basis_en = "Art. 1"
    law_digest = "0" * 64
