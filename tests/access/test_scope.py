"""What a list shows and what a single question answers are the same: a fact is in the list exactly where it may be
read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.book_once import with_chapters
from tests.calls import noon
from tests.places import NOON, Ledger, lift_row, sampling_row, write_csv
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT as BOOK_DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import EVERYTHING, NOTHING, PUBLIC, SYSTEM, Actor, Holding, Reach, Scope, operator
from zhiheng.ledger.models import Alias, Delivery, Fact, FactParty
from zhiheng.people import access
from zhiheng.quality_file.scope_filters import deliveries_within, fact_shown, facts_of, facts_within

TODAY = NOON.date()
CITY, DISTRICT, JIA, YI = "990900", "990901", "990901001", "990901002"
FINES = ("当事人", "当事人代码", "决定日期", "决定")


def with_audience(book: Book, **audiences: str) -> Book:
    """The book with records of other audiences."""
    records = {
        name: replace(book[RECORDS][name], record=book[RECORDS][name].record.model_copy(update={"audience": audience}))
        for name, audience in audiences.items()
    }
    return with_chapters(book, {RECORDS: {**book[RECORDS], **records}})


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Facts of two units, three records and two sub-districts, some about the same enterprise."""
    ledger.samples("抽.csv", [sampling_row(n, 抽样地区=("甲街道", "乙街道")[n % 2]) for n in range(1, 9)])
    ledger.samples("街.csv", [sampling_row(n, 抽样地区="甲街道") for n in range(21, 24)], unit="jia_office")
    ledger.lifts("梯.csv", [lift_row("L1"), lift_row("L2")])
    rows = [["试验第1食品有限公司", "", "2026-02-03", "罚款"], ["试验第2食品有限公司", "", "2026-02-04", "不予处罚"]]
    ledger.receive(write_csv(ledger.folder / "罚.csv", FINES, rows), unit="test_environment")
    ledger.book = with_audience(ledger.book, lift_register="office", discharge_fine="sender")
    return ledger


def holder(*holdings: Holding, kind: Any = "officer") -> Actor:
    """Somebody with roles."""
    return Actor("account:1", kind, "甲", holdings)


def subject_of(name: str) -> int:
    """The enterprise of a name."""
    return int(Alias.objects.get(name=name).subject_id)


ACTORS = {
    "区里的经办人": holder(Holding("clerk", "test_market", DISTRICT)),
    "街道的经办人": holder(Holding("clerk", "jia_office", JIA)),
    "另一街道的经办人": holder(Holding("clerk", "test_environment", YI)),
    "只管产品的": holder(Holding("clerk", "test_market", DISTRICT, "product")),
    "只管环境的": holder(Holding("clerk", "test_environment", DISTRICT, "environment")),
    "两个角色的": holder(Holding("clerk", "jia_office", JIA), Holding("watcher", "", YI)),
    "审计员": holder(Holding("watcher", "", DISTRICT)),
    "全市的": holder(Holding("clerk", "", CITY)),
    "管理员": holder(Holding("keeper", "test_market", DISTRICT)),
    "没有角色的": holder(),
    "角色昨天到期的": holder(Holding("clerk", "test_market", CITY, last=TODAY - dt.timedelta(days=1))),
    "不知在哪个区的": holder(Holding("clerk")),
    "企业的人拿着工作人员的角色": holder(Holding("clerk", "test_market", CITY), kind="enterprise"),
    "公众": PUBLIC,
    "操作员": operator("root"),
    "系统": SYSTEM,
}


@pytest.mark.parametrize("name", ACTORS)
def test_清单里有的_正是能一条条看的(filled: Ledger, name: str) -> None:
    actor, book = ACTORS[name], filled.book
    scope = access.scope(Call(actor, book, noon(TODAY)), "fact.read")
    listed = set(Fact.objects.filter(facts_within(scope)).values_list("id", flat=True))
    allowed = {
        fact.id
        for fact in Fact.objects.all()
        if access.may(Call(actor, book, noon(TODAY)), "fact.read", area=fact.area, unit=fact.unit, record=fact.record)
        is None
    }
    assert listed == allowed
    assert {fact.id for fact in Fact.objects.all() if fact_shown(fact, scope)} == allowed


def test_看到的多少_与想的一样(filled: Ledger) -> None:
    """Counted by hand: 8 samples of the bureau (4 in 甲, 4 in 乙), 3 of the sub-district in 甲, 2 lifts for the office,
    2 fines for the sender.
    """
    counts = {
        name: Fact.objects.filter(
            facts_within(access.scope(Call(actor, filled.book, noon(TODAY)), "fact.read"))
        ).count()
        for name, actor in ACTORS.items()
    }
    assert counts == {
        "区里的经办人": 11,
        "街道的经办人": 7,
        "另一街道的经办人": 4 + 2,
        "只管产品的": 11,
        "只管环境的": 2,
        "两个角色的": 7 + 4,
        "审计员": 15,
        "全市的": 11,
        "管理员": 0,
        "没有角色的": 0,
        "角色昨天到期的": 0,
        "不知在哪个区的": 0,
        "企业的人拿着工作人员的角色": 0,
        "公众": 0,
        "操作员": 15,
        "系统": 15,
    }


