"""数据湖：内容与台账一致，增量与重建一致，中途被杀不留下半成品。"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from tests.book_once import with_chapters
from tests.places import NOON, Ledger, lift_row, sampling_row, write_csv
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.analytics import lake as lake_module
from zhiheng.analytics.lake import Lake, project
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.jobs import schedule, tasks
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact, FactParty

WEIGHINGS = ("运输单位", "称重日期", "毛重", "皮重")


def rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    """All rows of a table of the lake, in a fixed order."""
    with lake.open(lake.manifest()) as connection:
        cursor = connection.execute(f'SELECT * FROM "{table}" ORDER BY ALL')
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def everything(lake: Lake) -> dict[str, list[dict[str, Any]]]:
    """The whole content of a lake."""
    names = [n for record in lake.layouts for n in (record, f"{record}/parties")]
    return {name: rows(lake, name) for name in (*names, "_acts", "_aliases")}


def fill(ledger: Ledger) -> None:
    """Three records, three years, several parties in one role, flags, a correction, a withdrawal and a merge."""
    ledger.samples(
        "a.csv",
        [
            sampling_row(1, 检验结果="8.2×10²/8.6×10²", 备注='有"引号"、\\反斜杠和\n换行'),
            sampling_row(2, 抽样日期="2024-12-31", 生产日期=""),
            sampling_row(3, 生产企业="受委托生产商：试验甲食品厂；委托商：试验乙商贸有限公司", 生产日期="2026-04-01"),
            sampling_row(4, 生产企业="试验甲食品厂、试验丙食品厂", 抽样日期="2025-01-01"),
            sampling_row(5, 被抽样单位=""),
        ],
        day="2026-05-04",
    )
    ledger.lifts(
        "b.csv", [lift_row("31109901012026000001"), lift_row("31109901012026000002", 下次检验日期="")], day="2026-05-05"
    )
    write_csv(ledger.folder / "c.csv", WEIGHINGS, [["试验丁运输有限公司", "2026-02-03", "12.5", "4.5"]])
    ledger.receive(ledger.folder / "c.csv", day="2026-05-06")
    first, last = Fact.objects.filter(record="sampling_check").order_by("id").values_list("id", flat=True)[:2]
    correct(
        first,
        {"remark": "更正后", "verdict": "合格"},
        reason="录入有误",
        call=Call(SYSTEM, ledger.book, NOON),
        unit="test_market",
    )
    withdraw(last, reason="重复", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")


def more(ledger: Ledger) -> None:
    """A second month."""
    ledger.samples("d.csv", [sampling_row(n, 抽样日期="2026-06-07") for n in range(20, 30)], day="2026-06-30")
    ledger.lifts("e.csv", [lift_row("31109901012026000001", 登记日期="2026-06-01", 使用状态="停用")], day="2026-06-30")


@pytest.mark.slow
def test_台账中的每个事实都在湖里而且按类型成列(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    done = project(lake)
    assert done.facts == Fact.objects.exclude(kind="withdrawal").count()
    samples = {row["fact_id"]: row for row in rows(lake, "sampling_check")}
    first = samples[1]
    assert first["sample_number"] == "S00001"
    assert first["sampled_on"] == first["occurred_on"] == dt.date(2026, 3, 5)
    assert first["learned_on"] == dt.date(2026, 5, 4)
    assert (first["delivery_id"], first["row_number"], first["unit"], first["kind"]) == (
        1,
        2,
        "test_market",
        "statement",
    )
    assert first["result_text"] == "8.2×10²/8.6×10²mg/kg"
    assert first["result_limit_value"] == Decimal(200)
    assert first["remark"].startswith('有"引号"、\\反斜杠和')
    assert {f: row["severity"] for f, row in samples.items() if row["outcome"] == "fail"} == {3: "serious"}
    assert samples[3]["flags"] == "made_before_sampled"
    assert first["flags"] is None
    assert samples[2]["occurred_year"] == 2024
    (correction,) = [row for row in samples.values() if row["kind"] == "correction"]
    assert (correction["concerns"], correction["remark"], correction["outcome"]) == (1, "更正后", "pass")
    lifts = rows(lake, "lift_register")
    assert [row["valid_until"] for row in lifts] == [dt.date(2026, 12, 31), None]
    assert all(row["thing"] is not None for row in lifts)
    (weighing,) = rows(lake, "weighing")
    assert weighing["net"] == Decimal(8)


@pytest.mark.slow
def test_每个事实的各方都能从湖里找到对应的主体(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    found = {(row["fact_id"], row["role"], row["alias_id"]) for r in lake.layouts for row in rows(lake, f"{r}/parties")}
    further = {fact for fact, _, _ in found}
    for name, layout in lake.layouts.items():
        for row in rows(lake, name):
            assert row["further_parties"] == (row["fact_id"] in further)
            found |= {
                (row["fact_id"], role, row[column]) for role, column in layout.roles.items() if row[column] is not None
            }
    in_ledger = set(FactParty.objects.values_list("fact_id", "role", "alias_id"))
    assert found == in_ledger
    assert further
    aliases = {row["alias_id"]: (row["subject_id"], row["name"]) for row in rows(lake, "_aliases")}
    assert aliases == {a.id: (a.subject_id, a.name) for a in Alias.objects.all()}


def test_更正和撤回记在单独的表里(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    acts = [(row["concerns"], row["kind"], row["record"], row["learned_on"]) for row in rows(lake, "_acts")]
    day = NOON.date()
    assert sorted(acts) == [(1, "correction", "sampling_check", day), (2, "withdrawal", "sampling_check", day)]
    assert lake.manifest().acted_on == {"sampling_check": 2}


@pytest.mark.slow
def test_增量投影与删掉重建的内容相同(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    first = project(lake)
    more(ledger)
    second = project(lake)
    assert second.from_id == first.to_id + 1
    assert second.facts == 11
    grown = everything(lake)
    shutil.rmtree(lake.folder)
    assert project(lake).facts == first.facts + 11
    assert everything(lake) == grown


@pytest.mark.slow
def test_没有新事实时不写新文件只更新主体对应(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    before = {path.relative_to(lake.folder) for path in lake.folder.glob("*/**/*.parquet")}
    one, other = Alias.objects.filter(name__in=["试验甲食品厂", "试验丙食品厂"]).values_list("subject_id", flat=True)
    merge(one, [other], reason="同一家", call=Call(SYSTEM, ledger.book, NOON))
    done = project(lake)
    assert (done.facts, done.files) == (0, 0)
    assert {path.relative_to(lake.folder) for path in lake.folder.glob("*/**/*.parquet")} == before
    subjects = {row["name"]: row["subject_id"] for row in rows(lake, "_aliases")}
    assert subjects["试验甲食品厂"] == subjects["试验丙食品厂"] == one


@pytest.mark.slow
def test_什么都没有变时湖里一个字节也不写(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    project(lake)

    def state() -> dict[str, tuple[int, int]]:
        files = (path for path in lake.folder.rglob("*") if path.is_file() and path.name != ".lock")
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}

    before = state()
    done = project(lake)
    assert (done.facts, done.files, done.from_id) == (0, 0, done.to_id + 1)
    assert state() == before
    more(ledger)
    assert project(lake).facts == 11
    grown = everything(lake)
    shutil.rmtree(lake.folder)
    project(lake)
    assert everything(lake) == grown


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before the manifest", "while writing"])
def test_任何时刻被杀都留下可用的湖再运行就完整(
    ledger: Ledger, lake: Lake, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    fill(ledger)
    project(lake)
    whole = everything(lake)
    more(ledger)

    class Killed(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if moment == "while writing":
            patch.setattr(lake_module._Partitions, "_write", killed)
        else:
            patch.setattr(lake_module, "_write_last", killed)
        with pytest.raises(Killed):
            project(lake)
    # Aliases may be newer than the facts: they only say more.
    for name, content in everything(lake).items():
        if name != "_aliases":
            assert content == whole[name]
    stray = lake.folder / "sampling_check" / "occurred_year=2026" / "facts-99-99.parquet"
    stray.write_bytes(b"half a file")
    project(lake)
    assert not stray.exists()
    grown = everything(lake)
    shutil.rmtree(lake.folder)
    project(lake)
    assert everything(lake) == grown


@pytest.mark.slow
def test_规则书改了某个记录只重建这个记录而且先说明要投影(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    entry = lake.book[RECORDS]["sampling_check"]
    record = entry.record.model_copy(update={"severity": {"fail": "critical"}})
    records = lake.book[RECORDS] | {"sampling_check": dataclasses.replace(entry, record=record)}
    newer = Lake(lake.folder, with_chapters(lake.book, {RECORDS: records}))
    with pytest.raises(Refused, match="投影"):
        newer.open(newer.manifest())
    done = project(newer)
    assert done.rebuilt == ("sampling_check",)
    assert done.facts == Fact.objects.filter(record="sampling_check").exclude(kind="withdrawal").count()
    assert {row["severity"] for row in rows(newer, "sampling_check")} == {None, "critical"}


@pytest.mark.slow
def test_规则书里删掉的记录不影响其他记录(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    fewer = {name: entry for name, entry in lake.book[RECORDS].items() if name != "weighing"}
    smaller = Lake(lake.folder, with_chapters(lake.book, {RECORDS: fewer}))
    assert project(smaller).unknown == ("weighing",)
    project(lake)
    assert len(rows(lake, "weighing")) == 1


@pytest.mark.slow
def test_损坏的文件和另一本台账都会引起重建(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    whole = everything(lake)
    path = next((lake.folder / "lift_register").glob("*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-10])
    assert project(lake).rebuilt == ("lift_register",)
    assert everything(lake) == whole
    manifest = json.loads((lake.folder / "manifest.json").read_text("utf-8"))
    (lake.folder / "manifest.json").write_text(json.dumps(manifest | {"link": "f" * 64}), "utf-8")
    assert project(lake).facts == Fact.objects.exclude(kind="withdrawal").count()
    assert everything(lake) == whole


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", "null", '{"version": 3}', "\x00\xff", '{"version": 3, "watermark": 1}', "cut"]
)
@pytest.mark.slow
def test_清单坏了_读的人得到一句话_下一次投影自己重建(
    ledger: Ledger, lake: Lake, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger)
    project(lake)
    whole = everything(lake)
    path = lake.folder / "manifest.json"
    text = path.read_text("utf-8")
    path.write_text(text[: len(text) // 2] if broken == "cut" else broken, "utf-8")
    with pytest.raises(Refused) as told:
        lake.manifest()
    assert told.value.refusals[0].code == "lake.damaged"
    monkeypatch.setattr(tasks, "lake", lambda: lake)
    schedule._looked_at.clear()
    assert schedule.lake_is_damaged(NOON), "the worker finds it by itself"
    project(lake)
    assert not schedule.lake_is_damaged(NOON)
    assert everything(lake) == whole
    assert lake.damaged() == []


@pytest.mark.slow
def test_大小没变_内容变了的文件_逐字节核对时发现并重建(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    whole = everything(lake)
    path = next((lake.folder / "lift_register").glob("*/*.parquet"))
    good = path.read_bytes()
    path.write_bytes(good[:200] + bytes(byte ^ 1 for byte in good[200:600]) + good[600:])
    assert lake.damaged() == [str(path.relative_to(lake.folder))]
    assert project(lake).rebuilt == (), "an ordinary run reads only what is new"
    assert project(lake, thorough=True).rebuilt == ("lift_register",)
    assert lake.damaged() == []
    assert everything(lake) == whole


@pytest.mark.slow
def test_名称对照的文件坏了_也发现并重写(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    whole = everything(lake)
    path = lake.folder / "_aliases.parquet"
    good = path.read_bytes()
    path.write_bytes(good[:50] + bytes([good[50] ^ 1]) + good[51:])
    assert lake.damaged() == ["_aliases.parquet"]
    project(lake, thorough=True)
    assert lake.damaged() == []
    assert everything(lake) == whole


@pytest.mark.slow
def test_小文件多了会合并而内容不变(ledger: Ledger, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_module, "SMALL_FILES", 2)
    for number in range(5):
        ledger.samples(f"{number}.csv", [sampling_row(number)])
        project(lake)
    files = lake.manifest().facts["sampling_check"]
    assert len(files) <= 2
    assert sum(file.rows for file in files) == 5
    assert [row["sample_number"] for row in rows(lake, "sampling_check")] == [f"S{n:05d}" for n in range(5)]


def test_很长的一行也能投影(ledger: Ledger, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_module, "LINE_BYTES", (2_000, 64_000_000))
    ledger.samples("a.csv", [sampling_row(1, 备注="长" * 20_000)])
    assert project(lake).facts == 1
    assert len(rows(lake, "sampling_check")[0]["remark"]) == 20_000


@pytest.mark.slow
def test_旧版规则书写下的另一种形状的值为空而其余照常(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    entry = lake.book[RECORDS]["sampling_check"]
    types = {
        source: {**some, "product": some["result"], "remark": some["sampled_on"]}
        for source, some in entry.types.items()
    }
    records = lake.book[RECORDS] | {"sampling_check": dataclasses.replace(entry, types=types)}
    newer = Lake(lake.folder, with_chapters(lake.book, {RECORDS: records}))
    project(newer)
    found = rows(newer, "sampling_check")
    assert {row["product_text"] for row in found} == {row["remark"] for row in found} == {None}
    assert [row["sample_number"] for row in found][:2] == ["S00001", "S00002"]
    assert all(row["producer"] for row in found)


def test_放不进列的数为空而不是让投影停下(ledger: Ledger, lake: Lake) -> None:
    ledger.samples("a.csv", [sampling_row(1, 检验结果="1" + "0" * 30), sampling_row(2, 检验结果="12.5")])
    project(lake)
    assert [row["result_value"] for row in rows(lake, "sampling_check")] == [None, Decimal("12.5")]


@pytest.mark.slow
def test_台账读不出时投影报错而湖保持原样(ledger: Ledger, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(ledger)
    project(lake)
    whole = everything(lake)
    more(ledger)

    def broken(*_: Any, **__: Any) -> Any:
        yield 1, b'{"_id": 1'
        raise OSError("磁盘读错误")

    monkeypatch.setattr(lake_module.ledger_extract, "facts", broken)
    with pytest.raises(OSError, match="磁盘读错误"):
        project(lake)
    assert everything(lake) == whole


def test_两次投影同时开始时后到的等先到的(ledger: Ledger, lake: Lake) -> None:
    fill(ledger)
    project(lake)
    order: list[str] = []
    started = threading.Event()

    def second() -> None:
        started.set()
        with lake_module._alone(lake.folder):
            order.append("second")

    waiting = threading.Thread(target=second)
    with lake_module._alone(lake.folder):
        waiting.start()
        started.wait()
        waiting.join(0.1)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_湖的清单说明台账到哪一条和哪一天(ledger: Ledger, lake: Lake) -> None:
    assert lake.manifest().watermark == 0
    fill(ledger)
    project(lake)
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM ledger_fact")
        assert lake.manifest().watermark == cursor.fetchone()[0]
    assert lake.manifest().learned_on == NOON.date()
