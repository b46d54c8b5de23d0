"""The lake: the ledger's facts as typed Parquet, a folder per record type, a partition per year.

``<record>/occurred_year=2026/facts-<from>-<to>_<n>.parquet``   one column per field, one per role
``_parties/<record>/…``     parties beyond the first of a role
``_acts/…``                 corrections and withdrawals, and what they concern
``_aliases.parquet``        which subject a delivered spelling stands for now (written anew where spellings came or
links changed)
``manifest.json``           what counts: the watermark and the files; written last, by renaming

A process may be killed anywhere: a file that the manifest does not name is no part of the lake, and the next run
removes it. The lake holds nothing of its own: delete the folder, project again, and it says the same.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhiheng.analytics import ledger_extract, refusals
from zhiheng.analytics.layout import (
    ACTS,
    ALIAS_OF,
    ALIAS_SPELLING,
    ALIASES,
    PARTIES,
    PARTITION,
    PARTY_TYPE,
    RecordLayout,
    edition_of,
    layouts_of,
    literal,
    quoted,
)
from zhiheng.analytics.reader import DuckReader, Engine, LakeReader
from zhiheng.grammar.book import Book
from zhiheng.kernel.progress import Progress, quiet
from zhiheng.kernel.reasons import Refused

VERSION = 3
# zstd writes as fast as snappy here and takes a third of the room (bench/lake.py prints both sides with it).
COMPRESSION = "zstd"
PARQUET = f"FORMAT parquet, COMPRESSION {COMPRESSION}"
# Bytes that DuckDB may take. Spellings and the hash table over them are kept while facts are read, in so many bytes
# each beside.
MEMORY, MEMORY_PER_ALIAS = 512_000_000, 1_000
# Rows are written in groups of so many of one year, or fewer where those that wait take more room than this.
GROUP_ROWS = 122_880
GATHERED_BYTES = 128_000_000
# Room for the longest line: DuckDB keeps two buffers of this size per thread, so the large one is taken only if it must
# be.
# What DuckDB is given at a time: small enough that reading the ledger and parsing overlap, large enough that building
# the
# aliases' hash table anew each time stays a small part.
SPOOL_BYTES = (64_000_000, 256_000_000)
SPOOL_PER_ALIAS = 400
LINE_BYTES = (4_000_000, 64_000_000)
# Small files of a partition are merged when there are more than this many; large ones are left, so a row is rewritten
# rarely.
SMALL_FILES = 24
SMALL_ROWS = 500_000
_WRITING = ".writing"
_ALIASES = "_aliases.parquet"


@dataclass(frozen=True)
class File:
    """A Parquet file of the lake; ``digest``: SHA-256 of what was written."""

    path: str
    rows: int
    bytes: int
    digest: str


@dataclass
class Manifest:
    """What the lake holds."""

    watermark: int = 0
    learned_on: dt.date | None = None
    link: str = ""
    edition: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    facts: dict[str, list[File]] = field(default_factory=dict)
    parties: dict[str, list[File]] = field(default_factory=dict)
    acts: list[File] = field(default_factory=list)
    acted_on: dict[str, int] = field(default_factory=dict)
    # The last split of a part of a spelling that the facts here know of.
    parted: int = 0
    # How far the spellings and whom they stand for are written (lines.spellings), and in how many bytes.
    spellings: str = ""
    # SHA-256 of the file of spellings.
    aliases: str = ""
    # Record -> which state of the ledger it was last made anew from: as long as it stays, facts were only added.
    made: dict[str, str] = field(default_factory=dict)
    # The last merge or split that the spellings here know of (``ledger_extract.last_act``).
    act: str = ""

    def every_file(self) -> Iterator[File]:
        """All files, in no order."""
        for files in (*self.facts.values(), *self.parties.values(), self.acts):
            yield from files

    def as_json(self) -> str:
        """The manifest as it is stored."""

        def plain(files: Mapping[str, list[File]]) -> dict[str, list[dict[str, Any]]]:
            return {name: [vars(f) for f in found] for name, found in sorted(files.items())}

        return json.dumps(
            {
                "version": VERSION,
                "watermark": self.watermark,
                "link": self.link,
                "edition": self.edition,
                "digests": self.digests,
                "learned_on": self.learned_on and self.learned_on.isoformat(),
                "facts": plain(self.facts),
                "parties": plain(self.parties),
                "acts": [vars(f) for f in self.acts],
                "acted_on": self.acted_on,
                "parted": self.parted,
                "spellings": self.spellings,
                "aliases": self.aliases,
                "made": self.made,
                "act": self.act,
            },
            ensure_ascii=False,
            indent=1,
        )

    @classmethod
    def of(cls, text: str) -> Manifest:
        """Read a stored manifest; an older layout is the same as no lake, since the lake can be made anew."""
        said = json.loads(text)
        if said.get("version") != VERSION:
            return cls()

        def files(found: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[File]]:
            return {name: [File(**f) for f in some] for name, some in found.items()}

        return cls(
            said["watermark"],
            dt.date.fromisoformat(said["learned_on"]) if said["learned_on"] else None,
            said["link"],
            said["edition"],
            said["digests"],
            files(said["facts"]),
            files(said["parties"]),
            [File(**f) for f in said["acts"]],
            said["acted_on"],
            said["parted"],
            said["spellings"],
            said["aliases"],
            said.get("made", {}),
            said.get("act", ""),
        )

    def follows(self, link: str, act: str) -> bool:
        """Whether what is here came to a state of the ledger, told as ``link`` and ``act`` are, by going on from it. A
        watermark does not tell: a ledger that was restored may hold as many facts, and others.
        """
        return (link, act) == (self.link, self.act) or (link != "" and ledger_extract.continues(link, act))


@dataclass(frozen=True)
class Projected:
    """What a projection did: facts written, the ids it read, files added, and records that the book does not know (any
    more).
    """

    facts: int
    from_id: int
    to_id: int
    files: int
    rebuilt: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lake:
    """A lake in a folder, read with a book."""

    folder: Path
    book: Book
    # What its large questions are compiled for.
    engine: ClassVar[Engine] = "duckdb"

    @cached_property
    def layouts(self) -> Mapping[str, RecordLayout]:
        """The columns of every record."""
        return layouts_of(self.book)

    def manifest(self) -> Manifest:
        """What the lake holds now; an absent lake holds nothing. Raises Refused where its manifest can't be read."""
        try:
            return Manifest.of((self.folder / "manifest.json").read_text("utf-8"))
        except FileNotFoundError:
            return Manifest()
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(refusals.lake_damaged()) from None

    def damaged(self) -> list[str]:
        """The files that are not as they were written: gone, cut short, or with other bytes. Reads the whole lake."""
        manifest = self.manifest()
        found = [file.path for file in manifest.every_file() if not self.is_whole(file)]
        return sorted([*found, *([] if self.has_aliases(manifest) else [_ALIASES])])

    def has_aliases(self, manifest: Manifest) -> bool:
        """Whether the file of spellings is as it was written."""
        aliases = self.folder / _ALIASES
        return not manifest.aliases or (aliases.is_file() and _digest(aliases) == manifest.aliases)

    def is_whole(self, file: File, *, thorough: bool = True) -> bool:
        """Whether a file is there as it was written; its bytes are looked at only if ``thorough``."""
        path = self.folder / file.path
        if not path.is_file() or path.stat().st_size != file.bytes:
            return False
        return not thorough or _digest(path) == file.digest

    def written(self) -> int:
        """When the lake was written last, in nanoseconds; 0 where there is none. Asked often, and the manifest is
        long.
        """
        try:
            return (self.folder / "manifest.json").stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def open(self, manifest: Manifest, records: Sequence[str] | None = None) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with a view per record (all of them, or those named) over the files of the manifest.

        Raises Refused for a record whose columns are no longer those of the book.
        """
        connection = _reader(os.getpid()).cursor()
        for name in self.layouts if records is None else records:
            self.view(connection, manifest, name)
        for name, files, columns in (("_acts", manifest.acts, ACTS), ("_aliases", self._aliases(), ALIASES)):
            _view(connection, name, [self.folder / f.path for f in files], columns)
        return connection

    def reading(self, manifest: Manifest, records: Sequence[str]) -> LakeReader:
        """What answers large questions, with the views of ``open``. Raises Refused as ``open`` does."""
        return DuckReader(self.open(manifest, records))

    def show(self, reader: LakeReader, manifest: Manifest, record: str) -> None:
        """Show a further record in what ``reading`` gave."""
        assert isinstance(reader, DuckReader)
        self.view(reader.connection, manifest, record)

    def view(self, connection: duckdb.DuckDBPyConnection, manifest: Manifest, record: str) -> None:
        """Show a record's facts under its name, and its further parties under ``<record>/parties``."""
        layout, files = self.checked(manifest, record)
        _view(connection, record, [self.folder / f.path for f in files], layout.columns, partitioned=True)
        files = manifest.parties.get(record, [])
        _view(connection, f"{record}/parties", [self.folder / f.path for f in files], PARTIES)

    def checked(self, manifest: Manifest, record: str) -> tuple[RecordLayout, list[File]]:
        """The columns of a record and the files of its facts. Raises Refused where they are no longer those of the
        book.
        """
        layout, files = self.layouts[record], manifest.facts.get(record, [])
        if files and manifest.digests.get(record) != layout.digest:
            raise Refused(refusals.lake_stale(record))
        return layout, files

    def _aliases(self) -> list[File]:
        return [File(_ALIASES, 0, 0, "")] if (self.folder / _ALIASES).is_file() else []


