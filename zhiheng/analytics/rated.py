"""Ratings over the lake: graded now, or read from what was kept of a day, sorted by enterprise.

``ZHIHENG_DATA/ratings/<name>/`` holds of a rating what ``keep`` computed last: ``state.json`` (which edition, day and
lake),
and layers of two Parquet files, ``grades-<n>`` and ``contributions-<n>``, sorted by subject. The first layer is
everybody;
each later one holds whoever was touched by what was received meanwhile, and counts instead of what the layers before
say
of them. Everything here can be deleted and is made again.
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
import pyarrow as pa

from zhiheng.analytics.lake import PARQUET, Lake, Manifest
from zhiheng.analytics.layout import ALIAS_SPELLING, ALIASES, literal, quoted
from zhiheng.analytics.query import tables_of
from zhiheng.analytics.reader import DuckReader, Engine, LakeReader, sql_of, typed
from zhiheng.engines import rating as engine
from zhiheng.engines import rating_subjects as who
from zhiheng.engines.places import party_column
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.ratings import Counted, Rating, RatingEdition
from zhiheng.kernel.memo import Recent

# So many layers are laid on the first before everything is written anew.
LAYERS = 12
# Rows of a group of the sorted files: what is read at least to look at one enterprise.
_GROUP = 8_192
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


def records_of(lake: Lake, asked: RatingAsked) -> list[str]:
    """The records that a rating reads, with those that say who is rated."""
    edition = asked.edition
    read: list[Counted] = [*edition.items, *edition.veto, *edition.evidence.of]
    named = {counted.record for counted in read} | {record for record, _ in sources(lake, asked.rating)}
    return sorted(named & set(lake.layouts))


def sources(lake: Lake, rating: Rating) -> dict[tuple[str, str], Any]:
    return dict(who.sources_of(lake.book, rating, {name: [*one.columns] for name, one in lake.layouts.items()}))


_SQL: Recent[tuple[Any, ...], RatingSql] = Recent(32)


def rating_sql(lake: Lake, manifest: Manifest, asked: RatingAsked, runs: Engine = "duckdb") -> RatingSql:
    """The SQL of a rating for an engine, of those whom ``_aliases`` shows: putting it together takes longer than most
    answers.
    """
    tables = tables_of(lake, manifest)
    days = {"as_of": asked.as_of, "known_on": asked.known_on}
    digests = tuple(lake.layouts[record].digest for record in records_of(lake, asked))
    district = lake.book[DISTRICT]
    key = (runs, asked.edition.edition, asked.as_of, asked.known_on, _who(lake, asked))

    def made() -> RatingSql:
        everybody = who.subjects(sources(lake, asked.rating), tables, **days)
        known = who.chosen(asked.edition, everybody, district)
        graded = engine.graded(asked.edition, known, engine.scores(asked.edition, tables, **days))
        each = engine.contributions(asked.edition, tables, **days)
        # DuckDB widens sums of whole numbers, and Parquet has those as doubles.
        grades = {"subject_id": "int64", **who.COLUMNS, **dict.fromkeys(_NUMBERS, "int64")}
        return RatingSql(
            typed(sql_of(graded, runs), [*grades.items()], runs),
            typed(sql_of(each, runs), [*engine.CONTRIBUTIONS.items()], runs),
        )

    return _SQL.get((*key, frozenset(tables), digests), made)


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
    days = {"as_of": first.as_of, "known_on": first.known_on}
    if days != {"as_of": second.as_of, "known_on": second.known_on}:
        raise ValueError("two editions are compared on the same days")
    tables = tables_of(lake, manifest)
    records = sorted({*records_of(lake, first), *records_of(lake, second)})
    digests = tuple(lake.layouts[record].digest for record in records)
    district = lake.book[DISTRICT]
    told = tuple(_who(lake, one) for one in (first, second))
    key = (first.edition.edition, second.edition.edition, *days.values(), told)

    def made() -> RatingPairSql:
        editions = (first.edition, second.edition)
        places = engine.differing_items(*editions)
        # The classes of size are those of the first.
        everybody = who.subjects(sources(lake, first.rating), tables, **days)
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

    return _PAIRS.get((*key, frozenset(tables), digests), made)


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
    facts that the lake knew of; ``who``: digest of where the book reads what is told of an enterprise.
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
        for layer in range(kept.layers - 1, 0, -1):
            sql = f"SELECT 1 FROM {_read([self.file(kept, 'touched', layer)])} WHERE subject_id = {int(subject)}"
            if connection.execute(sql).fetchall():
                return layer
        return 0


def _read(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"


def kept_one(
    lake: Lake, files: RatingFiles, kept: KeptRating, subject: int
) -> tuple[Grade | None, list[engine.Contribution]]:
    """The grade and contributions of one enterprise from the sorted files."""
    with lake.open(Manifest(), []) as connection:
        layer = files.layer_of(connection, kept, subject)
        where = f"WHERE subject_id = {int(subject)}"
        grades = connection.execute(f"SELECT * FROM {_read([files.file(kept, 'grades', layer)])} {where}").fetchall()
        rows = connection.execute(
            f"SELECT * FROM {_read([files.file(kept, 'contributions', layer)])} {where} ORDER BY {_LATEST}"
        ).fetchall()
    return Grade(*grades[0]) if grades else None, [engine.Contribution(*row) for row in rows]


def keep(lake: Lake, files: RatingFiles, asked: RatingAsked) -> KeptRating:
    """Bring what is kept of a rating up to the lake: where edition and day are the same, of those who were touched.

    Says how many enterprises were made anew (``touched``, of the last layer; empty: everybody). Not for two processes
    at once: the caller holds the lock of the refresh.
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
    if same and 0 < old.layers < LAYERS and old.watermark <= manifest.watermark:
        touched = _touched(lake, manifest, files, old, asked)
        kept = KeptRating(**asdict(old))
        kept.layers, kept.touched = old.layers + 1, touched[:1000]
        kept.watermark, kept.stamp, kept.parted = manifest.watermark, stamp, manifest.parted
        _write_layer(lake, manifest, files, kept, asked, touched)
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


