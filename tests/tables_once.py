"""The tables of the suite, made by the migrations once and copied from then on: for the test databases, and for
installations of their own.

The migrations take seconds, and every process of every run wants the same tables. On SQLite they are kept in
``build/test-tables``, in a folder named by a digest of everything that could change them: the code of the rooms with
tables, the pinned packages, the versions of Python and SQLite. Another digest, and they are made again. On PostgreSQL
they are a database of that name on the server.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "test-tables"
# Beside the rooms with migrations: settings, database room, kernel, and the names that a migration computes.
SOURCES = (
    "requirements-dev.txt",
    "zhiheng/site/*.py",
    "zhiheng/cli/session.py",
    "zhiheng/kernel/**/*.py",
    "zhiheng/database/**/*.py",
    "zhiheng/engines/identity/**/*.py",
)


def sources() -> list[Path]:
    """Every file of the house that could change a table."""
    rooms = {path.parent.parent for path in ROOT.glob("zhiheng/*/migrations/__init__.py")}
    found = {path for pattern in SOURCES for path in ROOT.glob(pattern)}
    return sorted(found | {path for room in rooms for path in room.rglob("*.py")})


@cache
def digest() -> str:
    """What the tables depend on, in a word."""
    text = hashlib.sha256(f"{platform.python_version()} {sqlite3.sqlite_version}".encode())
    for path in sources():
        text.update(f"\n{path.relative_to(ROOT)}\n".encode())
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


@cache
def tables() -> str:
    """Where an installation's tables stand, with nothing received: a data folder or, on PostgreSQL, the name of a
    database. Made where they are not there yet; nobody writes into them.
    """
    if os.environ.get("DATABASE_URL"):
        return _tables_of_server(os.environ["DATABASE_URL"])
    kept = KEPT / digest()
    with _alone():
        if not kept.is_dir():
            for old in KEPT.glob("*/"):
                if (place := _held(old, fcntl.LOCK_EX | fcntl.LOCK_NB)) is not None:
                    shutil.rmtree(old, ignore_errors=True)
                    os.close(place)
            unfinished = KEPT / f"unfinished-{os.getpid()}"
            _set_up({"ZHIHENG_DATA": str(unfinished)})
            unfinished.rename(kept)
        # Until this process ends: a run that begins after an edit does not take them away from under this one.
        _held(kept, fcntl.LOCK_SH)
    return str(kept)


def _held(folder: Path, how: int) -> int | None:
    """Lock a folder of kept tables; returns what to close when done with it, None where others use the folder."""
    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(place, how)
    except BlockingIOError:
        os.close(place)
        return None
    return place


@contextmanager
def _alone() -> Iterator[None]:
    """One process of this checkout makes the tables, the others wait for it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / ".making").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _set_up(environment: dict[str, str]) -> None:
    """Let an installation make its tables as it does when it starts."""
    program = "from zhiheng.cli.session import set_up; set_up()"
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    subprocess.run([sys.executable, "-c", program], env=given, check=True, timeout=300)


def _tables_of_server(url: str) -> str:
    import psycopg

    name, made = f"zhiheng_tables_{digest()}", f"zhiheng_unfinished_{os.getpid()}"
    with _alone(), psycopg.connect(url, autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            server.execute(f'DROP DATABASE IF EXISTS "{made}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{made}"')
            _set_up(
                {"DATABASE_URL": urlsplit(url)._replace(path=f"/{made}").geturl(), "ZHIHENG_DATA": str(KEPT / made)}
            )
            shutil.rmtree(KEPT / made, ignore_errors=True)
            server.execute(f'ALTER DATABASE "{made}" RENAME TO "{name}"')
    return name


def make_database(name: str, *, with_tables: bool) -> None:
    """A new database of this name on the server, in place of one that may be there."""
    import psycopg

    template = f' TEMPLATE "{tables()}"' if with_tables else ""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"{template}')


def drop_database(name: str) -> None:
    """Remove a database from the server."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def copied_into_test_databases() -> None:
    """Let Django's test databases be made of the kept tables, where it would run every migration."""
    from django.db import connections

    for alias in connections:
        connections[alias].creation.create_test_db = _copying(connections[alias])


def _copying(connection: Any) -> Any:
    """Django's ``create_test_db`` of one connection, but for where the tables come from."""
    from django.conf import settings

    creation = connection.creation

    def create_test_db(
        verbosity: int = 1, autoclobber: bool = False, serialize: bool = False, keepdb: bool = False
    ) -> str:
        assert not serialize, "no test of the suite asks for a serialized rollback"
        name = str(creation._get_test_db_name())
        made = Path(tables()) / Path(str(connection.settings_dict["NAME"])).name
        if connection.vendor == "postgresql":
            connection.close()
            make_database(name, with_tables=True)
        connection.close()
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(f"file:{made}?mode=ro", uri=True)) as kept:
                kept.backup(connection.connection)
        return name

    return create_test_db
