"""Lists and counts of graded enterprises, narrowed in SQL: of what is kept of the day, else computed from the lake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.layout import literal
from zhiheng.analytics.rated import Grade, RatingAsked, RatingFiles, rating_sql, records_of

Areas = Sequence[str] | None
Cell = tuple[int, int]
# More than any score, and more than any class with its score: the class comes first, then the score within it.
_OF_SCORES, _OF_CLASSES = 10**9, 10**12


def counted(lake: Lake, files: RatingFiles, asked: RatingAsked, areas: Areas, today: dt.date) -> dict[int | None, int]:
    """Place of a band -> how many enterprises of the areas have it; None: not graded."""
    rows = _run(
        lake, files, asked, today, "SELECT band, count(*) FROM ({grades})" + _where(_inside(areas)) + " GROUP BY 1"
    )
    return {band: int(number) for band, number in rows}


def cells_counted(lake: Lake, files: RatingFiles, asked: RatingAsked, areas: Areas, today: dt.date) -> dict[Cell, int]:
    """(level of likelihood, of consequence) -> how many graded enterprises of the areas stand there."""
    met = [*_inside(areas), "band IS NOT NULL", "likelihood IS NOT NULL"]
    sql = f"SELECT likelihood, consequence, count(*) FROM ({{grades}}){_where(met)} GROUP BY 1, 2"
    return {(row, column): int(number) for row, column, number in _run(lake, files, asked, today, sql)}


class ListedGrade(NamedTuple):
    """A grade with its place in the list: the least stands first, by its score, or with a matrix the riskiest first."""

    grade: Grade
    place: int


def _place_of(asked: RatingAsked) -> str:
    """The place of a row, as SQL."""
    if asked.edition.matrix is None:
        return "score"
    return f"({_OF_CLASSES} - (coalesce(band, -1) * {_OF_SCORES}::BIGINT + score))"


def listed(
    lake: Lake,
    files: RatingFiles,
    asked: RatingAsked,
    areas: Areas,
    today: dt.date,
    *,
    bands: Sequence[int | None] | None = None,
    cell: Cell | None = None,
    after: Any = None,
    limit: int,
) -> list[ListedGrade]:
    """Enterprises of the areas, the lowest score or the riskiest first.

    ``bands``: only these (None in it: not graded); ``cell``: only those of a cell of the matrix. ``after``: the place
    and number of the last one before.
    """
    met = _inside(areas)
    if bands is not None:
        said = [f"band = {int(band)}" for band in bands if band is not None]
        met.append(f"({' OR '.join([*said, *(['band IS NULL'] if None in bands else [])])})")
    if cell is not None:
        met += ["band IS NOT NULL", f"likelihood = {int(cell[0])}", f"consequence = {int(cell[1])}"]
    place = _place_of(asked)
    if after is not None:
        met.append(f"({place}, subject_id) > ({int(after[0])}, {int(after[1])})")
    columns = ", ".join(Grade._fields)
    sql = f"SELECT {columns}, {place} FROM ({{grades}}){_where(met)} ORDER BY {place}, subject_id LIMIT {int(limit)}"
    return [ListedGrade(Grade(*row), place) for *row, place in _run(lake, files, asked, today, sql)]


def _run(lake: Lake, files: RatingFiles, asked: RatingAsked, today: dt.date, sql: str) -> list[tuple[Any, ...]]:
    if (kept := files.holds(lake, asked, today)) is not None:
        with lake.open(Manifest(), []) as connection:
            return connection.execute(sql.replace("{grades}", files.view(kept, "grades"))).fetchall()
    manifest = lake.manifest()
    with lake.open(manifest, records_of(lake, asked)) as connection:
        return connection.execute(sql.replace("{grades}", rating_sql(lake, manifest, asked).grades)).fetchall()


def _inside(areas: Areas) -> list[str]:
    return [] if areas is None else [f"area IN ({', '.join(map(literal, areas)) or 'NULL'})"]


def _where(met: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(met)}" if met else ""
