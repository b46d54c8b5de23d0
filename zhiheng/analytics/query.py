"""Asks the lake: the figures of a place, and the facts behind one of them. Ibis expressions, run by DuckDB in this
process; the figures also by Spark (``analytics/spark.py``).
"""

from __future__ import annotations

import datetime as dt
import functools
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

import duckdb
import ibis
import pyarrow as pa

from zhiheng.analytics import refusals
from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.layout import ACTS, ALIASES, PARTIES, PARTITION, literal, quoted
from zhiheng.analytics.reader import DuckReader, Engine, LakeReader, ibis_type, name_of, sql_of, text_of
from zhiheng.engines import indicator as engine
from zhiheng.engines import places as where
from zhiheng.engines.figure_words import figure_text
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS, Indicator
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.fields.number import Money
from zhiheng.kernel.memo import Recent
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class Figure:
    """A number of an area, with everything that explains it.

    ``facts`` is the number of facts behind it (the denominator's of a rate). ``unplaced_above``: facts known only for
    an area around this one, which may belong here; they are not counted. ``unplaced_beneath``: those of its facts that
    are known for the area itself and for none beneath it, so the numbers of those do not add up to it.
    """

    indicator: str
    label_zh: str
    label_en: str
    area: str | None
    group: Mapping[str, Any]
    value: Decimal | None
    zh: str
    en: str
    unit: str
    decimals: int
    numerator: int | Decimal | None
    denominator: int | Decimal | None
    plan_zh: str
    plan_en: str
    first: dt.date | None
    last: dt.date
    as_of: dt.date
    known_on: dt.date
    edition: str
    watermark: int
    lake_day: dt.date | None
    facts: int = 0
    unplaced_above: int = 0
    unplaced_beneath: int = 0
    explanation_zh: str = field(repr=False, default="")
    explanation_en: str = field(repr=False, default="")

    def as_json(self) -> dict[str, Any]:
        """The figure for programs; numbers are texts, so that no digit is lost."""

        def plain(value: Any) -> Any:
            return (
                str(value)
                if isinstance(value, Decimal | dt.date)
                else dict(value)
                if isinstance(value, Mapping)
                else value
            )

        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def figures(
    lake: Lake,
    book: Book,
    *,
    area: str | None,
    as_of: dt.date,
    known_on: dt.date,
    names: Sequence[str] | None = None,
    by: Sequence[str] = (),
) -> list[Figure]:
    """The indicators of an area and all beneath it (None: of everything), in the order of the book or of ``names``.

    With dimensions a figure per indicator and group. Raises Refused for an unknown indicator, area or dimension.
    """
    wanted = _wanted(book, names)
    frame = frame_of(book, area, as_of, known_on, tuple(map(book[DISTRICT].dimension, by)))
    manifest = lake.manifest()
    answers: dict[tuple[str, tuple[Any, ...]], dict[str, Any]] = {}
    groups = engine.together(wanted, frame)
    told_of = _with_facts(manifest, groups)
    if not by:
        # A district begins with few records: of those that nobody has told anything the lake is not asked.
        for part in (part for parts in groups if parts not in told_of for part in parts):
            answers.setdefault((part.name, ()), {})[part.side] = part.of_nothing
    records = sorted({parts[0].measure.record for parts in told_of})
    with closing(_reading(lake, manifest, records, frame)) as reader:
        for sql, parts in _statements(lake, manifest, wanted, frame, told_of):
            answer = reader.answer(sql)
            at = {column: index for index, column in enumerate(answer.columns)}
            for row in answer.rows:
                group = row[: len(by)]
                for part in parts:
                    told = answers.setdefault((part.name, group), {})
                    told[part.side] = row[at[part.column]]
                    for kind in _TOLD:
                        if part.leads and (index := at.get(part.column_of(kind))) is not None:
                            told[kind] = row[index]
    found = []
    for name, indicator in wanted.items():
        parts = engine.parts_of(name, indicator, as_of)
        words = engine.explain(indicator, parts, frame)
        groups = sorted((g for n, g in answers if n == name), key=lambda g: [(v is None, str(v)) for v in g])
        found += [
            _figure(
                book,
                name,
                indicator,
                parts,
                words,
                area,
                frame,
                manifest,
                dict(zip(by, group, strict=True)),
                answers[name, group],
            )
            for group in groups
        ]
    return found


