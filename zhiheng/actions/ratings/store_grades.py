"""Store the grades of the enterprises of an area, as decided on a day: what follows from a grade names this row.

Stored once for the same rating, edition, enterprise and days; asking again adds what is missing and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import orjson
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.analytics import rated
from zhiheng.analytics.lake import Lake
from zhiheng.engines import rating as engine
from zhiheng.grammar.call import Call
from zhiheng.office.grades import StoredGrade
from zhiheng.people import access
from zhiheng.queries.ratings import open_ratings, rating_asked

# So many enterprises are written in a transaction.
_AT_ONCE = 500


@dataclass(frozen=True)
class GradesStored:
    """What was stored: of how many enterprises, and how many stood already."""

    stored: int
    stood: int
    edition: str


def store_grades(
    name: str,
    area: str | None,
    *,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    lake: Lake,
    call: Call,
) -> GradesStored:
    """Store the grade of every enterprise of an area.

    Raises:
        Refused: where the actor may not decide for the whole area, or the book has no such rating on the day.
    """
    # What holds of the whole ledger is decided by who may have it read; areas are narrowed as every list is.
    access.require(call, "ledger.verify")
    asked = rating_asked(call.book, name, as_of=as_of or call.today, known_on=known_on, today=call.today)
    areas = open_ratings(asked, area, call=call, lake=lake).areas
    grades = [grade for grade in rated.grades_computed(lake, asked) if areas is None or grade.area in areas]
    stored = stood = 0
    for at in range(0, len(grades), _AT_ONCE):
        some = grades[at : at + _AT_ONCE]
        rows = rated.contributions_computed(lake, asked, [grade.subject_id for grade in some])
        by = {subject: list(own) for subject, own in groupby(rows, key=attrgetter("subject_id"))}
        with transaction.atomic():
            old = set(
                StoredGrade.objects.filter(
                    rating=name,
                    edition=asked.edition.edition,
                    as_of=asked.as_of,
                    known_on=asked.known_on,
                    subject__in=[grade.subject_id for grade in some],
                ).values_list("subject", flat=True)
            )
            new = [grade for grade in some if grade.subject_id not in old]
            StoredGrade.objects.bulk_create(_row(asked, grade, by.get(grade.subject_id, []), call) for grade in new)
            if new:
                detail = {"stored": len(new), "as_of": str(asked.as_of), "edition": asked.edition.edition}
                audit.write(call, "rating.store", f"rating:{name}", detail=detail)
        stored, stood = stored + len(new), stood + len(old)
    return GradesStored(stored, stood, asked.edition.edition)


def _row(asked: rated.RatingAsked, grade: rated.Grade, rows: list[engine.Contribution], call: Call) -> StoredGrade:
    counted = [[row.kind, row.item, row.fact_id, row.points] for row in rows]
    return StoredGrade(
        subject=grade.subject_id,
        rating=asked.name,
        edition=asked.edition.edition,
        as_of=asked.as_of,
        known_on=asked.known_on,
        score=grade.score,
        band="" if grade.band is None else asked.edition.bands[grade.band].name,
        evidence=grade.evidence,
        seen=engine.seen_digest(rows, grade.evidence),
        counted=orjson.dumps(counted).decode(),
        decided_by=str(call.actor)[:120],
        decided_at=call.now,
    )
