"""Ratings over the interface: of one enterprise point by point, of an area by grade."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Schema
from pydantic import Field

from zhiheng.api.answers import AreaCode, Cursor, Limit, Number, Word, cursor_in, cursor_out
from zhiheng.api.keys import ProgramRequest, call_of
from zhiheng.api.office.operation import WRONG, asks, router
from zhiheng.pages.access import book, today
from zhiheng.pages.asking import understood
from zhiheng.queries import for_programs as reading
from zhiheng.queries.ratings import open_ratings, rating_asked


class RatedPointOut(Schema):
    """A fact that gives or takes points; numbers are texts, so that no digit is lost."""

    fact: int | None = Field(None, description="absent where the key does not reach the fact")
    item: str
    item_en: str
    occurred_on: dt.date
    points: str
    without_cap: str
    changes_on: dt.date | None
    changes_to: str | None
    limits_to: str | None
    law: list[str]


class AxisLevelOut(Schema):
    """A level of an axis of a risk matrix, counted from 1, the least, and the points that reach it."""

    points: str
    level: int
    of: int
    label: str
    label_en: str


class MatrixCellOut(Schema):
    """A cell of a risk matrix, and the class that it is."""

    likelihood: AxisLevelOut
    consequence: AxisLevelOut
    band: str
    law: list[str]


class RatingOut(Schema):
    """A rating of an enterprise with every point. ``band`` is absent where the evidence is too thin (未评)."""

    rating: str
    edition: str
    in_force_from: dt.date
    subject: int
    as_of: dt.date
    known_on: dt.date
    rated: bool
    band: str | None
    score: str | None
    begins_with: str
    evidence: int
    evidence_needed: int
    limited_to: str | None
    saw: str
    cell: MatrixCellOut | None = Field(None, description="where it stands in the matrix of a risk list")
    points: list[RatedPointOut]


@router.get(
    "/enterprises/{subject}/ratings/{rating}",
    response={200: RatingOut, **WRONG},
    summary="一家企业的评价和每一分 / the rating of an enterprise, point by point",
    **asks("file.read"),
)
def enterprise_rating(
    request: ProgramRequest,
    subject: Number,
    rating: Word,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    edition: Word = "",
) -> dict[str, Any]:
    """As of a day, as known on a day, in the edition of that day or in the one named.

    The numbers are those of the desk; the read is noted.
    """
    understood(request, book(), today())
    found = reading.rating(rating, subject, as_of=as_of, known_on=known_on, edition=edition, call=call_of(request))
    return found.as_json()


class RatedLineOut(Schema):
    """An enterprise in a list of grades; ``band`` absent: 未评, and ``score`` then says nothing."""

    subject: int
    name: str
    area: str
    band: str | None
    score: str
    evidence: int
    likelihood: int | None = Field(None, description="level in the matrix of a risk list, from 1")
    consequence: int | None = Field(None, description="level in the matrix of a risk list, from 1")


class BandCountOut(Schema):
    """How many enterprises have a grade; absent: 未评."""

    band: str | None
    enterprises: int


class RatedPage(Schema):
    """Enterprises of an area by grade: the lowest score first, of a risk list the riskiest."""

    rating: str
    edition: str
    area: str
    as_of: dt.date
    known_on: dt.date
    counts: list[BandCountOut]
    enterprises: list[RatedLineOut]
    next: str


@router.get(
    "/ratings/{rating}",
    response={200: RatedPage, **WRONG},
    summary="一个地区各等级的企业 / the enterprises of an area by grade",
    **asks("enterprise.list"),
)
def rated_enterprises(
    request: ProgramRequest,
    rating: Word,
    area: AreaCode = "",
    band: Word = "",
    cell: Word = "",
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Those of one band, or with ``band=none`` those not graded; of a risk list also those of one ``cell``, as ``3-2``.

    Of an area with all beneath it; where none is named, of the highest in reach.
    """
    understood(request, book(), today())
    call = call_of(request)
    asked = rating_asked(book(), rating, as_of=as_of or today(), known_on=known_on, today=today())
    opened = open_ratings(asked, area or None, call=call)
    of = f"ratings:{rating}:{opened.area}:{band}:{cell}:{asked.as_of}:{asked.known_on}"
    page = opened.page(band, cell=cell, after=cursor_in(of, cursor), limit=limit)
    return {
        "rating": rating,
        "edition": asked.edition.edition,
        "area": opened.area,
        "as_of": asked.as_of,
        "known_on": asked.known_on,
        "counts": [{"band": name, "enterprises": number} for name, number in opened.counts().items()],
        "enterprises": [
            {
                "subject": line.grade.subject_id,
                "name": line.name,
                "area": line.grade.area or "",
                "band": line.band.name if line.band is not None else None,
                "score": str(line.score),
                "evidence": line.grade.evidence,
                "likelihood": None if line.grade.likelihood is None else line.grade.likelihood + 1,
                "consequence": None if line.grade.consequence is None else line.grade.consequence + 1,
            }
            for line in page.rows
        ],
        "next": cursor_out(of, page.next),
    }
