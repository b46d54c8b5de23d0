"""Filling a portal in one pass gives what proposing everything and then approving everything gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import transaction

from tests.published.places import OFFICER, Place
from zhiheng.actions.facts import correct_fact
from zhiheng.actions.publication import approve_in_bulk
from zhiheng.actions.publication.approve import approve_all
from zhiheng.actions.publication.approve_in_bulk import newest_failures
from zhiheng.actions.publication.propose_publication import propose
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM, Actor, Holding, operator
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Fact
from zhiheng.office.models import PublicationMark, PublicationRequest
from zhiheng.published.models import ListState, Product, PublishedEnterprise, PublishedEntry, PublishedParty, Token

pytestmark = pytest.mark.slow

PENALTY = ("administrative_penalty", "一般裁量的罚款")


class _Again(Exception):
    """Undoes what was done inside a block."""


@pytest.fixture
def many(place: Place) -> Place:
    """The first accepted example of every record that is published, and what is special about some."""
    for record in sorted(place.book[PUBLICATION].rules):
        examples = place.book[RECORDS][record].examples
        for example in examples.accepted[:3] if examples else ():
            entry = place.book[RECORDS][record]
            if len(set(example.row)) == len(example.row):
                try:
                    place.fact(entry.id, example.name)
                except AssertionError:
                    continue
    first = place.fact(*PENALTY, 处罚决定书文号="更正〔2026〕1号")
    place.correct(first.id, {"violation_kind": "标签不符合规定"})
    second = place.fact(*PENALTY, 处罚决定书文号="撤回〔2026〕1号")
    correct_fact.withdraw(second.id, reason="误报", call=Call(OFFICER, place.book, place.now), unit="liyuan_market")
    place.fact(
        *PENALTY,
        处罚决定书文号="存疑〔2025〕8号",
        裁量阶次="从轻",
        罚款金额="2000",
        立案日期="2025-03-03",
        处罚决定日期="2025-06-02",
        公示日期="2025-06-09",
    )
    place.fact("product_sampling", "不合格却没有写不合格项目，收下并提示", 异议情况="已提出异议")
    return place


def bulk(place: Place, **words: Any) -> approve_in_bulk.Filled:
    return approve_in_bulk.publish_in_bulk(
        proposer=SYSTEM, approver=OFFICER, book=place.book, now=place.now, reason="首次公示", **words
    )


def one_by_one(place: Place) -> None:
    propose(call=Call(SYSTEM, place.book, place.now))
    approve_all(PublicationRequest.objects.all(), call=Call(OFFICER, place.book, place.now), reason="首次公示")


def everything() -> dict[str, Any]:
    """All that was written, without random names and numbers."""
    entries = {
        row["fact"]: {k: v for k, v in row.items() if k not in ("id", "public_id", "product_id")}
        for row in PublishedEntry.objects.values()
    }
    products = dict(PublishedEntry.objects.values_list("fact", "product__name"))
    parties = sorted(
        PublishedParty.objects.values_list("entry__fact", "enterprise__subject", "role", "occurred_on", "alias")
    )
    firms = {
        row["subject"]: {k: v for k, v in row.items() if k not in ("id", "public_id", "shop_code", "registration_id")}
        | {"other_names": sorted(row["other_names"])}
        for row in PublishedEnterprise.objects.values()
    }
    registered = dict(PublishedEnterprise.objects.values_list("subject", "registration__fact"))
    names = (
        dict(PublishedEnterprise.objects.values_list("pk", "subject")),
        dict(Product.objects.values_list("pk", "name")),
    )
    tokens = sorted((t.kind, t.token, str(names[t.kind == "p"][t.ref])) for t in Token.objects.all())
    requests = sorted(
        orjson.dumps({k: str(v) for k, v in row.items() if k != "id"}) for row in PublicationRequest.objects.values()
    )
    lists = dict(ListState.objects.values_list("list", "shown"))
    return {
        "entries": entries,
        "products": products,
        "parties": parties,
        "firms": firms,
        "registered": registered,
        "tokens": tokens,
        "requests": requests,
        "lists": lists,
        "mark": PublicationMark.objects.get(name="facts").value,
    }


def result_of(what: Callable[[], object]) -> dict[str, Any]:
    """What it writes, and undo it."""
    found: dict[str, Any] = {}
    try:
        with transaction.atomic():
            what()
            found = everything()
            raise _Again
    except _Again:
        return found


def test_一遍公示和逐条公示结果相同(many: Place) -> None:
    slow, fast = result_of(lambda: one_by_one(many)), result_of(lambda: bulk(many))
    assert len(slow["entries"]) > 40
    for name, written in slow.items():
        assert fast[name] == written, name


def test_分几步和一步结果相同(many: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = result_of(lambda: bulk(many))
    monkeypatch.setattr(approve_in_bulk, "STEP", 7)
    steps = result_of(lambda: bulk(many))
    for name, written in whole.items():
        assert steps[name] == written, name


def test_中途被杀再来一次结果相同(many: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = result_of(lambda: bulk(many))
    monkeypatch.setattr(approve_in_bulk, "STEP", 7)

    def killed(_what: str, done: int, _total: int | None) -> None:
        if done > 10:
            raise KeyboardInterrupt

    def twice() -> None:
        with pytest.raises(KeyboardInterrupt):
            bulk(many, progress=killed)
        bulk(many)

    again = result_of(twice)
    for name, written in whole.items():
        assert again[name] == written, name


def test_留下的几条等人审核(many: Place) -> None:
    left = newest_failures(3, book=many.book, now=many.now)
    assert len(left) == 3
    days = [Fact.objects.get(pk=number).occurred_on for number in left]
    assert days == sorted(days, reverse=True)
    bulk(many, leave=left)
    assert set(PublicationRequest.objects.filter(fact__in=left).values_list("state", flat=True)) == {"open"}
    assert not PublishedEntry.objects.filter(fact__in=left).exists()


def test_有疑点的留给人看(many: Place) -> None:
    bulk(many)
    states = {request.state for request in PublicationRequest.objects.exclude(doubts=[])}
    assert states == {"open", "blocked"}


def test_没有权限的人和同一个人都不能一遍公示(many: Place) -> None:
    words = {"book": many.book, "now": many.now, "reason": "x"}
    clerk = Actor("account:5", "officer", "乙", (Holding("publication_officer", area="990102"),))
    with pytest.raises(Refused) as refused:
        approve_in_bulk.publish_in_bulk(proposer=SYSTEM, approver=clerk, **words)
    assert refused.value.refusals[0].code.startswith("access.")
    assert PublishedEntry.objects.count() == 0
    me = operator("甲")
    with pytest.raises(Refused) as refused:
        approve_in_bulk.publish_in_bulk(proposer=me, approver=me, **words)
    assert refused.value.refusals[0].code == "publication.second_person"
    assert dt.date(2026, 11, 20) == many.now.date()
