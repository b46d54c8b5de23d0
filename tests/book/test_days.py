"""Every day of every record is held against the day of delivery: what has happened can't lie ahead, and nothing is too
old in silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.book_once import book_once
from zhiheng.engines.examples import read_row
from zhiheng.engines.intake import DAY_AHEAD, Batch
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.record_pages import AcceptedExample
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry

BOOK: Book = book_once(Path(__file__).resolve().parents[2] / "book")
DELIVERED = dt.date(2026, 12, 1)


def days() -> Iterator[tuple[str, str, str]]:
    """Record, field and heading of every day that an accepted example writes."""
    for entry in BOOK[RECORDS].values():
        seen: set[str] = set()
        for example in entry.examples.accepted if entry.examples else ():
            for heading in example.row:
                for name in targets(entry, example, heading):
                    if name in entry.record.fields and entry.record.fields[name].type == "day" and name not in seen:
                        seen.add(name)
                        yield entry.id, name, heading


def targets(entry: RecordEntry, example: AcceptedExample, heading: str) -> tuple[str, ...]:
    """The fields that a heading of an example feeds, where the source names it as it stands."""
    source = entry.sources[example.source]
    return source.targets(heading) if heading in source.columns else ()


def told(record: str, name: str, heading: str, day: str) -> Batch:
    """The first example of a record that writes the day, with another day."""
    entry = BOOK[RECORDS][record]
    assert entry.examples is not None
    example = next(e for e in entry.examples.accepted if name in targets(entry, e, heading) and heading in e.row)
    batch = read_row(entry, example.source, {**example.row, heading: day}, delivered_on=DELIVERED)
    assert isinstance(batch, Batch)
    return batch


DAYS = list(days())


def test_书里的日期都被查过() -> None:
    every = {(e.id, n) for e in BOOK[RECORDS].values() for n, f in e.record.fields.items() if f.type == "day"}
    assert len({(record, name) for record, name, _ in DAYS}) >= 0.9 * len(every)


@pytest.mark.parametrize(("record", "name", "heading"), DAYS)
def test_晚于报送日的日期_退回或者存疑_除非本来就是将来的事(record: str, name: str, heading: str) -> None:
    batch = told(record, name, heading, "2062-03-01")
    ahead = BOOK[RECORDS][record].record.ahead_of(name)
    codes = {refusal.code for row in batch.refused for refusal in row.refusals}
    if ahead == "refused":
        assert DAY_AHEAD in codes
    elif ahead == "asked":
        assert codes or "day_ahead" in batch.flags[0].split(",")
    else:
        assert DAY_AHEAD not in codes
        assert all("day_ahead" not in flags for flags in batch.flags)


@pytest.mark.parametrize(("record", "name", "heading"), DAYS)
def test_早得不可能的日期要存疑(record: str, name: str, heading: str) -> None:
    batch = told(record, name, heading, "1926-03-01")
    codes = {refusal.code for row in batch.refused for refusal in row.refusals}
    assert codes or "day_early" in batch.flags[0].split(",")


def test_一格日期写进两个字段_只说一次() -> None:
    (row,) = told("food_sampling", "sampled_on", "抽样日期", "2027-12-31").refused
    assert [refusal.code for refusal in row.refusals] == [DAY_AHEAD]
    assert "2027-12-31" in row.refusals[0].zh
    assert "2026-12-01" in row.refusals[0].zh
