"""A rating of the book as columnar expressions: every contribution, the scores that they add up to, the grades.

Pure: tables come in as Ibis tables, expressions go out, to be run on any engine. The tables are those of
``engines/indicator.py``; ``_aliases`` may be narrowed beforehand, and then only its subjects are rated.

All points are whole numbers of units (``grammar/chapters/ratings.py``), so sums are exact in every engine and in any
order. A contribution is what a fact gives or takes of an enterprise's score: its points after fading, as far as the
cap of its item leaves room, the youngest fact first (of one day the one received last). ``scores`` is the sum of them
and of what everybody begins with; ``tests/engines/test_rating.py`` holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

import ibis
import ibis.expr.datatypes as types

from zhiheng.engines.indicator import count_of, meets
from zhiheng.engines.places import party_column
from zhiheng.engines.standing import latest_of_each_thing, without_replaced
from zhiheng.grammar.chapters.ratings import (
    UNITS_PER_POINT,
    Counted,
    RatingEdition,
    RatingItem,
    RatingSpan,
    RiskAxis,
    SilentSince,
    Veto,
)
from zhiheng.grammar.types import Condition

# What a row of the contributions is: points of an item, a fact that limits the grade, a fact that counts as evidence.
ITEM, VETO = "item", "veto"
# More than there will ever be facts: a day and a fact as one number.
_OF_DAYS = 10**11
CONTRIBUTIONS: Mapping[str, str] = {
    "subject_id": "int64",
    "kind": "string",
    "item": "string",
    "record": "string",
    "fact_id": "int64",
    "occurred_on": "date",
    "full": "int64",
    "points": "int64",
}


@dataclass(frozen=True)
class RatingFrame:
    """The day a rating is asked for, and the day as known on which."""

    as_of: dt.date
    known_on: dt.date


# -- points of a fact --------------------------------------------------------------------------------------------------


def _share(milli: int, share: Decimal) -> int:
    """A share of some thousandths, to the nearest one, half away from zero."""
    whole = int((abs(milli) * share + Decimal("0.5")).to_integral_value("ROUND_FLOOR"))
    return -whole if milli < 0 else whole


@cache
def _halved(milli: int, half_life: int, longest: int) -> tuple[int, ...]:
    """The points by age in days, 0 to ``longest``, in thousandths; computed here, so that no engine takes a power."""
    with localcontext() as exact:
        exact.prec = 40
        return tuple(_share(milli, Decimal(2) ** (Decimal(-age) / half_life)) for age in range(longest + 1))


def points_on(item: RatingItem, occurred_on: dt.date, as_of: dt.date) -> int:
    """The points of one fact of an item on a day before its cap, in thousandths; 0 outside of the window."""
    if occurred_on > as_of or (isinstance(item.window, RatingSpan) and occurred_on <= item.window.before(as_of)):
        return 0
    if item.decay is None:
        return item.milli
    if item.decay.half_life is not None:
        assert isinstance(item.window, RatingSpan)
        return _halved(item.milli, item.decay.half_life, item.window.longest)[(as_of - occurred_on).days]
    for step in reversed(item.decay.steps):
        if occurred_on <= step.after.before(as_of):
            return _share(item.milli, Decimal(step.share) / 100)
    return item.milli


def next_change(item: RatingItem, occurred_on: dt.date, as_of: dt.date) -> tuple[dt.date, int] | None:
    """The next day on which a fact's points are others, and those points in thousandths; None where they stay.

    Points that are halved change a little every few days: of these the day is told on which half of today's is left,
    or on which the fact falls out of the window.
    """
    if not isinstance(item.window, RatingSpan):
        return None
    now = points_on(item, occurred_on, as_of)
    if not now:
        return None
    halving = item.decay is not None and item.decay.half_life is not None

    def other(day: dt.date) -> bool:
        then = points_on(item, occurred_on, day)
        return 2 * abs(then) <= abs(now) if halving else then != now

    # Points never grow with age, so the day is found by halving the time that is left.
    early, late = as_of, as_of + dt.timedelta(days=item.window.longest + 2)
    if not other(late):
        return None
    while (late - early).days > 1:
        middle = early + (late - early) // 2
        early, late = (early, middle) if other(middle) else (middle, late)
    return late, points_on(item, occurred_on, late)


def _points(item: RatingItem, weight: int, facts: ibis.Table, as_of: dt.date) -> Any:
    """The units of a fact of an item, before its cap, as a column."""

    def units(milli: int) -> Any:
        return ibis.literal(milli * weight, type=types.int64)

    if item.decay is None:
        return units(item.milli)
    if item.decay.half_life is not None:
        assert isinstance(item.window, RatingSpan)
        table = _halved(item.milli, item.decay.half_life, (as_of - item.window.before(as_of)).days)
        age = ibis.literal(as_of).delta(facts.occurred_on, unit="day")
        # Some engines take no long number for a place.
        return ibis.literal([milli * weight for milli in table], type=types.Array(types.int64))[age.cast("int32")]
    said = [
        (facts.occurred_on <= step.after.before(as_of), units(_share(item.milli, Decimal(step.share) / 100)))
        for step in reversed(item.decay.steps)
    ]
    return ibis.cases(*said, else_=units(item.milli))


# -- which facts -------------------------------------------------------------------------------------------------------


class _Source(NamedTuple):
    """Facts that are read in one pass: of a record, by the party in a role; ``per``: the latest of each value there.

    ``ends``: whether facts are those that hold (``standing``) or that ran out (``lapsed``); empty: those of a span, or
    the latest of all. ``of``: which facts an item chooses among that is read by itself (``_alone``).
    """

    record: str
    role: str
    ends: str
    per: str
    of: str


class _Of(NamedTuple):
    """Something that an edition counts: the place of the edition among those asked, and its place there."""

    edition: int
    place: int


@dataclass
class _Asked:
    """What is asked of the facts of one source, and by which of the editions."""

    items: list[RatingItem] = field(default_factory=list)
    vetoes: list[Veto] = field(default_factory=list)
    evidence: list[Counted] = field(default_factory=list)
    items_of: list[_Of] = field(default_factory=list)
    vetoes_of: list[_Of] = field(default_factory=list)
    evidence_of: list[int] = field(default_factory=list)

    def every(self) -> list[Counted]:
        return [*self.items, *self.vetoes, *self.evidence]


def _sources(editions: Sequence[RatingEdition], *, evidence: bool) -> dict[_Source, _Asked]:
    """What several editions ask, by source: facts that more than one of them counts are read once."""
    found: dict[_Source, _Asked] = {}

    def asked(counted: Counted, per: str = "fact", of: str = "") -> _Asked:
        ends = counted.window if isinstance(counted.window, str) else ""
        key = _Source(counted.record, counted.role, ends, per, of)
        return found.setdefault(key, _Asked())

    for number, edition in enumerate(editions):
        for place, item in enumerate(edition.items):
            into = asked(item, item.per, _alone(item))
            into.items.append(item)
            into.items_of.append(_Of(number, place))
        for place, veto in enumerate(edition.veto):
            into = asked(veto)
            into.vetoes.append(veto)
            into.vetoes_of.append(_Of(number, place))
        for one in edition.evidence.of if evidence else ():
            into = asked(one)
            into.evidence.append(one)
            into.evidence_of.append(number)
    return found


def _alone(item: RatingItem) -> str:
    """Empty, or for an item that is read by itself which facts it chooses among: editions that choose alike share."""
    if item.per == "fact" and not isinstance(item.window, SilentSince):
        return ""
    return item.model_dump_json(include={"id", "record", "role", "where", "window", "per"})


def _columns_of(source: _Source, asked: _Asked, columns: Sequence[str]) -> set[str]:
    """The columns of a record that are read of a source (some of them may not be among ``columns``)."""
    column = party_column(source.role, columns)
    names = {name for counted in asked.every() for name in counted.where}
    names |= {source.per} - {"fact"} | ({"thing", "valid_until"} if source.ends else set())
    return {"fact_id", "occurred_on", "learned_on", "occurred_year", *names, *([column] if column else ())}


class RecordRead(NamedTuple):
    """What a rating reads of a record: its columns, those of them that name a party, and whether it is asked which
    statement of a thing holds, so that all statements of a thing belong together.
    """

    columns: frozenset[str]
    parties: frozenset[str]
    things: bool = False

    def with_(self, other: RecordRead) -> RecordRead:
        """What both read."""
        return RecordRead(self.columns | other.columns, self.parties | other.parties, self.things or other.things)


def records_read(edition: RatingEdition, columns: Mapping[str, Sequence[str]]) -> dict[str, RecordRead]:
    """Record -> what an edition reads of it; ``columns``: record -> the columns of its table."""
    found: dict[str, RecordRead] = {}
    for source, asked in _sources([edition], evidence=True).items():
        if source.record in columns:
            has = columns[source.record]
            party = party_column(source.role, has)
            named = frozenset(_columns_of(source, asked, has) & set(has))
            read = RecordRead(named, frozenset([party] if party else ()), bool(source.ends) and "thing" in has)
            found[source.record] = found[source.record].with_(read) if source.record in found else read
    return found


def _facts(source: _Source, asked: _Asked, tables: Mapping[str, ibis.Table], frame: RatingFrame) -> ibis.Table:
    """The facts of a source that count on the days asked, a row for each enterprise in the role: ``subject_id`` beside
    the columns that are needed.
    """
    facts = tables[source.record]
    column = party_column(source.role, facts.columns)
    wanted = _columns_of(source, asked, facts.columns)
    facts = facts.select(*(name for name in facts.columns if name in wanted))
    met: list[Any] = [facts.occurred_on <= frame.as_of, facts.learned_on <= frame.known_on]
    if not source.ends:
        spans = [counted.window for counted in asked.every() if isinstance(counted.window, RatingSpan)]
        if spans:
            first = min(span.before(frame.as_of) for span in spans)
            met.append(facts.occurred_on > first)
            if "occurred_year" in facts.columns:
                # The partitions of other years are not even opened.
                met += [facts.occurred_year <= frame.as_of.year, facts.occurred_year >= first.year]
        filters = [met_ for counted in asked.every() if (met_ := _met(counted, facts, frame, dated=False)) is not None]
        if len(filters) == len(asked.every()):
            # A fact that nothing asks for is left out before it is looked up whom it is about.
            met.append(_any(filters))
    facts = facts.filter(met)
    acts = tables.get(f"{source.record}/acts")
    if acts is not None:
        facts = without_replaced(facts, acts, frame.known_on)
    if source.ends:
        if "thing" in facts.columns:
            facts = latest_of_each_thing(facts)
        if source.ends == "standing":
            facts = facts.filter(facts.valid_until.isnull() | (facts.valid_until >= frame.as_of))
        elif source.per == "fact":
            facts = facts.filter(facts.valid_until < frame.as_of)
    return _of_subjects(source, facts, column, tables)


def _of_subjects(
    source: _Source, facts: ibis.Table, column: str | None, tables: Mapping[str, ibis.Table]
) -> ibis.Table:
    """A row for each enterprise that a fact has in the role, however often it names it."""
    aliases = tables["_aliases"].select(known_alias="alias_id", subject_id="subject_id")
    kept = [name for name in facts.columns if name not in (column, "learned_on", "occurred_year", "thing")]
    said = facts.mutate(said_alias=facts[column] if column else ibis.null(types.int64))
    said = said.filter(said.said_alias.notnull()).select(*kept, "said_alias")
    further = tables.get(f"{source.record}/parties")
    if further is not None:
        more = further.filter(further.role == source.role).select(party_fact="fact_id", more_alias="alias_id")
        joined = facts.inner_join(more, facts.fact_id == more.party_fact)
        said = ibis.union(said, joined.select(*kept, said_alias="more_alias"))
    known = said.inner_join(aliases, said.said_alias == aliases.known_alias).select(*kept, "subject_id")
    return known.distinct() if further is not None else known


def _met(counted: Counted, facts: ibis.Table, frame: RatingFrame, *, dated: bool = True) -> Any:
    """The condition that a fact is one of those counted; None where every fact is."""
    said = [meets(facts[name], name, condition) for name, condition in counted.where.items()]
    if dated and isinstance(counted.window, RatingSpan):
        said.append(facts.occurred_on > counted.window.before(frame.as_of))
    met = None
    for each in said:
        met = each if met is None else met & each
    return met


def _any(conditions: Sequence[Any]) -> Any:
    met = conditions[0]
    for each in conditions[1:]:
        met = met | each
    return met


def _each_once(source: _Source, item: RatingItem, facts: ibis.Table, frame: RatingFrame) -> ibis.Table:
    """Of facts with the same value the latest; a fact that says nothing there stands for itself. Where the item asks
    for that, the latest must have lapsed, or be old enough to be called silence.
    """
    met = _met(item, facts, frame)
    facts = facts.filter(met) if met is not None else facts
    if isinstance(item.window, SilentSince):
        last = facts.mutate(
            silent_place=ibis.row_number().over(
                group_by=[facts.subject_id], order_by=[ibis.desc(facts.occurred_on), ibis.desc(facts.fact_id)]
            )
        )
        return last.filter(last.silent_place == 0, last.occurred_on <= item.window.silent.before(frame.as_of))
    value = ibis.coalesce(facts[source.per].cast(types.string), ibis.literal("\x1f") + facts.fact_id.cast(types.string))
    facts = facts.mutate(per_value=value)
    order = [ibis.desc(facts.occurred_on), ibis.desc(facts.fact_id)]
    place = ibis.row_number().over(group_by=[facts.subject_id, facts.per_value], order_by=order)
    facts = facts.mutate(per_place=place)
    facts = facts.filter(facts.per_place == 0)
    return facts.filter(facts.valid_until < frame.as_of) if item.window == "lapsed" else facts


# -- contributions, scores, grades -------------------------------------------------------------------------------------


def contributions(
    edition: RatingEdition, tables: Mapping[str, ibis.Table], *, as_of: dt.date, known_on: dt.date
) -> ibis.Table:
    """Every fact that counts for or against an enterprise (columns: ``CONTRIBUTIONS``).

    ``full`` is what the fact would count without the cap of its item, ``points`` what it does, in units. A fact that
    limits the grade has kind ``veto`` and no points.
    """
    frame = RatingFrame(as_of, known_on)
    found: list[ibis.Table] = []
    for source, asked in _sources([edition], evidence=False).items():
        if source.record not in tables:
            continue
        facts = _facts(source, asked, tables, frame)
        for item in asked.items:
            weight = edition.weights[item.part]
            some = _each_once(source, item, facts, frame) if source.of else _only(item, facts, frame)
            full = _points(item, weight, some, as_of)
            rows = some.select(*_row(ITEM, item.id, source.record), full=full, **_ids(some))
            # Caps are used up from the youngest fact on; what is left of them decides what an older one counts.
            order = [ibis.desc(rows.occurred_on), ibis.desc(rows.fact_id)]
            before = (
                rows.full.sum().over(ibis.cumulative_window(group_by=[rows.subject_id], order_by=order)) - rows.full
            )
            cap = item.cap_milli * weight
            room = ibis.greatest(ibis.literal(cap, type=types.int64) - before.abs(), 0)
            sized = ibis.least(rows.full.abs(), room)
            rows = rows.mutate(points=sized if item.points > 0 else -sized)
            found.append(_columns(rows))
        for veto in asked.vetoes:
            some = _only(veto, facts, frame)
            none = ibis.literal(0, type=types.int64)
            rows = some.select(*_row(VETO, veto.id, source.record), full=none, points=none, **_ids(some))
            found.append(_columns(rows))
    return _union(found, CONTRIBUTIONS)


def _row(kind: str, item: str, record: str) -> list[Any]:
    return [ibis.literal(kind).name("kind"), ibis.literal(item).name("item"), ibis.literal(record).name("record")]


def _ids(facts: ibis.Table) -> dict[str, Any]:
    return {name: facts[name] for name in ("subject_id", "fact_id", "occurred_on")}


def _columns(rows: ibis.Table) -> ibis.Table:
    return rows.select(**{name: rows[name].cast(kind) for name, kind in CONTRIBUTIONS.items()})


def _only(counted: Counted, facts: ibis.Table, frame: RatingFrame) -> ibis.Table:
    met = _met(counted, facts, frame)
    return facts.filter(met) if met is not None else facts


def _union(tables: Sequence[ibis.Table], columns: Mapping[str, str]) -> ibis.Table:
    if not tables:
        return ibis.memtable([], schema=ibis.schema(dict(columns)))
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


SCORES: Mapping[str, str] = {
    "subject_id": "int64",
    "points": "int64",
    "likelihood": "int64",
    "evidence": "int64",
    "veto": "int64",
}


def scores(
    edition: RatingEdition, tables: Mapping[str, ibis.Table], *, as_of: dt.date, known_on: dt.date
) -> ibis.Table:
    """(subject_id, points, likelihood, evidence, veto) of every enterprise of which a fact counts: the sum of its
    contributions in units, what of it is of a matrix's axis of likelihood (0 without one), how many facts count as
    evidence, and the place of the best band that its vetoes leave (0: any).
    """
    found = scores_of([edition], tables, as_of=as_of, known_on=known_on)
    return found.select("subject_id", **{name: found[numbered(name, 0)] for name in SCORES if name != "subject_id"})


def numbered(name: str, edition: int) -> str:
    """The column of ``scores_of`` for an edition."""
    return f"{name}_{edition}"


def scores_of(
    editions: Sequence[RatingEdition],
    tables: Mapping[str, ibis.Table],
    *,
    as_of: dt.date,
    known_on: dt.date,
    items: Sequence[Sequence[int]] = (),
) -> ibis.Table:
    """``scores`` of several editions in one pass over the facts: ``subject_id``, then each column of ``SCORES`` with
    the number of the edition behind it (``points_0``).

    Args:
        items: of each edition the places of the items whose sums are told besides (``item_<place>_<edition>``, in
            units, after the cap). Where there are two editions, what each veto that is not the same in both leaves is
            told too (``veto_<place>_<edition>``, a place among the bands; 0: any).
    """
    frame = RatingFrame(as_of, known_on)
    told_items = {_Of(number, place) for number, places in enumerate(items) for place in places}
    differing = differing_vetoes(*editions) if items and len(editions) == 2 else ()
    told_vetoes = {_Of(number, place) for number, places in enumerate(differing) for place in places}
    columns = [numbered(name, number) for number in range(len(editions)) for name in SCORES if name != "subject_id"]
    columns += [item_column(*one) for one in sorted(told_items)]
    columns += [veto_column(*one) for one in sorted(told_vetoes)]
    found: list[ibis.Table] = []
    for source, asked in _sources(editions, evidence=True).items():
        if source.record not in tables:
            continue
        facts = _facts(source, asked, tables, frame)
        if source.of:
            facts = _each_once(source, asked.items[0], facts, frame)
        sums = _sums(editions, asked, facts, frame)
        told = facts.group_by("subject_id").aggregate(**sums)
        zero = ibis.literal(0, type=types.int64)
        shown: dict[str, Any] = dict.fromkeys(columns, zero)
        for number, edition in enumerate(editions):
            own = [(at, of) for at, of in enumerate(asked.items_of) if of.edition == number]
            likely = likely_items(edition)
            limits = [told[f"veto{at}"] for at, of in enumerate(asked.vetoes_of) if of.edition == number]
            shown |= {
                numbered("points", number): _added(told, [f"item{at}" for at, _ in own]),
                numbered("likelihood", number): _added(
                    told, [f"item{at}" for at, _ in own if asked.items[at].id in likely]
                ),
                numbered("evidence", number): _added(
                    told, [f"evidence{at}" for at, of in enumerate(asked.evidence_of) if of == number]
                ),
                numbered("veto", number): ibis.greatest(*limits) if len(limits) > 1 else limits[0] if limits else zero,
            }
            shown |= {item_column(*of): told[f"item{at}"] for at, of in own if of in told_items}
        shown |= {veto_column(*of): told[f"veto{at}"] for at, of in enumerate(asked.vetoes_of) if of in told_vetoes}
        found.append(
            told.select(subject_id=told.subject_id, **{name: column.cast("int64") for name, column in shown.items()})
        )
    every = _union(found, {"subject_id": "int64", **dict.fromkeys(columns, "int64")})
    vetoes = {numbered("veto", number) for number in range(len(editions))}
    vetoes |= {veto_column(*one) for one in told_vetoes}
    return every.group_by("subject_id").aggregate(
        **{name: (every[name].max() if name in vetoes else every[name].sum()).cast("int64") for name in columns}
    )


def item_column(edition: int, place: int) -> str:
    """The column of ``scores_of`` for the sum of an item of an edition."""
    return numbered(f"item_{place}", edition)


def veto_column(edition: int, place: int) -> str:
    """The column of ``scores_of`` for what a veto of an edition leaves."""
    return numbered(f"veto_{place}", edition)


def differing_items(first: RatingEdition, second: RatingEdition) -> tuple[list[int], list[int]]:
    """The places of the items that are not in both editions, or do not count the same facts for the same units."""

    def counted(edition: RatingEdition) -> dict[str, tuple[str, int, bool]]:
        left_out = {"label", "law", "part"}
        likely = likely_items(edition)
        return {
            item.id: (item.model_dump_json(exclude=left_out), edition.weights[item.part], item.id in likely)
            for item in edition.items
        }

    one, two = counted(first), counted(second)
    same = {name for name in one if one[name] == two.get(name)}
    places = [[place for place, item in enumerate(edition.items) if item.id not in same] for edition in (first, second)]
    return places[0], places[1]


def likely_items(edition: RatingEdition) -> frozenset[str]:
    """The names of the items on a matrix's axis of likelihood; none without a matrix."""
    return edition.of_part(edition.matrix.likelihood.part) if edition.matrix else frozenset()


