"""However the read models came about, step by step or at once, interrupted or not, they say the same."""

from __future__ import annotations

import contextlib
import signal
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.book_once import with_chapters
from tests.examples import examples
from tests.places import FINES, Installation, Ledger, credit_code, lift_row, sampling_row, write_csv
from tests.projections.pictures import at, picture, refreshed
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.identity.link_subjects import merge, split, undo
from zhiheng.actions.projections import refresh_projections as action
from zhiheng.actions.projections.recount_cards import recount
from zhiheng.engines import cards
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.record_pages import Record
from zhiheng.kernel.actor import SYSTEM, Actor
from zhiheng.kernel.memo import Recent
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, AuditLine, Fact, FactParty, IdentityAct, Subject
from zhiheng.projections import store
from zhiheng.projections.models import Card, CardTally, Refresh, SearchEntry
from zhiheng.quality_file import bulk_statements

pytestmark = pytest.mark.slow

FIRMS = ("试验甲食品有限公司", "试验乙面粉厂", "试验丙物业有限公司", "试验丁电梯维保有限公司", "试验戊（集团）有限公司")
DAYS = ("2026-02-10", "2026-03-05", "2026-06-30")

_firm = st.sampled_from(FIRMS)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("samples"), _firm, _firm, st.sampled_from(DAYS), st.booleans()),
        st.tuples(st.just("lift"), st.integers(1, 3), _firm, st.sampled_from(DAYS), st.booleans()),
        st.tuples(st.just("fine"), _firm, st.sampled_from(DAYS), st.booleans()),
        st.tuples(st.just("correct"), st.integers(0, 30), _firm),
        st.tuples(st.just("withdraw"), st.integers(0, 30)),
        st.tuples(st.just("merge"), st.integers(0, 8), st.integers(0, 8)),
        st.tuples(st.just("split"), st.integers(0, 12)),
        st.tuples(st.just("undo"), st.integers(0, 5)),
        st.tuples(st.just("refresh"), st.sampled_from(("2026-07-01", "2026-08-15", "2027-03-05", "2028-07-02"))),
    ),
    min_size=2,
    max_size=9,
)


