"""数字与目标、与上年相比：向好、变差、持平，证据不足不比。"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.book_once import book_once
from zhiheng.engines.comparison import bounds_of, compared, goals_read
from zhiheng.grammar.chapters.indicators import Indicator


def indicator(direction: str) -> Indicator:
    return Indicator.model_validate(
        {
            "label": {"zh": "数", "en": "n"},
            "systems": ["B2"],
            "quality": "product",
            "kind": "number",
            "unit": "count",
            "direction": direction,
            "measure": {"record": "x", "count": "facts"},
        }
    )


@pytest.mark.parametrize(
    ("direction", "now", "before", "trend"),
    [
        ("up", 5, 3, "better"),
        ("up", 3, 5, "worse"),
        ("down", 5, 3, "worse"),
        ("down", 3, 5, "better"),
        ("none", 5, 3, "changed"),
        ("up", 3, 3, "same"),
        ("none", 3, 3, "same"),
        ("down", 0, 0, "same"),
    ],
)
def test_越大越好还是越小越好由指标说(direction: str, now: int, before: int, trend: str) -> None:
    found = compared(indicator(direction), Decimal(now), Decimal(before), {})
    assert (found.trend, found.difference) == (trend, Decimal(now - before))


@pytest.mark.parametrize(("now", "before"), [(None, Decimal(1)), (Decimal(1), None), (None, None)])
def test_缺一个就不比(now: Any, before: Any) -> None:
    found = compared(indicator("up"), now, before, {"at_least": Decimal(1)})
    assert (found.trend, found.difference) == (None, None)
    assert found.reached is (None if now is None else True)


def test_没有目标就不说达到与否() -> None:
    found = compared(indicator("up"), Decimal(1), Decimal(1), {})
    assert (found.goal, found.reached) == ("", None)


def test_目标可以从责任书的事实读出(book_root: Path) -> None:
    book = book_once(book_root)
    day = dt.date(2026, 6, 1)
    assert "target_key_posts" in goals_read(book, ["key_posts_certified", "sewage_treatment_rate"])
    goal, bounds = bounds_of(book, "key_posts_certified", "990101", day, {"target_key_posts": Decimal("98")})
    assert goal is not None
    assert bounds == {"more_than": Decimal("98")}
    _, unknown = bounds_of(book, "key_posts_certified", "990101", day, {})
    assert unknown == {"more_than": None}
    assert bounds_of(book, "key_posts_certified", "990101", dt.date(2020, 1, 1), {}) == (None, {})
    assert bounds_of(book, "samples_taken", "990101", day, {}) == (None, {})
