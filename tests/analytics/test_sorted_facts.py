"""按企业排好的事实：一问只读有关的段，与数据湖所说的相同；坏了、丢了、换了列都能重做，核验指得出。"""

from __future__ import annotations

import shutil
from pathlib import Path
from unittest import mock

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc

from tests.analytics.test_rated import asked, call, kept, subject, told, with_rating
from tests.analytics.test_rated_step_by_step import every_kind
from tests.places import Ledger, lift_row, sampling_row
from zhiheng.actions.facts.verify_deeply import verify_deeply
from zhiheng.actions.ratings.keep_ratings import keep_ratings
from zhiheng.analytics import sorted_facts
from zhiheng.analytics.lake import Lake, project
from zhiheng.analytics.rated import read_of
from zhiheng.analytics.sorted_facts import PARTY, Piece, SortedReader
from zhiheng.engines.rating import RecordRead
from zhiheng.ledger.models import Alias
from zhiheng.queries.ratings import rating_facts

_keys = st.lists(st.integers(0, 40), min_size=1, max_size=60).map(sorted)


@given(keys=_keys, size=st.integers(1, 7), asked_for=st.sets(st.integers(-1, 42), min_size=1))
def test_要找的键都在所读的段里_没有的段不读(keys: list[int], size: int, asked_for: set[int]) -> None:
    batches = [keys[at : at + size] for at in range(0, len(keys), size)]
    begins = np.array([batch[0] for batch in batches], np.int64)
    read = sorted_facts._places(begins, np.array(sorted(asked_for), np.int64)).tolist()
    assert {at for at, batch in enumerate(batches) if asked_for & {*batch}} <= {*read}
    # For a key at most the batches that it is in, and the one before.
    assert len(read) <= sum(1 + sum(key in batch for batch in batches) for key in asked_for)


@given(st.lists(st.integers(1, 3000), max_size=60))
def test_小段归并以后_每种大小都不多(sizes: list[int]) -> None:
    pieces: list[Piece] = []
    for at, rows in enumerate(sizes):
        pieces.append(Piece(str(at), at, at, rows, 0))
        while together := sorted_facts._many_of_one_size(pieces):
            assert len(together) == sorted_facts.MERGED
            merged = Piece("", 0, 0, sum(piece.rows for piece in together), 0)
            pieces = [*(piece for piece in pieces if piece not in together), merged]
    assert sum(piece.rows for piece in pieces) == sum(sizes)
    assert len(pieces) < sorted_facts.MERGED * 7


def _filled(ledger: Ledger) -> Lake:
    """Nine deliveries that were each sorted by themselves, so that pieces were merged; everything kept."""
    lake = with_rating(ledger, every_kind())
    told(ledger)
    for at in range(9):
        firm = f"试验第{1 + at % 3}食品厂"
        ledger.samples(
            f"s{at}.csv", [sampling_row(40 + at, 生产企业=firm, 被抽样单位="试验第1食品厂")], day="2026-05-05"
        )
        ledger.lifts(f"l{at}.csv", [lift_row(f"L{at % 2}", 使用单位=firm, 登记日期=f"2026-05-{at + 1:02}")])
        project(lake)
        rating_facts().follow(lake, read_of(lake, lake.manifest(), asked(ledger)))
    keep_ratings(lake, call=call(ledger))
    return lake


def _reader(lake: Lake, ledger: Ledger) -> SortedReader:
    manifest = lake.manifest()
    found = rating_facts().reading(lake, manifest, read_of(lake, manifest, asked(ledger)))
    assert found is not None
    return found


def _pieces() -> list[Path]:
    return sorted(rating_facts().folder.glob("sampling_check/party-*.arrow"))


@pytest.mark.slow
def test_问几家企业_读到的正是数据湖里说到它们的_连同同一部电梯后来说到别家的(ledger: Ledger) -> None:
    lake = _filled(ledger)
    reader = _reader(lake, ledger)
    assert len(reader.records["sampling_check"].pieces[PARTY]) < 9
    numbers = sorted(Alias.objects.filter(name="试验第2食品厂").values_list("id", flat=True))
    with lake.open(lake.manifest(), ["sampling_check", "lift_register"]) as connection:

        def facts(record: str, where: str) -> list[int]:
            return [n for (n,) in connection.execute(f"SELECT fact_id FROM {record} WHERE {where}").fetchall()]

        of_two = f"IN ({', '.join(map(str, numbers))})"
        expected = {
            "sampling_check": facts("sampling_check", f"producer {of_two} OR seller {of_two}"),
            "lift_register": facts(
                "lift_register", f"thing IN (SELECT thing FROM lift_register WHERE user_unit {of_two})"
            ),
        }
    for record, wanted in expected.items():
        found = reader.naming(record, np.array(numbers, np.int64))
        assert found is not None
        assert wanted
        assert {*found["fact_id"].to_pylist()} == {*wanted}


