"""One enterprise, one file: roles kept apart, departments side by side, what was replaced is marked and stays
readable.
"""

from __future__ import annotations

import datetime as dt

import pytest

from tests.book_once import with_chapters
from tests.places import FINES, NOON, Ledger, credit_code, lift_row, sampling_row, write_csv
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias
from zhiheng.quality_file.whole_file import FileEntry, QualityFile, find_subjects, quality_file

FIRM = "试验甲食品有限公司"
LATE = dt.date(2030, 1, 1)


def subject_of(name: str) -> int:
    """The subject of a name."""
    return int(Alias.objects.filter(name=name).order_by("id")[0].subject_id)


def file_of(ledger: Ledger, name: str = FIRM, *, as_of: dt.date = LATE, known_on: dt.date = LATE) -> QualityFile:
    """The file of an enterprise by a name of it."""
    found = quality_file(subject_of(name), ledger.book, as_of=as_of, known_on=known_on)
    assert found is not None
    return found


def live(file: QualityFile) -> list[FileEntry]:
    """The entries that stand."""
    return [e for e in file.entries if not e.replaced_by and not e.outdated_by]


def test_同一企业的不同角色分开(ledger: Ledger) -> None:
    ledger.samples(
        "a.csv",
        [
            sampling_row(1, 生产企业=FIRM, 被抽样单位="试验百货店"),
            sampling_row(2, 生产企业="试验乙面粉厂", 被抽样单位=FIRM),
            sampling_row(3, 生产企业=FIRM, 被抽样单位=FIRM),
        ],
    )
    roles = {e.body["sample_number"]: e.roles for e in file_of(ledger).entries}
    assert roles == {"S00001": ("producer",), "S00002": ("seller",), "S00003": ("producer", "seller")}
    assert {e.roles for e in file_of(ledger, "试验百货店").entries} == {("seller",)}


def test_几个部门的说法并列_不互相覆盖(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM, 检验结论="合格")], unit="test_market")
    ledger.samples("b.csv", [sampling_row(1, 生产企业=FIRM, 检验结论="不合格")], unit="jia_office")
    ledger.receive(write_csv(ledger.folder / "c.csv", FINES, [[FIRM, "", "2026-06-01", "罚款"]]), unit=None)
    file = file_of(ledger)
    assert {(e.unit, e.outcome) for e in live(file)} == {
        ("test_market", "pass"),
        ("jia_office", "fail"),
        ("test_environment", "fail"),
    }
    assert {q: len(entries) for q, entries in file.by_quality().items()} == {
        "product": 2,
        "project": 0,
        "service": 0,
        "environment": 1,
    }


def test_每条都带着原始行和来处(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM, 生产日期="2026年4月1日")], day="2026-05-04")
    (entry,) = file_of(ledger).entries
    row = dict(zip(entry.headings, entry.delivered, strict=True))
    assert row["生产日期"] == "2026年4月1日"
    assert (entry.delivery, entry.row_number, entry.learned_on) == (1, 2, dt.date(2026, 5, 4))
    assert entry.flags == ("made_before_sampled",)
    assert entry.law == ("试验办法（虚构）第一条",)


def test_按代码和任一报送过的名称都能找到(ledger: Ledger) -> None:
    code = credit_code(1)
    ledger.samples(
        "a.csv",
        [
            sampling_row(1, 生产企业=FIRM, 生产企业代码=code),
            sampling_row(2, 生产企业="试验甲食品厂（旧名）", 生产企业代码=code),
        ],
    )
    subject = subject_of(FIRM)
    for text in (code, code.lower(), FIRM, "甲食品有限", f" {FIRM} "):
        assert {s for s, _, _ in find_subjects(text)} == {subject}, text
    assert find_subjects("查无此家") == []
    file = file_of(ledger)
    assert file.codes == [code]
    assert len(file.entries) == 2
    assert len(file.names) == 2


def test_档案的标题是登记的名称_没有登记时是带代码报得最多的(ledger: Ledger) -> None:
    code = credit_code(1)
    often, coded, rare = "试验海风食品有限责任公司", "试验海风食品有限公司", "试验海风食品厂有限公司"
    rows = [sampling_row(i, 生产企业=often) for i in range(3)]
    rows += [sampling_row(9, 生产企业=rare, 生产企业代码=code)]
    rows += [sampling_row(i, 生产企业=coded, 生产企业代码=code) for i in (5, 6)]
    ledger.samples("a.csv", rows)
    file = quality_file(subject_of(coded), ledger.book, as_of=LATE, known_on=LATE)
    assert file is not None
    assert file.names[0] == coded
    assert set(file.names) == {often, coded, rare}


