"""An installation that is broken again and again: made once, copied for every trial, its processes told what is to fail."""

from __future__ import annotations

import os
import shutil
import signal
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from bench.reliability.failing_calls import NEVER, Control, Failed, Fault, library
from tests.places import ROOT, Installation
from tests.tables_once import drop_database, make_database, tables
from tests.warm import Nursery

# The code of the acts and the book are read once, by the process that all others are forked from.
_READS: Final = "import bench.reliability.acts as acts; acts.read_all()"
_PROGRAM: Final = "from bench.reliability.acts import run; run()"
# Rows that tell of tries, not of what was done: a second try may leave one more, for the act or for the look before it.
MORE: Final = {
    # Who presses 'Receive again' is noted, and puts a second task in the queue.
    "hand_in": {"people_trailline", "django_tasks_database_dbtaskresult"},
    "refresh": {"ledger_auditline"},
    "log": {"ledger_logleaf", "ledger_logcheckpoint"},
}
# Checks that say that something waits to be done: it does, once an act was broken off on a day long past.
_WAITING: Final = frozenset({"upload_waits_for_long", "document_not_made_for_long"})


@dataclass(frozen=True)
class Look:
    """What is there: findings of verifying, checks that found something (worse than a hint), rows by table."""

    verify: tuple[str, ...]
    checks: tuple[str, ...]
    rows: Mapping[str, int]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Look:
        """Out of the JSON of ``acts.look``."""
        return cls(tuple(told["verify"]), tuple(told["checks"]), told["rows"])


@dataclass(frozen=True)
class Ended:
    """How a process ended, what it said, and what became of the calls."""

    status: int
    said: str
    complained: str
    calls: Failed

    @property
    def killed(self) -> bool:
        """Whether it was killed at the call, or a child of it (``pg_dump``, the reader of a workbook) was."""
        return self.status == -signal.SIGKILL or self.calls.failed > 0


class Place:
    """The installation of a series of trials. ``reset`` brings it back to what the acts start from."""

    def __init__(self, folder: Path, control: Control, installation: Installation, database: str) -> None:
        self.folder, self.control, self._installation, self._database = folder, control, installation, database
        self._standing = folder.with_name("standing")

    def reset(self) -> None:
        """Begin anew: as after ``acts.begin``. No process of the place may still run."""
        shutil.rmtree(self.folder)
        shutil.copytree(self._standing, self.folder)
        if self._database:
            _copy_database(f"{self._database}_standing", self._database)

    def keep(self) -> None:
        """Let what is there now be what trials start from."""
        shutil.rmtree(self._standing, ignore_errors=True)
        shutil.copytree(self.folder, self._standing)
        if self._database:
            _copy_database(self._database, f"{self._database}_standing")

    def run(self, *words: str, at: int = NEVER, fault: Fault = "broken") -> Ended:
        """Run a command of ``acts`` in which the call of a number fails; by default none."""
        self.control.arm(at, fault)
        try:
            done = self._installation.start("-c", _PROGRAM, *words)
            said, complained = done.communicate(timeout=900)
        finally:
            calls = self.control.disarm()
        return Ended(done.returncode, said, complained, calls)

    def look(self) -> Look:
        """What is there."""
        done = self.run("look")
        if done.status:
            raise RuntimeError(done.complained)
        return Look.of(orjson.loads(done.said))

    def again(self, act: str) -> tuple[Look, Look, str]:
        """What is there, what is there after the act was done once more, and what that complained of; both looks are
        of what is there where it could not be looked at afterwards.
        """
        done = self.run("again", act)
        if done.status:
            return self.look(), self.look(), done.complained or str(done.status)
        before, after = orjson.loads(done.said.splitlines()[-1])
        return Look.of(before), Look.of(after), ""


def _copy_database(source: str, target: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        # A killed process is gone before the server has noticed.
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (source,))
        server.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


@contextmanager
def place(home: Path, *, undisturbed: bool = False) -> Iterator[Place]:
    """A place below a folder, on PostgreSQL where DATABASE_URL names a server. ``undisturbed``: no call of its
    processes is to fail. Raises NoCompiler where one is.
    """
    compiled = None if undisturbed else library(home)
    folder = home / "place"
    folder.mkdir()
    control = Control(home, folder, compiled)
    environment = {
        **os.environ,
        **control.environment,
        "ZHIHENG_DATA": str(folder / "var"),
        "ZHIHENG_BOOK": str(ROOT / "book"),
        "PYTHONPATH": str(ROOT),
    }
    database = ""
    if url := os.environ.get("DATABASE_URL"):
        database = f"reliability_{uuid.uuid4().hex[:8]}"
        environment["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{database}").geturl()
        make_database(database, with_tables=True)
    else:
        shutil.copytree(tables(), folder / "var")
    installation = Installation(environment, folder, warm=True)
    installation.nursery = Nursery(environment, _READS)
    # Its processes begin here, and a trial takes the folder of the one before away.
    installation.folder = home
    made = Place(folder, control, installation, database)
    try:
        begun = made.run("begin")
        if begun.status:
            raise RuntimeError(begun.complained)
        made.keep()
        yield made
    finally:
        installation.nursery = None
        if database:
            drop_database(database)
            drop_database(f"{database}_standing")


def troubles(act: str, before: Look, complete: Look, first: Look, second: Look, complained: str) -> list[str]:
    """What is wrong after an act was broken off: something that does not go together, a row that is neither of before
    nor of the whole act, or a second try that does not come to what an undisturbed one does.
    """
    found = [f"{act}: verify: {each}" for each in first.verify if each not in (*before.verify, *complete.verify)]
    known = {*before.checks, *complete.checks, *_WAITING}
    found += [f"{act}: check-data: {each}" for each in first.checks if each not in known]
    for table, rows in first.rows.items():
        least, most = sorted((before.rows[table], complete.rows[table]))
        if not least <= rows <= most:
            found.append(f"{act}: {table} has {rows} rows, between {least} and {most} were right")
    if complained:
        return [*found, f"{act}: the next try failed: {complained.strip()[-600:]}"]
    found += [f"{act}: verify after the next try: {each}" for each in second.verify if each not in complete.verify]
    found += [f"{act}: check-data after the next try: {each}" for each in second.checks if each not in complete.checks]
    found += [
        f"{act}: {table} has {rows} rows after the next try, {complete.rows[table]} without a disturbance"
        for table, rows in second.rows.items()
        if rows != complete.rows[table] and not (table in MORE.get(act, ()) and rows > complete.rows[table])
    ]
    return found


def spread(most: int, of: int) -> list[int]:
    """At most so many numbers from 1 to ``of``, evenly, both ends among them."""
    if of <= most:
        return list(range(1, of + 1))
    return sorted({1 + round(step * (of - 1) / max(most - 1, 1)) for step in range(most)})
