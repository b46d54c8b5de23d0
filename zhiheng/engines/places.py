"""Where a fact is counted: its own area, or the place of a party that it concerns where that lies within it.

Many facts say no more than the district whose department reported them. For such facts the book names the parties whose
place counts (``place_of`` of the record), and where each kind of subject gives its place (``area`` of its card). A
place never takes a fact out of its area: it only says where within it. A fact that can't be placed stays in the area
that was delivered, and is never spread or guessed.

Pure: tables come in as Ibis tables, expressions go out. Besides those of ``engines/indicator.py`` there are:

* ``_places`` (alias_id, area, above): the place of a spelling's subject, and the areas around it, each between
  bars (``|990101|990100|``); made by ``places`` for a day
* ``_levels`` (code, level, within): for each area and each level of the tree that it is of or lies in, the area of it
  (``levels_of``): a split by level goes by the tree of the book, whatever codes look like
* ``<record>/placed``: the facts of a record with ``area`` as it is counted; absent where the record names no party
  whose place counts
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as types

from zhiheng.engines.standing import without_replaced
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS, spoken_of
from zhiheng.grammar.chapters.district import AREA, District
from zhiheng.grammar.chapters.records import RECORDS

TABLE = "_places"
LEVELS = "_levels"
LEVEL_COLUMNS: Mapping[str, str] = {"code": "string", "level": "string", "within": "string"}
COLUMNS: Mapping[str, str] = {"alias_id": "int64", "area": "string", "above": "string"}
# A statement's weight is one number: its source first, then the day it is true of, then the order of receiving.
_OF_DAYS, _OF_SOURCES = 10**11, 10**16


def tell_places(book: Book) -> frozenset[str]:
    """The records that say where subjects have their places: after a delivery of one, facts of others may be counted
    elsewhere.
    """
    return frozenset(told.record for page in book[CARDS].values() for told in page.fields.get("area", ()))


@dataclass(frozen=True)
class PlaceSource:
    """A field of a record that gives the place of the party in a role; columns as the record's table calls them."""

    record: str
    field: str
    columns: tuple[str, ...]


def party_column(role: str, columns: Sequence[str]) -> str | None:
    """The column with the first party in a role; a field may be called as the role is, then the column has another
    name.
    """
    return next((name for name in (f"{role}_party", role) if name in columns), None)


def sources_of(book: Book, columns: Mapping[str, Sequence[str]]) -> tuple[PlaceSource, ...]:
    """Where subjects say their places, by the cards of the book; ``columns``: record -> the columns of its table."""
    found = []
    for _, page in sorted(book[CARDS].items()):
        for told in page.fields.get("area", ()):
            entry = book[RECORDS].get(told.record)
            if entry is None or told.record not in columns:
                continue
            roles = [party_column(role, columns[told.record]) for role in spoken_of(told, entry)]
            found.append(PlaceSource(told.record, told.field, tuple(name for name in roles if name)))
    return tuple(found)


def places(
    sources: Sequence[PlaceSource], tables: Mapping[str, ibis.Table], *, as_of: dt.date, known_on: dt.date
) -> ibis.Table:
    """(alias_id, area): the place of every spelling's subject as of a day, as known on a day.

    The first source with a place counts, of a source its latest statement. A place that was delivered only beside a
    name is how one sender wrote it, and no statement of where the subject is.
    """
    aliases = tables["_aliases"]
    said = []
    for order, source in enumerate(sources):
        facts = tables[source.record]
        facts = facts.filter(facts.occurred_on <= as_of, facts.learned_on <= known_on, facts[source.field].notnull())
        acts = tables.get(f"{source.record}/acts")
        if acts is not None:
            facts = without_replaced(facts, acts, known_on)
        day = facts.occurred_on.delta(ibis.date(1970, 1, 1), unit="day")
        for column in source.columns:
            told = facts.filter(facts[column].notnull())
            said.append(
                told.select(
                    told_alias=told[column].cast(types.int64),
                    told_area=told[source.field],
                    weight=day * _OF_DAYS + told.fact_id - order * _OF_SOURCES,
                )
            )
    if not said:
        nobody = aliases.filter(ibis.literal(False))
        return nobody.select(alias_id=nobody.alias_id, area=ibis.null(types.string))
    every = ibis.union(*said) if len(said) > 1 else said[0]
    of = aliases.select(known_alias="alias_id", of_subject="subject_id")
    told = every.inner_join(of, every.told_alias == of.known_alias)
    best = told.group_by("of_subject").aggregate(area=told.told_area.argmax(told.weight))
    spelled = aliases.select("alias_id", "subject_id")
    return spelled.inner_join(best, spelled.subject_id == best.of_subject).select("alias_id", "area")


def around(district: District) -> Mapping[str, str]:
    """Area -> the areas that it lies in, each between bars; nothing for one that lies in no other."""
    return {code: f"|{'|'.join(above)}|" if above else "" for code, above in district.areas_above.items()}


def levels_of(district: District) -> tuple[tuple[str, str, str], ...]:
    """The rows of the table of levels: area, level, the area of that level that it is or lies in."""
    return tuple((code, level, at) for level, areas in district.at_level.items() for code, at in areas.items())


def level_asked(dimension: str) -> str:
    """The level of a split by the areas of one (``area:district`` -> ``district``); empty for any other split."""
    head, _, level = dimension.partition(":")
    return level if head == AREA else ""


def at_levels(facts: ibis.Table, dimensions: Sequence[str], tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """The facts, and for each dimension that is a level a column of its name: the area of that level in which a fact is
    counted; nothing for one that is counted only in an area around these.
    """
    for dimension in dict.fromkeys(dimensions):
        if level := level_asked(dimension):
            tree = tables[LEVELS]
            tree = tree.filter(tree.level == level).select(_of_area="code", **{dimension: "within"})
            facts = facts.left_join(tree, facts.area == tree["_of_area"]).drop("_of_area")
    return facts


def placed(facts: ibis.Table, roles: Sequence[str], known: ibis.Table) -> ibis.Table | None:
    """The facts of a record with ``area`` where each is counted; None where the place of no party counts.

    ``roles``: the roles whose place counts, in this order; ``known``: the table of places.
    """
    columns = [name for role in roles if (name := party_column(role, facts.columns)) is not None]
    if not columns:
        return None
    table = facts
    for at, column in enumerate(columns):
        here = known.select(**{f"_alias{at}": "alias_id", f"_area{at}": "area", f"_above{at}": "above"})
        table = table.left_join(here, table[column] == here[f"_alias{at}"])
    counted = table.area
    for at in reversed(range(len(columns))):
        within = table[f"_above{at}"].contains(ibis.literal("|") + table.area + ibis.literal("|"))
        counted = ibis.cases((within, table[f"_area{at}"]), else_=counted)
    return table.mutate(area=counted).select(*facts.columns)