def _with_facts(
    manifest: Manifest, groups: Sequence[tuple[engine.MeasurePart, ...]]
) -> list[tuple[engine.MeasurePart, ...]]:
    """Those parts of which the lake has any facts at all."""
    return [parts for parts in groups if manifest.facts.get(parts[0].measure.record)]


def facts_behind(
    lake: Lake,
    book: Book,
    name: str,
    *,
    area: str | None,
    as_of: dt.date,
    known_on: dt.date,
    side: str | None = None,
    group: Mapping[str, Any] | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Iterator[int]:
    """The ids of the facts behind a figure, ascending: by the same conditions that count them.

    ``side``: only those of the ``numerator`` or of the ``denominator``. ``group``: only those of one cell of a split,
    dimension -> value. ``after`` and ``limit``: a page of them, those after an id.
    """
    wanted = _wanted(book, [name])
    manifest = lake.manifest()
    frame = frame_of(book, area, as_of, known_on)
    met = [f"side = {literal(side)}"] if side is not None else []
    met += [f"fact_id > {int(after)}"] if after is not None else []
    sql = f"SELECT DISTINCT fact_id FROM ({_behind(lake, manifest, name, wanted, frame, group or {})})"
    sql += f" WHERE {' AND '.join(met)}" if met else ""
    sql += " ORDER BY fact_id" + (f" LIMIT {int(limit)}" if limit is not None else "")
    with _opened(lake, manifest, _records(wanted), frame, group or {}) as connection:
        answer = connection.execute(sql)
        while rows := answer.fetchmany(10_000):
            yield from (number for (number,) in rows)


Order = Literal["day", "-day", "value", "-value"]


def list_behind(
    lake: Lake,
    book: Book,
    name: str,
    *,
    area: str | None,
    as_of: dt.date,
    known_on: dt.date,
    side: str = "",
    group: Mapping[str, Any] | None = None,
    order: Order = "-day",
    start: int = 0,
    limit: int | None = None,
) -> list[int]:
    """The ids of the facts behind a figure as a list is read: the newest first, or by the column that decides the
    number.

    ``side``: those of the ``numerator``, of the ``denominator``, or of the ``rest``: in the denominator and not in the
    numerator; ``above``: those that are not behind it, since they are known only for an area around this one
    (``unplaced_above``). ``start`` and ``limit``: a page of them.
    """
    wanted = _wanted(book, [name])
    manifest = lake.manifest()
    frame = frame_of(book, area, as_of, known_on)
    if side == "above":
        frame = replace(frame, areas=frame.above, above=(), at="")
        side = "denominator" if wanted[name].kind == "rate" else "numerator"
    decides = engine.counted_by(wanted[name])[:1]
    told = _behind(lake, manifest, name, wanted, frame, group or {}, ("occurred_on", *decides))
    value = f"any_value({quoted(f'shown_{decides[0]}')})" if decides else "any_value(shown_occurred_on)"
    by = {"day": "told_on", "value": "told"}[order.lstrip("-")]
    way = "DESC" if order[0] == "-" else "ASC"
    sql = (
        f"SELECT fact_id FROM (SELECT fact_id, any_value(shown_occurred_on) AS told_on, {value} AS told, {_SIDES} "
        f"FROM ({told}) GROUP BY fact_id) WHERE {_OF_SIDE[side]} ORDER BY {by} {way} NULLS LAST, told_on DESC, "
        "fact_id DESC"
    )
    sql += f" LIMIT {int(limit)} OFFSET {int(start)}" if limit is not None else f" OFFSET {int(start)}"
    with _opened(lake, manifest, _records(wanted), frame, group or {}) as connection:
        return [number for (number,) in connection.execute(sql).fetchall()]


_SIDES = "bool_or(side = 'numerator') AS above, bool_or(side = 'denominator') AS under"
_OF_SIDE = {"": "true", "numerator": "above", "denominator": "under", "rest": "under AND NOT above"}


def count_behind(
    lake: Lake,
    book: Book,
    name: str,
    *,
    area: str | None,
    as_of: dt.date,
    known_on: dt.date,
    group: Mapping[str, Any] | None = None,
) -> Mapping[str, int]:
    """How many facts are behind each side of a figure: ``numerator`` -> n, ``denominator`` -> n; of a rate whose
    numerator is a part of its denominator also ``rest`` -> n, what is not counted in it. Under the empty name all of
    them, each once.
    """
    wanted = _wanted(book, [name])
    manifest = lake.manifest()
    frame = frame_of(book, area, as_of, known_on)
    facts = _behind(lake, manifest, name, wanted, frame, group or {})
    with _opened(lake, manifest, _records(wanted), frame, group or {}) as connection:
        (found,) = connection.execute(
            "SELECT count(*) FILTER (above), count(*) FILTER (under), count(*) FILTER (under AND NOT above), count(*) "
            f"FROM (SELECT fact_id, {_SIDES} FROM ({facts}) GROUP BY fact_id)"
        ).fetchall()
    return {"": int(found[3])} | {
        side: int(found[engine.ALL_SIDES.index(side)]) for side in engine.sides_of(wanted[name])
    }


def _behind(
    lake: Lake,
    manifest: Manifest,
    name: str,
    wanted: Mapping[str, Indicator],
    frame: engine.Frame,
    group: Mapping[str, Any],
    show: tuple[str, ...] = (),
) -> str:
    """The SQL of the facts behind a figure (side, fact_id, what is shown beside); remembered like that of the
    figures.
    """
    anywhere = _anywhere(frame)
    tables = tables_of(lake, manifest)
    key = (*_asked_of(lake, wanted, anywhere, frozenset(tables)), tuple(group.items()), show)

    def compiled() -> str:
        frame_of_facts = replace(anywhere, by=(), above=(), at="")
        return sql_of(engine.facts_behind(name, wanted[name], tables, frame_of_facts, group, show))

    return _there(_BEHIND.get(key, compiled), frame)


def _statements(
    lake: Lake,
    manifest: Manifest,
    wanted: Mapping[str, Indicator],
    frame: engine.Frame,
    groups: Sequence[tuple[engine.MeasurePart, ...]],
) -> list[tuple[str, tuple[engine.MeasurePart, ...]]]:
    """The SQL of parts of indicators that go together; remembered, since it depends on the book and the question and
    not on the facts, and for all areas and days at once.
    """
    if lake.engine != "duckdb":
        # A job of Spark takes longer than to put its statement together: nothing is remembered, nothing filled in.
        asked_now = [(engine.question(parts, wanted, tables_of(lake, manifest), frame), parts) for parts in groups]
        return [(sql_of(question.table, lake.engine), parts) for question, parts in asked_now]
    anywhere = replace(_anywhere(frame), as_of=_LAST, known_on=_KNOWN)
    tables = tables_of(lake, manifest)
    known = frozenset(tables)

    def compiled(parts: Sequence[engine.MeasurePart]) -> str:
        whenever = [replace(part, first=part.first and _FIRST, last=_LAST) for part in parts]
        return sql_of(engine.question(whenever, wanted, tables, anywhere).table)

    statements = []
    for parts in groups:
        first, last = parts[0].first, parts[0].last
        asked = {part.name: wanted[part.name] for part in parts}
        key = (
            tuple((part.name, part.side) for part in parts),
            first is None,
            _asked_of(lake, asked, anywhere, known),
        )
        sql = _STATEMENTS.get(key, functools.partial(compiled, parts))
        statements.append((_then(_there(sql, frame), first, last, frame.known_on), parts))
    return statements


# Stand for the days of a statement, as the words below do for its areas: no book and nobody who asks means such a day.
_FIRST, _LAST, _KNOWN = (
    dt.date(millennium + secrets.randbelow(900), 1, 1) + dt.timedelta(secrets.randbelow(365))
    for millennium in (7000, 8000, 9000)
)


def _then(sql: str, first: dt.date | None, last: dt.date, known_on: dt.date) -> str:
    """A statement about some days, made of the one about any."""
    for stands, meant in ((_FIRST, first), (_LAST, last), (_KNOWN, known_on)):
        if meant is not None:
            sql = sql.replace(_day(stands), _day(meant))
            for bound in ("<=", ">="):
                year = f"{quoted('occurred_year')} {bound} "
                sql = sql.replace(f"{year}{stands.year}", f"{year}{meant.year}")
    return sql


def _day(day: dt.date) -> str:
    """A day as DuckDB's SQL has it in an expression of Ibis."""
    return f"MAKE_DATE({day.year}, {day.month}, {day.day})"


# Stand for areas in a statement that is remembered for all of them: to put it together takes a second, to fill them in
# none. They are drawn anew in each process, so that nothing that is asked for can be taken for one of them.
_INSIDE, _AROUND, _AT = (f"{word} {secrets.token_hex(16)}" for word in ("inside", "around", "at"))


def _anywhere(frame: engine.Frame) -> engine.Frame:
    """The same question with a word in the place of its areas, where it asks for some."""
    if not frame.areas:
        return frame
    return replace(frame, areas=(_INSIDE,), above=(_AROUND,) if frame.above else (), at=_AT if frame.at else "")


def _there(sql: str, frame: engine.Frame, runs: Engine = "duckdb") -> str:
    """A statement about the areas of a frame, made of the one about any."""
    for word, codes in ((_INSIDE, frame.areas or ()), (_AROUND, frame.above), (_AT, (frame.at,))):
        sql = sql.replace(text_of(word, runs), ", ".join(text_of(code, runs) for code in codes))
    return sql


_BEHIND: Recent[tuple[Any, ...], str] = Recent(512)
# A book of a hundred indicators makes some sixty statements of a few thousand letters for each manner of asking.
_STATEMENTS: Recent[tuple[Any, ...], str] = Recent(2048)


def _asked_of(
    lake: Lake, wanted: Mapping[str, Indicator], frame: engine.Frame, tables: frozenset[str]
) -> tuple[Any, ...]:
    """What a statement depends on: the book, the question, and which tables there are."""
    return (
        tuple((name, lake.book[INDICATORS][name].edition) for name in wanted),
        frame,
        tables,
        tuple(
            (lake.layouts[r].digest, lake.layouts[r].entry.record.place_of)
            for r in _records(wanted)
            if r in lake.layouts
        ),
    )


def _records(wanted: Mapping[str, Indicator]) -> list[str]:
    return sorted({m.record for indicator in wanted.values() for m in indicator.measures()})


def tables_of(lake: Lake, manifest: Manifest) -> dict[str, ibis.Table]:
    """The tables that indicators may ask, by name: nothing is opened, the columns are known from the book."""
    tables: dict[str, ibis.Table] = {
        "_aliases": _table("_aliases", tuple(ALIASES.items())),
        where.LEVELS: ibis.table(where.LEVEL_COLUMNS, name=where.LEVELS),
    }
    for name, layout in lake.layouts.items():
        columns = {**layout.columns, PARTITION: "BIGINT"}
        if layout.entry.record.kind == "event":
            del columns["thing"]
        tables[name] = _table(name, tuple(columns.items()))
        if any(where.party_column(role, tuple(columns)) for role in layout.entry.record.place_of):
            tables[f"{name}/placed"] = _table(f"{name}/placed", tuple(columns.items()))
        if manifest.parties.get(name):
            tables[f"{name}/parties"] = _table(f"{name}/parties", tuple(PARTIES.items()))
        if manifest.acted_on.get(name):
            tables[f"{name}/acts"] = _table("_acts", tuple(ACTS.items()))
    return tables


@functools.cache
def _table(name: str, columns: tuple[tuple[str, str], ...]) -> ibis.Table:
    return ibis.table({column: ibis_type(type_) for column, type_ in columns}, name=name)


@functools.cache
def _placed(name: str, columns: tuple[tuple[str, str], ...], roles: tuple[str, ...], runs: Engine) -> str:
    """The facts of a record with the area where each is counted, as SQL over the view of the record and the places."""
    placed = where.placed(_table(name, columns), roles, ibis.table(where.COLUMNS, name=where.TABLE))
    return sql_of(placed, runs) if placed is not None else f"SELECT * FROM {name_of(name, runs)}"


def _reading(lake: Lake, manifest: Manifest, records: Sequence[str], frame: engine.Frame) -> LakeReader:
    reader = lake.reading(manifest, records)
    _show_places(reader, lake, manifest, records, frame, frame.by)
    return reader


def _opened(
    lake: Lake, manifest: Manifest, records: Sequence[str], frame: engine.Frame, group: Mapping[str, Any]
) -> duckdb.DuckDBPyConnection:
    connection = lake.open(manifest, records)
    _show_places(DuckReader(connection), lake, manifest, records, frame, (*frame.by, *group))
    return connection


def _show_places(
    reader: LakeReader,
    lake: Lake,
    manifest: Manifest,
    records: Sequence[str],
    frame: engine.Frame,
    split: Sequence[str],
) -> None:
    """Show what a question needs to know of places: where facts are counted, and the tree where it asks for a level."""
    if frame.needs_place(split):
        show_placed(reader, lake, manifest, records, as_of=frame.as_of, known_on=frame.known_on)
    if any(map(where.level_asked, split)):
        rows = where.levels_of(lake.book[DISTRICT])
        columns = zip(*rows, strict=True)
        reader.show(
            where.LEVELS,
            pa.table(
                {name: pa.array(each, pa.string()) for name, each in zip(where.LEVEL_COLUMNS, columns, strict=True)}
            ),
        )


def show_placed(
    reader: LakeReader,
    lake: Lake,
    manifest: Manifest,
    records: Sequence[str],
    *,
    as_of: dt.date,
    known_on: dt.date,
) -> None:
    """Show the facts of records where they are counted (``<record>/placed``), by the places of subjects as of a day, as
    known on a day.

    The process keeps the places until the lake changes: everything that is asked area by area reads them. Spark finds
    them where the facts are, and no machine holds them all.
    """
    if reader.engine == "duckdb":
        key = (lake.folder, lake.written(), manifest.watermark, manifest.edition, as_of, known_on)
        reader.show(where.TABLE, _PLACES.get(key, lambda: _places(lake, manifest, as_of, known_on)))
    else:
        told, read = _told_places(lake, manifest, as_of, known_on)
        for name in read:
            if name not in records:
                lake.show(reader, manifest, name)
        reader.show(_AREAS, _areas_table(lake))
        areas = ibis.table({"code": "string", "above": "string"}, name=_AREAS)
        known = told.left_join(areas, told.area == areas.code)
        reader.view(
            where.TABLE,
            sql_of(known.select("alias_id", "area", above=ibis.coalesce(known.above, "")), reader.engine),
        )
    for name in records:
        if name in lake.layouts:
            layout = lake.layouts[name]
            columns = (*layout.columns.items(), (PARTITION, "BIGINT"))
            reader.view(f"{name}/placed", _placed(name, columns, layout.entry.record.place_of, reader.engine))


# A page asks for a day, the same day of the year before, and the days of a cockpit; a refresh for all of these.
_PLACES: Recent[tuple[object, ...], pa.Table] = Recent(8)


_AREAS = "_areas_around"


def _areas_table(lake: Lake) -> pa.Table:
    """Area -> the areas around it, as one text (``engines/places.py``)."""
    around = where.around(lake.book[DISTRICT])
    return pa.table({"code": pa.array(around, pa.string()), "above": pa.array(around.values(), pa.string())})


def _place_sources(lake: Lake, manifest: Manifest) -> tuple[where.PlaceSource, ...]:
    told_by = {name: [*layout.columns] for name, layout in lake.layouts.items() if manifest.facts.get(name)}
    return where.sources_of(lake.book, told_by)


def _told_places(
    lake: Lake, manifest: Manifest, as_of: dt.date, known_on: dt.date
) -> tuple[ibis.Table, tuple[str, ...]]:
    """Alias and area of each subject, and the records that this is read from."""
    sources = _place_sources(lake, manifest)
    asked = where.places(sources, tables_of(lake, manifest), as_of=as_of, known_on=known_on)
    return asked.select("alias_id", "area"), tuple(sorted({source.record for source in sources}))


def _places(lake: Lake, manifest: Manifest, as_of: dt.date, known_on: dt.date) -> pa.Table:
    """Where subjects lie as of a day, as known on a day."""
    asked, read = _told_places(lake, manifest, as_of, known_on)
    with lake.open(manifest, read) as reader:
        told = reader.sql(sql_of(asked)).to_arrow_table()
    around = where.around(lake.book[DISTRICT])
    areas = told.column("area").combine_chunks().dictionary_encode()
    above = pa.array([around.get(code, "") for code in areas.dictionary.to_pylist()], pa.string())
    return told.append_column("above", above.take(areas.indices))


_TOLD: tuple[engine.Told, ...] = ("facts", "above", "beneath")


def _wanted(book: Book, names: Sequence[str] | None) -> dict[str, Indicator]:
    for name in names or ():
        if name not in book[INDICATORS]:
            raise Refused(refusals.indicator_unknown(name))
    return {name: book[INDICATORS][name] for name in (book[INDICATORS] if names is None else names)}


def frame_of(book: Book, area: str | None, as_of: dt.date, known_on: dt.date, by: tuple[str, ...] = ()) -> engine.Frame:
    """What is asked of an area and of all beneath it (None: of everything). Raises Refused for an area that the book
    lacks.
    """
    levels = tuple(level.id for level in book[DISTRICT].levels)
    if area is None:
        return engine.Frame(as_of, known_on, None, by, levels=levels)
    areas = {node.code: node.parent for node in book[DISTRICT].areas}
    if area not in areas:
        raise Refused(refusals.area_unknown(area))
    inside = book[DISTRICT].below(area)
    whole = len(inside) == len(areas)
    if by:
        return engine.Frame(as_of, known_on, inside, by, whole=whole, levels=levels)
    above, parent = [], areas[area]
    while parent is not None:
        above.append(parent)
        parent = areas[parent]
    at = area if len(inside) > 1 else ""
    return engine.Frame(as_of, known_on, inside, by, tuple(above), at, whole, levels)


def _figure(
    book: Book,
    name: str,
    indicator: Indicator,
    parts: Sequence[engine.MeasurePart],
    words: tuple[str, str],
    area: str | None,
    frame: engine.Frame,
    manifest: Manifest,
    group: Mapping[str, Any],
    numbers: Mapping[str, Any],
) -> Figure:
    numerator, denominator = numbers.get("numerator"), numbers.get("denominator")
    if indicator.kind != "number" and parts[0].measure.sum is None and numerator is None:
        # A group that only the denominator has: nothing was counted above the line.
        numerator = 0 if parts[0].measure.count is not None else None
    facts, above, beneath = (int(numbers.get(kind) or 0) for kind in _TOLD)
    value = value_in(book, indicator, numerator, denominator, facts, above)
    zh, en = figure_text(indicator, value, (book, area, above) if area is not None else None)
    return Figure(
        name,
        indicator.label.zh,
        indicator.label.en,
        area,
        group,
        value,
        zh,
        en,
        indicator.unit,
        indicator.decimals,
        numerator,
        denominator,
        indicator.plan.zh if indicator.plan else "",
        indicator.plan.en if indicator.plan else "",
        parts[0].first,
        parts[0].last,
        frame.as_of,
        frame.known_on,
        book[INDICATORS][name].edition,
        manifest.watermark,
        manifest.learned_on,
        facts,
        above,
        beneath,
        *words,
    )


def value_in(
    book: Book, indicator: Indicator, numerator: Any, denominator: Any, facts: int, above: int
) -> Decimal | None:
    """The value of an indicator in an area. A count of nothing is unknown, not 0, where facts are known only for an
    area around it.
    """
    if not facts and above:
        return None
    return engine.value_of(indicator, numerator, denominator, scale=_scale(book, indicator))


def _scale(book: Book, indicator: Indicator) -> int:
    """Amounts of money are kept in yuan, whatever unit they were delivered in."""
    measure = indicator.measure
    if indicator.unit != "ten_thousand_yuan" or measure is None:
        return 1
    name = measure.sum or measure.max or measure.min
    entry = book[RECORDS].get(measure.record)
    if name is None or entry is None:
        return 1
    return 10_000 if isinstance(next(iter(entry.types.values())).get(name), Money) else 1
