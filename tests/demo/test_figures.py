"""The published figures come out of the rows, by the book's own definitions, to the digit."""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.demo.received import Received
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS

FIGURES: dict[str, list[dict[str, Any]]] = YAML(typ="safe", pure=True).load(
    Path(__file__).parents[2].joinpath("book", "demo", "figures.yaml").read_text("utf-8")
)
EACH = [
    pytest.param(place, figure, id=f"{place}-{figure['figure']['zh']}")
    for place, all_ in FIGURES.items()
    for figure in all_
]


def meets(number: str, expected: dict[str, str]) -> bool:
    ((how, bound),) = expected.items()
    left, right = Decimal(number), Decimal(bound)
    return {"equals": number == bound, "at_least": left >= right, "more_than": left > right, "less_than": left < right}[
        how
    ]


def test_五个地方的数字一个不少() -> None:
    assert {place: len(all_) for place, all_ in FIGURES.items()} == {
        "liyuan": 23,
        "cangji": 19,
        "chengxiu": 9,
        "jinshu": 11,
        "zhiling": 6,
    }


@pytest.mark.parametrize(("place", "figure"), EACH)
def test_数字的写法前后一致(book: Book, place: str, figure: dict[str, Any]) -> None:
    assert set(figure) == {"figure", "indicator", "area", "as_of", "expected", "shows"}
    indicator = book[INDICATORS][figure["indicator"]]
    assert meets(figure["shows"], figure["expected"])
    assert -Decimal(figure["shows"]).as_tuple().exponent == indicator.decimals
    area = next(area for area in book[DISTRICT].areas if area.code == figure["area"])
    assert area.kind == ("region" if place == "zhiling" else "district")


@pytest.mark.slow
@pytest.mark.parametrize(("place", "figure"), EACH)
def test_数字由行算出且逐位相符(book: Book, received: Received, place: str, figure: dict[str, Any]) -> None:
    as_of = dt.date.fromisoformat(str(figure["as_of"]))
    number = received.value(book[INDICATORS][figure["indicator"]], figure["area"], as_of)
    assert meets(number, figure["expected"])
    # A fall in complaints is a matter of volume, which a thinned-out demo rounds; all else is exact at every scale.
    if figure["indicator"] != "goods_complaints_change":
        assert number == figure["shows"]


@pytest.mark.slow
def test_每个指标都能在某个地方算出(book: Book, received: Received) -> None:
    asked = [(area, day) for area in ("990100", "990101") for day in (dt.date(2026, 10, 31), dt.date(2025, 12, 31))]
    for name, indicator in book[INDICATORS].items():
        found = []
        for area, day in asked:
            # Of nothing there is no rate and no largest value; such a place and day says nothing.
            with contextlib.suppress(ArithmeticError, ValueError):
                found.append(Decimal(received.value(indicator, area, day)))
        assert found, name
        assert any(found) or "accidents" in name, name
