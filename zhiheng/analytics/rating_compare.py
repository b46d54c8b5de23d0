"""Two editions of ratings over the same enterprises: who moves from where to where, what did it, who would lose what.

Both are graded in one pass over the facts, with the sums of the items and what is left by the vetoes that are not the
same in both: what is behind a move (``engines/rating_causes.py``) is then counted over those that move.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa

from zhiheng.analytics.lake import Lake
from zhiheng.analytics.layout import literal, quoted
from zhiheng.analytics.rated import RatingAsked, rating_pair_sql, records_of
from zhiheng.analytics.reader import sql_of
from zhiheng.engines.rating_causes import CauseKind, GradeCause, causes_of, same_places
from zhiheng.grammar.chapters.ratings import RatingEdition

# By what moves are split, in this order.
SPLITS = ("area", "industry", "size", "age")
# Years since an enterprise was established at which its classes of age begin.
AGES = (1, 3, 5, 10)
# So many enterprises that would lose an eligibility are named.
NAMED = 1_000


@dataclass(frozen=True)
class ItemShift:
    """What an item does to those that it moves, in units: with the first edition, with the second; and to how many."""

    item: str
    before: int
    after: int
    enterprises: int


@dataclass(frozen=True)
class CauseCount:
    """A cause, and how many it moves: an enterprise may have several."""

    cause: GradeCause
    enterprises: int


@dataclass(frozen=True)
class EligibilityLost:
    """An enterprise that may stand for something under the first edition and not under the second."""

    subject_id: int
    kind: str
    before: str
    after: str


@dataclass(frozen=True)
class RatingComparison:
    """``moves``: (band before, band after) -> enterprises; a band of None is 未评, ``-`` not rated at all.

    ``splits``: dimension -> class -> (better, worse, as before). ``causes``: what did it, the most frequent first;
    ``unexplained``: how many move without any of them, which is nobody. ``items``: of the items among the causes the
    points, the greatest shift first.
    """

    first: RatingAsked
    second: RatingAsked
    enterprises: int
    moves: Mapping[tuple[str | None, str | None], int]
    splits: Mapping[str, Mapping[str, tuple[int, int, int]]]
    causes: tuple[CauseCount, ...]
    unexplained: int
    items: tuple[ItemShift, ...]
    lost: tuple[EligibilityLost, ...]
    lost_in_all: int

    @property
    def moved(self) -> int:
        """How many have another grade."""
        return sum(number for (before, after), number in self.moves.items() if before != after)


NOT_RATED = "-"


def compared(lake: Lake, first: RatingAsked, second: RatingAsked, areas: Sequence[str] | None) -> RatingComparison:
    """Compare two ratings over the enterprises of some areas (None: everywhere)."""
    manifest = lake.manifest()
    sql = rating_pair_sql(lake, manifest, first, second)
    inside = "" if areas is None else f"WHERE area IN ({', '.join(map(literal, areas)) or 'NULL'})"
    names = _names(first.edition), _names(second.edition)
    with lake.open(manifest, records_of(lake, first, second)) as connection:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE _both AS SELECT * FROM ({sql.grades}) {inside}")
        moves = connection.execute("SELECT before, after, count(*) FROM _both GROUP BY ALL ORDER BY ALL").fetchall()
        rows = {}
        for split in SPLITS:
            each = _class_of(split, first)
            said = f"SELECT {each} AS class, before, after, count(*) FROM _both GROUP BY ALL ORDER BY ALL"
            rows[split] = connection.execute(said).fetchall()
        same = same_places((first.edition, second.edition))
        pairs = " OR ".join(f"(before = {one} AND after = {two})" for one, two in same)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE _moved AS SELECT * FROM _both WHERE NOT ({pairs})")
        causes, unexplained = _causes(connection, first.edition, second.edition)
        shifts = _shifts(connection, sql.items, [one.cause for one in causes])
        lost, in_all = _lost(connection, first.edition, second.edition, names)
    return RatingComparison(
        first,
        second,
        sum(number for _, _, number in moves),
        {(_name(names[0], before), _name(names[1], after)): int(number) for before, after, number in moves},
        {split: _split(some, names) for split, some in rows.items()},
        causes,
        unexplained,
        shifts,
        lost,
        in_all,
    )


def _names(edition: RatingEdition) -> list[str]:
    return [band.name for band in edition.bands]


def _name(names: Sequence[str], place: int) -> str | None:
    return NOT_RATED if place < 0 else names[place] if place < len(names) else None


def _causes(connection: Any, first: RatingEdition, second: RatingEdition) -> tuple[tuple[CauseCount, ...], int]:
    """How many each cause moves, and how many none does; ``_why`` holds of each that moves the causes it has."""
    described = connection.execute("DESCRIBE _moved").fetchall()
    columns = {name: "int64" for name, type_, *_ in described if "INT" in type_}
    each, causes = causes_of((first, second), ibis.table(columns, name="_moved"))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _why AS {sql_of(each)}")
    met = [f"cause_{at}" for at in range(len(causes))]
    counted = ", ".join(
        ["count(*)", f"count(*) FILTER (NOT ({' OR '.join(met) or 'false'}))"]
        + [f"count(*) FILTER ({one})" for one in met]
    )
    ((_, unexplained, *numbers),) = connection.execute(f"SELECT {counted} FROM _why").fetchall()
    found = [CauseCount(cause, int(number)) for cause, number in zip(causes, numbers, strict=True) if number]
    names = ", ".join(f"{column} AS {quoted(_cause_column(cause))}" for column, cause in zip(met, causes, strict=True))
    if names:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE _why AS SELECT subject_id, {names} FROM _why")
    return tuple(sorted(found, key=lambda one: (-one.enterprises, one.cause))), int(unexplained)


def _cause_column(cause: GradeCause) -> str:
    return f"{cause.kind}:{cause.name}"


def _shifts(
    connection: Any, items: Mapping[tuple[int, str], str], causes: Sequence[GradeCause]
) -> tuple[ItemShift, ...]:
    """What each item that is a cause does to those that it moves."""
    found = []
    for cause in causes:
        if cause.kind is not CauseKind.ITEM:
            continue
        before, after = (quoted(items[at, cause.name]) if (at, cause.name) in items else "0" for at in (0, 1))
        ((one, two, many),) = connection.execute(
            f"SELECT coalesce(sum({before}), 0)::BIGINT, coalesce(sum({after}), 0)::BIGINT, count(*) "
            f"FROM _moved JOIN _why USING (subject_id) WHERE {quoted(_cause_column(cause))}"
        ).fetchall()
        found.append(ItemShift(cause.name, int(one), int(two), int(many)))
    return tuple(sorted(found, key=lambda one: (-abs(one.after - one.before), one.item)))


def _class_of(split: str, asked: RatingAsked) -> str:
    """SQL of the class of an enterprise in a dimension."""
    if split == "area":
        return "coalesce(area, '')"
    if split == "industry":
        return "coalesce(left(industry, 2), '')"
    if split == "size":
        steps = asked.rating.size.steps if asked.rating.size else ()
        return _stepped("employees", steps)
    day = literal(asked.as_of.isoformat())
    return _stepped(f"date_diff('year', established_on, DATE {day})", AGES)


def _stepped(value: str, steps: Sequence[int]) -> str:
    """Classes by steps, as texts that sort: ``0-19``, ``20-299``, ``300-``."""
    if not steps:
        return "''"
    said = [f"WHEN {value} IS NULL THEN ''"]
    low = 0
    for step in steps:
        said.append(f"WHEN {value} < {int(step)} THEN '{low}-{int(step) - 1}'")
        low = int(step)
    return f"CASE {' '.join(said)} ELSE '{low}-' END"


def _split(
    rows: Sequence[tuple[Any, ...]], names: tuple[Sequence[str], Sequence[str]]
) -> Mapping[str, tuple[int, int, int]]:
    """Class -> (better, worse, as before): a grade that appears or disappears is neither and counts as before."""
    found: dict[str, Counter[str]] = {}
    for each, before, after, number in rows:
        graded = 0 <= before < len(names[0]) and 0 <= after < len(names[1])
        same = not graded or before == after or names[0][before] == names[1][after]
        kind = "same" if same else "better" if after < before else "worse"
        found.setdefault(str(each), Counter())[kind] += int(number)
    return {each: (said["better"], said["worse"], said["same"]) for each, said in found.items()}


def _lost(
    connection: Any, first: RatingEdition, second: RatingEdition, names: tuple[Sequence[str], Sequence[str]]
) -> tuple[tuple[EligibilityLost, ...], int]:
    """Those that would lose an eligibility: for awards, for brands."""
    may = [
        {(at, said.kind) for at, band in enumerate(edition.bands) for said in band.consequences if said.eligible}
        for edition in (first, second)
    ]
    rows = []
    for kind in sorted({kind for _, kind in may[0]}):
        rows += [
            (kind, before, after)
            for before in range(len(names[0]))
            for after in range(len(names[1]) + 1)
            if (before, kind) in may[0] and (after, kind) not in may[1]
        ]
    if not rows:
        return (), 0
    table = pa.table(dict(zip(("kind", "before", "after"), map(list, zip(*rows, strict=True)), strict=True)))
    connection.register("_losing", table)
    found = connection.execute(
        "SELECT subject_id, _losing.kind, before, after FROM _both JOIN _losing USING (before, after) "
        f"ORDER BY 2, subject_id LIMIT {NAMED}"
    ).fetchall()
    ((in_all,),) = connection.execute("SELECT count(*) FROM _both JOIN _losing USING (before, after)").fetchall()
    connection.unregister("_losing")
    lost = [
        EligibilityLost(subject, kind, names[0][before], _name(names[1], after) or "")
        for subject, kind, before, after in found
    ]
    return tuple(lost), int(in_all)
