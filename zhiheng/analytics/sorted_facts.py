"""Columns of the lake's facts in another order: by the spelling that they name, and by the thing that they speak of.

The lake lies in the order of receiving, so whoever asks for a thousand enterprises out of a million reads all of it.
Here lies beside it, of the columns that ratings read, each fact once for each party that it names, sorted by ``key``
(``party``: the number of the spelling, which stays whoever it stands for; ``thing``: what the statement speaks of). A
question reads the batches of ``BATCH`` rows in which its keys lie and no others.

``<record>/party-<first>-<last>.arrow``   batches of rows, and beside them ``….npy``: the key that each begins with
``state.json``                            what counts; written last, by renaming

What is new is added as a small piece. Eight pieces of one size are merged, so a row is written again once for each
eightfold growth. Everything can be deleted and is made again from the lake; of a record that the lake has made anew,
or of which other columns are asked, all is made anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyarrow import ipc
from pydantic import TypeAdapter

from zhiheng.analytics.lake import Lake, Manifest, connect
from zhiheng.analytics.layout import literal, quoted
from zhiheng.engines.rating import RecordRead

KEY = "key"
PARTY, THING = "party", "thing"
# Rows that are read at least to look at one key.
BATCH = 1_024
# So many pieces of one order of magnitude (``_size``) are merged into one.
MERGED = 8
# Bytes that sorting may take; more is laid aside on the disk.
MEMORY = 2_000_000_000
# lz4 takes twice the room of zstd and a third of the time to read single batches, and threads cost more than they save.
_WRITTEN, _READ = ipc.IpcWriteOptions(compression="lz4"), ipc.IpcReadOptions(use_threads=False)
# Rows that are handed over from sorting at a time.
_HANDED = 128 * BATCH


class SortedFactsUnreadable(ValueError):
    """A piece is not as it was written."""


@dataclass(frozen=True)
class Piece:
    """A sorted file: of which facts (numbers, both included), how many rows and bytes."""

    file: str
    first: int
    last: int
    rows: int
    bytes: int


@dataclass
class SortedRecord:
    """What there is of a record: of which columns, up to which fact and which state of the ledger
    (``Manifest.follows``), of which making of the lake; ``pieces``: order (``party``, ``thing``) -> files.
    """

    made: str = ""
    digest: str = ""
    columns: list[str] = field(default_factory=list)
    parties: list[str] = field(default_factory=list)
    until: int = 0
    link: str = ""
    act: str = ""
    pieces: dict[str, list[Piece]] = field(default_factory=dict)


_STATE = TypeAdapter(dict[str, SortedRecord])


@dataclass(frozen=True)
class SortedFacts:
    """A folder of sorted facts. One process at a time may let it ``follow``; any number may read meanwhile."""

    folder: Path

    def state(self) -> dict[str, SortedRecord]:
        """Record -> what there is of it; nothing where the state can't be read."""
        try:
            return _STATE.validate_json((self.folder / "state.json").read_bytes())
        except (FileNotFoundError, ValueError):
            return {}

    def follow(self, lake: Lake, wanted: Mapping[str, RecordRead]) -> None:
        """Bring the records up to the lake: what is new of each is added, what can't be added to is made anew."""
        manifest, old = lake.manifest(), self.state()
        new = {record: self._begun(lake, manifest, record, read, old) for record, read in wanted.items()}
        behind = [record for record, one in new.items() if one.until < manifest.watermark]
        if not behind and new.keys() == old.keys():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with connect(MEMORY) as connection:
            connection.execute(f"SET temp_directory = {literal(str(self.folder / '.spilled'))}")
            for record in behind:
                lake.view(connection, manifest, record)
                one = new[record]
                for order in one.pieces:
                    rows = _rows_of(record, one, order, f"fact_id > {one.until} AND fact_id <= {manifest.watermark}")
                    self._add(connection, record, one.pieces[order], order, rows, one.until + 1, manifest.watermark)
                one.until, one.link, one.act = manifest.watermark, manifest.link, manifest.act
        beside = self.folder / "state.new"
        beside.write_bytes(_STATE.dump_json(new))
        beside.replace(self.folder / "state.json")
        self._clean([*old.values(), *new.values()])

    def reading(self, lake: Lake, manifest: Manifest, wanted: Mapping[str, RecordRead]) -> SortedReader | None:
        """What answers for facts of the lake as it is; None where not all that is wanted is here, or not up to now."""
        state = self.state()
        for record, read in wanted.items():
            one = state.get(record)
            if one is None or one.until != manifest.watermark or not self._stands(lake, manifest, record, read, one):
                return None
        return SortedReader(self.folder, {record: state[record] for record in wanted})

    def forget(self) -> None:
        """Let everything be made anew the next time."""
        (self.folder / "state.json").unlink(missing_ok=True)

    def differing(self, lake: Lake) -> Iterator[str]:
        """The records of which something else stands here than in the lake. Reads both whole; what ``follow`` would
        make anew is left out. Raises Refused where the lake can't be read.
        """
        manifest = lake.manifest()
        for record, one in self.state().items():
            layout = lake.layouts.get(record)
            if layout is None or not self._of_this_lake(lake, manifest, record, one):
                continue
            if not all(lake.is_whole(file, thorough=False) for file in manifest.facts.get(record, [])):
                # The lake makes the record anew, and what is sorted is made anew with it.
                continue
            if not all(map(self._whole, _every(one))):
                yield record
                continue
            with connect(MEMORY) as connection:
                connection.execute(f"SET temp_directory = {literal(str(self.folder / '.spilled'))}")
                lake.view(connection, manifest, record)
                for order, pieces in one.pieces.items():
                    rows = _rows_of(record, one, order, f"fact_id <= {one.until}")
                    ours = self._shown(connection, pieces) if pieces else f"SELECT * FROM ({rows}) WHERE false"
                    try:
                        said = [_bag(connection, sql, [KEY, *one.columns]) for sql in (rows, ours)]
                    except (duckdb.Error, OSError, ValueError):
                        said = [(), (0,)]
                    if said[0] != said[1]:
                        yield record
                        break

    def _begun(
        self, lake: Lake, manifest: Manifest, record: str, read: RecordRead, old: Mapping[str, SortedRecord]
    ) -> SortedRecord:
        one = old.get(record)
        if one is not None and one.until <= manifest.watermark and self._stands(lake, manifest, record, read, one):
            return replace(one, pieces={order: [*pieces] for order, pieces in one.pieces.items()})
        orders = (PARTY, THING) if read.things else (PARTY,)
        return SortedRecord(
            manifest.made.get(record, ""),
            lake.layouts[record].digest,
            sorted(read.columns),
            sorted(read.parties),
            pieces={order: [] for order in orders},
        )

    def _stands(self, lake: Lake, manifest: Manifest, record: str, read: RecordRead, one: SortedRecord) -> bool:
        return (
            self._of_this_lake(lake, manifest, record, one)
            and read.columns <= {*one.columns}
            and read.parties <= {*one.parties}
            and (THING in one.pieces or not read.things)
            and all(map(self._whole, _every(one)))
        )

    def _of_this_lake(self, lake: Lake, manifest: Manifest, record: str, one: SortedRecord) -> bool:
        """Whether the lake went on from that of which a record was sorted, in the columns that the book has now."""
        made = (one.made, one.digest) == (manifest.made.get(record, ""), lake.layouts[record].digest)
        return made and (not one.until or manifest.follows(one.link, one.act))

    def _whole(self, piece: Piece) -> bool:
        path = self.folder / piece.file
        return path.is_file() and path.stat().st_size == piece.bytes and _begins(path).is_file()

    # -- pieces --------------------------------------------------------------------------------------------------------

    def _add(
        self,
        connection: duckdb.DuckDBPyConnection,
        record: str,
        pieces: list[Piece],
        order: str,
        rows: str,
        first: int,
        last: int,
    ) -> None:
        """Add a piece to some, and merge those of one size where they have become many."""
        if (piece := self._written(connection, record, order, rows, first, last)) is None:
            return
        pieces.append(piece)
        while together := _many_of_one_size(pieces):
            firsts, lasts = [one.first for one in together], [one.last for one in together]
            shown = self._shown(connection, together)
            merged = self._written(connection, record, order, shown, min(firsts), max(lasts))
            assert merged is not None
            pieces[:] = [*(one for one in pieces if one not in together), merged]

    def _written(
        self, connection: duckdb.DuckDBPyConnection, record: str, order: str, rows: str, first: int, last: int
    ) -> Piece | None:
        """A sorted file of some rows; None where there are none."""
        (self.folder / record).mkdir(exist_ok=True)
        writing = self.folder / record / f"{order}.writing"
        begins: list[int] = []
        reader = connection.sql(f"SELECT * FROM ({rows}) ORDER BY {KEY}, fact_id").to_arrow_reader(_HANDED)
        number = 0
        with ipc.new_file(writing, reader.schema, options=_WRITTEN) as file:
            for handed in reader:
                number += len(handed)
                for at in range(0, len(handed), BATCH):
                    batch = handed.slice(at, BATCH)
                    begins.append(batch.column(0)[0].as_py())
                    file.write_batch(batch)
        if not number:
            writing.unlink()
            return None
        # A merged piece has more rows than those that it is made of, so no name is written over.
        path = self.folder / record / f"{order}-{first}-{last}-{number}.arrow"
        with _begins(path).open("wb") as beside:
            np.save(beside, np.array(begins, np.int64))
        writing.replace(path)
        return Piece(str(path.relative_to(self.folder)), first, last, number, path.stat().st_size)

    def _shown(self, connection: duckdb.DuckDBPyConnection, pieces: Sequence[Piece]) -> str:
        """SQL of the rows of some pieces."""
        paths = [str(self.folder / piece.file) for piece in pieces]
        connection.register("_pieces", ds.dataset(paths, format="ipc"))
        return "SELECT * FROM _pieces"

    def _clean(self, states: Sequence[SortedRecord]) -> None:
        """Remove files that neither what counts now nor what counted before names: readers of that may be at work."""
        named = {self.folder / piece.file for one in states for piece in _every(one)}
        named |= {_begins(path) for path in named}
        for path in self.folder.glob("*/*"):
            if path not in named:
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class SortedReader:
    """Reads sorted facts as they stand."""

    folder: Path
    records: Mapping[str, SortedRecord]

    def naming(self, record: str, aliases: npt.NDArray[np.int64]) -> pa.Table | None:
        """The facts that name one of some spellings and, where things count, whatever else is said of their things: a
        fact may come several times. None where there is none.
        """
        found = self._found(record, PARTY, aliases)
        if THING in self.records[record].pieces:
            things = pa.chunked_array([table["thing"] for table in found], pa.int64()).unique().drop_null()
            found += self._found(record, THING, np.sort(things.to_numpy()))
        return pa.concat_tables(found) if found else None

    def of_things(self, record: str, things: npt.NDArray[np.int64]) -> pa.Table | None:
        """The facts that speak of some things (sorted, each once). None where there is none."""
        found = self._found(record, THING, things)
        return pa.concat_tables(found) if found else None

    def _found(self, record: str, order: str, keys: npt.NDArray[np.int64]) -> list[pa.Table]:
        """The rows of some keys (sorted, each once)."""
        one, wanted = self.records[record], pa.array(keys)
        found: list[pa.Table] = []
        for piece in one.pieces[order] if len(keys) else ():
            path = self.folder / piece.file
            try:
                places = _places(np.load(_begins(path)), keys)
                with pa.memory_map(str(path)) as source, ipc.open_file(source, options=_READ) as file:
                    for at in range(0, len(places), _TOGETHER):
                        table = pa.Table.from_batches([file.get_batch(int(n)) for n in places[at : at + _TOGETHER]])
                        found.append(table.filter(pc.is_in(table[KEY], wanted)).select(one.columns))
            except (OSError, ValueError, KeyError) as cause:
                # Arrow's own errors are of these kinds.
                raise SortedFactsUnreadable(piece.file) from cause
        return found


