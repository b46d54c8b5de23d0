"""What a database's refusal means is told by its code; its sentences are many, and come in the server's language."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import errors as postgresql

from zhiheng.database.troubles import WORDS, DatabaseTrouble, code_of, trouble_of


def of_sqlite(code: int, words: str) -> OperationalError:
    """An error as the framework raises it over SQLite's."""
    cause = sqlite3.OperationalError(words)
    cause.sqlite_errorcode, cause.sqlite_errorname = code, "SQLITE_X"
    return over(cause)


def over(cause: Exception) -> OperationalError:
    try:
        raise OperationalError(*cause.args) from cause
    except OperationalError as error:
        return error


@pytest.mark.parametrize(
    ("code", "words", "found"),
    [
        (sqlite3.SQLITE_BUSY, "database is locked", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_LOCKED, "database table is locked", DatabaseTrouble.BUSY),
        # Many who begin at once: no word of it says that it is busy.
        (sqlite3.SQLITE_PROTOCOL, "locking protocol", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_CANTOPEN, "unable to open database file", DatabaseTrouble.CLOSED),
        (sqlite3.SQLITE_BUSY, "", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_FULL, "database or disk is full", DatabaseTrouble.FULL),
        # The shared index of the log can't grow: what a full disk says first.
        (sqlite3.SQLITE_IOERR_SHMSIZE, "disk I/O error", DatabaseTrouble.FULL),
        (sqlite3.SQLITE_IOERR_WRITE, "disk I/O error", DatabaseTrouble.FAILED),
        (sqlite3.SQLITE_IOERR_READ, "disk I/O error", DatabaseTrouble.FAILED),
        (sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error", DatabaseTrouble.FAILED),
        (sqlite3.SQLITE_IOERR_NOMEM, "disk I/O error", DatabaseTrouble.CROWDED),
        (sqlite3.SQLITE_CORRUPT, "database disk image is malformed", DatabaseTrouble.DAMAGED),
        (sqlite3.SQLITE_CORRUPT_INDEX, "database disk image is malformed", DatabaseTrouble.DAMAGED),
        (sqlite3.SQLITE_NOTADB, "file is not a database", DatabaseTrouble.DAMAGED),
        (sqlite3.SQLITE_READONLY, "attempt to write a readonly database", DatabaseTrouble.READ_ONLY),
        (sqlite3.SQLITE_READONLY_DBMOVED, "attempt to write a readonly database", DatabaseTrouble.CLOSED),
        # A fault of the program, though a column's name sounds like trouble.
        (sqlite3.SQLITE_ERROR, "no such column: locked", None),
    ],
)
def test_sqlite的错误码说明是忙是满还是程序出错(code: int, words: str, found: DatabaseTrouble | None) -> None:
    assert trouble_of(of_sqlite(code, words)) is found


@pytest.mark.parametrize(
    ("cause", "found"),
    [
        (postgresql.DeadlockDetected("检测到死锁"), DatabaseTrouble.BUSY),
        (postgresql.SerializationFailure("不能串行化访问"), DatabaseTrouble.BUSY),
        (postgresql.LockNotAvailable("由于锁超时"), DatabaseTrouble.BUSY),
        (postgresql.QueryCanceled("由于语句超时"), DatabaseTrouble.BUSY),
        (postgresql.TooManyConnections("对不起, 已经有太多的客户"), DatabaseTrouble.CROWDED),
        (postgresql.OutOfMemory("内存用尽"), DatabaseTrouble.CROWDED),
        (postgresql.AdminShutdown("由于管理员命令中断联接"), DatabaseTrouble.AWAY),
        (postgresql.CannotConnectNow("数据库系统启动中"), DatabaseTrouble.AWAY),
        (postgresql.ConnectionFailure("连接失败"), DatabaseTrouble.AWAY),
        (postgresql.DiskFull("无法扩展文件"), DatabaseTrouble.FULL),
        (postgresql.IoError("无法读取文件"), DatabaseTrouble.FAILED),
        (postgresql.DataCorrupted("数据损坏"), DatabaseTrouble.DAMAGED),
        (postgresql.IndexCorrupted("索引损坏"), DatabaseTrouble.DAMAGED),
        (postgresql.ReadOnlySqlTransaction("不能在只读事务中执行"), DatabaseTrouble.READ_ONLY),
        (postgresql.UndefinedFile("没有那个文件"), None),
    ],
)
def test_postgresql的状态码说明是忙是满_不看它用什么语言(cause: Exception, found: DatabaseTrouble | None) -> None:
    assert trouble_of(over(cause)) is found


def test_什么都没有说的运行错误算作忙_别的错误不算() -> None:
    assert trouble_of(OperationalError()) is DatabaseTrouble.BUSY
    assert trouble_of(OperationalError("database is locked")) is DatabaseTrouble.BUSY
    assert trouble_of(OperationalError("no such table: x")) is None
    assert trouble_of(ValueError("locked")) is None


def test_断开的连接算作忙_写错的值不算() -> None:
    lost, wrong = InterfaceError("the connection is closed"), InterfaceError("Error binding parameter 1")
    lost.__cause__ = psycopg.InterfaceError("the connection is closed")
    wrong.__cause__ = sqlite3.InterfaceError("Error binding parameter 1")
    assert trouble_of(lost) is DatabaseTrouble.AWAY
    assert trouble_of(wrong) is None


def test_每一种都有自己的话_说怎么办() -> None:
    assert set(WORDS) == set(DatabaseTrouble)
    for part in ("code", "zh", "en", "zh_do", "en_do"):
        assert len({getattr(words, part) for words in WORDS.values()}) == len(DatabaseTrouble), part


def test_坏了的_只读的_打不开的数据库文件各有各的话(tmp_path: Path) -> None:
    """SQLite itself says it, through the framework's wrapper and without it."""
    made = tmp_path / "a.sqlite3"
    with sqlite3.connect(made) as database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [("一" * 500,) for _ in range(200)])
    database.close()
    reader = sqlite3.connect(f"file:{made}?mode=ro", uri=True)
    assert refused_by(lambda: reader.execute("INSERT INTO t VALUES (1)")) is DatabaseTrouble.READ_ONLY
    reader.close()
    missing = f"file:{tmp_path}/none/a.sqlite3"
    assert refused_by(lambda: sqlite3.connect(missing, uri=True)) is DatabaseTrouble.CLOSED
    raw = made.read_bytes()
    made.write_bytes(raw[:4096] + b"\xff" * (len(raw) - 4096))
    broken = sqlite3.connect(made)
    assert refused_by(lambda: broken.execute("SELECT count(x) FROM t").fetchall()) is DatabaseTrouble.DAMAGED
    broken.close()


def refused_by(act: Callable[[], object]) -> DatabaseTrouble | None:
    """What the driver's own error means, and the same below an error of the framework."""
    with pytest.raises(sqlite3.Error) as raised:
        act()
    found = trouble_of(raised.value)
    wrapped = DatabaseError("as the framework raises it")
    wrapped.__cause__ = raised.value
    assert trouble_of(wrapped) is found
    return found


def test_日志里写得出错误码() -> None:
    assert code_of(postgresql.DeadlockDetected("x")) == "40P01"
    assert code_of(of_sqlite(sqlite3.SQLITE_BUSY, "x").__cause__ or ValueError()) == "SQLITE_X"
    assert code_of(ValueError("x")) == ""
