"""Ratings over the lake: graded now, or read from what was kept of a day, sorted by enterprise.

``ZHIHENG_DATA/ratings/<name>/`` holds of a rating what ``keep`` computed last: ``state.json`` (which edition, day and
lake),
and layers of two Parquet files, ``grades-<n>`` and ``contributions-<n>``, sorted by subject. The first layer is
everybody;
each later one holds whoever was touched by what was received meanwhile, and counts instead of what the layers before
say
of them. Everything here can be deleted and is made again.
Whoever is touched is looked up in sorted facts (``sorted_facts.py``): a delivery costs what it touches, not what there
is.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, astuple, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import ibis
import pyarrow as pa

from zhiheng.analytics.lake import PARQUET, Lake, Manifest
from zhiheng.analytics.layout import ALIAS_SPELLING, ALIASES, literal, quoted
from zhiheng.analytics.query import tables_of
from zhiheng.analytics.reader import DuckReader, Engine, LakeReader, sql_of, typed
from zhiheng.analytics.sorted_facts import SortedFacts, SortedFactsUnreadable, SortedReader
from zhiheng.engines import rating as engine
from zhiheng.engines import rating_subjects as who
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.ratings import Counted, Rating, RatingEdition
from zhiheng.kernel.memo import Recent

# So many layers are laid on the first before everything is written anew.
LAYERS = 12
# Of more subjects than this the facts are read from the lake as it lies: their batches would be most of them.
LOOKED_UP = 20_000
# Rows of a group of the sorted files: what is read at least to look at one enterprise. Of millions of rows it takes
# longer to pass over many groups than to read one that is larger.
_GROUP = 32_768
_SORTED = f"{PARQUET}, ROW_GROUP_SIZE {_GROUP}"
_NARROWED, _ASKED = "_rated_aliases", "_asked_subjects"
Subjects = Sequence[int] | None


class Grade(NamedTuple):
    """An enterprise as it is graded: ``score`` in units, ``band`` the place of its grade (None: 未评), and with a
    matrix its levels of likelihood and consequence.
    """

    subject_id: int
    area: str | None
    industry: str | None
    kind: str | None
    status: str | None
    established_on: dt.date | None
    employees: int | None
    score: int
    evidence: int
    veto: int
    band: int | None
    likelihood: int | None = None
    consequence: int | None = None


@dataclass(frozen=True)
class RatingAsked:
    """Which edition of which rating, as of a day, as known on a day."""

    name: str
    rating: Rating
    edition: RatingEdition
    as_of: dt.date
    known_on: dt.date


_COLUMNS = " ".join(Grade._fields)


# -- computed from the lake --------------------------------------------------------------------------------------------


class RatingSql(NamedTuple):
    """A rating as SQL over the views of the lake."""

    grades: str
    contributions: str


def records_of(lake: Lake, *asked: RatingAsked) -> list[str]:
    """The records that some ratings read, with those that say who is rated."""
    named = set()
    for one in asked:
        read: list[Counted] = [*one.edition.items, *one.edition.veto, *one.edition.evidence.of]
        named |= {counted.record for counted in read} | {record for record, _ in sources(lake, one.rating)}
    return sorted(named & set(lake.layouts))


def sources(lake: Lake, rating: Rating) -> dict[tuple[str, str], Any]:
    return dict(who.sources_of(lake.book, rating, {name: [*one.columns] for name, one in lake.layouts.items()}))


def read_of(lake: Lake, manifest: Manifest, *asked: RatingAsked) -> dict[str, engine.RecordRead]:
    """Record -> what some ratings read of it."""
    tables = tables_of(lake, manifest)
    columns = {name: tables[name].columns for name in lake.layouts}
    found: dict[str, engine.RecordRead] = {}
    for one in asked:
        for said in (engine.records_read(one.edition, columns), who.records_read(sources(lake, one.rating))):
            for record, read in said.items():
                found[record] = found[record].with_(read) if record in found else read
    return found


class _Gathered(NamedTuple):
    """What the statement of some ratings of the same days is put together from; ``key``: all that decides it."""

    tables: Mapping[str, ibis.Table]
    days: Mapping[str, dt.date]
    key: tuple[Any, ...]


def _gathered(lake: Lake, manifest: Manifest, *asked: RatingAsked) -> _Gathered:
    tables = tables_of(lake, manifest)
    days = {"as_of": asked[0].as_of, "known_on": asked[0].known_on}
    digests = tuple(lake.layouts[record].digest for record in records_of(lake, *asked))
    told = tuple((one.edition.edition, _who(lake, one)) for one in asked)
    return _Gathered(tables, days, (*days.values(), told, frozenset(tables), digests))


_SQL: Recent[tuple[Any, ...], RatingSql] = Recent(32)


def rating_sql(lake: Lake, manifest: Manifest, asked: RatingAsked, runs: Engine = "duckdb") -> RatingSql:
    """The SQL of a rating for an engine, of those whom ``_aliases`` shows: putting it together takes longer than most
    answers.
    """
    tables, days, key = _gathered(lake, manifest, asked)

    def made() -> RatingSql:
        everybody = who.subjects(sources(lake, asked.rating), tables, **days)
        known = who.chosen(asked.edition, everybody, lake.book[DISTRICT])
        graded = engine.graded(asked.edition, known, engine.scores(asked.edition, tables, **days))
        each = engine.contributions(asked.edition, tables, **days)
        # DuckDB widens sums of whole numbers, and Parquet has those as doubles.
        grades = {"subject_id": "int64", **who.COLUMNS, **dict.fromkeys(_NUMBERS, "int64")}
        return RatingSql(
            typed(sql_of(graded, runs), [*grades.items()], runs),
            typed(sql_of(each, runs), [*engine.CONTRIBUTIONS.items()], runs),
        )

    return _SQL.get((runs, *key), made)


class RatingPairSql(NamedTuple):
    """Two editions over the same enterprises as SQL over the views of the lake; ``items``: of each edition (its place,
    the item's id) -> the column of the item's sum.
    """

    grades: str
    items: Mapping[tuple[int, str], str]


_PAIRS: Recent[tuple[Any, ...], RatingPairSql] = Recent(8)


def rating_pair_sql(lake: Lake, manifest: Manifest, first: RatingAsked, second: RatingAsked) -> RatingPairSql:
    """(subject_id, the columns that say who it is, before, after, sums of items) of all that one of two editions rates:
    one pass over the facts for both, with the sums of those items that are not the same in both.

    Raises ValueError where the two are asked for other days.
    """
    if (first.as_of, first.known_on) != (second.as_of, second.known_on):
        raise ValueError("two editions are compared on the same days")
    tables, days, key = _gathered(lake, manifest, first, second)

    def made() -> RatingPairSql:
        editions = (first.edition, second.edition)
        places = engine.differing_items(*editions)
        # The classes of size are those of the first.
        everybody = who.subjects(sources(lake, first.rating), tables, **days)
        district = lake.book[DISTRICT]
        rated = (
            who.is_chosen(editions[0], everybody, district),
            who.is_chosen(editions[1], everybody, district),
        )
        scored = engine.scores_of(editions, tables, **days, items=places)
        sql = sql_of(engine.compared(editions, everybody, rated, scored, places))
        items = {
            (number, editions[number].items[place].id): engine.item_column(number, place)
            for number, some in enumerate(places)
            for place in some
        }
        return RatingPairSql(sql, items)

    return _PAIRS.get(key, made)


_NUMBERS = ("score", "evidence", "veto", "band", "likelihood", "consequence")


@contextmanager
def _opened(
    lake: Lake, manifest: Manifest, asked: RatingAsked, subjects: Subjects = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    with lake.open(manifest, records_of(lake, asked)) as connection:
        narrow(DuckReader(connection), subjects)
        yield connection


@contextmanager
def rating_reader(
    lake: Lake, manifest: Manifest, asked: RatingAsked, subjects: Subjects = None
) -> Iterator[LakeReader]:
    """What runs the statements of ``rating_sql``, for everybody or for some."""
    with closing(lake.reading(manifest, records_of(lake, asked))) as reader:
        narrow(reader, subjects)
        yield reader


def narrow(reader: LakeReader, subjects: Subjects) -> None:
    """Let the statements of ``rating_sql`` answer for some subjects alone."""
    if subjects is not None:
        reader.show(_ASKED, pa.table({"subject_id": pa.array(list(subjects), pa.int64())}))
        narrow_to(reader, f"SELECT subject_id FROM {_ASKED}")


def narrow_to(reader: LakeReader, subjects: str) -> None:
    """As ``narrow``, the subjects given by a statement."""
    reader.keep(_NARROWED, f"SELECT {', '.join(ALIASES)} FROM _aliases WHERE subject_id IN ({subjects})")
    # The same statement then answers for these alone.
    reader.view("_aliases", f"SELECT * FROM {_NARROWED}")


def narrow_facts(reader: LakeReader, facts: SortedReader) -> None:
    """After ``narrow``: let the views of records show what sorted facts say of those subjects, in place of all facts.
    What holds of a thing is found by all that is said of it, whoever that names.
    """
    aliases = reader.arrow(f"SELECT alias_id FROM {_NARROWED} ORDER BY alias_id")["alias_id"].to_numpy()
    for record in facts.records:
        kept, said = f"{record}/asked", facts.naming(record, aliases)
        if said is not None:
            reader.show("_asked_facts", said)
        columns = ", ".join(map(quoted, facts.records[record].columns))
        rows = "_asked_facts" if said is not None else f"{quoted(record)} WHERE false"
        reader.keep(kept, f"SELECT DISTINCT ON (fact_id) {columns} FROM {rows}")
        reader.view(record, f"SELECT * FROM {quoted(kept)}")


def grades_computed(lake: Lake, asked: RatingAsked, subjects: Subjects = None) -> list[Grade]:
    """The grades of all that are rated, or of some; by subject."""
    manifest = lake.manifest()
    sql = rating_sql(lake, manifest, asked, lake.engine).grades
    with rating_reader(lake, manifest, asked, subjects) as reader:
        return [Grade(*row) for row in reader.answer(f"{sql} ORDER BY subject_id").rows]


def contributions_computed(lake: Lake, asked: RatingAsked, subjects: Subjects) -> list[engine.Contribution]:
    """Every contribution of some enterprises (None: of all), the latest first."""
    manifest = lake.manifest()
    sql = rating_sql(lake, manifest, asked, lake.engine).contributions
    with rating_reader(lake, manifest, asked, subjects) as reader:
        found = reader.answer(f"SELECT * FROM ({sql}) ORDER BY {_LATEST}").rows
    return [engine.Contribution(*row) for row in found]


_LATEST = "subject_id, kind DESC, occurred_on DESC, fact_id DESC, item"


# -- kept, sorted by enterprise ----------------------------------------------------------------------------------------


@dataclass
class KeptRating:
    """What is kept of a rating: of which edition and day, from which lake, in how many layers; ``columns``: those of
    its grades, so that files of a release that had others are made anew; ``parted``: the last split of a spelling's
    facts that the lake knew of; ``who``: digest of where the book reads what is told of an enterprise; ``aliases``:
    digest of the spellings and whom they stood for, and ``spelled`` the layer that has them; ``link`` and ``act``: the
    state of the ledger that the lake came to (``Manifest.follows``).
    """

    edition: str = ""
    as_of: str = ""
    watermark: int = 0
    stamp: int = 0
    book: str = ""
    layers: int = 0
    touched: list[int] = field(default_factory=list)
    run: int = 0
    columns: str = ""
    parted: int = 0
    who: str = ""
    aliases: str = ""
    spelled: int = 0
    link: str = ""
    act: str = ""


@dataclass(frozen=True)
class RatingFiles:
    """The folder of a rating."""

    folder: Path

    def state(self) -> KeptRating:
        """What is kept; nothing where the state can't be read."""
        try:
            return KeptRating(**json.loads((self.folder / "state.json").read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return KeptRating()

    def file(self, kept: KeptRating, what: str, layer: int) -> Path:
        """A file of a layer: ``grades``, ``contributions`` or ``aliases``."""
        return self.folder / f"run-{kept.run}" / f"{what}-{layer}.parquet"

    def holds(self, lake: Lake, asked: RatingAsked, today: dt.date) -> KeptRating | None:
        """What is kept where it is what is asked: the edition and day, today's knowledge, the lake as it is."""
        kept = self.state()
        if not kept.layers or (kept.edition, kept.as_of) != (asked.edition.edition, asked.as_of.isoformat()):
            return None
        if (kept.columns, kept.who) != (_COLUMNS, _who(lake, asked)):
            return None
        return kept if asked.known_on >= today and kept.stamp == lake.written() else None

    def view(self, kept: KeptRating, what: str) -> str:
        """SQL of the rows that count: of a subject those of the last layer that touched it."""
        parts = []
        for layer in range(kept.layers):
            later = [self.file(kept, "touched", at) for at in range(layer + 1, kept.layers)]
            over = f" WHERE subject_id NOT IN (SELECT subject_id FROM {_read(later)})" if later else ""
            parts.append(f"SELECT * FROM {_read([self.file(kept, what, layer)])}{over}")
        return " UNION ALL ".join(parts)

    def layer_of(self, connection: duckdb.DuckDBPyConnection, kept: KeptRating, subject: int) -> int:
        """The last layer that says something of a subject."""
        touched = [str(self.file(kept, "touched", layer)) for layer in range(1, kept.layers)]
        if not touched:
            return 0
        files = ", ".join(map(literal, touched))
        sql = f"SELECT filename FROM read_parquet([{files}], filename = true) WHERE subject_id = {int(subject)}"
        return max((1 + touched.index(name) for (name,) in connection.execute(sql).fetchall()), default=0)


def _read(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"


def kept_one(
    lake: Lake, files: RatingFiles, kept: KeptRating, subject: int
) -> tuple[Grade | None, list[engine.Contribution]]:
    """The grade and contributions of one enterprise from the sorted files."""
    with lake.open(Manifest(), []) as connection:
        # What a file says of its groups is read once in a process, and again where the file was written since.
        connection.execute("SET parquet_metadata_cache = true")
        layer = files.layer_of(connection, kept, subject)
        where = f"WHERE subject_id = {int(subject)}"
        grades = connection.execute(f"SELECT * FROM {_read([files.file(kept, 'grades', layer)])} {where}").fetchall()
        rows = connection.execute(
            f"SELECT * FROM {_read([files.file(kept, 'contributions', layer)])} {where} ORDER BY {_LATEST}"
        ).fetchall()
    return Grade(*grades[0]) if grades else None, [engine.Contribution(*row) for row in rows]


def keep(lake: Lake, files: RatingFiles, asked: RatingAsked, facts: SortedFacts | None = None) -> KeptRating:
    """Bring what is kept of a rating up to the lake: where edition and day are the same, of those who were touched.

    ``facts`` are read for those, where they have followed the lake; else all facts are. Says how many enterprises were
    made anew (``touched``, of the last layer; empty: everybody). Not for two processes at once: the caller holds the
    lock of the refresh.
    """
    manifest, stamp = lake.manifest(), lake.written()
    old, told = files.state(), _who(lake, asked)
    same = (old.edition, old.as_of, old.book, old.columns, old.who) == (
        asked.edition.edition,
        asked.as_of.isoformat(),
        manifest.edition,
        _COLUMNS,
        told,
    )
    if old.layers and same and old.stamp == stamp:
        return old
    goes_on = old.watermark <= manifest.watermark and (not old.watermark or manifest.follows(old.link, old.act))
    if same and 0 < old.layers < LAYERS and goes_on:
        kept = KeptRating(**asdict(old))
        kept.layers = old.layers + 1
        kept.watermark, kept.stamp, kept.parted = manifest.watermark, stamp, manifest.parted
        kept.link, kept.act = manifest.link, manifest.act
        if not manifest.aliases or old.aliases != manifest.aliases:
            kept.aliases, kept.spelled = manifest.aliases, old.layers
        found = facts.reading(lake, manifest, read_of(lake, manifest, asked)) if facts is not None else None
        try:
            _add_layer(lake, manifest, files, old, kept, asked, found)
        except SortedFactsUnreadable:
            # They are made anew the next time; until then the lake is asked.
            assert facts is not None
            facts.forget()
            _add_layer(lake, manifest, files, old, kept, asked, None)
    else:
        kept = KeptRating(
            edition=asked.edition.edition,
            as_of=asked.as_of.isoformat(),
            watermark=manifest.watermark,
            stamp=stamp,
            book=manifest.edition,
            layers=1,
            run=old.run + 1,
            columns=_COLUMNS,
            parted=manifest.parted,
            who=told,
            aliases=manifest.aliases,
            link=manifest.link,
            act=manifest.act,
        )
        _write_layer(lake, manifest, files, kept, asked, None)
    beside = files.folder / "state.new"
    beside.write_text(json.dumps(asdict(kept)), "utf-8")
    beside.replace(files.folder / "state.json")
    for path in files.folder.glob("run-*"):
        # The run before is left for readers that are still in it.
        if path.name not in (f"run-{kept.run}", f"run-{kept.run - 1}"):
            shutil.rmtree(path, ignore_errors=True)
    return kept


def _who(lake: Lake, asked: RatingAsked) -> str:
    """SHA-256 of which fields of which records tell who an enterprise is: the cards and the size of the rating say; and
    of the areas that are rated, where only some are.
    """
    said = sorted((*key, sorted(map(astuple, told))) for key, told in sources(lake, asked.rating).items())
    inside = who.areas_rated(asked.edition, lake.book[DISTRICT])
    return sha256((repr(said) + (repr(inside) if inside else "")).encode()).hexdigest()


def _add_layer(
    lake: Lake,
    manifest: Manifest,
    files: RatingFiles,
    old: KeptRating,
    kept: KeptRating,
    asked: RatingAsked,
    facts: SortedReader | None,
) -> None:
    touched = _touched(lake, manifest, files, old, asked, facts)
    kept.touched = touched[:1000]
    _write_layer(lake, manifest, files, kept, asked, touched, facts if len(touched) <= LOOKED_UP else None)


def _write_layer(
    lake: Lake,
    manifest: Manifest,
    files: RatingFiles,
    kept: KeptRating,
    asked: RatingAsked,
    subjects: Subjects,
    facts: SortedReader | None = None,
) -> None:
    layer = kept.layers - 1
    (files.folder / f"run-{kept.run}").mkdir(parents=True, exist_ok=True)
    sql = rating_sql(lake, manifest, asked)

    def write(connection: duckdb.DuckDBPyConnection, what: str, rows: str) -> None:
        target = literal(str(files.file(kept, what, layer)))
        connection.execute(f"COPY ({rows}) TO {target} ({_SORTED})")

    with _opened(lake, manifest, asked, subjects) as connection:
        if facts is not None and subjects is not None:
            narrow_facts(DuckReader(connection), facts)
        write(connection, "grades", f"SELECT * FROM ({sql.grades}) ORDER BY subject_id")
        write(connection, "contributions", f"SELECT * FROM ({sql.contributions}) ORDER BY subject_id, fact_id, item")
        if subjects is not None:
            write(connection, "touched", f"SELECT DISTINCT subject_id FROM {_ASKED} ORDER BY subject_id")
    if kept.spelled == layer:
        with lake.open(manifest, []) as connection:
            write(connection, "aliases", "SELECT alias_id, subject_id FROM _aliases ORDER BY alias_id")


def _touched(
    lake: Lake,
    manifest: Manifest,
    files: RatingFiles,
    old: KeptRating,
    asked: RatingAsked,
    facts: SortedReader | None,
) -> list[int]:
    """The subjects of whom something may count otherwise: those of new facts, of facts acted on, of things spoken of
    again, those whose names moved, and where facts were taken out of a spelling all that the spelling stands for.
    """
    before = _read([files.file(old, "aliases", old.spelled)])
    new = int(old.watermark)
    reads = read_of(lake, manifest, asked)
    with lake.open(manifest, [*reads]) as connection:
        connection.execute("CREATE OR REPLACE TEMP TABLE _met (subject_id BIGINT)")
        connection.execute("CREATE OR REPLACE TEMP TABLE _named (alias_id BIGINT)")
        if not manifest.aliases or old.aliases != manifest.aliases:
            connection.execute(
                "INSERT INTO _met SELECT a.subject_id FROM _aliases a "
                f"LEFT JOIN {before} b USING (alias_id) WHERE b.subject_id IS DISTINCT FROM a.subject_id "
                f"UNION SELECT b.subject_id FROM {before} b LEFT JOIN _aliases a USING (alias_id) "
                "WHERE b.subject_id IS DISTINCT FROM a.subject_id"
            )
        if old.parted != manifest.parted:
            # Old facts went from one alias of a spelling to another, and the one that they left has not moved.
            parted = f"SELECT {ALIAS_SPELLING} FROM _aliases WHERE part IS NOT NULL"
            connection.execute(f"INSERT INTO _met SELECT subject_id FROM _aliases WHERE {ALIAS_SPELLING} IN ({parted})")
        for record, read in reads.items():
            # Each by itself: a file of which nothing is asked is not even opened.
            found = [f"{quoted(record)} WHERE fact_id > {new}"]
            acted = f"SELECT concerns FROM _acts WHERE fact_id > {new} AND record = {literal(record)}"
            if connection.execute(f"{acted} LIMIT 1").fetchall():
                found.append(f"{quoted(record)} WHERE fact_id IN ({acted})")
            if read.things:
                # What an event says of a thing again is an act; a standing statement outdates those before it.
                told = f"SELECT thing FROM {quoted(record)} WHERE fact_id > {new} AND thing IS NOT NULL"
                things = connection.execute(f"SELECT DISTINCT thing FROM ({told}) ORDER BY thing").fetchnumpy()["thing"]
                said = facts.of_things(record, things) if facts is not None else None
                if said is not None:
                    connection.register("_of_things", said)
                    found.append("_of_things")
                elif len(things):
                    found.append(f"{quoted(record)} WHERE thing IN ({told})")
            roles = sorted(read.parties)
            columns = ", ".join(map(quoted, ["fact_id", *roles]))
            rows = " UNION ".join(f"SELECT {columns} FROM {each}" for each in found)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE _new AS {rows}")
            named = [f"SELECT {quoted(role)} FROM _new" for role in roles]
            named.append(
                f"SELECT alias_id FROM {quoted(f'{record}/parties')} WHERE fact_id IN (SELECT fact_id FROM _new)"
            )
            connection.execute(f"INSERT INTO _named {' UNION '.join(named)}")
        connection.execute("INSERT INTO _met SELECT subject_id FROM _aliases WHERE alias_id IN (FROM _named)")
        touched = connection.execute("SELECT DISTINCT subject_id FROM _met ORDER BY subject_id").fetchall()
    return [subject for (subject,) in touched]