def differing_vetoes(first: RatingEdition, second: RatingEdition) -> tuple[list[int], list[int]]:
    """The places of the vetoes that are not in both editions, or do not leave the same of the same facts."""

    def said(edition: RatingEdition) -> dict[str, tuple[str, int]]:
        places = {band.name: place for place, band in enumerate(edition.bands)}
        left_out = {"label", "law", "at_most"}
        return {veto.id: (veto.model_dump_json(exclude=left_out), places[veto.at_most]) for veto in edition.veto}

    one, two = said(first), said(second)
    same = {name for name in one if one[name] == two.get(name)}
    places = [[place for place, veto in enumerate(edition.veto) if veto.id not in same] for edition in (first, second)]
    return places[0], places[1]


def _added(table: ibis.Table, names: Sequence[str]) -> Any:
    found: Any = ibis.literal(0, type=types.int64)
    for name in names:
        found = found + table[name]
    return found


def _sums(editions: Sequence[RatingEdition], asked: _Asked, facts: ibis.Table, frame: RatingFrame) -> dict[str, Any]:
    """What the facts of a source add up to for each enterprise: ``item0`` … in units after the cap, ``evidence0`` …
    counted, ``veto0`` … the place of the best band that is left.
    """
    sums: dict[str, Any] = {}
    for at, (item, of) in enumerate(zip(asked.items, asked.items_of, strict=True)):
        weight = editions[of.edition].weights[item.part]
        met = _met(item, facts, frame)
        if item.decay is None:
            total = count_of(facts, met) * (item.milli * weight)
        else:
            total = ibis.coalesce(_points(item, weight, facts, frame.as_of).sum(where=met), 0)
        cap = ibis.literal(item.cap_milli * weight, type=types.int64)
        sums[f"item{at}"] = (ibis.least(total, cap) if item.points > 0 else ibis.greatest(total, -cap)).cast("int64")
    for at, one in enumerate(asked.evidence):
        sums[f"evidence{at}"] = count_of(facts, _met(one, facts, frame))
    for at, (veto, of) in enumerate(zip(asked.vetoes, asked.vetoes_of, strict=True)):
        places = {band.name: place for place, band in enumerate(editions[of.edition].bands)}
        seen = count_of(facts, _met(veto, facts, frame))
        sums[f"veto{at}"] = ibis.cases((seen > 0, places[veto.at_most]), else_=0).cast("int64")
    return sums


