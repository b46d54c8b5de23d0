"""Cards and their running counts are counted again from the ledger: what somebody changed in them is named, and made
anew by a refresh.
"""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from tests.places import Ledger, sampling_row
from tests.projections.pictures import at, refreshed
from tests.projections.test_refresh import FIRMS, _filled
from zhiheng.actions.facts.verify_ledger import verify_ledger
from zhiheng.actions.projections import recount_cards
from zhiheng.actions.projections.recount_cards import Recounted, recount
from zhiheng.engines import cards
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.projections.models import Card, CardTally, SearchEntry

pytestmark = pytest.mark.slow

DAY = at("2026-07-01").date()


@pytest.fixture
def filled(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Forty makers and a shop, each with its running count."""
    monkeypatch.setattr(cards, "FEW_LINES", 0)
    _filled(ledger)
    refreshed(ledger)
    assert CardTally.objects.count() == Card.objects.count() == 41
    return ledger


def again(ledger: Ledger) -> Recounted:
    return recount(ledger.book, today=DAY, deep=True)


def _more_facts() -> None:
    tally = CardTally.objects.order_by("subject")[2]
    told = orjson.loads(tally.told)
    told["facts"] += 7
    tally.told = orjson.dumps(told).decode()
    tally.save()


def _fewer_fails() -> None:
    Card.objects.filter(subject=Card.objects.order_by("subject")[2].subject).update(facts=99)


def _card_gone() -> None:
    Card.objects.filter(subject=Card.objects.order_by("subject")[2].subject).delete()


def _name_gone() -> None:
    SearchEntry.objects.filter(subject=Card.objects.order_by("subject")[2].subject, kind="name").delete()


@pytest.mark.parametrize(
    ("change", "kind", "column"),
    [
        (_more_facts, "tally", "事实"),
        (_fewer_fails, "card", "事实"),
        (_card_gone, "card", ""),
        (_name_gone, "search", ""),
    ],
)
def test_被改过的累计数_摘要_检索都点名_写明怎么办_重做以后不再有(
    filled: Ledger, change: Callable[[], None], kind: str, column: str
) -> None:
    assert (again(filled).subjects, again(filled).findings) == (41, [])
    subject = Card.objects.order_by("subject")[2].subject
    change()
    (finding,) = again(filled).findings
    assert finding.kind == kind
    assert f"主体 {subject}“" in finding.zh
    assert column in finding.zh
    assert "zhiheng refresh --whole" in finding.zh
    assert "zhiheng refresh --whole" in finding.en
    report = verify_ledger(call=Call(SYSTEM, filled.book, at("2026-07-01")), deep=True)
    assert (report.whole, report.cards, [each.kind for each in report.findings]) == (False, 41, [kind])
    refreshed(filled, whole=True)
    assert again(filled).findings == []


def test_刚报来还没有更新的_不算不符(filled: Ledger) -> None:
    filled.samples("new.csv", [sampling_row(499, 生产企业=FIRMS[1], 被抽样单位="试验百货店")])
    found = again(filled)
    assert found.findings == []
    assert found.waiting == 2, "the new maker and the shop"
    refreshed(filled)
    assert (again(filled).findings, again(filled).waiting) == ([], 0)


def test_不深查时只查一部分_每天换一批_几天之内全部查到(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recount_cards, "BLOCK", 2)
    monkeypatch.setattr(recount_cards, "SOME_BLOCKS", 4)
    _more_facts()
    days = [at(f"2026-07-{day:02}").date() for day in range(1, 7)]
    each = [recount(filled.book, today=day) for day in days]
    assert {found.subjects for found in each} <= set(range(6, 9)), "at most four blocks of two"
    assert any(found.findings for found in each)


def test_规则书改过_等全部重做_不按旧规则核对(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recount_cards.store, "edition_of", lambda plan: "another")
    assert again(filled).subjects == 0