@pytest.mark.slow
def test_文件坏了丢了_等级照样算对_下一次重做(ledger: Ledger) -> None:
    lake = _filled(ledger)

    def one_more(number: int) -> None:
        row = sampling_row(number, 生产企业="试验第2食品厂", 检验结论="不合格", 样品名称=f"试验米线{number}")
        ledger.samples(f"more{number}.csv", [row], day="2026-06-20")
        project(lake)

    for at in (0, 1):
        one_more(80 + at)
        rating_facts().follow(lake, read_of(lake, lake.manifest(), asked(ledger)))
        path = max(_pieces(), key=lambda piece: piece.stat().st_size)
        if at == 0:
            path.write_bytes(b"x" * path.stat().st_size)
        else:
            path.unlink()
        keep_ratings(lake, call=call(ledger))
        assert kept(lake, ledger)[subject("试验第2食品厂")][0] is not None
        keep_ratings(lake, call=call(ledger))
        assert list(rating_facts().differing(lake)) == []
    shutil.rmtree(rating_facts().folder)
    assert list(rating_facts().differing(lake)) == []
    keep_ratings(lake, call=call(ledger))
    assert _pieces()


@pytest.mark.slow
def test_要问的列多了_数据湖重做了_那个记录重新排(ledger: Ledger) -> None:
    lake = _filled(ledger)
    facts, wanted = rating_facts(), read_of(lake, lake.manifest(), asked(ledger))
    more = wanted | {"sampling_check": wanted["sampling_check"].with_(RecordRead(frozenset({"area"}), frozenset()))}
    assert facts.reading(lake, lake.manifest(), more) is None
    before = facts.state()
    facts.follow(lake, more)
    after = facts.state()
    assert "area" in after["sampling_check"].columns
    assert len(after["sampling_check"].pieces[PARTY]) == 1
    assert after["lift_register"] == before["lift_register"]
    # Deleted and projected again, the lake was made from another state of the ledger.
    shutil.rmtree(lake.folder)
    project(lake)
    assert facts.reading(lake, lake.manifest(), more) is None
    facts.follow(lake, more)
    assert facts.reading(lake, lake.manifest(), more) is not None
    assert list(facts.differing(lake)) == []


def made_all_failed(record: str) -> None:
    """In the largest piece of a record every outcome becomes a failure, and the state says its new size."""
    pieces = rating_facts().folder.glob(f"{record}/party-*.arrow")
    path = max(pieces, key=lambda piece: piece.stat().st_size)
    with path.open("rb") as file:
        rows = ipc.open_file(file).read_all()
    with duckdb.connect() as connection:
        changed = connection.sql("SELECT * REPLACE ('fail' AS outcome) FROM rows").to_arrow_table()
    with ipc.new_file(path, rows.schema) as writer:
        writer.write_table(changed.cast(rows.schema))
    state = rating_facts().folder / "state.json"
    said = rating_facts().state()[record]
    was = next(piece for piece in said.pieces[PARTY] if piece.file.endswith(path.name))
    state.write_text(
        state.read_text("utf-8").replace(f'"bytes":{was.bytes}', f'"bytes":{path.stat().st_size}'), "utf-8"
    )


@pytest.mark.slow
def test_改了一行而不改大小_深入核验指得出是哪个记录(ledger: Ledger, settings: object) -> None:
    lake = _filled(ledger)
    made_all_failed("sampling_check")
    assert list(rating_facts().differing(lake)) == ["sampling_check"]
    with mock.patch("zhiheng.actions.facts.verify_deeply.lake_of", return_value=lake):
        found = verify_deeply(call=call(ledger), deep=True)
    assert ["sampling_check" in finding.zh for finding in found if finding.kind == "sorted"] == [True]
