"""Whole columns say the same as row by row: codes, texts put together, hashes of a chunk, words that need no
cleaning.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.book_once import book_once
from zhiheng.engines.batch_preparation import Preparer, doubt
from zhiheng.engines.coded import TEXT, Coded, as_json, encoded, glued, joined, texts_of, together
from zhiheng.engines.intake import Intake
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.facts import content, marks, statement, statement_key
from zhiheng.kernel.fields.text import LongText, Text
from zhiheng.kernel.merkle import leaf_hash

SMALL = Path(__file__).resolve().parents[1] / "books" / "small"
CELLS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
NOTHING = ["无", "N/A", "(Null)", "不详", "（空）", "-", "— —", "/", "N.A.", "none", "无。", "无无"]
ROWS = st.lists(
    st.tuples(CELLS, st.sampled_from(["", "甲", "乙\n", '"', "\\"]), st.sampled_from(["", "x"])), max_size=30
)


@given(ROWS)
def test_几栏合成一组_每行仍是自己的几格(rows: list[tuple[str, str, str]]) -> None:
    columns = [texts_of([row[at] for row in rows]) for at in range(3)]
    assert together([encoded(column) for column in columns]).rows() == rows


@given(ROWS)
def test_整栏写成的_JSON_与逐行写的相同(rows: list[tuple[str, str, str]]) -> None:
    columns = [texts_of([row[at] for row in rows]) for at in range(3)]
    made = glued('["', glued(*map(as_json, columns), between='","'), '"]').to_pylist() if rows else []
    assert made == [orjson.dumps(row).decode() for row in rows]


@given(st.lists(st.tuples(st.none() | CELLS, st.none() | CELLS), max_size=30))
def test_没有说的略去_说了的用逗号连起来(rows: list[tuple[str | None, str | None]]) -> None:
    parts = [
        pa.repeat(pa.scalar("天", TEXT), len(rows)),
        *(pa.array([row[at] for row in rows], TEXT) for at in range(2)),
    ]
    assert joined(parts, ",").to_pylist() == [",".join(["天", *(t for t in row if t is not None)]) for row in rows]


@given(st.lists(st.sampled_from(["a", "b", "", None]), min_size=1, max_size=20), st.data())
def test_编码的栏取几行_找没有说的_找说了的(rows: list[str | None], data: st.DataObject) -> None:
    column = Coded.of(rows)
    assert column.rows() == rows
    assert column.texts().to_pylist() == [value or None for value in rows]
    assert column.missing() == [at for at, value in enumerate(rows) if value is None]
    assert column.where({"b": 7}) == [(at, 7) for at, value in enumerate(rows) if value == "b"]
    some = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=9)), np.int64)
    assert column.take(some).rows() == column.take(some).small().rows() == [rows[at] for at in some.tolist()]


def test_整栏只有一个值时也一样() -> None:
    one: Coded[str | None] = Coded([None], None, 3)
    assert (one.rows(), one.missing(), one.where({"a": 1}), one.texts().to_pylist()) == (
        [None] * 3,
        [0, 1, 2],
        [],
        [None] * 3,
    )
    assert one.small().take(np.array([1])).rows() == [None]


@given(
    st.text(alphabet=st.sampled_from('aZ0-检（），。\u3000 \t\n"\\\u200b㐀Ａ无/'), max_size=20)
    | CELLS
    | st.sampled_from(NOTHING),
    st.integers(9, 30),
)
def test_不必清理的文字清理后就是它自己(text: str, longest: int) -> None:
    for kind in (Text(longest=longest), LongText(longest=longest), Text(max_length=longest)):
        assert kind.plain is not None
        unlike, most = kind.plain
        # Arrow's expressions write a character as \x{4e00}, Python's as \u4e00.
        unlike = re.sub(r"\\x\{([0-9a-f]{4})\}", r"\\u\1", unlike)
        if len(text) <= most and re.search(unlike, text) is None:
            assert kind.clean(text) == text
            assert orjson.dumps(text).decode() == f'"{text}"'


def test_有自己说法的空白词和不整理的文字逐个清理() -> None:
    assert Text(nothing=["以下空白以下空白"]).plain is None
    assert Text(normalise=False).plain is None


def prepared(count: int = 3) -> tuple[Preparer, list[list[str]]]:
    """A preparer of the small book's sampling, and a table for it."""
    book = book_once(SMALL)
    entry = next(iter(book[RECORDS].values()))
    source = next(iter(entry.sources))
    example = entry.examples.accepted[0] if entry.examples else None
    assert example is not None
    layout = Layout.of(entry.id, entry.record, example.source, entry.sources[example.source])
    intake = Intake(layout, entry.types[example.source or source], list(example.row), delivered_on=None)
    return Preparer(intake, record=entry.id, unit="u1", area="990101"), [
        [text] * count for text in example.row.values()
    ]


def test_一块行的叶哈希和陈述键就是内核逐行算的() -> None:
    preparer, columns = prepared()
    made = preparer.prepare(columns, [2, 3, 5])
    record = next(iter(book_once(SMALL)[RECORDS]))
    head = statement(record, "u1", "statement", "", "")

    def leaf(row: int, flags: str) -> bytes:
        thing = None if made.things is None else made.things[row]
        marked = marks(
            (2, 3, 5)[row],
            made.occurred_on.rows()[row],
            made.valid_until.rows()[row],
            made.outcome.rows()[row],
            made.area.rows()[row],
            flags,
            thing,
        )
        return leaf_hash(content(head + made.bodies[row].as_py(), marked, made.rows[row].as_py()))

    flags = [""] * 3 if made.flags is None else made.flags.rows()
    assert made.leaves == b"".join(leaf(row, flags[row]) for row in range(3))
    assert made.keys.tolist() == [statement_key(head + body) for body in made.bodies.to_pylist()]
    doubt(made, [1], "some.doubt", head=head)
    assert made.flags is not None
    assert made.leaves[32:64] == leaf(1, made.flags.rows()[1])
    assert made.flags.rows()[1].endswith("some.doubt")
    few = made.take(np.array([2, 0]))
    assert (few.leaves, few.row_numbers.tolist()) == (made.leaves[64:] + made.leaves[:32], [5, 2])


@pytest.mark.parametrize("count", [3, 700])
@pytest.mark.parametrize("sign", ["'", "`", "’"])
def test_防止被当成数字的撇号_几行和几百行都一样去掉(count: int, sign: str) -> None:
    kind = Text()
    column = pa.array([f"{sign}20260301{number:04d}" for number in range(count)])
    assert kind.plain is not None
    assert kind.clean(column[0].as_py()) == "202603010000"
    assert pc.all(pc.match_substring_regex(column, kind.plain[0])).as_py()
