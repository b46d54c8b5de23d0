"""A correction or a withdrawal is a new fact that names the old one; what was delivered stays as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from tests.book_once import with_chapters
from tests.places import FINES, NOON, SAMPLING, Ledger, credit_code, lift_row, sampling_row, snapshot, write_csv
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM, operator
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, AuditLine, Delivery, Fact, FactParty
from zhiheng.ledger.verify import verify

FIRM = "试验甲食品有限公司"


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """One sampling with everything filled in, one lift, one fine by another unit."""
    ledger.samples(
        "a.csv",
        [
            sampling_row(1, 生产企业=FIRM, 生产企业代码=credit_code(1), 检验结论="不合格", 备注="见附件"),
            sampling_row(2),
        ],
    )
    ledger.lifts("b.csv", [lift_row("L1")])
    ledger.receive(write_csv(ledger.folder / "c.csv", FINES, [[FIRM, "", "2026-06-01", "罚款"]]), unit=None)
    return ledger


def corrected(ledger: Ledger, fact: int, changes: dict[str, str], **words: Any) -> Fact:
    """Correct a fact and give the correction."""
    told = {"reason": "笔误", "call": Call(SYSTEM, ledger.book, NOON), "unit": "test_market"} | words
    return Fact.objects.get(id=correct(fact, changes, **told))


def codes(act: Callable[[], object]) -> list[str]:
    """Why the act is refused; the ledger must be as before, and each reason a sentence in both languages."""
    before = snapshot()
    with pytest.raises(Refused) as refused:
        act()
    assert snapshot() == before
    assert all(r.zh.endswith(("。", "）")) and r.en.endswith((".", ")")) for r in refused.value.refusals)
    return [r.code for r in refused.value.refusals]


# -- corrections -------------------------------------------------------------------------------------------------------


def test_更正是一条新事实_原事实一字未动(told: Ledger) -> None:
    before = snapshot()
    fact = corrected(told, 1, {"verdict": "合格"})
    old = orjson.loads(Fact.objects.get(id=1).body)
    assert orjson.loads(fact.body) == old | {"verdict": "qualified"}
    assert (fact.kind, fact.concerns, fact.outcome, fact.unit) == ("correction", 1, "pass", "test_market")
    after = snapshot()
    assert all(set(before[table]) <= set(after[table]) for table in before)
    assert verify().whole


def test_更正写明谁_为何_改了什么(told: Ledger) -> None:
    fact = corrected(
        told, 1, {"remark": "复检后更正"}, reason="复检合格", call=Call(operator("王某（虚构）"), told.book, NOON)
    )
    assert orjson.loads(fact.row) == {
        "changes": {"remark": "复检后更正"},
        "reason": "复检合格",
        "actor": "cli:王某（虚构）",
    }
    line = AuditLine.objects.get(verb="fact.correction")
    assert (line.actor, line.about, orjson.loads(line.detail)) == ("cli:王某（虚构）", "fact:1", {"by": fact.id})
    delivery = Delivery.objects.get(id=fact.delivery_id)
    assert (delivery.source, delivery.fact_count, delivery.first_fact) == ("correction", 1, fact.id)


def test_更正的行照样清洗_推算发生日_地区_结论(told: Ledger) -> None:
    fact = corrected(told, 1, {"sampled_on": "2026年3月9日", "division": "乙街道"})
    assert (fact.occurred_on, fact.area) == (dt.date(2026, 3, 9), "990901002")
    cleared = corrected(told, fact.id, {"division": ""})
    assert cleared.area == "990901"
    lift = corrected(told, 3, {"next_inspection_on": "20270101", "status": "停用"})
    assert (lift.valid_until, lift.outcome) == (dt.date(2027, 1, 1), "neutral")


def test_一致性规则对更正同样适用(told: Ledger) -> None:
    wrong = corrected(told, 1, {"produced_on": "2026-04-01"})
    assert wrong.flags == "made_before_sampled"
    assert Delivery.objects.get(id=wrong.delivery_id).flagged_count == 1
    assert corrected(told, wrong.id, {"produced_on": "2026-02-02"}).flags == ""


def test_结果_单位_限量是一个值_改其中一部分其余仍在(told: Ledger) -> None:
    assert orjson.loads(Fact.objects.get(id=1).body)["result"]["value"] == "254"
    fact = corrected(told, 1, {"result": "154"})
    result = orjson.loads(fact.body)["result"]
    assert (result["value"], result["unit"], result["limit_text"]) == ("154", "mg/kg", "≤200")
    again = orjson.loads(corrected(told, fact.id, {"result.limit": "≤100"}).body)["result"]
    assert (again["value"], again["limit_value"]) == ("154", "100")


def test_改当事方_事实进入新的一方的档案(told: Ledger) -> None:
    fact = corrected(told, 2, {"producer": "试验戊米业有限公司"})
    names = dict(Alias.objects.values_list("id", "name"))
    assert {(p.role, names[p.alias_id]) for p in FactParty.objects.filter(fact_id=fact.id)} == {
        ("producer", "试验戊米业有限公司"),
        ("seller", "试验百货店"),
    }


def test_只改当事方的一部分_其余部分仍在(told: Ledger) -> None:
    fact = corrected(told, 1, {"producer.address": "虚构路1号"})
    producer = next(p for p in orjson.loads(fact.body)["parties"] if p["role"] == "producer")
    assert (producer["name"], producer["code"], producer["address"]) == (FIRM, credit_code(1), "虚构路1号")


def test_改名而未说代码是否照旧_是一个问题而不是猜测(told: Ledger) -> None:
    assert codes(lambda: corrected(told, 1, {"producer": "试验戊米业有限公司"})) == ["correction.parts"]
    kept = corrected(told, 1, {"producer": "试验甲食品有限责任公司", "producer.code": credit_code(1)})
    assert orjson.loads(kept.body)["parties"][0]["code"] == credit_code(1)
    other = corrected(told, kept.id, {"producer": "试验戊米业有限公司", "producer.code": ""})
    assert "code" not in orjson.loads(other.body)["parties"][0]


def test_清空一个字段就连同它的各部分一起清空(told: Ledger) -> None:
    fact = corrected(told, 1, {"sampled": "", "remark": "", "result": ""})
    body = orjson.loads(fact.body)
    assert not {"remark", "result"} & set(body)
    assert [p["role"] for p in body["parties"]] == ["producer"]
    assert orjson.loads(fact.row)["changes"] == {
        "sampled": "",
        "remark": "",
        "result": "",
        "result.unit": "",
        "result.limit": "",
    }


def test_更正连着更正_每次都从上一次的说法改起(told: Ledger) -> None:
    first = corrected(told, 1, {"verdict": "不判定"})
    second = corrected(told, first.id, {"remark": "已复检"})
    third = corrected(told, second.id, {"verdict": "合格"})
    body = orjson.loads(third.body)
    assert (body["verdict"], body["remark"], third.concerns) == ("qualified", "已复检", second.id)
    assert verify().whole


def test_设备的更正仍在设备的档案里(told: Ledger) -> None:
    fact = corrected(told, 3, {"status": "停用"})
    assert set(FactParty.objects.filter(fact_id=fact.id).values_list("role", flat=True)) == {
        "about",
        "user_unit",
        "maintainer",
    }
    assert fact.thing == Fact.objects.get(id=3).thing


def test_更正了编号_说的就是另一台设备(told: Ledger) -> None:
    fact = corrected(told, 3, {"lift_code": "L2"})
    told.lifts("d.csv", [lift_row("L2", 使用状态="停用")])
    assert fact.thing == Fact.objects.order_by("-id")[0].thing != Fact.objects.get(id=3).thing


def test_有清洗程序的记录_更正时重新推算(ledger: Ledger) -> None:
    path = write_csv(
        ledger.folder / "w.csv",
        ["运输单位", "称重日期", "毛重", "皮重"],
        [["试验丁运输有限公司", "2026-02-03", "12", "4"]] * 1,
    )
    ledger.receive(path, unit="test_environment")
    fact = corrected(ledger, 1, {"tare": "5"}, unit="test_environment")
    assert orjson.loads(fact.body)["net"] == "7"
    assert codes(lambda: corrected(ledger, fact.id, {"tare": "50"}, unit="test_environment")) == ["weighing.negative"]


def test_来源里固定的内容更正后仍在(ledger: Ledger) -> None:
    path = write_csv(
        ledger.folder / "p.csv",
        ["NO", "NAME", "MAKER", "MAKER_CODE", "DAY", "RESULT"],
        [["1", "面", FIRM, "", "2026-03-01", "合格"], ["2", "米", FIRM, "", "2026-03-01", "合格"]],
    )
    ledger.receive(path)
    fact = corrected(ledger, 1, {"remark": "补记", "product": "挂面"})
    body = orjson.loads(fact.body)
    assert (body["product"], body["remark"], body["verdict"]) == ("挂面", "补记", "qualified")


def test_原文件再报一次_更正不被冲掉(told: Ledger) -> None:
    corrected(told, 1, {"verdict": "合格"})
    before = snapshot()
    (again,) = told.receive(told.folder / "a.csv")
    assert (again.facts, again.duplicates) == (0, 2)
    assert snapshot() == before
    result = told.samples(
        "另存.csv", [sampling_row(1, 生产企业=FIRM, 生产企业代码=credit_code(1), 检验结论="不合格", 备注="见附件")]
    )
    assert (result.facts, result.duplicates) == (0, 1)


# -- withdrawals -------------------------------------------------------------------------------------------------------


def test_撤回是一条新事实_原事实一字未动(told: Ledger) -> None:
    before = snapshot()["fact"]
    number = withdraw(1, reason="样品不是这家的", call=Call(SYSTEM, told.book, NOON), unit="test_market")
    fact = Fact.objects.get(id=number)
    assert (fact.kind, fact.concerns, orjson.loads(fact.body)) == ("withdrawal", 1, {"reason": "样品不是这家的"})
    assert set(before) <= set(snapshot()["fact"])
    assert not FactParty.objects.filter(fact_id=number).exists()
    assert AuditLine.objects.filter(verb="fact.withdrawal", about="fact:1").count() == 1
    assert verify().whole


def test_更正之后可以撤回更正(told: Ledger) -> None:
    fact = corrected(told, 1, {"verdict": "合格"})
    number = withdraw(fact.id, reason="整条作废", call=Call(SYSTEM, told.book, NOON), unit="test_market")
    assert Fact.objects.get(id=number).concerns == fact.id


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "changes", "words", "wanted"),
    [
        (1, {}, {}, ["correction.empty"]),
        (4711, {"verdict": "合格"}, {}, ["fact.absent"]),
        (1, {"verdict": "合格"}, {"reason": "  "}, ["reason.needed"]),
        (1, {"verdict": "合格"}, {"unit": "jia_office"}, ["fact.not_yours"]),
        (4, {"decision": "不予处罚"}, {}, ["fact.not_yours"]),
        (1, {"colour": "红"}, {}, ["correction.field"]),
        (1, {"producer.adress": "虚构路1号"}, {}, ["correction.part"]),
        (1, {"verdict.unit": "x"}, {}, ["correction.part"]),
        (1, {"verdict": "不合格"}, {}, ["correction.same"]),
        (1, {"product": ""}, {}, ["required"]),
        (1, {"verdict": "还行"}, {}, ["choice.unknown"]),
        (1, {"sampled_on": "2026-02-30", "verdict": "还行"}, {}, ["choice.unknown", "day.impossible"]),
    ],
)
def test_不能这样更正的_说明为什么(
    told: Ledger, fact: int, changes: dict[str, str], words: dict[str, Any], wanted: list[str]
) -> None:
    assert sorted(codes(lambda: corrected(told, fact, changes, **words))) == wanted


def test_只有说话的单位可以撤回_并要写理由(told: Ledger) -> None:
    def attempt(fact: int, unit: str, reason: str) -> list[str]:
        return codes(lambda: withdraw(fact, reason=reason, call=Call(SYSTEM, told.book, NOON), unit=unit))

    assert attempt(1, "jia_office", "报错") == ["fact.not_yours"]
    assert attempt(1, "test_market", "") == ["reason.needed"]
    assert attempt(4711, "test_market", "报错") == ["fact.absent"]


def test_已被更正或撤回的_指向后来的那条(told: Ledger) -> None:
    fact = corrected(told, 1, {"verdict": "合格"})
    with pytest.raises(Refused, match=f"请更正事实 {fact.id}"):
        corrected(told, 1, {"verdict": "不判定"})
    gone = withdraw(fact.id, reason="作废", call=Call(SYSTEM, told.book, NOON), unit="test_market")
    assert codes(lambda: corrected(told, fact.id, {"verdict": "不判定"})) == ["fact.superseded"]
    assert codes(lambda: withdraw(gone, reason="恢复", call=Call(SYSTEM, told.book, NOON), unit="test_market")) == [
        "fact.withdrawal"
    ]


def test_规则书里没有了的记录_不能更正(told: Ledger) -> None:

    without = {name: entry for name, entry in told.book[RECORDS].items() if name != "sampling_check"}
    book = with_chapters(told.book, {RECORDS: without})
    assert codes(lambda: corrected(told, 1, {"verdict": "合格"}, call=Call(SYSTEM, book, NOON))) == ["record.unknown"]


def test_规则书改了表头_旧行仍按当时的定义读(told: Ledger) -> None:
    import dataclasses

    entry = told.book[RECORDS]["sampling_check"]
    other = entry.sources["standard"].model_copy(
        update={"columns": {f"新{h}": t for h, t in entry.sources["standard"].columns.items()}}
    )
    renamed = dataclasses.replace(entry, sources={**entry.sources, "standard": other})
    book = with_chapters(told.book, {RECORDS: {**told.book[RECORDS], "sampling_check": renamed}})
    body = orjson.loads(corrected(told, 1, {"verdict": "合格"}, call=Call(SYSTEM, book, NOON)).body)
    assert body == orjson.loads(Fact.objects.get(id=1).body) | {"verdict": "qualified"}


def test_全部标题都有字段(told: Ledger) -> None:
    """What the correction starts from is everything that the row said: nothing of it is lost on the way."""
    fact = corrected(told, 1, {"sample_number": "S99999"})
    assert orjson.loads(fact.body) == orjson.loads(Fact.objects.get(id=1).body) | {"sample_number": "S99999"}
    assert len(orjson.loads(Fact.objects.get(id=1).row)) == len(SAMPLING)