def graded(edition: RatingEdition, rated: ibis.Table, scored: ibis.Table) -> ibis.Table:
    """(every column of ``rated``, score, evidence, veto, band, likelihood, consequence) of every enterprise in
    ``rated`` (``subject_id``, …).

    ``band`` is the place of its grade, 0 the best; none where the evidence is too thin and no veto decides.
    ``likelihood`` and ``consequence`` are its levels in the matrix, 0 the least; none without a matrix.
    """
    joined = _scored(rated, scored, ("points", "likelihood", "evidence", "veto"))
    joined = joined.select(
        *rated.columns,
        "evidence",
        "veto",
        score=(joined.points + edition.start).cast("int64"),
        likely=joined.likelihood,
    )
    likelihood, consequence = matrix_levels(edition, joined.score, joined.likely)
    joined = joined.mutate(likelihood=likelihood, consequence=consequence)
    enough = joined.evidence >= edition.evidence.at_least
    band = band_column(edition, joined.score, enough, joined.veto, joined.likelihood, joined.consequence)
    joined = joined.mutate(band=band)
    return joined.select(*rated.columns, "score", "evidence", "veto", "band", "likelihood", "consequence")


# What a band is found from, as ``compared`` tells it.
BASIS = ("score", "likely", "enough", "limit")


