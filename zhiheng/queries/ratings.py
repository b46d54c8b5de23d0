"""The ratings of enterprises: the one way to a grade, for desk, corner, terminal and programs.

Every question asks access first: one enterprise by its quality file (``file.read``, or ``firm.open`` for its own),
lists,
counts and comparisons by the list of enterprises (``enterprise.list``) in an area. What was kept of today is read; any
other day, knowledge or edition is computed from the lake.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from zhiheng.analytics import rated
from zhiheng.analytics.lake import Lake
from zhiheng.analytics.rated import Grade as Grade
from zhiheng.analytics.rated import RatingAsked as RatingAsked
from zhiheng.analytics.rated import RatingFiles
from zhiheng.analytics.rating_compare import RatingComparison as RatingComparison
from zhiheng.analytics.rating_compare import compared
from zhiheng.analytics.rating_list import Cell, cells_counted, counted, listed
from zhiheng.analytics.sorted_facts import SortedFacts
from zhiheng.database.paging import Page, cut, one_more, place_text, place_values
from zhiheng.engines import rating as engine
from zhiheng.engines.rating import Contribution
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.ratings import (
    RATINGS,
    UNITS_PER_POINT,
    Rating,
    RatingBand,
    RatingEdition,
    RatingItem,
    RatingPart,
    RiskAxis,
    RiskLevel,
    RiskMatrix,
    Veto,
)
from zhiheng.grammar.types import Citation, Label
from zhiheng.kernel.actor import Scope
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.quality_file.fact_list import FactLine, fact_lines
from zhiheng.queries import refusals
from zhiheng.queries.figures import lake_of
from zhiheng.queries.own_file import subject_of
from zhiheng.queries.quality_files import open_file

LIST = "enterprise.list"
# The page of a list by band.
PAGE = 50


def points_of(units: int) -> Decimal:
    """Units as points, with the digits that they have and two at least."""
    exact = (Decimal(units) / UNITS_PER_POINT).normalize()
    places = max(0, -int(exact.as_tuple().exponent))
    return exact.quantize(Decimal(1).scaleb(-min(5, max(2, places))))


# -- which edition -----------------------------------------------------------------------------------------------------


def rating_asked(
    book: Book, name: str, *, as_of: dt.date, known_on: dt.date | None = None, today: dt.date, edition: str = ""
) -> RatingAsked:
    """A rating as of a day, in the edition of that day or in the one that is named by its digest or day.

    Raises Refused for a rating or edition that the book lacks, and for a day before the first edition.
    """
    found = book[RATINGS].get(name)
    if found is None:
        raise Refused(refusals.rating_absent(name, list(book[RATINGS])))
    chosen = found.on(as_of) if not edition else _named_edition(found, edition)
    if chosen is None:
        if edition:
            raise Refused(refusals.rating_edition_absent(name, edition))
        raise Refused(refusals.rating_not_in_force(found.label, as_of, found.editions[0].from_))
    return RatingAsked(name, found, chosen, as_of, min(known_on or today, today))


def _named_edition(rating: Rating, edition: str) -> RatingEdition | None:
    try:
        return rating.on(dt.date.fromisoformat(edition))
    except ValueError:
        return rating.by_hash(edition)


def cell_name(likelihood: int, consequence: int) -> str:
    """What a cell of a matrix is called: its levels, counted from 1, as ``3-2``."""
    return f"{likelihood + 1}-{consequence + 1}"


def files_of(name: str) -> RatingFiles:
    """Where what is kept of a rating stands."""
    return RatingFiles(inside(settings.DATA, "ratings") / name)


def rating_facts() -> SortedFacts:
    """Where the facts that ratings read are sorted by whom they name; no rating has such a name."""
    return SortedFacts(inside(settings.DATA, "ratings") / "_facts")


# -- one enterprise ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RatedPoint:
    """A fact that counts: its item, part, points and law, and when its points will be others.

    ``line`` is None where the reader may not see the fact; what it counts is told all the same.
    """

    fact: int
    item: Label
    part: Label | None
    law: tuple[Citation, ...]
    occurred_on: dt.date
    points: Decimal
    full: Decimal
    changes_on: dt.date | None
    changes_to: Decimal | None
    limits_to: str
    line: FactLine | None

    @property
    def cut(self) -> bool:
        """Whether the cap of its item left less than its points."""
        return abs(self.points) < abs(self.full)


@dataclass(frozen=True)
class RatedPart:
    """A part of an enterprise's rating, in points of the whole: what it begins with, what it has, the most there is."""

    label: Label
    weight: int
    begins: Decimal
    points: Decimal
    most: Decimal


