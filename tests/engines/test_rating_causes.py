"""两个版本相比，等级变了的企业，家家说得出原因：项目、起评分、一票否决、证据、等级界限、风险矩阵、评价对象。"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
from pydantic import ValidationError

from tests.engines.test_rating import FAILED, GAINED, HALVED, HELD, LAW, TWO, edition_of
from zhiheng.engines import rating as engine
from zhiheng.engines.rating_causes import CauseKind, GradeCause, causes_of, same_places
from zhiheng.grammar.chapters.ratings import UNITS_PER_POINT, RatingEdition

ITEM, START, VETO, EVIDENCE, EDGE = (
    CauseKind.ITEM,
    CauseKind.START,
    CauseKind.VETO,
    CauseKind.EVIDENCE,
    CauseKind.EDGE,
)
FIRST = edition_of()
_VETO: dict[str, Any] = FIRST.veto[0].model_dump(by_alias=True)


def bands(*least: float, names: str = "ABCD") -> list[dict[str, Any]]:
    """Bands with these least scores."""
    return [{"name": name, "label": TWO, "at_least": each} for name, each in zip(names, least, strict=True)]


def evidence(at_least: int) -> dict[str, Any]:
    """So many facts that must speak of an enterprise."""
    return FIRST.evidence.model_dump(by_alias=True) | {"at_least": at_least}


def parts(marks: int, weight: int = 60) -> list[dict[str, Any]]:
    """The parts, with what an enterprise has before any fact, and the weight of the first."""
    return [
        {"id": "product", "label": TWO, "weight": weight, "marks": marks},
        {"id": "conduct", "label": TWO, "weight": 100 - weight, "marks": 100},
    ]


LESS = [FAILED, HALVED, GAINED | {"cap": 50}, HELD]


def matrix(second: int, cells: list[list[str]]) -> RatingEdition:
    """A risk list whose second level of likelihood begins at some points."""
    axis = [{"label": TWO, "at_least": 0}, {"label": TWO, "at_least": second}]
    risk = {"marks": 0, "weight": 100, "label": TWO}
    return edition_of(
        parts=[risk | {"id": "product"}, risk | {"id": "conduct"}],
        items=[
            FAILED | {"points": "20", "cap": "100", "decay": None},
            HELD | {"points": "10", "cap": "100", "window": {"months": 24}},
        ],
        bands=[{"name": name, "label": TWO} for name in "ABCD"],
        matrix={
            "likelihood": {"part": "product", "levels": axis},
            "consequence": {"part": "conduct", "levels": axis},
            "cells": cells,
            "law": LAW,
        },
    )


def row_of(
    editions: tuple[RatingEdition, RatingEdition],
    *,
    points: dict[str, int] | tuple[dict[str, int], dict[str, int]] = {},  # noqa: B006
    count: tuple[int, int] = (9, 9),
    vetoed: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
    rated: tuple[bool, bool] = (True, True),
    subject: int = 1,
) -> dict[str, Any]:
    """A row as ``rating.compared`` makes it, computed here by plain values.

    Args:
        points: units of each item, in each edition.
        count: how many facts are evidence; ``vetoed``: which vetoes have a fact.
    """
    row: dict[str, Any] = {"subject_id": subject}
    both = points if isinstance(points, tuple) else (points, points)
    for at, (edition, name) in enumerate(zip(editions, ("before", "after"), strict=True)):
        own = {item.id: both[at].get(item.id, 0) for item in edition.items}
        places = {band.name: place for place, band in enumerate(edition.bands)}
        limits = [places[veto.at_most] if veto.id in vetoed[at] else 0 for veto in edition.veto]
        score, likely = edition.start + sum(own.values()), 0
        if edition.matrix is not None:
            part = edition.matrix.likelihood.part
            likely = sum(units for item, units in own.items() if item in edition.of_part(part))
        place = engine.band_of(
            edition, score, count[at], max(limits, default=0), likely + edition.start_of(part) if edition.matrix else 0
        )
        row[name] = -1 if not rated[at] else len(edition.bands) if place is None else place
        enough = int(count[at] >= edition.evidence.at_least)
        for word, value in zip(engine.BASIS, (score, likely, enough, max(limits, default=0)), strict=True):
            row[engine.numbered(word, at)] = value
        for which in engine.differing_items(*editions)[at]:
            row[engine.item_column(at, which)] = own[edition.items[which].id]
        for which in engine.differing_vetoes(*editions)[at]:
            row[engine.veto_column(at, which)] = limits[which]
    return row


def explained(
    editions: tuple[RatingEdition, RatingEdition], rows: list[dict[str, Any]]
) -> dict[int, tuple[dict[str, Any], set[GradeCause]]]:
    """Subject -> its row and the causes that the engine finds; of those that move."""
    same = same_places(editions)
    moved = [row for row in rows if (row["before"], row["after"]) not in same]
    if not moved:
        return {}
    table, causes = causes_of(editions, ibis.table(dict.fromkeys(rows[0], "int64"), name="moved"))
    with duckdb.connect() as connection:
        connection.register("moved", pa.Table.from_pylist(moved))
        found = connection.execute(str(ibis.to_sql(table, dialect="duckdb"))).fetchall()
    by_subject = {row["subject_id"]: row for row in moved}
    assert len(found) == len(moved)
    return {
        subject: (by_subject[subject], {cause for cause, one in zip(causes, met, strict=True) if one})
        for subject, *met in found
    }


def why(second: RatingEdition, first: RatingEdition = FIRST, **said: Any) -> set[GradeCause]:
    """The causes of one enterprise."""
    editions = (first, second)
    ((_, causes),) = explained(editions, [row_of(editions, **said)]).values()
    return causes


def points(**said: float) -> dict[str, int]:
    """Points of items, in units."""
    return {item: int(each * UNITS_PER_POINT) for item, each in said.items()}


@pytest.mark.parametrize(
    ("second", "said", "causes"),
    [
        (
            edition_of(items=[FAILED | {"cap": 40}, HALVED, GAINED, HELD]),
            {"points": (points(failed=-30), points(failed=-5))},
            {(ITEM, "failed")},
        ),
        (edition_of(parts=parts(50), items=LESS), {}, {(START, "")}),
        (edition_of(bands=bands(95, 89, 60, 0)), {}, {(EDGE, "B")}),
        (
            edition_of(bands=bands(85, 75, 60, 0), evidence=evidence(10)),
            {},
            # The edge alone makes an A of a B, and the evidence alone makes it not graded.
            {(EVIDENCE, "too_few"), (EDGE, "A")},
        ),
        (edition_of(evidence=evidence(1)), {"count": (1, 1)}, {(EVIDENCE, "enough")}),
        (edition_of(evidence=evidence(9)), {"count": (3, 3)}, {(EVIDENCE, "too_few")}),
        (edition_of(veto=[]), {"vetoed": (frozenset(["grave"]), frozenset())}, {(VETO, "grave")}),
        (
            edition_of(veto=[_VETO | {"at_most": "C"}]),
            {"vetoed": (frozenset(["grave"]), frozenset(["grave"]))},
            {(VETO, "grave")},
        ),
        (
            edition_of(veto=[_VETO, _VETO | {"id": "other", "at_most": "C"}]),
            {"vetoed": (frozenset(), frozenset(["other"]))},
            {(VETO, "other")},
        ),
        (edition_of(who={"status": ["fined"]}), {"rated": (True, False)}, {(CauseKind.WHO, "left")}),
        (edition_of(who={"status": ["fined"]}), {"rated": (False, True)}, {(CauseKind.WHO, "entered")}),
        (
            edition_of(bands=bands(90, 60, 0, names="ABC"), veto=[]),
            {"points": points(held=-25)},
            {(CauseKind.BANDS, "")},
        ),
    ],
)
def test_等级为什么变_各种原因各说一次(
    second: RatingEdition, said: dict[str, Any], causes: set[tuple[Any, str]]
) -> None:
    assert why(second, **said) == causes


def test_一票否决原来就不比分数低的_取消它不是原因() -> None:
    # Held at D by the veto before, and by the edges after: nobody moves.
    second = edition_of(veto=[], bands=bands(99, 98, 97, 0))
    assert not explained((FIRST, second), [row_of((FIRST, second), vetoed=(frozenset(["grave"]), frozenset()))])
    # A veto that leaves a C moves nobody whose points are of C, whatever else moves them.
    veto = [_VETO | {"at_most": "C"}]
    editions = (edition_of(veto=veto), edition_of(veto=[], bands=bands(90, 75, 72, 0)))
    row = row_of(editions, vetoed=(frozenset(["grave"]), frozenset()), points=points(failed=-17))
    assert explained(editions, [row])[1][1] == {(EDGE, "C")}


def test_等级名称相同的不算变_不论它排第几() -> None:
    second = edition_of(bands=bands(97, 90, 75, 60, 0, names="SABCD"))
    row = row_of((FIRST, second))
    assert (row["before"], row["after"]) == (1, 2)
    assert not explained((FIRST, second), [row])
    thin = row_of((FIRST, second), count=(0, 0))
    assert (thin["before"], thin["after"]) == (4, 5)
    assert not explained((FIRST, second), [thin])


def test_风险矩阵的分级和各格变了也是原因() -> None:
    cells = [["A", "B"], ["B", "D"]]
    first, second = matrix(40, cells), matrix(20, cells)
    assert why(second, first, points=points(failed=30)) == {(CauseKind.MATRIX, "")}
    assert why(matrix(40, [["A", "B"], ["C", "D"]]), first, points=points(failed=60)) == {(CauseKind.MATRIX, "")}


def test_一项换到矩阵的另一维_总分没变也是它的原因() -> None:
    first = matrix(40, [["A", "B"], ["C", "D"]])
    items = [item.model_dump(by_alias=True) for item in first.items]
    other = FAILED | {"id": "third", "points": "1", "cap": "50", "decay": None}
    two = [items[0] | {"cap": "50"}, items[1] | {"cap": "100"}]
    one = RatingEdition.model_validate(first.model_dump(by_alias=True) | {"items": [*two, other]})
    moved = [items[0] | {"cap": "50"}, items[1] | {"cap": "50"}, other | {"part": "conduct"}]
    filled = [*moved, FAILED | {"id": "fourth", "points": "1", "cap": "50", "decay": None}]
    second = RatingEdition.model_validate(first.model_dump(by_alias=True) | {"items": filled})
    assert GradeCause(ITEM, "third") in why(second, one, points=points(third=45))


# Each with what else it may differ in beside others: combined at random.
_CHANGES: tuple[dict[str, Any], ...] = (
    {"items": [FAILED | {"cap": 40}, HALVED, GAINED, HELD | {"points": "-5"}]},
    {"parts": parts(50), "items": LESS},
    {"parts": parts(80, weight=20)},
    {"bands": bands(85, 75, 50, 0)},
    {"bands": bands(90, 60, 0, names="ABD")},
    {"bands": bands(90, 75, 60, 0, names="SABD")},
    {"evidence": evidence(1)},
    {"evidence": evidence(5)},
    {"veto": []},
    {"veto": [_VETO | {"at_most": "B"}, _VETO | {"id": "other", "at_most": "D"}]},
)
_MATRICES = (matrix(40, [["A", "B"], ["B", "D"]]), matrix(20, [["A", "A"], ["C", "D"]]))


def _rows(editions: tuple[RatingEdition, RatingEdition], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Enterprises of which anything may be told; what both editions count alike is the same in both."""
    places = zip(editions, engine.differing_items(*editions), strict=True)
    differing = {edition.items[place].id for edition, some in places for place in some}
    vetoes = any(engine.differing_vetoes(*editions))
    alike = editions[0].evidence.of == editions[1].evidence.of
    for subject in range(200):
        share: dict[str, float] = {}
        both: list[dict[str, int]] = []
        for edition in editions:
            drawn = {item.id: chance.choice([0, 0, 0.2, 0.7, 1]) * chance.random() for item in edition.items}
            share = drawn | {item: old for item, old in share.items() if item not in differing}
            weights = edition.weights
            both.append(
                {
                    item.id: int(share[item.id] * item.cap_milli) * weights[item.part] * (1 if item.points > 0 else -1)
                    for item in edition.items
                }
            )
        grave, other = chance.random() < 0.3, chance.random() < 0.2
        first = frozenset(["grave"] if grave else [])
        # Who is vetoed is the same for both editions, unless they say otherwise what a veto is.
        second = frozenset(["grave"] if grave != (vetoes and chance.random() < 0.1) else []) | {"other" * other}
        count = chance.randint(0, 8)
        yield row_of(
            editions,
            points=(both[0], both[1]),
            count=(count, count if alike else chance.randint(0, 8)),
            vetoed=(first | {"other" * other}, second),
            subject=subject,
        )