# Batches that are looked through at a time.
_TOGETHER = 128


def _places(begins: npt.NDArray[np.int64], keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The batches in which rows of some keys may lie; ``begins``: the key that each batch begins with."""
    # A key may begin in the batch before the one that it is the first of.
    first = np.maximum(np.searchsorted(begins, keys, "left") - 1, 0)
    after = np.maximum(np.searchsorted(begins, keys, "right"), first + 1)
    steps = np.zeros(len(begins) + 1, np.int64)
    np.add.at(steps, first, 1)
    np.add.at(steps, after, -1)
    return np.flatnonzero(np.cumsum(steps)[:-1])


def _begins(path: Path) -> Path:
    return path.with_suffix(".npy")


def _every(one: SortedRecord) -> Iterator[Piece]:
    for pieces in one.pieces.values():
        yield from pieces


def _size(rows: int) -> int:
    """The order of magnitude of a number of rows: eightfold is the next."""
    return (rows.bit_length() - 1) // 3


def _many_of_one_size(pieces: Sequence[Piece]) -> list[Piece]:
    sizes = [_size(piece.rows) for piece in pieces]
    many = min((size for size in sizes if sizes.count(size) >= MERGED), default=None)
    return [piece for piece, size in zip(pieces, sizes, strict=True) if size == many]


def _rows_of(record: str, one: SortedRecord, order: str, where: str) -> str:
    """SQL over the views of a record: its facts with what they are sorted by."""
    columns = ", ".join(map(quoted, one.columns))
    facts = f"(SELECT {columns} FROM {quoted(record)} WHERE {where})"
    if order == THING:
        return f"SELECT thing AS {KEY}, {columns} FROM {facts} WHERE thing IS NOT NULL"
    said = [
        f"SELECT {quoted(party)} AS {KEY}, {columns} FROM {facts} WHERE {quoted(party)} IS NOT NULL"
        for party in one.parties
    ]
    further = f"(SELECT fact_id AS party_fact, alias_id AS {KEY} FROM {quoted(f'{record}/parties')} WHERE {where})"
    said.append(f"SELECT {KEY}, {columns} FROM {facts} JOIN {further} ON fact_id = party_fact")
    return " UNION ALL ".join(said)


def _bag(connection: duckdb.DuckDBPyConnection, rows: str, columns: Sequence[str]) -> tuple[object, ...]:
    """How many rows there are, and a digest of them that their order does not matter to."""
    each = f"hash({', '.join(map(quoted, columns))})"
    (found,) = connection.execute(f"SELECT count(*), bit_xor({each}), sum({each}::HUGEINT) FROM ({rows})").fetchall()
    return tuple(found)
