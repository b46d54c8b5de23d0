"""示意轮廓：写法、没有轮廓的区域由下级拼成。"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.book_once import book_once
from zhiheng.grammar.chapters.district import DISTRICT, Area


def area(outline: Any) -> Area:
    return Area.model_validate(
        {"code": "990901", "name": {"zh": "区", "en": "D"}, "kind": "district", "outline": outline}
    )


@pytest.mark.parametrize("outline", [[[0, 0], [10, 10]], [[0, 0], [5, 5], [10, 10]], [[0, 0], [0, 0], [1, 1]]])
def test_围不成一块的轮廓不收(outline: Any) -> None:
    with pytest.raises(ValueError, match="enclose"):
        area(outline)


@pytest.mark.parametrize("outline", [[[0, 0], [1001, 0], [0, 5]], [[-1, 0], [1, 0], [0, 5]]])
def test_图纸之外的坐标不收(outline: Any) -> None:
    with pytest.raises(ValueError, match="outline"):
        area(outline)


def test_可以没有轮廓() -> None:
    assert area([]).outline == ()


def test_没有自己轮廓的区域由下级拼成(small_root: Path) -> None:
    district = book_once(small_root)[DISTRICT]
    assert district.outlines("990901001") == (((0, 0), (500, 0), (500, 600), (0, 600)),)
    assert len(district.outlines("990901")) == 2
    assert len(district.outlines("990900")) == 2
    assert district.outlines("000000") == ()


def test_规则书的每个街道都有轮廓(book_root: Path) -> None:
    district = book_once(book_root)[DISTRICT]
    missing = [a.code for a in district.areas if not district.children(a.code) and not a.outline]
    assert missing == []


@pytest.fixture
def small_root() -> Path:
    return Path(__file__).resolve().parents[1] / "books" / "small"
