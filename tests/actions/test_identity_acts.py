"""Merges, splits and decisions are recorded, can be undone, and touch no fact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from django.db import DatabaseError, transaction

from tests.book_once import book_once
from tests.factories import LikelyMatchFactory
from tests.places import NOON, SMALL, Ledger, credit_code, lift_row, sampling_row, snapshot
from zhiheng.actions.identity.link_subjects import SplitPart, decide, merge, split, split_facts, undo
from zhiheng.analytics.lake import Lake, project
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Reach, Scope, operator
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, AuditLine, Fact, FactParty, IdentityAct, LikelyMatch, Subject
from zhiheng.ledger.verify import verify
from zhiheng.quality_file.fact_detail import fact_sheet
from zhiheng.quality_file.whole_file import find_subjects, quality_file

A, B, C = "试验海风食品有限公司", "试验山月粮油店", "试验林泉茶叶合作社"
FACTS = ("definition", "delivery", "fact", "factkey", "factparty", "refusedrow", "aliaskey", "subject")


@pytest.fixture
def three(ledger: Ledger) -> dict[str, int]:
    """Three enterprises that nobody takes for one another: name -> subject."""
    ledger.samples("a.csv", [sampling_row(i, 生产企业=name, 被抽样单位="") for i, name in enumerate((A, B, C))])
    subjects = dict(Alias.objects.values_list("name", "subject_id"))
    assert len(set(subjects.values())) == 3
    return subjects


WHO = {"reason": "同一经营者", "call": Call(operator("officer"), book_once(SMALL), NOON)}


def subject(name: str) -> int:
    """Where a name is linked now."""
    return int(Alias.objects.get(name=name).subject_id)


def why(act: Callable[[], object]) -> str:
    """The code of the refusal; nothing may have changed."""
    before = snapshot()
    with pytest.raises(Refused) as refused:
        act()
    assert snapshot() == before
    told = refused.value.refusals[0]
    assert told.zh.endswith("。")
    assert told.en.endswith(".")
    return told.code


def test_合并_名称改挂_事实一字未动_留有记录(three: dict[str, int]) -> None:
    before = snapshot()
    act = merge(three[A], [three[B], three[C]], **WHO)
    assert {subject(A), subject(B), subject(C)} == {three[A]}
    after = snapshot()
    assert all(before[table] == after[table] for table in FACTS)
    assert (act.verb, act.actor, act.reason, act.day) == ("merge", "cli:officer", "同一经营者", NOON.date())
    assert sorted(m[1:] for m in orjson.loads(act.moves)) == sorted([[three[B], three[A]], [three[C], three[A]]])
    assert AuditLine.objects.get(verb="subjects.merge").about == f"act:{act.id}"
    assert verify().whole


def test_合并可以撤销_各回原处(three: dict[str, int]) -> None:
    act = merge(three[A], [three[B], three[C]], **WHO)
    undone = undo(act.id, **WHO)
    assert (subject(A), subject(B), subject(C)) == (three[A], three[B], three[C])
    assert undone.undoes_id == act.id
    assert IdentityAct.objects.count() == 2
    assert verify().whole


def test_拆分得到新的主体_也可以撤销(three: dict[str, int]) -> None:
    merge(three[A], [three[B]], **WHO)
    alias = Alias.objects.get(name=B).id
    act = split([alias], **WHO)
    assert subject(B) not in three.values()
    assert Subject.objects.filter(id=subject(B), kind="enterprise").exists()
    undo(act.id, **WHO)
    assert subject(B) == three[A]


def test_撤销过的不能再撤销_撤销本身也不能撤销(three: dict[str, int]) -> None:
    act = merge(three[A], [three[B]], **WHO)
    back = undo(act.id, **WHO)
    assert why(lambda: undo(act.id, **WHO)) == "undo.twice"
    assert why(lambda: undo(back.id, **WHO)) == "undo.absent"
    assert why(lambda: undo(4711, **WHO)) == "undo.absent"


def test_之后又动过的_要先撤销后来的(three: dict[str, int]) -> None:
    first = merge(three[A], [three[B]], **WHO)
    second = merge(three[C], [three[A]], **WHO)
    assert why(lambda: undo(first.id, **WHO)) == "undo.moved_on"
    undo(second.id, **WHO)
    undo(first.id, **WHO)
    assert (subject(A), subject(B), subject(C)) == (three[A], three[B], three[C])


def test_不能这样合并或拆分的_说明为什么(three: dict[str, int], ledger: Ledger) -> None:
    ledger.lifts("b.csv", [lift_row("L1")])
    lift = Alias.objects.get(kind="equipment").subject_id
    alias = Alias.objects.get(name=A).id
    other = Alias.objects.get(name=B).id
    assert why(lambda: merge(three[A], [three[A]], **WHO)) == "merge.itself"
    assert why(lambda: merge(three[A], [], **WHO)) == "merge.itself"
    assert why(lambda: merge(three[A], [4711], **WHO)) == "subject.absent"
    assert why(lambda: merge(three[A], [lift], **WHO)) == "merge.kinds"
    assert why(lambda: merge(three[A], [three[B]], **(WHO | {"reason": " "}))) == "reason.needed"
    assert why(lambda: split([alias, other], **WHO)) == "split.aliases"
    assert why(lambda: split([], **WHO)) == "split.aliases"
    assert why(lambda: split([4711], **WHO)) == "split.aliases"
    assert why(lambda: split([alias], **WHO)) == "split.nothing_left"
    merge(three[A], [three[B]], **WHO)
    assert why(lambda: merge(three[C], [three[B]], **WHO)) == "merge.nothing"
    assert why(lambda: split([alias], **(WHO | {"reason": ""}))) == "reason.needed"


def test_合并后新报来的同一写法归入合并后的主体(three: dict[str, int], ledger: Ledger) -> None:
    merge(three[A], [three[B]], **WHO)
    ledger.samples("b.csv", [sampling_row(9, 生产企业=B, 被抽样单位="")])
    assert subject(B) == three[A]
    assert Subject.objects.count() == 3


@pytest.fixture
def likely(ledger: Ledger) -> LikelyMatch:
    """Two names so alike that a person is asked."""
    ledger.samples("a.csv", [sampling_row(1, 生产企业="试验虹桥食品有限公司", 被抽样单位="")])
    ledger.samples("b.csv", [sampling_row(2, 生产企业="试验虹桥食晶有限公司", 被抽样单位="")])
    match = LikelyMatch.objects.first()
    if match is None:
        one, two = Alias.objects.order_by("id")[:2]
        match = LikelyMatchFactory(alias=two, other=one)
    assert match.alias.subject_id != match.other.subject_id
    return match


def test_判为同一_即合并并记下依据(likely: LikelyMatch) -> None:
    done = decide(likely.id, same=True, **WHO)
    stored = LikelyMatch.objects.get(id=likely.id)
    assert (stored.decision, stored.act_id) == ("same", done.act_id)
    assert stored.alias.subject_id == stored.other.subject_id
    assert IdentityAct.objects.get(id=done.act_id).reason == "同一经营者"
    undo(done.act_id, **WHO)
    assert (
        LikelyMatch.objects.get(id=likely.id).alias.subject_id != LikelyMatch.objects.get(id=likely.id).other.subject_id
    )


def test_判为不同_各自保留_理由写入审计(likely: LikelyMatch) -> None:
    decide(likely.id, same=False, **(WHO | {"reason": "法定代表人不同"}))
    stored = LikelyMatch.objects.get(id=likely.id)
    assert (stored.decision, stored.act_id) == ("different", None)
    assert stored.alias.subject_id != stored.other.subject_id
    assert "法定代表人不同" in AuditLine.objects.get(verb="likely.different").detail


def test_判过的不能再判_也要写理由(likely: LikelyMatch) -> None:
    assert why(lambda: decide(likely.id, same=False, **(WHO | {"reason": ""}))) == "reason.needed"
    assert why(lambda: decide(4711, same=True, **WHO)) == "likely.decided"
    decide(likely.id, same=False, **WHO)
    assert why(lambda: decide(likely.id, same=True, **WHO)) == "likely.decided"


def test_同一代码的两种写法不必问人(ledger: Ledger) -> None:
    code = credit_code(5)
    short = "试验海风食品"
    ledger.samples(
        "a.csv",
        [sampling_row(1, 生产企业=A, 生产企业代码=code), sampling_row(2, 生产企业=short, 生产企业代码=code)],
    )
    assert subject(A) == subject(short)
    assert not LikelyMatch.objects.exists()


def test_代码从上一行抄来的_不归并_那一行存疑_请人核对(ledger: Ledger) -> None:
    code = credit_code(5)
    ledger.samples("a.csv", [sampling_row(1, 生产企业=A, 生产企业代码=code)])
    told = ledger.samples("b.csv", [sampling_row(2, 生产企业=B, 生产企业代码=code), sampling_row(4, 生产企业=C)])
    assert subject(A) != subject(B)
    assert told.flags["identity_doubtful"] == 1
    assert [f.flags.split(",") for f in Fact.objects.filter(flags__contains="identity_doubtful")] == [
        ["identity_doubtful"]
    ]
    match = LikelyMatch.objects.get(kind="code.names")
    assert (match.alias.name, match.other.name) == (B, A)
    assert verify().whole
    # What is sent under the same wrong code later is doubted, too; once a person has decided, no more.
    again = ledger.samples("c.csv", [sampling_row(5, 生产企业=B, 生产企业代码=code)])
    assert again.flags["identity_doubtful"] == 1
    decide(match.id, same=False, **WHO)
    assert "identity_doubtful" not in ledger.samples("d.csv", [sampling_row(7, 生产企业=B, 生产企业代码=code)]).flags


def test_一个代码填给了几家_每一行都存疑(ledger: Ledger) -> None:
    code = credit_code(5)
    told = ledger.samples("a.csv", [sampling_row(i, 生产企业=n, 生产企业代码=code) for i, n in enumerate((A, B, C))])
    assert len({subject(A), subject(B), subject(C)}) == 3
    assert told.flags["identity_doubtful"] == 3
    assert set(LikelyMatch.objects.values_list("kind", flat=True)) == {"code.shared"}
    assert verify().whole


def test_两个单位报的普通名称是两份档案_同一单位再报归到原来那份(ledger: Ledger) -> None:
    row = {"生产企业": "试验某某食品有限公司", "被抽样单位": "便民超市"}
    ledger.samples("a.csv", [sampling_row(1, **row)], unit="test_market")
    ledger.samples("b.csv", [sampling_row(2, **row)], unit="test_environment")
    ledger.samples("c.csv", [sampling_row(3, **row)], unit="test_market")
    shops = Alias.objects.filter(name="便民超市").order_by("id")
    assert [shop.part for shop in shops] == ["unit:test_market", "unit:test_environment"]
    assert len({shop.subject_id for shop in shops}) == 2
    facts = {a.id: FactParty.objects.filter(alias_id=a.id).count() for a in shops}
    assert list(facts.values()) == [2, 1]
    assert verify().whole


@pytest.fixture
def shared_name(ledger: Ledger) -> Alias:
    """Two units spoke of somebody under one spelling, and so it is one enterprise: four facts, two of each unit."""
    for unit, start in (("test_market", 1), ("test_environment", 3)):
        rows = [sampling_row(n, 生产企业=A, 被抽样单位="", 检验结论="不合格") for n in (start, start + 1)]
        ledger.samples(f"{unit}.csv", rows, unit=unit)
    alias = Alias.objects.get(name=A)
    assert FactParty.objects.filter(alias_id=alias.id).count() == 4
    return alias


def facts_of(subject: int) -> set[int]:
    """The facts in the file of a subject."""
    aliases = Alias.objects.filter(subject_id=subject).values("id")
    return set(FactParty.objects.filter(alias_id__in=aliases).values_list("fact_id", flat=True))


def test_同一写法下_一个单位报的事实拆给另一主体_以后它报的也归那里(shared_name: Alias, ledger: Ledger) -> None:
    before = snapshot()
    act = split_facts(shared_name.id, SplitPart(unit="test_environment"), **WHO)
    part = Alias.objects.get(part="unit:test_environment")
    assert facts_of(shared_name.subject_id) == {1, 2}
    assert facts_of(part.subject_id) == {3, 4}
    after = snapshot()
    assert all(before[table] == after[table] for table in ("delivery", "fact", "refusedrow"))
    assert verify().whole
    ledger.samples("c.csv", [sampling_row(5, 生产企业=A, 被抽样单位="")], unit="test_environment")
    ledger.samples("d.csv", [sampling_row(6, 生产企业=A, 被抽样单位="")], unit="test_market")
    assert facts_of(part.subject_id) == {3, 4, 5}
    assert facts_of(shared_name.subject_id) == {1, 2, 6}
    assert verify().whole
    undo(act.id, **WHO)
    assert facts_of(shared_name.subject_id) == {1, 2, 3, 4, 5, 6}
    assert verify().whole
    again = split([part.id], **WHO)
    assert facts_of(shared_name.subject_id) == {1, 2, 6}
    assert again.verb == "split"


def test_选定的事实拆给另一主体_以后同一写法的行存疑(shared_name: Alias, ledger: Ledger) -> None:
    act = split_facts(shared_name.id, SplitPart(facts=(2, 3)), **WHO)
    (moved,) = orjson.loads(act.moves)
    assert facts_of(moved[2]) == {2, 3}
    assert facts_of(shared_name.subject_id) == {1, 4}
    assert verify().whole
    told = ledger.samples("c.csv", [sampling_row(5, 生产企业=A, 被抽样单位="")])
    assert told.flags["identity_doubtful"] == 1
    assert facts_of(shared_name.subject_id) == {1, 4, 5}
    undo(act.id, **WHO)
    assert facts_of(shared_name.subject_id) == {1, 2, 3, 4, 5}
    assert "identity_doubtful" not in ledger.samples("d.csv", [sampling_row(6, 生产企业=A, 被抽样单位="")]).flags
    assert verify().whole


def test_拆事实时_不在名称下的_全部的_没写理由的_都说明为什么(shared_name: Alias) -> None:
    assert why(lambda: split_facts(4711, SplitPart(unit="test_market"), **WHO)) == "split.facts"
    assert why(lambda: split_facts(shared_name.id, SplitPart(unit="nobody"), **WHO)) == "split.facts"
    assert why(lambda: split_facts(shared_name.id, SplitPart(facts=(1, 4711)), **WHO)) == "split.facts"
    assert why(lambda: split_facts(shared_name.id, SplitPart(), **WHO)) == "split.facts"
    assert why(lambda: split_facts(shared_name.id, SplitPart(facts=(1, 2, 3, 4)), **WHO)) == "split.all_facts"
    assert why(lambda: split_facts(shared_name.id, SplitPart(facts=(1,)), **(WHO | {"reason": " "}))) == "reason.needed"


def test_没有拆分记录却挪动了事实的_核验点名(shared_name: Alias) -> None:
    split_facts(shared_name.id, SplitPart(facts=(2, 3)), **WHO)
    part = Alias.objects.get(part__startswith="facts:")
    FactParty.objects.filter(alias_id=shared_name.id, fact_id=4).update(alias_id=part.id)
    assert ("parted", 4) in {(f.kind, f.fact) for f in verify().findings}
    with pytest.raises(DatabaseError), transaction.atomic():
        FactParty.objects.filter(fact_id=1).update(alias_id=part.id + 1)


def test_拆出的事实_卡片_数据湖_检索_都跟着走(shared_name: Alias, ledger: Ledger, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake", ledger.book)
    project(lake)
    act = split_facts(shared_name.id, SplitPart(facts=(2,)), **WHO)
    ((_, _, subject),) = orjson.loads(act.moves)
    project(lake)
    with lake.open(lake.manifest()) as connection:
        found = connection.execute(
            "SELECT fact_id, subject_id FROM sampling_check JOIN _aliases ON alias_id = producer ORDER BY fact_id"
        ).fetchall()
    assert found == [
        (1, shared_name.subject_id),
        (2, subject),
        (3, shared_name.subject_id),
        (4, shared_name.subject_id),
    ]
    assert [s for s, _, _ in find_subjects(A)] == [shared_name.subject_id, subject]
    file = quality_file(subject, ledger.book, as_of=NOON.date(), known_on=NOON.date())
    assert file is not None
    assert [entry.fact for entry in file.entries] == [2]
    sheet = fact_sheet(2, book=ledger.book, scope=Scope((Reach(),)))
    assert sheet is not None
    assert [party.subject for party in sheet.parties if party.role == "producer"] == [subject]