@dataclass(frozen=True)
class AxisLevel:
    """Where an enterprise stands on an axis of the matrix: the points of its part, and the level they reach."""

    label: Label
    points: Decimal
    place: int
    level: RiskLevel
    of: int

    def as_json(self) -> dict[str, object]:
        """For programs: levels are counted from 1, the least."""
        return {
            "points": str(self.points),
            "level": self.place + 1,
            "of": self.of,
            "label": self.level.label.zh,
            "label_en": self.level.label.en,
        }


@dataclass(frozen=True)
class MatrixCell:
    """The cell of a risk matrix in which an enterprise stands, and the class that the cell is."""

    matrix: RiskMatrix
    likelihood: AxisLevel
    consequence: AxisLevel
    band: str

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "likelihood": self.likelihood.as_json(),
            "consequence": self.consequence.as_json(),
            "band": self.band,
            "law": [f"{c.text}{c.article}" for c in self.matrix.law],
        }


@dataclass(frozen=True)
class EnterpriseRating:
    """The rating of an enterprise with everything that explains it. ``band`` None: 未评, since evidence is too thin.

    ``cell``: where it stands in the matrix; None where the edition grades by score.
    """

    name: str
    rating: Rating
    edition: RatingEdition
    subject: int
    as_of: dt.date
    known_on: dt.date
    rated: bool
    score: Decimal
    evidence: int
    band: RatingBand | None
    by_score: RatingBand
    veto: RatingBand | None
    parts: tuple[RatedPart, ...]
    points: tuple[RatedPoint, ...]
    seen: str
    hidden: int
    cell: MatrixCell | None = None

    def as_json(self) -> dict[str, object]:
        """For programs; numbers are texts, so that no digit is lost."""
        return {
            "rating": self.name,
            "edition": self.edition.edition,
            "in_force_from": self.edition.from_.isoformat(),
            "subject": self.subject,
            "as_of": self.as_of.isoformat(),
            "known_on": self.known_on.isoformat(),
            "rated": self.rated,
            "band": self.band.name if self.band else None,
            "score": str(self.score) if self.rated else None,
            "begins_with": str(points_of(self.edition.start)),
            "evidence": self.evidence,
            "evidence_needed": self.edition.evidence.at_least,
            "limited_to": self.veto.name if self.veto else None,
            "saw": self.seen,
            "cell": self.cell.as_json() if self.cell and self.rated else None,
            "points": [
                {
                    "fact": one.fact if one.line is not None else None,
                    "item": one.item.zh,
                    "item_en": one.item.en,
                    "occurred_on": one.occurred_on.isoformat(),
                    "points": str(one.points),
                    "without_cap": str(one.full),
                    "changes_on": one.changes_on.isoformat() if one.changes_on else None,
                    "changes_to": str(one.changes_to) if one.changes_to is not None else None,
                    "limits_to": one.limits_to or None,
                    "law": [f"{c.text}{c.article}" for c in one.law],
                }
                for one in self.points
            ],
        }


def rating_of(
    name: str,
    subject: int,
    *,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    edition: str = "",
    act: str = "file.read",
    call: Call,
    lake: Lake | None = None,
) -> EnterpriseRating:
    """How an enterprise is rated, with every fact that counts.

    Raises Refused where the actor may not see its file, and where the book has no such rating on the day.

    Args:
        name: the rating, as the book names it.
        edition: a digest or day that names an edition; empty: that in force on the day.
        act: the right by which the reader sees it.
        lake: where it is computed; the current one where none is given.
    """
    open_file(subject, as_of, known_on, act=act, call=call)
    asked = rating_asked(
        call.book, name, as_of=as_of or call.today, known_on=known_on, today=call.today, edition=edition
    )
    scope = access.scope(call, act)
    return rating_within(asked, subject, scope, book=call.book, today=call.today, lake=lake)


def rating_within(
    asked: RatingAsked, subject: int, scope: Scope, *, book: Book, today: dt.date, lake: Lake | None = None
) -> EnterpriseRating:
    """The same within a scope that the caller has asked for, such as what a consent opens: of facts outside of it only
    the points are told, and no line.
    """
    grade, rows = grade_and_rows(lake or lake_of(book), asked, subject, today)
    return _explained(asked, subject, grade, rows, book, scope)


