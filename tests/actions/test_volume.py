"""What is usual of a delivery: by the book, by unit, and learned from what a unit handed in before; days against that
of the delivery.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.book_once import with_chapters
from tests.places import NOON, Ledger, sampling_row
from zhiheng.actions.intake.receive_delivery import TableResult, confirm
from zhiheng.actions.intake.withdraw_delivery import withdraw_delivery
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.record_pages import LearnedVolume, UnitVolume, Volume
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.kernel.actor import SYSTEM

NUMBER = iter(range(10_000, 10_000_000))


def with_volume(book: Book, volume: Volume) -> Book:
    entry: RecordEntry = book[RECORDS]["sampling_check"]
    louder = replace(entry, record=entry.record.model_copy(update={"volume": volume}))
    return with_chapters(book, {RECORDS: {**book[RECORDS], "sampling_check": louder}})


def hand_in(ledger: Ledger, rows: int, **words: Any) -> TableResult:
    return ledger.samples(f"{next(NUMBER)}.csv", [sampling_row(next(NUMBER)) for _ in range(rows)], **words)


def learning(ledger: Ledger, **changed: Any) -> Ledger:
    volume = Volume(at_most=40, learned=LearnedVolume(last=6, times=3, spare=5, least=4), **changed)
    return replace(ledger, book=with_volume(ledger.book, volume))


def test_平时的几十倍要暂存_一条也不接收(ledger: Ledger) -> None:
    place = learning(ledger)
    for _ in range(4):
        assert hand_in(place, 10).state == "accepted"
    held = hand_in(place, 36)
    assert (held.state, held.facts) == ("held", 0)
    assert held.refusal is not None
    assert "按本单位近几次报送推算" in held.refusal.zh
    assert "1 至 35 行" in held.refusal.zh
    assert hand_in(place, 35).state == "accepted"


def test_报得多的单位_学到的比规定的多(ledger: Ledger) -> None:
    place = learning(ledger)
    for _ in range(4):
        assert hand_in(place, 30).state == "accepted"
    assert hand_in(place, 90).state == "accepted"
    assert hand_in(place, 200).state == "held"


def test_没有报过几次_按规则书写的(ledger: Ledger) -> None:
    place = learning(ledger)
    assert hand_in(place, 2).state == "accepted"
    assert hand_in(place, 41).state == "held"


def test_规则书为一个单位另写的_不再推算(ledger: Ledger) -> None:
    place = learning(ledger, units={"test_market": UnitVolume(at_most=12)})
    for _ in range(5):
        assert hand_in(place, 12).state == "accepted"
    assert hand_in(place, 13).state == "held"


def test_确认接收之后_撤回的不算平时(ledger: Ledger) -> None:
    place = learning(ledger)
    for _ in range(4):
        hand_in(place, 2)
    held = hand_in(place, 39)
    (taken,) = confirm(held.deliveries[0], call=Call(SYSTEM, place.book, NOON))
    assert (taken.state, taken.facts) == ("accepted", 39)
    withdraw_delivery(taken.deliveries[0], reason="报错", call=Call(SYSTEM, place.book, NOON))
    assert hand_in(place, 12).state == "held"


@given(st.lists(st.integers(1, 10**6), max_size=12), st.integers(2, 20), st.integers(0, 500))
def test_推算的上限_不低于近几次里四分之三的报送(earlier: list[int], times: int, spare: int) -> None:
    learned = LearnedVolume(last=12, times=times, spare=spare, least=4)
    usual = Volume(at_most=7, learned=learned).usual("any", earlier)
    if len(earlier) < 4:
        assert (usual.at_most, usual.learned) == (7, False)
    else:
        assert usual.learned
        assert 4 * sum(rows > usual.at_most for rows in earlier) <= len(earlier)


def test_晚于报送日的退回_到了那天再报就接收(ledger: Ledger) -> None:
    rows = [sampling_row(1), sampling_row(2, 抽样日期="2026-07-20", 生产日期="2026-07-02")]
    first = ledger.samples("early.csv", rows, day="2026-07-01")
    assert (first.facts, first.refused, dict(first.reasons)) == (1, 1, {"day.ahead": 1})
    same_day = ledger.samples("early.csv", rows, day="2026-07-01")
    assert (same_day.again, same_day.facts, same_day.refused) == (True, 0, 1)
    later = ledger.samples("early.csv", rows, day="2026-07-20")
    assert (later.facts, later.duplicates, later.refused) == (1, 1, 0)


@pytest.mark.parametrize("day", ["2026-07-02", "2026年7月2日", "20260702", "46205", "2062-03-01"])
def test_各种写法的将来都认得出(ledger: Ledger, day: str) -> None:
    told = ledger.samples(f"{next(NUMBER)}.csv", [sampling_row(1, 抽样日期=day)], day="2026-07-01")
    assert dict(told.reasons) == {"day.ahead": 1}


def test_报送当天发生的照收(ledger: Ledger) -> None:
    assert ledger.samples("today.csv", [sampling_row(1, 抽样日期="2026-07-01")], day="2026-07-01").facts == 1
    assert dt.date(2026, 7, 1) == NOON.date()