def compared(
    editions: tuple[RatingEdition, RatingEdition],
    everybody: ibis.Table,
    rated: tuple[Any, Any],
    scored: ibis.Table,
    items: Sequence[Sequence[int]],
) -> ibis.Table:
    """(every column of ``everybody``, before, after, what they were found from, the sums of items and what vetoes
    leave of ``scores_of``) of every enterprise that one of two editions rates: the places of its two bands,
    ``len(bands)`` where it is not graded, -1 where not rated. What they were found from is, with the number of the
    edition behind it: ``score`` and ``likely`` in units, ``enough`` (1 where there is evidence enough), ``limit`` (the
    best band that vetoes leave).

    Args:
        rated: of each edition the condition on ``everybody`` that it rates an enterprise; None: everybody.
        scored: ``scores_of`` of both, with the same ``items``.
    """
    columns = [name for name in scored.columns if name != "subject_id"]
    told = {
        name: ibis.literal(True) if met is None else met for name, met in zip(("met_0", "met_1"), rated, strict=True)
    }
    joined = _scored(everybody.mutate(**told), scored, columns)
    said: dict[str, Any] = {}
    for number, (edition, name) in enumerate(zip(editions, ("before", "after"), strict=True)):
        points, likely, evidence, veto = (
            joined[numbered(each, number)] for each in ("points", "likelihood", "evidence", "veto")
        )
        score = (points + edition.start).cast("int64")
        enough = evidence >= edition.evidence.at_least
        band = band_column(edition, score, enough, veto, *matrix_levels(edition, score, likely))
        graded_as = ibis.coalesce(band, len(edition.bands))
        said[name] = ibis.cases((joined[f"met_{number}"], graded_as), else_=-1).cast("int64")
        basis = zip(BASIS, (score, likely, enough, veto), strict=True)
        said |= {numbered(each, number): column.cast("int64") for each, column in basis}
    sums = [item_column(number, place) for number, places in enumerate(items) for place in places]
    sums += [veto_column(at, place) for at, places in enumerate(differing_vetoes(*editions)) for place in places]
    found = joined.select(*everybody.columns, *sums, **said)
    return found.filter((found.before >= 0) | (found.after >= 0))


