"""Receiving beside the tools that do a part of it: the same CSV, microseconds of processor a row, the least of the
turns.

Each peer reads the file, and writes what it makes of it into an SQLite file of its own:

``by_hand``      pydantic checks each row; canonical JSON, SHA-256, a unique key by BLAKE2b, links by exact name, a Merkle root
``frictionless`` validates against a schema, then writes the table
``sqlite_utils`` ``insert --csv`` with detection of types
``csvsql``       csvkit's csvsql, without looking for types
``statements``   FollowTheMoney: an entity a row and party, its statements written one by one

None of them knows enterprises again, reads units and limits, or tells a refusal by cell in words. They stand in an
environment of their own, which this project does not need:

    python -m venv PEERS && PEERS/bin/pip install --require-hashes -r requirements-peers.txt
    python -m bench.peers --python PEERS/bin/python [--scale small|full]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import sampling_rows
from bench.claims import claim
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT

# Rows, enterprises, turns.
SCALES = {"small": (20_000, 3_000, 2), "full": (100_000, 10_000, 3)}


def by_hand(path: Path, folder: Path) -> None:
    """What somebody writes who needs such a ledger for one table and has no such platform."""
    import datetime as dt
    import sqlite3
    from hashlib import blake2b, sha256
    from typing import Literal

    import orjson
    from pydantic import BaseModel, Field, field_validator

    class Row(BaseModel):
        product: str = Field(min_length=1)
        category: str
        producer: str = Field(min_length=1)
        supplier: str
        made_on: dt.date
        batch: str
        item: str
        unit: str
        result: str
        limit: str
        verdict: Literal["合格", "不合格"]
        told_by: str
        told_on: dt.date

        @field_validator("producer", "supplier", "product")
        @classmethod
        def tidy(cls, text: str) -> str:
            return " ".join(text.split())

    names = (
        "product",
        "category",
        "producer",
        "supplier",
        "made_on",
        "batch",
        "item",
        "unit",
        "result",
        "limit",
        "verdict",
        "told_by",
        "told_on",
    )
    picks = (2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15)
    connection = sqlite3.connect(folder / "by_hand.sqlite3")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(
        "CREATE TABLE fact (id INTEGER PRIMARY KEY, key INTEGER UNIQUE, leaf BLOB, body TEXT, row TEXT, told_on TEXT)"
    )
    connection.execute("CREATE TABLE subject (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
    connection.execute(
        "CREATE TABLE link (subject INTEGER, fact INTEGER, role TEXT, PRIMARY KEY (subject, fact, role)) WITHOUT ROWID"
    )
    subjects: dict[str, int] = {}
    leaves: list[bytes] = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        facts, links = [], []
        for number, cells in enumerate(reader, start=1):
            row = Row(**dict(zip(names, (cells[pick] for pick in picks), strict=True)))
            body = orjson.dumps(row.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
            text = orjson.dumps(cells)
            leaf = sha256(b"\0" + body + b"\n" + text).digest()
            leaves.append(leaf)
            key = int.from_bytes(blake2b(body, digest_size=8).digest(), "big") >> 1
            facts.append((number, key, leaf, body.decode(), text.decode(), str(row.told_on)))
            for name, role in ((row.producer, "producer"), (row.supplier, "supplier")):
                links.append((subjects.setdefault(name, len(subjects) + 1), number, role))
    connection.executemany("INSERT OR IGNORE INTO fact VALUES (?, ?, ?, ?, ?, ?)", facts)
    connection.executemany("INSERT INTO subject VALUES (?, ?)", [(at, name) for name, at in subjects.items()])
    connection.executemany("INSERT OR IGNORE INTO link VALUES (?, ?, ?)", sorted(links))
    while len(leaves) > 1:
        above = [sha256(b"\1" + a + b).digest() for a, b in zip(leaves[0::2], leaves[1::2], strict=False)]
        leaves = above + leaves[len(leaves) & ~1 :]
    connection.commit()


def frictionless(path: Path, folder: Path) -> None:
    """Frictionless: a report on every row, then the table in a database."""
    from frictionless import Resource, Schema, fields, formats

    schema = Schema(
        fields=[
            fields.DateField(name=name)
            if name in ("生产日期", "发布日期")
            else fields.StringField(name=name, constraints={"enum": ["合格", "不合格"]} if name == "判定" else {})
            for name in sampling_rows.HEADINGS
        ]
    )
    resource = Resource(path=path.name, basepath=str(path.parent), schema=schema)
    assert resource.validate().valid
    resource = Resource(path=path.name, basepath=str(path.parent), schema=schema)
    resource.write(f"sqlite:///{folder}/frictionless.sqlite3", control=formats.SqlControl(table="rows"))


def sqlite_utils(path: Path, folder: Path) -> None:
    """The command of sqlite-utils that its manual shows for a CSV file."""
    from sqlite_utils.cli import cli

    cli(["insert", str(folder / "sqlite_utils.db"), "rows", str(path), "--csv", "--silent"], standalone_mode=False)


def csvsql(path: Path, folder: Path) -> None:
    """csvkit's csvsql, spared from looking for types."""
    from csvkit.utilities.csvsql import CSVSQL

    CSVSQL(
        ["--no-inference", "--db", f"sqlite:///{folder}/csvsql.sqlite3", "--insert", "--tables", "rows", str(path)]
    ).run()


