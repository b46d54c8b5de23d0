"""The first page of a file says the same whether it is read at once or piece by piece."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.places import FINES, NOON, Ledger, lift_row, sampling_row, write_csv
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import EVERYTHING, NOTHING, SYSTEM, Reach, Scope
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact
from zhiheng.projections.models import Card
from zhiheng.quality_file import at_once
from zhiheng.quality_file.file_head import opened_head
from zhiheng.quality_file.file_pages import FirstPage, current, first_page, timeline, urgent
from zhiheng.quality_file.file_view import FileView, InQuality, LinesQuestion, TimelineFilters, choose

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
    TimelineFilters(fails="open"),
    TimelineFilters(fails="open", quality="product"),
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


def both(
    ledger: Ledger, view: FileView, lines: LinesQuestion, patch: pytest.MonkeyPatch
) -> tuple[FirstPage, FirstPage]:
    """The first page chosen in memory, and by the statements that narrow it; the second has the pieces that are read
    by themselves.
    """
    head = opened_head(view.subject)
    once = first_page(view, head, lines, book=ledger.book, counted=True)
    assert once.has is not None
    with patch.context() as short:
        short.setattr(at_once, "MOST", 0)
        narrowed = first_page(view, head, lines, book=ledger.book, counted=True)
    assert narrowed.has is None
    pieces = FirstPage(
        current(view, book=ledger.book),
        timeline(view, lines, book=ledger.book, counted=True),
        urgent(view, head, book=ledger.book),
        view.counts(book=ledger.book),
    )
    assert narrowed == pieces
    return dataclasses.replace(once, has=None), narrowed


@pytest.mark.parametrize("name", [FIRM, "试验丙物业有限公司"])
@pytest.mark.slow
def test_一次读完和分段读_说的一样(told: Ledger, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = int(Alias.objects.filter(name=name)[0].subject_id)
    lines = 0
    for as_of in (dt.date(2026, 7, 1), dt.date(2026, 3, 20), dt.date(2027, 6, 1), dt.date(2020, 1, 1)):
        for scope in SCOPES:
            for card_area in ("", "990901002"):
                view = FileView(subject, scope, as_of, card_area=card_area)
                once, narrowed = both(told, view, LinesQuestion(limit=7), monkeypatch)
                assert once == narrowed, (as_of, scope, card_area)
                lines += len(once.timeline.rows) + len(once.urgent.problems) + len(once.urgent.ending)
    assert lines > 50
    for filters in FILTERS:
        after = ""
        for _ in range(20):
            view = FileView(subject, EVERYTHING, dt.date(2026, 7, 1))
            once, narrowed = both(told, view, LinesQuestion(filters, after, 4), monkeypatch)
            assert once == narrowed, (filters, after)
            after = once.timeline.next
            if not after:
                break


@pytest.mark.slow
def test_太长的档案和昨天所知的档案_留给分段读(told: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = int(Alias.objects.filter(name=FIRM)[0].subject_id)
    head, lines = opened_head(subject), LinesQuestion()
    view = FileView(subject, EVERYTHING, dt.date(2026, 7, 1))
    assert at_once.choose_at_once(view, head, lines, book=told.book) is not None
    earlier = dataclasses.replace(view, known_on=dt.date(2026, 6, 12))
    assert at_once.choose_at_once(earlier, head, lines, book=told.book) is None
    monkeypatch.setattr(at_once, "MOST", 5)
    assert at_once.choose_at_once(view, head, lines, book=told.book) is None


@pytest.mark.slow
def test_短档案一次读完_语句少得多(told: Ledger) -> None:
    """The figures of decision 0043."""
    subject = int(Alias.objects.filter(name=FIRM)[0].subject_id)
    head, lines = opened_head(subject), LinesQuestion()
    view = FileView(subject, EVERYTHING, dt.date(2026, 7, 1))
    with CaptureQueriesContext(connection) as once:
        assert at_once.choose_at_once(view, head, lines, book=told.book) is not None
    with CaptureQueriesContext(connection) as narrowed:
        choose(view, head, lines, book=told.book, counted=True)
    assert (len(once), len(narrowed)) == (3, 11)


@pytest.mark.slow
def test_企业摘要数的_回看时数的_时间线列出的_是同一些不合格(told: Ledger) -> None:
    refresh(Call(SYSTEM, told.book, NOON))
    fails = 0
    for card in Card.objects.all():
        view = FileView(card.subject, EVERYTHING, NOON.date())
        counted = view.counts(book=told.book)
        for quality, part in card.standing_of.items():
            one = counted.get(quality, InQuality())
            assert (one.facts, one.fails, one.fails_before) == (part["facts"], part["fails"], part["fails_before"])
            for said, window in ((one.facts, ""), (one.fails, "year"), (one.fails_before, "before")):
                asked = LinesQuestion(TimelineFilters(quality=quality, fails=window))
                listed = timeline(view, asked, book=told.book, counted=True)
                assert listed.total == said, (card.name, quality, window)
            fails += one.fails + one.fails_before
    assert fails > 3