def _scored(rated: ibis.Table, scored: ibis.Table, columns: Sequence[str]) -> ibis.Table:
    """Every enterprise with its columns of the scores, 0 where no fact of it counts."""
    named = scored.select(scored_subject="subject_id", **{f"of_{name}": scored[name] for name in columns})
    joined = rated.left_join(named, rated.subject_id == named.scored_subject)
    zero = ibis.literal(0, type=types.int64)
    return joined.select(*rated.columns, **{name: ibis.coalesce(joined[f"of_{name}"], zero) for name in columns})


def matrix_levels(edition: RatingEdition, score: Any, likely: Any) -> tuple[Any, Any]:
    """The places of the two levels in the matrix, as columns; none without a matrix."""
    if edition.matrix is None:
        return ibis.null(types.int64), ibis.null(types.int64)
    units = (likely + edition.start_of(edition.matrix.likelihood.part)).cast("int64")
    return _level(edition.matrix.likelihood, units), _level(edition.matrix.consequence, score - units)


def band_column(edition: RatingEdition, score: Any, enough: Any, veto: Any, likelihood: Any, consequence: Any) -> Any:
    """The place of the band, as a column: by the matrix or the score, no better than the vetoes leave it; none where it
    is not graded.

    Args:
        score: in units.
        enough: whether there is evidence enough; ``veto``: the place of the best band that vetoes leave, 0 for any.
        likelihood: with ``consequence`` the places of ``matrix_levels``.
    """
    none = ibis.null(types.int64)
    if edition.matrix is not None:
        places = {band.name: at for at, band in enumerate(edition.bands)}
        by_score = ibis.cases(
            *(
                ((likelihood == row) & (consequence == column), places[name])
                for row, names in enumerate(edition.matrix.cells)
                for column, name in enumerate(names)
            ),
            else_=none,
        ).cast("int64")
    else:
        by_score = ibis.cases(
            *((score >= band.units, at) for at, band in enumerate(edition.bands[:-1])),
            else_=len(edition.bands) - 1,
        ).cast("int64")
    return ibis.cases((enough, ibis.greatest(by_score, veto)), (veto > 0, veto), else_=none)


