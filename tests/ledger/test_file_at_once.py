"""The first page of a file says the same whether it is read at once or piece by piece."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from tests.places import FINES, NOON, Ledger, lift_row, sampling_row, write_csv
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import EVERYTHING, NOTHING, SYSTEM, Reach, Scope
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact
from zhiheng.projections.models import Card
from zhiheng.quality_file import first_page
from zhiheng.quality_file.alerts import urgent
from zhiheng.quality_file.first_page import at_once
from zhiheng.quality_file.summary import InQuality, counts
from zhiheng.quality_file.timeline import TimelineFilters, current, file_head, timeline

FIRM = "试验甲食品有限公司"
SCOPES = (
    EVERYTHING,
    NOTHING,
    Scope((Reach(records=frozenset({"sampling_check", "lift_register"})),)),
    Scope((Reach(units=frozenset({"test_market"})), Reach(areas=frozenset({"990901002"})))),
    Scope((Reach(records=frozenset({"discharge_fine"}), areas=frozenset({"990901"})),)),
)
FILTERS = (
    TimelineFilters(),
    TimelineFilters(role="user_unit"),
    TimelineFilters(quality="product"),
    TimelineFilters(outcome="fail"),
    TimelineFilters(unit="jia_office"),
    TimelineFilters(record="lift_register", first=dt.date(2026, 1, 15)),
    TimelineFilters(last=dt.date(2026, 3, 1), outcome="pass"),
    TimelineFilters(fails="year"),
    TimelineFilters(fails="before"),
    TimelineFilters(fails="year", quality="product"),
    TimelineFilters(only=frozenset({1, 2, 3})),
)


@pytest.fixture(params=[1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def told(ledger: Ledger, request: pytest.FixtureRequest) -> Ledger:
    """A file in which much was told again, corrected, withdrawn and corrected again, by chance."""
    dice = random.Random(request.param)

    def day() -> str:
        return f"202{dice.choice('56')}-0{dice.randint(1, 6)}-{dice.randint(10, 28)}"

    for n in range(12):
        unit = dice.choice(("test_market", "jia_office"))
        learned = f"2026-06-{10 + n}"
        rows = [
            sampling_row(
                100 * n + i,
                生产企业=dice.choice((FIRM, "试验乙面粉厂")),
                被抽样单位=dice.choice((FIRM, "试验百货店")),
                抽样日期=day(),
                样品名称=dice.choice(("挂面", "米粉")),
                检验结论=dice.choice(("合格", "不合格", "不判定")),
                抽样地区=dice.choice(("甲街道", "乙街道")),
            )
            for i in range(4)
        ]
        ledger.samples(f"s{n}.csv", rows, unit=unit, day=learned)
        lifts = [
            lift_row(
                f"L{dice.randint(1, 4)}",
                使用单位=dice.choice((FIRM, "试验丙物业有限公司")),
                登记日期=day(),
                下次检验日期=f"2026-{dice.randint(5, 12):02d}-15",
                使用状态=dice.choice(("在用", "停用")),
            )
            for _ in range(2)
        ]
        ledger.lifts(f"l{n}.csv", lifts, unit=unit, day=learned)
        if n % 4 == 0:
            fines = [[FIRM, "", day(), dice.choice(("罚款", "不予处罚"))]]
            ledger.receive(write_csv(ledger.folder / f"f{n}.csv", FINES, fines), unit=None, day=learned)
    changes: dict[str, Any] = {
        "sampling_check": {"verdict": "合格"},
        "lift_register": {"status": "停用"},
        "discharge_fine": {"decision": "不予处罚"},
    }
    for _ in range(25):
        fact = Fact.objects.get(id=dice.randint(1, Fact.objects.count()))
        words = {"call": Call(SYSTEM, ledger.book, NOON), "unit": fact.unit}
        try:
            if dice.random() < 0.4:
                withdraw(fact.id, reason="试验", **words)
            else:
                correct(fact.id, changes[fact.record], reason="试验", **words)
        except Refused:
            continue  # it says so already, or was corrected before
    return ledger


def both(ledger: Ledger, name: str, **words: Any) -> tuple[Any, Any]:
    """The pieces read at once, and one by one."""
    head = file_head(int(Alias.objects.filter(name=name)[0].subject_id))
    assert head is not None
    narrowing = {key: words[key] for key in ("scope", "as_of", "card_area")}
    first = at_once(head, book=ledger.book, **words)
    assert first is not None
    pieces = (
        current(head.subject, book=ledger.book, **narrowing),
        timeline(
            head.subject,
            book=ledger.book,
            **narrowing,
            filters=words["filters"],
            after=words["after"],
            limit=words["limit"],
            counted=True,
        ),
        urgent(head, book=ledger.book, **narrowing),
    )
    return (first.current, first.timeline, first.urgent), pieces


@pytest.mark.parametrize("name", [FIRM, "试验丙物业有限公司"])
@pytest.mark.slow
def test_一次读完和分段读_说的一样(told: Ledger, name: str) -> None:
    lines = 0
    for as_of in (dt.date(2026, 7, 1), dt.date(2026, 3, 20), dt.date(2027, 6, 1), dt.date(2020, 1, 1)):
        for scope in SCOPES:
            for card_area in ("", "990901002"):
                words: dict[str, Any] = {
                    "scope": scope,
                    "as_of": as_of,
                    "card_area": card_area,
                    "filters": TimelineFilters(),
                    "after": "",
                    "limit": 7,
                }
                once, pieces = both(told, name, **words)
                assert once == pieces, (as_of, scope, card_area)
                lines += len(once[1].rows) + len(once[2].problems) + len(once[2].ending)
    assert lines > 50
    for filters in FILTERS:
        after = ""
        for _ in range(20):
            words = {
                "scope": EVERYTHING,
                "as_of": dt.date(2026, 7, 1),
                "card_area": "",
                "filters": filters,
                "after": after,
                "limit": 4,
            }
            once, pieces = both(told, name, **words)
            assert once == pieces, (filters, after)
            after = once[1].next
            if not after:
                break


@pytest.mark.slow
def test_太长的档案留给分段读(told: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    head = file_head(int(Alias.objects.filter(name=FIRM)[0].subject_id))
    assert head is not None
    monkeypatch.setattr(first_page, "MOST", 5)
    assert at_once(head, book=told.book, scope=EVERYTHING, as_of=dt.date(2026, 7, 1), filters=TimelineFilters()) is None


@pytest.mark.slow
def test_企业摘要数的_回看时数的_时间线列出的_是同一些不合格(told: Ledger) -> None:
    refresh(Call(SYSTEM, told.book, NOON))
    fails = 0
    for card in Card.objects.all():
        words: dict[str, Any] = {"book": told.book, "scope": EVERYTHING, "as_of": NOON.date()}
        counted = counts(card.subject, **words)
        for quality, part in card.standing_of.items():
            one = counted.get(quality, InQuality())
            assert (one.facts, one.fails, one.fails_before) == (part["facts"], part["fails"], part["fails_before"])
            for said, window in ((one.facts, ""), (one.fails, "year"), (one.fails_before, "before")):
                listed = timeline(
                    card.subject, **words, filters=TimelineFilters(quality=quality, fails=window), counted=True
                )
                assert listed.total == said, (card.name, quality, window)
            fails += one.fails + one.fails_before
    assert fails > 3