def own_ratings(*, call: Call) -> list[EnterpriseRating]:
    """Every rating of the actor's own enterprise, today."""
    subject = subject_of(call.actor)
    found = []
    for name, rating in call.book[RATINGS].items():
        if rating.on(call.today) is not None:
            found.append(rating_of(name, subject, act="firm.open", call=call))
    return found


def grade_and_rows(
    lake: Lake, asked: RatingAsked, subject: int, today: dt.date
) -> tuple[Grade | None, list[Contribution]]:
    """The grade of an enterprise and its contributions: from what is kept of today, else computed.

    Args:
        asked: the rating, its edition and its days.
        today: the day whose kept grades may answer.
    """
    files = files_of(asked.name)
    if (kept := files.holds(lake, asked, today)) is not None:
        return rated.kept_one(lake, files, kept, subject)
    grades = rated.grades_computed(lake, asked, [subject])
    return (grades[0] if grades else None), rated.contributions_computed(lake, asked, [subject])


def _explained(
    asked: RatingAsked, subject: int, grade: Grade | None, rows: Sequence[Contribution], book: Book, scope: Scope
) -> EnterpriseRating:
    edition = asked.edition
    lines = {line.fact: line for line in fact_lines({row.fact_id for row in rows}, book=book, scope=scope)}
    points = tuple(_point(edition, row, asked.as_of, lines.get(row.fact_id)) for row in rows)
    score = edition.start + sum(row.points for row in rows)
    likely = engine.likelihood_of(edition, rows)
    veto = engine.veto_of(edition, rows)
    band = None if grade is None or grade.band is None else edition.bands[grade.band]
    return EnterpriseRating(
        asked.name,
        asked.rating,
        edition,
        subject,
        asked.as_of,
        asked.known_on,
        grade is not None,
        points_of(score),
        grade.evidence if grade else 0,
        band,
        edition.bands[edition.place_of(score, likely)],
        edition.bands[veto] if veto else None,
        tuple(_part(edition, part, rows) for part in edition.parts),
        points,
        engine.seen_digest(rows, grade.evidence if grade else 0),
        sum(1 for one in points if one.line is None),
        _cell(edition, score, likely),
    )


def _cell(edition: RatingEdition, score: int, likely: int) -> MatrixCell | None:
    matrix, levels = edition.matrix, edition.levels_of(score, likely)
    if matrix is None or levels is None:
        return None

    def stands(axis: RiskAxis, place: int, units: int) -> AxisLevel:
        part = next(part for part in edition.parts if part.id == axis.part)
        return AxisLevel(part.label, points_of(units), place, axis.levels[place], len(axis.levels))

    return MatrixCell(
        matrix,
        stands(matrix.likelihood, levels[0], likely),
        stands(matrix.consequence, levels[1], score - likely),
        matrix.cells[levels[0]][levels[1]],
    )


def _part(edition: RatingEdition, part: RatingPart, rows: Sequence[Contribution]) -> RatedPart:
    own = {item.id for item in edition.items if item.part == part.id}
    begins = int(part.marks * 1000) * part.weight
    gained = sum(row.points for row in rows if row.item in own)
    return RatedPart(part.label, part.weight, points_of(begins), points_of(begins + gained), Decimal(part.weight))


def _point(edition: RatingEdition, row: Contribution, as_of: dt.date, line: FactLine | None) -> RatedPoint:
    said: RatingItem | Veto | None = edition.item(row.item)
    change: tuple[dt.date, int] | None = None
    part: Label | None = None
    limits = ""
    if isinstance(said, RatingItem):
        change = engine.next_change(said, row.occurred_on, as_of)
        weight = edition.weights[said.part]
        change = (change[0], change[1] * weight) if change else None
        part = next(part.label for part in edition.parts if part.id == said.part)
    else:
        said = next(veto for veto in edition.veto if veto.id == row.item)
        limits = said.at_most
    return RatedPoint(
        row.fact_id,
        said.label,
        part,
        tuple(citation for citation in said.law if citation.holds(as_of)),
        row.occurred_on,
        points_of(row.points),
        points_of(row.full),
        change[0] if change else None,
        points_of(change[1]) if change else None,
        limits,
        line,
    )


# -- an area -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RatedLine:
    """An enterprise in a list: its grade, and what it is called."""

    grade: Grade
    name: str
    score: Decimal
    band: RatingBand | None


