"""The files: as many and as different as departments hand in, the same bytes from the same seed, nothing refused by
chance.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from tests.demo.conftest import SCALE
from tests.demo.received import Received
from zhiheng.demo import SEED, DemoManifest, write
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS

pytestmark = pytest.mark.slow


def digests(manifest: DemoManifest) -> dict[str, str]:
    return {path: sha256((manifest.folder / path).read_bytes()).hexdigest() for path in manifest.files}


def test_同一种子写出同样的字节(book: Book, manifest: DemoManifest, tmp_path: Path) -> None:
    progress: list[tuple[str, int, int]] = []
    again = write(book, tmp_path, seed=SEED, scale=SCALE, progress=lambda *told: progress.append(told))
    assert digests(again) == digests(manifest)
    assert again.tables == manifest.tables
    assert progress[-1] == ("", progress[-1][2], progress[-1][2])
    assert [done for _, done, _ in progress] == sorted(done for _, done, _ in progress)


def test_不同种子写出不同的文件(book: Book, manifest: DemoManifest, tmp_path: Path) -> None:
    other = write(book, tmp_path, seed=SEED + 1, scale=SCALE)
    assert other.files == manifest.files
    mine, theirs = digests(manifest), digests(other)
    assert all(mine[path] != theirs[path] for path in mine if "企业登记信息" in path or "12315" in path)


def test_文件按地方和单位存放且每个单位都在区划里(book: Book, manifest: DemoManifest) -> None:
    units = {unit.id for unit in book[DISTRICT].units}
    assert len(manifest.files) >= 60
    assert {path.split("/")[0] for path in manifest.files} == {"liyuan", "cangji", "chengxiu", "jinshu", "zhiling"}
    for listed in manifest.tables:
        assert listed.unit in units
        assert listed.path.startswith(f"{listed.place}/{listed.unit}/")
        assert listed.rows > 0, listed


def test_单位报送的记录都在其职责里(book: Book, manifest: DemoManifest) -> None:
    duties = {unit.id: set(unit.records) for unit in book[DISTRICT].units}
    beyond = sorted({(t.unit, t.record) for t in manifest.tables if t.record not in duties[t.unit]})
    assert not beyond, beyond


def test_各种格式和编码都有(manifest: DemoManifest) -> None:
    endings = Counter(Path(path).suffix for path in manifest.files)
    assert set(endings) == {".xlsx", ".csv", ".txt", ".zip"}
    heads = [(manifest.folder / path).read_bytes() for path in manifest.files if path.endswith(".csv")]
    assert any(head.startswith(b"\xef\xbb\xbf") for head in heads)
    undecodable = 0
    for head in heads:
        try:
            head.decode("utf-8")
        except UnicodeDecodeError:
            head.decode("gb18030")
            undecodable += 1
    assert undecodable >= 5
    archive = next(path for path in manifest.files if path.endswith("电梯维保与救援记录.zip"))
    with zipfile.ZipFile(manifest.folder / archive) as members:
        assert len(members.namelist()) >= 12


def test_规则书里的记录都在演示里(book: Book, manifest: DemoManifest) -> None:
    assert {table.record for table in manifest.tables} == set(book[RECORDS])
    layouts = {(table.record, table.source) for table in manifest.tables}
    assert sum(source != "standard" for _, source in layouts) >= 15


def test_约六千家企业(manifest: DemoManifest) -> None:
    assert manifest.enterprises == 6000


def test_每张表接收后的行数与清单一致(received: Received) -> None:
    wrong = [
        (listed.path, listed.table, (listed.rows, listed.refused, listed.duplicates), read)
        for listed, read in received.read
        if (read.rows, read.refused, read.duplicates) != (listed.rows, listed.refused, listed.duplicates)
    ]
    assert not wrong, wrong


def test_退回的原因是有意弄错的那些(received: Received) -> None:
    reasons = set().union(*(read.reasons for _, read in received.read))
    assert reasons == {"day.impossible", "choice.unknown", "uscc.check"}
    assert sum(listed.refused for listed, _ in received.read) >= 100
    assert sum(listed.duplicates for listed, _ in received.read) >= 100


def test_只有汇编数据的生产日期被标记为可疑(received: Received) -> None:
    flags = {(listed.record, listed.source, flag) for listed, read in received.read for flag in read.flags}
    assert flags == {("food_sampling", "foodmate", "production_day_is_publication_day")}


def test_名称括号换行曾用名和多方当事人都有(received: Received) -> None:
    sampled = received.facts["food_sampling"]
    roles = {party.role for fact in sampled for party in fact.parties}
    assert {"producer", "seller", "laboratory"} <= roles
    names = {party.name for facts in received.facts.values() for fact in facts for party in fact.parties}
    assert any("（云澜市）" in name for name in names)
    assert any("(云澜市)" in name for name in names)
    assert any(name.endswith("实业有限公司") for name in names)
    assert not any("\n" in name for name in names)