def test_没有的主体没有档案(ledger: Ledger) -> None:
    assert quality_file(4711, ledger.book, as_of=LATE, known_on=LATE) is None


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Said on 1 May of 5 March, corrected on 1 June, corrected again on 1 July, withdrawn on 1 August."""
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM, 检验结论="不合格")], day="2026-05-01")
    words = {"unit": "test_market"}
    correct(1, {"verdict": "不判定"}, reason="待复检", call=Call(SYSTEM, ledger.book, NOON.replace(month=6)), **words)
    correct(2, {"verdict": "合格"}, reason="复检合格", call=Call(SYSTEM, ledger.book, NOON.replace(month=7)), **words)
    withdraw(3, reason="样品不是这家的", call=Call(SYSTEM, ledger.book, NOON.replace(month=8)), unit="test_market")
    return ledger


@pytest.mark.parametrize(
    ("known_on", "standing", "replaced"),
    [
        ("2026-04-30", [], {}),
        ("2026-05-01", [(1, "fail")], {}),
        ("2026-05-31", [(1, "fail")], {}),
        ("2026-06-01", [(2, "neutral")], {1: 2}),
        ("2026-07-01", [(3, "pass")], {1: 2, 2: 3}),
        ("2026-08-01", [], {1: 2, 2: 3, 3: 4}),
    ],
)
def test_按某日所知_更正和撤回之前之后各是什么样(
    told: Ledger, known_on: str, standing: list[tuple[int, str]], replaced: dict[int, int]
) -> None:
    file = file_of(told, known_on=dt.date.fromisoformat(known_on))
    assert [(e.fact, e.outcome) for e in live(file)] == standing
    assert {e.fact: e.replaced_by for e in file.entries if e.replaced_by} == replaced
    assert [e.fact for e in file.entries if e.withdrawn] == ([3] if known_on == "2026-08-01" else [])


def test_截至某日_之后发生的不在其中(told: Ledger) -> None:
    assert file_of(told, as_of=dt.date(2026, 3, 4)).entries == []
    assert len(file_of(told, as_of=dt.date(2026, 3, 5)).entries) == 3


def test_被取代的原话仍可读(told: Ledger) -> None:
    first = next(e for e in file_of(told).entries if e.fact == 1)
    assert first.body["verdict"] == "unqualified"
    assert "不合格" in first.delivered


def test_电梯停用后_在用的那条标为已有后续(ledger: Ledger) -> None:
    ledger.lifts("一月.csv", [lift_row("L1"), lift_row("L2")], day="2026-01-10")
    ledger.lifts("二月.csv", [lift_row("L1", 使用状态="停用", 登记日期="2026-02-01"), lift_row("L2")], day="2026-02-10")
    file = file_of(ledger, "试验丙物业有限公司")
    assert {(e.body["lift_code"], e.body["status"]) for e in live(file)} == {("L1", "stopped"), ("L2", "in_use")}
    assert {e.fact: e.outdated_by for e in file.entries if e.outdated_by} == {1: 3}
    before = file_of(ledger, "试验丙物业有限公司", known_on=dt.date(2026, 1, 31))
    assert {(e.body["lift_code"], e.body["status"]) for e in live(before)} == {("L1", "in_use"), ("L2", "in_use")}
    withdraw(3, reason="报错", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    assert {e.fact for e in live(file_of(ledger, "试验丙物业有限公司"))} == {1, 2}


def test_较早说法的更正不取代较晚的说法(ledger: Ledger) -> None:
    ledger.lifts("一月.csv", [lift_row("L1")], day="2026-01-10")
    ledger.lifts("二月.csv", [lift_row("L1", 使用状态="停用", 登记日期="2026-02-01")], day="2026-02-10")
    correct(1, {"lift_name": "货梯"}, reason="名称有误", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    file = file_of(ledger, "试验丙物业有限公司")
    assert [(e.fact, e.body["status"]) for e in live(file)] == [(2, "stopped")]
    assert {e.fact: e.outdated_by for e in file.entries if e.outdated_by} == {3: 2}


def test_电梯本身也有档案(ledger: Ledger) -> None:
    ledger.lifts("a.csv", [lift_row("L1"), lift_row("L2")])
    correct(1, {"status": "停用"}, reason="已停用", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    subject = Alias.objects.get(kind="equipment", code="L1").subject_id
    file = quality_file(subject, ledger.book, as_of=LATE, known_on=LATE)
    assert file is not None
    assert [(e.fact, e.roles) for e in live(file)] == [(3, ("about",))]


def test_合并之后两家的事实在一份档案里_事实一字未动(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM), sampling_row(2, 生产企业="试验海风粮油店")])
    before = [e.body for e in file_of(ledger, "试验海风粮油店").entries]
    merge(subject_of(FIRM), [subject_of("试验海风粮油店")], reason="同一家", call=Call(SYSTEM, ledger.book, NOON))
    file = file_of(ledger)
    assert len(file.entries) == 2
    assert set(file.names) == {FIRM, "试验海风粮油店"}
    assert before[0] in [e.body for e in file.entries]


def test_规则书里已没有的记录_档案仍按当时的定义显示(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM)])
    records = {name: entry for name, entry in ledger.book[RECORDS].items() if name != "sampling_check"}
    # A book whose cards speak of a record that it does not have is refused when it is read.
    book = with_chapters(ledger.book, {RECORDS: records, CARDS: {}})
    file = quality_file(subject_of(FIRM), book, as_of=LATE, known_on=LATE)
    assert file is not None
    assert [(e.label["zh"], e.quality, e.law) for e in file.entries] == [
        ("抽样检查", "product", ("试验办法（虚构）第一条",))
    ]