def _level(axis: RiskAxis, units: Any) -> Any:
    """The place of the level of an axis, as a column."""
    highest = reversed(list(enumerate(axis.levels[1:], 1)))
    said = [(units >= int(level.at_least * UNITS_PER_POINT), at) for at, level in highest]
    return ibis.cases(*said, else_=0).cast("int64")


def judged(
    edition: RatingEdition, tables: Mapping[str, ibis.Table], *, after: dt.date, until: dt.date, known_on: dt.date
) -> ibis.Table:
    """(subject_id, judged, failed, last_failed): what the facts that count as evidence found of each enterprise after a
    day, up to another: how many passed or failed, how many failed, and 1 where the latest of them failed.
    """
    frame = RatingFrame(until, known_on)
    outcome = Condition(any_of=("pass", "fail"))
    window = RatingSpan(days=(until - after).days)
    found = []
    for one in edition.evidence.of:
        if one.record not in tables:
            continue
        asked = Counted(record=one.record, role=one.role, where={**one.where, "outcome": outcome}, window=window)
        facts = _facts(_Source(one.record, one.role, "", "fact", ""), _Asked(evidence=[asked]), tables, frame)
        facts = _only(asked, facts, frame)
        day = facts.occurred_on.delta(ibis.date(1970, 1, 1), unit="day")
        found.append(
            facts.select(
                "subject_id",
                failed=(facts.outcome == "fail").cast(types.int64),
                place=(day * _OF_DAYS + facts.fact_id).cast(types.int64),
            )
        )
    every = _union(found, {"subject_id": "int64", "failed": "int64", "place": "int64"})
    return every.group_by("subject_id").aggregate(
        judged=every.count(), failed=every.failed.sum(), last_failed=every.failed.argmax(every.place)
    )


