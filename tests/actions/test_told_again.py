"""An event that is told again with another state is one event: the later statement replaces the earlier."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.book_once import book_once
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def whole_book(book_root: Path) -> Book:
    return book_once(book_root)


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.slow
@pytest.mark.django_db
def test_同一件投诉再次报送只算一件_并以后来的为准(tmp_path: Path, settings: Any, whole_book: Book) -> None:
    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.analytics.lake import Lake, project
    from zhiheng.analytics.query import facts_behind, figures
    from zhiheng.ledger.models import Fact

    settings.DATA = tmp_path / "data"
    entry = whole_book[RECORDS]["complaint"]
    assert entry.record.kind == "event"
    assert entry.record.key
    assert entry.examples is not None
    example = next(e for e in entry.examples.accepted if e.source == "standard")
    source = entry.sources["standard"]
    told = dict(example.row)
    remark = next(
        h
        for h in source.columns
        if "remark" in source.targets(h) or "demand" in source.targets(h) or "claim" in source.targets(h)
    )
    again = {**told, remark: "后来补充的说明"}
    unit = next(u.id for u in whole_book[DISTRICT].units if "complaint" in u.records)

    def hand_in(name: str, row: dict[str, str], day: int) -> Any:
        now = dt.datetime(2026, 11, day, 9, tzinfo=ZONE)
        (result,) = receive(
            _write(tmp_path / name, [row]),
            call=Call(SYSTEM, whole_book, now),
            unit=unit,
            record="complaint",
            source="standard",
            confirmed=True,
        )
        return result

    assert hand_in("first.csv", told, 1).facts == 1
    assert hand_in("second.csv", again, 3).facts == 1
    assert hand_in("third.csv", again, 4).duplicates == 1
    first, second = Fact.objects.order_by("id")
    lake = Lake(tmp_path / "lake", whole_book)
    project(lake)
    name = next(
        n
        for n, i in whole_book[INDICATORS].items()
        if i.measure and i.measure.record == "complaint" and i.measure.count == "facts"
    )
    asked: dict[str, Any] = {"area": None, "as_of": dt.date(2026, 12, 31), "names": [name]}
    (now_known,) = figures(lake, whole_book, known_on=dt.date(2026, 11, 5), **asked)
    (then_known,) = figures(lake, whole_book, known_on=dt.date(2026, 11, 2), **asked)
    assert now_known.value == then_known.value == 1
    behind = {
        day: list(
            facts_behind(
                lake, whole_book, name, area=None, as_of=dt.date(2026, 12, 31), known_on=dt.date(2026, 11, day)
            )
        )
        for day in (2, 5)
    }
    assert behind == {2: [first.id], 5: [second.id]}
