"""风险矩阵：可能性和后果各从自己的事实算，格子定等级；逾期、久未检查都指得出是哪一条事实；证据不足不当作低风险。"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any, NamedTuple

import ibis
import pytest
from hypothesis import given

from tests.engines.test_indicator import World
from tests.engines.test_rating import _FACTS, _SETTINGS, DAY, LAW, TWO, edition_of, told, units_by_hand, world_of
from zhiheng.engines import rating as engine
from zhiheng.grammar.chapters.ratings import UNITS_PER_POINT, RatingEdition

COUNTED: dict[str, Any] = {"label": TWO, "record": "sampling", "role": "producer", "law": LAW}
FAILED = COUNTED | {
    "id": "failed",
    "part": "likelihood",
    "where": {"outcome": "fail"},
    "window": {"months": 24},
    "points": 20,
    "cap": 60,
    "decay": {"steps": [{"after": {"months": 12}, "share": 50}]},
}
LAPSED = COUNTED | {"id": "lapsed", "part": "likelihood", "window": "lapsed", "per": "plan", "points": 10, "cap": 20}
SILENT = COUNTED | {
    "id": "silent",
    "part": "likelihood",
    "window": {"silent": {"months": 18}},
    "points": 20,
    "cap": 20,
}
PRODUCT = COUNTED | {
    "id": "product",
    "part": "consequence",
    "where": {"plan": ["a", "b"]},
    "window": "standing",
    "points": 50,
    "cap": 100,
}


def levels(*least: int) -> list[dict[str, Any]]:
    """Levels that begin at some points."""
    return [{"label": TWO, "at_least": one} for one in least]


MATRIX: dict[str, Any] = {
    "likelihood": {"part": "likelihood", "levels": levels(0, 20, 40)},
    "consequence": {"part": "consequence", "levels": levels(0, 50)},
    "cells": [["A", "B"], ["B", "C"], ["C", "D"]],
    "law": LAW,
}


def edition(**said: Any) -> RatingEdition:
    """A risk list of two axes over the tiny lake."""
    return edition_of(
        **{
            "parts": [{"id": one, "label": TWO, "weight": 100, "marks": 0} for one in ("likelihood", "consequence")],
            "items": [FAILED, LAPSED, SILENT, PRODUCT],
            "bands": [{"name": name, "label": TWO} for name in "ABCD"],
            "matrix": MATRIX,
        }
        | said
    )


EDITION = edition()


class Stands(NamedTuple):
    """Where an enterprise stands: points of likelihood and of consequence, levels, class, and what counted."""

    likelihood: int
    consequence: int
    levels: tuple[int, int]
    band: str | None
    rows: list[engine.Contribution]


_SQL: dict[bool, tuple[str, str]] = {}


def risks(world: World) -> dict[int, Stands]:
    """Every enterprise of a world, by DuckDB; the sum of its contributions is held against its cell and class."""
    if bool(world.acts) not in _SQL:
        tables, days = world.tables(), {"as_of": DAY, "known_on": DAY}
        scored = engine.scores(EDITION, tables, **days)
        grades = engine.graded(EDITION, tables["_aliases"].select("subject_id").distinct(), scored)
        each = engine.contributions(EDITION, tables, **days)
        _SQL[bool(world.acts)] = (str(ibis.to_sql(each, dialect="duckdb")), str(ibis.to_sql(grades, dialect="duckdb")))
    each_fact, grades_sql = _SQL[bool(world.acts)]
    rows = [engine.Contribution(**row) for row in world.run(each_fact)]
    found = {}
    for row in world.run(grades_sql):
        own = [each for each in rows if each.subject_id == row["subject_id"]]
        likely = engine.likelihood_of(EDITION, own)
        at = (row["likelihood"], row["consequence"])
        assert row["score"] == EDITION.start + sum(each.points for each in own)
        assert at == EDITION.levels_of(row["score"], likely)
        assert row["band"] == engine.band_of(EDITION, row["score"], row["evidence"], row["veto"], likely)
        band = None if row["band"] is None else EDITION.bands[row["band"]].name
        points = likely // UNITS_PER_POINT, (row["score"] - likely) // UNITS_PER_POINT
        found[row["subject_id"]] = Stands(*points, at, band, own)
    return found


# -- sentences ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_可能性和后果各算各的_格子定等级() -> None:
    world = world_of(1, 2)
    for _ in range(2):
        world.add(producer=1, outcome="fail", plan="a")
        world.add(producer=2, outcome="fail", plan="x")
    found = risks(world)
    assert [found[n][:4] for n in (1, 2)] == [(40, 100, (2, 1), "D"), (40, 0, (2, 0), "C")]


def test_没有事实的是证据不足_不是低风险() -> None:
    world = world_of(1, 2)
    world.add(producer=2, outcome="pass", plan="x")
    assert [risks(world)[n].band for n in (1, 2)] == [None, None]
    world.add(producer=2, outcome="pass", plan="x")
    assert risks(world)[2].band == "A"


def test_一条事实就够上的最高等级_证据不足也算() -> None:
    world = world_of()
    world.add(producer=1, severity="critical")
    assert risks(world)[1].band == "D"


def test_逾期未检按每台设备最近一次算_检过了就不算() -> None:
    world = world_of()
    late, ended = dt.date(2025, 9, 1), dt.date(2026, 6, 29)
    old = world.add(producer=1, plan="lift-1", occurred_on=late, valid_until=ended)
    world.add(producer=1, plan="lift-2", occurred_on=late, valid_until=DAY)
    (row,) = risks(world)[1].rows
    assert (row.item, row.fact_id, row.points) == ("lapsed", old, 10 * UNITS_PER_POINT)
    world.add(producer=1, plan="lift-1", occurred_on=dt.date(2026, 6, 30), learned_on=DAY, valid_until=None)
    assert risks(world)[1].rows == []


def test_久未检查指得出最后一次是哪一天_又查了就不算() -> None:
    world = world_of()
    world.add(producer=1, occurred_on=dt.date(2023, 1, 1))
    last = world.add(producer=1, occurred_on=dt.date(2024, 12, 30))
    (row,) = risks(world)[1].rows
    assert (row.item, row.fact_id, row.points) == ("silent", last, 20 * UNITS_PER_POINT)
    world.add(producer=1, occurred_on=dt.date(2024, 12, 31))
    assert risks(world)[1].rows == []


@pytest.mark.slow
def test_撤回最后一次检查以后_上一次才是最后一次() -> None:
    world = world_of()
    first = world.add(producer=1, occurred_on=dt.date(2024, 1, 1))
    again = world.add(producer=1, occurred_on=dt.date(2026, 1, 1))
    assert risks(world)[1].rows == []
    world.withdraw(again, dt.date(2026, 6, 1))
    assert [row.fact_id for row in risks(world)[1].rows] == [first]


def test_逾期和久未检查不会随时间自己减少() -> None:
    for name in ("lapsed", "silent", "product"):
        item = EDITION.item(name)
        assert item is not None
        assert engine.next_change(item, dt.date(2024, 1, 1), DAY) is None


# -- what the book is refused for --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"matrix": MATRIX | {"cells": [["A", "B"], ["B", "C"]]}}, "3 rows"),
        ({"matrix": MATRIX | {"cells": [["A", "B"], ["B", "C"], ["C", "Z"]]}}, "no band 'Z'"),
        ({"matrix": MATRIX | {"cells": [["B", "A"], ["B", "C"], ["C", "D"]]}}, "never makes a better class"),
        ({"matrix": MATRIX | {"cells": [["A", "C"], ["B", "B"], ["C", "D"]]}}, "never makes a better class"),
        ({"matrix": MATRIX | {"law": []}}, "law"),
        (
            {"matrix": MATRIX | {"consequence": {"part": "likelihood", "levels": levels(0, 50)}}},
            "read from two parts",
        ),
        ({"matrix": MATRIX | {"consequence": {"part": "consequence", "levels": levels(5, 50)}}}, "begins at 0"),
        (
            {"matrix": MATRIX | {"consequence": {"part": "consequence", "levels": levels(0, 0)}}},
            "the least stands first",
        ),
        ({"bands": [{"name": name, "label": TWO, "at_least": 0} for name in "ABCD"]}, "take at_least away"),
        ({"matrix": None}, "add up to 200"),
        ({"items": [FAILED, LAPSED, SILENT | {"per": "plan"}, PRODUCT]}, "take per away"),
        ({"items": [FAILED, LAPSED | {"decay": FAILED["decay"]}, SILENT, PRODUCT]}, "does not fade"),
        (
            {"evidence": {"at_least": 1, "of": [{"record": "sampling", "role": "producer", "window": "lapsed"}]}},
            "only items count what is missing",
        ),
    ],
)
def test_自相矛盾的矩阵读不进来(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        edition(**said)


def test_不用矩阵的每一等都要写起点() -> None:
    with pytest.raises(ValueError, match="each says at_least"):
        edition_of(bands=[{"name": name, "label": TWO} for name in "ABCD"])


# -- properties --------------------------------------------------------------------------------------------------------


def test_级别越高等级不会更好() -> None:
    places = {band.name: at for at, band in enumerate(EDITION.bands)}
    assert EDITION.matrix is not None
    scores = [points * UNITS_PER_POINT for points in (0, 19, 20, 39, 40, 49, 50, 100)]
    for likely, grave in itertools.product(scores, scores):
        place = EDITION.place_of(likely + grave, likely)
        row, column = EDITION.matrix.likelihood.level_of(likely), EDITION.matrix.consequence.level_of(grave)
        assert place == places[EDITION.matrix.cells[row][column]]


@pytest.mark.slow
@_SETTINGS
@given(_FACTS)
def test_与逐条计算一致_两轴都在零到一百之间(facts: list[dict[str, Any]]) -> None:
    world = told(facts)
    for subject, found in risks(world).items():
        for axis, points in (("likelihood", found.likelihood), ("consequence", found.consequence)):
            items = [item for item in EDITION.items if item.part == axis]
            assert points == sum(units_by_hand(world, item, subject, EDITION) for item in items) // UNITS_PER_POINT
            assert 0 <= points <= 100


@pytest.mark.slow
@_SETTINGS
@given(_FACTS)
def test_多一件坏事风险不会更低(facts: list[dict[str, Any]]) -> None:
    # A failed sample is also the latest look at the maker, which ends a silence: those silent before are left out.
    before = risks(told(facts))[1]
    bad = {"producer": 1, "occurred_on": DAY, "learned_on": DAY, "outcome": "fail", "plan": None}
    after = risks(told([*facts, bad]))[1]
    if not any(row.item == "silent" for row in before.rows):
        assert after.likelihood >= before.likelihood
        assert after.consequence >= before.consequence
        if before.band is not None:
            assert after.band is not None
            assert after.band >= before.band
