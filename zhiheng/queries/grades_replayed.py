"""Replay stored grades: years later the same result, or what makes it another.

A grade is computed again by its own edition, as of its day and as known on its day; the book keeps its old editions, so
what can differ is an edition that was edited afterwards, or a ledger that no longer says what it said.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from zhiheng.analytics import rated
from zhiheng.analytics.lake import Lake
from zhiheng.engines import rating as engine
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.ratings import RATINGS, RatingEdition
from zhiheng.office.grades import StoredGrade
from zhiheng.queries.quality_files import open_file
from zhiheng.queries.ratings import RatingAsked


@dataclass(frozen=True)
class FactDiffers:
    """A fact that counts otherwise: units then and now; None where it did not, or does not, count."""

    item: str
    fact: int
    then: int | None
    now: int | None


@dataclass(frozen=True)
class GradeReplayed:
    """A stored grade beside its replay.

    ``edition_gone``: the book has no longer the edition by which it was decided; then the one in force on its day was
    taken. ``band`` "" is 未评.
    """

    stored: StoredGrade
    same: bool
    edition_gone: bool
    score: int
    band: str
    evidence: int
    differs: tuple[FactDiffers, ...]


def stored_grades(subject: int, *, name: str = "", act: str = "file.read", call: Call) -> list[StoredGrade]:
    """The grades of an enterprise that were stored, the latest first. Raises Refused where its file may not be seen.

    Args:
        name: only of this rating; empty: of all.
        act: the right by which the reader sees them.
    """
    open_file(subject, act=act, call=call)
    found = StoredGrade.objects.filter(subject=subject)
    return list((found.filter(rating=name) if name else found).order_by("-as_of", "-id")[:200])


def replay_grades(subject: int, *, name: str = "", lake: Lake, call: Call) -> list[GradeReplayed]:
    """Every stored grade of an enterprise beside what the same question gives now.

    Args:
        name: only of this rating; empty: of all.
        lake: where the question is asked again; the current one where none is given.
    """
    found = []
    for stored in stored_grades(subject, name=name, call=call):
        rating = call.book[RATINGS].get(stored.rating)
        edition = rating.by_hash(stored.edition) if rating else None
        gone = edition is None
        edition = edition or (rating.on(stored.as_of) if rating else None)
        if rating is None or edition is None:
            found.append(GradeReplayed(stored, False, True, 0, "", 0, ()))
            continue
        asked = RatingAsked(stored.rating, rating, edition, stored.as_of, stored.known_on)
        found.append(_replayed(stored, asked, edition, lake, gone=gone))
    return found


def _replayed(
    stored: StoredGrade, asked: RatingAsked, edition: RatingEdition, lake: Lake, *, gone: bool
) -> GradeReplayed:
    grades = rated.grades_computed(lake, asked, [stored.subject])
    rows = rated.contributions_computed(lake, asked, [stored.subject])
    score = edition.start + sum(row.points for row in rows)
    evidence = grades[0].evidence if grades else 0
    place = grades[0].band if grades else None
    then = {(kind, item, fact): units for kind, item, fact, units in orjson.loads(stored.counted)}
    now = {(row.kind, row.item, row.fact_id): row.points for row in rows}
    differs = tuple(
        FactDiffers(key[1], key[2], then.get(key), now.get(key))
        for key in sorted({*then, *now})
        if then.get(key) != now.get(key)
    )
    seen = engine.seen_digest(rows, evidence)
    band = "" if place is None else edition.bands[place].name
    same = (stored.score, stored.band, stored.seen) == (score, band, seen) and not gone
    return GradeReplayed(stored, same, gone, score, band, evidence, differs)
