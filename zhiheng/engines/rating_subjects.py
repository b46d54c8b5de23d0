"""Who is rated, and what is known of them: the columns of the cards, read from the lake as of a day, as known on a day.

Pure, as ``engines/rating.py``. The card of an enterprise says in which fields of which records its area, industry,
kind, status and day of establishment stand; the first source that says something counts, of a source its latest
statement. Rated are enterprises of which the register has told a status.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import ibis
import ibis.expr.datatypes as types

from zhiheng.engines.places import party_column
from zhiheng.engines.rating import RecordRead
from zhiheng.engines.standing import without_replaced
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS, FromField, spoken_of
from zhiheng.grammar.chapters.district import AREA, District
from zhiheng.grammar.chapters.ratings import CardColumn, Rating, RatingEdition
from zhiheng.grammar.chapters.records import RECORDS

EMPLOYEES = "employees"
COLUMNS: Mapping[str, str] = {
    "area": "string",
    "industry": "string",
    "kind": "string",
    "status": "string",
    "established_on": "date",
    EMPLOYEES: "int64",
}
# A statement's weight is one number: its source first, then the day it is true of, then the order of receiving.
_OF_DAYS, _OF_SOURCES = 10**11, 10**16
# Of this the beginning of the text is asked: an industry and all beneath it, as GB/T 4754 writes its codes.
_BEGINS: tuple[CardColumn, ...] = ("industry",)


@dataclass(frozen=True)
class _Told:
    """A column of a card that a record tells of the party in a role."""

    column: str
    field: str
    order: int


def sources_of(book: Book, rating: Rating, columns: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], list[_Told]]:
    """(record, column of the party) -> what it tells; ``columns``: record -> the columns of its table."""
    page = book[CARDS].get(rating.of)
    said: list[tuple[str, int, FromField]] = []
    for column in get_args(CardColumn):
        said += [(column, at, one) for at, one in enumerate(page.fields.get(column, ()) if page else ())]
    said += [(EMPLOYEES, at, one) for at, one in enumerate(rating.size.of if rating.size else ())]
    found: dict[tuple[str, str], list[_Told]] = {}
    for column, order, one in said:
        entry = book[RECORDS].get(one.record)
        name = f"{one.field}_{one.part}" if one.part else one.field
        if entry is None or name not in columns.get(one.record, ()):
            continue
        for role in spoken_of(one, entry):
            party = party_column(role, columns[one.record])
            if party is not None:
                found.setdefault((one.record, party), []).append(_Told(column, name, order))
    return found


def records_read(sources: Mapping[tuple[str, str], Sequence[_Told]]) -> dict[str, RecordRead]:
    """Record -> what is read of it."""
    found: dict[str, RecordRead] = {}
    for (record, party), told in sources.items():
        columns = {"fact_id", "occurred_on", "learned_on", party, *(one.field for one in told)}
        read = RecordRead(frozenset(columns), frozenset([party]))
        found[record] = found[record].with_(read) if record in found else read
    return found


def subjects(
    sources: Mapping[tuple[str, str], Sequence[_Told]],
    tables: Mapping[str, ibis.Table],
    *,
    as_of: dt.date,
    known_on: dt.date,
) -> ibis.Table:
    """(subject_id, and a column each of ``COLUMNS``) of every enterprise of which a status is told."""
    said = []
    for (record, party), told in sources.items():
        if record not in tables:
            continue
        facts = tables[record]
        facts = facts.filter(facts.occurred_on <= as_of, facts.learned_on <= known_on, facts[party].notnull())
        acts = tables.get(f"{record}/acts")
        if acts is not None:
            facts = without_replaced(facts, acts, known_on)
        day = facts.occurred_on.delta(ibis.date(1970, 1, 1), unit="day")
        columns: dict[str, Any] = {"told_alias": facts[party].cast(types.int64)}
        by_column = {one.column: one for one in told}
        for column, kind in COLUMNS.items():
            one = by_column.get(column)
            columns[column] = facts[one.field].cast(kind) if one else ibis.null(kind)
            weight = day * _OF_DAYS + facts.fact_id - (one.order if one else 0) * _OF_SOURCES
            columns[f"{column}_weight"] = weight.cast(types.int64)
        said.append(facts.select(**columns))
    aliases = tables["_aliases"]
    of = aliases.filter(aliases.kind == "enterprise").select(known_alias="alias_id", subject_id="subject_id")
    every = ibis.union(*said) if len(said) > 1 else said[0]
    joined = every.inner_join(of, every.told_alias == of.known_alias)
    best = {
        column: joined[column].argmax(joined[f"{column}_weight"], where=joined[column].notnull()) for column in COLUMNS
    }
    known = joined.group_by("subject_id").aggregate(**best)
    return known.filter(known.status.notnull())


def areas_rated(edition: RatingEdition, district: District) -> tuple[str, ...]:
    """The areas whose enterprises an edition rates, with all that lie in them by the tree; none where it rates all."""
    return tuple(sorted({code for area in edition.who.get(AREA, ()) for code in district.areas_below[area]}))


def chosen(edition: RatingEdition, known: ibis.Table, district: District) -> ibis.Table:
    """Those that the edition rates."""
    met = is_chosen(edition, known, district)
    return known if met is None else known.filter(met)


def is_chosen(edition: RatingEdition, known: ibis.Table, district: District) -> Any:
    """The condition that the edition rates an enterprise; None where it rates all. An area is rated with all beneath
    it.
    """
    found = None
    for column, values in edition.who.items():
        if column in _BEGINS:
            met = known[column].startswith(values[0])
            for value in values[1:]:
                met = met | known[column].startswith(value)
        elif column == AREA:
            met = known[column].isin(list(areas_rated(edition, district)))
        else:
            met = known[column].cast(types.string).isin(list(values))
        # What is not told is none of those chosen.
        met = ibis.coalesce(met, False)
        found = met if found is None else found & met
    return found
