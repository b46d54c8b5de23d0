"""A file read in pieces says what the whole file says, in a fixed number of statements, within what somebody may
see.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.book_once import with_chapters
from tests.places import FINES, Ledger, credit_code, lift_row, sampling_row, write_csv
from tests.plain_file import plain_file
from tests.projections.pictures import at
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cards import CARDS, FromField
from zhiheng.grammar.chapters.record_pages import FieldDefinition
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import EVERYTHING, NOTHING, SYSTEM, Reach, Scope
from zhiheng.kernel.masking import MASK
from zhiheng.kernel.merkle import NODE
from zhiheng.ledger.models import Alias, Fact
from zhiheng.quality_file.conflicts import conflicts
from zhiheng.quality_file.fact_detail import fact_sheet, proof_of
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_head import file_head
from zhiheng.quality_file.file_pages import current, timeline
from zhiheng.quality_file.file_view import FileView, LinesQuestion, TimelineFilters

pytestmark = pytest.mark.slow

FIRM = "试验甲食品有限公司"
DAY = dt.date(2026, 7, 1)


def subject_of(name: str) -> int:
    """The subject of a name."""
    return int(Alias.objects.filter(name=name).order_by("id")[0].subject_id)


def lines_of(ledger: Ledger, name: str = FIRM, **words: Any) -> list[FileLine]:
    """All lines of a timeline, page after page."""
    filters = words.pop("filters", TimelineFilters())
    view = FileView(**{"subject": subject_of(name), "scope": EVERYTHING, "as_of": DAY, **words})
    found: list[FileLine] = []
    after = ""
    while True:
        page = timeline(view, LinesQuestion(filters, after, 3), book=ledger.book)
        found += page.rows
        if not (after := page.next):
            return found


def _many(ledger: Ledger, rows: int = 8) -> None:
    ledger.samples(
        "a.csv",
        [
            sampling_row(
                n,
                生产企业=FIRM,
                被抽样单位=FIRM if n % 2 else "试验百货店",
                抽样日期=f"2026-03-{(n * 7) % 28 + 1:02d}",
                抽样地区="乙街道" if n % 4 else "甲街道",
            )
            for n in range(1, rows + 1)
        ],
        day="2026-06-01",
    )
    ledger.receive(
        write_csv(ledger.folder / "d.csv", FINES, [[FIRM, "", "2026-03-08", "罚款"]]), unit="test_environment"
    )
    ledger.lifts("l.csv", [lift_row("L1", 使用单位=FIRM), lift_row("L2", 使用单位=FIRM, 下次检验日期="2026-05-01")])
    ledger.lifts("m.csv", [lift_row("L1", 使用单位=FIRM, 登记日期="2026-02-01", 使用状态="停用")], day="2026-06-20")


@pytest.mark.parametrize(
    ("as_of", "known_on"),
    [(DAY, None), (dt.date(2026, 3, 15), None), (DAY, dt.date(2026, 6, 10)), (DAY, dt.date(2026, 7, 1))],
)
def test_一页页读到的时间线与整份档案相同(ledger: Ledger, as_of: dt.date, known_on: dt.date | None) -> None:
    _many(ledger)
    bad, gone = list(Fact.objects.filter(record="sampling_check").order_by("id").values_list("id", flat=True)[:2])
    words: dict[str, Any] = {
        "reason": "录入有误",
        "unit": "test_market",
        "call": Call(SYSTEM, ledger.book, at("2026-06-15")),
    }
    correct(bad, {"verdict": "不判定"}, **words)
    withdraw(gone, **words)
    whole = plain_file(subject_of(FIRM), ledger.book, as_of=as_of, known_on=known_on or dt.date(2030, 1, 1))
    pieces = lines_of(ledger, as_of=as_of, known_on=known_on)
    told = (
        "fact",
        "record",
        "roles",
        "occurred_on",
        "valid_until",
        "outcome",
        "unit",
        "learned_on",
        "row_number",
        "kind",
        "replaced_by",
        "withdrawn",
        "outdated_by",
        "quality",
        "flags",
    )
    assert [tuple(getattr(line, name) for name in told) for line in pieces] == [
        tuple(getattr(entry, name) for name in told) for entry in whole
    ]
    assert len(pieces) > 2


def test_按质量_角色_结果_部门_记录_日期筛选(ledger: Ledger) -> None:
    _many(ledger)
    everything = lines_of(ledger)

    def only(**filters: Any) -> list[int]:
        return [line.fact for line in lines_of(ledger, filters=TimelineFilters(**filters))]

    assert only(quality="environment") == [line.fact for line in everything if line.quality == "environment"] != []
    assert only(quality="service") == []
    assert only(role="seller") == [line.fact for line in everything if "seller" in line.roles] != []
    assert only(outcome="fail") == [line.fact for line in everything if line.outcome == "fail"] != []
    assert only(unit="test_environment", record="discharge_fine") == [
        line.fact for line in everything if line.unit == "test_environment"
    ]
    assert only(first=dt.date(2026, 3, 8), last=dt.date(2026, 3, 8)) == [
        line.fact for line in everything if str(line.occurred_on) == "2026-03-08"
    ]


def test_看不到的事实不出现_看得到名片所在区的看得到整份档案(ledger: Ledger) -> None:
    _many(ledger)
    everything = lines_of(ledger)
    own = Scope((Reach(units=frozenset({"test_environment"})),))
    assert {line.unit for line in lines_of(ledger, scope=own)} == {"test_environment"}
    jia = Scope((Reach(areas=frozenset({"990901001"})),))
    inside = lines_of(ledger, scope=jia)
    assert 0 < len(inside) < len(everything)
    assert lines_of(ledger, scope=jia, card_area="990901001") == everything
    assert lines_of(ledger, scope=NOTHING) == []
    assert lines_of(ledger, scope=Scope((Reach(subjects=frozenset({subject_of(FIRM)})),))) == everything
    other = subject_of("试验百货店")
    # Somebody whose own enterprise also stands in a fact sees that fact, and no other of this file.
    shared = lines_of(ledger, scope=Scope((Reach(subjects=frozenset({other})),)))
    assert {line.fact for line in shared} == {line.fact for line in lines_of(ledger, "试验百货店")} != set()
    records = Scope((Reach(records=frozenset({"lift_register"})),))
    assert {line.record for line in lines_of(ledger, scope=records)} == {"lift_register"}


def test_读不懂的翻页记号从头开始(ledger: Ledger) -> None:
    _many(ledger)
    first = timeline(FileView(subject_of(FIRM), EVERYTHING, DAY), book=ledger.book)
    for after in ("x", "2026-13-01~5", "2026-03-05", "~", "2026-03-05~x", "2026-03-05.1"):
        assert (
            timeline(FileView(subject_of(FIRM), EVERYTHING, DAY), LinesQuestion(after=after), book=ledger.book) == first
        )


def test_现状只列仍有效的_到期的另列_被取代的不列(ledger: Ledger) -> None:
    _many(ledger)
    (group,) = current(FileView(subject_of(FIRM), EVERYTHING, DAY), book=ledger.book)
    assert (group.id, group.total) == ("equipment", 1)
    assert [(line.outcome, line.gist[0].zh) for line in group.lines] == [("neutral", "L1")]
    assert [line.gist[0].zh for line in group.ended] == ["L2"]
    (before,) = current(FileView(subject_of(FIRM), EVERYTHING, DAY, dt.date(2026, 7, 1)), book=ledger.book)
    assert before == group
    (empty,) = current(FileView(subject_of("试验百货店"), EVERYTHING, DAY), book=ledger.book)
    assert (empty.total, empty.lines, empty.ended) == (0, (), ())
    # The maintainer of the lift has no lift in use of its own.
    (maintainer,) = current(FileView(subject_of("试验丁电梯维保有限公司"), EVERYTHING, DAY), book=ledger.book)
    assert maintainer.total == 0


def test_每组至多列若干_总数如实(ledger: Ledger) -> None:
    ledger.lifts("l.csv", [lift_row(f"L{n}", 使用单位=FIRM) for n in range(9)])
    (group,) = current(FileView(subject_of(FIRM), EVERYTHING, DAY), book=ledger.book, limit=4)
    assert (len(group.lines), group.total) == (4, 9)


def test_两个部门对同一台电梯说法不同_并列显示(ledger: Ledger) -> None:
    ledger.lifts("a.csv", [lift_row("L1", 使用单位=FIRM)])
    ledger.lifts("b.csv", [lift_row("L1", 使用单位=FIRM, 使用状态="停用")], unit="jia_office")
    ledger.lifts("c.csv", [lift_row("L2", 使用单位=FIRM)], unit="jia_office")
    (conflict,) = conflicts(FileView(subject_of(FIRM), EVERYTHING, DAY), book=ledger.book)
    assert (conflict.label.zh, conflict.thing) == ("使用状态", "L1")
    assert {(said.unit, said.zh) for said in conflict.said} == {("test_market", "在用"), ("jia_office", "停用")}
    # Who sees only one side sees no conflict.
    own = Scope((Reach(units=frozenset({"jia_office"})),))
    assert conflicts(FileView(subject_of(FIRM), own, DAY), book=ledger.book) == ()
    ledger.lifts("d.csv", [lift_row("L1", 使用单位=FIRM, 登记日期="2026-01-03", 使用状态="停用")])
    assert [c.label.zh for c in conflicts(FileView(subject_of(FIRM), EVERYTHING, DAY), book=ledger.book)] == [
        "登记日期"
    ]


def test_同一字段几个记录说法不同_并列显示(ledger: Ledger) -> None:
    page = ledger.book[CARDS]["enterprise"]
    fields = {
        **page.fields,
        "name": (
            FromField.model_validate("sampling_check.producer.name"),
            FromField.model_validate("lift_register.user_unit.name"),
        ),
    }
    ledger.book = with_chapters(ledger.book, {CARDS: {"enterprise": page.model_copy(update={"fields": fields})}})
    code = credit_code(1)
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM, 生产企业代码=code)])
    ledger.lifts("b.csv", [lift_row("L1", 使用单位="试验甲食品股份有限公司", 使用单位代码=code)])
    (conflict,) = conflicts(FileView(subject_of(FIRM), EVERYTHING, DAY), book=ledger.book)
    assert {(said.record, said.zh) for said in conflict.said} == {
        ("sampling_check", FIRM),
        ("lift_register", "试验甲食品股份有限公司"),
    }
    # The same name with other brackets is no conflict.
    ledger.lifts("c.csv", [lift_row("L1", 使用单位="试验甲食品有限公司 ", 使用单位代码=code, 登记日期="2026-01-05")])
    assert conflicts(FileView(subject_of(FIRM), EVERYTHING, DAY), book=ledger.book) == ()


def test_档案开头_名称代码地址各一次(ledger: Ledger) -> None:
    code = credit_code(1)
    ledger.samples(
        "a.csv",
        [
            sampling_row(1, 生产企业=FIRM, 生产企业代码=code),
            sampling_row(2, 生产企业="试验甲新名有限公司", 生产企业代码=code),
        ],
    )
    head = file_head(subject_of(FIRM))
    assert head is not None
    assert (head.names, head.codes, len(head.spellings)) == ((FIRM, "试验甲新名有限公司"), (code,), 2)
    assert file_head(999_999) is None


def test_语句数固定_与档案长短无关(ledger: Ledger) -> None:
    def count() -> dict[str, int]:
        subject = subject_of(FIRM)
        found = {}
        view = FileView(subject, EVERYTHING, DAY)
        for name, read in {
            "head": lambda: file_head(subject),
            "timeline": lambda: timeline(view, book=ledger.book),
            "current": lambda: current(view, book=ledger.book),
            "conflicts": lambda: conflicts(view, book=ledger.book),
            "sheet": lambda: fact_sheet(Fact.objects.order_by("-id")[0].id, book=ledger.book, scope=EVERYTHING),
        }.items():
            with CaptureQueriesContext(connection) as queries:
                read()
            found[name] = len(queries)
        return found

    _many(ledger)
    short = count()
    rows = [lift_row(f"M{n}", 使用单位=FIRM) for n in range(600)]
    ledger.lifts("many.csv", rows, confirmed=True)
    assert count() == short
    assert short["head"] + short["timeline"] + short["current"] + short["conflicts"] <= 12
    assert short == {"head": 1, "timeline": 5, "current": 3, "conflicts": 3, "sheet": 7}


# -- one fact ----------------------------------------------------------------------------------------------------------


def _secretive(book: Book) -> Book:
    """The small book with the remark of a sample kept secret."""
    entry = book[RECORDS]["sampling_check"]
    fields = {
        **entry.record.fields,
        "remark": FieldDefinition.model_validate({**entry.record.fields["remark"].model_dump(), "secret": True}),
    }
    record = entry.record.model_copy(update={"fields": fields})
    return with_chapters(
        book, {RECORDS: {**book[RECORDS], "sampling_check": dataclasses.replace(entry, record=record)}}
    )


def test_事实单_原始单元格与读出的值并列_涉密的遮盖(ledger: Ledger) -> None:
    ledger.book = _secretive(ledger.book)
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM, 备注="举报人张三")])
    fact = Fact.objects.get()
    sheet = fact_sheet(fact.id, book=ledger.book, scope=EVERYTHING)
    assert sheet is not None
    cells = {cell.heading: cell for cell in sheet.cells}
    assert (cells["检验结论"].text, cells["检验结论"].fields) == ("合格", ("verdict",))
    assert (cells["备注"].text, cells["备注"].masked) == (MASK, True)
    told = {shown.name: shown for shown in sheet.fields}
    assert (told["verdict"].zh, told["remark"].zh, told["remark"].masked) == ("合格", MASK, True)
    assert "张三" not in repr(sheet)
    assert sheet.has_secrets
    assert sheet.masked
    assert {(p.role, p.name, p.subject) for p in sheet.parties} == {
        ("producer", FIRM, subject_of(FIRM)),
        ("seller", "试验百货店", subject_of("试验百货店")),
    }
    assert (sheet.file_name, sheet.row_number, sheet.unit, str(sheet.learned_on)) == (
        "a.csv",
        2,
        "test_market",
        "2026-07-01",
    )
    assert sheet.law[0].article == "第一条"
    open_ = fact_sheet(fact.id, book=ledger.book, scope=EVERYTHING, unmasked=True)
    assert open_ is not None
    assert {s.name: s.zh for s in open_.fields}["remark"] == "举报人张三"
    assert {c.heading: c.text for c in open_.cells}["备注"] == "举报人张三"
    assert not open_.masked
    # A timeline shows nothing of it either.
    assert "张三" not in repr(lines_of(ledger))


def test_涉密字段的更正也遮盖(ledger: Ledger) -> None:
    ledger.book = _secretive(ledger.book)
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM, 备注="举报人张三")])
    first = Fact.objects.get()
    words: dict[str, Any] = {
        "reason": "写错",
        "call": Call(SYSTEM, ledger.book, at("2026-07-02")),
        "unit": "test_market",
    }
    second = correct(first.id, {"remark": "举报人李四"}, **words)
    for number in (first.id, second):
        sheet = fact_sheet(number, book=ledger.book, scope=EVERYTHING)
        assert sheet is not None
        assert "李四" not in repr(sheet)
        assert "张三" not in repr(sheet)
        assert [(act.fact, act.kind, act.reason) for act in sheet.chain] == [
            (first.id, "statement", ""),
            (second, "correction", "写错"),
        ]
    assert "李四" in repr(fact_sheet(second, book=ledger.book, scope=EVERYTHING, unmasked=True))


def test_更正链两头都看得到_撤回也在其中(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1, 生产企业=FIRM)])
    first = Fact.objects.get().id
    words: dict[str, Any] = {
        "reason": "写错",
        "call": Call(SYSTEM, ledger.book, at("2026-07-02")),
        "unit": "test_market",
    }
    second = correct(first, {"verdict": "不合格"}, **words)
    third = withdraw(second, **words)
    for number in (first, second, third):
        sheet = fact_sheet(number, book=ledger.book, scope=EVERYTHING)
        assert sheet is not None
        assert [act.fact for act in sheet.chain] == [first, second, third]
        assert sheet.withdrawn
    sheet = fact_sheet(first, book=ledger.book, scope=EVERYTHING)
    assert sheet is not None
    assert sheet.replaced_by is not None
    assert (sheet.replaced_by.fact, sheet.replaced_by.changes) == (second, {"verdict": "不合格"})


def test_同一物的前后说法(ledger: Ledger) -> None:
    for month in (1, 2, 3):
        ledger.lifts(
            f"{month}.csv", [lift_row("L1", 登记日期=f"2026-0{month}-01", 使用状态="停用" if month == 2 else "在用")]
        )
    ids = list(Fact.objects.order_by("id").values_list("id", flat=True))
    sheet = fact_sheet(ids[1], book=ledger.book, scope=EVERYTHING)
    assert sheet is not None
    assert (sheet.earlier, sheet.later) == ((ids[0],), (ids[2],))


def test_事实单只给看得到的人(ledger: Ledger) -> None:
    _many(ledger)
    fact = Fact.objects.filter(record="discharge_fine").get()
    other = Scope((Reach(areas=frozenset({"990901001"})),))
    assert fact_sheet(fact.id, book=ledger.book, scope=other) is None
    assert fact_sheet(fact.id, book=ledger.book, scope=NOTHING) is None
    assert fact_sheet(0, book=ledger.book, scope=EVERYTHING) is None
    # Opened through the file of an enterprise whose card lies there it is seen; through a file that it is no part of it
    # is not.
    assert fact_sheet(fact.id, book=ledger.book, scope=other, card_areas={subject_of(FIRM): "990901001"}) is not None
    assert (
        fact_sheet(fact.id, book=ledger.book, scope=other, card_areas={subject_of("试验百货店"): "990901001"}) is None
    )
    own = Scope((Reach(subjects=frozenset({subject_of(FIRM)})),))
    assert fact_sheet(fact.id, book=ledger.book, scope=own) is not None


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 13])
def test_证明从叶走到根_外人自己算得出(ledger: Ledger, rows: int) -> None:
    from hashlib import sha256

    ledger.samples("a.csv", [sampling_row(n) for n in range(1, rows + 1)])
    for fact in Fact.objects.all():
        proof = proof_of(fact.id)
        assert proof is not None
        assert proof.holds
        now, index, size, steps = bytes.fromhex(proof.leaf), proof.index, proof.size, list(proof.path)
        while size > 1:
            if index % 2 or index + 1 < size:
                beside = bytes.fromhex(steps.pop(0))
                now = sha256(NODE + (beside + now if index % 2 else now + beside)).digest()
            index, size = index // 2, (size + 1) // 2
        assert now.hex() == proof.root
        assert steps == []
    assert proof_of(10**9) is None