def statements(path: Path, folder: Path) -> None:
    """FollowTheMoney: companies and what was found of them as entities, kept as statements."""
    import sqlite3

    from followthemoney import model
    from followthemoney.dataset import Dataset
    from followthemoney.statement import StatementEntity

    dataset = Dataset.make({"name": "bench", "title": "bench"})
    assert model is not None
    connection = sqlite3.connect(folder / "statements.sqlite3")
    connection.execute(
        "CREATE TABLE statement (id TEXT PRIMARY KEY, entity TEXT, schema TEXT, prop TEXT, value TEXT, dataset TEXT)"
    )
    rows: list[tuple[Any, ...]] = []

    def write(entity: Any) -> None:
        rows.extend((s.id, s.entity_id, s.schema, s.prop, s.value, s.dataset) for s in entity.statements)

    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for cells in reader:
            firms = []
            for name in (cells[4], cells[5]):
                firm = StatementEntity(dataset, {"schema": "Company", "id": None, "properties": {}})
                firm.id = f"firm-{name.strip()}"
                firm.add("name", name)
                write(firm)
                firms.append(firm.id)
            found = StatementEntity(dataset, {"schema": "Event", "id": None, "properties": {}})
            found.id = f"sample-{cells[7]}"
            for prop, value in (
                ("name", cells[2]),
                ("summary", cells[3]),
                ("date", cells[15]),
                ("recordId", cells[7]),
                ("notes", cells[9]),
                ("description", f"{cells[11]} {cells[10]} {cells[12]} {cells[13]}"),
                ("startDate", cells[6]),
                ("publisher", cells[14]),
                ("involved", firms[0]),
                ("organizer", firms[1]),
            ):
                found.add(prop, value)
            write(found)
            if len(rows) > 20_000:
                connection.executemany("INSERT OR IGNORE INTO statement VALUES (?, ?, ?, ?, ?, ?)", rows)
                rows.clear()
    connection.executemany("INSERT OR IGNORE INTO statement VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.commit()


def ours(path: Path, folder: Path) -> None:
    """Receiving, whole."""
    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.cli.session import now, open_book
    from zhiheng.kernel.actor import SYSTEM

    book = open_book()
    unit = next(u.id for u in book[DISTRICT].units if "food_sampling" in u.records)
    begun = _processor()
    receive(path, call=Call(SYSTEM, book, now()), unit=unit, confirmed=True)
    print(json.dumps({"processor": _processor() - begun}))


# What a peer must do of the work to be compared: at least a third, as docs/reference/benchmarks.md lists it.
PEERS: dict[str, Callable[[Path, Path], None]] = {
    "by_hand": by_hand,
    "frictionless": frictionless,
    "sqlite_utils": sqlite_utils,
    "csvsql": csvsql,
    "statements": statements,
}


def _processor() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _run(side: str, path: Path, python: str) -> float | None:
    """Seconds of processor of one side in a process of its own; None where it can't be run."""
    with tempfile.TemporaryDirectory(prefix="zhiheng-bench-") as folder:
        command = [
            sys.executable if side == "ours" else python,
            "-m",
            "bench.peers",
            "--side",
            side,
            "--file",
            str(path),
            "--folder",
            folder,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{side}: not measured ({(done.stderr.strip().splitlines() or ['no output'])[-1][:150]})")
        return None
    return float(json.loads(done.stdout.splitlines()[-1])["processor"])


def main() -> int:
    """Run all sides in turns and say how many peers are slower."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument(
        "--python", default=os.environ.get("ZHIHENG_PEERS", sys.executable), help="the interpreter that has the peers"
    )
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.side == "ours":
        os.environ["ZHIHENG_DATA"] = str(words.folder)
        from zhiheng.cli.session import set_up

        set_up()
        ours(words.file, words.folder)
        return 0
    if words.side:
        begun = _processor()
        PEERS[words.side](words.file, words.folder)
        print(json.dumps({"processor": _processor() - begun}))
        return 0
    count, firms, turns = SCALES[words.scale]
    with tempfile.TemporaryDirectory(prefix="zhiheng-bench-") as home:
        path = sampling_rows.write(Path(home) / "rows.csv", count, firms=firms)
        told: dict[str, list[float]] = {side: [] for side in ("ours", *PEERS)}
        for _ in range(turns):
            for side in list(told):
                if (seconds := _run(side, path, words.python)) is None:
                    del told[side]
                else:
                    told[side].append(seconds)
    least = {side: min(turns_of) / count * 1e6 for side, turns_of in told.items()}
    print(f"{count:,} rows, {firms:,} enterprises, {turns} turns, microseconds of processor a row")
    for side, took in sorted(least.items(), key=lambda each: each[1]):
        print(f"{side:14}{took:8.1f}{took / least['ours']:8.2f}x of ours")
    missing = [side for side in PEERS if side not in least]
    if missing:
        print(f"not measured: {', '.join(missing)}")
    worst = max((least["ours"] / took for side, took in least.items() if side != "ours"), default=float("inf"))
    return claim(worst, 1.0, "x of the quickest peer") | bool(missing)


if __name__ == "__main__":
    raise SystemExit(main())
