"""Whoever changes the ledger by hand is found, and the row is named. The triggers are dropped first, as an owner
could.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

import orjson
import pytest
from django.db import connection

from tests.places import (
    NOON,
    SAMPLING,
    Installation,
    Ledger,
    lift_row,
    named,
    sampling_row,
    tamper,
    write_csv,
)
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.facts.verify_ledger import verify_ledger
from zhiheng.actions.identity.link_subjects import merge, undo
from zhiheng.database.content_store import FILES
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.facts import content, marks, statement, statement_key
from zhiheng.kernel.merkle import GENESIS, chained, leaf_hash
from zhiheng.ledger.chain import HEADER, header_of
from zhiheng.ledger.models import Alias, Delivery, Fact, FactParty, RefusedRow
from zhiheng.ledger.verify import verify


def fill(ledger: Ledger) -> None:
    """Three deliveries of rows, one with refused rows, and a correction and a withdrawal after them."""
    ledger.samples("一月.csv", [sampling_row(i) for i in range(12)])
    ledger.samples("二月.csv", [*(sampling_row(i) for i in range(20, 27)), sampling_row(98, 抽样日期="不详")])
    ledger.lifts("电梯.csv", [lift_row(f"L{i}") for i in range(5)])
    correct(2, {"product": "试验面条"}, reason="笔误", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    withdraw(3, reason="报错", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    report = verify()
    assert report.whole, report.findings
    assert (report.facts, report.deliveries) == (26, 5)
    assert report.head == Delivery.objects.order_by("-id")[0].link


def marked(fact: Fact) -> str:
    """The marks of a stored fact."""
    until = None if fact.valid_until is None else str(fact.valid_until)
    return marks(fact.row_number, str(fact.occurred_on), until, fact.outcome, fact.area, fact.flags, fact.thing)


def test_链从零开始逐环相扣(filled: Ledger) -> None:
    link = GENESIS
    for row in Delivery.objects.order_by("id").values(*HEADER, "link"):
        link = chained(link, header_of(row))
        assert link.hex() == row["link"]


CHANGES = {
    "body": '{"product":"别的"}',
    "row": '["别的"]',
    "record": "lift_register",
    "unit": "jia_office",
    "kind": "correction",
    "concerns": 1,
    "leaf": bytes(32),
    "key": 12345,
    "delivery_id": 2,
    "row_number": 77,
    "occurred_on": dt.date(2020, 1, 1),
    "valid_until": dt.date(2020, 1, 1),
    "outcome": "neutral",
    "area": "990901002",
    "flags": "made_before_sampled",
    "thing": 9,
}


@pytest.mark.parametrize("column", sorted(CHANGES))
def test_改动事实的任何一列都会被点名(filled: Ledger, column: str) -> None:
    assert set(CHANGES) | {"id"} == {field.column for field in Fact._meta.concrete_fields}
    value = CHANGES[column]
    assert tamper(f'UPDATE ledger_fact SET "{column}" = %s WHERE id = 5', value) == 1
    assert ("changed", 5) in named(verify(parties=False).findings)
    assert {fact for kind, fact in named(verify().findings)} == {5}


def test_连同叶哈希和陈述键一起改的行_靠存档文件点名(filled: Ledger) -> None:
    fact = Fact.objects.get(id=7)
    body = orjson.loads(fact.body) | {"verdict": "qualified", "product": "好挂面"}
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()
    said = statement(fact.record, fact.unit, fact.kind, "", text)
    tamper(
        "UPDATE ledger_fact SET body = %s, leaf = %s, key = %s WHERE id = 7",
        text,
        leaf_hash(content(said, marked(fact), fact.row)),
        statement_key(said),
    )
    assert named(verify().findings) == {("root", None), ("key", 7)}
    tamper("UPDATE ledger_factkey SET key = %s WHERE fact_id = 7", statement_key(said))
    assert named(verify().findings) == {("root", None)}
    report = verify_ledger(call=Call(SYSTEM, filled.book, NOON))
    assert ("changed", 7) in named(report.findings)
    assert "第 8 行" in next(f.zh for f in report.findings if f.fact == 7)
    assert {f.fact for f in report.findings if f.kind == "changed"} == {7}


def test_存档文件也被改时说明查不出(filled: Ledger) -> None:
    fact = Fact.objects.get(id=7)
    said = statement(fact.record, fact.unit, fact.kind, "", "{}")
    tamper(
        "UPDATE ledger_fact SET body = %s, leaf = %s, key = %s WHERE id = 7",
        "{}",
        leaf_hash(content(said, marked(fact), fact.row)),
        statement_key(said),
    )
    kept = FILES.path_of(fact.delivery.file_digest)
    kept.write_bytes(kept.read_bytes() + b"\n")
    found = verify_ledger(call=Call(SYSTEM, filled.book, NOON)).findings
    assert {"root", "file"} <= {f.kind for f in found}
    assert not any(f.kind == "changed" for f in found)
    kept.unlink()
    assert {"root", "file"} <= {f.kind for f in verify_ledger(call=Call(SYSTEM, filled.book, NOON)).findings}


def test_更正被连哈希一起改_也点得出名_因为那次报送只有它一条(filled: Ledger) -> None:
    fact = Fact.objects.get(kind="correction")
    said = statement(fact.record, fact.unit, fact.kind, str(fact.concerns), "{}")
    tamper(
        "UPDATE ledger_fact SET body = %s, leaf = %s, key = %s WHERE id = %s",
        "{}",
        leaf_hash(content(said, marked(fact), fact.row)),
        statement_key(said),
        fact.id,
    )
    assert ("root", fact.id) in named(verify_ledger(call=Call(SYSTEM, filled.book, NOON)).findings)


def test_删掉的行和一段行都会被点名(filled: Ledger) -> None:
    tamper("DELETE FROM ledger_fact WHERE id = 4")
    assert ("removed", 4) in named(verify(parties=False).findings)
    tamper("DELETE FROM ledger_fact WHERE id BETWEEN 8 AND 12")
    found = verify(parties=False).findings
    assert [f.fact for f in found if f.kind == "removed"] == [4, 8]
    assert "8 至 12" in next(f.zh for f in found if f.fact == 8)


@pytest.mark.parametrize("number", [-5, 0, 1000, (1 << 63) - 1])
def test_插入的行会被点名(filled: Ledger, number: int) -> None:
    columns = "record, unit, kind, occurred_on, area, flags, body, row, leaf, row_number"
    tamper(
        f"INSERT INTO ledger_fact (id, delivery_id, key, {columns}) SELECT %s, 1, 777, {columns} FROM ledger_fact "
        "WHERE id = 1",
        number,
    )
    assert named(verify(parties=False).findings) == {("inserted", number)}


def test_插在空出的编号里的行会被点名(filled: Ledger) -> None:
    tamper("DELETE FROM ledger_fact WHERE id = 6")
    columns = "record, unit, kind, occurred_on, area, flags, body, row, leaf, row_number"
    tamper(
        f"INSERT INTO ledger_fact (id, delivery_id, key, {columns}) SELECT 6, 1, 777, {columns} FROM ledger_fact "
        "WHERE id = 1"
    )
    assert ("changed", 6) in named(verify(parties=False).findings)


HEADER_CHANGES = {
    "state": "held",
    "unit": "jia_office",
    "record": "lift_register",
    "source": "platform",
    "edition": "0" * 64,
    "file_name": "别的.csv",
    "file_digest": "0" * 64,
    "table_name": "别的",
    "part": 2,
    "headings": "[]",
    "learned_on": dt.date(2020, 1, 1),
    "row_count": 99,
    "duplicate_count": 9,
    "refused_count": 5,
    "flagged_count": 9,
    "notes": '["x"]',
    "answers_id": 1,
    "root": "0" * 64,
    "refused_root": "0" * 64,
    "link": "0" * 64,
    "first_fact": 14,
    "fact_count": 3,
    "subject": 7,
    "first_alias": 99,
    "alias_count": 77,
    "alias_root": "0" * 64,
    "skipped_count": 3,
    "skipped_root": "0" * 64,
}


@pytest.mark.parametrize("column", sorted(HEADER_CHANGES))
def test_改动报送登记的任何一栏都会被发现(filled: Ledger, column: str) -> None:
    assert set(HEADER_CHANGES) | {"id"} == {*HEADER, "link"}
    tamper(f'UPDATE ledger_delivery SET "{column}" = %s WHERE id = 2', HEADER_CHANGES[column])
    assert next(f.delivery for f in verify(parties=False).findings if f.kind == "chain") == 2


def test_删掉的报送会被点名_它的事实成了无主(filled: Ledger) -> None:
    tamper("DELETE FROM ledger_delivery WHERE id = 3")
    found = verify(parties=False).findings
    assert [(f.delivery, f.zh) for f in found if f.kind == "chain"] == [(3, "报送 3 已被删除。")]
    assert {f.delivery for f in found if f.kind == "orphan"} == {3}
    assert sorted(f.fact for f in found if f.kind == "orphan") == list(range(20, 25))


def test_插入的报送会被点名(filled: Ledger) -> None:
    columns = ", ".join(f'"{c}"' for c in HEADER if c != "id")
    tamper(
        f"INSERT INTO ledger_delivery (id, link, {columns}) SELECT 6, 'x', {columns} FROM ledger_delivery WHERE id = 5"
    )
    tamper("UPDATE ledger_delivery SET link = %s WHERE id = 6", "ab" * 32)
    found = verify(parties=False).findings
    assert ("chain", 6) in {(f.kind, f.delivery) for f in found}
    assert any(f.kind == "overlap" for f in found)


def test_整段截掉末尾时_只有先前记下的链尾能发现(filled: Ledger) -> None:
    noted = verify().head
    earlier = Delivery.objects.get(id=2).link
    last = Delivery.objects.get(id=5)
    tamper("DELETE FROM ledger_fact WHERE delivery_id = %s", last.id)
    tamper("DELETE FROM ledger_delivery WHERE id = %s", last.id)
    tamper("DELETE FROM ledger_factkey WHERE fact_id >= %s", last.first_fact)
    assert verify().whole
    assert [f.kind for f in verify(head=noted).findings] == ["head"]
    assert verify(head=earlier).whole


def test_退回行被改被删被插都会被发现_并靠存档文件说出第几行(filled: Ledger) -> None:
    row = RefusedRow.objects.get()
    tamper("UPDATE ledger_refusedrow SET cells = %s", '["假的"]')
    found = verify_ledger(call=Call(SYSTEM, filled.book, NOON)).findings
    assert {(f.kind, f.delivery) for f in found} == {("refused", 2)}
    assert any(f"第 {row.row_number} 行" in f.zh for f in found)
    tamper("DELETE FROM ledger_refusedrow")
    found = verify_ledger(call=Call(SYSTEM, filled.book, NOON)).findings
    assert any(f"第 {row.row_number} 行" in f.zh for f in found)
    tamper("INSERT INTO ledger_refusedrow (delivery_id, row_number, cells, reasons) VALUES (1, 9, '[]', '[]')")
    assert {1, 2} == {f.delivery for f in verify().findings if f.kind == "refused"}


def test_不是数据的行被改被删被插都会被发现(filled: Ledger) -> None:
    filled.samples("三月.csv", [sampling_row(70), ["合计", "1批次"]])
    assert verify().whole
    tamper("UPDATE ledger_skippedrow SET cells = %s", '["假的"]')
    assert named(verify().findings) == {("skipped", None)}
    tamper("DELETE FROM ledger_skippedrow")
    assert named(verify().findings) == {("skipped", None)}
    tamper("INSERT INTO ledger_skippedrow (delivery_id, row_number, cells, reason) VALUES (1, 9, '[]', '{}')")
    assert {1, 6} == {f.delivery for f in verify().findings if f.kind == "skipped"}


def test_定义被改被删被改名都会被发现(filled: Ledger) -> None:
    edition = Delivery.objects.get(id=1).edition
    tamper("UPDATE ledger_definition SET record = 'lift_register' WHERE edition = %s", edition)
    assert {f.kind for f in verify(parties=False).findings} == {"edition"}
    tamper("UPDATE ledger_definition SET text = '{\"record\":{}}' WHERE edition = %s", edition)
    assert any(edition[:12] in f.en for f in verify(parties=False).findings)
    tamper("DELETE FROM ledger_definition WHERE edition = %s", edition)
    assert {f.delivery for f in verify(parties=False).findings if f.kind == "edition"} >= {1, 2}


def test_抹去关联就把事实藏出了档案_会被点名(filled: Ledger) -> None:
    link = FactParty.objects.filter(fact_id=1, role="producer").get()
    tamper("DELETE FROM ledger_factparty WHERE fact_id = 1 AND role = 'producer'")
    found = verify().findings
    assert named(found) == {("link", 1)}
    assert Alias.objects.get(id=link.alias_id).name in found[0].zh
    assert verify(parties=False).whole


def test_多出的关联会被点名(filled: Ledger) -> None:
    stranger = Alias.objects.exclude(id__in=FactParty.objects.filter(fact_id=1).values("alias_id"))[0].id
    tamper("INSERT INTO ledger_factparty (alias_id, fact_id, role) VALUES (%s, 1, 'producer')", stranger)
    assert named(verify().findings) == {("link", 1)}


def test_关联改了角色或指向不存在的名称会被点名(filled: Ledger) -> None:
    tamper("UPDATE ledger_factparty SET role = 'seller' WHERE fact_id = 1 AND role = 'producer'")
    assert named(verify().findings) == {("link", 1)}
    tamper("UPDATE ledger_factparty SET alias_id = 99999 WHERE fact_id = 20 AND role = 'user_unit'")
    assert named(verify().findings) == {("link", 1), ("link", 20)}


def test_设备的关联也在核验之内(filled: Ledger) -> None:
    tamper("DELETE FROM ledger_factparty WHERE fact_id = 21 AND role = 'about'")
    assert named(verify().findings) == {("link", 21)}


def test_不存在的事实的关联不打乱其余的核验(filled: Ledger) -> None:
    alias = Alias.objects.all()[0].id
    tamper("INSERT INTO ledger_factparty (alias_id, fact_id, role) VALUES (%s, -3, 'producer')", alias)
    tamper("DELETE FROM ledger_fact WHERE id = 2")
    tamper("DELETE FROM ledger_factparty WHERE fact_id = 10 AND role = 'seller'")
    found = [f for f in verify().findings if f.kind == "link"]
    assert {f.fact for f in found} == {10, None}
    assert "1 条关联" in next(f.zh for f in found if f.fact is None)


def test_名称被改写会被发现(filled: Ledger) -> None:
    alias = Alias.objects.order_by("id")[0]
    tamper("UPDATE ledger_alias SET name = '别家' WHERE id = %s", alias.id)
    assert "alias" in {f.kind for f in verify().findings}


def test_名称在合并之后被悄悄挪走会被发现(filled: Ledger) -> None:
    one, two = Alias.objects.filter(kind="enterprise").order_by("id")[:2]
    merge(one.subject_id, [two.subject_id], reason="同一家", call=Call(SYSTEM, filled.book, NOON))
    assert verify().whole
    Alias.objects.filter(id=two.id).update(subject_id=two.subject_id)
    assert [f.kind for f in verify().findings] == ["moved"]


def test_从未合并过的名称被悄悄换了主体_会说出是哪次报送带来的(filled: Ledger) -> None:
    one, two = Alias.objects.filter(kind="enterprise").order_by("id")[:2]
    assert one.subject_id != two.subject_id
    Alias.objects.filter(id=two.id).update(subject_id=one.subject_id)
    assert {(f.kind, f.delivery) for f in verify().findings} == {("relinked", 1)}


def test_合并_撤销之后再合并_主体的来历仍对得上(filled: Ledger) -> None:
    one, two, three = Alias.objects.filter(kind="enterprise").order_by("id")[:3]
    act = merge(one.subject_id, [two.subject_id], reason="同一家", call=Call(SYSTEM, filled.book, NOON))
    undo(act.id, reason="认错了", call=Call(SYSTEM, filled.book, NOON))
    merge(three.subject_id, [two.subject_id], reason="是这一家", call=Call(SYSTEM, filled.book, NOON))
    assert verify().whole


def test_一次读多少关联_记住多少当事方_都不影响结果(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    tamper("DELETE FROM ledger_factparty WHERE fact_id IN (3, 4, 20) AND role IN ('producer', 'user_unit')")
    for size in (1, 2, 3, 7):
        monkeypatch.setattr("zhiheng.ledger.party_links._BATCH", size)
        monkeypatch.setattr("zhiheng.ledger.party_links._KEEP", size)
        assert named(verify().findings) == {("link", 3), ("link", 4), ("link", 20)}


def test_关联全被抹去时_先点名一部分_其余说出多少(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.ledger.verify._NAMED", 5)
    tamper("DELETE FROM ledger_factparty")
    found = verify().findings
    assert [f.fact for f in found] == [1, 2, 3, 4, 5, 6]
    assert "另有 20 条事实" in found[-1].zh


def test_每条发现都有两种语言(filled: Ledger) -> None:
    tamper("DELETE FROM ledger_fact WHERE id = 4")
    tamper("UPDATE ledger_fact SET body = '{}' WHERE id = 5")
    tamper("UPDATE ledger_delivery SET notes = 'x' WHERE id = 2")
    found = verify().findings
    assert len(found) >= 3
    assert all(f.zh.endswith("。") and f.en.endswith(".") for f in found)


def test_陈述键的索引被人动过_会被点名(filled: Ledger) -> None:
    tamper("DELETE FROM ledger_factkey WHERE fact_id = 5")
    (found,) = verify(parties=False).findings
    assert (found.kind, found.fact) == ("key", 5)
    assert "事实 5" in found.zh
    tamper("INSERT INTO ledger_factkey (key, fact_id) SELECT key, 6 FROM ledger_fact WHERE id = 5")
    assert named(verify(parties=False).findings) == {("key", 5), ("key", 6)}
    tamper("UPDATE ledger_factkey SET fact_id = 5 WHERE key = (SELECT key FROM ledger_fact WHERE id = 5)")
    assert verify().whole
    tamper("INSERT INTO ledger_factkey (key, fact_id) VALUES (77, 9999)")
    assert named(verify().findings) == {("key", 9999)}


def test_两条事实的陈述键对调_也会被点名(filled: Ledger) -> None:
    one, two = (Fact.objects.get(id=number).key for number in (5, 6))
    tamper("UPDATE ledger_factkey SET fact_id = 5 WHERE key = %s", two)
    tamper("UPDATE ledger_factkey SET fact_id = 6 WHERE key = %s", one)
    (lost, strange) = verify().findings
    assert "事实 5、6" in lost.zh
    assert "事实 5、6" in strange.zh


@pytest.mark.slow
def test_多个进程核验与一个进程结果相同(installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(900)])
    done = installation.run("receive", str(path), "--from", "test_market", "--confirm-volume")
    assert done.returncode == 0, done.stderr
    program = (
        "import orjson; from zhiheng.cli.session import set_up; set_up(); import zhiheng.ledger.verify as v; v._FEW = "
        "100; from tests.places import tamper; tamper('DELETE FROM ledger_factparty WHERE fact_id = 7'); "
        "tamper('UPDATE ledger_fact SET row = %s WHERE id = 850', '[]'); told = [[(f.kind, f.fact) for f in "
        "v.verify(processes=n).findings] for n in (1, 2)]; print(orjson.dumps(told).decode())"
    )
    done = installation.run("-c", program)
    one, two = orjson.loads(done.stdout)
    assert one == two == [["changed", 850], ["link", 7]], done.stderr


def test_定义的摘要就是其文字的摘要(filled: Ledger) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT edition, text FROM ledger_definition")
        rows = cursor.fetchall()
    assert rows
    assert all(sha256(text.encode()).hexdigest() == edition for edition, text in rows)
