"""What a listing means, as a page shows it: to officers and to the enterprise itself alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from zhiheng.engines.restrictions import Restriction, longest_end
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.restrictions import RESTRICTIONS, RestrictionMeasure
from zhiheng.kernel.deadlines import Deadline
from zhiheng.pages.access import book, today
from zhiheng.pages.deadlines import DueWords, due_words
from zhiheng.pages.words import label


def department_word(measure: RestrictionMeasure) -> str:
    """What the department of a measure is called."""
    matrix = book()[RESTRICTIONS]
    return label(matrix.departments[measure.department].label) if matrix is not None else measure.department


def shown_listings(found: Iterable[Restriction], address: Callable[[int], str]) -> list[dict[str, Any]]:
    """Listings with their measures for ``pages/restrictions.html``; ``address``: of the page of a fact."""
    shown = []
    for _, group in groupby(found, key=lambda one: (one.listing.fact, one.list_name)):
        measures = list(group)
        first = measures[0]
        ends = longest_end(first.page, first.listing, book()[LAW], book()[CALENDAR])
        shown.append(
            {
                "label": label(first.page.label),
                "url": address(first.listing.fact),
                "listed_on": first.listing.listed_on,
                "removed_on": first.listing.removed_on,
                "ends": ends.day if ends is not None else None,
                "counted": _counted(ends),
                "remedies": [
                    {"label": label(each.label), "law": [c for c in each.law if c.holds(today())]}
                    for each in first.page.remedies
                ],
                "measures": [measure_shown(one) for one in measures],
            }
        )
    return shown


def measure_shown(one: Restriction) -> dict[str, Any]:
    """A measure with its department, law and days."""
    return {
        "label": label(one.measure.label),
        "note": label(one.measure.note) if one.measure.note else "",
        "department": department_word(one.measure),
        "since": one.since,
        "until": one.until,
        "law": one.law,
        "take_back_by": one.take_back_by,
        "left": one.take_back.left(today(), book()[CALENDAR]) if one.take_back is not None else None,
        "counted": _counted(one.take_back or one.lasts),
    }


def _counted(end: Deadline | None) -> DueWords:
    """By what rule a day was counted, and what of it may still move; nothing where no rule gives it."""
    return due_words(end.basis()) if end is not None else DueWords()
