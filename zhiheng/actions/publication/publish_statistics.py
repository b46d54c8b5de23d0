"""Publish the place's indicators with their method: what is counted, over which period, by which plan, under which
law.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.publication.entry_writer import raise_versions
from zhiheng.analytics.lake import Lake
from zhiheng.analytics.refusals import lake_damaged
from zhiheng.engines import definition
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk
from zhiheng.people import access
from zhiheng.published.models import PublishedFigure
from zhiheng.queries import publishable
from zhiheng.queries.figures import Figure, open_figures

# The list whose version says that statistics have changed.
STATISTICS = "statistics"


def publish_statistics(
    lake: Lake, *, as_of: dt.date, call: Call, progress: Callable[[str, int, int | None], None] | None = None
) -> int:
    """Compute and publish the indicators that the portal names, for the place and each district of it.

    A figure published before for the same day stays in the table; where the number differs it is no longer the current
    one.

    Returns:
        How many figures.

    Raises:
        Refused: where the actor may not.
    """
    access.require(call, "publication.approve")
    names = publishable.chapter(call.book).portal.statistics
    if lake.damaged():
        # What is published stands for ever: it is not computed from bytes that nobody wrote.
        raise Refused(lake_damaged())
    areas = [area.code for area in call.book[DISTRICT].with_statistics()]
    count = 0
    told: dict[str, list[Figure]] = {}
    for number, area in enumerate(areas, start=1):
        figures = open_figures(area, as_of=as_of, act="publication.approve", call=call, lake=lake)
        if area not in told:
            # What is asked of an area answers all beneath it.
            told |= figures.of_every_area(names)
        found = told[area]
        with transaction.atomic():
            bulk.lock()
            made = [made for figure in found if (made := _publish(figure, area, call.book, call.now))]
            count += len(made)
            if made:
                raise_versions({STATISTICS: len(made)}, call.now)
                audit.write(
                    call,
                    "publication.statistics",
                    f"area:{area}",
                    detail={"as_of": as_of.isoformat(), "indicators": made, "watermark": found[0].watermark},
                )
        if progress:
            progress("公布统计 publishing statistics", number, len(areas))
    return count


def _publish(figure: Figure, area: str, book: Book, now: dt.datetime) -> str:
    """Write a figure unless the same is current; returns its indicator, or nothing."""
    indicator = book[INDICATORS][figure.indicator]
    new = PublishedFigure(
        indicator=figure.indicator,
        area=area,
        as_of=figure.as_of,
        known_on=figure.known_on,
        first_on=figure.first,
        last_on=figure.last,
        label=indicator.label.model_dump(),
        quality=indicator.quality,
        value="" if figure.value is None else str(figure.value),
        shown={"zh": figure.zh, "en": figure.en},
        numerator="" if figure.numerator is None else str(figure.numerator),
        denominator="" if figure.denominator is None else str(figure.denominator),
        plan={"zh": figure.plan_zh, "en": figure.plan_en} if figure.plan_zh else {},
        method=definition.method(book, figure.indicator, figure.as_of).model_dump(),
        law=[
            {"zh": f"《{c.text}》{c.article}", "en": f"{c.text} {c.article}".strip(), "checked": c.checked != "never"}
            for c in indicator.law
        ],
        edition=figure.edition,
        published_at=now,
    )
    old = PublishedFigure.objects.filter(indicator=new.indicator, area=area, as_of=new.as_of, current=True).first()
    if old is not None:
        # The same number told in better words is published anew as well.
        if (old.value, old.numerator, old.denominator, old.edition, old.method) == (
            new.value,
            new.numerator,
            new.denominator,
            new.edition,
            new.method,
        ):
            return ""
        PublishedFigure.objects.filter(pk=old.pk).update(current=False)
    elif (
        not new.value and not PublishedFigure.objects.filter(indicator=new.indicator, area=area, current=True).exists()
    ):
        # Where there never was a figure there is none to be missed.
        return ""
    new.save()
    return new.indicator