class _Story:
    """Carries out steps; one that the ledger refuses leaves it as it was."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.number = 0

    def tell(self, step: tuple[Any, ...]) -> None:
        """One step."""
        verb, *words = step
        with contextlib.suppress(Refused):
            getattr(self, verb)(*words)

    def samples(self, producer: str, seller: str, day: str, passed: bool) -> None:
        """A sample is taken."""
        self.number += 1
        row = sampling_row(
            self.number,
            生产企业=producer,
            被抽样单位=seller,
            抽样日期=day,
            生产日期="2026-01-01",
            检验结论="合格" if passed else "不合格",
            样品名称=f"试验挂面{self.number % 2}",
        )
        self.ledger.samples(f"s{self.number}.csv", [row])

    def lift(self, code: int, user: str, day: str, in_use: bool) -> None:
        """A lift is registered, or registered anew with another user."""
        self.number += 1
        row = lift_row(
            f"L{code}", 使用单位=user, 登记日期=day, 下次检验日期="2027-03-04", 使用状态="在用" if in_use else "停用"
        )
        self.ledger.lifts(f"l{self.number}.csv", [row])

    def fine(self, firm: str, day: str, fined: bool) -> None:
        """A decision of the other department."""
        self.number += 1
        path = write_csv(
            self.ledger.folder / f"f{self.number}.csv", FINES, [[firm, "", day, "罚款" if fined else "不予处罚"]]
        )
        self.ledger.receive(path, unit="test_environment")

    def correct(self, which: int, firm: str) -> None:
        """A fact is said anew, about somebody else or another thing."""
        facts = list(Fact.objects.order_by("id"))
        if facts:
            fact = facts[which % len(facts)]
            changes = {
                "sampling_check": {"producer": firm},
                "lift_register": {"lift_code": f"L{which % 4}"},
                "discharge_fine": {"firm": firm},
            }[fact.record]
            correct(
                fact.id,
                changes,
                reason="录入有误",
                call=Call(SYSTEM, self.ledger.book, at("2026-07-01")),
                unit=fact.unit,
            )

    def withdraw(self, which: int) -> None:
        """A fact is taken back."""
        facts = list(Fact.objects.order_by("id"))
        if facts:
            fact = facts[which % len(facts)]
            withdraw(fact.id, reason="重复", call=Call(SYSTEM, self.ledger.book, at("2026-07-01")), unit=fact.unit)

    def merge(self, into: int, other: int) -> None:
        """Two subjects are one."""
        subjects = list(Subject.objects.filter(kind="enterprise").order_by("id").values_list("id", flat=True))
        if len(subjects) > 1:
            into, other = subjects[into % len(subjects)], subjects[other % len(subjects)]
            merge(into, [other], reason="同一家", call=Call(SYSTEM, self.ledger.book, at("2026-07-01")))

    def split(self, which: int) -> None:
        """A name is somebody else."""
        aliases = list(Alias.objects.filter(kind="enterprise").order_by("id").values_list("id", flat=True))
        if aliases:
            split([aliases[which % len(aliases)]], reason="不同", call=Call(SYSTEM, self.ledger.book, at("2026-07-01")))

    def undo(self, which: int) -> None:
        """A merge or split is taken back."""
        acts = list(IdentityAct.objects.order_by("id").values_list("id", flat=True))
        if acts:
            undo(acts[which % len(acts)], reason="弄错", call=Call(SYSTEM, self.ledger.book, at("2026-07-01")))

    def refresh(self, day: str) -> None:
        """The read models follow, on a day that may lie before an earlier one (a clock that was set right)."""
        refreshed(self.ledger, day)


@settings(
    max_examples=examples(25),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_steps, last=st.sampled_from(("2026-07-01", "2027-03-05", "2028-07-02")))
@pytest.mark.slow
def test_步步更新与全部重建所得相同(ledger: Ledger, steps: list[tuple[Any, ...]], last: str) -> None:
    from django.db import transaction

    # Of every enterprise it is kept counted what was said, however little that is.
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(cards, "FEW_LINES", 0)
        story = _Story(ledger)
        for step in [("samples", FIRMS[0], FIRMS[1], DAYS[0], False), ("refresh", "2026-07-01"), *steps]:
            story.tell(step)
        refreshed(ledger, last)
        step_by_step = picture()
        recounted = recount(ledger.book, today=at(last).date(), deep=True)
        assert (recounted.findings, recounted.waiting) == ([], 0), "counted again from the ledger it is the same"
        refreshed(ledger, last, whole=True)
        assert step_by_step == picture()
        transaction.set_rollback(True)


def _filled(ledger: Ledger, firms: int = 40) -> None:
    rows = [
        sampling_row(n, 生产企业=f"试验第{n}号食品有限公司", 生产企业代码=credit_code(n)) for n in range(1, firms + 1)
    ]
    ledger.samples("many.csv", rows)


def test_没有新事实时什么也不重做(ledger: Ledger) -> None:
    _filled(ledger)
    assert refreshed(ledger).cards == 41
    again = refreshed(ledger)
    assert (again.cards, again.whole) == (0, False)


def test_名片和检索被人全部删掉_更新一次就都回来(ledger: Ledger) -> None:
    _filled(ledger)
    refreshed(ledger)
    before = picture()
    assert Card.objects.count() > 0
    Card.objects.all().delete()
    assert refreshed(ledger).whole
    assert picture() == before
    assert not refreshed(ledger).whole, "and not again and again"


def test_计过数的企业_只读新来的事实(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "FEW_LINES", 0)
    _filled(ledger)
    refreshed(ledger)
    assert CardTally.objects.count() == Card.objects.count()
    asked = []
    told_of = bulk_statements.told_of

    def told(subjects: Any, **words: Any) -> Any:
        found = told_of(subjects, **words)
        asked.append((words["after"], sum(map(len, found.lines.values()))))
        return found

    monkeypatch.setattr(bulk_statements, "told_of", told)
    ledger.samples("new.csv", [sampling_row(499, 生产企业=FIRMS[1], 被抽样单位="试验百货店")])
    refreshed(ledger)
    asked.clear()
    before = Refresh.objects.get(part="cards").fact
    ledger.samples("more.csv", [sampling_row(500, 生产企业=FIRMS[1], 被抽样单位="试验百货店")])
    ledger.samples("most.csv", [sampling_row(501, 生产企业=FIRMS[1], 被抽样单位="试验百货店")])
    monkeypatch.setattr(action, "BLOCK_FACTS", 1_000)
    refreshed(ledger)
    # The two new facts name two enterprises, and nothing that was said before is read again.
    assert [each for each in asked if each[1]] == [(before, 4)]
    step_by_step = picture()
    refreshed(ledger, whole=True)
    assert step_by_step == picture()


def test_一次报送只重做与之有关的企业(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(ledger)
    refreshed(ledger)
    ledger.samples("one.csv", [sampling_row(500, 生产企业=FIRMS[1], 被抽样单位="试验百货店")])
    # A delivery that is large beside the ledger has everything made anew; this one is small beside a ledger of any
    # size.
    monkeypatch.setattr(action, "BLOCK_FACTS", 1_000)
    done = refreshed(ledger)
    assert (done.cards, done.whole) == (2, False)
    assert Card.objects.get(name=FIRMS[1]).facts == 1


def test_电梯换了使用单位_原使用单位的名片也变(ledger: Ledger) -> None:
    ledger.lifts("a.csv", [lift_row("L1", 使用单位=FIRMS[2], 登记日期="2025-01-02")])
    refreshed(ledger)
    old = Card.objects.get(name=FIRMS[2])
    assert (old.expiry_what, str(old.next_expiry)) == ("L1", "2026-12-31")
    ledger.lifts("b.csv", [lift_row("L1", 使用单位=FIRMS[4], 登记日期="2026-05-01")])
    refreshed(ledger)
    old.refresh_from_db()
    assert old.next_expiry is None
    assert Card.objects.get(name=FIRMS[4]).expiry_what == "L1"


def test_到了日子名片自己变_不需要新的报送(ledger: Ledger) -> None:
    ledger.lifts("a.csv", [lift_row("L1", 使用单位=FIRMS[2])])
    refreshed(ledger, "2026-12-31")
    card = Card.objects.get(name=FIRMS[2])
    assert (str(card.next_expiry), card.expired, str(card.changes_on)) == ("2026-12-31", 0, "2027-01-01")
    assert refreshed(ledger, "2027-01-01").cards == 1
    card.refresh_from_db()
    assert (card.next_expiry, card.expired) == (None, 1)


def test_被打断后接着做_结果与未被打断相同(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(ledger)
    monkeypatch.setattr(action, "READ_SUBJECTS", 10)
    write, calls = store.write_cards, []

    def dies(*args: Any, **words: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        write(*args, **words)

    monkeypatch.setattr(store, "write_cards", dies)
    with pytest.raises(KeyboardInterrupt):
        refreshed(ledger)
    state = Refresh.objects.get(part="cards")
    assert state.next_subject == 21
    assert Card.objects.count() == 20
    done = refreshed(ledger)
    # The first twenty are not made a second time.
    assert (done.whole, done.cards) == (True, 21)
    whole = picture()
    refreshed(ledger, whole=True)
    assert picture() == whole


def test_更新中途被杀_再运行即完成(installation: Installation) -> None:
    installation = installation.warmed()
    rows = [sampling_row(n, 生产企业=f"试验第{n}号食品有限公司") for n in range(1, 51)]
    from tests.places import SAMPLING

    path = write_csv(installation.folder / "many.csv", SAMPLING, rows)
    assert installation.run("receive", str(path), "--from", "test_market").returncode == 0
    slow = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'zhiheng.site.settings'; django.setup(); import "
        "time; import zhiheng.actions.projections.refresh_projections as a; import zhiheng.projections.store as s; "
        "a.READ_SUBJECTS = 5; w = s.write_cards\ndef slow(*p, **k):\n    w(*p, **k); print('written', flush=True); "
        "time.sleep(0.3)\ns.write_cards = slow\nfrom zhiheng.cli.main import main; import sys; sys.argv = ['zhiheng', "
        "'refresh', '--cards-only']; main()"
    )
    running = installation.start("-c", slow)
    assert running.stdout is not None
    for _ in range(3):
        assert running.stdout.readline().strip() == "written"
    running.send_signal(signal.SIGKILL)
    running.wait()
    done = installation.run("refresh", "--cards-only", "--json")
    assert done.returncode == 0, done.stderr
    # Fifty producers and the shop; what was written before the kill is not written again.
    assert '"whole": true' in done.stdout
    count = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'zhiheng.site.settings'; django.setup(); from "
        "zhiheng.projections.models import Card, Refresh; print(Card.objects.count(), "
        "Refresh.objects.get(part='cards').next_subject)"
    )
    assert installation.run("-c", count).stdout.split() == ["51", "None"]


def test_定义改变后全部重做(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(ledger, 3)
    refreshed(ledger)
    page = ledger.book[CARDS]["enterprise"]
    other = page.model_copy(update={"judged": {"sampling_check": ("seller",)}})
    assert Card.objects.get(name="试验第3号食品有限公司").fails == 1
    ledger.book = with_chapters(ledger.book, {CARDS: {"enterprise": other}})
    assert refreshed(ledger).whole
    assert Card.objects.get(name="试验第3号食品有限公司").fails == 0
    assert Card.objects.get(name="试验百货店").fails == 1


@pytest.mark.parametrize("few", [0, cards.FEW_LINES])
def test_从某天起归了别人的_到那天就不再算在原来那家_之后来新事实也不算回来(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(cards, "FEW_LINES", few)
    monkeypatch.setattr(Record, "ahead_of", lambda _record, _field: "asked")
    for user, day in ((FIRMS[0], "2026-02-10"), (FIRMS[2], "2026-08-01")):
        row = lift_row("L1", 使用单位=user, 登记日期=day, 下次检验日期="2027-03-04")
        ledger.lifts(f"{day}.csv", [row], day="2026-06-01")
    refreshed(ledger, "2026-07-01")
    assert Card.objects.get(name=FIRMS[0]).expiry_what == "L1"
    refreshed(ledger, "2026-08-01")
    assert [Card.objects.get(name=name).expiry_what for name in (FIRMS[0], FIRMS[2])] == ["", "L1"]
    ledger.samples("c.csv", [sampling_row(1, 生产企业=FIRMS[0])], day="2026-08-02")
    refreshed(ledger, "2026-08-02")
    step_by_step = picture()
    refreshed(ledger, "2026-08-02", whole=True)
    assert picture() == step_by_step


def test_算法改变后全部重做_计过的数不再作数(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(ledger, 3)
    refreshed(ledger)
    assert not refreshed(ledger).whole
    # Another version is another process, which remembers no plan.
    monkeypatch.setattr(cards, "VERSION", cards.VERSION + 1)
    monkeypatch.setattr(cards, "_PLANS", Recent(8))
    assert refreshed(ledger).whole
    assert not refreshed(ledger).whole


def test_被合并的主体不再有名片_撤销后又有(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRMS[0]), sampling_row(2, 生产企业=FIRMS[1])])
    refreshed(ledger)
    into, other = Card.objects.get(name=FIRMS[0]).subject, Card.objects.get(name=FIRMS[1]).subject
    act = merge(into, [other], reason="同一家", call=Call(SYSTEM, ledger.book, at("2026-07-01")))
    assert refreshed(ledger).cards == 2
    assert not Card.objects.filter(subject=other).exists()
    assert not SearchEntry.objects.filter(subject=other).exists()
    kept = Card.objects.get(subject=into)
    assert (kept.facts, kept.names) == (2, 1)
    undo(act.id, reason="弄错", call=Call(SYSTEM, ledger.book, at("2026-07-01")))
    refreshed(ledger)
    assert Card.objects.get(subject=other).facts == 1


def test_写得慢时每次少写_不久占写锁(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    pace, sizes = action._Pace(), []
    for piece in pace.pieces([(None, n) for n in range(3_000)]):
        sizes.append(len(piece))
        clock[0] += len(piece) * 0.01
    assert sum(sizes) == 3_000
    # A hundredth of a second a card: about twenty fit into the time that a transaction may take.
    assert max(sizes[3:]) * 0.01 <= 2 * action.SECONDS


def test_每次更新留一行审计_外人不得更新(ledger: Ledger) -> None:
    refreshed(ledger)
    assert AuditLine.objects.filter(verb="projections.refresh", actor="system").count() == 1
    with pytest.raises(Refused):
        action.refresh(Call(Actor("public", "public"), ledger.book, at("2026-07-01")))
    assert AuditLine.objects.filter(verb="projections.refresh").count() == 1


def test_只有查得到事实的企业才有名片(ledger: Ledger) -> None:
    ledger.lifts("a.csv", [lift_row("L1")])
    refreshed(ledger)
    assert Subject.objects.filter(kind="equipment").count() == 1
    assert set(Card.objects.values_list("name", flat=True)) == {"试验丙物业有限公司", "试验丁电梯维保有限公司"}
    assert FactParty.objects.count() == 3
