"""A row becomes a fact or a refusal, a column at a time, and always as if it stood alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from tests.places import SAMPLING, SMALL, credit_code, sampling_row
from zhiheng.engines.intake import Batch, Intake
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.facts import canonical

BOOK: Book = book_once(SMALL)


def intake(record: str = "sampling_check", source: str = "standard", headings: Sequence[str] = SAMPLING) -> Intake:
    """An intake for a table with these headings."""
    entry = BOOK[RECORDS][record]
    layout = Layout.of(entry.id, entry.record, source, entry.sources[source])
    return Intake(layout, entry.types[source], headings, delivered_on=None, row_cleaner=entry.clean)


def read(rows: Sequence[Sequence[str]], **words: Any) -> Batch:
    """Read rows as one chunk; the first has number 2."""
    made = intake(**words)
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in made.headings]
    return made.read(columns, list(range(2, 2 + len(rows))))


def one(record: str = "sampling_check", source: str = "standard", **cells: str) -> Batch:
    """Read a single row: heading -> text."""
    return read([list(cells.values())], record=record, source=source, headings=list(cells))


GOOD = {
    "抽样单号": "S1",
    "样品名称": "挂面",
    "生产企业": "试验甲食品有限公司",
    "抽样日期": "2026年3月5日",
    "检验结论": "不合格",
}


def body(**changed: str) -> dict[str, Any]:
    """The body of the good row with other cells."""
    batch = one(**{**GOOD, **changed})
    assert not batch.refused, batch.refused
    return dict(orjson.loads(batch.bodies[0]))


def reasons(record: str = "sampling_check", **cells: str) -> list[tuple[str, str]]:
    """Field and code of every reason that the row is refused for."""
    batch = one(record, **cells)
    assert len(batch) == 0
    return [(r.field, r.code) for r in batch.refused[0].refusals]


# -- one row -----------------------------------------------------------------------------------------------------------


def test_一行给出内容_发生日_结论和当事方() -> None:
    batch = one(**GOOD, 抽样地区="乙街道")
    assert orjson.loads(batch.bodies[0]) == {
        "sample_number": "S1",
        "product": "挂面",
        "sampled_on": "2026-03-05",
        "verdict": "unqualified",
        "division": "990901002",
        "parties": [{"role": "producer", "name": "试验甲食品有限公司"}],
    }
    assert (batch.occurred_on, batch.outcome, batch.area, batch.flags) == (
        ["2026-03-05"],
        ["fail"],
        ["990901002"],
        [""],
    )
    assert [(p.role, p.name) for p in batch.parties_of(0)] == [("producer", "试验甲食品有限公司")]


def test_内容是规范的JSON_原始行是原来的格() -> None:
    row = sampling_row(3, 备注='含"引号"和\\反斜线', 生产企业代码=credit_code(3))
    batch = read([row])
    assert batch.bodies[0] == canonical(orjson.loads(batch.bodies[0]))
    assert list(orjson.loads(batch.bodies[0])) == sorted(orjson.loads(batch.bodies[0]))
    assert orjson.loads(batch.rows[0]) == row


def test_几栏合成一个值() -> None:
    result = body(检验结果="254", 单位="mg/kg", 标准限量值="≤200")["result"]
    assert (result["value"], result["unit"], result["limit_value"]) == ("254", "mg/kg", "200")
    party = body(生产企业代码=credit_code(1), 生产企业地址="虚构路1号")["parties"][0]
    assert (party["code"], party["address"]) == (credit_code(1), "虚构路1号")


def test_没有说的不写进内容() -> None:
    assert set(body(备注="", 检验结果="/", 生产日期="—")) == {
        "sample_number",
        "product",
        "sampled_on",
        "verdict",
        "parties",
    }


def test_来源的固定内容和一列两用() -> None:
    batch = one("discharge_fine", 当事人="试验甲厂", 决定日期="2026-06-01", 决定="罚款")
    assert (batch.occurred_on, batch.outcome) == (["2026-06-01"], ["fail"])
    entry = BOOK[RECORDS]["sampling_check"]
    source = entry.sources["standard"].model_copy(
        update={
            "columns": {"日子": ("sampled_on", "produced_on"), "号": "sample_number"},
            "fixed": {"product": "固定品名", "producer": "试验戊厂", "verdict": "合格"},
        }
    )
    layout = Layout.of(entry.id, entry.record, "x", source)
    made = Intake(layout, entry.types["standard"], ["日子", "号"], delivered_on=None)
    told = orjson.loads(made.read([["2026-01-02", "2026-01-03"], ["1", "2"]], [1, 2]).bodies[1])
    assert told == {
        "sample_number": "2",
        "product": "固定品名",
        "produced_on": "2026-01-03",
        "sampled_on": "2026-01-03",
        "verdict": "qualified",
        "parties": [{"role": "producer", "name": "试验戊厂"}],
    }


def test_设备的编号成为所说之物() -> None:
    cells = {
        "电梯编号": "L1",
        "电梯名称": "客梯",
        "使用单位": "试验丙物业",
        "登记日期": "2025-01-02",
        "下次检验日期": "2026-12-31",
        "使用状态": "在用",
    }
    batch = one("lift_register", **cells)
    about = [p for p in batch.parties_of(0) if p.role == "about"]
    assert [(p.kind, p.code, p.name) for p in about] == [("equipment", "L1", "客梯")]
    assert batch.valid_until == ["2026-12-31"]
    assert batch.things[0] is not None
    assert batch.things == one("lift_register", **{**cells, "使用状态": "停用"}).things
    assert batch.things != one("lift_register", **{**cells, "电梯编号": "L2"}).things


# -- refusals and flags ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"样品名称": ""}, [("product", "required")]),
        ({"样品名称": "  　"}, [("product", "required")]),
        ({"抽样日期": "2026-02-30"}, [("sampled_on", "day.impossible")]),
        ({"检验结论": "还行"}, [("verdict", "choice.unknown")]),
        ({"样品名称": "", "检验结论": "还行"}, [("verdict", "choice.unknown"), ("product", "required")]),
    ],
)
def test_退回时说出每一个原因和字段(changed: dict[str, str], wanted: list[tuple[str, str]]) -> None:
    assert sorted(reasons(**{**GOOD, **changed})) == sorted(wanted)


def test_退回的行原样留着() -> None:
    rows = [sampling_row(1), sampling_row(2, 样品名称=""), sampling_row(3)]
    batch = read(rows)
    assert batch.row_numbers == [2, 4]
    assert [(r.row_number, list(r.cells)) for r in batch.refused] == [(3, rows[1])]
    told = batch.refused[0].refusals[0]
    assert told.zh.endswith("。")
    assert told.en.endswith(".")


def test_读不出的值留着原文() -> None:
    refusal = one(**{**GOOD, "检验结论": "还行吧"}).refused[0].refusals[0]
    assert refusal.text == "还行吧"


def test_违反一致性规则_存疑而不退回() -> None:
    assert one(**{**GOOD, "生产日期": "2026-04-01"}).flags == ["made_before_sampled"]
    assert one(**{**GOOD, "生产日期": "2026-03-05"}).flags == [""]
    assert one(**{**GOOD, "生产日期": ""}).flags == [""]


def test_清洗程序可以补值_存疑_退回() -> None:
    cells = {"运输单位": "试验丁运输有限公司", "称重日期": "2026-02-03"}
    good = one("weighing", **cells, 毛重="12.5", 皮重="4.5")
    assert orjson.loads(good.bodies[0])["net"] == "8.0"
    assert [p.name for p in good.parties_of(0)] == ["试验丁运输有限公司"]
    assert one("weighing", **cells, 毛重="4.5", 皮重="4.5").flags == ["weighing_empty"]
    assert reasons("weighing", **cells, 毛重="4", 皮重="4.5") == [("tare", "weighing.negative")]
    assert reasons("weighing", **cells, 毛重="4", 皮重="") == [("tare", "required")]


def test_空的一块() -> None:
    batch = read([])
    assert len(batch) == 0
    assert batch.refused == []


# -- many rows ---------------------------------------------------------------------------------------------------------

CELLS: Mapping[str, Sequence[str]] = {
    "抽样单号": ["S1", "S2", "S3"],
    "样品名称": ["挂面", "", "米粉"],
    "生产企业": ["试验甲食品有限公司", "试验乙厂", "受委托生产商：试验甲厂；委托商：试验乙厂"],
    "生产企业代码": ["", credit_code(1), credit_code(2)],
    "抽样日期": ["2026-03-05", "2026年3月6日", "三月"],
    "检验结果": ["254", "未检出", ""],
    "单位": ["mg/kg", ""],
    "检验结论": ["合格", "不合格", "还行"],
    "生产日期": ["", "2026-04-01", "2026-01-01"],
    "抽样地区": ["", "甲街道", "火星"],
}
TABLES = st.lists(st.tuples(*(st.sampled_from(texts) for texts in CELLS.values())), min_size=1, max_size=15)


def outcome(batch: Batch) -> dict[int, tuple[Any, ...]]:
    """Row number -> everything that became of the row."""
    accepted = {
        number: (
            "accepted",
            batch.bodies[i],
            batch.rows[i],
            batch.occurred_on[i],
            batch.valid_until[i],
            batch.outcome[i],
            batch.area[i],
            batch.flags[i],
            batch.things[i],
            batch.parties_of(i),
        )
        for i, number in enumerate(batch.row_numbers)
    }
    refused: dict[int, tuple[Any, ...]] = {
        row.row_number: ("refused", row.cells, sorted((r.field, r.code) for r in row.refusals)) for row in batch.refused
    }
    assert not set(accepted) & set(refused)
    return accepted | refused


@given(TABLES, st.integers(1, 6))
@settings(max_examples=examples(60), deadline=None)
def test_一行的结果与它周围有什么_怎样分块无关(rows: list[tuple[str, ...]], size: int) -> None:
    headings = list(CELLS)
    whole = outcome(read(rows, headings=headings))
    assert sorted(whole) == list(range(2, 2 + len(rows)))
    alone = {
        n: outcome(intake(headings=headings).read([[c] for c in row], [n]))[n] for n, row in enumerate(rows, start=2)
    }
    assert whole == alone
    made = intake(headings=headings)
    chunked: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        chunked |= outcome(
            made.read([list(c) for c in zip(*some, strict=True)], list(range(2 + start, 2 + start + len(some))))
        )
    assert chunked == whole


@given(TABLES, st.permutations(list(CELLS)))
@settings(max_examples=examples(40), deadline=None)
def test_列的顺序只影响原始行_不影响内容(rows: list[tuple[str, ...]], order: list[str]) -> None:
    at = {heading: i for i, heading in enumerate(CELLS)}
    left = read(rows, headings=list(CELLS))
    right = read([[row[at[h]] for h in order] for row in rows], headings=order)
    assert (left.bodies, left.flags, left.outcome, left.row_numbers) == (
        right.bodies,
        right.flags,
        right.outcome,
        right.row_numbers,
    )
    assert [sorted(p) for p in map(_keys, left.refused)] == [sorted(p) for p in map(_keys, right.refused)]


def _keys(row: Any) -> list[tuple[str, str]]:
    return [(r.field, r.code) for r in row.refusals]


def test_不同文字太多时不记_结果不变(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [sampling_row(i, 备注=f"第{i}批") for i in range(60)]
    before = outcome(read(rows))
    monkeypatch.setattr("zhiheng.engines.intake._KEEP_DISTINCT", 3)
    made = intake()
    after: dict[int, tuple[Any, ...]] = {}
    for start in range(0, 60, 7):
        some = rows[start : start + 7]
        after |= outcome(
            made.read([list(c) for c in zip(*some, strict=True)], list(range(2 + start, 2 + start + len(some))))
        )
    assert after == before


def test_几乎各不相同的必填栏_整块看与零散看一样_没填的照样退回() -> None:
    odd = ["", "/", "  ", "无", '带"引号"', "甲　乙 ", "同上", "一\n二", "长" * 5_000, "——"]
    rows = [
        sampling_row(i, 样品名称=odd[i % len(odd)] if i % 7 == 6 and i > 512 else f"样品{i}号", 备注=f"第{i}批")
        for i in range(1_200)
    ]
    whole = outcome(read(rows))
    made = intake()
    apart: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(rows), 100):
        some = rows[start : start + 100]
        apart |= outcome(made.read([list(c) for c in zip(*some, strict=True)], list(range(2 + start, 102 + start))))
    assert whole == apart
    codes = [code for said in whole.values() if said[0] == "refused" for _, code in said[2]]
    assert set(codes) == {"required", "required.not_one", "cell.as_above", "cell.too_long"} & set(codes)
    assert codes.count("required") >= 30
    assert "cell.as_above" in codes
    assert "cell.too_long" in codes
