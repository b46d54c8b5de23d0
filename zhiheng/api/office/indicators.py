"""Indicators over the interface: figures of an area, and the facts behind one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Query, Schema

from zhiheng.api.answers import AreaCode, Cursor, Limit, Word, WordsOut, cursor_in, cursor_out
from zhiheng.api.keys import ProgramRequest, call_of
from zhiheng.api.office.operation import WRONG, asks, number_text, router
from zhiheng.pages.access import book, today
from zhiheng.pages.asking import understood
from zhiheng.queries.figures import AreaFigures, open_figures


class FigureOut(Schema):
    """A number with everything that says what it is; numbers are texts, so that no digit is lost.

    `facts`: how many facts it is a number of. `unplaced_above`: as many again name only an area around this one and may
    belong here; they are not counted, and where there is nothing else there is no value (never 0). `unplaced_beneath`:
    so many of its facts name no area beneath it; with them the numbers of those areas add up to it.
    """

    indicator: str
    label: WordsOut
    area: str
    value: str | None
    unit: str
    shown: WordsOut
    numerator: str | None
    denominator: str | None
    plan: WordsOut
    first: dt.date | None
    last: dt.date
    as_of: dt.date
    known_on: dt.date
    facts: int
    unplaced_above: int
    unplaced_beneath: int
    edition: str


class FigureList(Schema):
    """The figures of an area."""

    figures: list[FigureOut]


@router.get(
    "/indicators",
    response={200: FigureList, **WRONG},
    summary="一个地区的指标 / the indicators of an area",
    **asks("indicator.read"),
)
def indicators(
    request: ProgramRequest,
    area: AreaCode,
    only: Query[list[Word]] = [],  # noqa: B006
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
) -> dict[str, Any]:
    """As of a day and as known on a day; without days, of today."""
    understood(request, book(), today())
    found = _figures(request, area, as_of, known_on).computed(only or None)
    return {
        "figures": [
            {
                "indicator": f.indicator,
                "label": {"zh": f.label_zh, "en": f.label_en},
                "area": area,
                "value": number_text(f.value),
                "unit": f.unit,
                "shown": {"zh": f.zh, "en": f.en},
                "numerator": number_text(f.numerator),
                "denominator": number_text(f.denominator),
                "plan": {"zh": f.plan_zh, "en": f.plan_en},
                "first": f.first,
                "last": f.last,
                "as_of": f.as_of,
                "known_on": f.known_on,
                "facts": f.facts,
                "unplaced_above": f.unplaced_above,
                "unplaced_beneath": f.unplaced_beneath,
                "edition": f.edition,
            }
            for f in found
        ]
    }


def _figures(request: ProgramRequest, area: str, as_of: dt.date | None, known_on: dt.date | None) -> AreaFigures:
    return open_figures(area, as_of=as_of or today(), known_on=known_on, call=call_of(request))


class FactIds(Schema):
    """Numbers of facts, ascending."""

    facts: list[int]
    next: str


@router.get(
    "/indicators/{name}/facts",
    response={200: FactIds, **WRONG},
    summary="指标的明细记录 / the facts behind a figure",
    **asks("indicator.read"),
)
def behind(
    request: ProgramRequest,
    name: Word,
    area: AreaCode,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    cursor: Cursor = "",
    limit: Limit = 200,
) -> dict[str, Any]:
    """By the same conditions that count them."""
    understood(request, book(), today())
    of = f"behind:{name}:{area}:{as_of}:{known_on}"
    figures = _figures(request, area, as_of, known_on)
    page = figures.fact_page(name, after=cursor_in(of, cursor), limit=limit)
    return {"facts": page.rows, "next": cursor_out(of, page.next)}
