"""A full disk, a locked database, an unreadable file: a clear sentence, nothing half written, and it goes on afterwards."""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.places import SAMPLING, Installation, sampling_row, write_csv

pytestmark = [pytest.mark.database, pytest.mark.slow]
POSTGRESQL = bool(os.environ.get("DATABASE_URL"))


def is_a_sentence(error: str, *words: str) -> None:
    """What stands on standard error is told in both languages, with what to do, and is no traceback."""
    assert "Traceback" not in error
    assert all(word in error for word in words), error
    lines = [line for line in error.splitlines() if line.strip()]
    assert lines[-1].endswith(".")
    assert any(line.endswith("。") for line in lines)


def facts(installation: Installation) -> int:
    """How many facts a whole ledger has."""
    done = installation.run("ledger", "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return int(orjson.loads(done.stdout)["facts"])


def at_most(size: int) -> Callable[[], None]:
    """No file may grow beyond so many bytes: what a full disk does, without filling one."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_存档写不下_说清楚_不留半份(installation: Installation) -> None:
    assert facts(installation) == 0
    path = write_csv(
        installation.folder / "a.csv",
        SAMPLING,
        [sampling_row(i) for i in range(50)] + [sampling_row(0, 备注="长" * 9000)] * 9,
    )
    kept = installation.folder / "var" / "files"
    done = installation.run(
        "receive", str(path), "--from", "test_market", preexec_fn=at_most(path.stat().st_size - 5000)
    )
    assert done.returncode == 1
    is_a_sentence(done.stderr, "磁盘已满", "disk is full")
    assert not [p for p in kept.rglob("*") if p.is_file()]
    assert facts(installation) == 0
    again = installation.run("receive", str(path), "--from", "test_market", "--json")
    assert again.returncode == 0, again.stderr
    assert facts(installation) == 51


@pytest.mark.skipif(POSTGRESQL, reason="the server writes the database, and it is not limited here")
def test_数据库写不下_说清楚_一行也没写_腾出空间后照常(installation: Installation) -> None:
    assert facts(installation) == 0
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(1500)])
    database = installation.folder / "var" / "zhiheng.sqlite3"
    limit = max(database.stat().st_size, path.stat().st_size) + 20_000
    words = ("receive", str(path), "--from", "test_market", "--confirm-volume")
    done = installation.run(*words, preexec_fn=at_most(limit))
    assert done.returncode == 1
    is_a_sentence(done.stderr, "磁盘已满", "free some space")
    before = facts(installation)
    assert before in (0, 400, 800, 1200)  # Whole parts or nothing.
    done = installation.run(*words)
    assert done.returncode == 0, done.stderr
    assert facts(installation) == 1500


def test_数据库被别的进程占用_说清楚_稍后照常(installation: Installation) -> None:
    assert facts(installation) == 0
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(50)])
    words = ("receive", str(path), "--from", "test_market")
    if POSTGRESQL:
        import psycopg

        with psycopg.connect(installation.environment["DATABASE_URL"]) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [0x5A48])
            impatient = Installation(
                installation.environment | {"PGOPTIONS": "-c lock_timeout=300ms"}, installation.folder
            )
            done = impatient.run(*words)
    else:
        other = sqlite3.connect(installation.folder / "var" / "zhiheng.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        program = (
            "import sys, zhiheng.site.settings as s; s.DATABASES['default']['OPTIONS']['timeout'] = 0.2; "
            f"sys.argv = ['zhiheng', *{list(words)!r}]; from zhiheng.cli.main import main; main()"
        )
        done = installation.run("-c", program)
        other.execute("ROLLBACK")
        other.close()
    assert done.returncode == 1
    is_a_sentence(done.stderr, "占用", "Another process")
    assert facts(installation) == 0
    assert installation.run(*words).returncode == 0
    assert facts(installation) == 50


def test_读不了的文件_说清楚_其余照收(installation: Installation) -> None:
    unreadable = Path("/proc/self/mem")
    if not unreadable.exists():
        pytest.skip("this system has no file that exists, is open to all and can't be read")
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(50)])
    done = installation.run("receive", str(path), str(unreadable), "--from", "test_market")
    assert done.returncode == 1
    is_a_sentence(done.stderr, "mem")
    assert facts(installation) == 50


def test_证明写不下_说清楚_不留半个文件(installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(50)])
    assert installation.run("receive", str(path), "--from", "test_market").returncode == 0
    out = installation.folder / "没有的文件夹" / "证明.zip"
    done = installation.run("ledger", "export-proof", str(out))
    assert done.returncode == 1
    is_a_sentence(done.stderr, "证明.zip", "path")
    assert not list(installation.folder.rglob("*.part"))


@pytest.mark.skipif(POSTGRESQL, reason="asks for a server that is not there; the same words on both")
def test_数据库连不上_说清楚(installation: Installation) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    done = Installation(installation.environment | {"DATABASE_URL": url}, installation.folder).run("deliveries", "list")
    assert done.returncode == 1
    is_a_sentence(done.stderr, "DATABASE_URL")
