"""Bulk files: what they hold, that their digests are true, that nothing taken down is ever handed out."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json

import pyarrow.parquet as pq
import pytest
from jsonschema_rs import validator_for

from tests.published.places import OFFICER, Place
from zhiheng.actions.publication import rebuild_open_data
from zhiheng.actions.publication.rebuild_open_data import after_a_withdrawal, folder, rebuild
from zhiheng.actions.publication.withdraw_publication import withdraw
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.published import open_data
from zhiheng.published.models import OpenFile, PublishedEntry, Withdrawal

pytestmark = pytest.mark.slow

PENALTY = ("administrative_penalty", "一般裁量的罚款")


def content(name: str) -> bytes:
    return (folder() / OpenFile.objects.get(name=name).path).read_bytes()


def build(place: Place) -> None:
    rebuild(call=Call(SYSTEM, place.book, place.now), lists=["penalties"])


def test_三种格式说的是同一件事且都没有保密的内容(place: Place) -> None:
    entry = place.publish(*PENALTY, 办案人员="魏清和")
    build(place)
    table = list(csv.DictReader(io.StringIO(content("administrative_penalty.csv").decode("utf-8-sig"))))
    document = json.loads(content("administrative_penalty.json"))
    columnar = pq.read_table(folder() / OpenFile.objects.get(name="administrative_penalty.parquet").path).to_pylist()
    assert (
        [row["id"] for row in table]
        == [e["id"] for e in document["entries"]]
        == [r["id"] for r in columnar]
        == [entry.public_id]
    )
    assert table[0]["officers"] == document["entries"][0]["fields"]["officers"] == columnar[0]["officers"] == "魏**"
    assert columnar[0]["show_until"] == dt.date(2027, 8, 20)
    assert document["entries"][0]["enterprises"][0]["code"] == "919901019YN9DYXP8Y"
    for file in OpenFile.objects.all():
        assert "魏清和".encode() not in content(file.name)


def test_文件符合随附的模式(place: Place) -> None:
    place.publish(*PENALTY)
    build(place)
    validator = validator_for(json.loads(content("administrative_penalty.schema.json")))
    document = json.loads(content("administrative_penalty.json"))
    assert [error.message for error in validator.iter_errors(document)] == []
    del document["entries"][0]["id"]
    assert not validator.is_valid(document)


def test_摘要和条数与文件一致(place: Place) -> None:
    place.publish(*PENALTY)
    build(place)
    for file in OpenFile.objects.all():
        assert hashlib.sha256(content(file.name)).hexdigest() == file.digest
        assert len(content(file.name)) == file.size
    assert OpenFile.objects.get(name="administrative_penalty.csv").rows == 1


def test_撤下后文件立即不含它且撤下清单有它(place: Place, django_capture_on_commit_callbacks) -> None:
    entry = place.publish(*PENALTY)
    build(place)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw([entry.public_id], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
    assert entry.public_id.encode() not in content("administrative_penalty.json")
    assert entry.public_id.encode() in content("taken_down.csv")
    assert not OpenFile.objects.filter(stale=True).exists()
    assert Withdrawal.objects.get().files_at is not None


def test_提交之前文件已经停止下载(place: Place) -> None:
    """Whoever downloads between the withdrawal and the new files gets nothing, not the old ones."""
    entry = place.publish(*PENALTY)
    build(place)
    withdraw([entry.public_id], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
    assert set(OpenFile.objects.filter(list="penalties").values_list("stale", flat=True)) == {True}


def test_长清单留给后台重新生成而不占用办事的人(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = place.publish(*PENALTY)
    build(place)
    monkeypatch.setattr(rebuild_open_data, "AT_ONCE", -1)
    withdraw([entry.public_id], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
    after_a_withdrawal(["penalties"], book=place.book, now=place.now)
    assert OpenFile.objects.filter(list="penalties", stale=True).count() == 4
    assert "administrative_penalty.csv" in rebuild(call=Call(SYSTEM, place.book, place.now), only_stale=True)
    assert OpenFile.objects.filter(stale=True).count() == 0


def test_生成途中撤下的会重新生成(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = place.publish(*PENALTY)
    real, calls = open_data.write, []

    def slow(*args, **words):
        written = real(*args, **words)
        if not calls:
            withdraw([entry.public_id], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
        calls.append(1)
        return written

    monkeypatch.setattr(open_data, "write", slow)
    build(place)
    assert len(calls) == 2
    assert entry.public_id.encode() not in content("administrative_penalty.json")


def test_没有变化的清单不重写(place: Place) -> None:
    place.publish(*PENALTY)
    rebuild(call=Call(SYSTEM, place.book, place.now))
    assert rebuild(call=Call(SYSTEM, place.book, place.now), only_stale=True) == []
    place.publish(*PENALTY, 处罚决定书文号="云锦市监处罚〔2026〕32号")
    assert "administrative_penalty.json" in rebuild(call=Call(SYSTEM, place.book, place.now), only_stale=True)


def test_公众和无权的人不能生成(place: Place) -> None:
    with pytest.raises(Refused):
        rebuild(call=Call(PUBLIC, place.book, place.now))


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3+cmd", "\t=1"])
def test_表格软件会当作公式的文字被标成文本(cell: str) -> None:
    assert open_data._line([cell]).decode().lstrip('"').startswith("'")


@pytest.mark.parametrize("cell", ["-12.5", "82,000元", "正常"])
def test_数字和普通文字不加标记(cell: str) -> None:
    assert "'" not in open_data._line([cell]).decode()


def test_公示日期是本地的那一天_凌晨公示的也是(place: Place) -> None:
    day = place.now.date()
    place.now = dt.datetime.fromisoformat(f"{day}T00:30:00+08:00")
    place.publish(*PENALTY)
    rebuild(call=Call(SYSTEM, place.book, place.now))
    (entry,) = json.loads(content("administrative_penalty.json"))["entries"]
    assert entry["published_on"] == str(day)


def test_记录自己的字段与公共栏目同名时改名(place: Place) -> None:
    place.publish("standard_led", "研究院主导一项国家标准")
    rebuild(call=Call(SYSTEM, place.book, place.now), lists=["standards"])
    entry = PublishedEntry.objects.get()
    fields = json.loads(content("standard_led.json"))["entries"][0]
    assert fields["published_on"] == str(place.now.date())
    assert fields["fields"]["stated_published_on"].startswith("2025年")
    assert entry.public_id == fields["id"]
