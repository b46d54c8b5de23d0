"""Lists and counts of graded enterprises, narrowed in SQL: of what is kept of the day, else computed from the lake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.layout import literal
from zhiheng.analytics.rated import Grade, RatingAsked, RatingFiles, rating_sql, records_of

Areas = Sequence[str] | None
Place = tuple[int, int]


def counted(lake: Lake, files: RatingFiles, asked: RatingAsked, areas: Areas, today: dt.date) -> dict[int | None, int]:
    """Place of a band -> how many enterprises of the areas have it; None: not graded."""
    rows = _run(
        lake, files, asked, today, "SELECT band, count(*) FROM ({grades})" + _where(_inside(areas)) + " GROUP BY 1"
    )
    return {band: int(number) for band, number in rows}


def listed(
    lake: Lake,
    files: RatingFiles,
    asked: RatingAsked,
    areas: Areas,
    today: dt.date,
    *,
    bands: Sequence[int | None] | None = None,
    after: Any = None,
    limit: int,
) -> list[Grade]:
    """Enterprises of the areas, the lowest score first; ``bands``: only these (None in it: not graded).

    ``after``: score and number of the last one before.
    """
    met = _inside(areas)
    if bands is not None:
        said = [f"band = {int(band)}" for band in bands if band is not None]
        met.append(f"({' OR '.join([*said, *(['band IS NULL'] if None in bands else [])])})")
    if after is not None:
        met.append(f"(score, subject_id) > ({int(after[0])}, {int(after[1])})")
    columns = ", ".join(Grade._fields)
    sql = f"SELECT {columns} FROM ({{grades}}){_where(met)} ORDER BY score, subject_id LIMIT {int(limit)}"
    return [Grade(*row) for row in _run(lake, files, asked, today, sql)]


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
