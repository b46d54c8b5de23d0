"""Does the lake say what the ledger says? A second lake is made from the ledger beside it, and their rows are compared.

The manifest says which bytes were written. Whoever changes a file and the manifest with it is found only by the rows
themselves. Rows are compared record by record, and what does not fit into the memory that DuckDB is given goes to the
disk; the second lake takes as much room there as the first.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from zhiheng.analytics import ledger_extract
from zhiheng.analytics.lake import MEMORY, File, Lake, connect, project
from zhiheng.analytics.layout import ACTS, ALIASES, PARTIES, literal, quoted
from zhiheng.kernel.progress import Progress, quiet

# So many facts of a record are named.
_NAMED = 20


@dataclass(frozen=True)
class LakeDifference:
    """What of the lake (a record, or a part beside the records) does not say what the ledger does: how many rows, and
    the numbers of the first of them.
    """

    part: str
    rows: int
    numbers: tuple[int, ...]


class LakeNotMade(ValueError):
    """The ledger has a row of which no lake can be made: it was changed."""


@contextmanager
def lake_made_anew(lake: Lake, beside: Path, progress: Progress = quiet) -> Iterator[Lake]:
    """A second lake out of the ledger, in a folder of its own below ``beside`` that is removed afterwards. Raises
    LakeNotMade.
    """
    folder = Path(tempfile.mkdtemp(prefix=".verifying-", dir=beside))
    try:
        fresh = Lake(folder / "lake", lake.book)
        try:
            project(fresh, progress=progress)
        except duckdb.Error as cause:
            raise LakeNotMade(type(cause).__name__) from cause
        yield fresh
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def differences(lake: Lake, fresh: Lake) -> Iterator[LakeDifference]:
    """Where the lake differs from one that was just made, up to the last fact that it has.

    Left out is what the next projection makes anew anyway: records whose columns are another edition's, the parties of
    facts where a spelling was split since, names that came in since. Raises Refused where the manifest can't be read.
    """
    old, new = lake.manifest(), fresh.manifest()
    if not old.link:
        return
    until = f"fact_id <= {int(old.watermark)}"
    split_since = old.parted != new.parted
    with connect(MEMORY) as connection:
        connection.execute(f"SET temp_directory = {literal(str(fresh.folder / '.spilled'))}")
        compare = _Compare(connection, lake.folder, fresh.folder)
        for name, layout in lake.layouts.items():
            if old.digests.get(name) != layout.digest:
                continue
            columns = {
                name: kind
                for name, kind in layout.columns.items()
                if not (split_since and name in layout.roles.values())
            }
            yield from compare.of(name, columns, old.facts.get(name, ()), new.facts.get(name, ()), until)
            if not split_since:
                parties = (old.parties.get(name, ()), new.parties.get(name, ()))
                yield from compare.of(f"{name}/parties", PARTIES, *parties, until)
        yield from compare.of("acts", ACTS, old.acts, new.acts, until)
        if old.spellings.split(".")[:-1] == ledger_extract.spellings().split(".") and old.aliases:
            names = [File("_aliases.parquet", 0, 0, "")]
            yield from compare.of("aliases", ALIASES, names, names, "true", key="alias_id")


@dataclass(frozen=True)
class _Compare:
    connection: duckdb.DuckDBPyConnection
    one: Path
    other: Path

    def of(
        self,
        part: str,
        columns: Mapping[str, str],
        ours: Sequence[File],
        wanted: Sequence[File],
        where: str,
        key: str = "fact_id",
    ) -> Iterator[LakeDifference]:
        """The rows that stand on one side only, each side read as a bag of rows."""
        sides = [_rows(self.one, ours, columns, where), _rows(self.other, wanted, columns, where)]
        try:
            rows, numbers = self.connection.execute(
                f"SELECT count(*), list(DISTINCT {key} ORDER BY {key}) FROM ((({sides[0]}) EXCEPT ALL ({sides[1]})) "
                f"UNION ALL (({sides[1]}) EXCEPT ALL ({sides[0]}))) AS differing"
            ).fetchall()[0]
        except duckdb.Error:
            # A file that is gone, cut short, or has other columns by now.
            yield LakeDifference(part, 0, ())
            return
        if rows:
            yield LakeDifference(part, rows, tuple((numbers or [])[:_NAMED]))


def _rows(folder: Path, files: Sequence[File], columns: Mapping[str, str], where: str) -> str:
    named = ", ".join(map(quoted, columns))
    if not files:
        return f"SELECT {', '.join(f'NULL::{kind} AS {quoted(name)}' for name, kind in columns.items())} WHERE false"
    paths = ", ".join(literal(str(folder / file.path)) for file in files)
    return f"SELECT {named} FROM read_parquet([{paths}], hive_partitioning = false) WHERE {where}"