def shares_of(counts: Mapping[str | None, int]) -> dict[str | None, float]:
    """Grade -> its share of all enterprises counted, between 0 and 1; empty where there are none."""
    whole = sum(counts.values())
    return {name: number / whole for name, number in counts.items()} if whole else {}


@dataclass(frozen=True)
class AreaRatings:
    """The ratings of an area and of all beneath it: made by ``open_ratings``, never by hand.

    ``areas`` None: everywhere, for who reaches everything; ``reach``: the areas within the actor's reach.
    """

    asked: RatingAsked
    area: str
    areas: tuple[str, ...] | None
    reach: tuple[str, ...]
    call: Call
    lake: Lake

    def counts(self) -> Mapping[str | None, int]:
        """RatingBand -> how many enterprises have it; None: 未评."""
        found = counted(self.lake, files_of(self.asked.name), self.asked, self.areas, self.call.today)
        names = [band.name for band in self.asked.edition.bands]
        counts: dict[str | None, int] = {name: found.get(at, 0) for at, name in enumerate(names)}
        return counts | {None: found.get(None, 0)}

    def cells(self) -> Mapping[Cell, int]:
        """(level of likelihood, of consequence) -> how many graded enterprises stand there; empty without a matrix."""
        if self.asked.edition.matrix is None:
            return {}
        return cells_counted(self.lake, files_of(self.asked.name), self.asked, self.areas, self.call.today)

    def cells_by_name(self) -> dict[str, Cell]:
        """The cells of the matrix by what they are called (``cell_name``); none without a matrix."""
        matrix = self.asked.edition.matrix
        rows = matrix.cells if matrix else ()
        return {cell_name(row, at): (row, at) for row, names in enumerate(rows) for at, _ in enumerate(names)}

    def _cell_asked(self, name: str) -> Cell | None:
        cells = self.cells_by_name() if name else {}
        if name and name not in cells:
            raise Refused(refusals.rating_cell_absent(name, [*cells]))
        return cells.get(name)

    def page(self, band: str = "", *, cell: str = "", after: str = "", limit: int = PAGE) -> Page[RatedLine]:
        """A page of the enterprises, the lowest score or the riskiest first.

        Args:
            band: only those of it; ``none``: only 未评.
            cell: only those of a cell of the matrix, by its name.
            after: where the page before ended.
            limit: so many enterprises at most.
        """
        bands = [one.name for one in self.asked.edition.bands]
        place: int | None = bands.index(band) if band in bands else None
        if band not in ("", "none") and place is None:
            raise Refused(refusals.rating_band_absent(band, bands))
        found = listed(
            self.lake,
            files_of(self.asked.name),
            self.asked,
            self.areas,
            self.call.today,
            bands=None if not band else (place,),
            cell=self._cell_asked(cell),
            after=place_values(after, int, int),
            limit=one_more(limit),
        )
        page = cut(found, limit, lambda one: place_text(one.place, one.grade.subject_id))
        grades = [one.grade for one in page.rows]
        names = dict(Card.objects.filter(subject__in=[g.subject_id for g in grades]).values_list("subject", "name"))
        return page.made(
            RatedLine(
                grade,
                names.get(grade.subject_id, ""),
                points_of(grade.score),
                None if grade.band is None else self.asked.edition.bands[grade.band],
            )
            for grade in grades
        )

    def compared_with(self, other: RatingAsked) -> RatingComparison:
        """What would be otherwise under another edition, over the enterprises of the area."""
        return compared(self.lake, self.asked, other, self.areas)


def open_ratings(asked: RatingAsked, area: str | None, *, call: Call, lake: Lake | None = None) -> AreaRatings:
    """The ratings of an area within reach; of the highest in reach where none is named.

    Raises Refused where the area is out of reach, and where the actor may list no enterprises.

    Args:
        asked: the rating, its edition and its days.
        area: the code of the area; None: the highest in reach.
    """
    if access.may(call, LIST) is None and not area:
        return AreaRatings(asked, "", None, access.areas(call, LIST), call, lake or lake_of(call.book))
    reach = access.areas(call, LIST)
    if not reach or (area and area not in reach):
        access.require(call, LIST, area=area or "")
        raise Refused(refusals.area_absent(area or ""))
    by_code = {one.code: one for one in call.book[DISTRICT].areas}
    top = area or next((code for code in reach if by_code[code].parent not in set(reach)), reach[0])
    inside_ = tuple(sorted(call.book[DISTRICT].areas_below[top]))
    return AreaRatings(asked, top, inside_, reach, call, lake or lake_of(call.book))