# -- one enterprise, by plain values -----------------------------------------------------------------------------------


class Contribution(NamedTuple):
    """A row of ``contributions``."""

    subject_id: int
    kind: str
    item: str
    record: str
    fact_id: int
    occurred_on: dt.date
    full: int
    points: int


def likelihood_of(edition: RatingEdition, rows: Sequence[Contribution]) -> int:
    """The units of a matrix's axis of likelihood: what it begins with and some contributions; 0 without a matrix."""
    if edition.matrix is None:
        return 0
    part = edition.matrix.likelihood.part
    return edition.start_of(part) + sum(row.points for row in rows if row.item in edition.of_part(part))


def band_of(edition: RatingEdition, score: int, evidence: int, veto: int, likelihood: int = 0) -> int | None:
    """The place of the band, as ``graded`` finds it; None: not graded, for thin evidence."""
    if evidence >= edition.evidence.at_least:
        return max(edition.place_of(score, likelihood), veto)
    return veto or None


def veto_of(edition: RatingEdition, rows: Sequence[Contribution]) -> int:
    """The place of the best band that the vetoes among some contributions leave; 0: any."""
    places = {band.name: at for at, band in enumerate(edition.bands)}
    limits = {veto.id: places[veto.at_most] for veto in edition.veto}
    return max((limits[row.item] for row in rows if row.kind == VETO), default=0)


def seen_digest(rows: Sequence[Contribution], evidence: int) -> str:
    """SHA-256 of what a grade saw: every fact that counted with its points, and how many counted as evidence."""
    said = sorted(f"{row.kind}/{row.item}/{row.fact_id}/{row.occurred_on}/{row.points}" for row in rows)
    return sha256("\n".join([*said, f"evidence/{evidence}"]).encode()).hexdigest()