def _write_layer(
    lake: Lake, manifest: Manifest, files: RatingFiles, kept: KeptRating, asked: RatingAsked, subjects: Subjects
) -> None:
    layer = kept.layers - 1
    (files.folder / f"run-{kept.run}").mkdir(parents=True, exist_ok=True)
    sql = rating_sql(lake, manifest, asked)

    def write(connection: duckdb.DuckDBPyConnection, what: str, rows: str) -> None:
        target = literal(str(files.file(kept, what, layer)))
        connection.execute(f"COPY ({rows}) TO {target} ({_SORTED})")

    with _opened(lake, manifest, asked, subjects) as connection:
        write(connection, "grades", f"SELECT * FROM ({sql.grades}) ORDER BY subject_id")
        write(connection, "contributions", f"SELECT * FROM ({sql.contributions}) ORDER BY subject_id, fact_id, item")
        if subjects is not None:
            write(connection, "touched", f"SELECT DISTINCT subject_id FROM {_ASKED} ORDER BY subject_id")
    with lake.open(manifest, []) as connection:
        write(connection, "aliases", "SELECT alias_id, subject_id FROM _aliases ORDER BY alias_id")


def _touched(lake: Lake, manifest: Manifest, files: RatingFiles, old: KeptRating, asked: RatingAsked) -> list[int]:
    """The subjects of whom something may count otherwise: those of new facts, of facts acted on, of things spoken of
    again, those whose names moved, and where facts were taken out of a spelling all that the spelling stands for.
    """
    before = _read([files.file(old, "aliases", old.layers - 1)])
    new = int(old.watermark)
    with lake.open(manifest, records_of(lake, asked)) as connection:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE _met AS SELECT a.subject_id AS subject_id FROM _aliases a "
            f"LEFT JOIN {before} b USING (alias_id) WHERE b.subject_id IS DISTINCT FROM a.subject_id "
            f"UNION SELECT b.subject_id FROM {before} b LEFT JOIN _aliases a USING (alias_id) "
            "WHERE b.subject_id IS DISTINCT FROM a.subject_id"
        )
        if old.parted != manifest.parted:
            # Old facts went from one alias of a spelling to another, and the one that they left has not moved.
            parted = f"SELECT {ALIAS_SPELLING} FROM _aliases WHERE part IS NOT NULL"
            connection.execute(f"INSERT INTO _met SELECT subject_id FROM _aliases WHERE {ALIAS_SPELLING} IN ({parted})")
        for record in records_of(lake, asked):
            # Each by itself: a file of which nothing is asked is not even opened.
            found = [f"fact_id > {new}"]
            acted = f"SELECT concerns FROM _acts WHERE fact_id > {new} AND record = {literal(record)}"
            told = f"SELECT thing FROM {quoted(record)} WHERE fact_id > {new} AND thing IS NOT NULL"
            found += [
                f"{column} IN ({rows})"
                for column, rows in (("fact_id", acted), ("thing", told))
                if connection.execute(f"{rows} LIMIT 1").fetchall()
            ]
            columns = [*lake.layouts[record].columns]
            roles = sorted({c for role in lake.layouts[record].roles if (c := party_column(role, columns))})
            read = f"SELECT fact_id, {', '.join(map(quoted, roles))} FROM {quoted(record)} WHERE "
            connection.execute(f"CREATE OR REPLACE TEMP TABLE _new AS {' UNION '.join(read + each for each in found)}")
            aliases = [f"SELECT {quoted(role)} AS alias_id FROM _new" for role in roles]
            aliases.append(
                f"SELECT alias_id FROM {quoted(f'{record}/parties')} WHERE fact_id IN (SELECT fact_id FROM _new)"
            )
            connection.execute(
                f"INSERT INTO _met SELECT subject_id FROM _aliases WHERE alias_id IN ({' UNION '.join(aliases)})"
            )
        rows = connection.execute("SELECT DISTINCT subject_id FROM _met ORDER BY subject_id").fetchall()
    return [subject for (subject,) in rows]
