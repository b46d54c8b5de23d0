"""The lake read by Spark (extra ``spark``): the same expressions over the same Parquet files, on as many machines as
there are.

``SparkLake`` is a lake whose large questions (indicators, ratings, series of warnings) are answered by Spark; what a
page asks of it in passing DuckDB still answers. ``session`` begins Spark on this machine; a cluster's session is handed
over as it is. The folder of the lake must be under the same name on every machine.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import ibis
import pyarrow as pa

from zhiheng.analytics import refusals
from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.layout import ACTS, ALIASES, PARTIES, PARTITION
from zhiheng.analytics.reader import Engine, LakeAnswer, LakeReader, ibis_type, name_of
from zhiheng.kernel.reasons import Refused

# Spark reads no file whose name begins with a bar: the spellings have a second name for it, a link to the same bytes.
_SPELLINGS, _LINKED = "_aliases.parquet", "aliases.parquet"
# Days are days, and a number too large for its column stops the question instead of being shortened.
_SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def missing() -> str:
    """What is missing for Spark on this machine: ``pyspark``, ``java``; nothing where it can run."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark"
    return "" if _java() is not None else "java"


def _java() -> Path | None:
    """The home of the Java on this machine."""
    if home := os.environ.get("JAVA_HOME"):
        return Path(home)
    found = shutil.which("java")
    return Path(found).resolve().parent.parent if found else None


def session(*, processors: int = 2, memory: str = "1g", settings: Mapping[str, str] | None = None) -> Any:
    """A Spark session on this machine. Raises Refused where PySpark or Java is missing."""
    if what := missing():
        raise Refused(refusals.no_spark(what))
    os.environ["JAVA_HOME"] = str(_java())
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # Whatever else is called Python on this machine: the detectors need this one.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = importlib.import_module("pyspark.sql").SparkSession.builder.master(f"local[{processors}]")
    said = {
        "spark.app.name": "zhiheng",
        "spark.driver.memory": memory,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(processors),
        "spark.log.level": "ERROR",
        **(settings or {}),
    }
    for name, value in said.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@dataclass(frozen=True)
class SparkLake(Lake):
    """A lake that Spark reads; ``spark``: its session."""

    spark: Any = field(kw_only=True, compare=False)
    engine: ClassVar[Engine] = "pyspark"

    def reading(self, manifest: Manifest, records: Sequence[str]) -> LakeReader:
        """See ``Lake``."""
        reader = SparkReader(self.spark.newSession())
        for name in records:
            self.show(reader, manifest, name)
        reader.files("_acts", [self.folder / f.path for f in manifest.acts], ACTS)
        reader.files("_aliases", self._spellings(), ALIASES)
        return reader

    def show(self, reader: LakeReader, manifest: Manifest, record: str) -> None:
        """See ``Lake``."""
        assert isinstance(reader, SparkReader)
        layout, files = self.checked(manifest, record)
        columns = {**layout.columns, PARTITION: "BIGINT"}
        reader.files(record, [self.folder / f.path for f in files], columns, self.folder / record)
        further = manifest.parties.get(record, [])
        reader.files(f"{record}/parties", [self.folder / f.path for f in further], PARTIES)

    def _spellings(self) -> list[Path]:
        there, linked = self.folder / _SPELLINGS, self.folder / _LINKED
        if not there.is_file():
            return []
        if not (linked.is_file() and linked.samefile(there)):
            beside = self.folder / f"{_LINKED}.{os.getpid()}"
            beside.unlink(missing_ok=True)
            os.link(there, beside)
            beside.replace(linked)
        return [linked]


class SparkReader:
    """A session of Spark with views of its own over the files of a lake."""

    engine: ClassVar[Engine] = "pyspark"

    def __init__(self, spark: Any) -> None:
        self.spark = spark
        self._shown: set[str] = set()
        for name, value in _SETTINGS.items():
            spark.conf.set(name, value)

    def files(self, name: str, paths: Sequence[Path], columns: Mapping[str, str], base: Path | None = None) -> None:
        """Show Parquet files under a name; ``base``: the folder above the folders of their years."""
        schema = _schema(columns)
        if paths:
            read = self.spark.read.schema(schema)
            read = read.option("basePath", str(base)) if base is not None else read
            found = read.parquet(*map(str, paths)).select(*(f"`{column}`" for column in columns))
        else:
            found = self.spark.createDataFrame([], schema)
        self._named(name, found)

    def _named(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(name_of(name, "pyspark"))
        self._shown.add(name)

    def show(self, name: str, table: pa.Table) -> None:
        """See ``LakeReader``."""
        self._named(name, self.spark.createDataFrame(table))

    def view(self, name: str, sql: str) -> None:
        """See ``LakeReader``."""
        self._named(name, self.spark.sql(sql))

    def keep(self, name: str, sql: str) -> None:
        """See ``LakeReader``."""
        self._named(name, self.spark.sql(sql).cache())

    def answer(self, sql: str) -> LakeAnswer:
        """See ``LakeReader``."""
        found = self.spark.sql(sql)
        return LakeAnswer(tuple(found.columns), [tuple(row) for row in found.collect()])

    def arrow(self, sql: str) -> pa.Table:
        """See ``LakeReader``."""
        return self.spark.sql(sql).toArrow()

    def close(self) -> None:
        """See ``LakeReader``."""
        for name in self._shown:
            self.spark.catalog.dropTempView(name)


def _schema(columns: Mapping[str, str]) -> Any:
    """The columns of a lake's table as Spark's schema."""
    types = importlib.import_module("ibis.backends.pyspark.datatypes")
    return types.PySparkSchema.from_ibis(ibis.schema({name: ibis_type(kind) for name, kind in columns.items()}))
