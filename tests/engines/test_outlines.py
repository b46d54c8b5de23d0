"""下级拼成的轮廓：共有的边不画，面积一分不少。"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.book_once import book_once
from zhiheng.engines.outlines import Point, around, centre_of, shapes_of
from zhiheng.grammar.chapters.district import DISTRICT


def surface(ring: tuple[Point, ...]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, (*ring[1:], ring[0]), strict=True))) / 2


def square(x: int, y: int, turned: bool = False) -> tuple[Point, ...]:
    ring = ((x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10))
    return tuple(reversed(ring)) if turned else ring


def test_相邻两块合成一块() -> None:
    (ring,) = around([square(0, 0), square(10, 0, turned=True)])
    assert surface(ring) == 200
    assert set(ring) == {(0, 0), (10, 0), (20, 0), (20, 10), (10, 10), (0, 10)}


def test_分开的两块还是两块() -> None:
    assert len(around([square(0, 0), square(50, 50)])) == 2


def test_只有一块就是它自己() -> None:
    assert around([square(3, 4)]) == (square(3, 4),)


def test_中间空着的环有里外两圈() -> None:
    cells = [square(x * 10, y * 10) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    rings = around(cells)
    assert sorted(surface(ring) for ring in rings) == [100, 900]


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12))
def test_任意连片的格子合起来面积不变(cells: set[tuple[int, int]]) -> None:
    # Only a piece without holes is compared, grown cell by cell; rings around holes count the hole itself.
    first = min(cells)
    piece, row = {first}, first[1]
    piece |= {(x, row) for x in range(first[0], max(x for x, _ in cells) + 1)}
    (ring,) = around([square(x * 10, y * 10) for x, y in piece])
    assert surface(ring) == 100 * len(piece)


def test_重心在方块正中() -> None:
    assert centre_of(square(0, 0)) == (5, 5)
    assert centre_of(square(0, 0, turned=True)) == (5, 5)
    assert centre_of(((0, 0), (10, 0), (20, 0))) == (10, 0)


@pytest.mark.parametrize("place", ["990100", "990101", "990180"])
def test_规则书里每个区的下级都画得出来_名称落在形状里(book_root: Path, place: str) -> None:
    district = book_once(book_root)[DISTRICT]
    codes = tuple(area.code for area in district.children(place))
    shapes = shapes_of(district, codes)
    assert [shape.code for shape in shapes] == list(codes)
    for shape in shapes:
        parts = sum(surface(ring) for ring in district.outlines(shape.code))
        assert surface(shape.rings[0]) == parts, shape.code
        assert shape.path.startswith("M")
        assert shape.path.endswith("Z")