@pytest.mark.slow
def test_没有一家等级变了而说不出原因_说出的都是真的() -> None:
    chance = random.Random(20261202)
    pairs: list[tuple[RatingEdition, RatingEdition]] = [(_MATRICES[0], _MATRICES[1]), (FIRST, _MATRICES[0])]
    while len(pairs) < 14:
        said: dict[str, Any] = {}
        for change in chance.sample(_CHANGES, chance.randint(1, 4)):
            said |= change
        try:
            pair = (FIRST, edition_of(**said))
        except ValidationError:
            # Marks without the items that fill them, say.
            continue
        pairs.append(pair if chance.random() < 0.7 else (pair[1], pair[0]))
    moved = 0
    for editions in pairs:
        for row, causes in explained(editions, list(_rows(editions, chance))).values():
            assert causes, row
            moved += 1
            for kind, name in causes:
                if kind is VETO:
                    assert row["limit_0"] != row["limit_1"]
                elif kind is EVIDENCE:
                    assert (row["enough_0"], row["enough_1"]) == ((0, 1) if name == "enough" else (1, 0))
                elif kind in (ITEM, START):
                    assert any(row[f"{word}_0"] != row[f"{word}_1"] for word in ("score", "likely"))
                elif kind is EDGE:
                    edges = [next(band.units for band in one.bands if band.name == name) for one in editions]
                    assert any(min(edges) <= row[f"score_{at}"] < max(edges) for at in (0, 1))
    assert moved > 500
