"""A department hands in a file: every row is a fact, a duplicate or a refusal, and handing it in again changes
nothing.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import orjson
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.examples import examples
from tests.places import (
    FINES,
    LIFTS,
    NOON,
    SAMPLING,
    Ledger,
    counts,
    credit_code,
    lift_row,
    sampling_row,
    snapshot,
    write_csv,
    write_xlsx,
)
from zhiheng.actions.facts.correct_fact import withdraw
from zhiheng.actions.intake.export_refused_rows import report_refusals
from zhiheng.actions.intake.receive_delivery import TableResult, confirm
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, operator
from zhiheng.kernel.merkle import leaf_hash, root_of
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, AuditLine, Delivery, Fact, FactParty, RefusedRow, SkippedRow
from zhiheng.ledger.verify import verify


def balanced(result: TableResult) -> bool:
    """No row is lost: in = facts + duplicates + refusals + rows that are no data, in the answer and in the ledger."""
    stored = Delivery.objects.filter(id__in=result.deliveries)
    told = result.rows == result.facts + result.duplicates + result.refused + result.skipped
    return told and all(
        d.row_count == d.fact_count + d.duplicate_count + d.refused_count + (d.skipped_count or 0)
        and (d.skipped_count or 0) == SkippedRow.objects.filter(delivery=d).count()
        and d.fact_count == Fact.objects.filter(delivery=d).count()
        and d.refused_count == RefusedRow.objects.filter(delivery=d).count()
        for d in stored
    )


def only(results: list[TableResult]) -> TableResult:
    """The result of a file with one table."""
    (result,) = results
    return result


# -- facts, duplicates, refusals ---------------------------------------------------------------------------------------


def test_每一行成为事实_重复或退回(ledger: Ledger) -> None:
    rows = [
        sampling_row(1),
        sampling_row(2),
        sampling_row(1),
        sampling_row(3, 抽样日期="2026-02-30"),
        sampling_row(4, 样品名称=""),
    ]
    result = ledger.samples("a.csv", rows)
    assert (result.state, result.rows, result.facts, result.duplicates, result.refused) == ("accepted", 5, 2, 1, 2)
    assert balanced(result)
    assert dict(result.reasons) == {"required": 1, "day.impossible": 1}


def test_不是数据的行一行不丢_每行都有名目(ledger: Ledger) -> None:
    rows = [
        ["一、甲街道"],
        sampling_row(1),
        ["小 计", "1批次"],
        sampling_row(2),
        ["示例：S00000", "试验挂面", "试验某某有限公司", "", "试验百货店", "2026-02-01", "2026-03-05"],
        ["合计：", "2批次"],
        ["注：本表数据为虚构"],
        ["填表人：某某", "", "审核人：某某"],
    ]
    result = ledger.samples("a.csv", rows)
    assert (result.rows, result.facts, result.refused, result.skipped) == (8, 2, 0, 6)
    assert dict(result.skips) == {"row.group": 1, "row.total": 2, "row.sample": 1, "row.note": 2}
    assert balanced(result)
    kept = SkippedRow.objects.order_by("id")
    assert [(row.row_number, orjson.loads(row.cells)[0], orjson.loads(row.reason)["code"]) for row in kept][:3] == [
        (2, "一、甲街道", "row.group"),
        (4, "小 计", "row.total"),
        (6, "示例：S00000", "row.sample"),
    ]
    assert verify().whole


def test_整行有编号有日期有企业的_首格写着小计也是数据(ledger: Ledger) -> None:
    result = ledger.samples("a.csv", [sampling_row(1, 抽样单号="小计"), sampling_row(2)])
    assert (result.facts, result.skipped) == (2, 0)


def test_只有标题没有数据的表整表退回并留下记录(ledger: Ledger) -> None:
    for rows in ([], [["合计", "0批次"]]):
        result = ledger.samples(f"空{len(rows)}.csv", rows)
        assert result.state == "refused"
        assert result.refusal is not None
        assert result.refusal.code == "table.no_rows"
        assert Delivery.objects.get(id=result.deliveries[0]).state == "refused"


def test_事实留着原始行_规范内容_发生日与接收日(ledger: Ledger) -> None:
    row = sampling_row(1, 抽样日期="2026年3月5日", 检验结论="不合格", 抽样地区="乙街道")
    ledger.samples("a.csv", [row], day="2026-04-02")
    fact = Fact.objects.get()
    assert orjson.loads(fact.row) == row
    body = orjson.loads(fact.body)
    assert (body["sampled_on"], body["verdict"], body["division"]) == ("2026-03-05", "unqualified", "990901002")
    assert (fact.occurred_on, fact.outcome, fact.area) == (dt.date(2026, 3, 5), "fail", "990901002")
    assert (fact.delivery.learned_on, fact.row_number) == (dt.date(2026, 4, 2), 2)


def test_没写地区的归报送单位所在地(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1, 抽样地区="")], unit="jia_office")
    assert Fact.objects.get().area == "990901001"


def test_每个当事方各归其角色(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1, 生产企业="试验甲食品有限公司", 被抽样单位="试验百货店")])
    names = dict(Alias.objects.values_list("id", "name"))
    assert {(p.role, names[p.alias_id]) for p in FactParty.objects.all()} == {
        ("producer", "试验甲食品有限公司"),
        ("seller", "试验百货店"),
    }


def test_存疑的行仍是事实_带着标记(ledger: Ledger) -> None:
    result = ledger.samples("a.csv", [sampling_row(1, 生产日期="2026-04-01"), sampling_row(2)])
    assert (result.facts, result.flagged, dict(result.flags)) == (2, 1, {"made_before_sampled": 1})
    assert list(Fact.objects.order_by("id").values_list("flags", flat=True)) == ["made_before_sampled", ""]


def test_报送的默克尔根由它的事实算出(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(i) for i in range(11)])
    facts = Fact.objects.order_by("id")
    leaves = [
        leaf_hash(
            f"{f.record}\n{f.unit}\n{f.kind}:{f.concerns or ''}\n{f.body}\n"
            f"{f.row_number}|{f.occurred_on}|{f.valid_until or ''}|{f.outcome or ''}|{f.area}|{f.flags}|{f.thing or ''}\n{f.row}".encode()
        )
        for f in facts
    ]
    assert [bytes(f.leaf) for f in facts] == leaves
    assert Delivery.objects.get().root == root_of(leaves).hex()


# -- again and again ---------------------------------------------------------------------------------------------------


def test_同一文件报两次_台账一字不变(ledger: Ledger) -> None:
    rows = [sampling_row(i) for i in range(9)] + [sampling_row(50, 抽样日期="不详"), sampling_row(1)]
    first = ledger.samples("a.csv", rows)
    before = snapshot()
    again = only(ledger.receive(ledger.folder / "a.csv", day="2026-09-09"))
    assert snapshot() == before
    assert again.again
    assert (again.rows, again.facts, again.duplicates, again.refused) == (11, 0, 10, 1)
    assert again.deliveries == first.deliveries


@pytest.mark.parametrize("kind", ["held", "refused", "unknown unit"])
def test_被暂存或退回的文件再报_也一字不变(ledger: Ledger, kind: str) -> None:
    headings: tuple[str, ...] = SAMPLING
    rows = [sampling_row(i) for i in range(80 if kind == "held" else 3)]
    unit: str | None = "test_market"
    if kind == "refused":
        headings, rows = (*SAMPLING, "新增的列"), [[*row, "x"] for row in rows]
    if kind == "unknown unit":
        unit = None
    path = write_csv(ledger.folder / "a.csv", headings, rows)
    first = only(ledger.receive(path, unit=unit))
    before = snapshot()
    again = only(ledger.receive(path, unit=unit))
    assert (first.again, again.again) == (False, True)
    assert again.deliveries == first.deliveries
    assert snapshot() == before
    assert Fact.objects.count() == 0


def test_部分重叠的文件_重叠处是重复(ledger: Ledger) -> None:
    ledger.samples("一.csv", [sampling_row(i) for i in range(10)])
    facts = snapshot()["fact"]
    result = ledger.samples("二.csv", [sampling_row(i) for i in range(6, 15)])
    assert (result.facts, result.duplicates) == (5, 4)
    assert set(facts) <= set(snapshot()["fact"])
    assert Fact.objects.count() == 15


def test_换了写法的同一句话是重复(ledger: Ledger) -> None:
    ledger.samples("一.csv", [sampling_row(1, 抽样日期="2026-03-05", 检验结论="合格")])
    result = ledger.samples("二.csv", [sampling_row(1, 抽样日期="2026年3月5日", 检验结论=" 合格 ")])
    assert (result.facts, result.duplicates) == (0, 1)


def test_另一单位说同样的话是另一条事实(ledger: Ledger) -> None:
    ledger.samples("一.csv", [sampling_row(1)])
    result = ledger.samples("一.csv", [sampling_row(1)], unit="jia_office")
    assert (result.facts, result.duplicates) == (1, 0)


def test_CSV和XLSX里的同样几行是同样的事实(ledger: Ledger) -> None:
    rows = [sampling_row(i) for i in range(7)]
    ledger.samples("a.csv", rows)
    result = only(ledger.receive(write_xlsx(ledger.folder / "a.xlsx", SAMPLING, rows)))
    assert (result.state, result.facts, result.duplicates) == ("accepted", 0, 7)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_编码不同的同样几行是同样的事实(ledger: Ledger, encoding: str) -> None:
    rows = [sampling_row(i) for i in range(7)]
    ledger.samples("a.csv", rows)
    result = only(ledger.receive(write_csv(ledger.folder / "b.csv", SAMPLING, rows, encoding)))
    assert (result.state, result.facts, result.duplicates) == ("accepted", 0, 7), result.refusal


def test_列的顺序不同_事实仍相同(ledger: Ledger) -> None:
    rows = [sampling_row(i) for i in range(4)]
    ledger.samples("a.csv", rows)
    path = write_csv(ledger.folder / "b.csv", SAMPLING[::-1], [row[::-1] for row in rows])
    assert only(ledger.receive(path)).duplicates == 4


# -- standing records --------------------------------------------------------------------------------------------------


def test_台账类记录_没有变化的是重复_变过再变回来的是新事实(ledger: Ledger) -> None:
    for month, (status, new) in enumerate([("在用", 1), ("在用", 0), ("停用", 1), ("在用", 1), ("在用", 0)], start=1):
        result = ledger.lifts(f"{month}.csv", [lift_row("L1", 使用状态=status)])
        assert (result.facts, result.duplicates) == (new, 1 - new), month
        assert balanced(result)
    assert [orjson.loads(b)["status"] for b in Fact.objects.order_by("id").values_list("body", flat=True)] == [
        "in_use",
        "stopped",
        "in_use",
    ]


def test_台账类记录_一个文件里先后两种说法各是一条(ledger: Ledger) -> None:
    rows = [lift_row("L1"), lift_row("L1", 使用状态="停用"), lift_row("L1"), lift_row("L1"), lift_row("L2")]
    result = ledger.lifts("a.csv", rows)
    assert (result.facts, result.duplicates) == (4, 1)
    assert only(ledger.receive(ledger.folder / "a.csv")).duplicates == 5
    assert Fact.objects.count() == 4


def test_台账类记录_撤回之后再说是新事实(ledger: Ledger) -> None:
    ledger.lifts("一.csv", [lift_row("L1")])
    withdraw(1, reason="报错", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    result = ledger.lifts("二.csv", [lift_row("L1"), lift_row("L9")])
    assert (result.facts, result.duplicates) == (2, 0)


# -- hold and confirm --------------------------------------------------------------------------------------------------


def test_行数异常的先暂存_有人确认后才成为事实(ledger: Ledger) -> None:
    held = ledger.samples("多.csv", [sampling_row(i) for i in range(61)])
    assert (held.state, held.facts) == ("held", 0)
    assert held.refusal is not None
    assert "61 行" in held.refusal.zh
    assert "60" in held.refusal.zh
    assert counts() == (1, 0, 0)
    (ledger.folder / "多.csv").unlink()  # What was handed in is kept; the sender's own copy is not needed.
    result = only(confirm(held.deliveries[0], call=Call(operator("chief"), ledger.book, NOON)))
    assert (result.state, result.facts) == ("accepted", 61)
    accepted = Delivery.objects.get(id=result.deliveries[0])
    assert (accepted.answers_id, accepted.file_name, accepted.unit) == (held.deliveries[0], "多.csv", "test_market")
    assert AuditLine.objects.filter(verb="delivery.accepted", actor="cli:chief").exists()
    assert verify().whole


def test_少报也暂存(ledger: Ledger) -> None:
    path = write_csv(
        ledger.folder / "a.csv",
        ["NO", "NAME", "MAKER", "DAY", "RESULT"],
        [["1", "面", "试验甲厂", "2026-03-01", "合格"]],
    )
    result = only(ledger.receive(path, unit=None))
    assert (result.state, result.source) == ("held", "platform")


def test_压缩包里的一张表暂存_只确认那一张(ledger: Ledger) -> None:
    many = write_csv(ledger.folder / "多.csv", SAMPLING, [sampling_row(i) for i in range(70)])
    few = write_csv(ledger.folder / "少.csv", SAMPLING, [sampling_row(i) for i in range(100, 105)])
    with zipfile.ZipFile(ledger.folder / "报.zip", "w") as archive:
        for path in (many, few):
            archive.write(path, path.name)
    results = {r.origin: r for r in ledger.receive(ledger.folder / "报.zip")}
    assert {origin: r.state for origin, r in results.items()} == {"报.zip/多.csv": "held", "报.zip/少.csv": "accepted"}
    confirmed = only(confirm(results["报.zip/多.csv"].deliveries[0], call=Call(operator("chief"), ledger.book, NOON)))
    assert (confirmed.origin, confirmed.facts) == ("报.zip/多.csv", 70)
    assert Fact.objects.count() == 75


@pytest.mark.parametrize("which", ["absent", "accepted", "twice"])
def test_不能确认的说明为什么(ledger: Ledger, which: str) -> None:
    number = 4711
    if which == "accepted":
        number = ledger.samples("a.csv", [sampling_row(1)]).deliveries[0]
    if which == "twice":
        number = ledger.samples("a.csv", [sampling_row(i) for i in range(61)]).deliveries[0]
        confirm(number, call=Call(operator("chief"), ledger.book, NOON))
    before = snapshot()
    with pytest.raises(Refused) as refused:
        confirm(number, call=Call(operator("chief"), ledger.book, NOON))
    assert refused.value.refusals[0].code == ("delivery.confirmed" if which == "twice" else "delivery.not_held")
    assert snapshot() == before


# -- tables that are refused whole -------------------------------------------------------------------------------------


def test_多出的列_点名退回_一行也不收(ledger: Ledger) -> None:
    path = write_csv(ledger.folder / "a.csv", [*SAMPLING, "神秘列"], [[*sampling_row(1), "x"], [*sampling_row(2), "y"]])
    result = only(ledger.receive(path))
    assert result.state == "refused"
    assert result.refusal is not None
    assert result.refusal.code == "table.columns"
    assert "神秘列" in result.refusal.zh
    assert counts() == (1, 0, 0)
    assert "神秘列" in Delivery.objects.get().notes


def test_缺必填列_说出缺哪一列(ledger: Ledger) -> None:
    headings = [h for h in SAMPLING if h != "检验结论"]
    rows = [[c for h, c in zip(SAMPLING, sampling_row(i), strict=True) if h != "检验结论"] for i in range(3)]
    result = only(ledger.receive(write_csv(ledger.folder / "a.csv", headings, rows)))
    assert result.refusal is not None
    assert (result.refusal.code, "检验结论" in result.refusal.zh) == ("table.columns", True)


def test_表头同时符合两种来源_是一个问题而不是猜测(ledger: Ledger) -> None:
    path = write_csv(
        ledger.folder / "a.csv",
        ["日期", "企业", "情况"],
        [["2026-05-06", "试验甲厂", "好"], ["2026-05-07", "试验乙厂", "好"]],
    )
    question = only(ledger.receive(path))
    assert question.refusal is not None
    assert question.refusal.code == "table.ambiguous"
    assert "Visit (A second sheet of visits)" in question.refusal.en
    assert "Visit (Sheet of visits)" in question.refusal.en
    answered = only(ledger.receive(path, record="office_visit", source="second"))
    assert (answered.state, answered.source, answered.facts) == ("accepted", "second", 2)


def test_没有说是谁报的_问单位(ledger: Ledger) -> None:
    result = only(ledger.receive(write_csv(ledger.folder / "a.csv", SAMPLING, [sampling_row(1)] * 2), unit=None))
    assert result.refusal is not None
    assert (result.state, result.refusal.code) == ("refused", "unit.needed")


def test_来源自己就说明单位的_不必再说(ledger: Ledger) -> None:
    path = write_csv(ledger.folder / "a.csv", FINES, [["试验甲食品有限公司", credit_code(3), "2026-06-01", "罚款"]])
    result = only(ledger.receive(path, unit=None))
    assert (result.state, Fact.objects.get().unit) == ("accepted", "test_environment")


def test_没有的单位和没有的路径_当场说明(ledger: Ledger) -> None:
    path = write_csv(ledger.folder / "a.csv", SAMPLING, [sampling_row(1)])
    for told, code in (
        ({"path": path, "unit": "nobody"}, "unit.unknown"),
        ({"path": ledger.folder / "没有.csv"}, "file.absent"),
    ):
        with pytest.raises(Refused) as refused:
            ledger.receive(**told)
        assert [r.code for r in refused.value.refusals] == [code]
        assert refused.value.refusals[0].zh.endswith("。")
        assert refused.value.refusals[0].en.endswith(".")
    assert counts() == (0, 0, 0)


def test_已报送的文件不见了_只说文件名_不说它在这台机器的哪里(ledger: Ledger) -> None:
    with pytest.raises(Refused) as refused:
        ledger.receive(ledger.folder / "没有", name="抽检.csv")
    (told,) = refused.value.refusals
    assert told.zh == "已报送的文件“抽检.csv”不在服务器上了；请重新报送这份文件。"
    assert str(ledger.folder) not in told.zh + told.en


def test_指定的记录或来源不存在_说明到哪里查(ledger: Ledger) -> None:
    path = write_csv(ledger.folder / "a.csv", SAMPLING, [sampling_row(1)])
    result = only(ledger.receive(path, record="no_such_record"))
    assert result.refusal is not None
    assert result.refusal.code == "table.no_such_layout"
    assert "记录类型一览" in result.refusal.zh


# -- folders and archives ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_一个文件夹里的各种文件一次报完(ledger: Ledger) -> None:
    folder = ledger.folder / "六月"
    folder.mkdir()
    write_csv(folder / "抽检.csv", SAMPLING, [sampling_row(1), sampling_row(2)])
    write_xlsx(folder / "电梯.xlsx", LIFTS, [lift_row("L1"), lift_row("L2")])
    with zipfile.ZipFile(folder / "处罚.zip", "w") as archive:
        archive.writestr(
            "处罚.csv", "\n".join([",".join(FINES), "试验甲厂,,2026-06-01,罚款", "试验乙厂,,2026-06-02,罚款"])
        )
    (folder / "说明.pdf").write_bytes(b"%PDF-1.4 nothing in it")
    results = ledger.receive(folder, unit="test_market")
    assert sum(r.facts for r in results) == 6
    assert {r.record for r in results if r.state == "accepted"} == {"sampling_check", "lift_register", "discharge_fine"}
    assert all(r.refusal is not None for r in results if r.state != "accepted")
    before = snapshot()
    ledger.receive(folder, unit="test_market")
    assert snapshot() == before


# -- refused rows go back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_退回行按原样写回_改好再报就是事实(ledger: Ledger, extension: str) -> None:
    rows = [sampling_row(1), sampling_row(2, 抽样日期="不详", 样品名称=""), sampling_row(3, 检验结论="还行")]
    first = ledger.samples("a.csv", rows)
    assert (first.facts, first.refused) == (1, 2)
    out = ledger.folder / f"退回.{extension}"
    assert report_refusals(first.deliveries[0], out, call=Call(SYSTEM, ledger.book, NOON)) == 2
    table = _cells(out)
    assert table[0] == [*SAMPLING, "退回原因 / reason"]
    assert [row[:-1] for row in table[1:]] == rows[1:]
    assert "样品名称" in table[1][-1]
    assert all(row[-1] for row in table[1:])
    table[1][SAMPLING.index("抽样日期")], table[1][SAMPLING.index("样品名称")] = "2026-03-09", "试验米粉"
    table[2][SAMPLING.index("检验结论")] = "合格"
    mended = ledger.folder / f"改好.{extension}"
    (write_xlsx if extension == "xlsx" else write_csv)(mended, table[0], table[1:])
    second = only(ledger.receive(mended))
    assert (second.state, second.facts, second.refused) == ("accepted", 2, 0), second.refusal
    assert Fact.objects.count() == 3


def _cells(path: Path) -> list[list[str]]:
    if path.suffix == ".xlsx":
        return [
            [str(c) for c in row] for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        ]
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        return [list(row) for row in csv.reader(file)]


def test_没有的报送和整张退回的报送_没有逐行退回可取(ledger: Ledger) -> None:
    path = write_csv(ledger.folder / "a.csv", ["不认识", "也不认识"], [["1", "2"], ["3", "4"]])
    number = only(ledger.receive(path)).deliveries[0]
    for delivery, code in ((4711, "delivery.absent"), (number, "refusals.whole")):
        with pytest.raises(Refused) as refused:
            report_refusals(delivery, ledger.folder / "out.csv", call=Call(SYSTEM, ledger.book, NOON))
        assert refused.value.refusals[0].code == code
    assert not (ledger.folder / "out.csv").exists()


# -- long tables -------------------------------------------------------------------------------------------------------


def test_长表分段接收_每段一次报送_合起来一行不少(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.actions.intake.receive_delivery.PART_ROWS", 40)
    monkeypatch.setattr("zhiheng.actions.intake.receive_delivery.CHUNK_ROWS", 10)
    rows = [sampling_row(i % 90) for i in range(200)]
    result = ledger.samples("长.csv", rows, confirmed=True)
    assert (result.rows, result.facts, result.duplicates) == (200, 90, 110)
    assert len(result.deliveries) == 5
    assert list(Delivery.objects.order_by("id").values_list("part", "row_count")) == [(n, 40) for n in range(1, 6)]
    assert balanced(result)
    before = snapshot()
    again = only(ledger.receive(ledger.folder / "长.csv", confirmed=True))
    assert (again.facts, again.duplicates) == (0, 200)
    assert snapshot() == before
    assert verify().whole


def test_表到一半坏掉_一行也不收(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.actions.intake.receive_delivery.PART_ROWS", 40)
    monkeypatch.setattr("zhiheng.actions.intake.receive_delivery.CHUNK_ROWS", 10)
    path = write_csv(ledger.folder / "坏.csv", SAMPLING, [sampling_row(i) for i in range(200)])
    path.write_bytes(path.read_bytes()[:-30] + b"\x00\x00\x00")
    result = only(ledger.receive(path, confirmed=True))
    assert result.state == "refused"
    assert result.refusal is not None
    assert counts() == (1, 0, 0)
    assert verify().whole


# -- whatever the table, no row is lost --------------------------------------------------------------------------------

SAMPLES = st.lists(
    st.one_of(
        st.integers(0, 8).map(sampling_row),
        st.integers(0, 8).map(lambda i: sampling_row(i, 抽样日期="2026年3月5日")),
        st.integers(0, 8).map(lambda i: sampling_row(i, 抽样日期="三月初")),
        st.integers(0, 8).map(lambda i: sampling_row(i, 样品名称="")),
        st.integers(0, 8).map(lambda i: sampling_row(i, 检验结论="？", 抽样日期="")),
    ),
    min_size=1,
    max_size=25,
)
LIFT_SAYINGS = st.lists(
    st.tuples(st.sampled_from(["L1", "L2", "L3"]), st.sampled_from(["在用", "停用", "不知道"])), min_size=1, max_size=12
)


@pytest.mark.slow
@given(st.lists(SAMPLES, min_size=1, max_size=3), st.integers(1, 9))
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
def test_任意的表_行数总是等于事实加重复加退回(ledger: Ledger, tables: list[list[list[str]]], part: int) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("zhiheng.actions.intake.receive_delivery.PART_ROWS", part * 2)
        patch.setattr("zhiheng.actions.intake.receive_delivery.CHUNK_ROWS", part)
        said: set[str] = set()
        for number, rows in enumerate(tables):
            good = [
                row[0]
                for row in rows
                if row[1]
                and row[SAMPLING.index("抽样日期")] not in ("三月初", "")
                and row[SAMPLING.index("检验结论")] != "？"
            ]
            new = len(set(good) - said)
            said |= set(good)
            result = ledger.samples(f"{number}.csv", rows)
            fresh = not result.again
            assert (result.rows, result.refused) == (len(rows), len(rows) - len(good))
            assert result.facts == (new if fresh else 0)
            assert balanced(result) or result.again
            assert result.rows == result.facts + result.duplicates + result.refused
        assert Fact.objects.count() == len(said)
        assert verify().whole
        transaction.set_rollback(True)


@pytest.mark.slow
@given(st.lists(LIFT_SAYINGS, min_size=1, max_size=4))
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
def test_任意先后的说法_只有与上一句不同的才是新事实(ledger: Ledger, months: list[list[tuple[str, str]]]) -> None:
    with transaction.atomic():
        last: dict[str, str] = {}
        for number, sayings in enumerate(months):
            new = 0
            for code, status in sayings:
                if status != "不知道" and last.get(code) != status:
                    new += 1
                    last[code] = status
            # Each month's file has a row of its own, so that it is another file even where it says the same.
            result = ledger.lifts(
                f"{number}.csv", [*(lift_row(c, 使用状态=s) for c, s in sayings), lift_row(f"M{number}")]
            )
            assert (result.facts, result.refused) == (new + 1, sum(s == "不知道" for _, s in sayings))
            assert balanced(result)
        assert verify().whole
        transaction.set_rollback(True)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no such statistics of its own accord")
def test_一次收下很多行_数据库马上知道有多少(ledger: Ledger) -> None:
    ledger.samples("many.csv", [sampling_row(i) for i in range(1200)], confirmed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'ledger_fact'::regclass")
        assert cursor.fetchone()[0] >= 1200
