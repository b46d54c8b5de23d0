"""The figures that a page shows, as they were computed by the last refresh: one statement, no computing.

Days that are kept: those the cockpits of the book need today (``grammar.cockpit.days_needed``) and each a year before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from zhiheng.projections.models import StoredFigure


def stored(
    areas: Iterable[str], *, as_of: Iterable[dt.date], names: Iterable[str] | None = None
) -> Mapping[tuple[str, dt.date, str], StoredFigure]:
    """(area, as of, indicator) -> figure, for all of these areas, days and indicators that are kept."""
    found = StoredFigure.objects.filter(area__in=list(areas), as_of__in=list(as_of))
    if names is not None:
        found = found.filter(indicator__in=list(names))
    return {(figure.area, figure.as_of, figure.indicator): figure for figure in found}


def days_kept() -> list[dt.date]:
    """The days of which figures are kept, the latest first."""
    return list(StoredFigure.objects.order_by("-as_of").values_list("as_of", flat=True).distinct())