def test_企业卡片在辖区内_整份档案都看得到_不只是辖区里的事(filled: Ledger) -> None:
    jia = access.scope(Call(ACTORS["街道的经办人"], filled.book, noon(TODAY)), "file.read")
    firm = subject_of("试验第1食品有限公司")
    about = Fact.objects.filter(id__in=facts_of([firm]))
    everything = about.filter(record="sampling_check").count()
    here = about.filter(facts_within(jia)).count()
    assert 0 < here < everything
    assert about.filter(facts_within(jia, card_area=JIA)).count() == everything
    assert about.filter(facts_within(jia, card_area=YI)).count() == here
    # The fine is for its sender alone, whoever's file it stands on.
    assert not about.filter(facts_within(jia, card_area=JIA), record="discharge_fine").exists()


def test_企业只看自己的_银行只看同意的(filled: Ledger) -> None:
    one, two = subject_of("试验第1食品有限公司"), subject_of("试验第2食品有限公司")
    owner = holder(Holding("owner", subject=one), kind="enterprise")
    scope = access.scope(Call(owner, filled.book, noon(TODAY)), "firm.open")
    assert scope.ways[0].subjects == frozenset({one})
    ids = set(Fact.objects.filter(facts_within(scope)).values_list("id", flat=True))
    aliases = Alias.objects.filter(subject_id=one).values("id")
    mine = set(FactParty.objects.filter(alias_id__in=aliases).values_list("fact_id", flat=True))
    fines = set(Fact.objects.filter(record="discharge_fine").values_list("id", flat=True))
    assert ids == mine - fines
    assert (
        set(Fact.objects.filter(id__in=mine).filter(facts_within(scope, subject=one)).values_list("id", flat=True))
        == ids
    )
    lender = holder(Holding("lender"), kind="bank")
    assert access.scope(Call(lender, filled.book, noon(TODAY)), "credit.read") == NOTHING
    (way,) = access.scope(Call(lender, filled.book, noon(TODAY)), "credit.read", consents=[two]).ways
    assert way == Reach(records=frozenset({"sampling_check"}) & way.records, subjects=frozenset({two}))


def test_整棵树都归他管的_不再按区域筛(small_book: Book) -> None:
    city = access.scope(Call(ACTORS["全市的"], small_book, noon(TODAY)), "enterprise.list")
    assert city == EVERYTHING
    district = access.scope(Call(ACTORS["区里的经办人"], small_book, noon(TODAY)), "enterprise.list")
    assert district == Scope((Reach(areas=frozenset({DISTRICT, JIA, YI})),))


def test_看得到的报送_是本单位的_或辖区内各单位的(filled: Ledger) -> None:
    def seen(actor: Actor) -> set[str]:
        scope = access.scope(Call(actor, filled.book, noon(TODAY)), "delivery.list")
        within = deliveries_within(scope, filled.book[BOOK_DISTRICT].area_of_unit)
        return set(Delivery.objects.filter(within).values_list("unit", flat=True))

    assert seen(ACTORS["区里的经办人"]) == {"test_market"}
    assert seen(ACTORS["街道的经办人"]) == {"jia_office"}
    assert seen(ACTORS["审计员"]) == {"test_market", "test_environment", "jia_office"}
    assert seen(holder(Holding("watcher", "", JIA))) == {"jia_office"}
    assert seen(ACTORS["没有角色的"]) == seen(PUBLIC) == set()
    assert seen(SYSTEM) == {"test_market", "test_environment", "jia_office"}


def test_能报送的单位和能看的区域_供页面列出(small_book: Book) -> None:
    clerk, watcher = ACTORS["街道的经办人"], ACTORS["审计员"]

    def asked(actor: Actor) -> Call:
        return Call(actor, small_book, noon(TODAY))

    assert access.units(asked(clerk), "delivery.receive") == ("jia_office",)
    assert access.units(asked(watcher), "delivery.receive") == ()
    assert access.areas(asked(clerk), "cockpit.read") == (JIA,)
    assert access.areas(asked(ACTORS["区里的经办人"]), "cockpit.read") == (DISTRICT, JIA, YI)
    assert len(access.units(asked(SYSTEM), "delivery.receive")) == len(small_book[BOOK_DISTRICT].units)


def test_筛选是一条语句_不随事实多少而变(filled: Ledger, django_assert_num_queries: Any) -> None:
    actor = ACTORS["两个角色的"]
    with django_assert_num_queries(1):
        scope = access.scope(Call(actor, filled.book, noon(TODAY)), "fact.read")
        list(Fact.objects.filter(facts_within(scope)).values_list("id", flat=True))