def connect(memory: int = 0) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory without access to the network. ``memory``: the bytes that it may take."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false", "allow_community_extensions": "false"})
    if memory:
        _limit(connection, memory)
    return connection


@cache
def _reader(_process: int) -> duckdb.DuckDBPyConnection:
    """One DuckDB for all that a process asks: to start one takes longer than most questions. Views belong to a cursor
    alone.
    """
    return connect()


def _limit(connection: duckdb.DuckDBPyConnection, memory: int) -> None:
    connection.execute(f"SET memory_limit = '{memory}B'")


def _view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    files: Sequence[Path],
    columns: Mapping[str, str],
    *,
    partitioned: bool = False,
) -> None:
    partition = {PARTITION: "BIGINT"} if partitioned else {}
    if files:
        paths = ", ".join(literal(str(f)) for f in files)
        hive = f", hive_partitioning = true, hive_types = {{'{PARTITION}': BIGINT}}" if partitioned else ""
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS SELECT {', '.join(map(quoted, {**columns, **partition}))} "
            f"FROM read_parquet([{paths}]{hive})"
        )
        return
    nothing = ", ".join(f"NULL::{type_} AS {quoted(column)}" for column, type_ in {**columns, **partition}.items())
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS SELECT {nothing} WHERE false")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def project(lake: Lake, *, progress: Progress = quiet, thorough: bool = False) -> Projected:
    """Bring the lake up to the ledger: what is new is added, a record whose columns have changed is made anew.

    Costs what is new (and the aliases, which are written whole where one is new); where nothing is, nothing is written.
    Calls from several processes wait for one another. ``thorough``: look at every byte of the lake, and make anew what
    is not as it was written.
    """
    lake.folder.mkdir(parents=True, exist_ok=True)
    with _alone(lake.folder):
        return _Projection(lake, progress, thorough=thorough).run()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _Partitions:
    """Parquet files of one record, a file a year, written as the rows come and holding a bounded number of them."""

    def __init__(self, folder: Path, stem: str) -> None:
        self.folder, self.stem = folder, stem
        self.rows: dict[Path, int] = {}
        self.further: list[int] = []
        self._writers: dict[int, pq.ParquetWriter] = {}
        self._waiting: dict[int, list[pa.RecordBatch]] = {}
        self._bytes: dict[int, int] = {}

    def __enter__(self) -> _Partitions:
        return self

    def __exit__(self, *_: object) -> None:
        for year in list(self._waiting):
            self._write(year)
        for writer in self._writers.values():
            writer.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows in; whole groups of rows are written."""
        further = batch.column("further_parties")
        if further.true_count:
            self.further += pc.filter(batch.column("fact_id"), further).to_pylist()
        years = batch.column(PARTITION)
        batch = batch.drop_columns([PARTITION])
        found = pc.unique(years)
        for at in range(len(found)):
            # The scalar stays Arrow's own: made from a Python number it would import pandas, which takes longer than a
            # small run.
            part = batch if len(found) == 1 else batch.filter(pc.equal(years, found[at]))
            year = found[at].as_py()
            self._waiting.setdefault(year, []).append(part)
            self._bytes[year] = self._bytes.get(year, 0) + part.nbytes
            if sum(map(len, self._waiting[year])) >= GROUP_ROWS:
                self._write(year)
        while sum(self._bytes.values()) > GATHERED_BYTES:
            self._write(max(self._bytes, key=self._bytes.__getitem__))

    def _write(self, year: int) -> None:
        batches = self._waiting.pop(year)
        del self._bytes[year]
        path = self.folder / f"{PARTITION}={year}" / f"{self.stem}.parquet"
        if year not in self._writers:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writers[year] = pq.ParquetWriter(path, batches[0].schema, compression=COMPRESSION)
        table = pa.Table.from_batches(batches)
        self._writers[year].write_table(table, row_group_size=len(table))
        self.rows[path] = self.rows.get(path, 0) + len(table)


class _Projection:
    def __init__(self, lake: Lake, progress: Progress, *, thorough: bool) -> None:
        self.lake, self.progress, self.thorough = lake, progress, thorough
        try:
            self.old = lake.manifest()
            if thorough and not lake.has_aliases(self.old):
                self.old.spellings, self.old.aliases = "", ""
                (lake.folder / _ALIASES).unlink(missing_ok=True)
        except Refused:
            # Nothing of it can be trusted, and all of it can be made anew.
            self.old = Manifest()
        self.new = Manifest(edition=edition_of(lake.book))
        self.writing = lake.folder / _WRITING
        self.placed: dict[str, Path] = {}
        self.done = self.total = self.facts = self.spools = 0
        self.spool_bytes = SPOOL_BYTES[0]
        self.last_spelling = ledger_extract.spellings()

    def run(self) -> Projected:
        """See ``project``."""
        lake, old, new = self.lake, self.old, self.new
        self._clean()
        to_id, learned_on, link = ledger_extract.last_fact()
        if not ledger_extract.continues(old.link, old.act) or not all(map(self._whole, old.acts)):
            # Another ledger, or a damaged lake: nothing of it can be trusted.
            self.old = old = Manifest()
        new.act = ledger_extract.last_act()
        new.watermark, new.learned_on, new.link = to_id, learned_on, link
        fresh = {
            name
            for name, layout in lake.layouts.items()
            if old.digests.get(name) != layout.digest
            or not all(map(self._whole, [*old.facts.get(name, []), *old.parties.get(name, [])]))
        }
        new.parted, parted = ledger_extract.parted_records(old.parted)
        fresh |= parted & set(lake.layouts)
        new.spellings = self._spellings()
        if not fresh and (old.watermark, old.link, old.act, old.spellings, old.edition) == (
            to_id,
            link,
            new.act,
            new.spellings,
            new.edition,
        ):
            shutil.rmtree(self.writing, ignore_errors=True)
            return Projected(0, to_id + 1, to_id, 0)
        rebuilt = sorted(fresh & set(old.digests))
        spans: dict[str, list[ledger_extract.Span]] = {}
        unknown: set[str] = set()
        start = 0 if fresh else old.watermark
        for span in ledger_extract.spans(start):
            if span.record not in lake.layouts:
                unknown.add(span.record)
            elif span.first <= to_id and (span.record in fresh or span.last > old.watermark):
                spans.setdefault(span.record, []).append(span)
        self.total = sum(len(s) for some in spans.values() for s in some)
        with connect(MEMORY) as connection:
            self.connection = connection
            connection.execute(f"SET temp_directory = {literal(str(self.writing / 'spilled'))}")
            connection.execute("SET preserve_insertion_order = false")
            # How many lines a spool will give is not known, and a guess would make the facts, not the aliases, a join's
            # hash table.
            connection.execute("SET disabled_optimizers = 'build_side_probe_side,join_order'")
            self._aliases()
            self._acts(old.watermark, to_id, spans)
            for name, layout in lake.layouts.items():
                new.digests[name] = layout.digest
                new.made[name] = f"{link}/{new.parted}" if name in fresh else old.made.get(name, "")
                new.facts[name] = [] if name in fresh else list(old.facts.get(name, []))
                new.parties[name] = [] if name in fresh else list(old.parties.get(name, []))
                if spans.get(name):
                    self._record(name, layout, spans[name])
        new.spellings = self._spellings(self.placed.get(_ALIASES))
        new.aliases = _digest(self.placed[_ALIASES]) if _ALIASES in self.placed else old.aliases
        for name, path in self.placed.items():
            (lake.folder / name).parent.mkdir(parents=True, exist_ok=True)
            path.replace(lake.folder / name)
        _write_last(lake.folder / "manifest.json", new.as_json())
        shutil.rmtree(self.writing, ignore_errors=True)
        return Projected(
            self.facts,
            1 if fresh else old.watermark + 1,
            to_id,
            len(set(self.placed) - {_ALIASES}),
            tuple(rebuilt),
            tuple(sorted(unknown)),
        )

    def _spellings(self, path: Path | None = None) -> str:
        """What stands in the manifest where the spellings in a file (the one in the lake) are those of the ledger."""
        path = path or self.lake.folder / _ALIASES
        return f"{self.last_spelling}.{path.stat().st_size if path.is_file() else 0}"

    def _whole(self, file: File) -> bool:
        """Whether a file is there as it was written; a power cut may have cut it short, a failing disk may have changed
        it.
        """
        return self.lake.is_whole(file, thorough=self.thorough)

    def _clean(self) -> None:
        """Remove files that the manifest does not name: those of a killed run, and those that the last run replaced.

        They are removed one run later, so that readers could finish.
        """
        shutil.rmtree(self.writing, ignore_errors=True)
        named = {self.lake.folder / f.path for f in self.old.every_file()}
        for path in self.lake.folder.glob("*/**/*.parquet"):
            if path not in named:
                path.unlink()
        self.writing.mkdir()

    # -- one record ------------------------------------------------------------------------------------------------

    def _record(self, name: str, layout: RecordLayout, spans: list[ledger_extract.Span]) -> None:
        tag = f"{spans[0].first}-{spans[-1].last}"

        def counted() -> Iterator[ledger_extract.Block]:
            for rows, block in ledger_extract.facts(spans):
                yield rows, block
                self.done += rows
                self.progress(name, self.done, self.total)

        def read(source: str, cursor: duckdb.DuckDBPyConnection) -> pa.Table:
            return cursor.sql(layout.select(source, "alias_of")).to_arrow_table()

        partitions = _Partitions(self.writing / name, f"facts-{tag}")
        with partitions:
            for table in self._parsed(layout.keys, counted(), read):
                for batch in table.to_batches():
                    partitions.add(batch)
        added = [
            self._place(path, f"{name}/{path.relative_to(self.writing / name)}", rows)
            for path, rows in partitions.rows.items()
        ]
        self.facts += sum(partitions.rows.values())
        if partitions.further:
            self._further_parties(name, layout, sorted(partitions.further), tag)
        self.new.facts[name] = self._compacted(name, [*self.new.facts[name], *added])

    def _further_parties(self, name: str, layout: RecordLayout, found: Sequence[int], tag: str) -> None:
        """Write the parties beyond the first of a role. Few records have them, so those facts are read a second
        time.
        """
        target = self.writing / "_parties" / name / f"parties-{tag}.parquet"
        target.parent.mkdir(parents=True)
        keys = {"_id": "VARCHAR", "_unit": "VARCHAR", "parties": PARTY_TYPE}

        def read(source: str, cursor: duckdb.DuckDBPyConnection) -> pa.Table:
            return cursor.sql(layout.select_parties(source, "alias_of")).to_arrow_table()

        rows = 0
        with pq.ParquetWriter(
            target,
            pa.schema([("fact_id", pa.int64()), ("role", pa.string()), ("alias_id", pa.int64())]),
            compression=COMPRESSION,
        ) as writer:
            for table in self._parsed(keys, ledger_extract.chosen(found), read):
                writer.write_table(table)
                rows += len(table)
        self.new.parties[name].append(self._place(target, f"_parties/{name}/{target.name}", rows))

    def _parsed(
        self,
        keys: Mapping[str, str],
        blocks: Iterator[ledger_extract.Block],
        read: Callable[[str, duckdb.DuckDBPyConnection], pa.Table],
    ) -> Iterator[pa.Table]:
        """Let DuckDB parse the blocks, a spool of them at a time: ``read`` gets the SQL of a spool's rows.

        This thread owns the ledger's connection and fills the next spool while another drives DuckDB over the last;
        both release the interpreter while they work. (A pipe would need no file, but DuckDB keeps all that it has read
        from one.)
        """
        with ThreadPoolExecutor(1, "lake") as pool:
            running: Future[pa.Table] | None = None
            for path in self._spooled(blocks):
                if running is not None:
                    yield running.result()
                running = pool.submit(self._read, path, keys, read)
            if running is not None:
                yield running.result()

    def _spooled(self, blocks: Iterator[ledger_extract.Block]) -> Iterator[Path]:
        """Write the blocks to files of a bounded size: two by turns, one is filled while the other is read.

        They are written over and not made anew, since fresh pages cost the system more than the bytes themselves.
        """
        block = next(blocks, None)
        while block is not None:
            self.spools += 1
            path = self.writing / f"spool-{self.spools % 2}.ndjson"
            path.touch()
            with path.open("r+b", buffering=0) as file:
                while block is not None and file.tell() < self.spool_bytes:
                    file.write(block[1])
                    block = next(blocks, None)
                file.truncate()
            yield path

    def _read(
        self, path: Path, keys: Mapping[str, str], read: Callable[[str, duckdb.DuckDBPyConnection], pa.Table]
    ) -> pa.Table:
        longest, lenient = LINE_BYTES[0], False
        while True:
            spool = f"{literal(str(path))}, format = 'newline_delimited', maximum_object_size = {longest}"
            columns = ", ".join(f"{literal(key)}: {literal(type_)}" for key, type_ in keys.items())
            source = f"read_json({spool}, columns = {{{columns}}})"
            if lenient:
                # The slower way: as ``read_json``, but what does not fit its type is null.
                shape = ", ".join(f"{quoted(key)} {type_}" for key, type_ in keys.items())
                source = f"(SELECT unnest(TRY_CAST(json AS STRUCT({shape}))) FROM read_json_objects({spool}))"
            try:
                with self.connection.cursor() as cursor:
                    table = read(source, cursor)
            except duckdb.Error as cause:
                if "maximum_object_size" in str(cause) and longest != LINE_BYTES[-1]:
                    longest = LINE_BYTES[-1]
                elif "JSON transform error" in str(cause) and not lenient:
                    # A field had another shape in an earlier edition of the book: its old values don't fit, and are
                    # null.
                    lenient = True
                else:
                    raise
            else:
                return table

    def _place(self, path: Path, name: str, rows: int) -> File:
        """Note a file that is to stand under this name once everything is written."""
        self.placed[name] = path
        return File(name, rows, path.stat().st_size, _digest(path))

    def _compacted(self, name: str, files: list[File]) -> list[File]:
        """Merge the small files of a year's partition where there are many: each costs an opening at every question."""
        kept: list[File] = []
        partitions: dict[str, list[File]] = {}
        for file in files:
            partitions.setdefault(str(Path(file.path).parent), []).append(file)
        for folder, some in partitions.items():
            small = [f for f in some if f.rows < SMALL_ROWS]
            if len(small) <= SMALL_FILES:
                kept += some
                continue
            paths = [self.placed.get(f.path, self.lake.folder / f.path) for f in small]
            ids = [int(n) for f in small for n in Path(f.path).stem.split("_")[0].split("-")[1:]]
            target = self.writing / folder / f"facts-{min(ids)}-{max(ids)}_merged.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            self.connection.execute(
                f"COPY (SELECT * FROM read_parquet([{', '.join(literal(str(p)) for p in paths)}], hive_partitioning = "
                f"false)) TO {literal(str(target))} ({PARQUET})"
            )
            for file in small:
                self.placed.pop(file.path, None)
            kept += [f for f in some if f.rows >= SMALL_ROWS]
            kept.append(self._place(target, f"{folder}/{target.name}", sum(f.rows for f in small)))
        return kept

    # -- what is common to all records -------------------------------------------------------------------------------

    def _aliases(self) -> None:
        # Loaded whole, since facts are linked to aliases by spelling here and not by a scan of all parties in the
        # ledger.
        def read(source: str, cursor: duckdb.DuckDBPyConnection) -> pa.Table:
            return cursor.sql(f"SELECT * FROM {source}").to_arrow_table()

        columns = ", ".join(f"{quoted(name)} {type_}" for name, type_ in ALIASES.items())
        self.connection.execute(f"CREATE TABLE alias ({columns})")
        written = self.old.spellings == self.new.spellings
        if written:
            # As they were: read from the lake, and left there.
            kept = literal(str(self.lake.folder / _ALIASES))
            self.connection.execute(
                f"INSERT INTO alias SELECT {', '.join(map(quoted, ALIASES))} FROM read_parquet([{kept}])"
            )
        else:
            for table in self._parsed(ALIASES, ledger_extract.aliases(), read):
                self.connection.register("spoken", table)
                self.connection.execute("INSERT INTO alias FROM spoken")
                self.connection.unregister("spoken")
        count = self.connection.execute("SELECT count(*) FROM alias").fetchall()[0][0]
        _limit(self.connection, MEMORY + MEMORY_PER_ALIAS * count)
        self._alias_of()
        if not written:
            path = self.placed[_ALIASES] = self.writing / _ALIASES
            self.connection.execute(f"COPY (FROM alias ORDER BY alias_id) TO {literal(str(path))} ({PARQUET})")
        self.spool_bytes = max(SPOOL_BYTES[0], min(SPOOL_BYTES[1], SPOOL_PER_ALIAS * count))
        self.connection.execute("DROP TABLE alias")

    def _alias_of(self) -> None:
        """Spelling -> alias; few spellings have parts, and only those are gathered."""
        run = self.connection.execute
        run("CREATE TABLE parted (fact_id BIGINT, alias_id BIGINT)")
        if found := ledger_extract.parted():
            self.connection.executemany("INSERT INTO parted VALUES (?, ?)", found)
        run(f"CREATE TABLE in_parts AS SELECT DISTINCT {ALIAS_SPELLING} AS spelling FROM alias WHERE part IS NOT NULL")
        run(f"CREATE TABLE alias_of AS {ALIAS_OF.format(where=f'{ALIAS_SPELLING} IN (FROM in_parts)')}")
        run(
            f"INSERT INTO alias_of SELECT {ALIAS_SPELLING}, alias_id, NULL, NULL FROM alias "
            f"WHERE {ALIAS_SPELLING} NOT IN (FROM in_parts)"
        )

    def _acts(self, after: int, until: int, spans: Mapping[str, Sequence[ledger_extract.Span]]) -> None:
        rows = ledger_extract.acts(after, until)
        # Standing records are settled by the day they speak of; an event told again is simply told better.
        told_again = {
            name
            for name, layout in self.lake.layouts.items()
            if layout.entry.record.key and layout.entry.record.kind == "event"
        }
        some = [span for name in sorted(told_again & set(spans)) for span in spans[name] if span.first > after]
        rows += [row for batch in ledger_extract.replacements(some) for row in batch]
        self.new.acts = list(self.old.acts)
        self.new.acted_on = dict(self.old.acted_on)
        if not rows:
            return
        for _, _, record, _, _ in rows:
            self.new.acted_on[record] = self.new.acted_on.get(record, 0) + 1
        path = self.writing / "_acts" / f"acts-{after + 1}-{until}.parquet"
        path.parent.mkdir()
        table = pa.table(dict(zip(ACTS, map(list, zip(*rows, strict=True)), strict=True)))
        self.connection.register("acted", table)
        casts = ", ".join(f"CAST({quoted(n)} AS {t}) AS {quoted(n)}" for n, t in ACTS.items())
        self.connection.execute(f"COPY (SELECT {casts} FROM acted) TO {literal(str(path))} ({PARQUET})")
        self.connection.unregister("acted")
        self.new.acts.append(self._place(path, f"_acts/{path.name}", len(rows)))


def _write_last(path: Path, text: str) -> None:
    """Replace a file by a whole new one: at every moment there is the old or the new one."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
