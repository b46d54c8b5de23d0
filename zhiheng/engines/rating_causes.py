"""Why an enterprise has another grade under another edition: every cause, as a column each. Pure, as ``rating.py``.

A grade is found from four things: the points of its items, whether there is evidence enough, what the vetoes leave,
and the edges of the bands (or the matrix). One of them is a cause where changing it alone makes another grade than
before, or where leaving it alone as it was makes another grade than after. Where neither is so of any of the four,
because only together they make another grade, all that differ are causes. So whoever is moved has a cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import ibis

from zhiheng.engines.rating import (
    band_column,
    differing_items,
    differing_vetoes,
    item_column,
    likely_items,
    matrix_levels,
    numbered,
    veto_column,
)
from zhiheng.grammar.chapters.ratings import RatingEdition

Editions = tuple[RatingEdition, RatingEdition]


class CauseKind(StrEnum):
    """What kind of thing moves an enterprise."""

    ITEM = "item"
    START = "start"
    VETO = "veto"
    EVIDENCE = "evidence"
    EDGE = "edge"
    BANDS = "bands"
    MATRIX = "matrix"
    WHO = "who"


class GradeCause(NamedTuple):
    """Something that differs between two editions.

    ``name``: the id of an item or veto, the name of a band (``edge``: its least score), ``enough`` or ``too_few`` of
    evidence, ``entered`` or ``left`` of those whom an edition rates; empty where there is nothing to name.
    """

    kind: CauseKind
    name: str = ""


@dataclass(frozen=True)
class _Part:
    """One of the things a grade is found from: whether it differs for an enterprise, and the causes that it has."""

    of: str
    differs: Any
    causes: Mapping[GradeCause, Any]


def same_places(editions: Editions) -> list[tuple[int, int]]:
    """The pairs of places (``compared``: before, after) that are the same grade by name, or both none."""
    first, second = ([*(band.name for band in edition.bands), None] for edition in editions)
    return [(-1, -1), *((at, second.index(name)) for at, name in enumerate(first) if name in second)]


def causes_of(editions: Editions, moved: ibis.Table) -> tuple[ibis.Table, list[GradeCause]]:
    """(subject_id, ``cause_0`` …: whether it is a cause) of every enterprise in ``moved``, and the causes in order.

    Args:
        moved: rows of ``rating.compared`` whose two grades are not the same (``same_places``).
    """
    moved, deciding = _deciding(editions, moved)
    parts = _parts(editions, moved)
    rated = (moved.before >= 0) & (moved.after >= 0)
    by_part = [moved[name] for name in deciding]
    found: dict[GradeCause, Any] = {
        GradeCause(CauseKind.WHO, "entered"): moved.before < 0,
        GradeCause(CauseKind.WHO, "left"): moved.after < 0,
    }
    for part, decides in zip(parts, by_part, strict=True):
        found |= {cause: rated & decides & met for cause, met in part.causes.items()}
    # What neither edition says otherwise can be nobody's cause.
    if editions[0].who == editions[1].who:
        found = {cause: met for cause, met in found.items() if cause.kind is not CauseKind.WHO}
    columns = {f"cause_{at}": ibis.coalesce(met, False) for at, met in enumerate(found.values())}
    return moved.select("subject_id", **columns), list(found)


def _parts(editions: Editions, moved: ibis.Table) -> list[_Part]:
    """What is not the same in both editions."""
    found = []
    points, edges = _points(editions, moved), _edges(editions, moved)
    if points and edges and (editions[0].matrix is None) != (editions[1].matrix is None):
        # Points of one kind say nothing in bands of the other: the two change together.
        both = points.differs | edges.differs
        found.append(_Part("score likely bands", both, {**points.causes, **edges.causes}))
    else:
        found += [part for part in (points, edges) if part]
    if editions[0].evidence != editions[1].evidence:
        before, after = (moved[numbered("enough", at)] > 0 for at in (0, 1))
        causes = {
            GradeCause(CauseKind.EVIDENCE, "enough"): ~before & after,
            GradeCause(CauseKind.EVIDENCE, "too_few"): before & ~after,
        }
        found.append(_Part("enough", before != after, causes))
    if vetoes := _vetoes(editions, moved):
        found.append(_Part("limit", moved[numbered("limit", 0)] != moved[numbered("limit", 1)], vetoes))
    return found


def _points(editions: Editions, moved: ibis.Table) -> _Part | None:
    places = differing_items(*editions)
    columns: dict[str, list[Any]] = {}
    for number, some in enumerate(places):
        for place in some:
            name = editions[number].items[place].id
            columns.setdefault(name, [ibis.literal(0)] * 2)[number] = moved[item_column(number, place)]
    likely = [likely_items(edition) for edition in editions]
    causes: dict[GradeCause, Any] = {}
    for name, (before, after) in columns.items():
        met = before != after
        if (name in likely[0]) != (name in likely[1]):
            # The same points of the other axis.
            met = met | (before != 0) | (after != 0)
        causes[GradeCause(CauseKind.ITEM, name)] = met
    if _starts(editions[0]) != _starts(editions[1]):
        causes[GradeCause(CauseKind.START)] = ibis.literal(True)
    if not causes:
        return None
    differs = reduce(or_, (moved[numbered(name, 0)] != moved[numbered(name, 1)] for name in ("score", "likely")))
    return _Part("score likely", differs, causes)


def _starts(edition: RatingEdition) -> tuple[int, int]:
    """What everybody begins with, in units, and what of it is of the axis of likelihood."""
    likely = edition.start_of(edition.matrix.likelihood.part) if edition.matrix else 0
    return edition.start, likely


def _edges(editions: Editions, moved: ibis.Table) -> _Part | None:
    first, second = ([(band.name, band.at_least) for band in edition.bands] for edition in editions)
    matrices = [_matrix(edition) for edition in editions]
    if (first, matrices[0]) == (second, matrices[1]):
        return None
    names = [name for name, _ in first]
    if names != [name for name, _ in second]:
        return _Part("bands", ibis.literal(True), {GradeCause(CauseKind.BANDS): ibis.literal(True)})
    if any(matrices):
        return _Part("bands", ibis.literal(True), {GradeCause(CauseKind.MATRIX): ibis.literal(True)})
    causes: dict[GradeCause, Any] = {}
    for one, other in zip(editions[0].bands, editions[1].bands, strict=True):
        if one.units != other.units:
            # The edge passed over the score, as it was or as it is.
            scores = [moved[numbered("score", at)] for at in (0, 1)]
            causes[GradeCause(CauseKind.EDGE, one.name)] = reduce(
                or_, ((score >= one.units) != (score >= other.units) for score in scores)
            )
    return _Part("bands", reduce(or_, causes.values()), causes)


def _matrix(edition: RatingEdition) -> Any:
    if edition.matrix is None:
        return None
    axes = (edition.matrix.likelihood, edition.matrix.consequence)
    return edition.matrix.cells, [(axis.part, [level.at_least for level in axis.levels]) for axis in axes]


def _vetoes(editions: Editions, moved: ibis.Table) -> dict[GradeCause, Any]:
    """Of the vetoes that are not the same in both those that make the stricter of the two limits."""
    columns: dict[str, list[Any]] = {}
    for number, places in enumerate(differing_vetoes(*editions)):
        for place in places:
            name = editions[number].veto[place].id
            columns.setdefault(name, [ibis.literal(0)] * 2)[number] = moved[veto_column(number, place)]
    strictest = ibis.greatest(moved[numbered("limit", 0)], moved[numbered("limit", 1)])
    return {
        GradeCause(CauseKind.VETO, name): (before != after) & (ibis.greatest(before, after) == strictest)
        for name, (before, after) in columns.items()
    }


def _deciding(editions: Editions, moved: ibis.Table) -> tuple[ibis.Table, list[str]]:
    """The table with a column of each part that says whether it is a cause, and the names of these columns."""
    parts = _parts(editions, moved)
    if not parts:
        return moved, []
    own = [frozenset(part.of.split()) for part in parts]
    nothing, every = frozenset[str](), frozenset[str]().union(*own)
    asked = list(dict.fromkeys([nothing, every, *own, *(every - one for one in own)]))
    moved = _with_grades(editions, moved, asked)
    grade = {second: moved[f"grade_{at}"] for at, second in enumerate(asked)}
    columns = {
        f"decides_{at}": (grade[one] != grade[nothing]) | (grade[every - one] != grade[every])
        for at, one in enumerate(own)
    }
    moved = moved.mutate(**columns).view()
    none = ~reduce(or_, (moved[name] for name in columns))
    parts = _parts(editions, moved)
    only_together = {name: moved[name] | (none & part.differs) for name, part in zip(columns, parts, strict=True)}
    return moved.mutate(**only_together).view(), list(columns)


def _with_grades(editions: Editions, moved: ibis.Table, asked: Sequence[frozenset[str]]) -> ibis.Table:
    """The table with ``grade_0`` …: the grade by name, as a number, with some of what it is found from as in the second
    edition; -1: not graded. Each step is a table of its own (``view``): a column that is written out wherever it is
    used makes a statement of hundreds of thousands of characters.

    Args:
        asked: of each grade what is as in the second edition, in the words of ``_Part.of``.
    """
    levels: dict[str, Any] = {}
    for at, second in enumerate(asked):
        score, likely = (moved[numbered(name, int(name in second))] for name in ("score", "likely"))
        likelihood, consequence = matrix_levels(_bands_of(editions, second), score, likely)
        levels |= {f"likelihood_of_{at}": likelihood, f"consequence_of_{at}": consequence}
    moved = moved.mutate(**levels).view()
    places: dict[str, Any] = {}
    for at, second in enumerate(asked):
        score, enough, limit = (moved[numbered(name, int(name in second))] for name in ("score", "enough", "limit"))
        places[f"place_{at}"] = band_column(
            _bands_of(editions, second),
            score,
            enough > 0,
            limit,
            moved[f"likelihood_of_{at}"],
            moved[f"consequence_of_{at}"],
        )
    moved = moved.mutate(**places).view()
    names = list(dict.fromkeys(band.name for edition in editions for band in edition.bands))
    grades = {}
    for at, second in enumerate(asked):
        codes = [names.index(band.name) for band in _bands_of(editions, second).bands]
        place = moved[f"place_{at}"]
        # A limit beyond these bands leaves the last of them.
        below = ibis.cases(*((place == here, code) for here, code in enumerate(codes)), else_=codes[-1])
        grades[f"grade_{at}"] = ibis.cases((place.isnull(), -1), else_=below)
    return moved.mutate(**grades).view()


def _bands_of(editions: Editions, second: frozenset[str]) -> RatingEdition:
    return editions[int("bands" in second)]
